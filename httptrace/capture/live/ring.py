"""Linux's TPACKET_V3 ring: packets that the kernel writes into memory shared with us, a block at a time.

The kernel fills blocks one after the other and hands a block over when it is full, or when it has held a packet for
`RETIRE_MS`. We walk its packets where they lie, copy nothing, and give the block back. Nothing is lost as long as the
kernel finds a free block; when it finds none it counts what it drops.

The numbers are those of linux/if_packet.h; the layout is the kernel's own (native byte order, aligned to 16).
"""

from __future__ import annotations

import mmap
import os
import select
import socket
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import cast

from httptrace.capture.live import filters
from httptrace.capture.live.source import (
    ANY,
    RAW,
    Change,
    Counters,
    NotAllowedError,
    UnavailableError,
    Watch,
)
from httptrace.capture.live.watching import Watched, interface_index
from httptrace.errors import Said, UsageError, reason
from httptrace.limits import KIB, LIVE_BUFFER, LIVE_RING
from httptrace.model import Frame

#: Larger blocks (1 MiB) lost half of a burst where a reader was stalled, because a slow trickle fills the ring by
#: number of blocks.
BLOCK = 256 * KIB

#: How long the kernel holds a block that is not full: the most that a packet waits on an idle wire.
RETIRE_MS = 30

#: The kernel refuses a ring when memory is short: then half as many are asked for, down to this.
_LEAST_BLOCKS = 4

_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _IGNORE_OUTGOING = 1, 5, 6, 10, 23
_TPACKET_V3 = 2
_SO_ATTACH_FILTER = 26
_PROMISCUOUS = 1  # PACKET_MR_PROMISC
_ALL_PROTOCOLS = 3  # ETH_P_ALL
_LOOPBACK = 772  # ARPHRD_LOOPBACK
_FRAME = 2048  # the kernel wants it to divide a block; version 3 does not use it otherwise

#: A block: version and offset of its private part are passed over; status, packets, offset of the first.
_BLOCK_HEADER = Struct("=8xIII")
#: Its length, and when its first and its last packet came (s and ns each).
_BLOCK_LENGTH = Struct("=20xI")
_BLOCK_TIMES = Struct("=32xIIII")
_OURS = 1  # TP_STATUS_USER
_STATUS = Struct("=I")

#: A packet: offset of the next, seconds, ns, bytes here, bytes on the wire, status, offset of the data.
_PACKET = Struct("=IIIIIIH")
#: The same with its sockaddr_ll: interface, kind of hardware.
_PACKET_AND_LINK = Struct("=IIIIIIH26xiH")

_COUNTERS = Struct("=III")
#: What a write to the ring's `wake` descriptor may ask of `wait`.
_WANTED = select.POLLIN | select.POLLERR if hasattr(select, "poll") else 0


class Ring:
    """A capture of some interfaces, or of all, within `size` bytes of memory: a ring, and what is moved out of it while
    more comes than is read.

    One interface is bound to by itself. Several, or all, are captured by one socket that hears every interface, so
    that packets come in the order in which they passed; the filter knows the interfaces.
    """

    name = "ring"

    def __init__(
        self, interfaces: Sequence[str], program: bytes, size: int = LIVE_BUFFER, promiscuous: bool = False
    ) -> None:
        """`program`: from :mod:`httptrace.capture.live.filters`. Raises NotAllowedError, NoInterfaceError,
        UnavailableError where this kernel has no such ring."""
        if not hasattr(socket, "AF_PACKET"):
            raise UnavailableError(Said("only Linux has packet sockets"))
        self.watch: Watch | None = None
        self.counters = Counters()
        self.first_ns = self.last_ns = 0
        self._program = program
        self._watched = [] if ANY in interfaces else [Watched(name) for name in dict.fromkeys(interfaces)]
        self._alone = self._watched[0] if len(self._watched) == 1 else None
        self._names: dict[int, str] = {}
        self._lost = False
        self._at = 0
        self._moved: deque[bytes] = deque()  # blocks that were moved out of the ring
        self._room = 0  # how many more may be
        for watched in self._watched:
            interface_index(watched.name)  # a name that is wrong is said before anything else
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        except PermissionError as error:
            needed = Said("capturing needs the right to open packet sockets (CAP_NET_RAW)")
            raise NotAllowedError(needed) from error
        except OSError as error:
            raise UnavailableError(Said("no packet sockets here: {problem}", problem=reason(error))) from error
        try:
            self._open(size, promiscuous)
        except BaseException:
            self._socket.close()
            raise
        self._poll = select.poll()
        self._poll.register(self._socket.fileno(), _WANTED)
        self._woken_by: int | None = None
        # Weaker processors reorder reads: there a system call before each block stands in for a barrier.
        self._barrier = os.uname().machine not in ("x86_64", "i686", "s390x")

    def _open(self, size: int, promiscuous: bool) -> None:
        self._attach()  # before binding, so that nothing else gets in
        try:
            self._socket.setsockopt(_SOL_PACKET, _VERSION, _TPACKET_V3)
            if self._alone is not None and self._alone.loopback:
                self._socket.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        except OSError as error:
            raise UnavailableError(Said("this kernel refuses TPACKET_V3: {problem}", problem=reason(error))) from error
        self._blocks = self._make_ring(max(min(size, LIVE_RING) // BLOCK, _LEAST_BLOCKS))
        self._ring_size = self._blocks * BLOCK
        self._room = max(size - self._ring_size, 0) // BLOCK
        self.size = self._ring_size + self._room * BLOCK
        self._map = mmap.mmap(self._socket.fileno(), self._ring_size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        for watched in self._watched if promiscuous else ():
            request = Struct("=iHH8x").pack(watched.index, _PROMISCUOUS, 0)
            self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, request)
        self._bind()

    def _make_ring(self, blocks: int) -> int:
        while True:
            frames = BLOCK // _FRAME * blocks
            request = Struct("=7I").pack(BLOCK, blocks, _FRAME, frames, RETIRE_MS, 0, 0)
            try:
                self._socket.setsockopt(_SOL_PACKET, _RX_RING, request)
                return blocks
            except OSError as error:
                if blocks <= _LEAST_BLOCKS or (not isinstance(error, MemoryError) and error.errno != 12):  # ENOMEM
                    problem = Said(
                        "this kernel refuses a ring of {blocks} blocks: {problem}", blocks=blocks, problem=reason(error)
                    )
                    raise UnavailableError(problem) from error
                blocks = max(blocks // 2, _LEAST_BLOCKS)

    def _attach(self) -> None:
        several = [watched.index for watched in self._watched if watched.index] if self._alone is None else []
        program = self._program
        if self._watched and self._alone is None and not several:
            program = filters.NOTHING  # all of them are gone for now
        self._set_filter(filters.before(program, several))

    def _set_filter(self, program: bytes) -> None:
        import ctypes

        buffer = ctypes.create_string_buffer(program, len(program))
        length = len(program) // filters.INSTRUCTION.size
        try:
            self._socket.setsockopt(
                socket.SOL_SOCKET, _SO_ATTACH_FILTER, Struct("HL").pack(length, ctypes.addressof(buffer))
            )
        except OSError as error:
            raise UsageError(Said("the kernel refuses the filter: {problem}", problem=reason(error))) from error

    def _bind(self) -> None:
        if self._alone is not None:
            self._socket.bind((self._alone.name, _ALL_PROTOCOLS))
            return
        import ctypes

        # Python's bind wants a name; interface 0 stands for all of them.
        address = Struct("=HHiHBB8s").pack(socket.AF_PACKET, socket.htons(_ALL_PROTOCOLS), 0, 0, 0, 0, b"")
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(self._socket.fileno(), address, len(address)):
            number = ctypes.get_errno()
            problem = reason(OSError(number, os.strerror(number)))
            raise UnavailableError(Said("the packet socket cannot be bound: {problem}", problem=problem))

    # ------------------------------------------------------------------ reading

    def wait(self, seconds: float, wake: int) -> bool:
        """Whether a block is there, after waiting so long at the most; `wake` is a descriptor that ends the wait."""
        if self._moved or self._ready():
            return True
        if self._woken_by != wake:
            self._poll.register(wake, select.POLLIN)
            self._woken_by = wake
        for descriptor, event in self._poll.poll(seconds * 1000):
            if descriptor != wake and event & select.POLLERR:
                # Asking takes the error (ENETDOWN) away, else every wait would end at once.
                self._lost = bool(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) or self._lost
        return self._ready()

    def _ready(self) -> bool:
        if self._barrier:
            self._poll.poll(0)
        status, _packets, _first = _BLOCK_HEADER.unpack_from(self._map, self._at)
        return bool(status & _OURS)

    def take(self) -> Iterable[Frame] | None:
        """The packets of the next block, to be iterated to the end; None where none is ready."""
        if self._moved:
            self._room += 1
            block = self._moved.popleft()
            self._note_times(block, 0)
            return self._walk(block, 0)
        if not self._ready():
            return None
        at = self._step()
        # It is sliced and unpacked like bytes, and every slice of it is a copy.
        self._note_times(cast(bytes, self._map), at)
        return self._in_ring(at)

    def _note_times(self, block: bytes, at: int) -> None:
        first, first_ns, last, last_ns = _BLOCK_TIMES.unpack_from(block, at)
        self.first_ns = first * 1_000_000_000 + first_ns
        self.last_ns = last * 1_000_000_000 + last_ns

    def _step(self) -> int:
        """Where the next block is; the one behind it is the next."""
        at = self._at
        self._at = (at + BLOCK) % self._ring_size
        return at

    def relieve(self) -> None:
        """Where more than half of the ring waits, move blocks out of it, so that the kernel finds room."""
        if not self._room:
            return
        half = (self._at + self._blocks // 2 * BLOCK) % self._ring_size
        if not _BLOCK_HEADER.unpack_from(self._map, half)[0] & _OURS:
            return
        while self._room and self._ready():
            at = self._step()
            (length,) = _BLOCK_LENGTH.unpack_from(self._map, at)
            self._moved.append(self._map[at : at + length])
            self._give_back(at)
            self._room -= 1

    def _give_back(self, at: int) -> None:
        _STATUS.pack_into(self._map, at + 8, 0)  # the kernel may fill it again

    def _in_ring(self, at: int) -> Iterator[Frame]:
        try:
            yield from self._walk(cast(bytes, self._map), at)
        finally:
            self._give_back(at)

    def _walk(self, block: bytes, at: int) -> Iterator[Frame]:
        return self._walk_plain(block, at) if self.watch is None else self._walk_watched(block, at, self.watch)

    def _walk_plain(self, block: bytes, at: int) -> Iterator[Frame]:
        unpack = _PACKET.unpack_from
        snapped = 0
        _status, packets, first = _BLOCK_HEADER.unpack_from(block, at)
        place = at + first
        for _ in range(packets):
            following, seconds, ns, here, length, _status, data = unpack(block, place)
            start = place + data
            if here < length:
                snapped += 1
            yield block, start, start + here, length, seconds * 1_000_000_000 + ns, RAW
            place += following
        self.counters.snapped += snapped

    def _walk_watched(self, block: bytes, at: int, watch: Watch) -> Iterator[Frame]:
        """The same, each packet shown with its interface before it goes on."""
        unpack = _PACKET_AND_LINK.unpack_from
        _status, packets, first = _BLOCK_HEADER.unpack_from(block, at)
        place = at + first
        for _ in range(packets):
            following, seconds, ns, here, length, _status, data, interface, hardware = unpack(block, place)
            start = place + data
            time_ns = seconds * 1_000_000_000 + ns
            if here < length:
                self.counters.snapped += 1
            if watch(block, start, start + here, length, time_ns, RAW, interface, hardware == _LOOPBACK):
                yield block, start, start + here, length, time_ns, RAW
            place += following

    # ------------------------------------------------------------------ counting

    def count(self) -> int:
        """Bring the counters up to date; gives how many packets were dropped since the last time."""
        # Reading sets the kernel's to 0. Its count of packets has the dropped ones in it.
        received, dropped, freezes = _COUNTERS.unpack(self._socket.getsockopt(_SOL_PACKET, _STATISTICS, _COUNTERS.size))
        self.counters.received += received
        self.counters.dropped += dropped
        self.counters.freezes += freezes
        return int(dropped)

    def fill(self) -> float:
        """How much of the buffer is waiting to be read, from 0 to 1."""
        status = _BLOCK_HEADER.unpack_from
        waiting: int = sum(status(self._map, at)[0] & _OURS for at in range(0, self._ring_size, BLOCK))
        return (waiting + len(self._moved)) * BLOCK / self.size

    # ------------------------------------------------------------------ interfaces that come and go

    def look_around(self) -> list[Change]:
        """What happened to the interfaces since the last time; those that came back are captured again."""
        changes: list[Change] = []
        again = False
        for watched in self._watched:
            found = watched.look()
            changes += found
            again = again or any(change.kind in ("back", "gone") for change in found)
        if self._lost and self._alone is not None and self._alone.up:
            again, self._lost = True, False
        if again:
            self._names.clear()
            if self._alone is None:
                self._attach()
            elif self._alone.index:
                try:
                    self._bind()
                except OSError:
                    self._lost = True  # gone again meanwhile
        return changes

    def interface_name(self, number: int) -> str:
        """The name of the interface of that number; one that is gone is called after its number."""
        if number not in self._names:
            try:
                self._names[number] = socket.if_indextoname(number)
            except OSError:
                return f"if{number}"
        return self._names[number]

    # ------------------------------------------------------------------ ending

    def stop(self) -> float:
        """Take in no further packets; gives the seconds after which those taken in can all be read."""
        self._set_filter(filters.NOTHING)
        return 2 * RETIRE_MS / 1000

    def close(self) -> None:
        """Give the ring back."""
        self._poll.unregister(self._socket.fileno())
        self._map.close()
        self._socket.close()
