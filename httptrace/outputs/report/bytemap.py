"""Which packets carried which bytes of a message, and which messages a packet carried.

Derived from numbers alone: a message stands at a place in its direction's stream, a packet has a sequence number and
a length. The first copy of a byte counts, as everywhere in httptrace; a packet that brings only bytes that were seen
before repeats them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from httptrace.model import Direction
from httptrace.outputs.report.wire import Cover


@dataclass(frozen=True, slots=True)
class Span:
    """A message's place in the stream of its sender: relative numbers, unwrapped; `end` is one behind the last octet.
    `kind` is request, response or informational; `head`: octets of its start line and header section."""

    exchange: int
    kind: str
    sender: Direction
    start: int
    end: int
    head: int
    label: str


@dataclass(frozen=True, slots=True)
class Carried:
    """Packet number `packet` of the connection (an index) carried the octets `low` to before `high` of the message
    `span` (an index). `again`: all of these had been carried before."""

    packet: int
    span: int
    low: int
    high: int
    again: bool


def carried(spans: Sequence[Span], segments: Iterable[tuple[int, Direction, int, int]]) -> list[Carried]:
    """The map of one connection. `segments`: (index, sender, number of the first octet, length), in capture order.

    A segment that brings new octets and repeats others gives an entry for each part.
    """
    ordered: list[list[tuple[int, int, int]]] = [[], []]  # (start, end, index of the span), for each side
    for index, span in enumerate(spans):
        ordered[span.sender].append((span.start, span.end, index))
    for side in ordered:
        side.sort()
    covers = [Cover(), Cover()]
    found: list[Carried] = []
    for packet, sender, start, length in segments:
        if length <= 0:
            continue
        fresh = covers[sender].add(start, start + length)
        for low, high, again in _parts(start, start + length, fresh):
            found += _within(ordered[sender], packet, low, high, again)
    return found


def _parts(low: int, high: int, fresh: list[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """`low` to `high` cut into what is new and what came again."""
    parts = []
    at = low
    for one, other in fresh:
        if at < one:
            parts.append((at, one, True))
        parts.append((one, other, False))
        at = other
    if at < high:
        parts.append((at, high, True))
    return parts


def _within(spans: list[tuple[int, int, int]], packet: int, low: int, high: int, again: bool) -> Iterable[Carried]:
    """The messages that these octets belong to."""
    place = max(0, bisect_right(spans, (low, 1 << 80, 0)) - 1)
    while place < len(spans) and spans[place][0] < high:
        start, end, index = spans[place]
        one, other = max(low, start), min(high, end)
        if one < other:
            yield Carried(packet, index, one - start, other - start, again)
        place += 1
