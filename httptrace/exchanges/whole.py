"""Messages that come whole in one piece: their records made in one go (the usual case of small requests and answers).

What comes out is what :class:`httptrace.exchanges.dialogue.Dialogue` makes of the same message head by head and piece
by piece; a test holds the two ways against each other. Here everything is known at once, so nothing is kept for later.
"""

from __future__ import annotations

from hashlib import sha256

from httptrace.exchanges.body import PREFIX, BodyReader
from httptrace.exchanges.coding import parse_codings
from httptrace.exchanges.conversation import Conversation
from httptrace.exchanges.progress import Progress, WholeMessage, check_type
from httptrace.exchanges.url import effective_url
from httptrace.model import At, Body, Direction, Exchange, Field, Request, Response, Timings

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


def whole_body(
    content: bytes, by_name: dict[str, str], counted: bool, hashed: bool
) -> tuple[Body, bytes, tuple[str, str, dict[str, str]] | None]:
    """The body that these octets are, how its decoded content begins, and the note that decoding earned.

    `counted`: Content-Length says where it ends; else there is none.
    """
    content_type = by_name.get("content-type")
    encoding = by_name.get("content-encoding")
    size = len(content)
    if encoding is None:
        if not counted:
            return Body(0, 0, None, content_type), b"", None
        digest = sha256(content).hexdigest() if hashed and size else None
        return Body(size, size, digest, content_type, None, "length", size), content[:PREFIX], None
    encoding = encoding.lower()
    if not counted:
        return Body(0, 0, None, content_type, encoding), b"", None
    body = Body(0, 0, None, content_type, encoding, "length", size)
    reader = BodyReader(body, parse_codings(encoding), 0, hashed)
    if size:
        reader.feed(content)
    return body, reader.prefix, reader.finish(False)


class WholeMessages(Conversation):
    """The part of a dialogue that takes messages which came whole."""

    def whole_request(
        self,
        method: str,
        target: str,
        version: str,
        fields: list[Field],
        by_name: dict[str, str],
        size: int,
        content: bytes,
        at: At,
        now: int,
        offset: int,
    ) -> None:
        """A request, its content included."""
        host = self.host
        packet, time_ns, confirmed = at
        body, _, note = whole_body(content, by_name, "content-length" in by_name, self.hashes)
        url = effective_url(method, target, by_name.get("host"), False)
        request = Request(version, fields, [], size, body, packet, packet, time_ns, time_ns, True, method, target, url)
        number, timings = host.new_number(now), Timings(self._connect_time(version))
        exchange = Exchange(number, host.stream, host.client, host.server, version, request, None, [], timings, [])
        progress = Progress(exchange, offset, confirmed)
        message = progress.request = WholeMessage(offset, size, len(content))
        progress.request_over = True
        if note is not None:
            progress.note(note[0], packet, note[1], note[2])
        if self._overlaps is not None:
            self._say_overlaps(progress, message, CLIENT)
        waiting = self.waiting
        self._open[exchange.no] = progress
        self._last[CLIENT] = exchange.no
        if waiting and not self._pipelines(progress, size, len(fields), packet):
            self._give_up_response(progress)
        else:
            waiting.add(progress)

    def asked(self) -> str | None:
        """The method of the request that the next response answers, where nothing has to be weighed; else None."""
        if self.waiting.unclean or self._early is not None or self._reserved[SERVER] is not None:
            return None
        front = self.waiting.front()
        if front is None or front.expects_continue or not front.request_over:
            return None
        request = front.exchange.request
        return request.method if request is not None and request.method != "CONNECT" else None

    def whole_response(
        self,
        status: int,
        reason: str,
        version: str,
        fields: list[Field],
        by_name: dict[str, str],
        size: int,
        content: bytes,
        counted: bool,
        at: At,
        offset: int,
    ) -> None:
        """The response to the oldest request, its content included."""
        packet, time_ns, _ = at
        body, prefix, note = whole_body(content, by_name, counted, self.hashes)
        progress, _ = self.waiting.take(offset, at[2])
        assert progress is not None
        exchange = progress.exchange
        exchange.response = Response(
            version, fields, [], size, body, packet, packet, time_ns, time_ns, True, status, reason
        )
        message = progress.response = WholeMessage(offset, size, len(content))
        progress.response_over = True
        self._last[SERVER] = exchange.no
        self.waiting.read_up_to = offset + size + len(content)
        if note is not None:
            progress.note(note[0], packet, note[1], note[2])
        if self._overlaps is not None:
            self._say_overlaps(progress, message, SERVER)
        if content:
            check_type(progress, exchange.response, prefix)
        self._finish(progress)
