"""The bytes of a direction as its packets carried them, kept until it is known which message they belong to.

A message is known whole only when its exchange is over. Until then a direction keeps its first octets and its latest
ones: the first show the message, and in the latest the next one may begin. Numbers are relative to the direction's
initial sequence number and do not wrap.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

from httptrace.outputs.report import bounds


class Unwrapped:
    """Sequence numbers of one direction as they go on behind 2³² (RFC 9293 §3.4)."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last = 0

    def __call__(self, seq: int) -> int:
        """The number nearest to the last one."""
        self._last += ((seq - self._last + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        return self._last


class Store:
    """What all directions of a capture hold together."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = 0


class Held:
    """The payloads of one direction that may still be asked for."""

    __slots__ = ("_first", "_first_size", "_latest", "_latest_size", "_store")

    def __init__(self, store: Store) -> None:
        self._store = store
        self._first: list[tuple[int, bytes]] = []
        self._first_size = 0
        self._latest: deque[tuple[int, bytes]] = deque()
        self._latest_size = 0

    def add(self, start: int, payload: bytes) -> None:
        """A packet's payload; its first octet has the number `start`."""
        size = len(payload)
        if self._store.held + size > bounds.HELD_IN_ALL:
            return
        self._store.held += size
        if self._first_size < bounds.HELD_FIRST and not self._latest:
            self._first.append((start, payload))
            self._first_size += size
            return
        self._latest.append((start, payload))
        self._latest_size += size
        while self._latest_size > bounds.HELD_LATEST and len(self._latest) > 1:
            size = len(self._latest.popleft()[1])
            self._latest_size -= size
            self._store.held -= size

    def take(self, start: int, end: int) -> list[tuple[int, bytes]]:
        """What is held of the octets from `start` to before `end`, in their order; the first copy of each counts."""
        cover = Cover()
        found: list[tuple[int, bytes]] = []
        for at, payload in (*self._first, *self._latest):
            low, high = max(at, start), min(at + len(payload), end)
            if low < high:
                found += [(one, payload[one - at : other - at]) for one, other in cover.add(low, high)]
        found.sort(key=lambda piece: piece[0])
        return found

    def free(self, end: int) -> None:
        """Nothing before `end` will be asked for any more."""
        kept = [(at, payload) for at, payload in (*self._first, *self._latest) if at + len(payload) > end]
        self._store.held -= self._first_size + self._latest_size
        self._first, self._first_size = [], 0
        self._latest.clear()
        self._latest_size = 0
        for at, payload in kept:
            self.add(at, payload)

    def let_go(self) -> None:
        """The direction is over."""
        self._store.held -= self._first_size + self._latest_size
        self._first, self._first_size, self._latest_size = [], 0, 0
        self._latest.clear()


class Cover:
    """Which numbers have been seen: disjoint spans in order, neighbours joined."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, low: int, high: int) -> list[tuple[int, int]]:
        """Cover `low` to before `high`; gives the parts of it that were not covered."""
        starts, ends = self._starts, self._ends
        if not ends or low > ends[-1]:
            starts.append(low)
            ends.append(high)
            return [(low, high)]
        first = bisect_right(ends, low - 1)  # the first span that ends at low or behind it
        last = first
        fresh = []
        at = low
        while last < len(starts) and starts[last] <= high:
            if starts[last] > at:
                fresh.append((at, starts[last]))
            at = max(at, ends[last])
            last += 1
        if at < high:
            fresh.append((at, high))
        if last > first:
            low, high = min(low, starts[first]), max(high, ends[last - 1])
        starts[first:last], ends[first:last] = [low], [high]
        return fresh
