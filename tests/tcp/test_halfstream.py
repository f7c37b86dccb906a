"""One direction: what goes in as segments comes out as a byte map would have it, with gaps said and never filled."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from httptrace.model import End
from tests.tcp.wire import CLIENT, FIN, Wire

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
    for kind, what, at in wire.recorders[0][CLIENT].calls:
        if kind == "data":
            assert {carried[position + index] for index in range(len(what))} == {at[0]}
            position += len(what)
        elif kind == "gap":
            assert at[0] == carried.get(position + what, at[0]), "the packet behind the hole"
            position += what


def test_a_late_packet_makes_many_bytes_readable() -> None:
    wire = Wire().handshake()
    wire.client(4, "def")
    wire.client(7, "ghi")
    wire.client(1, "abc")
    calls = [(what, at[0]) for _, what, at in wire.recorders[0][CLIENT].calls]
    assert calls == [(b"abc", 6), (b"def", 4), (b"ghi", 5)]


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
