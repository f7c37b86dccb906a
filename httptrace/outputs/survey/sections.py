"""The sections about what was HTTP: hosts, methods and codes, types, the slowest and the largest, notes."""

from __future__ import annotations

from httptrace.lang import N_, _, ngettext
from httptrace.notes import NOTES
from httptrace.outputs.amounts import UNKNOWN, brief_duration, brief_size, middle
from httptrace.outputs.paint import status_style
from httptrace.outputs.safe import safe
from httptrace.outputs.survey.exchanges import Content, Exchanges, Host, Noted, Shown
from httptrace.outputs.survey.page import Page, counted, number, row_of
from httptrace.outputs.survey.tally import Spread, Tally
from httptrace.outputs.table import Column
from httptrace.outputs.wrap import wrap
from httptrace.teach import reference

#: Status codes that the line of the most frequent ones names.
_CODES = 8

_HostRow = tuple[str, Host]
_ContentRow = tuple[str, Content]
_ShownRow = tuple[int, Shown]


def exchanges(page: Page, found: Exchanges) -> None:
    """Methods, classes of status, codes, sizes and times."""
    page.heading(_("Requests and responses"))
    if found.methods:
        page.labelled(_("Methods"), counted(found.methods, _CODES))
    page.labelled(_("Versions"), counted(found.versions, _CODES))
    _statuses(page, found)
    times = spread(found.durations)
    if times:
        page.labelled(_("Took"), times)


def _statuses(page: Page, found: Exchanges) -> None:
    classes: dict[int, int] = {}
    for status, count in found.statuses.items():
        classes[status // 100] = classes.get(status // 100, 0) + count
    items = [page.paint(f"{group}xx {number(classes[group])}", status_style(group * 100)) for group in sorted(classes)]
    if found.without_status:
        items.append(_("no status line {count}").format(count=number(found.without_status)))
    if found.unanswered:
        items.append(_("no response {count}").format(count=number(found.unanswered)))
    # Nothing here comes off the wire and the line is short, so that it may carry its colours through.
    page.labelled(_("Status"), "")
    page.lines[-1] += " · ".join(items)
    codes = sorted(found.statuses.items(), key=lambda entry: (-entry[1], entry[0]))
    if codes:
        names = [f"{_status_name(status)} {number(count)}" for status, count in codes[:_CODES]]
        left = sum(count for _status, count in codes[_CODES:])
        if left:
            names.append(ngettext("{count} other", "{count} others", left).format(count=number(left)))
        page.more(row_of(names))
    if found.without_request:
        text = ngettext(
            "{count} response came without its request in the capture.",
            "{count} responses came without their requests in the capture.",
            found.without_request,
        )
        page.more(text.format(count=number(found.without_request)))


def _status_name(status: int) -> str:
    entry = reference.lookup("status", str(status))
    return f"{status} {entry.titles[0]}" if entry else str(status)


def spread(times: Spread) -> str:
    """How times are spread, in words; empty where there is none, and one time needs no spread."""
    if times.count < 2:
        return ""
    return _("half within {half}, 95% within {most}, the longest {longest}").format(
        half=brief_duration(times.within(0.5)),
        most=brief_duration(times.within(0.95)),
        longest=brief_duration(times.highest),
    )


def hosts(page: Page, found: Exchanges, top: int) -> None:
    """The hosts with the most exchanges."""
    tally = found.hosts
    page.heading(_heading(_("Hosts"), len(tally), top, tally.others is not None))
    rows = tally.highest(top, lambda host: host.exchanges)
    columns: list[Column[_HostRow]] = [
        Column(N_("Exchanges"), 9, lambda row, _width: number(row[1].exchanges), right=True)
    ]
    # A column that would be empty leaves its room to the names.
    if any(host.client_errors for _name, host in rows):
        columns.append(
            Column("4xx", 6, lambda row, _width: _some(row[1].client_errors), right=True, style=lambda _row: "yellow")
        )
    if any(host.server_errors for _name, host in rows):
        columns.append(
            Column("5xx", 6, lambda row, _width: _some(row[1].server_errors), right=True, style=lambda _row: "alarm")
        )
    if any(host.unanswered for _name, host in rows):
        columns.append(Column(N_("No response"), 11, lambda row, _width: _some(row[1].unanswered), right=True))
    if any(host.sent for _name, host in rows):
        columns.append(Column(N_("Sent"), 8, lambda row, _width: _octets(row[1].sent), right=True, needs=72))
    if any(host.received for _name, host in rows):
        columns.append(Column(N_("Received"), 8, lambda row, _width: _octets(row[1].received), right=True))
    columns += [
        Column("", 1, lambda _row, _width: ""),
        Column(N_("Host"), 8, lambda row, room: middle(safe(row[0]), room), takes_rest=True),
    ]
    page.table(columns, rows)
    others = tally.others
    if others is not None:
        text = _("Further hosts were not told apart: {count} exchanges, {size} received.")
        page.dim(text.format(count=number(others.exchanges), size=brief_size(others.received)))


def types(page: Page, found: Exchanges, top: int) -> None:
    """What the bodies were, by content type."""
    if found.responses:
        page.heading(_heading(_("Content received"), len(found.responses), top, found.responses.others is not None))
        _contents(page, found.responses, top)
    if found.requests:
        page.heading(_heading(_("Content sent"), len(found.requests), top, found.requests.others is not None))
        _contents(page, found.requests, top)


def _contents(page: Page, tally: Tally[Content], top: int) -> None:
    columns: list[Column[_ContentRow]] = [
        Column(N_("Bodies"), 9, lambda row, _width: number(row[1].messages), right=True),
        Column(N_("Size"), 8, lambda row, _width: brief_size(row[1].size), right=True),
        Column(N_("Unpacked"), 8, lambda row, _width: brief_size(row[1].decoded), right=True),
        Column(N_("Largest"), 8, lambda row, _width: brief_size(row[1].largest), right=True),
        Column("", 1, lambda _row, _width: ""),
        Column(N_("Content type"), 8, lambda row, room: _type(row[0], room), takes_rest=True),
    ]
    page.table(columns, tally.highest(top, lambda content: content.size))
    others = tally.others
    if others is not None:
        text = _("Further types were not told apart: {count} bodies, {size}.")
        page.dim(text.format(count=number(others.messages), size=brief_size(others.size)))


def _type(name: str, room: int) -> str:
    return middle(safe(name), room) if name else _("(none declared)")


def slowest(page: Page, found: Exchanges) -> None:
    """The exchanges that took longest."""
    if found.durations.count < 2:
        return
    page.heading(_("Slowest exchanges"))
    columns: list[Column[_ShownRow]] = [
        *_numbered(),
        Column(N_("Took"), 8, lambda row, _width: brief_duration(row[0]), right=True),
        Column(N_("Waited"), 8, lambda row, _width: brief_duration(row[1].wait_ns), right=True),
        *_request_columns(),
    ]
    page.table(columns, found.slowest)


def largest(page: Page, found: Exchanges) -> None:
    """The largest bodies, whichever way they went."""
    rows = list(found.largest)
    if not rows:
        return
    page.heading(_("Largest bodies"))
    columns: list[Column[_ShownRow]] = [
        *_numbered(),
        Column(N_("Size"), 8, lambda row, _width: brief_size(row[0]), right=True),
        Column(N_("Unpacked"), 8, lambda row, _width: brief_size(row[1].decoded), right=True),
        *_request_columns(),
    ]
    if any(row[1].of_request for row in rows):
        columns.insert(1, Column(N_("Way"), 8, _way))
    page.table(columns, rows)


def _numbered() -> list[Column[_ShownRow]]:
    return [Column(N_("No"), 7, lambda row, _width: str(row[1].no), right=True)]


def _request_columns() -> list[Column[_ShownRow]]:
    return [
        Column(
            N_("Status"),
            6,
            lambda row, _width: UNKNOWN if row[1].status is None else str(row[1].status),
            right=True,
            style=lambda row: status_style(row[1].status),
        ),
        Column("", 1, lambda _row, _width: ""),
        Column(N_("Type"), 24, lambda row, _width: row[1].content_type or UNKNOWN, needs=120),
        Column(N_("Request"), 8, _request, takes_rest=True),
    ]


def _way(row: _ShownRow, _width: int) -> str:
    return _("sent") if row[1].of_request else _("received")


def _request(row: _ShownRow, room: int) -> str:
    shown = row[1]
    if not shown.method:
        return middle(_("(request not captured) {server}").format(server=shown.url), room)
    return f"{shown.method} {middle(shown.url, room - len(shown.method) - 1)}"


def notes(page: Page, found: Exchanges) -> None:
    """The notes by their code, each with what it means and where it came first."""
    if not found.notes:
        return
    page.heading(_("Notes"))
    rows = found.notes.highest(len(found.notes), lambda noted: noted.exchanges)
    for code, noted in rows:
        known = NOTES.get(code)
        _note(page, code, noted, _(known.meaning) if known else "")


def _note(page: Page, code: str, noted: Noted, meaning: str) -> None:
    if noted.first:
        text = ngettext("in {count} exchange: {no}", "in {count} exchanges, first in {no}", noted.exchanges)
    else:
        text = ngettext("on {count} connection", "on {count} connections", noted.times)
    where = text.format(count=number(noted.exchanges if noted.first else noted.times), no=noted.first)
    page.lines.append(f"{page.paint(safe(code), 'yellow')}  {where}")
    page.lines += [page.paint(line, "dim") for line in wrap(meaning, page.width, 4)]


def _some(count: int) -> str:
    return number(count) if count else ""


def _octets(count: int) -> str:
    return brief_size(count) if count else ""


def _heading(title: str, count: int, top: int, beyond: bool) -> str:
    """A section's title, with how many there are where not all are shown."""
    if count <= top and not beyond:
        return title
    if beyond:
        return _("{title}: {top} of more than {count}").format(title=title, top=top, count=number(count))
    return _("{title}: {top} of {count}").format(title=title, top=top, count=number(count))
