"""Conversations as nearly all are: a request in one piece, its response, counted or in chunks, the next request.

Such a connection needs no readers, no events, and no row of requests that wait: a :class:`PlainDialogue` is the sink of
both directions and makes their records at once. It knows few rules. Whatever else comes, be it a second request before
the response, a gap or an end inside a message, is for a :class:`httptrace.exchanges.dialogue.Dialogue`, which
takes up at this very place (:meth:`PlainDialogue.grow`); when it is between two exchanges, it hands the conversation
back. What comes out is the same either way; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from httptrace.exchanges.body import PREFIX, BodyReader
from httptrace.exchanges.coding import parse_codings
from httptrace.exchanges.conversation import PlainHost
from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.progress import type_note
from httptrace.exchanges.url import effective_url
from httptrace.http.chunked import ChunkedContent
from httptrace.http.http1 import MessageReader
from httptrace.http.plain import counted, request_at, response_at
from httptrace.model import At, Body, End, Exchange, Note, PlainSink, Request, Response, Timings

_RESET = End.RESET

#: Fields that make a request's reading take thought, or what follows it.
_NOT_PLAIN = frozenset(("content-encoding", "expect", "transfer-encoding", "upgrade"))


def _only_chunked(version: str, by_name: dict[str, str]) -> bool:
    return by_name["transfer-encoding"] == "chunked" and version == "HTTP/1.1"


#: What decoding has to say: a note's code, template and values.
Remark = tuple[str, str, dict[str, str]]


class PlainRequests(PlainSink):
    """The sink of the client's direction."""

    __slots__ = ("_dialogue",)

    def __init__(self, dialogue: PlainDialogue) -> None:
        self._dialogue = dialogue

    def data(self, data: bytes, at: At, now: int) -> None:
        if not self._dialogue.asked(data, at, now):
            MessageReader.data(self._dialogue.grow().requests, data, at, now)

    def gap(self, length: int, at: At, now: int) -> None:
        self._dialogue.grow().requests.gap(length, at, now)

    def end(self, reason: End, at: At, now: int) -> None:
        if reason is _RESET:
            self._dialogue.grow().requests.end(reason, at, now)


class PlainDialogue:
    """One connection between two messages, or inside a response whose length is known; the sink of the server's
    direction. Everything that :meth:`httptrace.exchanges.taking.TakingUp.take_up` has to know is public.

    `read`, `answered`: where the next message of the client and of the server begins in its direction's bytes.
    `unclean`: bytes are missing before this place, so the acknowledgements are looked at.
    """

    __slots__ = (
        "answered",
        "at",
        "bulk",
        "bulk_at",
        "chunked",
        "confirmed",
        "connect",
        "dialogue",
        "host",
        "last_answered",
        "left",
        "number",
        "opened",
        "read",
        "reader",
        "request",
        "response",
        "start",
        "take",
        "unclean",
        "version",
        "versions_differ",
    )

    bulk_at: At  # of a door that was never opened nobody asks these two
    take: Callable[[bytes], object]

    def __init__(self, host: PlainHost, unclean: bool) -> None:
        self.host = host
        self.unclean = unclean
        self.dialogue: Dialogue | None = None  # what this grows into, where there was one before
        self.read = self.answered = 0
        self.version: str | None = None  # of the first message read
        self.versions_differ = False
        self.number: int | None = None  # of the exchange whose request was read last
        self.last_answered: int | None = None  # of the exchange whose response was begun last
        self.request: Request | None = None  # whose response is still to come, or to end
        self.connect: int | None = None  # how long the handshake took, for its exchange
        self.start = self.confirmed = 0  # where it begins; how much of the server's bytes its sender had read
        self.response: Response | None = None  # which is being read
        self.reader: BodyReader | None = None
        self.chunked: ChunkedContent | None = None  # what undoes its chunks
        self.left = 0  # octets of its content to come, where they are counted
        self.at: At = (0, 0, 0)  # where the last of them was seen
        self.bulk = self.opened = 0  # the side door, as in http/door.py

    # ------------------------------------------------------------------ requests

    def asked(self, data: bytes, at: At, now: int) -> bool:
        """A piece of the client's bytes; whether it was just a plain request, which was taken in."""
        packet, time_ns, confirmed = at
        if self.request is not None or confirmed > self.answered:
            return False
        parts = request_at(data, 0)
        if parts is None:
            return False
        method, target, version, fields, by_name, size = parts
        length = counted(by_name, 0)
        if size + length != len(data) or length < 0 or not _NOT_PLAIN.isdisjoint(by_name):
            return False
        host = self.host
        body = Body(0, 0, None, by_name.get("content-type"))
        if "content-length" in by_name:
            body.framing, body.declared = "length", length
            if length:
                body.size = body.decoded_size = length
                body.sha256 = sha256(data[size:]).hexdigest() if host.hash_bodies else None
        url = effective_url(method, target, by_name.get("host"), False)
        self.request = Request(
            version, fields, [], size, body, packet, packet, time_ns, time_ns, True, method, target, url
        )
        self.number = host.new_number(now)
        self.start, self.confirmed = self.read, confirmed
        self.read += len(data)
        self.connect = None
        if self.version is None:
            self.version = version
            self.connect = host.connect_ns()
        elif version != self.version:
            self.versions_differ = True
        return True

    # ------------------------------------------------------------------ responses: the sink of the server's direction

    def data(self, data: bytes, at: At, now: int) -> None:
        """The next bytes of the server."""
        if self.opened:
            self._shut()
        if self.response is None:
            taken = self._answered(data, at, now)
        elif self.chunked is None:
            taken = self._content(data, at)
        else:
            taken = self._chunks(data, 0, at, now)
        if taken < len(data):
            self._hand_on(data, taken, at, now)

    def gap(self, length: int, at: At, now: int) -> None:
        """Bytes of the server were never captured."""
        self.grow().responses.gap(length, at, now)

    def end(self, reason: End, at: At, now: int) -> None:
        """The server's direction ends."""
        if self.response is not None or reason is _RESET:
            self.grow().responses.end(reason, at, now)

    # Each of these gives how many of the octets it took.

    def _answered(self, data: bytes, at: At, now: int) -> int:
        """A response begins with these bytes, if it is plain."""
        request = self.request
        if request is None or at[2] <= self.start:
            return 0
        parts = response_at(data, 0)
        if parts is None:
            return 0
        version, status, reason, fields, by_name, size = parts
        empty = request.method == "HEAD" or status == 304 or status == 204
        length = 0 if empty else counted(by_name, -1)
        here = len(data) - size
        in_chunks = "transfer-encoding" in by_name
        if length < here if not in_chunks else length >= 0 or not _only_chunked(version, by_name):
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
                body.sha256 = sha256(content).hexdigest() if self.host.hash_bodies else None
            self._over(request, response, None, content[:PREFIX])
            return size + here
        host = self.host
        self.response, self.at = response, at
        self.reader = BodyReader(body, parse_codings(encoding), 0, host.hash_bodies, host.rooms.decoders)
        if in_chunks:
            body.framing = "chunked"
            self.chunked = ChunkedContent(host.rooms.heads)
            return self._chunks(data, size, at, now)
        body.framing, body.declared = "length", length
        self.left = length
        return size + self._content(data[size:], at)

    def _content(self, data: bytes, at: At) -> int:
        """The next octets of counted content, if nothing else is among them."""
        size, left, reader = len(data), self.left, self.reader
        assert reader is not None
        if size > left:
            return 0
        self.at = at
        self.left = left - size
        if size:
            reader.feed(data)
        if size < left:
            self._open(left - size)
        else:
            self._ended(reader, at)
        return size

    def _chunks(self, data: bytes, begin: int, at: At, now: int) -> int:
        """The next octets of chunked content, until it is over or a rule is broken."""
        chunked, reader = self.chunked, self.reader
        assert chunked is not None
        assert reader is not None
        size = reader.body.size
        begin = chunked.feed(data, begin, len(data), reader.feed)
        if reader.body.size != size:
            self.at = at
        if not chunked.plain:
            self._hand_on(data, begin, at, now)
            return len(data)
        if chunked.done:
            self._ended(reader, at)
        else:
            self._open(chunked.data_left)
        return begin

    def _open(self, bulk: int) -> None:
        """Open the side door for so many octets, if the body takes them unseen."""
        assert self.reader is not None
        door = self.reader.door
        if door is not None and bulk:
            self.take = door
            self.bulk = self.opened = bulk

    def _shut(self) -> None:
        """Shut the side door, and account for what went through it."""
        passed = self.opened - self.bulk
        self.bulk = self.opened = 0
        if passed:
            assert self.reader is not None
            self.reader.passed(passed)
            self.at = self.bulk_at
            if self.chunked is None:
                self.left -= passed
            else:
                self.chunked.data_left -= passed

    def _ended(self, reader: BodyReader, at: At) -> None:
        """The content that was read has ended there."""
        request, response = self.request, self.response
        assert request is not None
        assert response is not None
        response.last_packet, response.end_time_ns = at[0], at[1]
        self.response = self.reader = None
        chunked, self.chunked = self.chunked, None
        if chunked is not None:
            response.body.chunks = chunked.chunks
        framing = chunked.framing_bytes if chunked is not None else 0
        self._over(request, response, reader.finish(False), reader.prefix, framing)

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
        wait = response.time_ns - request.end_time_ns
        took = response.end_time_ns - response.time_ns
        # A clock may have been set back.
        timings = Timings(self.connect, None, 0, wait if wait > 0 else 0, took if took > 0 else 0)
        self.request = None
        self.answered += response.header_size + body.size + framing
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
        if self.opened:
            self._shut()
        dialogue, self.dialogue = self.dialogue or Dialogue(self.host, self.unclean), None
        dialogue.take_up(self)
        self.host.becomes(dialogue)
        return dialogue

    def _hand_on(self, data: bytes, taken: int, at: At, now: int) -> None:
        """So many octets of these were taken; the rest, and all that follows, is for the dialogue."""
        in_chunks = self.chunked is not None
        responses = self.grow().responses
        if in_chunks:
            responses.chunks_read(at)
        if taken < len(data):
            responses.data(data[taken:] if taken else data, at, now)

    def last(self) -> Dialogue | None:
        """The connection is over: what has to be told of it, if anything does."""
        return None if self.request is None and self.dialogue is None else self.grow()

    def silent_since(self, before: int) -> bool:
        """Whether an exchange is open of which nothing came in that packet or later, and which may be folded up."""
        if self.request is None:
            return False
        if self.reader is None:
            return self.request.last_packet < before
        return self.reader.plain and (self.bulk_at if self.bulk < self.opened else self.at)[0] < before

    def give_up(self) -> None:
        """Nothing more is read here: let go of what is counted over all connections."""
        if self.reader is not None:
            self.reader.give_up()
        if self.chunked is not None:
            self.chunked.let_go()
        if self.dialogue is not None:
            self.dialogue.give_up()
