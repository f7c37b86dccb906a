"""What can be read of the two streams of a conversation, given which of their bytes were captured.

This is the contract's reading, written down a second time and the naive way: a map tells for every byte the
packet that first carried it, and the messages, whose places are known, are laid over it.
"""

from __future__ import annotations

from dataclasses import dataclass

from httptrace.model import Direction

from .conversation import Conversation
from .message import DATA, FIELDS, START, Sent
from .tcp import FIN, RST, SYN, Segment


class Side:
    """One direction as captured: for each byte of the stream the segment that first carried it."""

    def __init__(self, conversation: Conversation, sender: Direction) -> None:
        self.sender = sender
        self.stream = conversation.dialogue.sent_by(sender)
        self.owner: list[Segment | None] = [None] * len(self.stream)
        self.starts: set[int] = set()  # offsets at which a captured segment begins
        self.differing: list[Segment] = []  # later copies whose bytes are not those of the first
        self.retransmissions = self.out_of_order = 0
        self.fin: int | None = None
        self.syn = self.seen = False
        self.highest = 0  # offset behind the highest of data, FIN and what the other side acknowledged
        self.acked = 0
        self.told = 0  # offset behind the highest byte that a captured segment claims to carry
        highest_data = 0
        for segment in conversation.captured:
            if segment.sender != sender:
                if segment.ack is not None and not segment.flags & RST:
                    self.acked = max(self.acked, segment.ack - 1)
                continue
            self.seen = True
            self.syn = self.syn or bool(segment.flags & SYN)
            if segment.flags & FIN:
                self.fin = segment.seq - 1 + len(segment.payload)
            if segment.filler or not segment.payload:
                continue
            payload = segment.captured
            first = segment.seq - 1
            behind = first + len(payload)
            self.told = max(self.told, first + len(segment.payload))
            if not payload:
                continue
            self.starts.add(first)
            if payload != self.stream[first:behind]:
                self.differing.append(segment)
            old = self.owner[first:behind]
            if None not in old:
                self.retransmissions += 1
            elif None in old[: max(0, highest_data - first)]:
                self.out_of_order += 1
            self.owner[first:behind] = [was or segment for was in old]
            highest_data = max(highest_data, behind)
        if self.fin is not None:
            self.acked = min(self.acked, self.fin)  # else nobody can tell a lost FIN from a lost byte
        self.highest = max(self.told, self.acked, self.fin or 0)
        self.first = next((at for at, segment in enumerate(self.owner) if segment), None)

    @property
    def unique(self) -> int:
        return len(self.owner) - self.owner.count(None)

    def holes(self, base: int, behind: int) -> int:
        """How many bytes between two offsets were not captured; a FIN that was lost counts as one."""
        return self.owner[base:behind].count(None) + max(0, behind - len(self.owner))


@dataclass(slots=True)
class View:
    """What is left of one message. `body` is None where the truth does not say which bytes count as
    content."""

    message: Sent
    seen: str = "none"  # none, start (the start line, not the whole head), head
    body: bytes | None = b""
    complete: bool = False
    gap: bool = False
    cut: bool = False
    either: bool = False  # the hole lies at the end: gap and cut are both fair
    resynced: bool = False
    loose: bool = False  # found only by luck: nothing marks where it starts
    first: Segment | None = None
    last: Segment | None = None


def first_hole(side: Side, begin: int, behind: int) -> int | None:
    try:
        return side.owner.index(None, begin, behind)
    except ValueError:
        return None


def first_byte(side: Side, begin: int) -> int | None:
    """The first captured offset from `begin` on."""
    for at in range(begin, len(side.owner)):
        if side.owner[at] is not None:
            return at
    return None


def body_between(side: Side, message: Sent, behind: int) -> bytes:
    """The captured content bytes of a message before an offset."""
    out = bytearray()
    for kind, begin, end in message.ranges():
        if kind == DATA:
            for at in range(begin, min(end, behind)):
                if side.owner[at] is not None:
                    out.append(side.stream[at])
    return bytes(out)


def cut_method(side: Side, message: Sent) -> bool:
    """Whether what is left of a request line begins inside the method, so that it looks whole."""
    line = range(message.start, message.start + len(message.parts[0][1]))
    gone = [at for at in line if side.owner[at] is None]
    return bool(gone) and gone[-1] < message.start + len(message.method) - 1


def look(side: Side, messages: list[Sent]) -> list[View]:
    """Every message of a side as it can be read: on over holes inside content, else on at the next start
    line."""
    views: list[View] = []
    in_step, by_luck = True, False
    opened = side.syn or side.first == 0
    for message in messages:
        view = View(message, loose=cut_method(side, message))
        views.append(view)
        begin, behind = message.start, message.start + message.size
        start_end = begin + len(message.parts[0][1])
        if not opened:
            in_step = in_step and side.first == begin
            opened = side.first is not None and side.first <= begin
        hole = first_hole(side, begin, behind)
        if not in_step:
            if first_hole(side, begin, start_end) is not None:
                continue
            view.resynced, in_step = True, True
            by_luck = begin not in side.starts
        view.loose = view.loose or by_luck
        view.first = side.owner[begin]
        if hole is None:
            view.seen, view.body = "head", message.body
            view.complete = message.framing != "close" or side.fin == behind
            view.cut = not view.complete
            view.last = side.owner[behind - 1]
            continue
        if not (going := read_on(side, view, hole)):
            in_step = False
        if going is None:
            break
    views += [View(message) for message in messages[len(views) :]]
    return views


def read_on(side: Side, view: View, hole: int) -> bool | None:
    """Read a message from its first hole on: True when the reader is in step behind it, None when nothing
    follows."""
    message = view.message
    kind, _, end = next(part for part in message.ranges() if part[1] <= hole < part[2])
    next_byte = first_byte(side, hole)
    if kind == START and message.parts[0][0] == START:
        view.first = None
        return None if next_byte is None else False
    view.seen = "start" if kind == FIELDS else "head"
    if next_byte is None:
        view.cut = True
        view.either = side.highest > hole or side.fin is not None
        view.body = body_between(side, message, hole)
        view.last = side.owner[hole - 1]
        return None
    view.gap = True
    if kind != DATA:
        view.body = b"" if kind == FIELDS else None
        return False
    if next_byte <= end:
        later = first_hole(side, next_byte, message.start + message.size)
        if later is None:
            view.body = body_between(side, message, message.start + message.size)
            view.last = side.owner[message.start + message.size - 1]
            return True
        return read_on(side, view, later)
    view.body = body_between(side, message, end) if message.framing == "length" else None
    return message.framing == "length"
