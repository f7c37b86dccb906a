"""What the tests of this folder share: pcapng blocks, sample packets, and how frames are looked at."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable
from pathlib import Path

from httptrace.capture.open import open_capture
from httptrace.capture.write import write_pcap
from httptrace.errors import CaptureError
from httptrace.model import Frame

SECOND = 1_000_000_000
BEGIN = 1_700_000_000 * SECOND

#: What tests compare of a frame: its bytes, length on the wire, time and link type.
Seen = tuple[bytes, int, int, int]


def seen(frame: Frame) -> Seen:
    block, start, end, wire, time_ns, link_type = frame
    assert type(block) is bytes
    return block[start:end], wire, time_ns, link_type


def read(path: Path | str) -> list[Seen]:
    with open_capture(str(path)) as capture:
        return [seen(frame) for frame in capture.frames()]


def read_to_damage(path: Path | str) -> tuple[list[Seen], CaptureError | None]:
    """What a capture gives, and the damage that ends it."""
    frames: list[Seen] = []
    with open_capture(str(path)) as capture:
        try:
            frames.extend(map(seen, capture.frames()))
        except CaptureError as error:
            return frames, error
    return frames, None


def sample_packets(count: int, seed: int = 1, longest: int = 200) -> list[tuple[int, bytes]]:
    """Packets of random length and content, a tenth of a second apart."""
    rng = random.Random(seed)
    return [(BEGIN + at * SECOND // 10, rng.randbytes(rng.randint(0, longest))) for at in range(count)]


def as_seen(packets: Iterable[tuple[int, bytes]], link_type: int = 1) -> list[Seen]:
    return [(packet, len(packet), time_ns, link_type) for time_ns, packet in packets]


def save(path: Path, packets: Iterable[tuple[int, bytes]], link_type: int = 1) -> str:
    write_pcap(str(path), link_type, packets)
    return str(path)


class Section:
    """Builds pcapng blocks in one byte order (draft-ietf-opsawg-pcapng §3 and §4)."""

    def __init__(self, order: str = "<") -> None:
        self.order = order

    def pack(self, layout: str, *values: int) -> bytes:
        return struct.pack(self.order + layout, *values)

    def block(self, kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        length = self.pack("I", len(body) + 12)
        return self.pack("I", kind) + length + body + length

    def options(self, options: dict[int, bytes]) -> bytes:
        if not options:
            return b""
        packed = [self.pack("HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in options.items()]
        return b"".join(packed) + self.pack("HH", 0, 0)

    def header(self, options: dict[int, bytes] | None = None) -> bytes:
        return self.block(0x0A0D0D0A, self.pack("IHHq", 0x1A2B3C4D, 1, 0, -1) + self.options(options or {}))

    def interface(self, link_type: int = 1, snap_length: int = 0, options: dict[int, bytes] | None = None) -> bytes:
        return self.block(1, self.pack("HHI", link_type, 0, snap_length) + self.options(options or {}))

    def enhanced(
        self,
        ticks: int,
        packet: bytes,
        interface: int = 0,
        wire: int | None = None,
        options: dict[int, bytes] | None = None,
    ) -> bytes:
        head = self.pack(
            "IIIII",
            interface,
            ticks >> 32,
            ticks & 0xFFFFFFFF,
            len(packet),
            len(packet) if wire is None else wire,
        )
        return self.block(6, head + packet + bytes(-len(packet) % 4) + self.options(options or {}))

    def obsolete(self, ticks: int, packet: bytes, interface: int = 0, wire: int | None = None) -> bytes:
        head = self.pack("HHII", interface, 7, ticks >> 32, ticks & 0xFFFFFFFF)
        return self.block(2, head + self.pack("II", len(packet), len(packet) if wire is None else wire) + packet)

    def simple(self, packet: bytes, wire: int | None = None) -> bytes:
        return self.block(3, self.pack("I", len(packet) if wire is None else wire) + packet)

    def statistics(self, interface: int, dropped: int) -> bytes:
        return self.block(
            5,
            self.pack("III", interface, 0, 0) + self.options({4: self.pack("Q", 99), 5: self.pack("Q", dropped)}),
        )

    def names(self) -> bytes:
        record = b"\x7f\x00\x00\x01localhost\x00"
        return self.block(4, self.pack("HH", 1, len(record)) + record + bytes(-len(record) % 4) + self.pack("HH", 0, 0))

    def secrets(self, content: bytes, kind: int = 0x544C534B) -> bytes:
        return self.block(10, self.pack("II", kind, len(content)) + content)

    def custom(self, content: bytes = b"whatever") -> bytes:
        return self.block(0xBAD, self.pack("I", 32473) + content)


def mixed_pcapng(order: str = "<") -> bytes:
    """A small file with every kind of block; packets come as four different blocks."""
    section = Section(order)
    ticks = BEGIN // 1000
    return b"".join(
        [
            section.header({4: b"httptrace"}),
            section.secrets(b"CLIENT_RANDOM 00 11\n"),
            section.interface(1, 65_535, {2: b"eth0"}),
            section.enhanced(ticks, b"first", options={1: b"a comment"}),
            section.names(),
            section.simple(b"second!!"),
            section.custom(),
            section.obsolete(ticks + 5, b"third"),
            section.block(0x7777, b"unknown block"),
            section.enhanced(ticks + 9, b"", wire=60),
            section.statistics(0, 3),
        ]
    )


def mutate(seed: int, content: bytes) -> bytes:
    """`content` with a few bytes changed, removed, doubled, or cut off."""
    rng = random.Random(seed)
    mutated = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(mutated))
        length = rng.randint(1, 8)
        change = rng.randrange(4)
        if change == 0:
            mutated[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
        elif change == 1 and len(mutated) > 40:
            del mutated[at : at + length]
        elif change == 2:
            mutated[at:at] = mutated[at : at + length]
        else:
            mutated[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x7f", b"\x7f\xff\xff\xff"))
    return bytes(mutated)
