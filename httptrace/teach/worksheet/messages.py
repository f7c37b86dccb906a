"""The section on one exchange: what was asked, what was answered, where the body ends."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.model import Exchange, Request, Response
from httptrace.teach.answers import Answer, Milliseconds, Number, PacketNumber, Words
from httptrace.teach.lesson import Talk
from httptrace.teach.questions.question import QUOTED, choose
from httptrace.teach.worksheet.sheet import Blank, Cell, Section


def exchange(chosen: Exchange, talk: Talk) -> Section:
    """Request and response of an exchange, line by line."""
    request, response = chosen.request, chosen.response
    assert request is not None
    assert response is not None
    rows: list[tuple[Cell, ...]] = [
        (_("Method"), _blank("request.method", Words(request.method))),
        *_words(_("Target"), "request.target", request.target),
        (_("Version"), _blank("request.version", Words(request.version, (request.version.rpartition("/")[2],)))),
        *_words("Host", "request.host", request.value("Host")),
        *_words("Accept-Language", "request.language", request.value("Accept-Language")),
        (_("Packet in which the answer begins"), _blank("response.packet", PacketNumber(response.first_packet))),
        (_("Status code"), _blank("response.status", Number(response.status or 0))),
        *_words("Content-Type", "response.type", response.value("Content-Type"), _essence(response)),
        *_words("Server", "response.server", response.value("Server")),
        *_words("Last-Modified", "response.modified", response.value("Last-Modified")),
        (_("How the end of the body is known"), Blank("exchange.framing", _framing(request, response), 16)),
    ]
    body = response.body
    if response.complete:
        rows.append((_("Length of the body as sent (bytes)"), _blank("response.size", Number(body.size))))
        if body.encoding and body.decoded_size != body.size:
            rows.append((_("How it is packed"), _blank("response.coding", Words(body.encoding))))
            rows.append((_("Length when unpacked (bytes)"), _blank("response.unpacked", Number(body.decoded_size))))
    wait = chosen.timings.wait
    if wait is not None and wait >= 0:
        rows.append(
            (_("From the end of the request to the beginning of the answer (ms)"), _blank("wait", Milliseconds(wait)))
        )
    return Section(
        "exchange",
        _("One exchange: number {no} of this capture").format(no=chosen.no),
        _about(request, talk),
        (_("What"), _("Value")),
        tuple(rows),
    )


def _about(request: Request, talk: Talk) -> str:
    """Which request is meant: by its packet, and by its place there where several begin in one packet."""
    beside = [one.request for one in talk.exchanges if one.request and one.request.first_packet == request.first_packet]
    if len(beside) == 1:
        text = _("Its request begins in No{packet}. Fill in what it and its answer say.")
        return text.format(packet=request.first_packet)
    place = 1 + next(number for number, one in enumerate(beside) if one is request)
    text = _(
        "Of the {count} requests that begin in No{packet} it is number {place}. Fill in what it and its answer say."
    )
    return text.format(count=len(beside), packet=request.first_packet, place=place)


def _blank(name: str, answer: Answer, size: int = 16) -> Blank:
    return Blank(f"exchange.{name}", answer, size)


def _words(label: str, name: str, value: str | None, *also: str) -> list[tuple[Cell, ...]]:
    """A row for a text off the wire, none where it is missing or too long to be copied by hand."""
    if not value or len(value) > QUOTED or not value.isprintable():
        return []
    return [(label, _blank(name, Words(value, also), max(16, len(value))))]


def _essence(response: Response) -> str:
    return (response.value("Content-Type") or "").partition(";")[0]


def _framing(request: Request, response: Response) -> Answer:
    names = {
        "length": "Content-Length",
        "chunked": _("chunks"),
        "close": _("end of the connection"),
        "none": _("no body"),
    }
    framing = response.body.framing
    if request.method == "HEAD" or response.status in (204, 304) or (not response.body.size and framing == "none"):
        framing = "none"
    right = names.get(framing, names["none"])
    return choose(right, *(name for name in names.values() if name != right))
