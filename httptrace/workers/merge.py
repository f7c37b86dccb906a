"""From the workers' answers to what one process would have given out: numbers and rows in the order of events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from httptrace.workers.events import Answer

_event = itemgetter(0)


class Merge:
    """Takes the answers to one round after the other.

    `new_number` gives the next exchange's number; `on_row` is told each row with the number of its exchange (None
    where it is of no exchange); `on_defect` each defect of ours with its stream.
    """

    def __init__(
        self,
        new_number: Callable[[], int],
        on_row: Callable[[int | None, Any], object],
        on_defect: Callable[[int, str], object],
    ) -> None:
        self._new_number = new_number
        self._on_row = on_row
        self._on_defect = on_defect
        self._numbers: dict[int, int] = {}  # of exchanges that are open, by token
        self.event = -1  # that brought about the row being given

    def round(self, answers: Sequence[Answer], defects: list[tuple[int, int, str]]) -> None:
        """One round: the answers of all workers, and the defects that the reading process met itself.

        An event belongs to one worker, so sorting by events leaves what came of one in its order. A number is taken
        before its row comes, so all numbers of a round can be given first.
        """
        numbers, new_number, on_row = self._numbers, self._new_number, self._on_row
        for _, taken in sorted(chain.from_iterable(taken for taken, *_ in answers), key=_event):
            numbers[taken] = new_number()
        for _, stream, what in sorted(chain(defects, *(found for _, _, found, _ in answers)), key=_event):
            self._on_defect(stream, what)
        for self.event, token, row in sorted(chain.from_iterable(rows for _, rows, *_ in answers), key=_event):
            on_row(None if token is None else numbers.pop(token), row)
