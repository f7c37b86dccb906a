"""Packets without a link layer take a short way of their own: it must say what the long one says."""

from __future__ import annotations

import random

import pytest

from httptrace.packets.decode import Decoder
from tests.build import conversation, get, ok

ETHERNET, RAW = 1, 101


def received(frames) -> list[tuple]:
    found: list[tuple] = []
    decoder = Decoder()
    for _ in decoder.run(frames, lambda *segment: found.append(segment)):
        pass
    counts = decoder.packets, decoder.tcp_packets, decoder.wire_bytes, decoder.captured_bytes, dict(decoder.skipped)
    return [*found, counts]


def the_long_way(frames) -> list[tuple]:
    found: list[tuple] = []
    decoder = Decoder()
    for number, frame in enumerate(frames, 1):
        segment = decoder.unusual(*frame)
        if segment is not None:
            found.append(
                (
                    *(segment.key, segment.seq, segment.ack, segment.bits & 0xFF),
                    *(segment.payload, segment.length, number, frame[4]),
                )
            )
    return found


def raw_frames():
    """A conversation without its Ethernet headers."""
    made = conversation(get("/a"), ok(b"x" * 4000), get("/b"), ok(b"y"))
    return [
        (block, start + 14, end, length - 14, time, RAW) for block, start, end, length, time, _link in made.frames()
    ]


def test_with_and_without_ethernet_it_is_the_same():
    made = conversation(get("/a"), ok(b"x" * 4000), get("/b"), ok(b"y"))
    assert {frame[5] for frame in made.frames()} == {ETHERNET}
    assert received(raw_frames()) == received(made.frames())


@pytest.mark.parametrize("seed", range(30))
def test_a_bent_packet_is_read_as_the_long_way_reads_it(seed):
    source = random.Random(seed)
    bent = []
    for block, start, end, length, time, link in raw_frames():
        packet = bytearray(block[start:end])
        for _ in range(source.randrange(3)):
            packet[source.randrange(min(40, len(packet)))] = source.randrange(256)
        cut = source.choice([len(packet), source.randrange(len(packet) + 1)])
        bent.append((bytes(packet[:cut]), 0, cut, length, time, link))
    *segments, _counts = received(bent)
    assert segments == the_long_way(bent)


def test_behind_an_offset_in_a_larger_block():
    frames = raw_frames()
    moved = []
    for block, start, end, length, time, link in frames:
        moved.append((bytes(1000) + block[start:end] + bytes(50), 1000, 1000 + end - start, length, time, link))
    assert received(moved) == received(frames)
