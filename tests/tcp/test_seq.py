"""Arithmetic on the circle of sequence numbers (RFC 9293 §3.4)."""

from __future__ import annotations

import random

import pytest

from httptrace.tcp.seq import seq_add, seq_after, seq_before, seq_diff

TOP = 0xFFFF_FFFF
HALF = 0x8000_0000

DISTANCES = [
    pytest.param(5, 3, 2, id="ahead"),
    pytest.param(3, 5, -2, id="behind"),
    pytest.param(7, 7, 0, id="equal"),
    pytest.param(0, TOP, 1, id="ahead-across-the-wrap"),
    pytest.param(TOP, 0, -1, id="behind-across-the-wrap"),
    pytest.param(HALF - 1, 0, HALF - 1, id="farthest-ahead"),
    pytest.param(HALF, 0, -HALF, id="half-a-circle-is-behind"),
    pytest.param(0, HALF, -HALF, id="half-a-circle-is-behind-both-ways"),
]


@pytest.mark.parametrize(("a", "b", "distance"), DISTANCES)
def test_distance(a: int, b: int, distance: int) -> None:
    assert seq_diff(a, b) == distance
    assert seq_before(a, b) == (distance < 0)
    assert seq_after(b, a) == seq_before(a, b)


@pytest.mark.parametrize(
    ("seq", "length", "result"),
    [
        pytest.param(1, 2, 3, id="plain"),
        pytest.param(TOP, 1, 0, id="wraps"),
        pytest.param(0, -1, TOP, id="wraps-downwards"),
    ],
)
def test_add(seq: int, length: int, result: int) -> None:
    assert seq_add(seq, length) == result


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_plain_numbers_anywhere_on_the_circle(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        base, a, b = rng.randrange(1 << 32), rng.randrange(HALF), rng.randrange(HALF)
        on_circle_a, on_circle_b = seq_add(base, a), seq_add(base, b)
        assert seq_diff(on_circle_a, on_circle_b) == a - b
        assert seq_before(on_circle_a, on_circle_b) == (a < b)
        assert seq_after(on_circle_a, on_circle_b) == (a > b)
