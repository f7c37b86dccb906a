"""The bytes of one connection as they were sent, for whoever asked for them beside what reads the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from httptrace.model import At, Direction, End, PlainSink, Sink

if TYPE_CHECKING:
    from httptrace.carrier import Carrier


class Follower(Protocol):
    """Is told the bytes of the connection `stream`, both directions in the order in which they were read."""

    stream: int

    def data(self, sender: Direction, data: bytes, at: At) -> None:
        """The next bytes of that side."""

    def gap(self, sender: Direction, length: int, at: At) -> None:
        """Bytes of that side that were never captured."""


class Followed(PlainSink):
    """The sink of a direction that is followed: it lets everything through and tells it."""

    __slots__ = ("_connection", "_follower", "_side", "_sink")

    def __init__(self, sink: Sink, follower: Follower, connection: Carrier, side: int) -> None:
        self._sink = sink
        self._follower = follower
        self._connection = connection
        self._side = side

    def data(self, data: bytes, at: At) -> None:
        self._sink.data(data, at)  # first, because it may show who is the client
        self._follower.data(self._sender(), data, at)

    def gap(self, length: int, at: At) -> None:
        self._sink.gap(length, at)
        self._follower.gap(self._sender(), length, at)

    def end(self, reason: End, at: At) -> None:
        self._sink.end(reason, at)

    def _sender(self) -> Direction:
        return Direction.CLIENT if self._side == self._connection.client else Direction.SERVER
