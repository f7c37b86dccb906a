"""Two streams of bytes as the segments of one TCP connection, in the order in which they pass the capture
point."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from httptrace.model import Direction

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
LETTERS = ((CWR, "C"), (ECE, "E"), (URG, "U"), (ACK, "A"), (PSH, "P"), (RST, "R"), (SYN, "S"), (FIN, "F"))
MS = 1_000_000


@dataclass(slots=True, eq=False)
class Segment:
    """One segment. `seq` and `ack` count from the side's SYN (0) and do not wrap; they wrap when they are
    written.

    `number` is given by the capture: the packet that carries it (the fragment that completes it).
    """

    time_ns: int
    sender: Direction
    seq: int
    ack: int | None
    flags: int
    payload: bytes = b""
    window: int = 64240
    options: bytes = b""
    number: int = 0
    filler: bool = False  # a keep-alive's byte, which is none of the stream's
    kept: int | None = None  # payload bytes that the snap length left, None: all

    @property
    def letters(self) -> str:
        return "".join(letter for bit, letter in LETTERS if self.flags & bit)

    @property
    def captured(self) -> bytes:
        """The payload as far as it was captured."""
        return self.payload if self.kept is None else self.payload[: self.kept]

    @property
    def end(self) -> int:
        """The sequence number behind it; SYN and FIN use one each (RFC 9293 §3.4)."""
        return self.seq + len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)

    def copy(self, **changes: object) -> Segment:
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(slots=True)
class Manner:
    """How the two ends behave. `isn` per side; `closing`: fin, half (only the client), late-half (the
    client first, then the server speaks on), rst, none. `ack_every`: a receiver confirms every so many
    segments, 0: only at the end of a turn."""

    isn: tuple[int, int] = (1_000_000, 2_000_000)
    mss: int = 1460
    ragged: bool = False  # segments of any size up to mss
    ack_every: int = 2
    rtt_ns: int = 20 * MS
    start_ns: int = 1_700_000_000 * 1_000_000_000
    closing: str = "fin"
    opening: bool = True
    timestamps: bool = False
    scale: int | None = 7  # of the window, None: the option is not sent
    ack_turns: bool = True
    closer: Direction | None = None  # who sends the first FIN; None: by chance


class Speaker:
    """Writes down what passes the capture point, keeping what each side has sent and has been told."""

    def __init__(self, manner: Manner, chance: random.Random) -> None:
        self.manner = manner
        self.chance = chance
        self.time_ns = manner.start_ns
        self.next = [0, 0]
        self.segments: list[Segment] = []
        self.acked = [0, 0]  # what of each side the other has confirmed

    def wait(self, nanoseconds: int) -> None:
        self.time_ns += nanoseconds

    def options(self, syn: bool) -> bytes:
        out = b""
        if syn:
            out += b"\x02\x04" + self.manner.mss.to_bytes(2, "big") + b"\x04\x02\x01\x01"
            if self.manner.scale is not None:
                out += b"\x01\x03\x03" + bytes((self.manner.scale,))
        if self.manner.timestamps:
            ticks = (self.time_ns // MS) & 0xFFFF_FFFF
            out += b"\x01\x01\x08\x0a" + ticks.to_bytes(4, "big") + b"\x00\x00\x00\x07"
        return out

    def send(self, sender: Direction, flags: int, payload: bytes = b"", *, ack: bool = True) -> Segment:
        other = 1 - sender
        if ack:
            self.acked[other] = self.next[other]
        segment = Segment(
            self.time_ns,
            sender,
            self.next[sender],
            self.acked[other] if ack else None,
            flags | (ACK if ack else 0),
            payload,
            window=64240 if flags & SYN or self.manner.scale is None else 501,
            options=self.options(bool(flags & SYN)),
        )
        self.next[sender] = segment.end
        self.segments.append(segment)
        self.wait(self.chance.randint(5_000, 60_000))
        return segment

    def open(self) -> None:
        self.send(CLIENT, SYN, ack=False)
        self.wait(self.manner.rtt_ns // 2)
        self.send(SERVER, SYN)
        self.wait(self.manner.rtt_ns // 2)
        self.send(CLIENT, 0)

    def turn(self, sender: Direction, pieces: list[bytes]) -> None:
        other = Direction(1 - sender)
        for count, piece in enumerate(pieces, 1):
            self.send(sender, PSH if count == len(pieces) else 0, piece)
            if self.manner.ack_every and count % self.manner.ack_every == 0 and count < len(pieces):
                self.wait(100_000)
                self.send(other, 0)
        self.wait(self.manner.rtt_ns // 2)
        if self.manner.ack_turns and self.chance.random() < 0.5:
            self.send(other, 0)
            self.wait(self.chance.randint(MS, 30 * MS))

    def cut(self, data: bytes) -> list[bytes]:
        """The data in pieces of one segment each."""
        if not self.manner.ragged:
            return [data[at : at + self.manner.mss] for at in range(0, len(data), self.manner.mss)]
        pieces, at = [], 0
        while at < len(data):
            size = self.chance.choice((self.manner.mss, self.chance.randint(1, self.manner.mss)))
            if len(data) < 600 and self.chance.random() < 0.3:
                size = self.chance.randint(1, 3)
            pieces.append(data[at : at + size])
            at += size
        return pieces

    def close(self, closing: str) -> None:
        first = self.manner.closer
        if first is None:
            first = CLIENT if self.chance.random() < 0.3 else SERVER
        second = Direction(1 - first)
        if closing in ("fin", "half", "rst"):
            for sender in (CLIENT, SERVER):
                if self.acked[1 - sender] < self.next[1 - sender]:
                    self.send(sender, 0)
        if closing == "fin":
            self.send(first, FIN)
            self.wait(self.manner.rtt_ns // 2)
            self.send(second, FIN)
            self.wait(self.manner.rtt_ns // 2)
            self.send(first, 0)
        elif closing == "half":
            self.send(CLIENT, FIN)
            self.wait(self.manner.rtt_ns // 2)
            self.send(SERVER, 0)
        elif closing == "rst":
            self.send(second, RST)


def speak(
    turns: Sequence[tuple[Direction, list[bytes] | bytes]], manner: Manner, chance: random.Random
) -> list[Segment]:
    """The segments of a connection on which the turns are said; a turn given as a list is cut as it is."""
    speaker = Speaker(manner, chance)
    if manner.opening:
        speaker.open()
    else:
        speaker.next, speaker.acked = [1, 1], [1, 1]
    last_of_client = max((at for at, (who, _) in enumerate(turns) if who is CLIENT), default=-1)
    for at, (sender, data) in enumerate(turns):
        speaker.turn(sender, data if isinstance(data, list) else speaker.cut(data))
        if manner.closing == "late-half" and at == last_of_client:
            speaker.send(CLIENT, FIN)
            speaker.send(SERVER, 0)
    if manner.closing == "late-half":
        speaker.send(CLIENT, 0)
        speaker.send(SERVER, FIN)
        speaker.send(CLIENT, 0)
    else:
        speaker.close(manner.closing)
    return speaker.segments
