"""A conversation for a test in one line.

    conversation(get("/a"), ok(b"hello"))                        packets 1-3 open, 4 asks, 5 answers
    conversation(get("/a"), [head(), lost(b"x" * 9), b"y" * 9])  a turn in pieces; one was not captured
    conversation(get("/a"), ok(b"z" * 5000), drop=[6], swap=[(7, 8)], repeat=[4], isn=(0xFFFFFF00, 7))

Turns alternate, the client's first; an empty one lets the other side go on. There are no acknowledgements
of their own between the turns unless `ack_every` asks for them, so packets are easy to count: 1 to 3 the
handshake, then a packet a segment, then the confirmation of what is still unconfirmed, then FIN, FIN, ACK.
The numbers that `drop`, `swap`, `repeat`, `begin` and `stop` take are those of the undisturbed capture."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from httptrace.model import Direction, Frame
from tests.generate import write
from tests.generate.conversation import START_NS, Batch, Conversation
from tests.generate.faults import in_time
from tests.generate.link import Path as Way
from tests.generate.message import Dialogue
from tests.generate.tcp import ACK, CLIENT, FIN, PSH, RST, SERVER, SYN, Manner, Segment, speak

__all__ = [
    "ACK",
    "CLIENT",
    "FIN",
    "PSH",
    "RST",
    "SERVER",
    "SYN",
    "Capture",
    "Lost",
    "Segment",
    "chunked",
    "conversation",
    "get",
    "head",
    "lost",
    "ok",
    "post",
    "segment",
    "together",
]

Text = bytes | str


class Lost(bytes):
    """A piece that was sent, acknowledged and never captured."""


def lost(piece: Text) -> Lost:
    return Lost(as_bytes(piece))


def as_bytes(text: Text) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


def lines(start: str, fields: dict[str, object]) -> bytes:
    return "".join([f"{start}\r\n", *(f"{name}: {value}\r\n" for name, value in fields.items()), "\r\n"]).encode(
        "latin-1"
    )


def named(fields: dict[str, object]) -> dict[str, object]:
    """Keyword arguments as field names: content_type is Content-Type."""
    return {name.replace("_", "-").title(): value for name, value in fields.items()}


def get(target: str = "/", method: str = "GET", version: str = "HTTP/1.1", **fields: object) -> bytes:
    """A request without a body."""
    return lines(f"{method} {target} {version}", {"Host": "a.example", **named(fields)})


def post(target: str, body: Text, method: str = "POST", **fields: object) -> bytes:
    body = as_bytes(body)
    return (
        lines(f"{method} {target} HTTP/1.1", {"Host": "a.example", "Content-Length": len(body), **named(fields)}) + body
    )


def head(status: str = "200 OK", version: str = "HTTP/1.1", **fields: object) -> bytes:
    """The head of a response, with no field but those given."""
    return lines(f"{version} {status}", named(fields))


def ok(body: Text = b"", status: str = "200 OK", **fields: object) -> bytes:
    """A response with a body of known length."""
    body = as_bytes(body)
    return lines(f"HTTP/1.1 {status}", {"Content-Length": len(body), **named(fields)}) + body


def chunked(*chunks: Text, trailers: Text = b"") -> bytes:
    """A chunked body (RFC 9112 §7.1), the last chunk included."""
    pieces = [as_bytes(chunk) for chunk in chunks]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + as_bytes(trailers) + b"\r\n"


def segment(
    sender: Direction, seq: int, payload: Text = b"", flags: int = ACK, ack: int | None = 1, **more: object
) -> Segment:
    """A segment to `insert`; `seq` and `ack` are relative, the first byte of a side is 1."""
    made = Segment(0, sender, seq, ack if flags & ACK else None, flags, as_bytes(payload))
    return made.copy(**more)


@dataclass(slots=True)
class Capture:
    """One or more conversations as they were captured."""

    batch: Batch

    @property
    def records(self) -> list[write.Record]:
        return self.batch.records

    @property
    def segments(self) -> list[Segment]:
        """What was captured, in capture order; `number` is the packet's."""
        found = [each for made in self.batch.conversations for each in made.captured]
        return sorted(found, key=lambda each: each.number)

    def frames(self) -> list[Frame]:
        """The packets as the decoder takes them."""
        return [
            (record.data, 0, len(record.data), record.length, record.time_ns, record.link_type)
            for record in self.records
        ]

    def pcap(self) -> bytes:
        return write.pcap(self.records, nanoseconds=True)

    def save(self, path: Path) -> Path:
        """Write it (pcapng where the name says so, else pcap with nanoseconds)."""
        path.write_bytes(write.pcapng(self.records) if path.suffix == ".pcapng" else self.pcap())
        return path


def conversation(
    *turns: Text | Sequence[Text],
    drop: Iterable[int] = (),
    swap: Iterable[tuple[int, int]] = (),
    repeat: Iterable[int] = (),
    insert: Iterable[tuple[int, Segment]] = (),
    begin: int = 1,
    stop: int | None = None,
    only: Direction | None = None,
    snap: int | None = None,
    isn: tuple[int, int] = (1_000_000, 2_000_000),
    mss: int = 1460,
    opening: bool = True,
    closing: str = "fin",
    closer: Direction = SERVER,
    ack_every: int = 0,
    scale: int | None = 7,
    rtt_ns: int = 20_000_000,
    start_ns: int = START_NS,
    client: tuple[str, int] = ("192.0.2.1", 40000),
    server: tuple[str, int] = ("198.51.100.1", 80),
    link: str = "ethernet",
    tunnel: str = "none",
    network: str = "plain",
) -> Capture:
    """One connection on which the turns are said, then disturbed: `repeat` first, then `insert` (behind
    that packet), `swap`, `drop`, and what `begin`, `stop`, `only` and `snap` leave of it.

    `closing` is fin, half (the client's only), late-half (the client's after its last turn), rst or none.
    """
    spoken: list[tuple[Direction, list[bytes] | bytes]] = []
    gone, sides = set(), [1, 1]
    for count, turn in enumerate(turns):
        sender = Direction(count % 2)
        pieces = [turn] if isinstance(turn, Lost) else turn
        if isinstance(pieces, bytes | str):
            spoken.append((sender, as_bytes(pieces)))
            sides[sender] += len(pieces)
            continue
        for piece in pieces:
            if isinstance(piece, Lost):
                gone.add((sender, sides[sender]))
            sides[sender] += len(piece)
        spoken.append((sender, [bytes(as_bytes(piece)) for piece in pieces]))
    manner = Manner(isn, mss, False, ack_every, rtt_ns, start_ns, closing, opening, False, scale, False, closer)
    segments = speak(spoken, manner, random.Random(0))
    places: list[list[Segment]] = [[each] for each in segments]  # by packet number - 1
    for number in repeat:
        places[number - 1].append(segments[number - 1].copy())
    for number, each in insert:
        places[number - 1].append(each.copy(time_ns=segments[number - 1].time_ns + 1000))
    for one, other in swap:
        places[one - 1], places[other - 1] = places[other - 1], places[one - 1]
    dropped = set(drop)
    kept = [
        each
        for number, place in enumerate(places, 1)
        if number not in dropped and begin <= number <= (stop or len(places))
        for each in place
        if not (each.payload and (each.sender, each.seq) in gone)
        if only is None or each.sender == only
    ]
    way = Way(client[0], server[0], client[1], server[1], link, tunnel, network)
    dialogue = Dialogue([], [(sender, b"".join(data) if isinstance(data, list) else data) for sender, data in spoken])
    made = Capture(Batch.of([Conversation("built", "undisturbed", dialogue, manner, way, in_time(kept))]))
    if snap is not None:
        for record in made.records:
            record.data = record.data[:snap]
    return made


def together(*captures: Capture) -> Capture:
    """Several conversations in one capture, by time."""
    return Capture(Batch.of([each for capture in captures for each in capture.batch.conversations]))
