"""The rows on HTTP: what a method and a status mean, why the body ends where it does, what happens next."""

from __future__ import annotations

from bisect import bisect_right
from urllib.parse import urljoin

from httptrace.lang import _
from httptrace.model import Direction, Exchange, Message, Request, Response
from httptrace.outputs.narration import forms
from httptrace.outputs.narration.kinds import media_type
from httptrace.outputs.narration.why.fields import request_rows, response_rows
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.wording import Roles, Row, clean, join, octets, say
from httptrace.teach.reference import Entry, lookup


class Meaning:
    """Explains messages; `known` are the exchanges of the connection that were read beforehand."""

    def __init__(self, roles: Roles, known: list[Exchange], once: Once) -> None:
        self._roles = roles
        self._once = once
        self._asked: dict[tuple[str, bool], list[Exchange]] = {}  # by URL, and whether Authorization is needed
        for exchange in sorted(known, key=lambda one: one.no):
            request = exchange.request
            if request is not None and request.url:
                self._asked.setdefault((request.url, False), []).append(exchange)
                if request.value("Authorization"):
                    self._asked.setdefault((request.url, True), []).append(exchange)

    def begins(
        self, exchange: Exchange, sender: Direction, informational: Response | None, *, closing: bool
    ) -> list[Row]:
        """The rows where the head of a message is complete; `closing`: the client sent its FIN already."""
        if sender is Direction.CLIENT:
            return self._request(exchange.request) if exchange.request else []
        response = informational or exchange.response
        if response is None:
            return []
        rows = self._status(response, exchange)
        if informational is None:
            rows += self._length(_response_length(response, exchange))
            rows += [*self._type(response), *self._coding(response, exchange)]
            rows += response_rows(exchange.request, response, self._roles, self._once.first)
            rows += [] if closing else self._behind(response, exchange)
        return rows

    def ends(self, exchange: Exchange, sender: Direction) -> list[Row]:
        """The rows where a message is complete: what a form says."""
        if sender is Direction.SERVER or exchange.request is None:
            return []
        lines = forms.form_rows(exchange.request)
        if not lines:
            return []
        rows = [Row(_("form") if place == 0 else "", line) for place, line in enumerate(lines)]
        if media_type(exchange.request) == forms.URLENCODED and self._once.first("urlencoded"):
            text = _("On the wire name=value, with & between; a space is a +, other marks are %XX (WHATWG URL).")
            rows.append(Row("", say(text)))
        elif media_type(exchange.request) == forms.MULTIPART and self._once.first("multipart"):
            text = _(
                "Each part has a head of its own; the boundary of Content-Type stands between them (RFC 7578 §4.1)."
            )
            rows.append(Row("", say(text)))
        return rows

    def _request(self, request: Request) -> list[Row]:
        rows = []
        entry = lookup("method", request.method[:40])
        if entry and self._once.first(f"method {request.method}"):
            rows.append(Row(_("method"), _explained(request.method, entry)))
        rows += [*self._length(_request_length(request)), *self._type(request)]
        return rows + request_rows(request, self._roles, self._once.first)

    def _status(self, response: Response, exchange: Exchange) -> list[Row]:
        if response.status is None:
            text = _("HTTP/0.9 has neither status line nor header fields: the answer is all body.")
            return [Row(_("status"), say(text))] if self._once.first("0.9") else []
        rows = []
        entry = lookup("status", str(response.status)) or lookup("status", f"{response.status // 100}xx")
        if entry and self._once.first(f"status {response.status}"):
            rows.append(Row(_("status"), _explained(str(response.status), entry)))
            head = exchange.request is not None and exchange.request.method == "HEAD"
            next_ = join(["" if head else entry.next(), self._follows(response, exchange)])
        else:
            next_ = self._follows(response, exchange)
        return [*rows, Row(_("next"), next_)] if next_ else rows

    def _follows(self, response: Response, exchange: Exchange) -> str:
        """Which later request of this connection does what the status asks for."""
        request, status = exchange.request, response.status or 0
        if request is None or not request.url or not self._asked:
            return ""
        location = response.value("Location")
        if status in (301, 302, 303, 307, 308) and location:
            following = self._next(exchange.no, _resolved(request.url, location), authorized=False)
            if following is None:
                return say(_("No request for it follows on this connection."))
            return self._does(following, _("Exchange {no} in No{packet} asks there."))
        if status == 401:
            following = self._next(exchange.no, request.url, authorized=True)
            if following is None:
                return say(_("On this connection it does not ask again."))
            return self._does(following, _("Exchange {no} in No{packet} asks again, with Authorization."))
        return ""

    def _next(self, no: int, url: str, *, authorized: bool) -> Exchange | None:
        """The first exchange behind number `no` that asks for the URL."""
        asked = self._asked.get((url, authorized), [])
        place = bisect_right(asked, no, key=lambda one: one.no)
        return asked[place] if place < len(asked) else None

    def _does(self, following: Exchange, text: str) -> str:
        assert following.request is not None
        return say(text, no=following.no, packet=following.request.first_packet)

    def _length(self, found: tuple[str, str]) -> list[Row]:
        name, text = found
        return [Row(_("length"), text)] if text and self._once.first(f"length {name}") else []

    def _type(self, message: Message) -> list[Row]:
        declared = message.body.content_type
        if not declared or message.body.framing == "none":
            return []
        entry = lookup("type", declared[:200])
        if entry is None or not self._once.first(f"type {entry.name}"):
            return []
        return [
            Row(_("type"), _("{type}: {meaning}").format(type=clean(media_type(message), 60), meaning=entry.title()))
        ]

    def _coding(self, response: Response, exchange: Exchange) -> list[Row]:
        coding = response.body.encoding
        if not coding or response.body.framing == "none":
            return []
        offered = exchange.request.value("Accept-Encoding") if exchange.request else None
        if offered and self._once.first("offered"):
            text = say(
                _("{server} packed the body with {coding}; {client} had offered {offered} (RFC 9110 §12.5.3)."),
                server=self._roles.the(Direction.SERVER),
                client=self._roles.the(Direction.CLIENT),
                coding=clean(coding, 40),
                offered=clean(offered, 60),
            )
        elif not offered:
            text = say(
                _("{server} packed the body with {coding}, which the request did not offer (RFC 9110 §12.5.3)."),
                server=self._roles.the(Direction.SERVER),
                coding=clean(coding, 40),
            )
        else:
            return []
        return [Row(_("coding"), text)]

    def _behind(self, response: Response, exchange: Exchange) -> list[Row]:
        """Whether the connection stays open for another request (RFC 9112 §9.3)."""
        options = _options(response) | (_options(exchange.request) if exchange.request else set())
        if response.status in (None, 101) or response.body.framing == "close":
            return []
        if "close" in options:
            text = _("Connection: close: after this answer the connection ends (RFC 9112 §9.6).")
            name = "close"
        elif response.version == "HTTP/1.1":
            text = _("The connection stays open for the next request: that is the rule in HTTP/1.1 (RFC 9112 §9.3).")
            name = "stays"
        elif "keep-alive" in options:
            text = _("Connection: keep-alive: it stays open, which in HTTP/1.0 has to be said (RFC 9112 §9.3).")
            name = "keep"
        else:
            text = _(
                "In HTTP/1.0 the connection ends after the answer, unless keep-alive is agreed on (RFC 9112 §9.3)."
            )
            name = "1.0"
        return [Row(_("after"), say(text))] if self._once.first(f"behind {name}") else []


def _options(message: Message) -> set[str]:
    """What Connection lists, in lower case."""
    return {option.strip().lower() for option in (message.value("Connection") or "")[:400].split(",")}


def _resolved(base: str, location: str) -> str:
    """The URL that a Location stands for (RFC 9110 §10.2.2)."""
    try:
        return urljoin(base, location).partition("#")[0]
    except ValueError:
        return location


def _explained(name: str, entry: Entry) -> str:
    """What the reference says, and where it has it from."""
    source = "RFC " + entry.rfc[0] if entry.rfc else entry.source
    template = _("{name}: {text} ({source})") if source else _("{name}: {text}")
    return template.format(name=clean(name, 40), text=entry.text(), source=source)


def _request_length(request: Request) -> tuple[str, str]:
    """By which rule a request's body ends (RFC 9112 §6.3): the rule's name, and its text."""
    body = request.body
    if body.framing == "length" and body.declared:
        return _counted(body.declared)
    if body.framing == "chunked":
        return _chunked()
    if body.framing == "none" and request.method != "CONNECT" and request.version != "HTTP/0.9":
        return "no request body", say(
            _("No Content-Length, no Transfer-Encoding: then a request has no body (RFC 9112 §6.3).")
        )
    return "", ""


def _response_length(response: Response, exchange: Exchange) -> tuple[str, str]:
    """The same for a response."""
    body = response.body
    if body.framing == "length" and body.declared is not None:
        return _counted(body.declared)
    if body.framing == "chunked":
        return _chunked()
    if body.framing == "close":
        return "close", say(
            _(
                "Neither Content-Length nor chunked: the body ends where the connection does (RFC 9112 §6.3). An end "
                "that comes too early looks the same."
            )
        )
    if exchange.request is not None and exchange.request.method == "HEAD":
        return "head", say(_("An answer to HEAD ends with its head, whatever Content-Length says (RFC 9112 §6.3)."))
    if response.status in (204, 304):
        return f"status {response.status}", say(
            _("An answer with status {status} ends with its head, whatever Content-Length says (RFC 9112 §6.3)."),
            status=response.status,
        )
    return "", ""


def _counted(declared: int) -> tuple[str, str]:
    return "counted", say(
        _(
            "Content-Length: exactly {size} after the empty line are the body; the next byte belongs to another "
            "message (RFC 9112 §6.3)."
        ),
        size=octets(declared),
    )


def _chunked() -> tuple[str, str]:
    return "chunked", say(
        _(
            "Transfer-Encoding: chunked: the length was not known when the body began, so each chunk tells its own "
            "(RFC 9112 §7.1)."
        )
    )
