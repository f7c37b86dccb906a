"""From finished records to rows in their order: that of their numbers, or another that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush, heapreplace
from typing import Generic, TypeVar

from httptrace.cli.run import StopReading
from httptrace.exchanges.numbering import InOrder
from httptrace.limits import Bounds
from httptrace.model import Exchange
from httptrace.selection import Order

Row = TypeVar("Row")


class Clock:
    """When the capture began: what relative times count from."""

    def __init__(self) -> None:
        self._time_ns = 0

    def begin(self, time_ns: int) -> None:
        """The capture's first packet was seen at that time."""
        self._time_ns = time_ns

    def started(self) -> int:
        """The time of the capture's first packet, in ns."""
        return self._time_ns


class Rows(Generic[Row]):
    """Gives rows on: at most as many as asked for, by number as soon as may be, or sorted when all are there.

    An exchange that does not match is added too, with no row, because its number holds up those behind it.
    """

    def __init__(
        self,
        give: Callable[[Row], object],
        order: Order,
        bounds: Bounds,
        as_they_end: bool = False,
    ) -> None:
        self.given = 0
        self.added = 0
        self._give = give
        self._order = order
        self._in_order = ordered(self._next, 1, as_they_end, bounds)
        self._kept: list[_Entry[Row]] = []  # with a limit a heap, whose first is the one to go next

    def add(self, exchange: Exchange, row: Row | None, size: int) -> None:
        """A finished exchange and its row; `size`: its bytes as printed. Raises StopReading where no further row
        is asked for."""
        key = self._order.key(exchange) if self._order.key is not None and row is not None else None
        self.add_row(exchange.no, key, row, size)

    def add_row(self, number: int, key: int | str | None, row: Row | None, size: int) -> None:
        """The same of an exchange that is not here any more: `key` is what it is sorted by."""
        self.added += 1
        if self._order.key is None:
            self._in_order.add(number, row, size)
            if self.given == self._order.limit:
                raise StopReading
        elif row is not None:
            assert key is not None
            self._keep(_Entry(number if self._order.by_number else key, number, row, self._order.falling))

    @property
    def overtaken(self) -> int:
        """How often the bound on waiting rows was reached."""
        return self._in_order.overtaken

    def finish(self) -> None:
        """Give on what is left."""
        if self._order.key is None:
            self._in_order.flush()
        for entry in sorted(self._kept, reverse=True):
            self._next(entry.row)
        self._kept = []

    def _keep(self, entry: _Entry[Row]) -> None:
        kept = self._kept
        if self._order.limit is None:
            kept.append(entry)
        elif len(kept) < self._order.limit:
            heappush(kept, entry)
        elif kept[0] < entry:
            heapreplace(kept, entry)

    def _next(self, row: Row | None) -> None:
        if row is None or self.given == self._order.limit:
            return
        self.given += 1
        self._give(row)


class AsTheyEnd(Generic[Row]):
    """Gives rows on at once, whatever their numbers; otherwise like InOrder."""

    overtaken = 0

    def __init__(self, give: Callable[[Row], object]) -> None:
        self._give = give

    def add(self, number: int, row: Row, size: int) -> None:
        """A finished record."""
        self._give(row)

    def flush(self) -> None:
        """Nothing waits."""


def ordered(
    give: Callable[[Row], object], first: int, as_they_end: bool, bounds: Bounds
) -> InOrder[Row] | AsTheyEnd[Row]:
    """What gives rows on: in the order of their numbers, or as their records end."""
    return AsTheyEnd(give) if as_they_end else InOrder(give, first=first, bound=bounds.waiting)


class _Entry(Generic[Row]):
    """A row that waits to be sorted; the greatest is given first."""

    __slots__ = ("_falling", "_key", "_no", "row")

    def __init__(self, key: int | str, no: int, row: Row, falling: bool) -> None:
        self._key = key
        self._no = no
        self.row = row
        self._falling = falling

    def __lt__(self, other: _Entry[Row]) -> bool:
        if self._key == other._key:
            return self._no > other._no  # of equals the earlier comes first
        before = self._key < other._key  # type: ignore[operator]  # one key gives one type
        return before if self._falling else not before
