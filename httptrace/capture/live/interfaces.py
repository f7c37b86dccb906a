"""What can be captured here: interfaces, their addresses and state."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, field
from typing import Any

_UP, _LOOPBACK, _RUNNING, _PROMISCUOUS = 0x1, 0x8, 0x40, 0x100  # IFF_*, alike on every Unix


@dataclass(slots=True)
class Interface:
    """An interface; `index` 0 where the system tells none."""

    name: str
    index: int
    up: bool = False
    running: bool = False  # it has a carrier
    loopback: bool = False
    promiscuous: bool = False
    addresses: list[str] = field(default_factory=list)


def interfaces() -> list[Interface]:
    """All of them, in the order of their numbers."""
    try:
        found = {name: Interface(name, index) for index, name in socket.if_nameindex()}
    except OSError:
        found = {}
    if os.name == "posix":
        _ask(found)
    return sorted(found.values(), key=lambda one: (one.index, one.name))


def _ask(found: dict[str, Interface]) -> None:
    """Fill in what getifaddrs(3) says; its first members are the same on every Unix."""
    import ctypes

    class Entry(ctypes.Structure):
        """struct ifaddrs"""

    Entry._fields_ = [
        ("next", ctypes.POINTER(Entry)),
        ("name", ctypes.c_char_p),
        ("flags", ctypes.c_uint),
        ("address", ctypes.c_void_p),
    ]
    libc: Any = ctypes.CDLL(None)
    first = ctypes.POINTER(Entry)()
    if libc.getifaddrs(ctypes.byref(first)):
        return
    try:
        entry = first
        while entry:
            one = entry.contents
            name = os.fsdecode(one.name)
            interface = found.setdefault(name, Interface(name, 0))
            interface.up = bool(one.flags & _UP)
            interface.running = bool(one.flags & _RUNNING)
            interface.loopback = bool(one.flags & _LOOPBACK)
            interface.promiscuous = bool(one.flags & _PROMISCUOUS)
            if one.address:
                text = address(
                    ctypes.string_at(one.address, 16), lambda size, at=one.address: ctypes.string_at(at, size)
                )
                if text is not None and text not in interface.addresses:
                    interface.addresses.append(text)
            entry = one.next
    finally:
        libc.freeifaddrs(first)


def address(head: bytes, whole: Any) -> str | None:
    """The address in a socket address of which these are the first 16 bytes (`whole` gives more); None for other
    families than IP."""
    # BSD has a byte of length before a byte of family, Linux two bytes of family.
    family = head[1] if sys.platform != "linux" else int.from_bytes(head[:2], sys.byteorder)
    if family == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, head[4:8])
    if family == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, whole(24)[8:24])
    return None


def may_capture() -> bool:
    """Whether this user may capture."""
    if hasattr(socket, "AF_PACKET"):
        try:
            socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0).close()
        except OSError:
            return False
        return True
    if os.name == "posix":  # the BSDs: one device file for each capture
        return any(os.access(f"/dev/{name}", os.R_OK) for name in ("bpf", "bpf0", "bpf1", "bpf2"))
    from httptrace.capture.live import libpcap
    from httptrace.capture.live.source import UnavailableError

    try:
        libpcap.library()  # Npcap decides who may use it when it is installed
    except UnavailableError:
        return False
    return True
