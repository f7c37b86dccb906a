"""Datagrams in fragments: any order, any overlap, the same as a naive map of octets; and the bounds."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest
from scapy.layers.inet6 import IPv6ExtHdrFragment

from httptrace.limits import FRAGMENT_BYTES, FRAGMENT_DATAGRAMS, FRAGMENT_NS
from httptrace.packets.cursor import Found, Skipped
from httptrace.packets.fragments import Datagram, Fragments
from httptrace.packets.unusual import Unusual
from tests.packets import frames
from tests.packets.frames import KEY, KEY6, SEGMENT


def pieces(payload: bytes, size: int) -> list[tuple[int, bytes, bool]]:
    """(offset, octets, more fragments follow) of a payload in fragments of that size."""
    return [(at, payload[at : at + size], at + size < len(payload)) for at in range(0, len(payload), size)]


def fragment4(offset: int, octets: bytes, more: bool, identification: int = 77) -> bytes:
    return frames.ethernet(0x0800, frames.ipv4(octets, flags=int(more), frag=offset // 8, id=identification))


def fragment6(offset: int, octets: bytes, more: bool) -> bytes:
    header = IPv6ExtHdrFragment(nh=6, offset=offset // 8, m=int(more), id=77)
    return frames.ethernet(0x86DD, frames.ipv6(bytes(header) + octets, 44))


def find(unusual: Unusual, frame: bytes, wire_length: int | None = None) -> Found | Skipped:
    return unusual.find(1, frame, 0, len(frame), wire_length or len(frame), 0)


@pytest.mark.parametrize(("make", "key"), [(fragment4, KEY), (fragment6, KEY6)], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_fragment_that_completes_the_datagram_shows_the_segment(
    make: Callable[..., bytes], key: bytes, order: tuple[int, ...]
) -> None:
    parts = [make(*piece) for piece in pieces(SEGMENT, 16)]
    unusual = Unusual()
    results = [find(unusual, parts[index]) for index in order]
    assert results[:2] == [Skipped.FRAGMENT, Skipped.FRAGMENT]
    whole = results[2]
    assert isinstance(whole, Found)
    assert (whole.key, whole.length, whole.block[whole.tcp_at : whole.end]) == (key, len(SEGMENT), SEGMENT)
    assert (len(unusual.fragments), unusual.fragments.held, unusual.fragments.given_up) == (0, 0, 0)


def test_datagrams_of_other_identification_or_protocol_do_not_mix() -> None:
    unusual = Unusual()
    first, second, third = pieces(SEGMENT, 16)
    assert find(unusual, fragment4(*first)) is Skipped.FRAGMENT
    assert find(unusual, fragment4(*second, identification=78)) is Skipped.FRAGMENT
    assert find(unusual, fragment4(*third)) is Skipped.FRAGMENT
    other = frames.ethernet(0x0800, frames.ipv4(second[1], 17, flags=1, frag=2, id=77))
    assert find(unusual, other) is Skipped.FRAGMENT
    assert isinstance(find(unusual, fragment4(*second)), Found)


def test_a_fragmented_tunnel_with_fragments_inside() -> None:
    unusual = Unusual()
    results = []
    for number, inner in enumerate(pieces(SEGMENT, 24)):
        packet = frames.ipv4(inner[1], flags=int(inner[2]), frag=inner[0] // 8, id=5)
        for outside in pieces(b"\x00\x00\x08\x00" + packet, 32):
            carrier = frames.ipv4(outside[1], 47, flags=int(outside[2]), frag=outside[0] // 8, id=100 + number)
            results.append(find(unusual, frames.ethernet(0x0800, carrier)))
    assert all(result is Skipped.FRAGMENT for result in results[:-1])
    found = results[-1]
    assert isinstance(found, Found)
    assert found.block[found.tcp_at : found.end] == SEGMENT


@pytest.mark.parametrize("make", [fragment4, fragment6], ids=["ipv4", "ipv6"])
def test_a_fragment_cut_by_the_snap_length_is_read_as_it_stands(make: Callable[..., bytes]) -> None:
    unusual = Unusual()
    first, second = (make(*piece) for piece in pieces(SEGMENT, 24))
    found = find(unusual, first[:-2], len(first))
    assert isinstance(found, Found)
    assert (found.block[found.tcp_at : found.end], found.length) == (SEGMENT[:22], 24)
    assert find(unusual, second[:-2], len(second)) is Skipped.FRAGMENT
    assert len(unusual.fragments) == 0


def test_a_cut_fragment_without_a_length_is_not_taken_for_whole() -> None:
    unusual = Unusual()
    last = frames.ethernet(0x0800, frames.ipv4(SEGMENT[24:], len=0, frag=3, id=77))
    assert find(unusual, fragment4(0, SEGMENT[:24], True)) is Skipped.FRAGMENT
    assert find(unusual, last[:-2], len(last)) is Skipped.FRAGMENT
    assert isinstance(find(unusual, last), Found)


@pytest.mark.parametrize("seed", range(60))
def test_a_datagram_is_a_naive_map_of_octets(seed: int) -> None:
    generator = random.Random(seed)
    length = generator.randrange(1, 400)
    datagram, naive = Datagram(0), dict[int, int]()
    last_sent = False
    for _ in range(200):
        start = generator.randrange(0, length, generator.choice((1, 8)))
        end = min(length, start + generator.choice((1, 7, 8, 16, 64, 200)))
        octets = generator.randbytes(end - start)
        datagram.add(start, octets, more=end < length)
        last_sent |= end == length
        for place, octet in enumerate(octets, start):
            naive.setdefault(place, octet)  # the first copy wins
        ranges = list(zip(datagram.starts, datagram.ends, strict=True))
        assert ranges == sorted(ranges)
        assert all(before < after for (_, before), (after, _) in itertools.pairwise(ranges))
        assert {place for begin, stop in ranges for place in range(begin, stop)} == set(naive)
        whole = datagram.whole()
        if last_sent and len(naive) == length:
            assert whole == bytes(naive[place] for place in range(length))
            return
        assert whole is None


def test_the_first_copy_of_an_octet_wins() -> None:
    store = Fragments()
    assert store.add(b"k", 8, b"B" * 16, True, 0) is None
    assert store.add(b"k", 0, b"A" * 16, True, 0) is None
    assert store.add(b"k", 16, b"C" * 16, False, 0) == b"A" * 8 + b"B" * 16 + b"C" * 8


def test_a_datagram_that_takes_too_long_is_given_up() -> None:
    store = Fragments()
    store.add(b"k", 0, bytes(8), True, 0)
    assert store.add(b"k", 8, bytes(8), False, FRAGMENT_NS + 1) is None
    assert (store.given_up, len(store), store.held) == (1, 1, 16)


def test_the_oldest_datagram_makes_room() -> None:
    store = Fragments()
    for number in range(FRAGMENT_DATAGRAMS + 3):
        store.add(number.to_bytes(4, "big"), 0, bytes(8), True, number)
    assert (len(store), store.given_up) == (FRAGMENT_DATAGRAMS, 3)
    assert store.add((0).to_bytes(4, "big"), 8, bytes(8), False, 0) is None
    assert store.add((9).to_bytes(4, "big"), 8, bytes(8), False, 0) == bytes(16)


def test_octets_that_stand_far_out_count_in_full() -> None:
    store = Fragments()
    for number in range(2 * FRAGMENT_BYTES // 65536):
        store.add(number.to_bytes(4, "big"), 65528, bytes(8), True, 0)
        assert store.held <= FRAGMENT_BYTES
    assert store.given_up > 0


def test_many_tiny_fragments_cost_in_proportion() -> None:
    """Counted in ranges looked at: twice the fragments, at most 2.5 times the work."""

    def work(count: int) -> int:
        datagram = Datagram(0)
        for index in range(count):
            datagram.add(16 * index, bytes(8), True)
        datagram.starts, datagram.ends = Counted(datagram.starts), Counted(datagram.ends)
        Counted.looked = 0
        for index in range(count):
            datagram.add(16 * index, bytes(8), True)
        for _ in range(4):
            datagram.add(0, bytes(16 * count), True)
        assert Counted.looked > count
        return Counted.looked

    assert work(2000) <= 2.5 * work(1000)


class Counted(list[int]):
    """A list that counts how many of its items were looked at, by bisection or by index."""

    looked = 0

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        Counted.looked += 1
        return super().__getitem__(index)
