"""What takes the bytes of a connection that is not read, or not yet: each sink tells its :class:`Application`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httptrace.http.detect import OTHER, RESPONSE, speaks
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

    def data(self, data: bytes, at: At) -> None:
        self._application.undecided(self._side, data, at)

    def gap(self, length: int, at: At) -> None:
        self._application.undecided(self._side, length, at)

    def end(self, reason: End, at: At) -> None:
        self._application.undecided(self._side, reason, at)


class Unread(PlainSink):
    """The sink of a direction that nobody reads; its bytes are counted."""

    __slots__ = ("_application", "_kind", "_side")

    def __init__(self, application: Application, side: int, kind: str) -> None:
        self._application = application
        self._side = side
        self._kind = kind

    def data(self, data: bytes, at: At) -> None:
        self._application.count(self._side, self._kind, len(data))

    def gap(self, length: int, at: At) -> None:
        pass

    def end(self, reason: End, at: At) -> None:
        pass


class TlsUnread(PlainSink):
    """The sink of a direction of TLS without keys: what the hellos show, and counting.

    A server that speaks no TLS answers a ClientHello in the clear, mostly with 400; its first bytes show it.
    """

    __slots__ = ("_application", "_begun", "_reader", "_side")

    def __init__(self, application: Application, side: int, reader: HelloReader) -> None:
        self._application = application
        self._side = side
        self._reader = reader
        self._begun: list[tuple[bytes, At]] | None = []  # while it may still turn out to be a status line

    def data(self, data: bytes, at: At) -> None:
        begun = self._begun
        if begun is None:
            self._tls(data, at)
            return
        begun.append((data, at))
        whole = b"".join(piece for piece, _ in begun) if len(begun) > 1 else data
        kind = speaks(whole) if whole[:5] == b"HTTP/"[: len(whole)] else OTHER
        if kind is RESPONSE:
            self._begun = None
            self._application.answered_in_clear(self._side, begun)
        elif kind is OTHER:
            self._is_tls()

    def _is_tls(self) -> None:
        """What waited was no beginning of a status line."""
        begun, self._begun = self._begun, None
        for piece, at in begun or ():
            self._tls(piece, at)

    def _tls(self, data: bytes, at: At) -> None:
        reader = self._reader
        if not reader.done:
            reader.data(self._application.client_side == self._side, data, at[1])
            self._application.hello_keeps(reader)
        self._application.count(self._side, "tls", len(data))

    def gap(self, length: int, at: At) -> None:
        self._is_tls()
        if not self._reader.done:
            self._reader.gap(self._application.client_side == self._side, length)

    def end(self, reason: End, at: At) -> None:
        self._is_tls()
