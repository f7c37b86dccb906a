"""Heads that come in several segments, or break off."""

from __future__ import annotations

from collections.abc import Callable

from httptrace import notes
from httptrace.http import syntax
from httptrace.http.events import MessageHead
from httptrace.limits import Room
from httptrace.model import At
from httptrace.notes import note_text

UNREADABLE = note_text("bytes that are no HTTP stand where a message should begin (RFC 9112 §2.1)")

SURPLUS = note_text("bytes that are no HTTP follow this message; its length may be wrong (RFC 9112 §6.3)")

RESYNCED_TEXT = note_text("the search for a start line behind missing bytes ended here")

NO_ROOM = note_text("more unfinished heads waited than are kept; the rest of this one was skipped")

#: What the note of a head without its end says, by the note's code.
CUT_TEXTS = {
    notes.CONTENT_GAP: note_text("bytes of the head were never captured; header fields behind them are not known"),
    notes.TRUNCATED: note_text("the head breaks off"),
    notes.HEAD_LIMIT: note_text("the head is longer than {most:,} bytes; the rest of it was skipped"),
}


class UnfinishedHead:
    """A head whose empty line is still to come. `offset`: where it begins in its direction's stream."""

    __slots__ = ("counted", "first", "last", "line_seen", "octets", "offset")

    def __init__(self, octets: bytes, first: At, offset: int) -> None:
        self.octets = bytearray(octets)
        self.first = self.last = first
        self.offset = offset
        self.line_seen = False
        self.counted = 0  # octets taken of the room for unfinished heads

    def counts_in(self, room: Room) -> bool:
        """Count in that room what came since the last time; whether there is enough."""
        more = len(self.octets) - self.counted
        if not room.take(more):
            return False
        self.counted += more
        return True

    def extend(self, piece: bytes, at: At) -> int:
        """Add a piece; gives where the head ends, -1 where it goes on. Linear, however small the pieces are."""
        known = len(self.octets)
        self.octets += piece
        self.last = at
        return syntax.head_end(self.octets, 0, known - 3)

    def first_line(self, known: int) -> str | None:
        """The start line, said once, as soon as it is complete; octets before `known` were asked about before."""
        if self.line_seen:
            return None
        end = self.octets.find(b"\n", max(known - 1, 0))
        if end < 0:
            return None
        self.line_seen = True
        return self.octets[: self.octets.find(b"\n")].decode("latin-1")

    def cut_short(self, read_start_line: Callable[[str], MessageHead | None]) -> MessageHead | None:
        """What the start line and the whole header lines say, where no more of the head comes."""
        lines, _ = syntax.split_lines(self.octets.decode("latin-1"))
        head = read_start_line(lines[0]) if len(lines) > 1 else None
        if head is not None:
            head.fields, head.by_name, faults = syntax.parse_fields(lines[1:-1])
            head.faults += faults
            head.size, head.first, head.last, head.offset = len(self.octets), self.first, self.last, self.offset
            head.whole = False
        return head
