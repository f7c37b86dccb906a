"""What is remembered of sent bytes and confirmations: right as far as it goes, and bounded."""

from __future__ import annotations

import random

import pytest

from httptrace.outputs.narration.memory import REMEMBERED, Carried, Confirmations


@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed-{seed}")
def test_it_finds_what_a_plain_list_finds(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [(place * 10, place * 10 + 10) for place in range(60) if chance.random() < 0.8]
    chance.shuffle(pieces)
    carried = Carried()
    for number, (start, end) in enumerate(pieces):
        carried.add(start, end, number, number)
    for seq in range(0, 620, 7):
        holding = carried.holding(seq)
        expected = next((number for number, (a, b) in enumerate(pieces) if a <= seq < b), None)
        assert (holding.packet if holding else None) == expected
        behind = carried.behind(seq)
        assert (behind.start if behind else None) == min((a for a, _ in pieces if a >= seq), default=None)
        edge = seq
        while any(a <= edge < b for a, b in pieces):
            edge = next(b for a, b in pieces if a <= edge < b)
        assert carried.whole_up_to(seq) == edge


def test_pieces_within_a_range_are_counted() -> None:
    carried = Carried()
    for place in range(5):
        carried.add(place * 100, place * 100 + 100, place + 1, 0)
    count, first, last = carried.within(100, 400)
    assert (count, first and first.packet, last and last.packet) == (3, 2, 4)
    assert carried.within(700, 900) == (0, None, None)


def test_memory_is_bounded_and_says_that_it_forgot() -> None:
    carried, confirmations = Carried(), Confirmations()
    for number in range(3 * REMEMBERED):
        assert carried.holding(number * 10) is None
        carried.add(number * 10, number * 10 + 10, number, number)
        confirmations.add(number * 10, number)
    assert len(carried._pieces) < 2 * REMEMBERED
    assert len(confirmations._acks) < 2 * REMEMBERED
    assert carried.forgot
    assert carried.holding(5) is None
    latest = carried.holding((3 * REMEMBERED - 1) * 10)
    assert latest is not None
    assert latest.packet == 3 * REMEMBERED - 1


def test_the_first_confirmation_of_a_number_is_found() -> None:
    confirmations = Confirmations()
    for ack, packet in ((100, 3), (300, 7), (301, 9)):
        confirmations.add(ack, packet)
    assert [confirmations.first(number) for number in (1, 100, 101, 300, 301, 302)] == [3, 3, 7, 7, 9, None]
