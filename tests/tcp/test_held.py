"""Pieces behind a hole are what a map from offset to byte would hold, and cost no quadratic work."""

from __future__ import annotations

import random

import pytest

from httptrace.model import At
from httptrace.tcp.held import HeldPieces

SEEDS = pytest.mark.parametrize("seed", range(8), ids=lambda seed: f"seed-{seed}")


def at(packet: int) -> At:
    return packet, packet * 1000, 0


class Naive:
    """One byte an offset, the first copy wins."""

    def __init__(self) -> None:
        self.bytes: dict[int, tuple[int, int]] = {}  # offset -> (value, packet)

    def insert(self, start: int, data: bytes, packet: int) -> tuple[int, set[int]]:
        """The number of new bytes, and the offsets that came with another value."""
        new, differs = 0, set()
        for offset, value in enumerate(data, start):
            if offset not in self.bytes:
                self.bytes[offset] = (value, packet)
                new += 1
            elif self.bytes[offset][0] != value:
                differs.add(offset)
        return new, differs


def drained(held: HeldPieces) -> dict[int, tuple[int, int]]:
    """Everything that is held, taken out; pieces must be sorted and apart."""
    found: dict[int, tuple[int, int]] = {}
    end = -1
    while held:
        first, first_at, size = held.first, held.first_at, held.size
        piece = held.pop()
        assert (piece.start, piece.at) == (first, first_at)
        assert piece.start >= end
        assert piece.data
        assert held.size == size - len(piece.data)
        end = piece.start + len(piece.data)
        found.update({offset: (value, piece.at[0]) for offset, value in enumerate(piece.data, piece.start)})
    assert held.size == 0
    return found


@SEEDS
@pytest.mark.parametrize(
    ("room", "longest", "count"),
    [
        pytest.param(60, 20, 80, id="crowded"),
        pytest.param(5_000, 30, 400, id="some-overlap"),
        pytest.param(4_000, 2, 1_500, id="many-lists"),
    ],
)
def test_held_pieces_are_a_byte_map(seed: int, room: int, longest: int, count: int) -> None:
    chance = random.Random(seed)
    held, naive = HeldPieces(), Naive()
    for packet in range(count):
        start, data = chance.randrange(room), chance.randbytes(chance.randint(1, longest))
        if chance.random() < 0.7:  # mostly the same byte at the same place
            data = bytes((start + index) % 251 for index in range(len(data)))
        told: list[int] = []
        new = held.insert(start, data, at(packet), told.append)
        expected, differs = naive.insert(start, data, packet)
        assert new == expected
        assert set(told) <= differs, "only bytes that differ"
        assert told[:1] == sorted(differs)[:1], "the first of them is said"
        assert told == sorted(told)
        assert held.size == len(naive.bytes)
        assert held.first == min(naive.bytes)
        assert held.last_end == max(naive.bytes) + 1
    assert drained(held) == naive.bytes


@SEEDS
def test_pieces_may_be_taken_while_others_come(seed: int) -> None:
    chance = random.Random(seed)
    held, naive = HeldPieces(), Naive()
    for packet in range(600):
        if held and chance.random() < 0.45:
            piece = held.pop()
            for offset, value in enumerate(piece.data, piece.start):
                assert naive.bytes.pop(offset)[0] == value
            assert all(offset >= piece.start for offset in naive.bytes)
        else:
            start, data = chance.randrange(3_000), chance.randbytes(chance.randint(1, 9))
            assert held.insert(start, data, at(packet), lambda _: None) == naive.insert(start, data, packet)[0]
    assert drained(held) == naive.bytes


def test_an_empty_piece_is_not_kept() -> None:
    held = HeldPieces()
    assert held.insert(5, b"", at(1), lambda _: None) == 0
    assert not held
    held.insert(5, b"abc", at(1), lambda _: None)
    assert held.insert(6, b"", at(2), lambda _: None) == 0
    assert held.size == 3


MANY = 100_000


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(range(MANY - 1, -1, -1), id="backwards"),
        pytest.param(range(MANY), id="forwards"),
        pytest.param(random.Random(1).sample(range(MANY), MANY), id="any-order"),
        pytest.param([*range(0, MANY, 2), *range(1, MANY, 2)], id="every-other"),
    ],
)
def test_many_tiny_pieces_are_no_quadratic_work(order: list[int]) -> None:
    held = HeldPieces()
    for place in order:
        held.insert(place * 2, b"x", at(1), lambda _: None)
    assert held.size == MANY
    while held:
        held.pop()
