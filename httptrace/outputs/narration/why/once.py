"""Remembers what was explained at length, so that the next time says it in few words."""

from __future__ import annotations


class Once:
    """What was explained; a reader who was shown none of it gets all again."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: set[str] = set()

    def first(self, what: str) -> bool:
        """Whether this is the first time that `what` is to be explained; the next one is not."""
        if what in self._said:
            return False
        self._said.add(what)
        return True

    def forget(self) -> None:
        """Nothing of it was printed."""
        self._said.clear()
