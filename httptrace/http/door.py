"""The side door of a sink, as :class:`httptrace.model.Sink` has it: most of a long body goes through it unasked."""

from __future__ import annotations

from collections.abc import Callable

from httptrace.model import At


class SideDoor:
    """`bulk`, `bulk_at` and `take` as the protocol has them; `opened` is what `bulk` was when the door was opened.

    Of a door that was never opened nobody asks `bulk_at` and `take`.
    """

    __slots__ = ("bulk", "bulk_at", "opened", "take")

    bulk_at: At
    take: Callable[[bytes], object]

    def __init__(self) -> None:
        self.bulk = self.opened = 0

    def open_door(self, bulk: int, take: Callable[[bytes], object] | None) -> None:
        """Let pieces of fewer than `bulk` bytes pass to `take`, as long as that holds."""
        if bulk and take is not None:
            self.take = take
            self.bulk = self.opened = bulk

    def shut_door(self) -> int:
        """Let nothing pass any more; gives how many bytes went through."""
        passed = self.opened - self.bulk
        self.bulk = self.opened = 0
        return passed
