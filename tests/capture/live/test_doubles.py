"""Doubles: a packet on its second interface is not a retransmission, and a retransmission is no double."""

from __future__ import annotations

import random

import pytest

from httptrace.capture.live.doubles import Doubles
from httptrace.limits import DOUBLE_NS, DOUBLES
from tests.capture.live.test_filters import ipv4, ipv6

MS = 1_000_000


def segment(seq=1, ack=2, address=ipv4, **options):
    whole = bytearray(address(**options))
    at = 20 if address is ipv4 else 40
    whole[at + 4 : at + 12] = seq.to_bytes(4, "big") + ack.to_bytes(4, "big")
    return bytes(whole)


def told(*packets):
    """Which of these (packet, time in ms, interface) are doubles."""
    doubles = Doubles()
    return [doubles.seen(packet, 0, round(time * MS), 101, interface) for packet, time, interface in packets]


@pytest.mark.parametrize("address", [ipv4, ipv6])
def test_the_second_interface_within_five_ms(address):
    one = segment(address=address)
    assert told((one, 0, 1), (one, 0.1, 2), (one, 4.9, 3)) == [False, True, True]


def test_the_same_interface_is_a_retransmission():
    one = segment()
    assert told((one, 0, 1), (one, 1, 1), (one, 1.1, 2)) == [False, False, True]


def test_each_of_two_copies_has_its_double():
    one = segment()
    assert told((one, 0, 1), (one, 0, 2), (one, 3, 1), (one, 3, 2)) == [False, True, False, True]


def test_later_than_five_ms_is_another_packet():
    one = segment()
    assert told((one, 0, 1), (one, 5.1, 2)) == [False, False]


@pytest.mark.parametrize("step", [3_600_000, -3_600_000], ids=["on", "back"])
def test_a_clock_that_is_set(step):
    one = segment()
    times = [(one, 10_000_000, 1), (one, 10_000_000 + step, 2), (one, 10_000_000 + step + 1, 1)]
    assert told(*times) == [False, False, True]


def test_another_number_is_another_packet():
    packets = [(segment(seq=1), 0, 1), (segment(seq=2), 0, 2), (segment(ack=9), 0, 2), (segment(ports=(5, 6)), 0, 2)]
    assert told(*packets) == [False] * 4


def test_what_is_rewritten_on_the_way_does_not_count():
    one = segment()
    routed = bytearray(one)
    routed[8] -= 1  # time to live
    routed[10:12] = b"\xaa\xbb"  # the header's checksum
    routed[36:38] = b"\xcc\xdd"  # TCP's
    assert told((one, 0, 1), (bytes(routed), 0, 2)) == [False, True]


def test_behind_another_link_layer():
    doubles = Doubles()
    frame = bytes(range(14)) + segment()
    other = bytes(14) + segment()
    assert [doubles.seen(frame, 0, 0, 1, 1), doubles.seen(other, 0, 0, 1, 2)] == [False, True]


@pytest.mark.parametrize("seed", range(5))
def test_a_stream_on_two_interfaces_is_counted_once(seed):
    source = random.Random(seed)
    doubles = Doubles()
    passed = 0
    for number in range(20_000):
        time_ns = number * 10_000
        one = segment(seq=number)
        order = [1, 2]
        source.shuffle(order)
        passed += sum(not doubles.seen(one, 0, time_ns + delay, 101, way) for delay, way in enumerate(order))
    assert (passed, doubles.count) == (20_000, 20_000)


def test_memory_is_bounded_whatever_comes_within_the_time():
    doubles, one = Doubles(), bytearray(segment())
    for number in range(3 * DOUBLES):
        one[24:28] = number.to_bytes(4, "big")
        doubles.seen(bytes(one), 0, number % DOUBLE_NS, 101, 1)
    assert len(doubles._now) + len(doubles._before) <= DOUBLES


def test_packets_too_short_for_a_header():
    assert told((b"\x45", 0, 1), (b"\x60" * 12, 0, 1), (b"\x00", 0, 2)) == [False, False, False]
