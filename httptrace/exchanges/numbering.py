"""Numbers, and records in the order of their numbers, within a bound.

Numbers are given late: the core only says at which packet an exchange or a connection became visible. One process
meets these in order, so its numbers are a count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from httptrace import limits

Record = TypeVar("Record")


class InOrder(Generic[Record]):
    """Gives records on in the order of their numbers, which have no holes.

    When more than `bound` bytes of finished records wait behind one that is still open, all that wait are given on in
    order, and each open one follows when it ends (the contract's rule for bounded memory).
    """

    def __init__(
        self,
        give: Callable[[Record], object],
        first: int,
        bound: int = limits.WAITING_RECORDS,
        most: int = limits.WAITING_ROWS,
    ) -> None:
        self._give = give
        self._next = first
        self._bound = bound
        self._most = most  # of them, whatever their size
        self._waiting: dict[int, tuple[Record, int]] = {}
        self._size = 0
        self.overtaken = 0  # how often the bound was reached

    def add(self, number: int, record: Record, size: int) -> None:
        """A finished record; `size`: its bytes as printed."""
        if number <= self._next:
            self._give(record)
            if number == self._next:
                self._next += 1
                if self._waiting:
                    self._follow()
            return
        self._waiting[number] = (record, size)
        self._size += size
        if self._size > self._bound or len(self._waiting) > self._most:
            self.overtaken += 1
            self.flush()

    def flush(self) -> None:
        """Give on all that wait, in order."""
        for number in sorted(self._waiting):
            self._give(self._waiting[number][0])
            self._next = number + 1
        self._waiting.clear()
        self._size = 0

    def _follow(self) -> None:
        waiting = self._waiting
        while waiting:
            entry = waiting.pop(self._next, None)
            if entry is None:
                return
            self._size -= entry[1]
            self._next += 1
            self._give(entry[0])
