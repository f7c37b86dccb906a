"""The hot path gives what the slow path gives, and the counters add up."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from httptrace.model import Frame
from httptrace.packets.decode import Decoder, Segment

SEEDS = pytest.mark.parametrize("seed", range(30), ids=lambda seed: f"seed-{seed}")

ETHERNET, RAW = 1, 101


class Received(NamedTuple):
    key: bytes
    seq: int
    ack: int
    flags: int
    payload: bytes
    length: int
    packet: int
    time_ns: int


def tcp(chance: random.Random, payload: bytes, options: int = 0, offset: int | None = None) -> bytes:
    words = 5 + options if offset is None else offset
    return (
        struct.pack(
            "!HHIIHHHH",
            chance.getrandbits(16),
            80,
            chance.getrandbits(32),
            chance.getrandbits(32),
            words << 12 | chance.getrandbits(9),
            chance.getrandbits(16),
            chance.getrandbits(16),
            0,
        )
        + b"\x01" * (4 * options)
        + payload
    )


def ipv4(chance: random.Random, segment: bytes, **odd: int) -> bytes:
    version = odd.get("version", 0x45)
    options = bytes(4 * max((version & 15) - 5, 0))
    total = odd.get("total", 20 + len(options) + len(segment))
    return (
        struct.pack(
            "!BBHHHBBH4s4s",
            version,
            0,
            total & 0xFFFF,
            chance.getrandbits(16),
            odd.get("fragment", chance.choice((0, 0x4000))),
            64,
            odd.get("protocol", 6),
            0,
            chance.randbytes(4),
            chance.randbytes(4),
        )
        + options
        + segment
    )


def a_frame(chance: random.Random) -> bytes:
    """Mostly the usual shape; else one thing about it is not usual."""
    payload = chance.randbytes(chance.choice((0, 0, 1, 6, 100, 1460)))
    segment = tcp(chance, payload, chance.choice((0, 3, 10)))
    ethernet, odd = bytes(12) + b"\x08\x00", {}
    match chance.randrange(14):
        case 0:
            ethernet = bytes(12) + struct.pack("!HHH", 0x8100, 5, 0x0800)
        case 1:
            odd["version"] = chance.choice((0x46, 0x4F, 0x44, 0x55))
        case 2:
            odd["fragment"] = chance.choice((0x2000, 0x0001, 0x8000, 0x4001))
        case 3:
            odd["protocol"] = chance.choice((17, 1, 58))
        case 4:
            odd["total"] = chance.choice((0, 10, 39, 20 + len(segment) - 1, 20 + len(segment) + 7))
        case 5:
            segment = tcp(chance, payload, offset=chance.choice((0, 4, 15)))
        case 6:
            ethernet = bytes(12) + chance.choice((b"\x86\xdd", b"\x08\x06", b"\x00\x40"))
    return ethernet + ipv4(chance, segment, **odd)


def some_frames(seed: int, count: int = 300) -> list[Frame]:
    """Frames at any place in their block, padded, cut by a snap length, or whole."""
    chance = random.Random(seed)
    frames: list[Frame] = []
    for number in range(count):
        data = a_frame(chance)
        wire_length = len(data)
        fate = chance.random()
        if fate < 0.2:
            data += chance.randbytes(chance.randint(1, 12))
            wire_length = len(data)
        elif fate < 0.4:
            data = data[: chance.randint(0, len(data))]
        before = chance.randbytes(chance.choice((0, 7)))
        block = before + data + chance.randbytes(9)
        link = ETHERNET if chance.random() < 0.95 else chance.choice((RAW, 113, 9999))
        frames.append((block, len(before), len(before) + len(data), wire_length, 1000 * number, link))
    return frames


def fast(frames: list[Frame]) -> tuple[Decoder, list[Received]]:
    decoder, received = Decoder(), []
    for _ in decoder.run(frames, lambda *segment: received.append(Received(*segment))):
        pass
    return decoder, received


def watched(frames: list[Frame]) -> tuple[Decoder, list[Received]]:
    decoder, received = Decoder(), []

    def watch(segment: Segment, packet: int, time_ns: int) -> None:
        key, seq, ack, bits, _, payload, length, _, _ = segment
        received.append(Received(key, seq, ack, bits & 0xFF, payload, length, packet, time_ns))

    for _ in decoder.watch(frames, watch):
        pass
    return decoder, received


@SEEDS
def test_the_fast_path_gives_what_the_slow_path_gives(seed: int) -> None:
    frames = some_frames(seed)
    (one, fast_ones), (other, slow_ones) = fast(frames), watched(frames)
    assert fast_ones == slow_ones
    for name in ("packets", "tcp_packets", "wire_bytes", "captured_bytes", "skipped"):
        assert getattr(one, name) == getattr(other, name), name


@SEEDS
def test_the_counters_add_up(seed: int) -> None:
    frames = some_frames(seed)
    decoder, received = fast(frames)
    assert decoder.packets == len(frames)
    assert decoder.tcp_packets == len(received)
    assert decoder.tcp_packets + decoder.skipped.total() == decoder.packets
    assert decoder.captured_bytes == sum(len(one.payload) for one in received)
    assert decoder.wire_bytes == sum(max(one.length, 0) for one in received)
    assert decoder.captured_bytes <= decoder.wire_bytes
    assert [one.packet for one in received] == sorted({one.packet for one in received})


@SEEDS
def test_a_payload_is_never_longer_than_its_packet_says(seed: int) -> None:
    _, received = fast(some_frames(seed))
    for one in received:
        assert len(one.payload) <= max(one.length, 0)
        assert type(one.payload) is bytes, "a view would pin its whole block"


def usual(payload: bytes = b"payload", **odd: int) -> bytes:
    chance = random.Random(7)
    return bytes(12) + b"\x08\x00" + ipv4(chance, tcp(chance, payload), **odd)


def frame(data: bytes, wire_length: int | None = None, link: int = ETHERNET) -> Frame:
    return data, 0, len(data), len(data) if wire_length is None else wire_length, 5, link


def test_padding_is_no_payload() -> None:
    _, (one,) = fast([frame(usual(b"") + bytes(6))])
    assert (one.payload, one.length) == (b"", 0)


@pytest.mark.parametrize("captured", range(54, 61))
def test_what_the_snap_length_cut_counts_by_the_header(captured: int) -> None:
    data = usual()
    _, (one,) = fast([frame(data[:captured], len(data))])
    assert (one.payload, one.length) == (b"payload"[: captured - 54], 7)


def test_a_total_of_zero_by_offload_means_what_is_there() -> None:
    _, (one,) = fast([frame(usual(b"x" * 100, total=0))])
    assert (one.payload, one.length) == (b"x" * 100, 100)


def test_a_header_that_is_longer_than_its_packet_gives_a_packet_without_bytes() -> None:
    chance = random.Random(1)
    data = bytes(12) + b"\x08\x00" + ipv4(chance, tcp(chance, b"abc", offset=15))
    decoder, (one,) = fast([frame(data)])
    assert (one.payload, one.length) == (b"", -1)
    assert decoder.wire_bytes == decoder.captured_bytes == 0


def test_numbers_go_on_over_several_runs() -> None:
    decoder, numbers = Decoder(), []
    for _ in range(3):
        for _ in decoder.run([frame(usual()), frame(b"")], lambda *segment: numbers.append(segment[6])):
            pass
    assert numbers == [1, 3, 5]
    assert (decoder.packets, decoder.tcp_packets, decoder.wire_bytes) == (6, 3, 21)


def test_what_was_decoded_before_a_damaged_record_is_counted() -> None:
    def damaged() -> Iterator[Frame]:
        yield frame(usual())
        yield frame(usual())
        raise OSError("cut short")

    decoder, received = Decoder(), []
    with pytest.raises(OSError, match="cut short"):
        list(decoder.run(damaged(), lambda *segment: received.append(segment)))
    assert (decoder.packets, decoder.tcp_packets, decoder.captured_bytes) == (2, 2, 14)


@pytest.mark.parametrize("count", [0, 1, 4_095, 4_096, 4_097, 10_000])
def test_the_caller_may_look_around_every_few_thousand_packets(count: int) -> None:
    frames = [frame(usual(b""))] * count
    for decoder, looks in (
        ((one := Decoder()), list(one.run(frames, lambda *_: None))),
        ((other := Decoder()), list(other.watch(frames, lambda segment, packet, time_ns: None))),
    ):
        assert looks[-1] == decoder.packets == decoder.tcp_packets == count
        assert max(b - a for a, b in zip([0, *looks], looks, strict=False)) <= 4_096


class Onlooker:
    def __init__(self) -> None:
        self.met: list[tuple[int, int, bool]] = []

    def unusual(self, block: bytes, start: int, end: int, wire_length: int, link: int, udp: bool) -> None:
        self.met.append((end - start, wire_length, udp))


def test_a_bystander_sees_what_is_not_of_the_usual_shape() -> None:
    onlooker = Onlooker()
    decoder, received = Decoder(onlooker), []
    datagram = usual(protocol=17)
    frames = [frame(usual()), frame(datagram), frame(usual()[:30], 61), frame(b"")]
    for _ in decoder.run(frames, lambda *segment: received.append(segment)):
        pass
    assert len(received) == 1
    assert onlooker.met == [(len(datagram), len(datagram), True), (30, 61, False), (0, 0, False)]
