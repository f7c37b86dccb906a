"""Questions about requests and status codes (RFC 9110 §9, §15)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from httptrace.lang import _
from httptrace.model import Exchange, Request, Response
from httptrace.teach.lesson import Talk
from httptrace.teach.questions.question import Question, choose, octets, quoted
from httptrace.teach.reference import lookup

#: Where a capture has too few statuses of its own, wrong answers come from here.
_USUAL = (200, 404, 301, 500, 304, 403, 206, 503)

_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")

#: Statuses behind which a browser asks for the address in Location by itself.
_FOLLOWED = (301, 302, 303, 307, 308)


def questions(talk: Talk) -> Iterator[Question]:
    """Every question about what was asked and answered."""
    statuses = list(
        dict.fromkeys(
            one.response.status for one in talk.exchanges if one.response and one.response.status and one.request
        )
    )
    for exchange in talk.exchanges:
        request, response = exchange.request, exchange.response
        if request is None or response is None or response.status is None or response.status < 200:
            continue
        yield from _status(exchange, request, response, statuses)
        yield from _class(exchange, request, response)
        yield from _afterwards(exchange, request, response)
        yield from _method(exchange, request)


def request_line(request: Request) -> str:
    """The request in a few words."""
    return f"{quoted(request.method)} {quoted(request.target)}"


def _status(exchange: Exchange, request: Request, response: Response, statuses: list[int]) -> Iterator[Question]:
    status = response.status or 0
    entry = lookup("status", str(status))
    if entry is None:
        return
    meaning = re.split(r"(?<=\.) |(?<=。)", entry.text())[0]
    if str(status) in meaning:
        return
    wrong = [str(one) for one in (*statuses, *_USUAL) if one != status]
    yield Question(
        "status",
        1,
        exchange.stream,
        response.first_packet,
        (),
        _("The answer to this request says: “{meaning}” Which status code stands in its status line?").format(
            meaning=meaning
        ),
        choose(str(status), *wrong),
        _("No{packet} begins {version} {status} {reason}.").format(
            packet=response.first_packet,
            version=response.version,
            status=status,
            reason=quoted(response.reason or entry.title()),
        ),
        (f"No{request.first_packet}  {request_line(request)} {quoted(request.version)}",),
    )


def _class(exchange: Exchange, request: Request, response: Response) -> Iterator[Question]:
    status = response.status or 0
    name = f"{status // 100}xx"
    titles = {one: entry.title() for one in _CLASSES if (entry := lookup("status", one))}
    if name not in titles or status < 300:
        return
    entry = lookup("status", name)
    assert entry is not None
    wrong = [title for other, title in titles.items() if other not in (name, "1xx")]
    yield Question(
        "status-class",
        1,
        exchange.stream,
        response.first_packet,
        (),
        _("Which class of answers does the status code {status} belong to?").format(status=status),
        choose(titles[name], *wrong, also=(name, name[0])),
        _("The first digit says it: {name}. {text}").format(name=name, text=entry.text()),
        (
            f"No{request.first_packet}  {request_line(request)}",
            f"No{response.first_packet}  {response.version} {status} {quoted(response.reason or '')}",
        ),
    )


def _afterwards(exchange: Exchange, request: Request, response: Response) -> Iterator[Question]:
    """What a browser does next."""
    status, location = response.status or 0, response.value("Location")
    follows = _("It asks for the address in Location, by itself.")
    shows = _("It shows the body of this answer and does nothing more.")
    keeps = _("It shows the copy that it already has.")
    again = _("It sends the same request again every second until 200 comes.")
    if status in _FOLLOWED and location:
        right, wrong = follows, (shows, keeps, again)
        why = _("Location names the next address: {location}").format(location=quoted(location))
    elif status == 304:
        right, wrong = keeps, (shows, again, follows)
        why = _("304 has no body: it says that what the browser has stored is still good.")
    elif status >= 400 and status not in (401, 407, 408, 421, 425) and request.method == "GET":
        right, wrong = shows, (follows, keeps, again)
        why = _("Also {status} comes with a body, {size} here: the server's own words for people.").format(
            status=status, size=octets(response.body.decoded_size)
        )
        if not response.body.size:
            return
    else:
        return
    fields = [f"{name}: {quoted(value)}" for name, value in response.headers if name.lower() == "location"][:1]
    yield Question(
        "afterwards",
        1,
        exchange.stream,
        response.last_packet,
        (),
        _("What does a browser do next?"),
        choose(right, *wrong),
        why,
        (
            f"No{request.first_packet}  {request_line(request)}",
            f"No{response.first_packet}  {response.version} {status} {quoted(response.reason or '')}",
            *fields,
        ),
    )


def _method(exchange: Exchange, request: Request) -> Iterator[Question]:
    """Which method the request has, where what it does leaves one answer."""
    response = exchange.response
    assert response is not None
    if request.method == "HEAD" and response.value("Content-Length") and not response.body.size:
        told = _("The answer announces a body of {length} bytes and sends none.").format(
            length=quoted(response.value("Content-Length") or "")
        )
        why = _("HEAD asks for the head alone: the same fields as for GET, and never a body.")
        wrong = ("GET", "POST", "PUT")
    elif request.method == "POST" and request.body.size and request.body.content_type:
        told = _("The request brings {size} of {type}.").format(
            size=octets(request.body.size), type=quoted(request.body.content_type.partition(";")[0])
        )
        why = _("POST hands data to the server to work on. GET, HEAD and DELETE bring no body.")
        wrong = ("GET", "HEAD", "DELETE")
    elif request.method == "GET" and response.body.size and not request.body.size:
        told = _("The request brings no body; the answer brings {size}.").format(size=octets(response.body.size))
        why = _("GET asks for what is at the address, to have it. HEAD would get no body.")
        wrong = ("POST", "HEAD", "CONNECT")
    else:
        return
    yield Question(
        "method",
        1,
        exchange.stream,
        request.first_packet,
        (),
        _("Which method does this request have?"),
        choose(request.method, *wrong),
        why,
        (f"No{request.first_packet}  ? {quoted(request.target)} {quoted(request.version)}", told),
    )
