"""One exchange whole, for `show`: both messages as they were sent, what their bodies are, packets, timing, notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from httptrace.lang import _, ngettext
from httptrace.model import Body, Exchange, Message, Note, Request, Response
from httptrace.outputs.amounts import brief_duration, brief_size, seconds
from httptrace.outputs.heads import field_lines, shown
from httptrace.outputs.paint import Paint, status_style
from httptrace.outputs.safe import safe, spelt_out
from httptrace.outputs.sections import Section, render_plain
from httptrace.outputs.wrap import cell_width, shorten, wrap

#: Cells of the timing bar's blocks at most, all phases together.
_BAR = 40

#: Prose wider than this is hard to read.
_PROSE = 100


@dataclass(frozen=True, slots=True)
class View:
    """What to show. `started`: the time of the capture's first packet."""

    width: int
    paint: Paint
    started: int
    request: bool = True
    response: bool = True
    bodies: bool = True


def page(exchange: Exchange, view: View) -> Iterator[str | list[Section]]:
    """The lines of the page, and in their place the bodies as sections, for whoever can highlight them."""
    yield from _title(exchange, view)
    if view.request:
        yield from _request(exchange, view)
    if view.response:
        for informational in exchange.informational:
            yield from _response(exchange, informational, view)
        yield from _response(exchange, exchange.response, view)
    if view.request and view.response and view.bodies:
        yield from _timing(exchange, view)
        yield from _notes(exchange.notes, view)


def plain(exchange: Exchange, view: View) -> Iterator[str]:
    """The page as plain lines."""
    for part in page(exchange, view):
        yield part if isinstance(part, str) else render_plain(part)


def _title(exchange: Exchange, view: View) -> Iterator[str]:
    where = _("stream {stream}").format(stream=exchange.stream)
    if exchange.h2_stream is not None:
        where += f" ({exchange.h2_stream})"
    number = _("exchange {no}").format(no=exchange.no)
    first, *others = wrap(f"{number} · {where} · {exchange.client} → {exchange.server}", view.width)
    yield view.paint(number, "bold") + first.removeprefix(number)
    yield from others
    request = exchange.request
    if request is not None:
        url = shown(request.target if request.url is None else request.url)
        spelt = spelt_out(url)
        if request.url is not None and request.url != request.target:
            yield from (view.paint(line, "dim") for line in wrap(url, view.width))
        if spelt != url:
            text = _("that is: {url}").format(url=spelt)
            yield from (view.paint(line, "dim") for line in wrap(text, view.width))
    if exchange.tls is not None:
        tls = (exchange.tls.version, exchange.tls.cipher, exchange.tls.sni)
        yield view.paint(safe(" · ".join(filter(None, tls))), "dim")


def _heading(text: str, message: Message | None, view: View) -> Iterator[str]:
    if message is not None:
        text += f" · {_packets(message)} · {seconds(message.time_ns - view.started)} s"
    line = f"── {shorten(text, view.width - 6)} "
    yield ""
    yield view.paint(line + "─" * (view.width - cell_width(line)), "heading")


def _packets(message: Message) -> str:
    first, last = message.first_packet, message.last_packet
    return f"No{first}" if first == last else f"No{first}–No{last}"


# ---------------------------------------------------------------------- messages


def _request(exchange: Exchange, view: View) -> Iterator[str | list[Section]]:
    request = exchange.request
    yield from _heading(_("Request"), request, view)
    if request is None:
        yield _("not in the capture")
        return
    yield from _start_line(
        f"{shown(request.method)} {shown(request.target)} {_version(request)}".rstrip(), view, "bold"
    )
    yield from _rest(request, view, _request_length(request.body))


def _version(request: Request) -> str:
    return "" if request.version == "HTTP/0.9" else request.version


def _response(exchange: Exchange, response: Response | None, view: View) -> Iterator[str | list[Section]]:
    yield from _heading(_("Response"), response, view)
    if response is None:
        yield _("not in the capture")
        return
    if response.status is None:
        yield (
            _("no status line: in HTTP/0.9 an answer is nothing but the body")
            if (response.version == "HTTP/0.9")
            else _("the status line is not in the capture")
        )
    else:
        line = f"{response.version} {response.status} {shown(response.reason or '')}".rstrip()
        yield from _start_line(line, view, status_style(response.status) or "bold", _class_of(response.status))
    yield from _rest(response, view, _response_length(exchange, response))


def _start_line(line: str, view: View, style: str, behind: str = "") -> Iterator[str]:
    lines = wrap(line, view.width) or [""]
    yield from (view.paint(part, style) for part in lines[:-1])
    last = view.paint(lines[-1], style)
    if not behind:
        yield last
    elif cell_width(lines[-1]) + 3 + cell_width(behind) <= view.width:
        yield f"{last} {view.paint('· ' + behind, 'dim')}"
    else:
        yield last
        yield view.paint(behind, "dim")


def _class_of(status: int) -> str:
    """What the first digit says (RFC 9110 §15)."""
    return {
        1: _("1xx informational: the final response is still to come"),
        2: _("2xx success: received, understood, accepted"),
        3: _("3xx redirection: one more step is needed"),
        4: _("4xx client error: the fault is in the request"),
        5: _("5xx server error: the server failed"),
    }.get(status // 100, _("outside the five classes"))


def _rest(message: Message, view: View, length: str) -> Iterator[str | list[Section]]:
    """Header fields, body, trailer fields."""
    yield from field_lines(message.headers, view.width, view.paint)
    if not view.bodies:
        return
    body = message.body
    if length:
        facts = " · ".join(filter(None, (length, _coded(body), "" if message.complete else _("not complete"))))
        yield ""
        yield from (view.paint(line, "dim") for line in wrap(facts, view.width))
    if body.content:
        from httptrace.outputs.bodies import describe

        yield ""
        yield describe(body.content, body.content_type, body.decoded_size, body.sha256)
    if message.trailers:
        yield ""
        yield view.paint(_("trailer fields, sent behind the body:"), "dim")
        yield from field_lines(message.trailers, view.width, view.paint)


def _request_length(body: Body) -> str:
    """How long a request's body is and how that was known; most requests have none, of which nothing is said."""
    return "" if body.framing == "none" else _length(body)


def _response_length(exchange: Exchange, response: Response) -> str:
    if response.body.framing != "none":
        return _length(response.body)
    status = response.status
    if status is not None and (100 <= status < 200 or status in (204, 304)):
        return "" if status < 200 else _("no body: a {status} never has one").format(status=status)
    request = exchange.request
    if request is not None and request.method == "HEAD":
        return _("no body: an answer to HEAD has only a head; its Content-Length is what GET would get")
    if request is not None and request.method == "CONNECT":
        return _("no body: behind this head the tunnel begins")
    return _("no body")


def _length(body: Body) -> str:
    """The body's size, and how its end was known (RFC 9112 §6.3)."""
    if not body.size and body.declared == 0:
        return _("no body: Content-Length is 0")
    size = ngettext("{size} byte", "{size} bytes", body.size).format(size=f"{body.size:,}")
    match body.framing:
        case "length":
            if body.declared is not None and body.declared != body.size:
                return _("{size} of a body whose Content-Length says {declared}").format(
                    size=size, declared=f"{body.declared:,}"
                )
            return _("body of {size}, as Content-Length says").format(size=size)
        case "chunked":
            chunks = ngettext("{count} chunk", "{count} chunks", body.chunks).format(count=f"{body.chunks:,}")
            return _("body of {size} in {chunks}; an empty chunk ends it").format(size=size, chunks=chunks)
        case _:
            return _("body of {size}, until the server closed the connection").format(size=size)


def _coded(body: Body) -> str:
    if not body.encoding or not body.size:
        return ""
    unpacked = brief_size(body.decoded_size) if body.decoded_size < 1_000_000 else f"{body.decoded_size:,} B"
    return _("{coding}, unpacked {size}").format(coding=shown(body.encoding), size=unpacked)


# ---------------------------------------------------------------------- timing, notes


def _timing(exchange: Exchange, view: View) -> Iterator[str]:
    timings = exchange.timings
    phases = [
        (_("connect"), timings.connect),
        (_("TLS"), timings.tls),
        (_("send"), timings.send),
        (_("wait"), timings.wait),
        (_("receive"), timings.receive),
    ]
    known = [(name, ns) for name, ns in phases if ns is not None]
    total = sum(ns for _name, ns in known)
    if not known:
        return
    texts = [f"{name} {brief_duration(ns)}" for name, ns in known]
    cells = min(_BAR, view.width - sum(cell_width(text) + 3 for text in texts))  # a space, a rule, a last eighth
    yield ""
    yield view.paint("▏", "dim").join(
        f"{text} {view.paint(_blocks(ns, total, cells), 'cyan')}".rstrip()
        for text, (_name, ns) in zip(texts, known, strict=True)
    )


def _blocks(ns: int, total: int, cells: int) -> str:
    """A bar as long as the phase's share of the whole, in eighths of a cell."""
    eighths = round(ns * cells * 8 / total) if total else 0
    whole, rest = divmod(eighths, 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[rest].strip()


def _notes(notes: list[Note], view: View) -> Iterator[str]:
    if not notes:
        return
    yield ""
    for note in notes:
        text = f"{note.code} · No{note.packet} · {note_text(note)}"
        lines = wrap(text, min(view.width, _PROSE) - 2)
        yield view.paint("! ", "yellow") + lines[0]
        yield from ("  " + line for line in lines[1:])


def note_text(note: Note) -> str:
    """What a note says, in the current language and harmless."""
    template = _(note.template)
    try:
        return safe(template.format(**note.values) if note.values else template)
    except (KeyError, IndexError, ValueError):  # a translation that lost a place is no reason to say nothing
        return safe(note.text)
