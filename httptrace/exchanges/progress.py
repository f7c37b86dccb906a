"""A message on its way to becoming a record, and the exchange it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from httptrace import notes
from httptrace.exchanges.body import BodyReader
from httptrace.exchanges.checks import mismatch
from httptrace.exchanges.coding import Decoder, decoder, parse_codings
from httptrace.http.events import MessageHead, RequestHead, ResponseHead
from httptrace.http.framing import BY_LENGTH, BY_TUNNEL, Framing
from httptrace.ledger import Share
from httptrace.limits import Room
from httptrace.model import At, Body, Exchange, Message, Note, Request, Response
from httptrace.notes import note_text


class MessageProgress:
    """One message being read: its record so far, and where its content goes.

    `head_bytes`, `body_bytes`, `framing_bytes` are captured octets as they were sent, for the ledger. `start` and
    `end`: its place in the bytes of its direction.
    """

    __slots__ = (
        "_transfer",
        "body_bytes",
        "end",
        "framing_bytes",
        "head_bytes",
        "last",
        "lost",
        "reader",
        "record",
        "start",
    )

    def __init__(
        self,
        record: Message,
        reader: BodyReader | None,
        transfer: Decoder | None,
        start: int,
        head_bytes: int,
        last: At,
    ) -> None:
        self.record = record
        self.reader = reader
        self._transfer = transfer  # what undoes transfer codings besides chunked
        self.start = start  # in its direction's stream
        self.end: int | None = None
        self.head_bytes = head_bytes
        self.body_bytes = 0
        self.framing_bytes = 0
        self.last = last
        self.lost = 0  # octets of content that were never captured

    @property
    def plain(self) -> bool:
        """Whether its content is nothing but counted and hashed."""
        return self._transfer is None and self.reader is not None and self.reader.plain

    def content(self, data: bytes, at: At) -> None:
        """The next octets of content."""
        self.body_bytes += len(data)
        self.last = at
        reader = self.reader
        if reader is None:
            return
        if self._transfer is None:
            reader.feed(data)
        else:
            for piece in self._transfer.feed(data):
                reader.feed(piece)

    @property
    def door(self) -> Callable[[bytes], object] | None:
        """What takes octets of content as they are sent, without counting them."""
        if self.reader is None or self._transfer is not None:
            return None
        return self.reader.door

    def passed(self, count: int, at: At) -> None:
        """So many octets went through the door."""
        self.body_bytes += count
        self.last = at
        assert self.reader is not None
        self.reader.passed(count)

    def gap(self, length: int) -> None:
        """Octets of content are missing."""
        self.lost += length
        if self._transfer is not None:
            self._transfer.gap()
        if self.reader is not None:
            self.reader.gap()

    def give_up(self) -> None:
        """It is read no further: let go of what its decoders take."""
        if self._transfer is not None:
            self._transfer.let_go()
        if self.reader is not None:
            self.reader.give_up()

    def finish(self, complete: bool) -> list[tuple[str, str, dict[str, str]]]:
        """The message is over: the record is filled in; gives the notes that decoding earned."""
        record = self.record
        record.complete = complete
        record.last_packet, record.end_time_ns = self.last[0], self.last[1]
        earned = []
        if self._transfer is not None and self.reader is not None:
            for piece in self._transfer.finish(not complete):
                self.reader.feed(piece)
            note = self._transfer.note()
            if note is not None:
                earned.append(note)
        if self.reader is not None:
            note = self.reader.finish(not complete)
            if note is not None:
                earned.append(note)
        return earned


def begun(
    record: Message,
    head: MessageHead,
    framing: Framing,
    keep: int = 0,
    hashed: bool = False,
    decoders: Room | None = None,
) -> MessageProgress:
    """A message whose head was read; its record learns what the head says of the content."""
    body = record.body
    body.content_type = head.by_name.get("content-type")
    encoding = head.by_name.get("content-encoding")
    body.encoding = encoding.lower() if encoding is not None else None
    kind, codings = framing.kind, framing.codings
    body.framing = "none" if kind is BY_TUNNEL else kind._value_
    body.declared = framing.length if kind is BY_LENGTH else None
    reader = None
    if body.framing != "none":
        reader = BodyReader(body, parse_codings(encoding) if encoding else [], keep, hashed, decoders)
    transfer = decoder(codings, room=decoders) if codings else None
    return MessageProgress(record, reader, transfer, head.offset, head.size, head.last)


#: Notes that a request and its response may both earn, each with its own packet.
_EACH = (notes.CONTENT_GAP, notes.CONTENT_CODING_ERROR)


class WholeMessage:
    """A request that was over when its dialogue took it up: what is asked of it later, in the words of
    :class:`MessageProgress`."""

    __slots__ = ("body_bytes", "end", "head_bytes", "start")

    framing_bytes = 0

    def __init__(self, start: int, head_bytes: int, body_bytes: int) -> None:
        self.start = start
        self.end: int | None = start + head_bytes + body_bytes
        self.head_bytes = head_bytes
        self.body_bytes = body_bytes


class Progress:
    """An exchange being put together, with what pairing needs to know of its request."""

    __slots__ = (
        "confirmed",
        "exchange",
        "expects_continue",
        "finished",
        "informational",
        "pipelined",
        "request",
        "request_over",
        "response",
        "response_over",
        "start",
        "waited",
        "weight",
    )

    def __init__(self, exchange: Exchange, start: int, confirmed: int) -> None:
        self.exchange = exchange
        self.request: MessageProgress | WholeMessage | None = None
        self.response: MessageProgress | None = None
        self.start = start  # client offset at which the request begins
        self.confirmed = confirmed  # server bytes that the client had read when it sent it
        self.waited = False  # the client had read more responses than the capture holds when it sent it
        self.request_over = self.response_over = False
        self.pipelined = self.expects_continue = self.finished = False
        self.weight = 0  # what it takes of the room for open exchanges
        self.informational: Share | None = None  # what its 1xx responses took, for the ledger

    @property
    def request_size(self) -> int:
        """Octets of the request's content that were seen."""
        return self.request.body_bytes if self.request is not None else 0

    @property
    def shares(self) -> tuple[Share, Share]:
        """For the ledger: what its messages took of each direction."""
        client, server = (
            Share(message.head_bytes, message.body_bytes, message.framing_bytes) if message is not None else Share()
            for message in (self.request, self.response)
        )
        if self.informational is not None:
            server.add(self.informational)
        return client, server

    def note(self, code: str, packet: int, template: str, values: Mapping[str, object] | None = None) -> None:
        """Add a note, once for each code and text."""
        for known in self.exchange.notes:
            if known.code == code and known.template == template and (known.packet == packet or code not in _EACH):
                return
        self.exchange.notes.append(Note(code, packet, template, dict(values) if values else {}))


def type_note(response: Response, prefix: bytes) -> Note | None:
    """The note of a response's content whose declared type is missing, or is not what the content begins like."""
    content_type = response.body.content_type
    if content_type is None:
        if response.status is None:
            return None
        return Note(notes.DEFAULT_CONTENT_TYPE, response.first_packet, DEFAULT_TYPE_TEXT)
    really = mismatch(content_type, prefix)
    if really is None:
        return None
    values = {"declared": content_type, "really": really}
    return Note(notes.MIME_MISMATCH, response.first_packet, MISMATCH_TEXT, values)


def request_record(head: RequestHead, url: str | None) -> Request:
    """The record of a request whose head was read."""
    first, last = head.first, head.last
    return Request(
        head.version,
        head.fields,
        [],
        head.size,
        Body(),
        first[0],
        last[0],
        first[1],
        last[1],
        False,
        head.method,
        head.target,
        url,
    )


def response_record(head: ResponseHead) -> Response:
    """The record of a response whose head was read."""
    first, last = head.first, head.last
    return Response(
        head.version,
        head.fields,
        [],
        head.size,
        Body(),
        first[0],
        last[0],
        first[1],
        last[1],
        False,
        head.status,
        head.reason,
    )


#: What the note of a gap says, by how the content's end is known.
GAP_TEXTS = {
    "length": note_text(
        "{lost:,} of the {declared:,} bytes of content were never captured; size and hash cover the other {size:,}"
    ),
    "chunked": note_text(
        "{lost:,} bytes inside the chunked content were never captured; size and hash cover the other {size:,}"
    ),
    "close": note_text("{lost:,} bytes of content were never captured; size and hash cover the other {size:,}"),
    "none": note_text("{lost:,} bytes were never captured"),
}

NO_REQUEST_TEXT = note_text("the request of this response is not in the capture")

DEFAULT_TYPE_TEXT = note_text(
    "no Content-Type was sent; browsers look at the bytes, many programs take it as text/html"
)

MISMATCH_TEXT = note_text("declared as {declared}, but the content begins like {really}")

#: What the note of an exchange says that was given up for want of room.
GIVEN_UP_TEXT = note_text("more exchanges were open at once than are kept; this one was given up before its response")
NO_ROOM_TEXT = note_text(
    "more exchanges were open at once than are kept; this one was given up, or its fields left out"
)
RESPONSE_ALONE_TEXT = note_text(
    "the request of this response was given up, because more were open at once than are kept"
)
EARLY_LEFT_OUT_TEXT = note_text("more 1xx responses came than are kept; the others were left out")

OVERLAP_TEXT = note_text("bytes were sent again with other values; the first copy counts (RFC 9293 §3.10)")

#: What the note of a message without its end says, by why there is no more, for a request and a response.
TRUNCATED_TEXTS = {
    "capture": (note_text("the capture ends inside the request"), note_text("the capture ends inside the response")),
    "expired": (
        note_text("the request was never finished, and its connection was given up as idle"),
        note_text("the response was never finished, and its connection was given up as idle"),
    ),
    "rst": (
        note_text("a reset ended the connection inside the request"),
        note_text("a reset ended the connection inside the response"),
    ),
    "fin": (
        note_text("the connection was closed inside the request"),
        note_text("the connection was closed inside the response"),
    ),
    "head": (
        note_text("the request breaks off inside its head"),
        note_text("the response breaks off inside its head"),
    ),
}
