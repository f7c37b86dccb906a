"""What takes the bytes of a connection that is not read, or not yet: each sink tells its :class:`Application`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httptrace.model import At, End, PlainSink
from httptrace.tls.hello import HelloReader

if TYPE_CHECKING:
    from httptrace.application import Application


class Undecided(PlainSink):
    """The sink of a direction whose protocol is not known yet."""

    __slots__ = ("_application", "_side")

    def __init__(self, application: Application, side: int) -> None:
        self._application = application
        self._side = side

    def data(self, data: bytes, at: At, now: int) -> None:
        self._application.undecided(self._side, data, at, now)

    def gap(self, length: int, at: At, now: int) -> None:
        self._application.undecided(self._side, length, at, now)

    def end(self, reason: End, at: At, now: int) -> None:
        self._application.undecided(self._side, reason, at, now)


class Unread(PlainSink):
    """The sink of a direction that nobody reads; its bytes are counted."""

    __slots__ = ("_application", "_kind", "_side")

    def __init__(self, application: Application, side: int, kind: str) -> None:
        self._application = application
        self._side = side
        self._kind = kind

    def data(self, data: bytes, at: At, now: int) -> None:
        self._application.count(self._side, self._kind, len(data))

    def gap(self, length: int, at: At, now: int) -> None:
        pass

    def end(self, reason: End, at: At, now: int) -> None:
        pass


class TlsUnread(PlainSink):
    """The sink of a direction of TLS without keys: what the hellos show, and counting."""

    __slots__ = ("_application", "_reader", "_side")

    def __init__(self, application: Application, side: int, reader: HelloReader) -> None:
        self._application = application
        self._side = side
        self._reader = reader

    def data(self, data: bytes, at: At, now: int) -> None:
        reader = self._reader
        if not reader.done:
            reader.data(self._application.client_side == self._side, data, at[1])
            self._application.hello_keeps(reader)
        self._application.count(self._side, "tls", len(data))

    def gap(self, length: int, at: At, now: int) -> None:
        if not self._reader.done:
            self._reader.gap(self._application.client_side == self._side, length)

    def end(self, reason: End, at: At, now: int) -> None:
        pass
