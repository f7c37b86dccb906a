"""Capture where there is no ring: libpcap through ctypes, or scapy's sockets, which never dissect a packet here.

Both copy every packet, so they lose some where the ring loses none. What comes of a packet is the same.
"""

from __future__ import annotations

import ctypes
import select
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from httptrace.capture.live import libpcap
from httptrace.capture.live.interfaces import interfaces as all_interfaces
from httptrace.capture.live.source import (
    ANY,
    RAW,
    Change,
    Counters,
    NoInterfaceError,
    NotAllowedError,
    UnavailableError,
    Watch,
)
from httptrace.errors import Said
from httptrace.limits import LIVE_BUFFER, MIB
from httptrace.model import Frame

#: Packets taken at once of one interface.
_AT_ONCE = 1_024
_SNAP_LENGTH = 262_144

#: libpcap's and scapy's numbers of link types, where the capture formats have another (pcap-linktype(7)).
_LINK_TYPES = {12: RAW, 14: RAW}
_SLL2 = 276
_LOOPBACKS = (0, 108)

#: libpcap's answers (pcap/pcap.h).
_NO_SUCH_DEVICE, _NO_PERMISSION, _NOT_UP, _NO_PROMISCUOUS_PERMISSION = -5, -8, -9, -11
_NANOSECONDS = 1
_SO_RCVBUFFORCE = 33


class _Fallback:
    """What both ways share: several interfaces, one after the other, and nothing to move out of a ring."""

    name = ""

    def __init__(self, size: int) -> None:
        self.size = size
        self.watch: Watch | None = None
        self.counters = Counters()
        self.first_ns = self.last_ns = 0
        self._names: list[str] = []
        self._gone: list[str] = []  # to be told
        self._until = 0  # packets of a later time are no longer taken; 0: all are

    def take(self) -> Iterable[Frame] | None:
        """The packets that are there, to be iterated to the end; None: none are."""
        found: list[tuple[Frame, int]] = []
        for number in range(len(self._names)):
            found += self._packets(number)
        if self._until:
            found = [one for one in found if one[0][4] <= self._until]
        if not found:
            return None
        if len(self._names) > 1:
            found.sort(key=lambda one: one[0][4])
        self.first_ns, self.last_ns = found[0][0][4], found[-1][0][4]
        return self._watched(found)

    def _watched(self, found: list[tuple[Frame, int]]) -> Iterator[Frame]:
        for frame, interface in found:
            block, start, end, length, time_ns, link = frame
            if end - start < length:
                self.counters.snapped += 1
            if self.watch is None or self.watch(
                block, start, end, length, time_ns, link, interface, link in _LOOPBACKS
            ):
                yield frame

    def _packets(self, number: int) -> Iterator[tuple[Frame, int]]:
        """Packets of that interface that are there, each with the number of its own interface."""
        raise NotImplementedError

    def _descriptors(self) -> list[int]:
        raise NotImplementedError

    def wait(self, seconds: float, wake: int) -> bool:
        """Whether packets may be there, after waiting so long at the most; `wake` ends the wait."""
        descriptors = self._descriptors()
        if not descriptors:
            time.sleep(min(seconds, 0.01))  # Windows: nothing to wait for but time
            return True
        ready, _, _ = select.select([*descriptors, wake], [], [], seconds)
        return any(one != wake for one in ready)

    def stop(self) -> float:
        """Take in no further packets; gives the seconds after which those taken in can all be read.

        By their time: a filter that lets nothing through would make libpcap throw away what waits.
        """
        self._until = time.time_ns()
        return 0.1

    def relieve(self) -> None:
        """Nothing can be moved."""

    def fill(self) -> float:
        """Not known here."""
        return 0.0

    def look_around(self) -> list[Change]:
        """What happened to the interfaces; one that is gone cannot be opened again without the rights to."""
        gone, self._gone = self._gone, []
        return [Change("gone", name) for name in gone]

    def interface_name(self, number: int) -> str:
        """The name of the interface of that number."""
        try:
            return socket.if_indextoname(number)
        except (OSError, OverflowError):
            return f"if{number}" if number else ANY


def _indexed(name: str) -> int:
    try:
        return socket.if_nametoindex(name)
    except OSError:
        return 0


def _chosen(names: Sequence[str]) -> list[str]:
    """The interfaces to open one by one; `any` stands for all that are up."""
    known = all_interfaces()
    for name in names:
        if name != ANY and known and name not in {one.name for one in known}:
            raise NoInterfaceError(name)
    if ANY not in names:
        return list(dict.fromkeys(names))
    return [one.name for one in known if one.up]


class PcapSource(_Fallback):
    """libpcap (Npcap on Windows)."""

    name = "libpcap"

    def __init__(
        self, interfaces: Sequence[str], expression: str, size: int = LIVE_BUFFER, promiscuous: bool = False
    ) -> None:
        """Raises NotAllowedError, NoInterfaceError, FilterError, UnavailableError."""
        super().__init__(size)
        self._pcap = libpcap.library()
        self._handles: list[int] = []
        self._told: list[tuple[int, int]] = []  # received and dropped, as each handle said last
        self._frame_types: list[int] = []
        self._units: list[int] = []  # ns in one unit of a handle's times
        # Linux has a device for all of them, and so one order of packets.
        every = ANY in interfaces and sys.platform.startswith("linux")
        names = [ANY] if every else _chosen(interfaces)
        room = min(size // max(1, len(names)), 1024 * MIB)
        try:
            for name in names:
                self._open(name, expression, room, promiscuous)
        except BaseException:
            self.close()
            raise

    def _open(self, name: str, expression: str, room: int, promiscuous: bool) -> None:
        pcap, problem = self._pcap, ctypes.create_string_buffer(256)
        handle = pcap.pcap_create(name.encode(), problem)
        if not handle:
            raise UnavailableError(
                Said("libpcap cannot open {name}: {problem}", name=name, problem=_text(problem.value))
            )
        self._handles.append(handle)
        pcap.pcap_set_snaplen(handle, _SNAP_LENGTH)
        pcap.pcap_set_promisc(handle, int(promiscuous and name != ANY))
        pcap.pcap_set_timeout(handle, 30)
        # Not immediate mode: with a large snap length it makes a tiny ring.
        pcap.pcap_set_buffer_size(handle, room)
        if hasattr(pcap, "pcap_set_tstamp_precision"):
            pcap.pcap_set_tstamp_precision(handle, _NANOSECONDS)
        status = pcap.pcap_activate(handle)
        if status == _NO_SUCH_DEVICE:
            raise NoInterfaceError(name)
        if status in (_NO_PERMISSION, _NO_PROMISCUOUS_PERMISSION):
            raise NotAllowedError(_text(pcap.pcap_geterr(handle)) or Said("no permission to capture"))
        if status < 0:
            why = _text(pcap.pcap_geterr(handle)) or _text(pcap.pcap_statustostr(status))
            raise UnavailableError(Said("libpcap cannot capture on {name}: {problem}", name=name, problem=why))
        if name == ANY:
            pcap.pcap_set_datalink(handle, _SLL2)  # its header has the number of the interface
        program = libpcap.compiled(handle, expression)
        pcap.pcap_setfilter(handle, ctypes.byref(program))
        pcap.pcap_freecode(ctypes.byref(program))
        pcap.pcap_setnonblock(handle, 1, problem)
        precise = hasattr(pcap, "pcap_get_tstamp_precision") and pcap.pcap_get_tstamp_precision(handle) == _NANOSECONDS
        link = pcap.pcap_datalink(handle)
        self._names.append(name)
        self._told.append((0, 0))
        self._frame_types.append(_LINK_TYPES.get(link, link))
        self._units.append(1 if precise else 1_000)

    def _descriptors(self) -> list[int]:
        if not hasattr(self._pcap, "pcap_get_selectable_fd"):
            return []
        found = [
            self._pcap.pcap_get_selectable_fd(handle)
            for handle, name in zip(self._handles, self._names, strict=True)
            if name not in self._lost
        ]
        return [descriptor for descriptor in found if descriptor >= 0]

    @property
    def _lost(self) -> set[str]:
        return {name for name, told in zip(self._names, self._told, strict=True) if told[0] < 0}

    def _packets(self, number: int) -> Iterator[tuple[Frame, int]]:
        handle, link, unit = self._handles[number], self._frame_types[number], self._units[number]
        interface = _indexed(self._names[number]) if self._names[number] != ANY else 0
        if self._told[number][0] < 0:
            return
        header, data = ctypes.POINTER(libpcap.PacketHeader)(), ctypes.c_void_p()
        following = self._pcap.pcap_next_ex
        for _ in range(_AT_ONCE):
            status = following(handle, ctypes.byref(header), ctypes.byref(data))
            if status != 1:
                if status < 0:
                    self._gone.append(self._names[number])
                    self._told[number] = (-1, 0)
                return
            one = header.contents
            block = ctypes.string_at(data.value or 0, one.captured)
            own = int.from_bytes(block[4:8], "big") if link == _SLL2 else interface
            time_ns = one.seconds * 1_000_000_000 + one.fraction * unit
            yield (block, 0, len(block), one.length, time_ns, link), own

    def count(self) -> int:
        """Bring the counters up to date; gives how many packets were dropped since the last time."""
        before = self.counters.dropped
        for number, handle in enumerate(self._handles):
            told = libpcap.Statistics()
            if self._told[number][0] < 0 or self._pcap.pcap_stats(handle, ctypes.byref(told)):
                continue
            received, dropped = self._told[number]
            # Counts of 32 bits that wrap around.
            self.counters.received += (told.received - received) & 0xFFFF_FFFF
            self.counters.dropped += (told.dropped - dropped) & 0xFFFF_FFFF
            self._told[number] = (told.received, told.dropped)
        return self.counters.dropped - before

    def close(self) -> None:
        """Close all handles."""
        for handle in self._handles:
            self._pcap.pcap_close(handle)
        self._handles = []


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


#: Link types by the name of the class that scapy would dissect a packet with.
_SCAPY_LINKS = {"Ether": 1, "CookedLinux": 113, "CookedLinuxV2": 276, "IP": RAW, "IPv6": RAW, "Raw": RAW, "Loopback": 0}


class ScapySource(_Fallback):
    """scapy's sockets: what they received, as it is."""

    name = "scapy"

    def __init__(
        self, interfaces: Sequence[str], expression: str, size: int = LIVE_BUFFER, promiscuous: bool = False
    ) -> None:
        """Raises NotAllowedError, NoInterfaceError, UnavailableError."""
        super().__init__(size)
        try:
            from scapy.config import conf
            from scapy.error import Scapy_Exception
            from scapy.layers import all as _layers  # noqa: F401 - without them scapy knows no link types
        except ImportError as error:
            raise UnavailableError(Said("scapy is not installed (pip install 'httptrace[live]')")) from error
        self._sockets: list[Any] = []
        # tcp is what the core looks for anyway, so that much needs no compiler of filters.
        wanted = None if expression == "tcp" else expression
        try:
            for name in _chosen(interfaces):
                own = conf.L2listen(iface=name, filter=wanted, promisc=promiscuous)
                self._sockets.append(own)
                self._names.append(name)
                if sys.platform.startswith("linux"):
                    own.ins.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, min(size, 256 * MIB))
                    if name == "lo":
                        own.ins.setsockopt(263, 23, 1)  # PACKET_IGNORE_OUTGOING: there every packet passes twice
        except PermissionError as error:
            self.close()
            raise NotAllowedError(Said("capturing needs the rights of root")) from error
        except (OSError, Scapy_Exception) as error:
            self.close()
            raise UnavailableError(Said("scapy cannot capture: {problem}", problem=str(error))) from error

    def _descriptors(self) -> list[int]:
        return [one.fileno() for one in self._sockets] if not sys.platform.startswith("win") else []

    def _packets(self, number: int) -> Iterator[tuple[Frame, int]]:
        own, interface = self._sockets[number], _indexed(self._names[number])
        for _ in range(_AT_ONCE):
            if not select.select([own], [], [], 0)[0]:
                return
            try:
                kind, data, when = own.recv_raw(_SNAP_LENGTH)
            except OSError:
                self._gone.append(self._names[number])
                return
            if data is None:
                continue
            self.counters.received += 1
            time_ns = int(when * 1_000_000_000) if when is not None else time.time_ns()
            link = _SCAPY_LINKS.get(getattr(kind, "__name__", ""), 1)
            yield (data, 0, len(data), len(data), time_ns, link), interface

    def count(self) -> int:
        """scapy's sockets count no drops on their own; Linux counts them for each socket."""
        if not sys.platform.startswith("linux"):
            return 0
        lost = 0
        for own in self._sockets:
            _received, dropped = _counted(own.ins)
            lost += dropped
        self.counters.received += lost
        self.counters.dropped += lost
        return lost

    def close(self) -> None:
        """Close all sockets."""
        for own in self._sockets:
            own.close()
        self._sockets = []


def _counted(own: socket.socket) -> tuple[int, int]:
    """PACKET_STATISTICS of a packet socket: received and dropped since the last time."""
    answer = own.getsockopt(263, 6, 8)
    return int.from_bytes(answer[:4], sys.byteorder), int.from_bytes(answer[4:8], sys.byteorder)
