"""Work counted in steps: calls of Python and C functions. A clock would measure the machine, not the program."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(act: Callable[[], object]) -> int:
    """How many calls `act` makes, all that it calls included."""
    counted = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal counted
        if event in ("call", "c_call"):
            counted += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return counted


def assert_linear(act: Callable[[int], Callable[[], object]], size: int) -> None:
    """Twice the input, at most 2.5 times the work. `act(n)` prepares input of size n and gives what reads it."""
    once, twice = steps(act(size)), steps(act(2 * size))
    assert twice <= 2.5 * once, f"{once:,} steps for {size:,}, {twice:,} for {2 * size:,}"
