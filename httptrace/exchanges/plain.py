"""Conversations as nearly all are: a request, its response, counted or in chunks, the next request.

Such a connection needs no readers, no events, and no row of requests that wait: a :class:`PlainDialogue` is the sink of
both directions and makes their records at once. It knows few rules. Whatever else comes, be it a second request before
the response, a gap or an end inside a message, is for a :class:`httptrace.exchanges.dialogue.Dialogue`, which
takes up at this very place (:meth:`PlainDialogue.grow`); when it is between two exchanges, it hands the conversation
back. What comes out is the same either way; a test holds the two against each other.
"""

from __future__ import annotations

from hashlib import sha256

from httptrace.exchanges.body import PREFIX, BodyReader
from httptrace.exchanges.coding import parse_codings
from httptrace.exchanges.conversation import PlainHost
from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.passing import PassingContent
from httptrace.exchanges.progress import type_note
from httptrace.exchanges.url import effective_url
from httptrace.http.chunked import ChunkedContent
from httptrace.http.http1 import MessageReader
from httptrace.http.plain import counted, head_at
from httptrace.http.syntax import PLAIN_REQUEST, PLAIN_STATUS
from httptrace.ledger import Share
from httptrace.model import At, Body, End, Exchange, Note, Request, Response, Timings

_RESET = End.RESET

#: Fields that make a request's reading take thought, or what follows it.
_NOT_PLAIN = frozenset(("content-encoding", "expect", "transfer-encoding", "upgrade"))

#: What decoding has to say: a note's code, template and values.
Remark = tuple[str, str, dict[str, str]]


def _only_chunked(version: str, by_name: dict[str, str]) -> bool:
    """Whether nothing but chunks frames the content; a Content-Length beside them, of whatever value, earns a note."""
    return by_name["transfer-encoding"] == "chunked" and version == "HTTP/1.1" and "content-length" not in by_name


def plain_shares(exchange: Exchange, framing: int) -> tuple[Share, Share]:
    """For the ledger: what the messages of a plain exchange took of each direction."""
    request, response = exchange.request, exchange.response
    assert request is not None
    assert response is not None
    return Share(request.header_size, request.body.size), Share(response.header_size, response.body.size, framing)


class PlainRequests(PassingContent):
    """The sink of the client's direction."""

    __slots__ = ("_dialogue",)

    def __init__(self, dialogue: PlainDialogue) -> None:
        super().__init__()
        self._dialogue = dialogue

    def data(self, data: bytes, at: At) -> None:
        """The next bytes of the client."""
        if self.opened:
            self.account()
        taken = self._dialogue.asked(data, at) if self.reader is None else self.counted(data, at)
        if taken < len(data):
            MessageReader.data(self._dialogue.grow().requests, data, at)

    def gap(self, length: int, at: At) -> None:
        """Bytes of the client were never captured."""
        self._dialogue.grow().requests.gap(length, at)

    def end(self, reason: End, at: At) -> None:
        """The client's direction ends."""
        if self.reader is not None or reason is _RESET:
            self._dialogue.grow().requests.end(reason, at)

    def ended(self, reader: BodyReader, at: At) -> None:
        self.reader = None
        self._dialogue.asked_all(reader, at)


class PlainDialogue(PassingContent):
    """One connection between two messages, or inside the content of one; the sink of the server's direction.
    Everything that :meth:`httptrace.exchanges.taking.TakingUp.take_up` has to know is public.

    `next_request`, `next_response`: where the next message of each side begins in its bytes; of the server, the one
    that is being read. `mid_stream`: the capture begins inside the connection.
    """

    __slots__ = (
        "confirmed",
        "connect",
        "dialogue",
        "hashes",
        "host",
        "last_answered",
        "mid_stream",
        "next_request",
        "next_response",
        "number",
        "request",
        "requests",
        "response",
        "start",
        "version",
        "versions_differ",
    )

    def __init__(self, host: PlainHost, mid_stream: bool) -> None:
        super().__init__()
        self.host = host
        self.hashes = host.hash_bodies
        self.mid_stream = mid_stream
        self.dialogue: Dialogue | None = None  # what this grows into, where there was one before
        self.requests: PlainRequests | None = PlainRequests(self)  # None when nothing more comes
        self.next_request = self.next_response = 0
        self.version: str | None = None  # of the first message read
        self.versions_differ = False
        self.number: int | None = None  # of the exchange whose request was read last
        self.last_answered: int | None = None  # of the exchange whose response was begun last
        self.request: Request | None = None  # whose response is still to come, or to end
        self.connect: int | None = None  # how long the handshake took, for its exchange
        self.start = self.confirmed = 0  # where it begins; how much of the server's bytes its sender had read
        self.response: Response | None = None  # which is being read

    # ------------------------------------------------------------------ requests

    def asked(self, data: bytes, at: At) -> int:
        """A piece of the client's bytes, between two messages; gives how many of its octets were taken in: none where
        they are not just a plain request, or the beginning of one with all of its head."""
        packet, time_ns, confirmed = at
        if self.request is not None or confirmed > self.next_response:
            return 0
        parts = head_at(data, 0, PLAIN_REQUEST)
        if parts is None:
            return 0
        (method, target, version), fields, by_name, size = parts
        length, here = counted(by_name, 0), len(data) - size
        if length < here or not _NOT_PLAIN.isdisjoint(by_name):
            return 0
        host = self.host
        body = Body(0, 0, None, by_name.get("content-type"))
        url = effective_url(method, target, by_name.get("host"), False)
        self.request = Request(
            version, fields, [], size, body, packet, packet, time_ns, time_ns, True, method, target, url
        )
        self.number = host.new_number()
        self.start, self.confirmed = self.next_request, confirmed
        self.next_request += size + length
        self.connect = None
        if self.version is None:
            self.version = version
            self.connect = host.connect_ns()
        elif version != self.version:
            self.versions_differ = True
        if "content-length" in by_name:
            body.framing, body.declared = "length", length
            if here == length:
                if length:
                    body.size = body.decoded_size = length
                    body.sha256 = sha256(data[size:]).hexdigest() if self.hashes else None
            else:
                requests = self.requests
                assert requests is not None
                requests.begins(BodyReader(body, [], 0, self.hashes), length, at)
                requests.counted(data[size:], at)
        return len(data)

    def asked_all(self, reader: BodyReader, at: At) -> None:
        """The last octet of the request's content was seen there."""
        request = self.request
        assert request is not None
        request.last_packet, request.end_time_ns = at[0], at[1]
        reader.finish(False)

    # ------------------------------------------------------------------ responses: the sink of the server's direction

    def data(self, data: bytes, at: At) -> None:
        """The next bytes of the server."""
        if self.opened:
            self.account()
        if self.reader is None:
            taken = self._answered(data, at)
        elif self.chunked is None:
            taken = self.counted(data, at)
        else:
            taken = self._chunks(data, 0, at)
        if taken < len(data):
            self._hand_on(data, taken, at)

    def gap(self, length: int, at: At) -> None:
        """Bytes of the server were never captured."""
        self.grow().responses.gap(length, at)

    def end(self, reason: End, at: At) -> None:
        """The server's direction ends."""
        if self.reader is not None or reason is _RESET:
            self.grow().responses.end(reason, at)

    # Each of these gives how many of the octets it took.

    def _answered(self, data: bytes, at: At) -> int:
        """A response begins with these bytes, if it is plain."""
        request, requests = self.request, self.requests
        if request is None or at[2] <= self.start or requests is None or requests.reader is not None:
            return 0
        parts = head_at(data, 0, PLAIN_STATUS)
        if parts is None:
            return 0
        (version, code, reason), fields, by_name, size = parts
        status = int(code)
        empty = request.method == "HEAD" or status == 304 or status == 204
        length = 0 if empty else counted(by_name, -1)
        here = len(data) - size
        in_chunks = "transfer-encoding" in by_name
        if (empty or not _only_chunked(version, by_name)) if in_chunks else length < here:
            return 0
        encoding = by_name.get("content-encoding")
        body = Body(0, 0, None, by_name.get("content-type"), encoding.lower() if encoding is not None else None)
        packet, time_ns, _ = at
        response = Response(version, fields, [], size, body, packet, packet, time_ns, time_ns, True, status, reason)
        self.last_answered = self.number
        if empty:
            self._over(request, response, None, b"")
            return size
        if length == here and encoding is None:
            body.framing, body.declared = "length", length
            content = data[size:]
            if here:
                body.size = body.decoded_size = here
                body.sha256 = sha256(content).hexdigest() if self.hashes else None
            self._over(request, response, None, content[:PREFIX])
            return size + here
        host = self.host
        self.response = response
        self.begins(BodyReader(body, parse_codings(encoding), 0, self.hashes, host.rooms.decoders), length, at)
        if in_chunks:
            body.framing = "chunked"
            self.chunked = ChunkedContent(host.rooms.heads)
            return self._chunks(data, size, at)
        body.framing, body.declared = "length", length
        return size + self.counted(data[size:], at)

    def _chunks(self, data: bytes, begin: int, at: At) -> int:
        """The next octets of chunked content, until it is over or a rule is broken."""
        chunked, reader = self.chunked, self.reader
        assert chunked is not None
        assert reader is not None
        size = reader.body.size
        begin = chunked.feed(data, begin, len(data), reader.feed)
        if reader.body.size != size:
            self.at = at
        if not chunked.plain or (chunked.done and begin < len(data)):
            self._hand_on(data, begin, at)
            return len(data)
        if chunked.done:
            self.ended(reader, at)
        else:
            self.let_pass(chunked.data_left)
        return begin

    def ended(self, reader: BodyReader, at: At) -> None:
        request, response = self.request, self.response
        assert request is not None
        assert response is not None
        response.last_packet, response.end_time_ns = at[0], at[1]
        remark = reader.finish(False)
        self.response = self.reader = None
        chunked, self.chunked = self.chunked, None
        if chunked is not None:
            response.body.chunks = chunked.chunks
        framing = chunked.framing_bytes if chunked is not None else 0
        self._over(request, response, remark, reader.prefix, framing)

    def _over(
        self, request: Request, response: Response, remark: Remark | None, prefix: bytes, framing: int = 0
    ) -> None:
        """The response has ended, and the exchange with it. `framing`: octets of its chunks that are no content."""
        host, body = self.host, response.body
        notes = []
        if remark is not None:
            notes.append(Note(remark[0], response.last_packet, remark[1], remark[2]))
        if body.size:
            note = type_note(response, prefix)
            if note is not None:
                notes.append(note)
        sent = request.end_time_ns - request.time_ns
        wait = response.time_ns - request.end_time_ns
        took = response.end_time_ns - response.time_ns
        # A clock may have been set back.
        timings = Timings(self.connect, None, sent if sent > 0 else 0, wait if wait > 0 else 0, took if took > 0 else 0)
        self.request = None
        self.next_response += response.header_size + body.size + framing
        assert self.number is not None
        host.plain_over(
            Exchange(
                *(self.number, host.stream, host.client, host.server, request.version),
                *(request, response, [], timings, notes),
            ),
            framing,
        )

    # ------------------------------------------------------------------ what is not plain

    def grow(self) -> Dialogue:
        """The dialogue that knows every rule, at this place; it takes over both directions."""
        requests, self.requests = self.requests, None
        assert requests is not None
        for side in (requests, self):
            if side.opened:
                side.account()
        dialogue, self.dialogue = self.dialogue or Dialogue(self.host, self.mid_stream), None
        dialogue.take_up(self, requests)
        self.host.becomes(dialogue)
        return dialogue

    def _hand_on(self, data: bytes, taken: int, at: At) -> None:
        """So many octets of these were taken; the rest, and all that follows, is for the dialogue."""
        in_chunks = self.chunked is not None
        responses = self.grow().responses
        if taken < len(data):
            responses.data(data[taken:] if taken else data, at)
        elif in_chunks:
            responses.chunks_read(at)

    def last(self) -> Dialogue | None:
        """The connection is over: what has to be told of it, if anything does."""
        if self.request is None and self.dialogue is None:
            self.requests = None  # a circle: else only the garbage collector would free them
            return None
        return self.grow()

    def silent_since(self, before: int) -> bool:
        """Whether an exchange is open of which nothing came in that packet or later, and which may be folded up."""
        if self.request is None or self.requests is None or self.requests.reader is not None:
            return False
        if self.reader is None:
            return self.request.last_packet < before
        return self.reader.plain and self.last_packet < before

    def give_up(self) -> None:
        """Nothing more is read here: let go of what is counted over all connections."""
        self.requests = None
        if self.reader is not None:
            self.reader.give_up()
        if self.chunked is not None:
            self.chunked.let_go()
        if self.dialogue is not None:
            self.dialogue.give_up()
