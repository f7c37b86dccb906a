"""What `demo` prints: the list of situations, and one of them told: what it shows, what to try."""

from __future__ import annotations

from httptrace.lang import _, ngettext
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width, in_rows, wrap
from httptrace.teach.situations.truth import Situation, Truth


def listed(situations: list[Situation], width: int, colour: bool) -> str:
    """A row each: its name, a few words, and what to try next."""
    paint = Paint(colour)
    column = max(len(one.name) for one in situations) + 2
    lines = [paint(line, "bold") for line in wrap(_("Captures made for teaching, each of one situation:"), width)]
    lines.append("")
    for one in situations:
        words = wrap(_(one.title), width, column)
        lines.append(paint(one.name.ljust(column), "green") + words[0].lstrip())
        lines += words[1:]
        tried = in_rows((f"httptrace {command}" for command in _commands(one, "FILE")), width - column)
        lines += [" " * column + paint(row, "dim") for row in tried]
    lines.append("")
    parts = (
        _("httptrace demo NAME tells what it shows"),
        _("httptrace demo NAME -o FILE.pcap writes it"),
    )
    lines += [paint(row, "dim") for row in in_rows(parts, width)]
    return "\n".join(lines) + "\n"


def told(situation: Situation, truth: Truth, file: str, width: int, colour: bool) -> str:
    """One situation: what it shows, what it holds, and commands with the name of its file, `file` as a shell takes
    it."""
    paint = Paint(colour)
    title = wrap(f"{situation.name}: {_(situation.title)}", width)
    lines = [paint(line, "bold") for line in title]
    lines += wrap(_(situation.shows), width, 2)
    lines += ["", *wrap(" · ".join(_amounts(truth)), width, 2)]
    begins = max(map(cell_width, (_("Write it"), _("Then try")))) + 2
    lines.append("")
    lines += _with_label(_("Write it"), [f"httptrace demo {situation.name} -o {file}"], begins, paint)
    lines += _with_label(
        _("Then try"), [f"httptrace {command}" for command in _commands(situation, file)], begins, paint
    )
    return "\n".join(lines) + "\n"


def written(situation: Situation, truth: Truth, file: str, width: int, colour: bool) -> str:
    """What to say when the file is there; `file` as a shell takes it."""
    paint = Paint(colour)
    lines = in_rows((file, *_amounts(truth)), width)
    commands = [f"httptrace {command}" for command in _commands(situation, file)]
    lines += [paint(row, "dim") for row in in_rows(commands, width)]
    return "\n".join(lines) + "\n"


def _commands(situation: Situation, file: str) -> list[str]:
    return [command.replace("FILE", file) for command in situation.tries]


def _amounts(truth: Truth) -> list[str]:
    connections, exchanges = len(truth.streams), len(truth.exchanges)
    return [
        ngettext("{count} packet", "{count} packets", truth.packets).format(count=truth.packets),
        ngettext("{count} connection", "{count} connections", connections).format(count=connections),
        ngettext("{count} exchange", "{count} exchanges", exchanges).format(count=exchanges),
    ]


def _with_label(label: str, rows: list[str], begins: int, paint: Paint) -> list[str]:
    first = "  " + label + " " * (begins - cell_width(label))
    return [(first if not number else " " * (begins + 2)) + paint(row, "cyan") for number, row in enumerate(rows)]
