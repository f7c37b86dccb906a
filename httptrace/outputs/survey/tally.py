"""Counting within bounds: what comes off the wire chooses the keys, so that neither their number nor their length
may grow with the capture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappush, heapreplace
from typing import Generic, TypeVar

#: Keys of one kind (hosts, types, names) that are told apart; what else comes is counted together. A proxy's busy day
#: has a few thousand hosts; this many take a few MiB.
TOLD_APART = 10_000

#: Characters of a key: the longest host name (RFC 1035 §2.3.4), and far more than any honest content type.
LONGEST_KEY = 255

Row = TypeVar("Row")
Item = TypeVar("Item")


class Tally(Generic[Row]):
    """A row for each key, as `make` builds it; keys beyond the bound share the row `others`."""

    def __init__(self, make: Callable[[], Row], bound: int = TOLD_APART) -> None:
        self._make = make
        self._bound = bound
        self.rows: dict[str, Row] = {}
        self.others: Row | None = None

    def row(self, key: str) -> Row:
        """The row of a key, cut to its longest length."""
        found = self.rows.get(key)
        if found is not None:
            return found
        key = key[:LONGEST_KEY]
        found = self.rows.get(key)
        if found is None:
            if len(self.rows) >= self._bound:
                if self.others is None:
                    self.others = self._make()
                return self.others
            found = self.rows[key] = self._make()
        return found

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def highest(self, count: int, of: Callable[[Row], int]) -> list[tuple[str, Row]]:
        """The first `count` by that measure; among equals the one that was met first."""
        return sorted(self.rows.items(), key=lambda entry: -of(entry[1]))[:count]


class Counts:
    """How often each key came; keys beyond the bound are counted together in `others`."""

    def __init__(self, bound: int = TOLD_APART) -> None:
        self._bound = bound
        self.counts: dict[str, int] = {}
        self.others = 0

    def add(self, key: str, count: int = 1) -> None:
        """Count a key, cut to its longest length."""
        counts = self.counts
        if key in counts:  # the usual case; a longer key is never in
            counts[key] += count
            return
        key = key[:LONGEST_KEY]
        if key in counts:
            counts[key] += count
        elif len(counts) < self._bound:
            counts[key] = count
        else:
            self.others += count

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def total(self) -> int:
        return sum(self.counts.values()) + self.others

    def highest(self) -> list[tuple[str, int]]:
        """All that are told apart, the most frequent first; among equals the one that was met first."""
        return sorted(self.counts.items(), key=lambda entry: -entry[1])


class Top(Generic[Item]):
    """The `bound` items with the highest measure; among equals the lowest number stays."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._heap: list[tuple[int, int, Item]] = []

    def wants(self, measure: int) -> bool:
        """Whether an item of that measure might come in, so that it is only made where it is kept."""
        heap = self._heap
        return len(heap) < self._bound or (bool(heap) and measure >= heap[0][0])

    def add(self, measure: int, number: int, item: Item) -> None:
        """Keep the item if it is among the highest. Numbers differ."""
        entry = (measure, -number, item)
        if len(self._heap) < self._bound:
            heappush(self._heap, entry)
        elif self._heap and entry[:2] > self._heap[0][:2]:
            heapreplace(self._heap, entry)

    def __iter__(self) -> Iterator[tuple[int, Item]]:
        """Measures and items, the highest first."""
        return iter([(measure, item) for measure, _number, item in sorted(self._heap, key=_order)])


def _order(entry: tuple[int, int, object]) -> tuple[int, int]:
    return -entry[0], -entry[1]


#: Leading bits of a number that tell its step from the next: an error of at most 1/64.
_BITS = 6


class Spread:
    """How numbers are spread, in steps of about 3 %: any share of them is known without keeping them."""

    def __init__(self) -> None:
        self._steps: dict[int, int] = {}
        self.count = 0
        self.highest = 0

    def add(self, number: int) -> None:
        """Count a number, 0 or above."""
        shift = number.bit_length() - _BITS
        step = number >> shift << shift if shift > 0 else number
        self._steps[step] = self._steps.get(step, 0) + 1
        self.count += 1
        if number > self.highest:
            self.highest = number

    def within(self, share: float) -> int:
        """The number that this share of all does not exceed, to about 1.5 %; 0 where there is none."""
        wanted = share * self.count
        seen = 0
        for step in sorted(self._steps):
            seen += self._steps[step]
            if seen >= wanted:
                shift = step.bit_length() - _BITS
                return min(step + (1 << shift >> 1) if shift > 0 else step, self.highest)
        return 0
