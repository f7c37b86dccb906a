"""What the walkthrough says of requests and responses: where they begin, how their end is known, where it
comes."""

from __future__ import annotations

from collections.abc import Iterable

from httptrace.lang import _, ngettext
from httptrace.model import Direction, Exchange, Field, Happening, Message, MessageBegan, Note, Request, Response
from httptrace.outputs.narration.facts import PacketFacts
from httptrace.outputs.narration.kinds import asked_for, content, media_type, sent_along, status_means
from httptrace.outputs.narration.wording import (
    TROUBLE,
    Remark,
    Roles,
    clean,
    duration,
    join,
    listed,
    octets,
    say,
)

#: The header fields that make a request conditional (RFC 9110 §13.1).
_CONDITIONS = ("If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since")


def request_line(request: Request) -> str:
    """The start line as it was sent."""
    version = "" if request.version == "HTTP/0.9" else f" {clean(request.version)}"
    return f"{clean(request.method, 40)} {clean(request.target)}{version}"


def status_line(response: Response) -> str:
    """The status with its reason; HTTP/0.9 has neither."""
    if response.status is None:
        return _("an answer without a status (HTTP/0.9)")
    return f"{response.status} {clean(response.reason or '', 60)}".rstrip()


def request_begins(exchange: Exchange, known: Exchange, facts: PacketFacts, roles: Roles) -> str:
    """The sentences where a request's head is complete; `known` is the same exchange with what is known of
    its answer."""
    request = exchange.request
    assert request is not None
    host = request.value("Host")
    line = request_line(request)
    if host:
        line = listed([line, f"Host {clean(host)}"])
    client = roles.the(Direction.CLIENT)
    match request.method:
        case "GET":
            what = say(_("{client} requests {thing}: {line}."), client=client, thing=asked_for(known), line=line)
        case "HEAD":
            what = say(
                _("{client} asks for the head of an answer, without its body: {line}."),
                client=client,
                line=line,
            )
        case "POST" | "PUT" | "PATCH" if request.body.framing in ("length", "chunked"):
            what = say(_("{client} sends {thing}: {line}."), client=client, thing=sent_along(request), line=line)
        case "CONNECT":
            what = say(_("{client} asks for a tunnel: {line}."), client=client, line=line)
        case _other:
            what = say(_("{client} sends a request: {line}."), client=client, line=line)
    began = ""
    if request.first_packet != facts.record.packet and request.first_packet:
        began = say(
            _("It began in No{packet}; only now its head is complete."),
            packet=request.first_packet,
        )
    return join([what, began, _wishes(request), _body_ahead(request, facts, alone=False)])


def _wishes(request: Request) -> str:
    """What a request asks beside its target, where that changes what happens next."""
    said = []
    condition = next((name for name in _CONDITIONS if request.value(name)), None)
    if condition in ("If-None-Match", "If-Modified-Since"):
        said.append(say(_("It has a copy and wants a new one only if that is out of date ({field})."), field=condition))
    elif condition:
        said.append(say(_("It is to be done only if a condition holds ({field})."), field=condition))
    wanted = request.value("Range")
    if wanted:
        said.append(say(_("Only a part is wanted (Range: {range})."), range=clean(wanted, 60)))
    if (request.value("Expect") or "").lower() == "100-continue":
        said.append(say(_("Before sending the body it asks for leave (Expect: 100-continue).")))
    upgrade = request.value("Upgrade")
    if upgrade:
        said.append(
            say(
                _("It offers to change to another protocol (Upgrade: {protocol})."),
                protocol=clean(upgrade, 40),
            )
        )
    return join(said)


def response_begins(exchange: Exchange, facts: PacketFacts, *, alone: bool, which: str, explain: bool) -> str:
    """The sentences where a response's head is complete.

    `alone`: nothing else is in the packet before it. `which` names the exchange where the section is about
    another one. `explain` asks for the meaning of the status.
    """
    response = exchange.response
    assert response is not None
    line = status_line(response)
    if response.status is not None and explain:
        line = _("{line} ({meaning})").format(line=line, meaning=status_means(response.status))
    kind = media_type(response)
    if kind:
        line = listed([line, clean(kind, 80)])
    if which:
        what = say(_("The answer to {which} begins: {line}."), which=which, line=line)
    else:
        what = say(_("The answer begins: {line}."), line=line)
    began = ""
    if response.first_packet and response.first_packet != facts.record.packet:
        began = say(
            _("It began in No{packet}; only now its head is complete."),
            packet=response.first_packet,
        )
    return join([what, began, _consequence(response), _body_ahead(response, facts, alone=alone, exchange=exchange)])


def fields(happenings: Iterable[Happening]) -> list[Field]:
    """The header fields of the messages that begin with a packet, in the order sent."""
    found: list[Field] = []
    for happening in happenings:
        if isinstance(happening, MessageBegan):
            message: Message | None = happening.informational
            if message is None:
                client = happening.sender is Direction.CLIENT
                message = happening.exchange.request if client else happening.exchange.response
            found += message.headers if message else []
    return found


def interim(response: Response, roles: Roles) -> str:
    """The sentence on a 1xx (RFC 9110 §15.2)."""
    return say(
        _("{server} sends an interim answer: {line} ({meaning}). The final one is still to come."),
        server=roles.the(Direction.SERVER),
        line=status_line(response),
        meaning=status_means(response.status or 100),
    )


def _consequence(response: Response) -> str:
    """What a status makes the client do next, with the header field that says how."""
    location = response.value("Location")
    if response.status in (201, 301, 302, 303, 307, 308) and location:
        if response.status == 201:
            return say(_("It is at {location} (Location)."), location=clean(location))
        return say(_("Location says where to ask instead: {location}."), location=clean(location))
    challenge = response.value("WWW-Authenticate")
    if response.status == 401 and challenge:
        return say(_("WWW-Authenticate says how to prove it: {challenge}."), challenge=clean(challenge))
    later = response.value("Retry-After")
    if later and later.isdigit():
        return say(
            ngettext(
                "It asks to wait {count} second before trying again (Retry-After).",
                "It asks to wait {count} seconds before trying again (Retry-After).",
                min(int(later[:9]), 10**9),
            ),
            count=clean(later, 20),
        )
    part = response.value("Content-Range")
    if response.status == 206 and part:
        return say(_("Content-Range says which part: {range}."), range=clean(part, 60))
    upgrade = response.value("Upgrade")
    if response.status == 101 and upgrade:
        return say(_("The protocol is now {protocol} (Upgrade)."), protocol=clean(upgrade, 40))
    return ""


def _body_ahead(message: Message, facts: PacketFacts, *, alone: bool, exchange: Exchange | None = None) -> str:
    """How long the message will be, and how that is known (RFC 9112 §6.3)."""
    body = message.body
    head = octets(message.header_size)
    if body.framing == "length" and body.declared:
        here = facts.end - facts.start - message.header_size
        if message.first_packet == facts.record.packet and alone and 0 < here < body.declared:
            return say(
                _("The head takes {head}; {size} of body follow (Content-Length), {here} of them in this packet."),
                head=head,
                size=octets(body.declared),
                here=octets(here),
            )
        return say(
            _("The head takes {head}, the body {size} (Content-Length)."),
            head=head,
            size=octets(body.declared),
        )
    if body.framing == "length":
        return say(_("The head takes {head}; there is no body (Content-Length: 0)."), head=head)
    if body.framing == "chunked":
        return say(
            _(
                "The head takes {head}; the body comes in chunks, each with its size before it, and one "
                "of size 0 ends it."
            ),
            head=head,
        )
    if body.framing == "close" and not message.header_size:
        return say(_("It has no head; the body lasts until the connection closes."))
    if body.framing == "close":
        return say(
            _("The head takes {head}; no length is given: the body lasts until the connection closes."),
            head=head,
        )
    if isinstance(message, Response):
        return _no_body(message, exchange, head)
    return ""


def _no_body(response: Response, exchange: Exchange | None, head: str) -> str:
    method = exchange.request.method if exchange and exchange.request else ""
    if method == "HEAD":
        return say(_("The head takes {head}; an answer to HEAD has no body."), head=head)
    if response.status in (204, 304) or (response.status or 200) < 200:
        return say(
            _("The head takes {head}; an answer with status {status} has no body."),
            head=head,
            status=response.status,
        )
    return say(_("The head takes {head}; there is no body."), head=head)


def message_ends(exchange: Exchange, sender: Direction, *, which: str, seen_in: int) -> str:
    """The sentence where a message's last byte was seen; `seen_in` is the packet of the entry that says
    it."""
    message: Message | None = exchange.response if sender is Direction.SERVER else exchange.request
    if message is None:
        return ""
    packet = message.last_packet
    body = message.body
    thing = content(message)
    if which:
        thing = _("{thing} of {which}").format(thing=thing, which=which)
    if not message.complete:
        return _incomplete(message, thing)
    amount = _amount(message)
    if message.first_packet == packet == seen_in:
        if not amount:
            return ""
        if body.framing == "length" and body.encoding is None:
            return say(_("All of it is in this packet."))
        return say(_("All of it is in this packet: {amount}."), amount=amount)
    if body.framing == "close" and not amount:
        return say(_("The close ends {thing}; its body is empty."), thing=thing)
    if body.framing == "close":
        return say(
            _("The close ends {thing}; its last byte came in No{packet}: {amount}."),
            thing=thing,
            packet=packet,
            amount=amount,
        )
    if not amount and body.framing not in ("chunked", "close"):
        return ""
    if not amount:
        return say(_("With No{packet} {thing} is complete."), packet=packet, thing=thing)
    if packet != seen_in and seen_in:
        return say(
            _("Now {thing} is complete: {amount}; its last byte came in No{packet}."),
            thing=thing,
            amount=amount,
            packet=packet,
        )
    took = ""
    if message.end_time_ns > message.time_ns and message.first_packet != packet:
        took = say(
            _("It took {time} from No{first} on."),
            first=message.first_packet,
            time=duration(message.end_time_ns - message.time_ns),
        )
    return join(
        [
            say(_("With No{packet} {thing} is complete: {amount}."), packet=packet, thing=thing, amount=amount),
            took,
        ]
    )


def _amount(message: Message) -> str:
    """How much it was: on the wire, in what coding, unpacked."""
    body = message.body
    if not body.size:
        return ""
    said = [octets(body.size)]
    if body.chunks:
        said.append(ngettext("{count} chunk", "{count} chunks", body.chunks).format(count=f"{body.chunks:,}"))
    if body.encoding and body.decoded_size != body.size:
        said.append(
            _("{coding}, unpacked {size}").format(coding=clean(body.encoding, 40), size=octets(body.decoded_size))
        )
    elif body.encoding:
        said.append(clean(body.encoding, 40))
    return listed(said)


def _incomplete(message: Message, thing: str) -> str:
    body = message.body
    if body.declared:
        return say(
            _("{thing} stays incomplete: {size} of {declared} were seen."),
            thing=thing,
            size=f"{body.size:,}",
            declared=octets(body.declared),
        )
    if not body.size:
        return say(_("{thing} stays incomplete."), thing=thing)
    return say(_("{thing} stays incomplete: {size} of its body were seen."), thing=thing, size=octets(body.size))


def notes(found: Iterable[Note], but_not: frozenset[str]) -> list[Remark]:
    """Notes as paragraphs, without the codes that sentences said already."""
    return [Remark(note_text(note), TROUBLE) for note in found if note.code not in but_not]


def note_text(note: Note) -> str:
    """A note in the current language."""
    template = _(note.template)
    values = {name: clean(value) if isinstance(value, str) else value for name, value in note.values.items()}
    try:
        text = template.format(**values) if values else template
    except (KeyError, IndexError, ValueError):
        text = clean(note.text)
    return say(_("{note}. [{code}]"), note=text.rstrip(" .。"), code=note.code)


def switches_to(exchange: Exchange) -> str:
    """The protocol that the connection speaks behind this exchange; empty where it stays HTTP."""
    response, request = exchange.response, exchange.request
    if response is None or response.status is None:
        return ""
    if response.status == 101:
        return response.value("Upgrade") or "?"
    if request is not None and request.method == "CONNECT" and 200 <= response.status < 300:
        return _("tunnel to {target}").format(target=request.target)
    return ""
