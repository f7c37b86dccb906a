"""The headings of the walkthrough: each names what is known when it is printed, and fits its line."""

from __future__ import annotations

from httptrace.lang import _, ngettext
from httptrace.model import Exchange
from httptrace.outputs.narration.messages import status_line
from httptrace.outputs.narration.wording import clean
from httptrace.outputs.wrap import cell_width, shorten

#: What a heading has around its text.
_RULE = 6

#: Requests of one packet that a heading names one by one.
_NAMED = 4


def opening(handshake: str | None, *, first_is_syn: bool, unanswered: bool) -> str:
    """The heading of a connection's first packets."""
    if not first_is_syn:
        return _("In the middle of the connection")
    if unanswered:
        return _("Opening the connection: nobody answers")
    if handshake == "refused":
        return _("Opening the connection: refused")
    if handshake == "partial":
        return _("Opening the connection: not seen whole")
    return _("Opening the connection: three-way handshake")


def closing(*, reset: bool) -> str:
    """The heading of a connection's last packets."""
    return _("Breaking off the connection: reset") if reset else _("Closing the connection: four-step close")


def payload(application: str | None, switched_to: str) -> str:
    """The heading of data that is not told as HTTP."""
    if switched_to:
        return _("After the change of protocol: {protocol}").format(protocol=clean(switched_to, 40))
    match application:
        case "tls":
            return _("TLS: what was said is encrypted, only amounts can be told")
        case "http/2":
            return _("HTTP/2: told as bytes")
        case "websocket":
            return _("WebSocket: told as bytes")
        case "unknown":
            return _("Data that is no HTTP")
    return _("Data")


def requests(exchanges: list[Exchange], known: dict[int, Exchange], width: int) -> str:
    """The heading above one request, or above several in one packet."""
    first = exchanges[0]
    if len(exchanges) > 1:
        lines = " · ".join(_start(exchange) for exchange in exchanges[:_NAMED])
        more = " …" if len(exchanges) > _NAMED else ""
        return _("Exchanges {first}–{last}, pipelined: {requests}").format(
            first=first.no, last=exchanges[-1].no, requests=lines + more
        )
    before = _("Exchange {no}: ").format(no=first.no)
    after = _outcome(known.get(first.no))
    room = max(12, width - _RULE - cell_width(before) - cell_width(after))
    return before + shorten(_start(first), room) + after


def answers(exchanges: list[Exchange], width: int) -> str:
    """The heading above a response that does not come right behind its request."""
    first = exchanges[0]
    if len(exchanges) > 1:
        return _("Exchanges {first}–{last}: the answers").format(first=first.no, last=exchanges[-1].no)
    status = status_line(first.response) if first.response else ""
    if first.request is None:
        return _("Exchange {no}: {status}, the answer to a request that was not captured").format(
            no=first.no, status=status
        )
    text = _("Exchange {no}, the answer: {status} to {request}")
    fixed = cell_width(text.format(no=first.no, status=status, request=""))
    room = max(12, width - _RULE - fixed)
    return text.format(no=first.no, status=status, request=shorten(_start(first), room))


def exchange_name(exchange: Exchange) -> str:
    """An exchange inside a sentence."""
    return _("exchange {no}").format(no=exchange.no)


def without_answer(count: int, numbers: str) -> str:
    """The sentence on requests without an answer."""
    return ngettext(
        "Exchange {numbers} has no answer in the capture.",
        "Exchanges {numbers} have no answer in the capture.",
        count,
    ).format(numbers=numbers)


def _start(exchange: Exchange) -> str:
    request = exchange.request
    return f"{clean(request.method, 40)} {clean(request.target, 400)}" if request else "?"


def _outcome(exchange: Exchange | None) -> str:
    """What became of a request, where that is known already."""
    if exchange is None:
        return ""
    if exchange.response is None:
        return _(" → no answer")
    return f" → {status_line(exchange.response)}"
