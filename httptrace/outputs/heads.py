"""Header fields for people: names and values aligned, and a few words on those that a newcomer asks about."""

from __future__ import annotations

from collections.abc import Sequence

from httptrace.model import Field
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import legible, safe
from httptrace.outputs.wrap import cell_width, pad, wrap

#: The widest column of names, and no more than a third of the width; a longer name stands in a line of its own.
_NAMES = 28

#: Where explanations may begin at the latest: wider than this the eye loses the line.
_GLOSS_AT = 90

#: Cells that values have at least beside their explanations.
_LEAST_VALUE = 16

#: Characters of a value that are shown, and fields of a head. A head may be a MiB; `--raw` has all of it.
SHOWN = 4_000
FIELDS = 500

_INDENT = 2


def field_lines(fields: Sequence[Field], width: int, paint: Paint) -> list[str]:
    """The lines of a header section, as sent and in that order; explanations where they find room."""
    from httptrace.teach.reference import gloss

    listed = [(safe(name[:SHOWN]), shown(value)) for name, value in fields[:FIELDS]]
    names = min(_NAMES, width // 3, max((cell_width(name) for name, _ in listed), default=0))
    room = max(20, width - _INDENT - names - 2)
    glosses = [gloss(name[:SHOWN]) for name, _ in fields[:FIELDS]]
    longest = max((cell_width(text) for text in glosses), default=0)
    widest = max((cell_width(value) for _, value in listed), default=0)
    beside = room - longest - 2 >= _LEAST_VALUE  # else they stand below the values
    values = max(_LEAST_VALUE, min(room - longest - 2, widest, _GLOSS_AT))
    lines: list[str] = []
    for (name, value), text in zip(listed, glosses, strict=True):
        before = " " * _INDENT + paint(pad(name, names), "cyan") + "  "
        indent = " " * (_INDENT + names + 2)
        if cell_width(name) > names:
            lines.append(before.rstrip())
            before = indent
        # A value that fits stays as it was sent; only one that is broken loses its runs of spaces.
        parts = [value] if cell_width(value) <= room else wrap(value, room)
        for part in parts[:-1]:
            lines.append(before + part)
            before = indent
        last = parts[-1]
        if text and (cell_width(last) > values or not beside):
            lines.append(before + last)
            before, last = indent, ""
        if text and beside:
            last = pad(last, values) + "  "
        lines.append((before + last + paint(text, "dim")).rstrip())
    if len(fields) > FIELDS:
        lines.append(" " * _INDENT + f"… {len(fields) - FIELDS:,}")
    return lines


def shown(text: str) -> str:
    """Text off the wire on one line, of bounded length."""
    return legible(text, SHOWN)
