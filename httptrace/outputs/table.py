"""Tables that stream: column widths are chosen before the first row, so that a row is printed as it comes.

At 80 columns a table shows what fits; a wider terminal gets more columns and wider ones. One column of each table
takes what the others leave. Every cell is shortened to its column, so that the rows stay in line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from httptrace.lang import _
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width, pad, shorten

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Column(Generic[Record]):
    """One column. `cell` gives a record's text in at most that many cells where it knows better than to cut the end.

    `needs`: shown where the table is at least this wide. `wide`: its width where the table has `roomy` columns.
    """

    title: str
    width: int
    cell: Callable[[Record, int], str]
    right: bool = False
    takes_rest: bool = False
    needs: int = 0
    wide: int = 0
    roomy: int = 150
    style: Callable[[Record], str | None] | None = None


class Table(Generic[Record]):
    """Rows under one line of headings."""

    def __init__(self, columns: Sequence[Column[Record]], width: int, paint: Paint) -> None:
        chosen = [column for column in columns if width >= column.needs]
        self._paint = paint
        widths = [
            max(column.wide if column.wide and width >= column.roomy else column.width, cell_width(_(column.title)))
            for column in chosen
        ]
        rest = next(index for index, column in enumerate(chosen) if column.takes_rest)
        widths[rest] = max(8, width - sum(widths) + widths[rest] - (len(chosen) - 1))
        self._columns = list(zip(chosen, widths, strict=True))

    def heading(self) -> str:
        """The line of titles."""
        titles = [pad(_(column.title), width, "right" if column.right else "left") for column, width in self._columns]
        return self._paint(" ".join(titles).rstrip(), "bold")

    def row(self, record: Record) -> str:
        """The line of a record."""
        cells = []
        for column, width in self._columns:
            text = column.cell(record, width)
            if cell_width(text) > width and not column.right:  # a number is never cut: it moves the rest instead
                text = shorten(text, width)
            space = " " * (width - cell_width(text))
            if column.style is not None:
                text = self._paint(text, column.style(record))
            cells.append(space + text if column.right else text + space)
        return " ".join(cells).rstrip()
