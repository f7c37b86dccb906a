"""Bounds over all connections where several processes hold what they bound: watched, so that none is reached unseen.

What comes of a bound that is reached depends on what all connections hold at that packet, and no process of several
knows that. So none applies it. Each watches how much it holds, the reading process adds up what all held in a round,
and as long as that is within the bound, it cannot have been reached: the output is that of one process. Where it may
have been reached, one process reads from the start (`httptrace.cli.run.read_shared`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from httptrace.limits import SPARE, Bounds, Room, Rooms


class ReadAlone(BaseException):
    """A bound over all connections may have been reached. No defect of a connection, so no Exception: it ends the
    reading, wherever it is met."""


class WatchedRoom(Room):
    """A room that nobody is refused. It knows the most that was taken of it at a time."""

    __slots__ = ("_least", "_size")

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._size = self._least = size

    def take(self, size: int) -> bool:
        """Take so much. Raises ReadAlone where it is not there."""
        if not super().take(size):
            raise ReadAlone
        if self.left < self._least:
            self._least = self.left
        return True

    def most(self) -> int:
        """The most that was taken at a time since this was asked last. Raises ReadAlone where anybody was refused
        without asking: a bound of one connection that counts here."""
        if self.refused:
            raise ReadAlone
        most = self._size - self._least
        self._least = self.left
        return most


class WatchedRooms(Rooms):
    """What all connections of one process share, where there are several processes."""

    def __init__(self, bounds: Bounds) -> None:
        for name in Rooms.__slots__:
            setattr(self, name, WatchedRoom(getattr(bounds, name)))

    def most(self) -> list[int]:
        """What :meth:`WatchedRoom.most` gives of each, in the order of their names. Raises ReadAlone."""
        return [getattr(self, name).most() for name in Rooms.__slots__]


def of_worker(bounds: Bounds, jobs: int) -> Bounds:
    """What one of so many workers may hold. Together they hold little more than the bounds, however fast it comes."""

    def part(octets: int) -> int:
        return min(octets, octets // jobs + SPARE)

    return replace(
        bounds,
        beginnings=part(bounds.beginnings),
        decoders=part(bounds.decoders),
        exchanges=part(bounds.exchanges),
        heads=part(bounds.heads),
    )


def check(bounds: Bounds, held: Sequence[Sequence[int]]) -> None:
    """Whether what all processes held at most in a round (:meth:`WatchedRooms.most`, each) is within the bounds.
    Raises ReadAlone where it is not."""
    for name, *most in zip(Rooms.__slots__, *held, strict=True):
        if sum(most) > getattr(bounds, name):
            raise ReadAlone
