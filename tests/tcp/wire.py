"""Segments straight into a tracker, and what comes out of it: for the tests of reassembly.

The client (who sends first) is 192.0.2.1:40000, the server 198.51.100.1:80. `seq` and `ack` are relative: 0 is the
SYN's number, 1 the first byte's; the circle's real numbers come from `isn`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from httptrace.limits import STANDARD, Bounds
from httptrace.model import At, End, PlainSink
from httptrace.tcp.connection import Connection
from httptrace.tcp.halfstream import HalfStream
from httptrace.tcp.handshake import ACK, FIN, RST, SYN
from httptrace.tcp.tracker import Tracker

__all__ = ["ACK", "CLIENT", "FIN", "RST", "SERVER", "SYN", "Wire", "key_of"]

CLIENT, SERVER = 0, 1
MS = 1_000_000


def key_of(side: int, port: int = 40_000) -> bytes:
    here, there = bytes((192, 0, 2, 1)), bytes((198, 51, 100, 1))
    return (here + there + struct.pack("!HH", port, 80), there + here + struct.pack("!HH", 80, port))[side]


@dataclass
class Recorder(PlainSink):
    """A sink that writes down every call."""

    wire: Wire
    side: int
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def data(self, data: bytes, at: At) -> None:
        assert data, "data is never empty"
        self.calls.append(("data", data, at))
        self.wire.order.append((self.side, data))

    def gap(self, length: int, at: At) -> None:
        assert length > 0
        self.calls.append(("gap", length, at))
        self.wire.order.append((self.side, length))

    def end(self, reason: End, at: At) -> None:
        self.calls.append(("end", reason, at))
        self.wire.order.append((self.side, reason))

    @property
    def said(self) -> list[bytes | int | End]:
        """Bytes run together, gaps as their length, then the ends."""
        found: list[bytes | int | End] = []
        for call in self.calls:
            what = call[1]
            if found and isinstance(what, bytes) and isinstance(found[-1], bytes):
                found[-1] += what
            else:
                found.append(what)
        return found


class SlowTracker(Tracker):
    """A tracker that never takes the fast path, nor a short cut."""

    short_cuts = False

    def segment(self, key: bytes, *arguments: Any, **named: Any) -> HalfStream:
        half = self.halves.get(key)
        if half is not None:
            half.attention = True
        return super().segment(key, *arguments, **named)


class Wire:
    """A tracker with recorders at its end; a packet comes a millisecond after the one before."""

    def __init__(self, isn: tuple[int, int] = (1_000, 5_000), slow: bool = False, bounds: Bounds = STANDARD) -> None:
        self.isn = isn
        self.tracker = (SlowTracker if slow else Tracker)(self._opened, self._finished, self._differs, bounds)
        self.connections: list[Connection] = []
        self.recorders: list[tuple[Recorder, Recorder]] = []
        self.finished: list[int] = []
        self.differing: list[tuple[int, int]] = []  # (side, offset)
        self.order: list[tuple[int, bytes | int | End]] = []
        self.packet = 0
        self.time_ns = 1_700_000_000 * 1_000_000_000

    def _opened(self, connection: Connection) -> None:
        connection.stream = len(self.connections)
        self.connections.append(connection)
        pair = Recorder(self, 0), Recorder(self, 1)
        self.recorders.append(pair)
        for half, recorder in zip(connection.sides, pair, strict=True):
            half.sink = recorder

    def _finished(self, connection: Connection) -> None:
        self.finished.append(connection.stream)

    def _differs(self, half: HalfStream, offset: int) -> None:
        self.differing.append((half.index, offset))

    def send(
        self,
        side: int,
        seq: int,
        data: bytes | str = b"",
        flags: int = ACK,
        ack: int | None = 1,
        length: int | None = None,
        ms: float = 1,
        port: int = 40_000,
        isn: tuple[int, int] | None = None,
    ) -> Connection:
        """One segment; `length`: what the IP header says, where the capture cut it. Gives its connection."""
        data = data.encode() if isinstance(data, str) else data
        isn = isn or self.isn
        self.packet += 1
        self.time_ns += round(ms * MS)
        half = self.tracker.segment(
            key_of(side, port),
            (isn[side] + seq) & 0xFFFF_FFFF,
            (isn[1 - side] + ack) & 0xFFFF_FFFF if ack is not None and flags & ACK else 0,
            flags,
            data,
            len(data) if length is None else length,
            self.packet,
            self.time_ns,
        )
        return half.connection

    def client(self, seq: int, data: bytes | str = b"", **more: Any) -> Connection:
        return self.send(CLIENT, seq, data, **more)

    def server(self, seq: int, data: bytes | str = b"", **more: Any) -> Connection:
        return self.send(SERVER, seq, data, **more)

    def handshake(self, **more: Any) -> Wire:
        self.client(0, flags=SYN, **more)
        self.server(0, flags=SYN | ACK, **more)
        self.client(1, **more)
        return self

    def idle(self, packets: int = 0, ms: float = 0, side: int = CLIENT, seq: int = 1, ack: int = 1) -> Wire:
        """Let so many empty packets, or so much time, go by."""
        for _ in range(max(packets, 1)):
            self.send(side, seq, ack=ack, ms=ms / max(packets, 1))
        return self

    def finish(self) -> Wire:
        self.tracker.finish()
        return self

    def half(self, side: int, stream: int = 0) -> HalfStream:
        return self.connections[stream].sides[side]

    def said(self, side: int, stream: int = 0) -> list[bytes | int | End]:
        return self.recorders[stream][side].said
