"""What stands on an arrow and below it: flags and numbers, the HTTP message, and what is wrong with the packet.

Everything is in short parts that are put on as many rows as they take; no part is torn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from httptrace import notes as notecodes
from httptrace.lang import _
from httptrace.model import (
    Direction,
    Exchange,
    GapGivenUp,
    Happening,
    Message,
    MessageBegan,
    MessageEnded,
    PacketRecord,
    Response,
)
from httptrace.outputs.ladder.lanes import Row
from httptrace.outputs.narration.facts import Closing, Opening, PacketFacts
from httptrace.outputs.narration.kinds import media_type
from httptrace.outputs.narration.wording import (
    AGAIN,
    NBSP,
    TROUBLE,
    Roles,
    clean,
    duration,
    flag_names,
    octets,
)
from httptrace.outputs.paint import status_style
from httptrace.outputs.wrap import cell_width, shorten

#: A number of one side as it is shown: relative, or as on the wire.
Shown = Callable[[Direction, int], int]

#: Notes that say what is drawn: gaps, messages that are cut, answers without their request.
_DRAWN = frozenset((notecodes.CONTENT_GAP, notecodes.TRUNCATED, notecodes.NO_REQUEST))

#: Longer texts off the wire are cut before they are measured.
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong with a packet, or worth a look: its symbol (AGAIN, TROUBLE or none) and words in parts."""

    symbol: str
    parts: list[str]


@dataclass(frozen=True, slots=True)
class Saying:
    """What a packet says of an HTTP message."""

    text: str
    style: str | None = "bold"


def numbers(record: PacketRecord, *, absolute: bool, window: bool) -> list[str]:
    """The flags and numbers of a packet."""
    flags = flag_names(record.flags).replace(", ", ",")
    parts = [flags, f"seq={record.absolute_seq if absolute else record.seq}"]
    if record.ack is not None and "A" in record.flags:
        parts.append(f"ack={record.absolute_ack if absolute else record.ack}")
    if record.length:
        parts.append(f"len={record.length}")
    if window:
        parts.append(f"win={record.window}")
    return parts


def packed(parts: Iterable[str], first: int, others: int, between: str = " ") -> list[str]:
    """Parts on as few rows as they fit, the first row of so many cells, the others of so many."""
    rows: list[str] = []
    for part in parts:
        room = first if len(rows) <= 1 else others
        longer = f"{rows[-1]}{between}{part}" if rows else part
        if rows and cell_width(longer) <= room:
            rows[-1] = longer
        else:
            rows.append(part)
    return rows


def mark_rows(marks: Iterable[Mark], room: int) -> list[Row]:
    """The rows that marks take below an arrow."""
    rows = []
    for mark in marks:
        before = f"{mark.symbol} " if mark.symbol else ""
        style = {TROUBLE: "alarm", AGAIN: "yellow"}.get(mark.symbol)
        first, *rest = packed(mark.parts, room - cell_width(before), room - cell_width(before), " · ")
        rows.append(Row(shorten(plain(before + first), room), style))
        rows += [Row(shorten(plain(" " * cell_width(before) + row), room), style) for row in rest]
    return rows


def plain(text: str) -> str:
    """The text with ordinary spaces where units are held to their numbers."""
    return text.replace(NBSP, " ")


def span(side: Direction, start: int, end: int, shown: Shown) -> str:
    """Bytes `start` to `end - 1` of a side."""
    if end - start <= 1:
        return _("byte {number}").format(number=shown(side, start))
    return _("bytes {first}–{last}").format(first=shown(side, start), last=shown(side, end - 1))


# What HTTP says


def sayings(happenings: Iterable[Happening], packet: int) -> list[Saying]:
    """The messages that begin or end with a packet; one that does both is said once."""
    happenings = list(happenings)
    begun = {(h.exchange.no, h.sender) for h in happenings if isinstance(h, MessageBegan) and h.informational is None}
    ended = {(h.exchange.no, h.sender) for h in happenings if isinstance(h, MessageEnded)}
    said = []
    for happening in happenings:
        if isinstance(happening, MessageBegan):
            said.append(_begins(happening, whole=(happening.exchange.no, happening.sender) in ended))
        elif isinstance(happening, MessageEnded) and (happening.exchange.no, happening.sender) not in begun:
            saying = _ends(happening, packet)
            if saying is not None:
                said.append(saying)
    return said


def incomplete(happenings: Iterable[Happening]) -> list[Mark]:
    """The messages of which it is known now that not all of them was seen."""
    marks = []
    for happening in happenings:
        message = _message(happening.exchange, happening.sender) if isinstance(happening, MessageEnded) else None
        if message is None or message.complete or not isinstance(happening, MessageEnded):
            continue
        parts = [_("{what} incomplete").format(what=_name(happening.exchange, happening.sender, short=True))]
        if message.body.declared:
            parts.append(
                _("{size} of {declared}").format(size=f"{message.body.size:,}", declared=octets(message.body.declared))
            )
        marks.append(Mark(TROUBLE, parts))
    return marks


def _begins(happening: MessageBegan, *, whole: bool) -> Saying:
    exchange, interim = happening.exchange, happening.informational
    if interim is not None:
        return Saying(f"#{exchange.no} {_status(interim)}", status_style(interim.status))
    name = _name(exchange, happening.sender)
    message = _message(exchange, happening.sender)
    if not isinstance(message, Response):
        return Saying(name)
    parts = [name, clean(media_type(message), 80)]
    if whole and message.complete and message.body.size:
        parts.append(octets(message.body.size))
    return Saying(" ".join(filter(None, parts)), status_style(message.status))


def _ends(happening: MessageEnded, packet: int) -> Saying | None:
    message = _message(happening.exchange, happening.sender)
    if message is None or not message.complete:
        return None
    text = _("{what} complete: {size}") if message.last_packet == packet else _("{what} complete now: {size}")
    name = _name(happening.exchange, happening.sender, short=True)
    return Saying(text.format(what=name, size=octets(message.body.size)), None)


def _name(exchange: Exchange, sender: Direction, *, short: bool = False) -> str:
    """A message by the number of its exchange and its start line without the version; `short` only with its method
    or status."""
    message = _message(exchange, sender)
    if isinstance(message, Response):
        return f"#{exchange.no} {message.status}" if short and message.status else f"#{exchange.no} {_status(message)}"
    request = exchange.request
    if request is None:
        return f"#{exchange.no}"
    target = "" if short else " " + clean(request.target, _LONGEST)
    return f"#{exchange.no} {clean(request.method, 40)}{target}"


def _status(response: Response) -> str:
    if response.status is None:
        return "HTTP/0.9"
    return f"{response.status} {clean(response.reason or '', 60)}".rstrip()


def _message(exchange: Exchange, sender: Direction) -> Message | None:
    return exchange.request if sender is Direction.CLIENT else exchange.response


# What is wrong


def marks(facts: PacketFacts, roles: Roles, shown: Shown, *, hole: bool) -> list[Mark]:
    """What is out of the ordinary in a packet; with `hole` also that it skips bytes."""
    found: list[Mark] = []
    if "port-reused" in facts.record.analysis:
        found.append(Mark("", [_("the ports of an earlier connection")]))
    found += _opening(facts)
    if facts.opening is not None:
        return found
    found += _closing(facts)
    found += _order(facts, shown, hole=hole)
    return [*found, *_windows(facts, roles)]


def missing(gap: GapGivenUp, first: int, last: int, confirmed: int | None) -> list[Mark]:
    """The bytes of a gap, which stand on its dashed line, and below who lost them."""
    which = str(first) if first == last else f"{first}–{last}"
    what = Mark(TROUBLE, [_("{size} missing: {bytes}").format(size=octets(gap.length), bytes=which)])
    if not gap.acked:
        return [what, Mark(TROUBLE, [_("never confirmed: lost, or still on their way")])]
    arrived = _("confirmed: they arrived")
    if confirmed:
        arrived = _("confirmed in No{packet}: they arrived").format(packet=confirmed)
    return [what, Mark(TROUBLE, [arrived, _("the capture lost them")])]


def notes(exchange: Exchange, told: set[str], packet: int) -> list[Mark]:
    """The codes of an exchange's notes on packets up to this one, each once."""
    codes = [note.code for note in exchange.notes if note.packet <= packet]
    new = [code for code in dict.fromkeys(codes) if code not in told and code not in _DRAWN]
    told.update(new)
    return [Mark(TROUBLE, [f"#{exchange.no} {code}"]) for code in new]


def _opening(facts: PacketFacts) -> list[Mark]:
    since = [] if facts.since_syn_ns is None else [_("after {time}").format(time=duration(facts.since_syn_ns))]
    match facts.opening:
        case Opening.SYN_AGAIN:
            again = _("SYN again, attempt {count}").format(count=facts.attempts)
            return [Mark(AGAIN, [again, *since])]
        case Opening.SYN_ACK_AGAIN:
            return [Mark(AGAIN, [_("SYN, ACK again")])]
        case Opening.SYN_BOTH:
            return [Mark("", [_("both sides open at once")])]
        case Opening.REFUSED:
            return [Mark(TROUBLE, [_("refused (reset)"), _("nobody listens on this port")])]
        case _other:
            return []


def _closing(facts: PacketFacts) -> list[Mark]:
    match facts.closing:
        case Closing.RESET:
            own, other = facts.lost
            lost = [_("not confirmed: {size}").format(size=octets(own + other))] if own or other else []
            return [Mark(TROUBLE, [_("reset: the connection ends at once"), *lost])]
        case Closing.FIN_AGAIN:
            return [Mark(AGAIN, [_("FIN again: it was not confirmed")])]
        case Closing.FIN_BOTH:
            return [Mark("", [_("both sides close at once")])]
        case _other:
            return []


def _order(facts: PacketFacts, shown: Shown, *, hole: bool) -> list[Mark]:
    """Bytes that come again, late, too early, or are confirmed without having been seen."""
    sender, found = facts.sender, []
    again = facts.repeated
    if again:
        kind = _kind_of_retransmission(facts)
        if again.earlier is not None:
            kind = _("{kind} of No{packet}").format(kind=kind, packet=again.earlier)
        parts = [kind, span(sender, again.start, again.end, shown)]
        if again.wait_ns is not None:
            parts.append(_("after {time}").format(time=duration(again.wait_ns)))
        if again.confirmed_in is not None:
            parts.append(_("needless: confirmed in No{packet}").format(packet=again.confirmed_in))
        elif again.uncaptured:
            parts.append(_("the first copy is not in the capture"))
        found.append(Mark(AGAIN, parts))
    if facts.late:
        parts = [_("out of order"), span(sender, facts.start, facts.end, shown)]
        if facts.late.overtaken_by:
            parts.append(_("No{packet} overtook them").format(packet=facts.late.overtaken_by))
        found.append(Mark(AGAIN, parts))
    if facts.hole and hole:
        found.append(Mark(TROUBLE, [_("not seen yet: {bytes}").format(bytes=span(sender, *facts.hole, shown))]))
    if facts.unseen:
        which = span(facts.peer, *facts.unseen, shown)
        found.append(Mark(TROUBLE, [_("confirms {bytes}").format(bytes=which), _("which were not captured")]))
    if "dup-ack" in facts.record.analysis:
        found.append(Mark(AGAIN, [_("duplicate ACK {count}").format(count=max(1, facts.duplicates))]))
    return found


def _kind_of_retransmission(facts: PacketFacts) -> str:
    analysis = facts.record.analysis
    if "spurious-retransmission" in analysis:
        return _("spurious retransmission")
    if "fast-retransmission" in analysis:
        return _("fast retransmission")
    return _("retransmission")


def _windows(facts: PacketFacts, roles: Roles) -> list[Mark]:
    analysis, record = facts.record.analysis, facts.record
    found = []
    if "zero-window" in analysis:
        found.append(Mark(TROUBLE, [_("window 0: {peer} must stop").format(peer=roles.the(facts.peer))]))
    elif facts.window_before == 0 and record.window and facts.closing is None:
        found.append(Mark("", [_("window open again: {size}").format(size=octets(record.window))]))
    if "window-full" in analysis:
        full = _("window full: {sender} must wait").format(sender=roles.the(facts.sender))
        found.append(Mark(TROUBLE, [full, _("in flight: {size}").format(size=octets(facts.in_flight))]))
    for word, text in (
        ("zero-window-probe", _("probe: is the window still shut?")),
        ("zero-window-probe-ack", _("answer to the probe")),
        ("keep-alive", _("keep-alive: still there?")),
        ("keep-alive-ack", _("keep-alive: still there")),
    ):
        if word in analysis:
            found.append(Mark("", [text]))
    return found
