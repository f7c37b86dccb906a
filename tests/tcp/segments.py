"""Random TCP conversations as an observer may see them, and the capture file that holds them.

A conversation is made by two endpoints that behave, and by everything that befalls them between there and
the capture point: loss, delay, duplication, restarts, clocks that go back. Every choice comes from one
`random.Random`, so the seed in a test's id replays it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from struct import pack

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MASK = 0xFFFF_FFFF
START_NS = 1_700_000_000_000_000_000

LENGTHS = (1, 1, 2, 10, 100, 536, 1460, 1460, 1460, 20_000)
STEPS_NS = (1_000, 50_000, 500_000, 2_900_000, 3_000_000, 10_000_000, 19_999_000, 25_000_000, 400_000_000)
INITIAL_SEQS = (0, 1, 1000, 0x7FFF_FF00, 0xFFFF_FC00, 0xFFFF_FFFE, MASK)
WINDOWS = (0, 1, 64, 1460, 4096, 29_200, 65_535)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as it went by. `side`: 0 sent the conversation's first one."""

    side: int
    seq: int
    ack: int
    flags: int
    window: int = 4096
    length: int = 0
    options: bytes = b""
    time_ns: int = START_NS


@dataclass(slots=True)
class _End:
    seq: int
    window: int
    scale: int
    acked: int = 0
    sent: list[tuple[int, int]] = field(default_factory=list)


class _Conversation:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.time_ns = START_NS + rng.randrange(10**9)
        self.segments: list[Segment] = []
        self.delayed: list[Segment] = []
        self.ends: tuple[_End, _End] = (self.endpoint(), self.endpoint())

    def endpoint(self) -> _End:
        rng = self.rng
        seq = rng.choice([*INITIAL_SEQS, rng.randrange(MASK)])
        return _End(seq, rng.choice(WINDOWS[1:]), rng.choice((-1, 0, 2, 7, 14, 20)))

    def emit(self, side: int, seq: int, ack: int, flags: int, length: int = 0, options: bytes = b"") -> None:
        self.time_ns += self.rng.choice(STEPS_NS)
        if self.rng.random() < 0.02:
            self.time_ns -= 30_000_000
        window = min(self.ends[side].window, 0xFFFF)
        segment = Segment(side, seq & MASK, ack & MASK, flags, window, length, options, self.time_ns)
        fate = self.rng.random()
        if fate < 0.05:
            return  # lost before the capture point
        if fate < 0.10:
            self.delayed.append(segment)
            return
        self.segments.append(segment)
        if fate < 0.14:
            self.segments.append(replace(segment, time_ns=self.time_ns + 10_000))
        if self.delayed and self.rng.random() < 0.3:
            late = self.delayed.pop(self.rng.randrange(len(self.delayed)))
            self.segments.append(replace(late, time_ns=self.time_ns + 20_000))

    def handshake(self) -> None:
        client, server = self.ends
        self.emit(0, client.seq, 0, SYN, options=_scale_option(client.scale))
        if self.rng.random() < 0.1:  # refused, and tried again
            self.emit(1, self.rng.choice((0, server.seq)), client.seq + 1, RST | ACK)
            self.emit(0, client.seq, 0, SYN, options=_scale_option(client.scale))
        self.emit(1, server.seq, client.seq + 1, SYN | ACK, options=_scale_option(server.scale))
        client.seq, server.seq = (client.seq + 1) & MASK, (server.seq + 1) & MASK
        client.acked, server.acked = server.seq, client.seq
        self.emit(0, client.seq, server.seq, ACK)

    def data(self, side: int) -> None:
        end = self.ends[side]
        for _ in range(self.rng.randrange(1, 5)):
            length = self.rng.choice(LENGTHS)
            self.emit(side, end.seq, end.acked, ACK | self.rng.choice((0, PSH)), length)
            end.sent.append((end.seq, length))
            end.seq = (end.seq + length) & MASK

    def fill_window(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        edge = peer.acked + (peer.window << (max(peer.scale, 0) if peer.scale <= 14 else 14))
        length = (edge - end.seq) & MASK
        if 0 < length <= 60_000:
            self.emit(side, end.seq, end.acked, ACK, length)
            end.sent.append((end.seq, length))
            end.seq = (end.seq + length) & MASK

    def send_again(self, side: int) -> None:
        end = self.ends[side]
        if not end.sent:
            return
        seq, length = self.rng.choice(end.sent[-8:])
        if self.rng.random() < 0.3:  # cut anew: part of it, or with its neighbours
            seq += self.rng.choice((0, length // 2, -1))
            length = max(1, length + self.rng.choice((-1, 1, 700)))
        self.emit(side, seq, end.acked, ACK, length)

    def acknowledge(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        end.acked = self.rng.choice((peer.seq, peer.seq, peer.seq, peer.seq + 100, peer.seq - 500)) & MASK
        if peer.sent and self.rng.random() < 0.3:
            end.acked = peer.sent[max(0, len(peer.sent) - 3)][0]
        self.emit(side, end.seq, end.acked, ACK, options=self.some_options())

    def acknowledge_again(self, side: int) -> None:
        end = self.ends[side]
        for _ in range(self.rng.randrange(1, 5)):
            self.emit(side, end.seq, end.acked, ACK, options=self.some_options())
        peer = self.ends[1 - side]
        if self.rng.random() < 0.5:
            self.emit(1 - side, end.acked, peer.acked, ACK, self.rng.choice(LENGTHS))

    def change_window(self, side: int) -> None:
        end = self.ends[side]
        end.window = self.rng.choice(WINDOWS)
        self.emit(side, end.seq, end.acked, ACK)

    def zero_window(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        end.window, end.acked = 0, peer.seq
        self.emit(side, end.seq, end.acked, ACK)
        for _ in range(self.rng.randrange(3)):
            self.emit(1 - side, peer.seq, peer.acked, ACK, 1)
            if self.rng.random() < 0.3:
                peer.seq = end.acked = (peer.seq + 1) & MASK
            self.emit(side, end.seq, end.acked, ACK)
        end.window = self.rng.choice(WINDOWS)
        self.emit(side, end.seq, end.acked, ACK)

    def keep_alive(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        for _ in range(self.rng.randrange(1, 3)):
            self.emit(side, end.seq - 1, end.acked, ACK, self.rng.randrange(2))
            self.emit(1 - side, peer.seq, peer.acked, ACK)

    def finish(self, side: int) -> None:
        end = self.ends[side]
        self.emit(side, end.seq, end.acked, FIN | ACK, self.rng.choice((0, 0, 0, 5)))
        end.seq = (end.seq + 1) & MASK

    def reset(self, side: int) -> None:
        end = self.ends[side]
        self.emit(side, end.seq, self.rng.choice((0, end.acked)), self.rng.choice((RST, RST | ACK)))

    def disturb(self, side: int) -> None:
        """Something no well-behaved endpoint sends."""
        rng, end = self.rng, self.ends[side]
        flags = rng.choice((0, ACK, ACK, PSH, FIN, RST, RST | ACK, SYN | ACK, SYN | FIN | ACK))
        seq = rng.choice((end.seq, end.seq - 1, end.seq + 1, end.seq + 5000, 0, end.seq ^ 0x8000_0000))
        ack = rng.choice((end.acked, end.acked + 1, 0, end.acked ^ 0x8000_0000))
        self.emit(side, seq, ack, flags, rng.choice((0, 0, 1, 2, 1460)), self.some_options())

    def some_options(self) -> bytes:
        rng, value = self.rng, self.rng.randrange(MASK)
        return rng.choice(
            (
                b"",
                b"",
                pack("!BBBBII", 1, 1, 8, 10, value, value),
                pack("!BBBBII", 1, 1, 5, 10, value, (value + 1460) & MASK),
                b"\x01\x03\x03\x05",
                b"\x03\x04\x05\x00",
                b"\xfd\x00\x01\x01",
            )
        )


def _scale_option(shift: int) -> bytes:
    return b"" if shift < 0 else bytes((1, 3, 3, shift))


def random_conversation(rng: random.Random, length: int = 60) -> list[Segment]:
    """About `length` segments of one 4-tuple, in the order they were captured; `side` 0 sent the first of
    them."""
    talk = _Conversation(rng)
    actions: tuple[tuple[Callable[[int], None], int], ...] = (
        (talk.data, 30),
        (talk.fill_window, 6),
        (talk.send_again, 14),
        (talk.acknowledge, 24),
        (talk.acknowledge_again, 12),
        (talk.change_window, 6),
        (talk.zero_window, 4),
        (talk.keep_alive, 5),
        (talk.finish, 1),
        (talk.reset, 1),
        (talk.disturb, rng.choice((0, 0, 5))),
    )
    if rng.random() < 0.75:
        talk.handshake()
    choices, weights = zip(*actions, strict=True)
    while len(talk.segments) < length:
        (action,) = rng.choices(choices, weights)
        action(rng.randrange(2))
    segments = talk.segments[: length + 20]
    if segments[0].side == 1:
        segments = [replace(segment, side=1 - segment.side) for segment in segments]
    return segments


def frame(segment: Segment, client_port: int, server_port: int = 9999) -> bytes:
    """The segment in Ethernet and IPv4; checksums are left 0, the payload is the letter x."""
    ports = (client_port, server_port) if segment.side == 0 else (server_port, client_port)
    addresses = (b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02")[:: 1 if segment.side == 0 else -1]
    options = segment.options + bytes(-len(segment.options) % 4)
    offset = (20 + len(options)) // 4 << 12
    total = 40 + len(options) + segment.length
    return b"".join(
        (
            bytes(12) + b"\x08\x00",
            pack("!BBHHHBBH4s4s", 0x45, 0, total, 0, 0, 64, 6, 0, *addresses),
            pack("!HHII", *ports, segment.seq, segment.ack),
            pack("!HHHH", offset | segment.flags, segment.window, 0, 0),
            options,
            b"x" * segment.length,
        )
    )


def capture(frames: Iterable[tuple[int, bytes]]) -> bytes:
    """A pcap file (nanoseconds) of (time in ns, frame), in that order."""
    parts = [pack("<IHHiIII", 0xA1B2_3C4D, 2, 4, 0, 0, 262_144, 1)]
    for time_ns, data in frames:
        parts.append(pack("<IIII", time_ns // 10**9, time_ns % 10**9, len(data), len(data)))
        parts.append(data)
    return b"".join(parts)
