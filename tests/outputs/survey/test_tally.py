"""Counting within bounds: exact below them, bounded beyond, and the highest are the highest."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from httptrace.outputs.survey.tally import LONGEST_KEY, Counts, Spread, Tally, Top


class Row:
    def __init__(self):
        self.count = 0


@pytest.mark.parametrize("seed", range(5))
def test_counts_below_the_bound_are_exact(seed):
    generator = random.Random(seed)
    keys = [str(generator.randrange(50)) for _ in range(1000)]
    counts = Counts(bound=50)
    for key in keys:
        counts.add(key)
    assert counts.counts == Counter(keys)
    assert counts.others == 0
    assert [count for _key, count in counts.highest()] == sorted(Counter(keys).values(), reverse=True)


def test_keys_beyond_the_bound_are_counted_together():
    counts = Counts(bound=3)
    for key in ("a", "b", "c", "d", "e", "a"):
        counts.add(key)
    assert counts.counts == {"a": 2, "b": 1, "c": 1}
    assert counts.others == 2
    assert counts.total == 6


def test_a_tally_beyond_its_bound_shares_one_row():
    tally = Tally(Row, bound=2)
    for key in ("a", "b", "c", "d", "b"):
        tally.row(key).count += 1
    assert {key: row.count for key, row in tally.rows.items()} == {"a": 1, "b": 2}
    assert tally.others.count == 2


@pytest.mark.parametrize("make", [Counts, lambda: Tally(Row)], ids=["counts", "tally"])
def test_a_key_is_cut_to_its_longest_length(make):
    bounded = make()
    for end in ("x", "y"):
        key = "k" * LONGEST_KEY + end
        bounded.add(key) if isinstance(bounded, Counts) else bounded.row(key)
    assert len(bounded) == 1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("bound", [1, 3, 10, 500])
def test_top_is_the_head_of_the_sorted_list(seed, bound):
    generator = random.Random(seed)
    items = [(generator.randrange(40), number) for number in range(1, 200)]
    expected = sorted(items, key=lambda item: (-item[0], item[1]))[:bound]
    generator.shuffle(items)
    top = Top(bound)
    for measure, number in items:
        if top.wants(measure):
            top.add(measure, number, number)
    assert list(top) == expected


@pytest.mark.parametrize("seed", range(5))
def test_a_share_is_known_to_two_percent(seed):
    generator = random.Random(seed)
    numbers = sorted(int(generator.lognormvariate(15, 3)) for _ in range(2000))
    spread = Spread()
    for number in numbers:
        spread.add(number)
    assert spread.highest == numbers[-1]
    for share in (0.05, 0.5, 0.95):
        exact = numbers[round(share * len(numbers)) - 1]
        assert abs(spread.within(share) - exact) <= max(1, exact * 0.02)


@pytest.mark.parametrize("numbers", [[0], [7, 7], [63, 64], [2**63]], ids=str)
def test_a_share_never_exceeds_the_highest(numbers):
    spread = Spread()
    for number in numbers:
        spread.add(number)
    assert spread.within(1.0) <= max(numbers)
    assert spread.within(1.0) >= max(numbers) * 0.98


def test_no_number_has_no_share():
    assert Spread().within(0.5) == 0


def test_the_steps_of_a_spread_stay_few():
    spread = Spread()
    generator = random.Random(0)
    for _ in range(20_000):
        spread.add(generator.getrandbits(generator.randrange(1, 64)))
    assert len(spread._steps) <= 64 * 32
