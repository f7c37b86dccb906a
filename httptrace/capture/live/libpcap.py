"""libpcap through ctypes: its compiler of filters, and its capture for systems that have no ring of their own."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from httptrace.capture.live.source import FilterError, UnavailableError
from httptrace.errors import Said

#: DLT_RAW where packets begin with their IP header; OpenBSD gave it another number.
_DLT_RAW = 14 if sys.platform.startswith("openbsd") else 12
_SNAP_LENGTH = 262_144
_NETMASK_UNKNOWN = 0xFFFF_FFFF

_NAMES = {
    "darwin": ("libpcap.A.dylib", "libpcap.dylib"),
    "win32": (r"Npcap\wpcap.dll", "wpcap.dll"),
}
_UNIX_NAMES = ("libpcap.so.0.8", "libpcap.so.1", "libpcap.so")


class Program(ctypes.Structure):
    """struct bpf_program"""

    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.c_void_p))


class PacketHeader(ctypes.Structure):
    """struct pcap_pkthdr"""

    _fields_ = (
        ("seconds", ctypes.c_long),
        ("fraction", ctypes.c_long),
        ("captured", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
    )


class Statistics(ctypes.Structure):
    """struct pcap_stat; Windows has more members behind these."""

    _fields_ = (
        ("received", ctypes.c_uint),
        ("dropped", ctypes.c_uint),
        ("dropped_by_interface", ctypes.c_uint),
        ("more", ctypes.c_uint * 8),
    )


_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pcap_open_dead": (_POINTER, (_INT, _INT)),
    "pcap_compile": (_INT, (_POINTER, ctypes.POINTER(Program), _TEXT, _INT, ctypes.c_uint32)),
    "pcap_freecode": (None, (ctypes.POINTER(Program),)),
    "pcap_geterr": (_TEXT, (_POINTER,)),
    "pcap_close": (None, (_POINTER,)),
    "pcap_create": (_POINTER, (_TEXT, _TEXT)),
    "pcap_set_snaplen": (_INT, (_POINTER, _INT)),
    "pcap_set_promisc": (_INT, (_POINTER, _INT)),
    "pcap_set_timeout": (_INT, (_POINTER, _INT)),
    "pcap_set_buffer_size": (_INT, (_POINTER, _INT)),
    "pcap_activate": (_INT, (_POINTER,)),
    "pcap_setfilter": (_INT, (_POINTER, ctypes.POINTER(Program))),
    "pcap_setnonblock": (_INT, (_POINTER, _INT, _TEXT)),
    "pcap_datalink": (_INT, (_POINTER,)),
    "pcap_next_ex": (
        _INT,
        (_POINTER, ctypes.POINTER(ctypes.POINTER(PacketHeader)), ctypes.POINTER(_POINTER)),
    ),
    "pcap_stats": (_INT, (_POINTER, ctypes.POINTER(Statistics))),
    "pcap_statustostr": (_TEXT, (_INT,)),
}
#: Not everywhere: Windows has no descriptor to poll, old versions know no nanoseconds.
_OPTIONAL: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pcap_get_selectable_fd": (_INT, (_POINTER,)),
    "pcap_set_datalink": (_INT, (_POINTER, _INT)),
    "pcap_set_tstamp_precision": (_INT, (_POINTER, _INT)),
    "pcap_get_tstamp_precision": (_INT, (_POINTER,)),
}

_loaded: list[Any] = []


def library() -> Any:
    """libpcap, with the types of its functions declared. Raises UnavailableError where there is none."""
    if not _loaded:
        found = _load()
        for name, (result, arguments) in {**_FUNCTIONS, **_OPTIONAL}.items():
            function = getattr(found, name, None)
            if function is None:
                if name in _OPTIONAL:
                    continue
                raise UnavailableError(Said("this libpcap has no {name}", name=name))
            function.restype, function.argtypes = result, arguments
        _loaded.append(found)
    return _loaded[0]


def _load() -> Any:
    for name in _NAMES.get(sys.platform, _UNIX_NAMES):
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    from ctypes.util import find_library

    found = find_library("wpcap" if sys.platform == "win32" else "pcap")
    if found is None:
        raise UnavailableError(Said("libpcap is not installed"))
    try:
        return ctypes.CDLL(found)
    except OSError as error:
        raise UnavailableError(Said("libpcap cannot be loaded: {problem}", problem=str(error))) from error


def compile_filter(expression: str) -> bytes:
    """The program of an expression for packets that begin with their IP header. Raises FilterError."""
    pcap = library()
    handle = pcap.pcap_open_dead(_DLT_RAW, _SNAP_LENGTH)
    try:
        program = compiled(handle, expression)
        try:
            return ctypes.string_at(program.instructions, program.length * 8)
        finally:
            pcap.pcap_freecode(ctypes.byref(program))
    finally:
        pcap.pcap_close(handle)


def compiled(handle: int, expression: str) -> Program:
    """The program of an expression for an open handle; to be freed with pcap_freecode. Raises FilterError."""
    pcap = library()
    program = Program()
    text = expression.encode("utf-8", "surrogateescape")
    if pcap.pcap_compile(handle, ctypes.byref(program), text, 1, _NETMASK_UNKNOWN) != 0:
        raise FilterError(expression, pcap.pcap_geterr(handle).decode("utf-8", "replace"))
    return program
