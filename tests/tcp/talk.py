"""Small conversations written by hand: who says what, and what the analysis makes of it.

The client's initial sequence number is 1000, the server's 5000; a step comes 10 ms after the one before
unless it says otherwise, so the round trip of `HANDSHAKE` is 20 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from httptrace.tcp.analysis import Analysis
from tests.tcp.segments import ACK, RST, START_NS, SYN, Segment


def client(
    seq: int,
    ack: int = 5001,
    flags: int = ACK,
    length: int = 0,
    window: int = 4096,
    options: bytes = b"",
    ms: float = 10,
) -> Segment:
    """A step of the client; `ms` since the step before."""
    return Segment(0, seq, ack, flags, window, length, options, round(ms * 1_000_000))


def server(
    seq: int,
    ack: int = 1001,
    flags: int = ACK,
    length: int = 0,
    window: int = 4096,
    options: bytes = b"",
    ms: float = 10,
) -> Segment:
    """A step of the server; `ms` since the step before."""
    return Segment(1, seq, ack, flags, window, length, options, round(ms * 1_000_000))


def scale(shift: int) -> bytes:
    """The window scale option."""
    return bytes((1, 3, 3, shift))


def handshake(client_options: bytes = b"", server_options: bytes = b"") -> tuple[Segment, ...]:
    return (
        client(1000, 0, SYN, options=client_options),
        server(5000, 1001, SYN | ACK, options=server_options),
        client(1001),
    )


HANDSHAKE = handshake()
REFUSED = (client(1000, 0, SYN), server(0, 1001, RST | ACK))


def timeline(steps: Sequence[Segment]) -> list[Segment]:
    """The steps with the time of day in place of the time since the step before."""
    now = START_NS
    segments = []
    for step in steps:
        now += step.time_ns
        segments.append(replace(step, time_ns=now))
    return segments


def analyse(segments: Sequence[Segment], analysis: Analysis | None = None) -> list[tuple[str, ...]]:
    """The words for each segment; `side` is taken from it."""
    analysis = analysis or Analysis()
    return [analysis.packet(s.side, s.seq, s.ack, s.flags, s.window, s.length, s.options, s.time_ns) for s in segments]
