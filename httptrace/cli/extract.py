"""`show --body` and `show --raw`: the bytes of one message to stdout, of any size, with nothing held."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from tempfile import SpooledTemporaryFile

from httptrace import limits
from httptrace.application import Application
from httptrace.cli.octets import Octets
from httptrace.cli.run import StopReading, complain, read_all
from httptrace.errors import UsageError
from httptrace.exchanges.progress import Progress
from httptrace.lang import _
from httptrace.limits import Bounds
from httptrace.model import At, Direction, Exchange, Message
from httptrace.outputs.exchange import note_text
from httptrace.pipeline import Analyzer, Options

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


def body(files: list[str], number: int, side: Direction | None, bounds: Bounds) -> int:
    """Write the decoded body of one message as it passes. Without a side it is the response's; the request's is kept
    in a temporary file until it is known that there is no response."""
    out = Octets()
    found: list[Exchange] = []
    with SpooledTemporaryFile(max_size=limits.MIB) as request_body:

        def taker(no: int, sender: Direction) -> Callable[[bytes], object] | None:
            if no != number:
                return None
            if side is None and sender is CLIENT:
                return request_body.write
            return out.write if sender is (SERVER if side is None else side) else None

        def on_exchange(exchange: Exchange) -> None:
            if exchange.no == number:
                found.append(exchange)
                raise StopReading

        analyzer = Analyzer(
            Options(hash_bodies=False, contain=True, bounds=bounds), on_exchange=on_exchange, taker=taker
        )
        status = read_all(files, lambda _captures: analyzer)
        if not found:
            raise not_found(number, analyzer)
        message = _message(found[0], side)
        if side is None and message is found[0].request:
            request_body.seek(0)
            shutil.copyfileobj(request_body, out)
    out.finish(message.body.content_type)
    if not message.complete:
        for note in found[0].notes:
            complain(f"{note.code}: {note_text(note)}")
    return status


def raw(files: list[str], number: int, side: Direction | None, bounds: Bounds) -> int:
    """Write the bytes of one message as they were sent. The first reading finds where they are, the second writes."""
    if "-" in files:
        raise UsageError(_("--raw reads the capture twice, which standard input does not allow: give a file"))
    places = _Places(number, bounds)
    status = read_all(files, lambda _captures: places)
    if places.found is None:
        raise not_found(number, places)
    progress = places.found
    message = _message(progress.exchange, side)
    out = Octets()
    sender, place = (CLIENT, progress.request) if message is progress.exchange.request else (SERVER, progress.response)
    assert place is not None
    span = _Span(out, progress.exchange.stream, sender, place.start, sys.maxsize if place.end is None else place.end)
    read_all(files, lambda _captures: Analyzer(Options(hash_bodies=False, contain=True, bounds=bounds), follower=span))
    out.finish()
    for gap in span.gaps:
        complain(_("{length} bytes were never captured at byte {place} of the message").format(**gap))
    return status


def not_found(number: int, analyzer: Analyzer) -> UsageError:
    """What to say where the capture has no exchange of that number."""
    if not analyzer.exchanges:
        return UsageError(_("there is no exchange {no}: the capture has none").format(no=number))
    return UsageError(
        _("there is no exchange {no}: the capture has 1 to {count}").format(no=number, count=analyzer.exchanges)
    )


def _message(exchange: Exchange, side: Direction | None) -> Message:
    """The message of that side; without one the response, else the request."""
    if side is None:
        found: Message | None = exchange.response or exchange.request
    else:
        found = exchange.request if side is CLIENT else exchange.response
    if found is None:
        missing = _("the request of exchange {no}") if side is CLIENT else _("the response of exchange {no}")
        raise UsageError(_("{what} is not in the capture").format(what=missing.format(no=exchange.no)))
    return found


class _Places(Analyzer):
    """Reads until an exchange is over, and keeps where its messages lie in the bytes of the connection."""

    def __init__(self, number: int, bounds: Bounds) -> None:
        super().__init__(Options(hash_bodies=False, contain=True, bounds=bounds))
        self.takes_whole = False  # a plain conversation does not say where its messages lie
        self._number = number
        self.found: Progress | None = None

    def exchange_over(self, application: Application, progress: Progress) -> None:
        if progress.exchange.no == self._number:
            self.found = progress
            raise StopReading


class _Span:
    """Follows a connection and writes a span of one side's bytes."""

    def __init__(self, out: Octets, stream: int, sender: Direction, start: int, end: int) -> None:
        self.stream = stream
        self.gaps: list[dict[str, str]] = []
        self._out = out
        self._sender = sender
        self._start, self._end = start, end
        self._at = 0

    def data(self, sender: Direction, data: bytes, at: At) -> None:
        if sender is not self._sender:
            return
        piece = data[max(0, self._start - self._at) : max(0, self._end - self._at)]
        if piece:
            self._out.write(piece)
        self._pass(len(data))

    def gap(self, sender: Direction, length: int, at: At) -> None:
        if sender is not self._sender:
            return
        low, high = max(self._at, self._start), min(self._at + length, self._end)
        if low < high:
            self.gaps.append({"length": f"{high - low:,}", "place": f"{low - self._start:,}"})
        self._pass(length)

    def _pass(self, length: int) -> None:
        self._at += length
        if self._at >= self._end:
            raise StopReading
