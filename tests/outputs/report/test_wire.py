"""What is kept of a direction until its messages are known, and the numbers it is kept by."""

from __future__ import annotations

import random

import pytest

from httptrace.outputs.report import bounds
from httptrace.outputs.report.wire import Cover, Held, Store, Unwrapped


@pytest.mark.parametrize("seed", range(30), ids=lambda seed: f"seed-{seed}")
def test_cover_is_a_set_of_numbers(seed: int) -> None:
    rng = random.Random(seed)
    cover, naive = Cover(), set[int]()
    for _ in range(80):
        low = rng.randrange(200)
        high = low + rng.randrange(1, 30)
        fresh = {octet for one, other in cover.add(low, high) for octet in range(one, other)}
        assert fresh == set(range(low, high)) - naive
        naive |= fresh


def test_numbers_go_on_behind_the_wrap() -> None:
    number = Unwrapped()
    assert [number(seq) for seq in (1, 0x7000_0000, 0xE000_0000, 0xFFFF_FFF0, 5, 0xFFFF_FFFF, 9)] == [
        1,
        0x7000_0000,
        0xE000_0000,
        0xFFFF_FFF0,
        0x1_0000_0005,
        0xFFFF_FFFF,
        0x1_0000_0009,
    ]


def test_numbers_before_the_first_are_negative() -> None:
    assert Unwrapped()(0xFFFF_FFF6) == -10


def test_the_first_copy_of_a_byte_is_given() -> None:
    held = Held(Store())
    held.add(1, b"abcdef")
    held.add(4, b"XYZuvw")
    held.add(20, b"later")
    assert held.take(3, 23) == [(3, b"cdef"), (7, b"uvw"), (20, b"lat")]


def test_a_long_message_keeps_its_beginning_and_the_latest() -> None:
    store = Store()
    held = Held(store)
    piece = bytes(1000)
    for at in range(1000):
        held.add(1 + 1000 * at, piece)
    assert store.held <= bounds.HELD_FIRST + bounds.HELD_LATEST + 2 * len(piece)
    kept = held.take(1, 1_000_001)
    assert kept[0][0] == 1
    assert kept[-1][0] + len(kept[-1][1]) == 1_000_001
    held.free(999_501)
    assert held.take(1, 2_000_000) == [(999_001, piece)]
    held.let_go()
    assert store.held == 0


def test_all_directions_share_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "HELD_IN_ALL", 5000)
    store = Store()
    many = [Held(store) for _ in range(10)]
    for held in many:
        held.add(1, bytes(1000))
    assert store.held == 5000
    for held in many:
        held.free(1 << 40)
    assert store.held == 0
