"""Whole conversations from a seed, and many of them in one capture."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from . import link
from .faults import FAULTS, KEEPS, disturb
from .http import Wishes, dialogue
from .message import Dialogue
from .tcp import CLIENT, MS, Manner, Segment, speak
from .write import Record

START_NS = 1_700_000_000 * 1_000_000_000
PORTS = (80, 80, 8080, 8000, 5000, 3128)
NAMES = list(FAULTS)


@dataclass(slots=True)
class Conversation:
    """One TCP connection: what was said, what was captured of it, and where it runs."""

    name: str
    fault: str
    dialogue: Dialogue
    manner: Manner
    path: link.Path
    captured: list[Segment]
    stream: int = -1
    features: set[str] = field(default_factory=set)

    def absolute(self, segment: Segment) -> tuple[int, int]:
        """Sequence and acknowledgement number as on the wire."""
        own, other = self.manner.isn[segment.sender], self.manner.isn[1 - segment.sender]
        ack = 0 if segment.ack is None else (other + segment.ack) & 0xFFFF_FFFF
        return (own + segment.seq) & 0xFFFF_FFFF, ack

    def frames(self, segment: Segment) -> list[bytes]:
        seq, ack = self.absolute(segment)
        path = self.path
        ends = [(path.client, path.client_port), (path.server, path.server_port)]
        (source, source_port), (target, target_port) = ends if segment.sender is CLIENT else ends[::-1]
        ports = (source_port, target_port)
        flags, window = segment.flags, segment.window
        header = link.tcp_header(source, target, ports, seq, ack, flags, window, segment.options, segment.payload)
        return link.frames(path, source, target, header)


def some_isn(chance: random.Random, near_wrap: bool) -> int:
    return (2**32 - chance.randint(1, 4000)) if near_wrap else chance.getrandbits(32)


def some_path(chance: random.Random, number: int) -> link.Path:
    """Addresses nobody else in the capture has, on a way picked at random; half of them plain Ethernet and
    IPv4."""
    path = link.Path()
    path.client_port, path.server_port = chance.randint(32768, 60999), chance.choice(PORTS)
    third, fourth = number >> 8 & 0xFF, number & 0xFF
    version = 4
    if chance.random() < 0.5:
        path.link = chance.choice(list(link.LINKS))
        version = chance.choice((4, 6))
        if chance.random() < 0.4:
            path.tunnel = chance.choice(list(link.TUNNELS))
        if chance.random() < 0.4:
            path.network = chance.choice(("options", "fragments", "fragments-back"))
    if path.tunnel == "teredo":
        version = 6
    if version == 4:
        path.client, path.server = f"10.{third}.{fourth}.1", f"172.16.{third}.{fourth}"
    else:
        prefix = f"2001:db8:{third:x}:{fourth + 1:x}"
        path.client, path.server = f"{prefix}::1", f"{prefix}::80"
    return path


def generate(seed: int, number: int | None = None) -> list[Conversation]:
    """The conversation of that seed; two, one after the other on the same ports, where they are reused."""
    chance = random.Random(seed)
    fault = NAMES[seed % len(NAMES)]
    path = some_path(chance, seed if number is None else number)
    if fault == "snapped":
        path.network = "plain"  # a cut fragment would cut the datagram elsewhere
    reused = chance.random() < 0.12 and fault in KEEPS
    found: list[Conversation] = []
    start_ns = START_NS + chance.randint(0, 3000) * MS
    for part in range(2 if reused else 1):
        kind = chance.random()
        wishes = Wishes(
            exchanges=chance.randint(1, 7),
            largest=chance.choice((300, 5_000, 20_000, 100_000)) if chance.random() < 0.6 else 2_000,
            plain=fault not in KEEPS,
            pipelined=kind < 0.2,
            last_until_close=0.2 < kind < 0.4,
            upgrade=0.4 < kind < 0.5 and fault in KEEPS,
            oldest=0.5 < kind < 0.54 and fault in KEEPS,
        )
        said = dialogue(chance, wishes)
        until_close = said.exchanges[-1].response.framing == "close"
        closings = ("fin", "late-half") if until_close else ("fin", "fin", "half", "late-half", "rst", "none")
        manner = Manner(
            isn=(some_isn(chance, chance.random() < 0.2), some_isn(chance, chance.random() < 0.2)),
            mss=chance.choice((1460, 1460, 1448, 536, 8960)),
            ragged=chance.random() < 0.3,
            ack_every=chance.choice((0, 1, 2, 2, 3)),
            rtt_ns=chance.randint(1, 60) * MS,
            start_ns=start_ns,
            closing="fin" if reused else chance.choice(closings),
            timestamps=chance.random() < 0.4,
            scale=chance.choice((None, 0, 7, 7)),
        )
        segments = speak(said.turns, manner, chance)
        captured = disturb(fault, segments, chance)
        name = f"{seed}-{fault}" + ("-reused" if reused and part else "")
        found.append(Conversation(name, fault, said, manner, path, captured, features=set(said.features)))
        start_ns = captured[-1].time_ns + chance.randint(1, 500) * MS
    return found


@dataclass(slots=True)
class Batch:
    """Many conversations in one capture, packets numbered and streams counted."""

    conversations: list[Conversation]
    records: list[Record]

    @classmethod
    def of(cls, conversations: list[Conversation]) -> Batch:
        """Interleave by time, then number: packets from 1, streams from 0 by their first packet."""
        waiting = []
        for conversation in conversations:
            for segment in conversation.captured:
                frames = conversation.frames(segment)
                for count, frame in enumerate(frames):
                    waiting.append((segment.time_ns + 100 * count, segment, frame, conversation))
        waiting.sort(key=lambda entry: entry[0])
        records = []
        streams = 0
        for number, (time_ns, segment, frame, conversation) in enumerate(waiting, 1):
            segment.number, segment.time_ns = number, time_ns
            cut = len(segment.payload) - len(segment.captured)
            kept = frame[: len(frame) - cut]
            records.append(Record(time_ns, conversation.path.link_type, kept, len(frame)))
        for conversation in sorted(conversations, key=lambda each: each.captured[0].number):
            conversation.stream, streams = streams, streams + 1
        return cls(conversations, records)


def batch(seeds: list[int]) -> Batch:
    """The conversations of these seeds in one capture."""
    return Batch.of([each for number, seed in enumerate(seeds) for each in generate(seed, number)])
