"""The first look at a capture: what is in it, what of it is HTTP, what is not and why, and where to go on.

A :class:`Survey` is fed while the capture is read and stays small; :func:`summary` makes the page of it.
"""

from __future__ import annotations

from httptrace.lang import _, ngettext
from httptrace.model import Exchange, StreamRecord
from httptrace.outputs.amounts import brief_size, iso, middle
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import safe
from httptrace.outputs.survey import sections
from httptrace.outputs.survey.capture import CaptureFacts
from httptrace.outputs.survey.connections import Connections, Kind
from httptrace.outputs.survey.exchanges import Exchanges
from httptrace.outputs.survey.leftovers import REASONS, leftovers
from httptrace.outputs.survey.page import Page, long_duration, number, row_of, together
from httptrace.outputs.survey.trouble import of_connections, trouble
from httptrace.outputs.wrap import cell_width

__all__ = ["CaptureFacts", "Survey", "summary"]

#: Names of files that the title tells, and errors of files; of more, the first and how many.
_FILES = 3

_DAY_NS = 86_400_000_000_000


class Survey:
    """Takes exchanges and connections as they end. `top`: how many rows the lists of the highest have."""

    def __init__(self, top: int) -> None:
        self.top = top
        self.exchanges = Exchanges(top)
        self.connections = Connections()
        self.left_out = 0  # exchanges that the filter did not want

    def exchange(self, exchange: Exchange) -> None:
        self.exchanges.add(exchange)

    def stream(self, record: StreamRecord) -> None:
        self.connections.add(record)
        if record.notes:
            self.exchanges.stream_notes(record.notes)


def summary(
    survey: Survey,
    facts: CaptureFacts,
    *,
    named: str,
    width: int = 80,
    colour: bool = False,
    filtered: bool = False,
) -> str:
    """The page. `named`: the captures as a shell takes them again, for the commands at the end. `filtered`: only some
    exchanges were wanted, so it is about these alone."""
    paint = Paint(colour)
    page = Page(width, paint)
    found, connections = survey.exchanges, survey.connections
    _title(page, facts, connections, found.count + survey.left_out)
    _capture(page, survey, facts)
    if filtered:
        _filtered(page, survey)
    elif not found.count:
        _nothing(page, connections, facts)
    if found.count:
        sections.exchanges(page, found)
        sections.hosts(page, found, survey.top)
        sections.types(page, found, survey.top)
        sections.slowest(page, found)
        sections.largest(page, found)
        sections.notes(page, found)
    if not filtered:
        trouble(page, connections, facts)
        leftovers(page, connections, found, facts)
    _deeper(page, survey, named)
    return "\n".join(page.lines) + "\n"


def _title(page: Page, facts: CaptureFacts, connections: Connections, exchanges: int) -> None:
    names = " ".join(safe(name) for name in facts.files[:_FILES])
    left = len(facts.files) - _FILES
    if left > 0:
        names += " " + ngettext("and {count} more file", "and {count} more files", left).format(count=number(left))
    counts = [
        ngettext("{count} packet", "{count} packets", facts.packets).format(count=number(facts.packets)),
        of_connections(connections.count),
        ngettext("{count} exchange", "{count} exchanges", exchanges).format(count=number(exchanges)),
    ]
    if facts.packets:
        counts.append(long_duration(facts.span_ns))
    line = " · ".join(counts)
    if cell_width(names) + 3 + cell_width(line) <= page.width:
        page.lines.append(page.paint(names, "bold") + "   " + line)
    else:
        page.lines.append(page.paint(middle(names, page.width), "bold"))
        page.line(line)


def _capture(page: Page, survey: Survey, facts: CaptureFacts) -> None:
    """When, how much, how fast; what was dropped and what is damaged."""
    page.lines.append("")
    seconds = facts.span_ns / 1e9
    if facts.packets:
        page.labelled(_("Time"), _moments(facts))
        if facts.mostly_silent:
            text = _("{silence} of it passed without a packet, up to packet {packet}")
            if facts.silence_ns > _DAY_NS:
                text = _("{silence} of it passed without a packet, up to packet {packet}: captures put together?")
            page.more(text.format(silence=together(long_duration(facts.silence_ns)), packet=number(facts.silence_end)))
        items = [_("{count} TCP").format(count=number(facts.tcp_packets))]
        items.append(_("{size} on the wire").format(size=brief_size(facts.octets)))
        if seconds > 0 and not facts.mostly_silent:
            items.append(_("{rate} packets/s").format(rate=_rate(facts.packets / seconds)))
            items.append(_bits(facts.octets * 8 / seconds))
            exchanges = survey.exchanges.count + survey.left_out
            if exchanges:
                items.append(_("{rate} exchanges/s").format(rate=_rate(exchanges / seconds)))
        page.labelled(_("Packets"), row_of(items))
    speaking = survey.connections.applications
    if speaking:
        page.labelled(_("Connections"), row_of(f"{_speaks(name)} {number(n)}" for name, n in speaking.most_common()))
    if len(facts.files) > 1:
        text = ngettext(
            "{files} read as one, by time; {count} packet that another file holds too was dropped",
            "{files} read as one, by time; {count} packets that another file holds too were dropped",
            facts.duplicates,
        )
        files = ngettext("{count} file", "{count} files", len(facts.files)).format(count=number(len(facts.files)))
        page.labelled(_("Files"), text.format(files=files, count=number(facts.duplicates)))
    for damage in facts.damage[:_FILES]:
        page.labelled(_("Damaged"), _("{problem}; all before it was read").format(problem=safe(damage)), "alarm")


def _speaks(application: str) -> str:
    """What a connection speaks, as a reader writes it."""
    names = {"tls": "TLS", "websocket": "WebSocket", "unknown": _("not HTTP")}
    return names.get(application) or application.replace("http/1", "HTTP/1.x").replace("http/", "HTTP/")


def _moments(facts: CaptureFacts) -> str:
    first, last = iso(facts.first_ns), iso(facts.last_ns)
    if not first or not last:  # a damaged clock
        return long_duration(facts.span_ns)
    begin, end = f"{first[:10]} {first[11:23]}", f"{last[:10]} {last[11:23]}"
    if begin[:10] == end[:10]:
        end = end[11:]
    return _("{begin} to {end} UTC, {duration}").format(
        begin=together(begin), end=together(end), duration=together(long_duration(facts.span_ns))
    )


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def _bits(rate: float) -> str:
    units = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]
    while rate >= 999.5 and len(units) > 1:
        rate /= 1000
        del units[0]
    return f"{_rate(rate)} {units[0]}"


def _filtered(page: Page, survey: Survey) -> None:
    found, whole = survey.exchanges.count, survey.exchanges.count + survey.left_out
    page.lines.append("")
    if not found:
        text = _("No exchange matches the filter; the capture has {count}.")
        page.line(text.format(count=number(whole)), "yellow")
        return
    text = _(
        "Filtered: what follows is about {found} of {count} exchanges. What was not HTTP, and how the connections"
        " fared, is told without a filter."
    )
    page.line(text.format(found=number(found), count=number(whole)), "yellow")


def _nothing(page: Page, connections: Connections, facts: CaptureFacts) -> None:
    """The answer to "where is my HTTP?", before any detail."""
    page.lines.append("")
    if not facts.packets:
        page.line(
            _(
                "The capture holds no packet. Did it run on the right interface (tcpdump -D lists them), and did its"
                " filter let anything through?"
            ),
            "alarm",
        )
        return
    kinds = connections.kinds
    there = [
        (kinds[Kind.HTTP], _("{connections} that began like HTTP, without one whole start line")),
        (kinds[Kind.TLS], _("{connections} of TLS without keys")),
        (kinds[Kind.HTTP2], _("{connections} of HTTP/2, which is not read by this version")),
        (kinds[Kind.OTHER], _("{connections} of another protocol")),
        (kinds[Kind.ONE_WAY], _("{connections} captured in one direction only")),
        (kinds[Kind.CUT], _("{connections} whose payload was not captured")),
        (kinds[Kind.REFUSED], _("{connections} refused")),
        (kinds[Kind.UNANSWERED], _("{connections} unanswered")),
        (kinds[Kind.SILENT], _("{connections} without payload")),
    ]
    said = [text.format(connections=of_connections(count)) for count, text in there if count]
    if not connections.count:
        said = [f"{_(REASONS.get(reason, reason))} {number(n)}" for reason, n in facts.skipped.most_common(3)]
        text = _("No HTTP was found, and no TCP connection at all. There is instead: {what}.")
    else:
        text = _("No HTTP was found. There is instead: {what}.")
    page.line(text.format(what=_(", ").join(said)), "alarm")


def _deeper(page: Page, survey: Survey, file: str) -> None:
    """The commands that tell more, the most useful first."""
    found = survey.exchanges
    commands: list[tuple[str, str]] = []
    if found.first_stream is not None:
        commands.append((f"walk {file} --stream {found.first_stream}", _("the first connection with HTTP")))
        slowest = next(iter(found.slowest), None)
        if slowest is not None:
            commands.append((f"show {file} {slowest[1].no}", _("the slowest exchange")))
        errors = {status // 100 for status in found.statuses}
        for group, what in ((5, _("the server errors")), (4, _("the client errors"))):
            if group in errors:
                commands.append((f"list {file} --status {group}xx", what))
        commands.append((f"list {file}", _("all exchanges")))
    elif survey.left_out:
        commands.append((f"list {file}", _("all exchanges")))
    elif survey.connections.count:
        commands.append((f"streams {file}", _("all connections")))
        commands.append((f"packets {file}", _("all TCP packets")))
    if found.notes:
        code = found.notes.highest(1, lambda noted: noted.exchanges)[0][0]
        commands.append((f"explain {code}", _("what the most frequent note means")))
    if commands:
        page.heading(_("To go deeper"))
    column = max((cell_width(command) for command, _what in commands), default=0) + len("httptrace ")
    for command, what in commands:
        line = f"httptrace {command}"
        if column + 2 + max(cell_width(text) for _command, text in commands) <= page.width:
            line += " " * (column - cell_width(line) + 2) + page.paint(what, "dim")
        page.lines.append(line)
