"""One direction: what goes in as segments comes out as a byte map would have it, with gaps said and never filled."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from httptrace.model import End
from tests.tcp.wire import CLIENT, FIN, SERVER, SYN, Wire

CAPTURE, FIN_END = End.CAPTURE, End.FIN
SEEDS = pytest.mark.parametrize("seed", range(60), ids=lambda seed: f"seed-{seed}")


class Naive(NamedTuple):
    """What the segments of one direction amount to when nothing is given up before the end."""

    bytes: dict[int, int]  # offset -> value, the first copy
    retransmissions: int
    out_of_order: int
    differs: bool


def naive(segments: list[tuple[int, bytes]]) -> Naive:
    held: dict[int, int] = {}
    retransmissions = out_of_order = 0
    differs = False
    for start, data in segments:
        highest = max(held, default=-1)
        fresh = [offset for offset in range(start, start + len(data)) if offset not in held]
        differs = differs or any(held.get(offset, value) != value for offset, value in enumerate(data, start))
        if not fresh:
            retransmissions += 1
        elif fresh[0] < highest:
            out_of_order += 1
        held.update({offset: data[offset - start] for offset in fresh})
    return Naive(held, retransmissions, out_of_order, differs)


def as_said(held: dict[int, int]) -> list[bytes | int | End]:
    """The map as bytes and gaps in order."""
    said: list[bytes | int | End] = []
    position = 0
    for offset in sorted(held):
        if offset > position:
            said.append(offset - position)
        if said and offset == position and isinstance(said[-1], bytes):
            said[-1] += bytes((held[offset],))
        else:
            said.append(bytes((held[offset],)))
        position = offset + 1
    return said


def some_segments(chance: random.Random, differing: float) -> list[tuple[int, bytes]]:
    """A stream cut into segments, then doubled, cut anew, shuffled and lost."""
    whole = chance.randbytes(chance.choice((30, 300, 3000)))
    segments: list[tuple[int, bytes]] = []
    position = 0
    while position < len(whole):
        size = chance.randint(1, len(whole) // 10 + 2)
        segments.append((position, whole[position : position + size]))
        position += size
    for _ in range(len(segments) // 2):
        start = chance.randrange(len(whole))
        segments.append((start, whole[start : start + chance.randint(1, 60)]))
    segments = [one for one in segments if chance.random() < 0.9]
    far = chance.choice((1.0, 4.0, 1000.0))
    order = sorted(range(len(segments)), key=lambda place: place + chance.random() * far)
    shuffled = [segments[place] for place in order]
    return [
        (start, bytes(value ^ 1 for value in data) if chance.random() < differing and len(data) > 1 else data)
        for start, data in shuffled
        if start + len(data) != 1  # a single byte before the frontier is a keep-alive's
    ]


@SEEDS
@pytest.mark.parametrize("differing", [0.0, 0.2], ids=["same-bytes", "differing-overlaps"])
def test_a_direction_is_a_byte_map(seed: int, differing: float) -> None:
    chance = random.Random(seed)
    segments = [(start, data) for start, data in some_segments(chance, differing) if len(data) > 1]
    expected = naive(segments)
    wire = Wire(isn=(2**32 - chance.randint(1, 3000), chance.getrandbits(32))).handshake()
    for start, data in segments:
        wire.client(1 + start, data)
    wire.finish()
    half = wire.half(CLIENT)
    assert wire.said(CLIENT) == [*as_said(expected.bytes), CAPTURE]
    assert half.bytes == len(expected.bytes)
    assert half.missing == max(expected.bytes, default=-1) + 1 - len(expected.bytes)
    assert half.missing_acked == half.late_bytes == half.ignored_bytes == 0
    assert half.retransmitted_bytes == sum(len(data) for _, data in segments) - half.bytes
    assert half.retransmissions == expected.retransmissions
    assert half.out_of_order == expected.out_of_order
    assert bool(wire.differing) == expected.differs
    assert wire.tracker.held == 0


@SEEDS
def test_every_byte_knows_the_packet_that_carried_it(seed: int) -> None:
    chance = random.Random(seed)
    wire = Wire(isn=(2**32 - 40, 7)).handshake()
    carried: dict[int, int] = {}
    for start, data in some_segments(chance, 0.0):
        wire.client(1 + start, data)
        for offset in range(start, start + len(data)):
            carried.setdefault(offset, wire.packet)
    wire.finish()
    position = 0
    for kind, what, at, now in wire.recorders[0][CLIENT].calls:
        if kind == "data":
            assert {carried[position + index] for index in range(len(what))} == {at[0]}
            assert now >= at[0]
            position += len(what)
        elif kind == "gap":
            assert at[0] == carried.get(position + what, at[0]), "the packet behind the hole"
            position += what


def test_a_late_packet_makes_many_bytes_readable() -> None:
    wire = Wire().handshake()
    wire.client(4, "def")
    wire.client(7, "ghi")
    wire.client(1, "abc")
    calls = [(what, at[0], now) for _, what, at, now in wire.recorders[0][CLIENT].calls]
    assert calls == [(b"abc", 6, 6), (b"def", 4, 6), (b"ghi", 5, 6)]


# ---------------------------------------------------------------------- giving up


def hole(acked: int = 7) -> Wire:
    """abc, a hole of three bytes, ghi; the server acknowledges up to `acked` (relative) of it."""
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.client(7, "ghi")
    wire.server(1, ack=acked)
    return wire


@pytest.mark.parametrize(
    ("packets", "ms", "given_up"),
    [
        pytest.param(31, 0.001, False, id="31-packets-are-within-the-grace"),
        pytest.param(32, 0.001, True, id="32-packets-are-beyond-it"),
        pytest.param(1, 249, False, id="249-ms-are-within-the-grace"),
        pytest.param(1, 251, True, id="251-ms-are-beyond-it"),
    ],
)
def test_an_acknowledged_hole_is_given_up_after_the_grace(packets: int, ms: float, given_up: bool) -> None:
    wire = hole().idle(packets, ms, SERVER, ack=7)
    assert wire.said(CLIENT) == ([b"abc", 3, b"ghi"] if given_up else [b"abc"])
    half = wire.half(CLIENT)
    assert (half.missing, half.missing_acked) == ((3, 3) if given_up else (0, 0))


@pytest.mark.parametrize("acked", [1, 4, 5, 6])
def test_a_hole_that_is_not_acknowledged_past_its_end_waits(acked: int) -> None:
    assert hole(acked).idle(100, 1000, SERVER, ack=acked).said(CLIENT) == [b"abc"]


def test_only_acknowledged_holes_are_given_up() -> None:
    wire = hole()
    wire.client(13, "mno")
    wire.idle(40, 1, SERVER, ack=7)
    assert wire.said(CLIENT) == [b"abc", 3, b"ghi"]
    wire.client(10, "jkl")
    assert wire.said(CLIENT) == [b"abc", 3, b"ghijklmno"]


def test_the_other_direction_s_packets_count_for_the_grace() -> None:
    wire = hole()
    for place in range(32):
        wire.server(1 + place, "x", ack=7)
    assert wire.said(CLIENT) == [b"abc", 3, b"ghi"]


def test_other_connections_packets_do_not_count_for_the_grace() -> None:
    wire = hole()
    for _ in range(100):
        wire.client(1, port=50_000, ms=0)
    wire.server(1, ack=7)
    assert wire.said(CLIENT) == [b"abc"]


def test_a_hole_with_nothing_captured_behind_it_is_given_up_too() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.server(1, ack=100)
    wire.idle(32, 1, SERVER, ack=100)
    assert wire.said(CLIENT) == [b"abc", 96]
    wire.client(100, "def")
    assert wire.said(CLIENT) == [b"abc", 96, b"def"]
    assert wire.half(CLIENT).missing_acked == 96


def test_the_end_gives_up_everything() -> None:
    wire = hole(1)
    wire.client(20, flags=FIN | 16)
    wire.finish()
    assert wire.said(CLIENT) == [b"abc", 3, b"ghi", 10, FIN_END]
    half = wire.half(CLIENT)
    assert (half.missing, half.missing_acked, half.bytes) == (13, 0, 6)


@pytest.mark.parametrize(
    ("ack", "missing", "acked"),
    [
        pytest.param(4, 3, 0, id="not-acknowledged"),
        pytest.param(6, 3, 2, id="in-part"),
        pytest.param(7, 3, 3, id="whole"),
        pytest.param(15, 8, 8, id="beyond-what-was-seen"),
    ],
)
def test_what_the_receiver_acknowledged_the_capture_lost(ack: int, missing: int, acked: int) -> None:
    half = hole(ack).finish().half(CLIENT)
    assert (half.missing, half.missing_acked, half.bytes) == (missing, acked, 6)


@pytest.mark.parametrize(
    ("seq", "data", "late", "missing", "again"),
    [
        pytest.param(4, "def", 3, 0, 0, id="all-of-the-hole"),
        pytest.param(5, "e", 1, 2, 0, id="its-middle"),
        pytest.param(3, "cdefg", 3, 0, 2, id="with-both-neighbours"),
        pytest.param(1, "abc", 0, 3, 3, id="beside-it"),
    ],
)
def test_late_bytes_are_no_retransmission(seq: int, data: str, late: int, missing: int, again: int) -> None:
    wire = hole().idle(40, 1, SERVER, ack=7)
    wire.client(seq, data)
    half = wire.half(CLIENT)
    assert wire.said(CLIENT) == [b"abc", 3, b"ghi"], "what was given up is not read"
    assert (half.late_bytes, half.missing, half.missing_acked) == (late, missing, missing)
    assert half.retransmitted_bytes == again
    assert (half.retransmissions, half.out_of_order) == ((0, 1) if late else (1, 0))
    assert half.bytes == 6 + late, "unique payload bytes"


def test_a_late_byte_counts_once() -> None:
    wire = hole().idle(40, 1, SERVER, ack=7)
    wire.client(4, "def")
    wire.client(4, "def")
    half = wire.half(CLIENT)
    assert (half.late_bytes, half.retransmissions, half.out_of_order, half.missing) == (3, 1, 1, 0)


def test_bytes_before_the_first_one_seen_are_late() -> None:
    wire = Wire()
    wire.client(100, "abc")
    wire.client(90, "0123456789")
    wire.client(95, "56789abc")
    wire.finish()
    half = wire.half(CLIENT)
    assert wire.said(CLIENT) == [b"abc", CAPTURE]
    assert (half.late_bytes, half.missing, half.bytes, half.retransmissions) == (10, 0, 13, 1)


def test_the_store_of_a_connection_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httptrace.limits.HELD_PER_CONNECTION", 1000)
    wire = Wire().handshake()
    for place in range(1, 40):
        wire.client(1 + 100 * place, b"x" * 100)
        assert wire.tracker.held <= 1000
    assert wire.said(CLIENT)[0] == 100
    assert wire.tracker.store_full == 1
    assert wire.finish().half(CLIENT).bytes == 3900


def test_the_store_of_all_connections_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httptrace.limits.HELD_IN_ALL", 1000)
    wire = Wire()
    for port in range(30):
        wire.client(0, flags=SYN, port=port)
        wire.client(50, b"x" * 100, port=port)
        assert wire.tracker.held <= 1000
    wire.finish()
    assert wire.tracker.held == 0
    assert sum(connection.sides[0].bytes for connection in wire.connections) == 3000


# ---------------------------------------------------------------------- bytes that are none


def test_a_keep_alive_s_filler_is_ignored() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.client(3, "\0")
    wire.client(3, "c")
    wire.client(4, "def")
    half = wire.half(CLIENT)
    assert wire.said(CLIENT) == [b"abcdef"]
    assert (half.ignored_bytes, half.retransmissions, half.bytes) == (2, 0, 6)
    assert not wire.differing


def test_a_keep_alive_before_any_data_is_ignored() -> None:
    wire = Wire().handshake()
    wire.client(0, "\0")
    wire.client(1, "abc")
    assert wire.said(CLIENT) == [b"abc"]
    assert wire.half(CLIENT).ignored_bytes == 1


def test_a_zero_window_probe_s_byte_is_data() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.client(4, "d")
    wire.client(4, "d", ms=500)
    wire.client(4, "def", ms=500)
    assert wire.said(CLIENT) == [b"abcdef"]
    assert wire.half(CLIENT).bytes == 6


# ---------------------------------------------------------------------- what the snap length cut


def test_bytes_that_the_snap_length_cut_are_missing() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc", length=10)
    wire.client(11, "klm", length=10)
    wire.client(21, "uvw")
    wire.finish()
    half = wire.half(CLIENT)
    assert wire.said(CLIENT) == [b"abc", 7, b"klm", 7, b"uvw", CAPTURE]
    assert (half.bytes, half.missing) == (9, 14)


def test_nothing_of_a_payload_was_captured() -> None:
    wire = Wire().handshake()
    wire.client(1, "", length=10)
    wire.client(11, "klm")
    assert wire.said(CLIENT) == [10, b"klm"]


def test_a_snapped_segment_behind_a_hole() -> None:
    wire = Wire().handshake()
    wire.client(4, "def", length=6)
    wire.client(1, "abc")
    wire.client(10, "jkl")
    wire.finish()
    assert wire.said(CLIENT) == [b"abcdef", 3, b"jkl", CAPTURE]


def test_a_whole_retransmission_of_a_snapped_segment_is_late() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc", length=6)
    wire.client(1, "abcdef")
    half = wire.finish().half(CLIENT)
    assert (half.bytes, half.missing, half.late_bytes) == (6, 0, 3)


# ---------------------------------------------------------------------- FIN


def test_a_fin_out_of_order_ends_nothing_early() -> None:
    wire = Wire().handshake()
    wire.client(7, flags=FIN | 16)
    wire.client(4, "def")
    wire.client(1, "abc")
    assert wire.said(CLIENT) == [b"abcdef", FIN_END]
    assert wire.half(CLIENT).missing == 0


def test_a_fin_with_data() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc", flags=FIN | 16)
    assert wire.said(CLIENT) == [b"abc", FIN_END]


def test_data_behind_the_fin_is_ignored() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc", flags=FIN | 16)
    wire.client(4, "xyz")
    wire.client(5, "xyz")
    assert wire.said(CLIENT) == [b"abc", FIN_END]
    assert wire.half(CLIENT).ignored_bytes == 6


def test_the_acknowledgement_of_a_fin_is_no_missing_byte() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc", flags=FIN | 16)
    wire.server(1, ack=5)
    wire.finish()
    assert wire.half(CLIENT).missing == 0


def test_the_acknowledgement_of_a_fin_may_come_before_it() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.server(1, ack=5)
    wire.client(4, flags=FIN | 16)
    wire.finish()
    assert wire.half(CLIENT).missing == 0
    assert wire.said(CLIENT) == [b"abc", FIN_END]


# ---------------------------------------------------------------------- acknowledged later


def test_a_snapped_byte_that_is_acknowledged_later_was_lost_by_the_capture() -> None:
    wire = Wire().handshake()
    for place in range(20):
        wire.client(1 + 10 * place, "abc", length=10)
        wire.server(1, ack=11 + 10 * place)
    half = wire.finish().half(CLIENT)
    assert (half.bytes, half.missing, half.missing_acked) == (60, 140, 140)


def test_a_late_byte_takes_back_what_was_counted_and_no_more() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc", length=6)
    wire.server(1, ack=7)
    wire.client(1, "abcdef")
    half = wire.half(CLIENT)
    assert (half.bytes, half.missing, half.missing_acked, half.late_bytes) == (6, 0, 0, 3)


def test_more_gaps_than_are_remembered_are_still_counted() -> None:
    wire = Wire().handshake()
    for place in range(3000):
        wire.client(1 + 10 * place, "abc", length=10)
        if not place % 7:
            wire.server(1, ack=11 + 10 * place)
    wire.server(1, ack=30_001)
    half = wire.finish().half(CLIENT)
    assert (half.missing, half.bytes) == (21_000, 9_000)
    assert half.missing_acked >= 20_900
    assert half.gaps is not None
    assert len(half.gaps) <= 1024
