"""How the walkthrough stands on a page: headings, entries and paragraphs, never wider than they may be."""

from __future__ import annotations

from httptrace.model import Direction, Field
from httptrace.outputs.heads import field_lines
from httptrace.outputs.narration.facts import Opening, PacketFacts
from httptrace.outputs.narration.wording import NBSP, TROUBLE, Remark, Roles, Row, duration, flag_names, octets
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width, pad, shorten, wrap

#: Narrower than this nothing is laid out.
NARROWEST = 60

#: Prose wider than this is hard to read; a wider terminal gets longer headings and whole entry lines, not
#: longer prose.
WIDEST_PROSE = 100

#: Where paragraphs begin, and where the time of an entry ends.
INDENT = 8
_TIME_ENDS = 14

#: Where the text of a reason begins, behind its label.
_REASONS = 18

#: The column of the flags: two of them, which is what nearly every packet has at most.
_FLAGS = 8


class Page:
    """Lays out lines for one width and one pair of roles, in colour or without."""

    def __init__(self, width: int, roles: Roles, *, digits: int, colour: bool) -> None:
        self.width = max(NARROWEST, width)
        self.roles = roles
        self._columns = len("seq=") + digits, len("ack=") + digits
        self._colour = colour
        names = [cell_width(roles.name(direction)) for direction in Direction]
        self._who = sum(names) + 3

    def heading(self, text: str) -> list[str]:
        """A section's heading: an empty line and a rule across the page."""
        line = f"── {shorten(text, self.width - 6)} "
        return ["", self._style(line + "─" * (self.width - cell_width(line)), "bold cyan")]

    def between(self, sender: Direction) -> str:
        """Who speaks to whom."""
        client, server = self.roles.name(Direction.CLIENT), self.roles.name(Direction.SERVER)
        return f"{client} → {server}" if sender is Direction.CLIENT else f"{client} ← {server}"

    def entry(self, facts: PacketFacts) -> list[str]:
        """The line of one packet: number, time, direction, flags, seq and ack, bytes."""
        record = facts.record
        time = duration(0) if facts.delta_ns is None else _signed(facts.delta_ns)
        label = f"No{record.packet}"
        label += " " * max(1, _TIME_ENDS - cell_width(label) - cell_width(time)) + time
        seq, ack = self._numbers(facts)
        who = pad(self.between(facts.sender), self._who)
        flags = flag_names(record.flags)
        amount = octets(record.length) if record.length else ""
        coloured = self._style(who, "green" if facts.sender is Direction.CLIENT else "magenta")
        used = max(_TIME_ENDS, cell_width(label)) + 2 + self._who + 2
        label = self._style(label, "bold")
        columns = [pad(seq, self._columns[0]), pad(ack, self._columns[1]), amount]
        for gap in ("  ", " "):
            tail = gap.join(columns).rstrip()
            if used + max(_FLAGS, cell_width(flags)) + 2 + cell_width(tail) <= self.width:
                return [f"{label}  {coloured}  {pad(flags, _FLAGS)}  {tail}".rstrip()]
        tail = " ".join(filter(None, (seq, ack, amount)))
        if used + cell_width(flags) + 2 + cell_width(tail) <= self.width:
            return [f"{label}  {coloured}  {flags}  {tail}"]
        return [f"{label}  {coloured}  {flags}", " " * INDENT + tail]

    def fold(self, first: int, last: int, text: str) -> list[str]:
        """The line of several packets told together."""
        label = f"No{first} … No{last}"
        indent = max(_TIME_ENDS + 2, cell_width(label) + 2)
        lines = wrap(text, self._prose, indent)
        lines[0] = self._style(pad(label, indent), "bold") + lines[0][indent:]
        return lines

    def paragraph(self, remark: Remark) -> list[str]:
        """The prose below an entry, its mark in the margin."""
        lines = wrap(remark.text, self._prose, INDENT)
        if remark.mark and lines:
            style = "bold yellow" if remark.mark == TROUBLE else "yellow"
            lines[0] = self._style(pad(f" {remark.mark}", INDENT), style) + lines[0][INDENT:]
        return lines

    def row(self, row: Row) -> list[str]:
        """A reason below an entry: its label, and beside it what there is to say."""
        text = row.text.replace("RFC ", f"RFC{NBSP}").replace(" §", f"{NBSP}§")  # a source is never torn
        lines = wrap(text, self._prose, _REASONS)
        if row.label and lines:
            label = pad(row.label, _REASONS - INDENT)
            lines[0] = " " * INDENT + self._style(label, "cyan") + lines[0][_REASONS:]
        return lines

    def fields(self, fields: list[Field]) -> list[str]:
        """The header fields of a message, each with what it is for."""
        paint = Paint(self._colour)
        return [" " * (INDENT - 2) + line for line in field_lines(fields, self.width - INDENT + 2, paint)]

    def dim(self, line: str) -> str:
        """A line that is laid out already, in the background."""
        return self._style(line, "dim")

    def plain(self, text: str, style: str = "") -> list[str]:
        """Lines from the left margin."""
        return [self._style(line, style) for line in wrap(text, self.width)]

    @property
    def _prose(self) -> int:
        return min(self.width, WIDEST_PROSE)

    def _numbers(self, facts: PacketFacts) -> tuple[str, str]:
        """The numbers as they are, and in the handshake as the arithmetic that textbooks write."""
        record = facts.record
        ack = record.ack if "A" in record.flags else None
        letters = ("x", "y")
        own, other = letters[facts.sender], letters[facts.peer]
        match facts.opening:
            case Opening.SYN | Opening.SYN_AGAIN | Opening.SYN_BOTH:
                return f"seq={own}={record.seq}", ""
            case Opening.SYN_ACK | Opening.SYN_ACK_AGAIN:
                return f"seq={own}={record.seq}", f"ack={other}+1={ack}"
            case Opening.ACK | Opening.REFUSED if facts.confirms_syn:
                return f"seq={record.seq}", f"ack={other}+1={ack}"
        return f"seq={record.seq}", "" if ack is None else f"ack={ack}"

    def _style(self, text: str, style: str) -> str:
        if not self._colour or not style:
            return text
        from rich.style import Style

        return Style.parse(style).render(text)


def _signed(ns: int) -> str:
    return duration(ns) if ns < 0 else "+" + duration(ns)


def title(name: str, counts: list[str]) -> str:
    """The line about the whole capture: its name, and a few amounts."""
    return f"{name}{NBSP}{NBSP} " + " · ".join(counts)
