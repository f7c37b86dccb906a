"""Holes: when they are given up, what counts as missing, and bytes that come too late."""

from __future__ import annotations

import pytest

from httptrace import limits
from httptrace.limits import Bounds
from httptrace.model import End
from tests.tcp.wire import ACK, CLIENT, FIN, SERVER, SYN, Wire

FIN_END, CAPTURE = End.FIN, End.CAPTURE


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


@pytest.mark.parametrize(("ms", "given_up"), [(249, False), (250, True)])
def test_whoever_s_packet_brings_the_time_ends_the_grace(ms: float, given_up: bool) -> None:
    """A connection that lost a packet shortly before its end has no packets of its own any more."""
    wire = hole()
    wire.client(1, port=50_000, ms=ms)
    assert wire.said(CLIENT) == ([b"abc", 3, b"ghi"] if given_up else [b"abc"])
    assert wire.tracker.held == (0 if given_up else 3)


def test_each_hole_has_a_grace_of_its_own() -> None:
    wire = hole()
    wire.client(13, "mno", ms=100)
    wire.server(1, ack=16)
    wire.client(4, "def")
    wire.client(1, port=50_000, ms=200)  # the first hole was filled meanwhile
    assert wire.said(CLIENT) == [b"abcdefghi"]
    wire.client(2, port=50_000, ms=50)
    assert wire.said(CLIENT) == [b"abcdefghi", 3, b"mno"]


def test_where_a_clock_is_set_back_the_grace_ends_when_the_time_comes_again() -> None:
    wire = hole()
    wire.client(1, port=50_000, ms=-3_000)
    assert wire.said(CLIENT) == [b"abc"]
    wire.client(2, port=50_000, ms=3_000 + 250)
    assert wire.said(CLIENT) == [b"abc", 3, b"ghi"]


def test_graces_of_connections_that_are_gone_are_not_kept() -> None:
    wire = Wire()
    for isn in range(1_000, 5_000_000, 1_000):  # each takes the ports of the one before it, all at one time
        wire.handshake(isn=(isn, isn), ms=0)
        wire.client(4, "def", isn=(isn, isn), ms=0)
        wire.server(1, ack=7, isn=(isn, isn), ms=0)
    assert len(wire.finished) == 4_998
    assert len(wire.tracker.acknowledged) == 1
    assert len(wire.tracker._graces) <= 1_026


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


def test_the_store_of_a_connection_is_bounded() -> None:
    wire = Wire(bounds=Bounds(out_of_order_each=1000)).handshake()
    for place in range(1, 40):
        wire.client(1 + 100 * place, b"x" * 100)
        assert wire.tracker.held <= 1000
    assert wire.said(CLIENT)[0] == 100
    assert wire.tracker.store_full == 1
    assert wire.finish().half(CLIENT).bytes == 3900


def test_the_store_of_all_connections_is_bounded() -> None:
    wire = Wire(bounds=Bounds(out_of_order=1000))
    for port in range(30):
        wire.client(0, flags=SYN, port=port)
        wire.client(50, b"x" * 100, port=port)
        assert wire.tracker.held <= 1000
    wire.finish()
    assert wire.tracker.held == 0
    assert sum(connection.sides[0].bytes for connection in wire.connections) == 3000


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


def test_a_hole_of_a_silent_connection_is_given_up_by_time() -> None:
    """Live nobody knows when its next packet comes."""
    wire = hole(acked=10)
    acknowledged = wire.time_ns
    wire.tracker.pass_time(acknowledged + limits.GRACE_NS - 1)
    assert wire.said(CLIENT) == [b"abc"]
    wire.tracker.pass_time(acknowledged + limits.GRACE_NS)
    assert wire.said(CLIENT) == [b"abc", 3, b"ghi"]
    assert not wire.tracker.acknowledged
    wire.client(10, "jkl", ms=1_000)
    assert wire.said(CLIENT) == [b"abc", 3, b"ghijkl"]


def test_time_gives_up_no_hole_that_nobody_acknowledged() -> None:
    wire = hole(acked=4)
    wire.tracker.pass_time(wire.time_ns + 100 * limits.GRACE_NS)
    assert wire.said(CLIENT) == [b"abc"]


def test_a_close_behind_a_hole_comes_with_the_time_as_well() -> None:
    wire = hole(acked=10)
    wire.client(10, flags=FIN | ACK)
    wire.server(1, flags=FIN | ACK, ack=11)
    wire.client(11, ack=2)
    wire.tracker.pass_time(wire.time_ns + limits.GRACE_NS)
    assert wire.said(CLIENT) == [b"abc", 3, b"ghi", FIN_END]
    assert wire.tracker.open_connections == 0
