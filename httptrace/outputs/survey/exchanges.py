"""The exchanges of a capture, counted: hosts, methods, codes, types, sizes, times and notes."""

from __future__ import annotations

from typing import NamedTuple

from httptrace.model import Exchange, Note, Request, Response
from httptrace.outputs.amounts import short_url, took
from httptrace.outputs.safe import safe
from httptrace.outputs.survey.tally import LONGEST_KEY, Counts, Spread, Tally, Top

#: Characters of a URL that the lists of the slowest and the largest keep.
_KEPT_URL = 200
_KEPT_METHOD = 12


class Host:
    """What was asked of one host. `received` and `sent` are octets of bodies, as they went over the wire."""

    __slots__ = ("client_errors", "exchanges", "received", "sent", "server_errors", "unanswered")

    def __init__(self) -> None:
        self.exchanges = self.client_errors = self.server_errors = self.unanswered = 0
        self.received = self.sent = 0


class Content:
    """The bodies of one content type, in octets: as sent, and unpacked."""

    __slots__ = ("decoded", "largest", "messages", "size")

    def __init__(self) -> None:
        self.messages = self.size = self.decoded = self.largest = 0


class Noted:
    """Where a note code was met: how often, in how many exchanges, and in which first."""

    __slots__ = ("exchanges", "first", "last", "times")

    def __init__(self) -> None:
        self.times = self.exchanges = 0
        self.first = self.last = 0  # exchange numbers; 0 where it is a note on a connection


class Shown(NamedTuple):
    """What the lists of the slowest and the largest say of an exchange; clean already."""

    no: int
    method: str
    url: str
    status: int | None
    wait_ns: int | None
    content_type: str | None
    of_request: bool
    decoded: int


class Exchanges:
    """Counts exchanges; a few dictionary updates for each."""

    def __init__(self, top: int) -> None:
        self.count = 0
        self.hosts = Tally(Host)
        self.methods = Counts()
        self.versions = Counts()
        self.statuses: dict[int, int] = {}  # three digits: at most a thousand
        self.unanswered = 0
        self.without_status = 0  # HTTP/0.9, or the status line is missing
        self.without_request = 0
        self.responses = Tally(Content)
        self.requests = Tally(Content)
        self.notes = Tally(Noted)
        self.durations = Spread()
        self.slowest: Top[Shown] = Top(top)
        self.largest: Top[Shown] = Top(top)
        self.of_http2 = 0
        self.first_stream: int | None = None  # the lowest with an exchange
        self.several_streams = False

    def add(self, exchange: Exchange) -> None:
        """Count one that is over."""
        self.count += 1
        self._stream(exchange)
        self.versions.add(exchange.protocol)
        request, response = exchange.request, exchange.response
        host = self.hosts.row(host_of(exchange))
        host.exchanges += 1
        if request is None:
            self.without_request += 1
        else:
            self.methods.add(request.method)
            size = request.body.size
            if size:
                host.sent += size
                self._content(self.requests, request, exchange)
        if response is None:
            self.unanswered += 1
            host.unanswered += 1
        else:
            status = response.status
            if status is None:
                self.without_status += 1
            else:
                self.statuses[status] = self.statuses.get(status, 0) + 1
                if status >= 500:
                    host.server_errors += 1
                elif status >= 400:
                    host.client_errors += 1
            size = response.body.size
            if size:
                host.received += size
                self._content(self.responses, response, exchange)
            duration = took(exchange)
            if duration is not None:
                self.durations.add(duration)
                if self.slowest.wants(duration):
                    self.slowest.add(duration, exchange.no, _shown(exchange, response))
        if exchange.notes:
            self._notes(exchange.notes, exchange.no)

    def stream_notes(self, notes: list[Note]) -> None:
        """Count the notes on a connection."""
        self._notes(notes, 0)

    def _stream(self, exchange: Exchange) -> None:
        if exchange.protocol == "HTTP/2":
            self.of_http2 += 1
        stream = exchange.stream
        if stream != self.first_stream:
            if self.first_stream is None:
                self.first_stream = stream
            else:
                self.several_streams = True
                self.first_stream = min(stream, self.first_stream)

    def _content(self, tally: Tally[Content], message: Request | Response, exchange: Exchange) -> None:
        body = message.body
        content_type = body.content_type
        if content_type is None:
            key = ""
        else:
            key = content_type[: 2 * LONGEST_KEY].partition(";")[0].strip().lower()
        row = tally.row(key)
        row.messages += 1
        row.size += body.size
        row.decoded += body.decoded_size
        if body.size > row.largest:
            row.largest = body.size
        if self.largest.wants(body.size):
            # Both bodies of an exchange may be among the largest: their numbers have to differ.
            number = 2 * exchange.no + isinstance(message, Response)
            self.largest.add(body.size, number, _shown(exchange, message))

    def _notes(self, notes: list[Note], no: int) -> None:
        for note in notes:
            row = self.notes.row(note.code)
            row.times += 1
            if not row.exchanges or row.last != no:
                row.exchanges += 1
                row.last = no
            if no and (not row.first or no < row.first):
                row.first = no


def host_of(exchange: Exchange) -> str:
    """Which host was asked, in lower case, with its port where one was named; the server's address where the request
    is not in the capture or names none."""
    request = exchange.request
    if request is not None:
        url = request.url
        if url is not None:
            start = url.find("://") + 3
            authority = url[start : start + 4 * LONGEST_KEY]
            for delimiter in "/?#":
                authority = authority.partition(delimiter)[0]
            return authority.rpartition("@")[2][:LONGEST_KEY].lower()
        if request.method == "CONNECT":
            return request.target[:LONGEST_KEY].lower()
    return str(exchange.server)


def _shown(exchange: Exchange, message: Request | Response) -> Shown:
    response, content_type = exchange.response, message.body.content_type
    return Shown(
        exchange.no,
        safe(exchange.request.method[:_KEPT_METHOD]) if exchange.request else "",
        short_url(exchange, _KEPT_URL),
        response.status if response else None,
        exchange.timings.wait,
        safe(content_type[:LONGEST_KEY].partition(";")[0].strip()) if content_type else None,
        isinstance(message, Request),
        message.body.decoded_size,
    )
