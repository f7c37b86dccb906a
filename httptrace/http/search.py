"""The search for a start line behind missing bytes, or behind bytes that are no HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from httptrace.limits import LINE_KEPT, SEGMENTS_KEPT
from httptrace.model import At

#: Methods that are met (RFC 9110 §9, RFC 5789, RFC 4918).
USUAL_METHODS = frozenset(
    (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT", b"TRACE", b"PROPFIND", b"REPORT")
)


#: What remains of one whose first octets are missing: a line that begins so directly behind a gap is no start line.
_CUT_METHODS = frozenset(method[cut:] for method in USUAL_METHODS for cut in range(1, len(method))) - USUAL_METHODS


class FoundLine(NamedTuple):
    """A start line was found. `tail`: its octets that came in earlier pieces, the first of them at `first`; `place`:
    where it goes on in the piece at hand; `offset`: where it begins in the direction's stream."""

    tail: bytes
    first: At
    place: int
    offset: int


class StartLineSearch:
    """What a reader knows while it is lost. `skipped`: captured octets passed over so far, the tail not counted."""

    __slots__ = ("_agrees", "_at_gap", "_find", "_segments", "_tail", "_tail_at", "behind_gap", "skipped")

    def __init__(self, find: Callable[[bytes, int], int], agrees: Callable[[At, int], bool]) -> None:
        self._find = find
        self._agrees = agrees
        self._tail = b""
        self._tail_at: At = (0, 0, 0)
        self._segments: list[tuple[int, At]] = []  # where segments begin in the tail
        self.skipped = 0
        self.behind_gap = False
        self._at_gap = False  # the tail, or what comes next, stands directly behind missing bytes

    def begin(self, behind_gap: bool, tail: bytes = b"", tail_at: At = (0, 0, 0)) -> None:
        """Start anew; `tail`: octets already read that belong to what is searched."""
        self._tail, self._tail_at = tail, tail_at
        self._segments = [(0, tail_at)] if tail else []
        self.behind_gap = self._at_gap = behind_gap
        self.skipped = 0

    def gap(self) -> None:
        """Bytes are missing: a line does not go on behind them."""
        self.skipped += len(self._tail)
        self._tail = b""
        self._segments = []
        self.behind_gap = self._at_gap = True

    def end(self) -> int:
        """No more comes, or the line was found: how many octets were passed over."""
        skipped = self.skipped + len(self._tail)
        self._tail = b""
        self._segments = []
        self.skipped = 0
        return skipped

    def _cut_off(self, whole: bytes, found: int) -> bool:
        """Whether the start line found there has lost its first octets to a gap."""
        return self._at_gap and not found and whole[:16].split(b" ", 1)[0] in _CUT_METHODS

    def _at_a_segment(self, whole: bytes, known: int, at: At, offset: int) -> tuple[int, At] | None:
        """Where a start line begins with a segment although the bytes before it end in no line end, and the packet of
        that segment. A message mostly begins with its segment; of several places the one whose method is usual, or the
        first. Before them goes the beginning of the tail, where a line ended: a method that is cut in two is one."""
        found: tuple[int, At] | None = None
        for start, first in ((0, self._tail_at), *self._segments, (known, at)):
            line = whole[start : whole.find(b"\n", start) + 1]
            if self._find(line, 0) != 0 or not self._agrees(first, offset - known + start):
                continue
            if self._cut_off(whole, start):
                continue
            found = found or (start, first)
            if whole[start : start + 32].split(b" ", 1)[0] in USUAL_METHODS:
                return start, first
        return found

    def feed(self, piece: bytes, at: At, offset: int) -> FoundLine | None:
        """Look in the tail and this piece, which stands at `offset`; the last line is kept, it may go on."""
        tail = self._tail
        known = len(tail)
        whole = tail + piece if tail else piece
        if b"\n" not in whole:  # no line has come to its end, so none can be told
            self._keep(whole, known, at)
            return None
        if tail and (segment := self._at_a_segment(whole, known, at, offset)) is not None:
            start, first = segment
            self.skipped += start
            self._tail = b""
            # Compiled by mypyc 2.4, a slice of bytes may not end before it begins.
            return FoundLine(whole[start : max(start, known)], first, max(start - known, 0), offset - known + start)
        place = 0
        while (found := self._find(whole, place)) >= 0:
            first = self._tail_at if found < known else at
            if not self._cut_off(whole, found) and self._agrees(first, offset - known + found):
                self.skipped += found
                self._tail = b""
                return FoundLine(whole[found : max(found, known)], first, max(found - known, 0), offset - known + found)
            place = found + 1
        self._keep(whole, known, at)
        return None

    def _keep(self, whole: bytes, known: int, at: At) -> None:
        """Nothing was found: keep the last line, of which `known` octets were kept before."""
        kept = max(whole.rfind(b"\n") + 1, len(whole) - LINE_KEPT)
        if kept >= known:
            self._tail_at = at
        if kept:
            self._at_gap = False
        self.skipped += kept
        self._tail = whole[kept:]
        segments = [(start - kept, first) for start, first in (*self._segments, (known, at)) if start >= kept]
        self._segments = segments[-SEGMENTS_KEPT:]
