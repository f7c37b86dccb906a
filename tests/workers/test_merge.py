"""Numbers and rows in the order of events, whoever they came from."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from httptrace.workers.events import Answer
from httptrace.workers.merge import Merge


class Output:
    """Keeps what the merge gives."""

    def __init__(self) -> None:
        self.exchanges = 0
        self.rows: list[tuple[int | None, Any]] = []
        self.defects: list[tuple[int, str]] = []
        self.merge = Merge(
            self._number, lambda no, row: self.rows.append((no, row)), lambda *one: self.defects.append(one)
        )

    def _number(self) -> int:
        self.exchanges += 1
        return self.exchanges


def test_numbers_follow_the_events() -> None:
    output = Output()
    output.merge.round([([(5, 100), (9, 102)], [], [], []), ([(2, 101), (7, 103)], [], [], [])], [])
    output.merge.round(
        [([], [(11, 100, "b"), (14, 102, "d")], [], []), ([], [(10, 103, "c"), (12, 101, "a")], [], [])], []
    )
    assert output.rows == [(3, "c"), (2, "b"), (1, "a"), (4, "d")]


def test_what_one_event_brought_stays_in_its_order() -> None:
    output = Output()
    output.merge.round([([(1, 3), (1, 5)], [(1, 5, "y"), (1, 3, "x"), (1, None, "ledger")], [], [])], [])
    assert output.rows == [(2, "y"), (1, "x"), (None, "ledger")]


def test_defects_of_the_reader_stand_among_those_of_workers() -> None:
    output = Output()
    output.merge.round([([], [], [(8, 4, "late")], []), ([], [], [(1, 2, "early")], [])], [(3, 9, "own")])
    assert output.defects == [(2, "early"), (9, "own"), (4, "late")]


@pytest.mark.parametrize("seed", range(5), ids=lambda seed: f"seed{seed}")
def test_any_sharing_gives_the_same(seed: int) -> None:
    """Exchanges that begin and end at random events, dealt to any number of workers and cut into rounds anywhere."""
    chance = random.Random(seed)
    exchanges = []
    for token in range(200):
        begins, ends = sorted(chance.sample(range(1_000), 2))
        exchanges.append((begins, ends, token))
    found = []
    for jobs in (1, 2, 7):
        output = Output()
        edges = [0, *sorted(chance.sample(range(1, 1_000), 9)), 1_000]
        for low, high in pairwise(edges):
            answers: list[Answer] = []
            for worker in range(jobs):
                mine = [one for one in exchanges if one[2] % jobs == worker]
                taken = sorted((begins, token) for begins, _, token in mine if low <= begins < high)
                rows = sorted((ends, token, token) for _, ends, token in mine if low <= ends < high)
                answers.append((taken, list(rows), [], []))
            output.merge.round(answers, [])
        found.append(sorted(output.rows))
        assert [no for no, _ in sorted(output.rows, key=lambda one: one[0] or 0)] == list(range(1, 201))
    by_time = {token: begins for begins, _, token in exchanges}
    for rows in found:
        begun = [by_time[token] for _, token in rows]
        assert begun == sorted(begun)
