"""A packet as one line of a quiz or a worksheet: who sends, which flags, which numbers, what is hidden."""

from __future__ import annotations

from collections.abc import Sequence

from httptrace.lang import _, ngettext
from httptrace.model import Direction, PacketRecord
from httptrace.outputs.wrap import cell_width, pad, wrap
from httptrace.teach.answers import Flags
from httptrace.teach.questions.question import ACK, FLAGS, LENGTH, SEQ, Shown, milliseconds

#: Stands for what the student is to find.
HIDDEN = "?"


def arrow(record: PacketRecord) -> str:
    """Who sends to whom; the client stands on the left, as in the walkthrough."""
    client, server = _("client"), _("server")
    return f"{client} → {server}" if record.sender is Direction.CLIENT else f"{client} ← {server}"


def flags(record: PacketRecord) -> str:
    """The flags as words."""
    return Flags(record.flags).shown or "—"


def lines(shown: Sequence[Shown], width: int) -> list[str]:
    """The packets, a line each, their columns in line; closer together, then no more in line, and at last on two lines
    where `width` asks for it."""
    rows = [_cells(one) for one in shown]
    if not rows:
        return []
    widths = [max(cell_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    used = [column for column, width in enumerate(widths) if width]
    gaps = len(used) - 1
    if sum(widths) + gaps > width:
        return [line for row in rows for line in _broken(" ".join(filter(None, row)), width)]
    space = "  " if sum(widths) + 2 * gaps <= width else " "
    return [space.join(pad(row[column], widths[column]) for column in used).rstrip() for row in rows]


def _broken(line: str, width: int) -> list[str]:
    """A line in as many as it takes; those behind the first are indented."""
    first, *more = wrap(line, width)
    return [first, *wrap(" ".join(more), width, 6)]


def _cells(one: Shown) -> tuple[str, ...]:
    record, hidden = one.record, one.hidden
    length = ngettext("{number} byte", "{number} bytes", record.length).format(number=f"{record.length:,}")
    told = _("{number} bytes").format(number=HIDDEN) if LENGTH in hidden else length if record.length else ""
    return (
        f"No{record.packet}",
        "" if one.since_ns is None else milliseconds(one.since_ns),
        arrow(record),
        HIDDEN if FLAGS in hidden else flags(record),
        f"seq={HIDDEN if SEQ in hidden else record.seq}",
        _ack(record, hidden),
        "  ".join(filter(None, (told, f"window={record.window}" if one.window else ""))),
    )


def _ack(record: PacketRecord, hidden: frozenset[str]) -> str:
    if record.ack is None:
        return ""
    return f"ack={HIDDEN if ACK in hidden else record.ack}"
