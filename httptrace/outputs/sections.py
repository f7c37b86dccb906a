"""What a body is described as: plain sections that a terminal, a report or a pipe can each show in their way.

All text in them is harmless already (:func:`httptrace.outputs.safe.safe`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from httptrace.outputs.wrap import cell_width, pad

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Highlighting is slow (some µs a token), so longer texts stay plain.
HIGHLIGHTED = 256 * 1024


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text; `language` is the highlighter's name for it: json, xml, html, javascript, css or
    text.
    """

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under translated column headings."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A few facts, each a translated name and a value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HexDump:
    """The first bytes, 16 a line: offset, hexadecimal, ASCII."""

    lines: tuple[str, ...]


Section: TypeAlias = Text | Table | Summary | HexDump


def render_plain(sections: Sequence[Section]) -> str:
    """The sections as plain text, an empty line between them, no line end behind the last."""
    return "\n\n".join(_plain(section) for section in sections)


def renderables(sections: Sequence[Section]) -> list[RenderableType]:
    """The sections for a rich console: highlighted, with tables that fit its width."""
    from rich import box
    from rich.syntax import Syntax
    from rich.table import Table as RichTable
    from rich.text import Text as RichText

    shown: list[RenderableType] = []
    for section in sections:
        match section:
            case Text(language=language, text=text) if language != "text" and len(text) <= HIGHLIGHTED:
                shown.append(Syntax(text, language, theme="ansi_dark", background_color="default", word_wrap=True))
            case Table(columns=columns, rows=rows):
                table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
                for column in columns:
                    table.add_column(RichText(column), overflow="fold")
                for row in rows:
                    table.add_row(*map(RichText, row))
                shown.append(table)
            case Summary(pairs=pairs):
                grid = RichTable.grid(padding=(0, 2))
                for name, value in pairs:
                    grid.add_row(RichText(name, style="dim"), RichText(value))
                shown.append(grid)
            case _:
                shown.append(RichText(_plain(section)))
    return shown


def _plain(section: Section) -> str:
    match section:
        case Text(text=text):
            return text
        case Table(columns=columns, rows=rows):
            return _columns([columns, *rows])
        case Summary(pairs=pairs):
            return _columns(pairs)
        case HexDump(lines=lines):
            return "\n".join(lines)


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Cells below one another, two spaces between; a column is as wide as its widest cell of at most 40
    places.
    """
    widths = [0] * max(map(len, rows), default=0)
    for row in rows:
        for index, cell in enumerate(row):
            widths[index] = max(widths[index], min(40, cell_width(cell)))
    return "\n".join("  ".join(pad(cell, widths[index]) for index, cell in enumerate(row)).rstrip() for row in rows)
