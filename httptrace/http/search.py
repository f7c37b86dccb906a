"""The search for a start line behind missing bytes, or behind bytes that are no HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from httptrace.model import At

#: Octets of an unfinished line that a search keeps: a start line longer than this is not found again.
LINE_KEPT = 8_192


#: Methods that are met (RFC 9110 §9, RFC 5789, RFC 4918).
USUAL_METHODS = frozenset(
    (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT", b"TRACE", b"PROPFIND", b"REPORT")
)


class FoundLine(NamedTuple):
    """A start line was found. `tail`: its octets that came in earlier pieces, the first of them at `first`; `place`:
    where it goes on in the piece at hand; `offset`: where it begins in the direction's stream."""

    tail: bytes
    first: At
    place: int
    offset: int


class StartLineSearch:
    """What a reader knows while it is lost. `skipped`: captured octets passed over so far, the tail not counted."""

    __slots__ = ("_agrees", "_find", "_tail", "_tail_at", "behind_gap", "skipped")

    def __init__(self, find: Callable[[bytes, int], int], agrees: Callable[[At, int], bool]) -> None:
        self._find = find
        self._agrees = agrees
        self._tail = b""
        self._tail_at: At = (0, 0, 0)
        self.skipped = 0
        self.behind_gap = False

    def begin(self, behind_gap: bool, tail: bytes = b"", tail_at: At = (0, 0, 0)) -> None:
        """Start anew; `tail`: octets already read that belong to what is searched."""
        self._tail, self._tail_at = tail, tail_at
        self.behind_gap = behind_gap
        self.skipped = 0

    def gap(self) -> None:
        """Bytes are missing: a line does not go on behind them."""
        self.skipped += len(self._tail)
        self._tail = b""
        self.behind_gap = True

    def end(self) -> int:
        """No more comes, or the line was found: how many octets were passed over."""
        skipped = self.skipped + len(self._tail)
        self._tail = b""
        self.skipped = 0
        return skipped

    def _begins_message(self, whole: bytes, found: int, piece: bytes) -> bool:
        """Whether a start line begins with the piece although the bytes before it end in no line end: a message mostly
        begins with its segment. A method cut in two by the segments speaks against it."""
        if self._find(piece, 0) != 0:
            return False
        joined = whole[found : found + 32].split(b" ", 1)[0] if 0 <= found < len(whole) - len(piece) else b""
        return joined not in USUAL_METHODS

    def feed(self, piece: bytes, at: At, offset: int) -> FoundLine | None:
        """Look in the tail and this piece, which stands at `offset`; the last line is kept, it may go on."""
        tail = self._tail
        known = len(tail)
        whole = tail + piece if tail else piece
        place = 0
        while (found := self._find(whole, place)) >= 0 or tail:
            if tail and self._begins_message(whole, found, piece) and self._agrees(at, offset):
                self.skipped += known
                self._tail = b""
                return FoundLine(b"", at, 0, offset)
            if found < 0:
                break
            first = self._tail_at if found < known else at
            if self._agrees(first, offset - known + found):
                self.skipped += found
                self._tail = b""
                return FoundLine(whole[found:known], first, max(found - known, 0), offset - known + found)
            place = found + 1
        kept = max(whole.rfind(b"\n") + 1, len(whole) - LINE_KEPT)
        if kept >= known:
            self._tail_at = at
        self.skipped += kept
        self._tail = whole[kept:]
        return None
