"""What happens to a conversation on its way into a capture: each fault takes the segments and gives what
is captured.

A fault that keeps every byte (`KEEPS`) must change no exchange; the others take bytes away, and `truth`
says what is left. None of them knows HTTP."""

from __future__ import annotations

import random
from collections.abc import Callable

from httptrace.model import Direction

from .tcp import ACK, FIN, MS, PSH, RST, SYN, Segment

Fault = Callable[[list[Segment], random.Random], list[Segment]]


def in_time(segments: list[Segment]) -> list[Segment]:
    """The same order, with times that agree with it."""
    earliest = 0
    for segment in segments:
        segment.time_ns = max(segment.time_ns, earliest)
        earliest = segment.time_ns + 2_000
    return segments


def with_data(segments: list[Segment]) -> list[int]:
    return [at for at, segment in enumerate(segments) if segment.payload and not segment.filler]


def nothing(segments: list[Segment], chance: random.Random) -> list[Segment]:
    return segments


def lost_in_capture(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """One to three segments with data passed the capture point unseen; the acknowledgements say so."""
    found = with_data(segments)
    gone = set(chance.sample(found, k=min(len(found) - 1, chance.randint(1, 3))))
    return [segment for at, segment in enumerate(segments) if at not in gone]


def burst_lost(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """A row of packets of both directions is missing, as when a capture buffer overflows."""
    first = chance.randint(3, max(3, len(segments) - 2))
    return segments[:first] + segments[first + chance.randint(1, 12) :]


def lost_on_network(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """Segments that never arrived and were sent again: until then the receiver repeats its old
    acknowledgement."""
    segments = list(segments)
    for _ in range(chance.randint(1, 3)):
        at = chance.choice(with_data(segments))
        lost = segments[at]
        behind = at + 1
        while behind < len(segments) and behind < at + 12:
            other = segments[behind]
            answers = other.sender != lost.sender and (other.payload or other.flags & (FIN | RST))
            if answers or other.flags & RST or (other.sender == lost.sender and other.flags & FIN):
                break
            behind += 1
        window = segments[at + 1 : behind]
        for other in window:
            if other.sender != lost.sender and other.ack is not None:
                other.ack = min(other.ack, lost.seq)
        again = lost.copy(time_ns=segments[behind - 1].time_ns + chance.choice((1, 30, 60)) * MS)
        segments[at:behind] = [*window, again]
        if chance.random() < 0.5:  # it was seen before it was lost: then the second copy is a retransmission
            segments.insert(at, lost.copy())
    return segments


def duplicated(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """Packets captured twice, at once (a mirror port) or a little later (a retransmission that was not
    needed)."""
    segments = list(segments)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(segments))
        if segments[at].flags & RST:
            continue
        to = min(at + chance.choice((1, 1, 2, 5, 10)), len(segments))
        while to > at + 1 and any(segment.flags & RST for segment in segments[at:to]):
            to -= 1
        segments.insert(to, segments[at].copy())
    return segments


def reordered(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """Segments with data and acknowledgements captured up to eight packets late, well inside the
    contract's grace."""
    segments = list(segments)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(segments))
        moved = segments[at]
        if moved.flags & (SYN | RST | FIN):
            continue
        to = at + chance.randint(1, 8)
        passed = segments[at + 1 : to + 1]
        stops = [count for count, other in enumerate(passed) if other.flags & (RST | FIN | SYN)]
        to = at + (stops[0] if stops else len(passed))
        if segments[to].time_ns - moved.time_ns < 200 * MS:
            segments.insert(to, segments.pop(at))
    return segments


def _copies(segments: list[Segment], chance: random.Random, differing: bool) -> list[Segment]:
    """Retransmissions that cover pieces of several segments, all of whose bytes were captured before."""
    segments = list(segments)
    for _ in range(chance.randint(1, 4)):
        at = chance.choice(with_data(segments))
        sender = segments[at].sender
        stream = bytearray()
        for segment in segments[: at + 1]:
            if segment.sender == sender and segment.payload and segment.seq == len(stream) + 1:
                stream += segment.payload
        if len(stream) < 2:
            continue
        last = chance.randint(max(1, len(stream) - 3000), len(stream))
        first = max(0, last - chance.randint(1, 1400))
        copy = bytearray(stream[first:last])
        if differing:
            for place in chance.sample(range(len(copy)), k=min(len(copy), 5)):
                copy[place] ^= 0x55
        segments.insert(at + 1, segments[at].copy(seq=first + 1, payload=bytes(copy), flags=ACK | PSH))
    return segments


def overlapped(segments: list[Segment], chance: random.Random) -> list[Segment]:
    return _copies(segments, chance, differing=False)


def overlapped_differing(segments: list[Segment], chance: random.Random) -> list[Segment]:
    return _copies(segments, chance, differing=True)


def one_sided(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """Only one direction was captured (asymmetric routing, a tap with one leg)."""
    side = Direction(chance.randint(0, 1))
    return [segment for segment in segments if segment.sender == side]


def late_start(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """The capture began in the middle, mostly behind the handshake."""
    found = with_data(segments)
    return segments[chance.choice((1, 3, chance.randint(3, max(3, found[-1])))) :]


def early_end(segments: list[Segment], chance: random.Random) -> list[Segment]:
    found = with_data(segments)
    return segments[: chance.randint(found[0] + 1, len(segments))]


def reset(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """One side gives up in the middle."""
    found = with_data(segments)
    cut = segments[: chance.randint(found[0] + 1, found[-1] + 1)]
    sender = Direction(chance.randint(0, 1))
    sent = [segment.end for segment in cut if segment.sender == sender]
    heard = [segment.end for segment in cut if segment.sender != sender]
    last = cut[-1].time_ns + MS
    return [*cut, Segment(last, sender, max(sent, default=0), max(heard, default=0), RST | ACK, window=0)]


def keep_alive(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """Idle connections are probed one byte below the next, with that byte or without (RFC 9293 §3.8.4)."""
    segments = list(segments)
    for _ in range(chance.randint(1, 3)):
        at = chance.choice(with_data(segments))
        before = segments[: at + 1]
        if any(segment.flags & (FIN | RST) for segment in before):
            continue
        sender = Direction(chance.randint(0, 1))
        next_seq = max((segment.end for segment in before if segment.sender == sender), default=1)
        heard = max((segment.end for segment in before if segment.sender != sender), default=1)
        time_ns = segments[at].time_ns + 2 * MS
        answer = Segment(time_ns, Direction(1 - sender), heard, next_seq, ACK, window=501)
        probe = Segment(
            time_ns,
            sender,
            next_seq - 1,
            heard,
            ACK,
            window=501,
            payload=chance.choice((b"", b"\0")),
            filler=True,
        )
        segments[at + 1 : at + 1] = [answer, probe, answer.copy()]
    return segments


def zero_window(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """A receiver is full: it says so, is probed with the next byte, and opens its window again."""
    segments = list(segments)
    found = [at for at in with_data(segments) if len(segments[at].payload) > 2]
    at = chance.choice(found)
    held = segments[at]
    receiver = Direction(1 - held.sender)
    before = segments[:at]
    said = max((segment.end for segment in before if segment.sender == receiver), default=1)
    base = held.copy(time_ns=held.time_ns + MS)
    full = Segment(held.time_ns, receiver, said, held.seq, ACK, window=0)
    probe = base.copy(payload=held.payload[:1], flags=ACK)
    opened = full.copy(window=501)
    segments[at:at] = [full, probe, full.copy(), probe.copy(), full.copy(), opened]
    return segments


def snapped(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """The capture kept only the beginning of each packet."""
    most = chance.choice((100, 400, 1000, chance.randint(1, 1400)))
    return [each.copy(kept=min(most, len(each.payload))) for each in segments]


def syn_again(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """The SYN, and sometimes the SYN-ACK, was sent twice."""
    opening = [segment for segment in segments[:3] if segment.flags & SYN]
    if len(opening) < 2:
        return segments
    syn, syn_ack = opening
    repeated = [syn, syn.copy(time_ns=syn.time_ns + 5 * MS), syn_ack]
    if chance.random() < 0.5:
        repeated.append(syn_ack.copy(time_ns=syn_ack.time_ns + 2 * MS))
    return repeated + segments[2:]


FAULTS: dict[str, Fault] = {
    "undisturbed": nothing,
    "lost-in-capture": lost_in_capture,
    "lost-on-network": lost_on_network,
    "duplicated": duplicated,
    "reordered": reordered,
    "overlapped": overlapped,
    "overlapped-differing": overlapped_differing,
    "burst-lost": burst_lost,
    "one-sided": one_sided,
    "late-start": late_start,
    "early-end": early_end,
    "reset": reset,
    "snapped": snapped,
    "keep-alive": keep_alive,
    "zero-window": zero_window,
    "syn-again": syn_again,
}

#: Every byte is still captured, within the grace: the exchanges are those of the undisturbed conversation.
KEEPS = {
    "undisturbed",
    "lost-on-network",
    "duplicated",
    "reordered",
    "overlapped",
    "overlapped-differing",
    "keep-alive",
    "zero-window",
    "syn-again",
}


def disturb(name: str, segments: list[Segment], chance: random.Random) -> list[Segment]:
    """The captured segments, in capture order, each an object of its own with a time that fits its place."""
    return in_time([segment.copy() for segment in FAULTS[name](segments, chance)])
