"""Questions about where a body ends, how long it is, and how it was packed (RFC 9112 §6, RFC 9110 §8.4)."""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.lang import _
from httptrace.model import Exchange, PacketRecord, Response
from httptrace.teach.answers import Number
from httptrace.teach.lesson import SERVER, Talk
from httptrace.teach.questions.numbers import is_odd
from httptrace.teach.questions.question import Question, choose, octets, quoted, show

#: Fields that have to do with where a body ends.
_TELLING = ("content-length", "transfer-encoding", "connection", "content-encoding", "trailer")


def questions(talk: Talk) -> Iterator[Question]:
    """Every question about bodies."""
    for exchange in talk.exchanges:
        response = exchange.response
        if exchange.request is None or response is None or response.status is None or not response.complete:
            continue
        if any(note.code in ("smuggling-risk", "bad-framing") for note in exchange.notes):
            continue
        if exchange.request.method not in ("HEAD", "CONNECT"):
            yield from _framing(exchange, response)
        yield from _whole(exchange, response)
        yield from _in_packets(talk, exchange, response)
        yield from _packed(exchange, response)
    yield from _order(talk)


def _head(exchange: Exchange, response: Response) -> tuple[str, ...]:
    """The status line and the fields that matter for the body."""
    lines = [
        f"No{response.first_packet}  {response.version} {response.status} {quoted(response.reason or '')}".rstrip()
    ]
    told = [(name, value) for name, value in response.headers if name.lower() in _TELLING]
    return (*lines, *(f"{quoted(name)}: {quoted(value)}" for name, value in told[:6]))


def _framing(exchange: Exchange, response: Response) -> Iterator[Question]:
    body = response.body
    if response.status in (204, 304):
        right = _("There is no body: this status never has one.")
        why = _("{status} ends with the empty line behind its head, whatever its fields say.").format(
            status=response.status
        )
    elif body.framing == "length" and body.declared:
        right = _("It counts {length} bytes, as Content-Length says.").format(length=body.declared)
        why = _("Content-Length: {length}. The byte behind them belongs to the next message.").format(
            length=body.declared
        )
    elif body.framing == "chunked":
        right = _("A chunk of size 0 says so.")
        why = _("Transfer-Encoding: chunked. Each chunk begins with its size; {count} chunks came, then one of size 0.")
        why = why.format(count=body.chunks)
    elif body.framing == "close":
        right = _("The server closes the connection.")
        why = _("Neither Content-Length nor chunks: only the end of the connection says that all {size} are there.")
        why = why.format(size=octets(body.size))
    else:
        return
    wrong = (
        _("A chunk of size 0 says so."),
        _("The server closes the connection."),
        _("Two empty lines stand behind it."),
        _("The last packet has the flag PSH."),
    )
    yield Question(
        "framing",
        2,
        exchange.stream,
        response.first_packet,
        (),
        _("How does the client know where the body of this answer ends?"),
        choose(right, *wrong),
        why,
        _head(exchange, response),
    )


def _whole(exchange: Exchange, response: Response) -> Iterator[Question]:
    """How many numbers the whole message takes."""
    body = response.body
    if body.framing != "length" or not body.size or body.size != body.declared:
        return
    yield Question(
        "message-size",
        2,
        exchange.stream,
        response.last_packet,
        (),
        _(
            "The head takes {head}, its empty line included. How many sequence numbers does the whole answer use up?"
        ).format(head=octets(response.header_size)),
        Number(response.header_size + body.size),
        _("{head} of head and {body} of body: {sum}.").format(
            head=response.header_size, body=body.size, sum=response.header_size + body.size
        ),
        _head(exchange, response),
    )


def _in_packets(talk: Talk, exchange: Exchange, response: Response) -> Iterator[Question]:
    """The body in segments: how long it is, and how much of it the first one carries."""
    carried = _carried(talk, response)
    if not carried:
        return
    first, last = carried[0], carried[-1]
    end = last.seq + last.length
    if response.body.size:
        yield Question(
            "body-length",
            2,
            exchange.stream,
            last.packet,
            show(first, last) if last is not first else show(first),
            _(
                "The answer begins with No{first} and ends with No{last}. Its head takes {head}. How long is its body?"
            ).format(first=first.packet, last=last.packet, head=octets(response.header_size)),
            Number(response.body.size),
            _("From {begin} to {last} are {whole} bytes; {whole} − {head} of head = {body}.").format(
                begin=first.seq,
                last=end - 1,
                whole=end - first.seq,
                head=response.header_size,
                body=response.body.size,
            ),
        )
    if last is first or first.length <= response.header_size:
        return
    yield Question(
        "body-in-first",
        2,
        exchange.stream,
        first.packet,
        show(first),
        _(
            "The answer begins with No{packet}, and its head takes {head}. How many bytes of the body are in "
            "No{packet}?"
        ).format(packet=first.packet, head=octets(response.header_size)),
        Number(first.length - response.header_size),
        _("{length} − {head} = {rest}: the head goes first, what is left of the packet is body.").format(
            length=first.length, head=response.header_size, rest=first.length - response.header_size
        ),
    )


def _carried(talk: Talk, response: Response) -> list[PacketRecord]:
    """The packets that carry a response and nothing else, in order; none where it shares them, or came in trouble."""
    if response.body.framing not in ("length", "close"):
        return []
    begin, end = talk.place(response.first_packet), talk.place(response.last_packet)
    own = [one for one in talk.packets[begin : end + 1] if one.sender is SERVER and one.length]
    if not own or any(is_odd(one) for one in own) or own[-1].packet != response.last_packet:
        return []
    last = own[-1].seq + own[-1].length
    whole = response.header_size + response.body.size
    return own if last - own[0].seq == whole == sum(one.length for one in own) and last < 1 << 32 else []


def _packed(exchange: Exchange, response: Response) -> Iterator[Question]:
    """What Content-Length counts when the body is packed."""
    body = response.body
    if not body.encoding or body.decoded_size <= body.size or body.framing != "length" or body.size != body.declared:
        return
    if any(note.code == "content-coding-error" for note in exchange.notes):
        return
    yield Question(
        "packed",
        2,
        exchange.stream,
        response.last_packet,
        (),
        _("Unpacked, this body has {size}. How many bytes of it crossed the network?").format(
            size=octets(body.decoded_size)
        ),
        choose(
            octets(body.size),
            octets(body.decoded_size),
            octets(body.decoded_size - body.size),
            octets(body.decoded_size + body.size),
            also=(str(body.size), f"{body.size:,}"),
        ),
        _("Content-Length counts what is sent: {packed} packed with {coding}, {size} when unpacked.").format(
            packed=octets(body.size), coding=quoted(body.encoding), size=octets(body.decoded_size)
        ),
        _head(exchange, response),
    )


def _order(talk: Talk) -> Iterator[Question]:
    """Which answer comes first, where requests were sent without waiting."""
    for number, exchange in enumerate(talk.exchanges):
        answer = exchange.response
        if exchange.request is None or answer is None:
            continue
        row = [exchange]
        for one in talk.exchanges[number + 1 : number + 4]:
            if one.request is None or one.request.last_packet >= answer.first_packet:
                break
            row.append(one)
        targets = [quoted(one.request.target) for one in row if one.request is not None]
        if len(set(targets)) < 2 or targets.count(targets[0]) > 1:
            continue
        yield Question(
            "order",
            2,
            exchange.stream,
            answer.first_packet,
            (),
            _("The client sent {count} requests without waiting. Which answer comes first (HTTP/1.1)?").format(
                count=len(row)
            ),
            choose(targets[0], *targets[1:], _("Whichever is ready first.")),
            _("Answers come in the order of their requests; nothing in an HTTP/1.1 answer says what it answers."),
            tuple(
                f"No{one.request.first_packet}  {quoted(one.request.method)} {quoted(one.request.target)}"
                for one in row
                if one.request is not None
            ),
        )
        return
