"""What the reading process tells a worker: everything that TCP says to the layer above it, in order.

An event is a plain tuple, because one is made for every packet that carries data, and because `marshal` writes and
reads plain tuples faster than anything written in Python could:

    (index, place, data | length of a gap | reason of an end, at)      place = 2 * stream + side
    (index, KIND, ...)                                                      the other kinds, below 0

`index` counts the events of all workers, so that what comes of them can be put in the order of one process.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias
from zlib import crc32

from httptrace.model import DEAF, At, End, PlainSink
from httptrace.tcp.connection import Connection
from httptrace.tcp.handshake import Handshake

Event: TypeAlias = tuple[Any, ...]

#: What a round of events brought: exchanges that took a number, as (event, token); rows, as (event, token or None,
#: row); and defects of ours, as (event, stream, what it was).
Part: TypeAlias = tuple[list[tuple[int, int]], list[tuple[int, int | None, Any]], list[tuple[int, int, str]]]

#: All parts together, and what follows them: the most that was held meanwhile of each room, in the order of names.
Answer: TypeAlias = tuple[
    list[tuple[int, int]], list[tuple[int, int | None, Any]], list[tuple[int, int, str]], list[int]
]

#: What a worker says now and then while it works.
SIGN = True

#: What a worker says where it holds more than it may: only one process can go on.
READ_ALONE = False

#: (index, BEGINS, time of the capture's first packet)
BEGINS = -1
#: (index, KNOWN, stream, keys of both sides, first_syn, rtt_ns, client): opens a connection, or what changed about it.
KNOWN = -2
#: (index, OVERLAP, stream, side, offset, packet)
OVERLAP = -3
#: (index, LIMIT, stream, code, packet)
LIMIT = -4
#: (index, GIVEN_UP, stream): a defect of ours was met below.
GIVEN_UP = -5
#: (index, ENDED, stream): no more bytes come of it.
ENDED = -6
#: (index, FINISHED, stream, what a record of the connection needs, or None)
FINISHED = -7

#: What a record of a connection needs of the connection and of each of its sides.
OF_CONNECTION = ("first_packet", "last_packet", "first_time", "last_time", "close", "reuses_port", "counted")
OF_SIDE = (
    "packets",
    "bytes",
    "retransmissions",
    "out_of_order",
    "missing",
    "missing_acked",
    "retransmitted_bytes",
    "ignored_bytes",
    "late_bytes",
    "early_bytes",
    "highest",
    "offset",
    "fin_offset",
)
of_connection = attrgetter(*OF_CONNECTION)
of_side = attrgetter(*OF_SIDE)


def shard_of(keys: tuple[bytes, bytes], shards: int) -> int:
    """Which of so many workers reads a connection: the same for both directions, and in every run."""
    return crc32(min(keys)) % shards


class Log:
    """The events for one worker that were not sent yet. `next_index` is shared by the logs of all workers."""

    __slots__ = ("add", "events", "next_index", "size")

    def __init__(self, next_index: Callable[[], int]) -> None:
        self.events: list[Event] = []
        self.add = self.events.append  # made once: two of a connection would be half a recorder
        self.size = 0  # bytes of payload in them
        self.next_index = next_index

    def tell(self, kind: int, *values: object) -> None:
        """Add an event of one of the kinds."""
        self.events.append((self.next_index(), kind, *values))

    def clear(self) -> None:
        """They were sent. The list stays the same, because every recorder knows it."""
        self.events.clear()
        self.size = 0


class Recorder(PlainSink):
    """The sink of one direction in the reading process."""

    __slots__ = ("_add", "_log", "_next_index", "_place")

    def __init__(self, log: Log, place: int) -> None:
        self._log = log
        self._add = log.add
        self._next_index = log.next_index
        self._place = place

    def data(self, data: bytes, at: At) -> None:
        self._log.size += len(data)
        self._add((self._next_index(), self._place, data, at))

    def gap(self, length: int, at: At) -> None:
        self._add((self._next_index(), self._place, length, at))

    def end(self, reason: End, at: At) -> None:
        self._add((self._next_index(), self._place, reason.value, at))


class Recording:
    """What is told of one connection; in the reading process it stands where the application layer would."""

    __slots__ = ("_connection", "_known", "log", "stream")

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._known: tuple[object, ...] | None = None
        self.log = log
        self.stream = connection.stream
        for half in connection.sides:
            half.sink = _Unsettled(self, log, 2 * self.stream + half.index)

    def look(self) -> None:
        """Tell what the packets showed of the connection, where that is new; nothing changes behind a handshake."""
        connection = self._connection
        known = (connection.first_syn, connection.rtt_ns, connection.client)
        if known != self._known:
            self._known = known
            self.log.tell(KNOWN, self.stream, connection.keys, *known)
        if connection.handshake is Handshake.COMPLETE:
            for half in connection.sides:
                if isinstance(half.sink, _Unsettled):
                    half.sink = half.sink.recorder

    def overlap_differs(self, side: int, offset: int, packet: int) -> None:
        """A later copy of a byte had another value."""
        self.look()
        self.log.tell(OVERLAP, self.stream, side, offset, packet)

    def limit_reached(self, code: str, packet: int) -> None:
        """A bound of the program concerns this connection."""
        self.look()
        self.log.tell(LIMIT, self.stream, code, packet)

    def give_up(self) -> None:
        """A defect was met on the way to the worker: it reads no further either."""
        self.look()
        self.log.tell(GIVEN_UP, self.stream)

    def end(self) -> None:
        """No more bytes come of it."""
        self.look()
        self.log.tell(ENDED, self.stream)
        for half in self._connection.sides:
            half.sink = DEAF

    def finish(self, state: tuple[object, ...] | None) -> None:
        """The connection is over. `state`: what a record of it needs (:func:`state_of`)."""
        self.look()
        self.log.tell(FINISHED, self.stream, state)


class _Unsettled(PlainSink):
    """The sink of a direction as long as its handshake may still tell more: that goes before the bytes."""

    __slots__ = ("_recording", "recorder")

    def __init__(self, recording: Recording, log: Log, place: int) -> None:
        self._recording = recording
        self.recorder = Recorder(log, place)

    def data(self, data: bytes, at: At) -> None:
        self._recording.look()
        self.recorder.data(data, at)

    def gap(self, length: int, at: At) -> None:
        self._recording.look()
        self.recorder.gap(length, at)

    def end(self, reason: End, at: At) -> None:
        self._recording.look()
        self.recorder.end(reason, at)


def state_of(connection: Connection, measures: tuple[object, ...] | None) -> tuple[object, ...]:
    """What a record of a finished connection needs. Which side is the client depends on what HTTP shows, and that only
    the worker knows: so it is told for each answer."""
    clients = []
    for evidence in (0, 1, None):
        connection.evidence = evidence
        clients.append(connection.client)
    sides = [of_side(half) for half in connection.sides]
    return (of_connection(connection), connection.handshake.name, clients, sides, connection.words, measures)
