"""Records in the order of their numbers, within a bound."""

from __future__ import annotations

import random

import pytest

from httptrace.exchanges.numbering import InOrder


@pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")
def test_any_order_in_is_in_order_out(seed: int) -> None:
    numbers = random.Random(seed).sample(range(1, 200), 199)
    given: list[int] = []
    order: InOrder[int] = InOrder(given.append, 1)
    for number in numbers:
        order.add(number, number, 10)
        assert given == sorted(given)
    assert given == list(range(1, 200))
    assert order.overtaken == 0


def test_each_record_is_given_as_soon_as_it_can_be() -> None:
    given: list[str] = []
    order: InOrder[str] = InOrder(given.append, 0)
    order.add(1, "b", 1)
    assert given == []
    order.add(0, "a", 1)
    assert given == ["a", "b"]
    order.add(2, "c", 1)
    assert given == ["a", "b", "c"]


def test_a_full_row_is_given_without_the_open_one() -> None:
    given: list[int] = []
    order: InOrder[int] = InOrder(given.append, 1, bound=100)
    for number in (5, 3, 2, 4):
        order.add(number, number, 25)
    assert given == [], "exactly the bound still waits"
    order.add(6, 6, 1)
    assert given == [2, 3, 4, 5, 6]
    order.add(1, 1, 25)
    assert given == [2, 3, 4, 5, 6, 1], "the open one follows when it ends"
    order.add(8, 8, 25)
    order.add(7, 7, 25)
    assert given == [2, 3, 4, 5, 6, 1, 7, 8]
    assert order.overtaken == 1


def test_two_open_ones_at_the_bound() -> None:
    given: list[int] = []
    order: InOrder[int] = InOrder(given.append, 1, bound=0)
    order.add(4, 4, 1)
    assert given == [4]
    order.add(2, 2, 1)
    order.add(1, 1, 1)
    order.add(5, 5, 1)
    order.add(3, 3, 1)
    assert given == [4, 2, 1, 5, 3]


def test_flush_gives_what_waits() -> None:
    given: list[int] = []
    order: InOrder[int] = InOrder(given.append, 1)
    for number in (7, 3, 5):
        order.add(number, number, 1)
    order.flush()
    assert given == [3, 5, 7]
    order.flush()
    assert given == [3, 5, 7]


def test_rows_without_a_size_are_bounded_by_their_number() -> None:
    given: list[int] = []
    order: InOrder[int] = InOrder(given.append, 1, most=3)
    for number in (2, 3, 4):
        order.add(number, number, 0)
    assert given == []
    order.add(5, 5, 0)
    assert given == [2, 3, 4, 5]
    assert order.overtaken == 1
