"""The ring as the kernel lays it out, made here: blocks, packets, what is moved out and given back."""

from __future__ import annotations

import errno
import mmap
import random
import select
import socket
from collections import deque
from struct import Struct

import pytest

from httptrace.capture.live import ring as ring_module
from httptrace.capture.live.ring import BLOCK, Ring
from httptrace.capture.live.source import Counters, NoInterfaceError, NotAllowedError, UnavailableError

HEADER = Struct("=IIIIIIHHIIHHQ")  # struct tpacket3_hdr
LINK = Struct("=HHiHBB8s")  # struct sockaddr_ll
LOOPBACK = 772


class MadeRing(Ring):
    """A ring in ordinary memory, filled by :meth:`block` as the kernel would."""

    def __init__(self, blocks: int, room: int = 0) -> None:
        self._blocks, self._ring_size = blocks, blocks * BLOCK
        self._room, self._moved = room, deque()
        self.size = (blocks + room) * BLOCK
        self._map = mmap.mmap(-1, self._ring_size)
        self._at, self._barrier = 0, False
        self.watch, self.counters = None, Counters()
        self.first_ns = self.last_ns = 0
        self._filled = 0

    def block(self, packets: list[tuple[int, bytes, int, int, int]]) -> bool:
        """The next block with these packets: time, bytes, length on the wire, interface, hardware. False: it is
        full."""
        at = self._filled % self._blocks * BLOCK
        if self._map[at + 8]:
            return False
        place = at + 48
        for number, (time_ns, data, length, interface, hardware) in enumerate(packets):
            size = 96 + (len(data) + 15) // 16 * 16
            seconds, ns = divmod(time_ns, 1_000_000_000)
            following = size if number + 1 < len(packets) else 0
            self._map[place : place + 48] = HEADER.pack(
                *(following, seconds, ns, len(data), length, 1, 96, 96, 0, 0, 0, 0, 0)
            )
            self._map[place + 48 : place + 68] = LINK.pack(17, 0x0008, interface, hardware, 0, 6, b"")
            self._map[place + 96 : place + 96 + len(data)] = data
            place += size
        times = [divmod(packets[index][0], 1_000_000_000) for index in (0, -1)] if packets else [(0, 0), (0, 0)]
        self._map[at : at + 48] = Struct("=IIIIIIQIIII").pack(
            *(1, 48, 1, len(packets), 48, place - at, self._filled, *times[0], *times[1])
        )
        self._filled += 1
        return True

    def taken(self) -> list[bytes] | None:
        """The packets of the next block."""
        frames = self.take()
        return None if frames is None else [block[start:end] for block, start, end, *_rest in frames]


def packet(data: bytes, time_ns: int = 5, interface: int = 2, hardware: int = 1, length: int | None = None):
    return time_ns, data, len(data) if length is None else length, interface, hardware


def test_packets_come_with_time_length_and_place():
    ring = MadeRing(4)
    first, second = 1_700_000_000_123_456_789, 1_700_000_001_000_000_001
    ring.block([packet(b"first", first), packet(b"second one", second, length=99)])
    frames = ring.take()
    assert frames is not None
    found = [(block[start:end], length, time, link) for block, start, end, length, time, link in frames]
    assert found == [
        (b"first", 5, first, 101),
        (b"second one", 99, second, 101),
    ]
    assert ring.counters.snapped == 1
    assert (ring.first_ns, ring.last_ns) == (first, second)
    assert ring.take() is None


def test_a_block_is_given_back_when_its_last_packet_was_used():
    ring = MadeRing(2)
    ring.block([packet(b"a"), packet(b"b")])
    frames = iter(ring.take() or ())
    next(frames), next(frames)
    assert ring._map[8] == 1, "the consumer may still look at it"
    assert list(frames) == []
    assert ring._map[8] == 0


def test_a_block_that_is_left_in_the_middle_is_given_back():
    ring = MadeRing(2)
    ring.block([packet(b"a"), packet(b"b")])
    frames = ring.take()
    next(iter(frames))
    frames.close()
    assert ring._map[8] == 0


def test_an_empty_block():
    ring = MadeRing(2)
    ring.block([])
    ring.block([packet(b"x")])
    assert ring.taken() == []
    assert ring.taken() == [b"x"]


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_filling_reading_and_moving_gives_every_packet_in_order(seed):
    source = random.Random(seed)
    ring = MadeRing(source.choice([2, 4, 8]), room=source.choice([0, 0, 3, 50]))
    written: list[bytes] = []
    read: list[bytes] = []
    for _ in range(300):
        match source.randrange(3):
            case 0:
                data = [source.randbytes(source.randrange(1, 200)) for _ in range(source.randrange(4))]
                if ring.block([packet(one) for one in data]):
                    written += data
            case 1:
                read += ring.taken() or []
            case 2:
                ring.relieve()
        assert 0 <= ring.fill() <= 1
    while (more := ring.taken()) is not None:
        read += more
    assert read == written
    assert ring.fill() == 0


def test_moving_begins_at_half_and_ends_where_the_room_does():
    ring = MadeRing(4, room=3)
    ring.block([packet(b"0")])
    ring.block([packet(b"1")])
    ring.relieve()
    assert not ring._moved, "half of it is still free"
    ring.block([packet(b"2")])
    ring.relieve()
    assert len(ring._moved) == 3
    for number in b"3456":
        assert ring.block([packet(bytes([number]))])
    assert not ring.block([packet(b"7")]), "the ring is full"
    ring.relieve()
    assert len(ring._moved) == 3, "there is no more room"
    assert ring.fill() == 1
    assert [ring.taken() for _ in range(7)] == [[bytes([number])] for number in b"0123456"]


def test_a_watcher_sees_the_interface_and_decides():
    ring = MadeRing(4)
    seen = []

    def watch(block, start, end, length, time_ns, link, interface, loopback):
        seen.append((block[start:end], length, time_ns, link, interface, loopback))
        return interface != 3

    ring.watch = watch
    ring.block([packet(b"a", 7, 2), packet(b"b", 8, 3, length=50), packet(b"c", 9, 1, LOOPBACK)])
    assert ring.taken() == [b"a", b"c"]
    assert seen == [(b"a", 1, 7, 101, 2, False), (b"b", 50, 8, 101, 3, False), (b"c", 1, 9, 101, 1, True)]
    assert ring.counters.snapped == 1


def test_an_interface_that_is_not_there_is_said_before_anything_is_opened(monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_arguments: pytest.fail("a socket was opened"))
    with pytest.raises(NoInterfaceError, match="no-such-wire"):
        Ring(["no-such-wire"], b"")


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        pytest.param(PermissionError(errno.EPERM, "no"), NotAllowedError, id="no right to"),
        pytest.param(OSError(errno.EAFNOSUPPORT, "no"), UnavailableError, id="no packet sockets"),
    ],
)
def test_a_refused_socket(monkeypatch, problem, expected):
    def refuse(*_arguments):
        raise problem

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(expected):
        Ring(["any"], b"")


class FakeSocket:
    """Takes options; refuses rings beyond a size."""

    def __init__(self, most: int, number: int = errno.ENOMEM) -> None:
        self.most, self.number = most, number
        self.asked: list[int] = []

    def setsockopt(self, _level, option, value):
        assert option == 5
        blocks = Struct("=7I").unpack(value)[1]
        self.asked.append(blocks)
        if blocks > self.most:
            raise OSError(self.number, "refused")


def test_a_ring_that_is_too_large_for_the_kernel_becomes_smaller():
    ring = MadeRing(2)
    ring._socket = FakeSocket(40)
    assert ring._make_ring(256) == 32
    assert ring._socket.asked == [256, 128, 64, 32]


@pytest.mark.parametrize(
    ("most", "number"),
    [pytest.param(0, errno.ENOMEM, id="no memory at all"), pytest.param(0, errno.EINVAL, id="not a matter of size")],
)
def test_a_refused_ring(most, number):
    ring = MadeRing(2)
    ring._socket = FakeSocket(most, number)
    with pytest.raises(UnavailableError, match="refuses a ring"):
        ring._make_ring(256)


def test_the_counters_add_up_what_the_kernel_sets_to_zero_at_each_reading():
    answers = iter([(10, 2, 1), (0, 0, 0), (5, 5, 0)])

    class Counting:
        def getsockopt(self, _level, _option, _size):
            return Struct("=III").pack(*next(answers))

    ring = MadeRing(2)
    ring._socket = Counting()
    assert [ring.count() for _ in range(3)] == [2, 0, 5]
    assert (ring.counters.received, ring.counters.dropped, ring.counters.freezes) == (15, 7, 1)


def test_waiting_ends_with_a_packet_a_nudge_or_the_time():
    ring = MadeRing(2)
    near, far = socket.socketpair()
    waker, wake = socket.socketpair()
    with near, far, waker, wake:
        ring._socket, ring._woken_by, ring._lost = near, None, False
        ring._poll = select.poll()
        ring._poll.register(near.fileno(), ring_module._WANTED)
        assert ring.wait(0, wake.fileno()) is False
        waker.send(b"!")
        assert ring.wait(60, wake.fileno()) is False, "it came back at once"
        ring.block([packet(b"x")])
        assert ring.wait(60, wake.fileno()) is True
