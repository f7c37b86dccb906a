"""A reader that has lost its place, and how it finds back: at the next start line that can be true."""

from __future__ import annotations

from httptrace import notes
from httptrace.http.events import Listener
from httptrace.http.grammar import HEAD, LOST, START, StartLines, State
from httptrace.http.heads import SURPLUS, UNREADABLE, UnfinishedHead
from httptrace.http.search import StartLineSearch
from httptrace.model import At


class Seeker(StartLines):
    """The part of a reader that searches (its state is LOST then)."""

    listener: Listener
    state: State
    offset: int

    segment = b""  # being read, from `offset` on
    _surplus_said = False  # bytes that are no HTTP were said with the message before them
    resynced = False  # the next message was found by a search behind missing bytes
    _unfinished: UnfinishedHead | None = None
    _search: StartLineSearch | None = None

    def _lose(self, start: int, end: int, lost_message: bool, tail: bytes = b"", tail_at: At = (0, 0, 0)) -> None:
        """From here on, look for a start line; `tail`: octets already read that may hold it."""
        self.state = LOST
        self._searching().begin(end > start, tail, tail_at)
        if end > start:
            self.listener.stream_gap(self.sender, start, end, lost_message)

    @property
    def searches(self) -> bool:
        """Whether it was lost once: then its search knows the listener too."""
        return self._search is not None

    def _searching(self) -> StartLineSearch:
        if self._search is None:
            listener, sender = self.listener, self.sender
            self._search = StartLineSearch(self.find_start, lambda at, place: listener.agrees(sender, at, place))
        return self._search

    def let_go(self) -> None:
        """Nothing more comes: cut the circle with the search, which knows this reader."""
        self._search = None

    def _no_more_head(self) -> None:
        """There is no unfinished head any more."""
        unfinished, self._unfinished = self._unfinished, None
        if unfinished is not None and unfinished.counted:
            self.listener.heads.give_back(unfinished.counted)

    def _look_behind(self, at: At, offset: int) -> None:
        """A message ends at `offset`: say it with this one if what follows in its segment begins no other. A moment
        later its exchange may be told."""
        begin = offset - self.offset
        if begin < len(self.segment):
            behind = self.segment[begin : begin + 64].lstrip(b"\r\n")
            if behind and not self.could_start(behind):
                self.listener.fault(self.sender, notes.BAD_FRAMING, at[0], SURPLUS, {})
                self._surplus_said = True

    def _say_unreadable(self, at: At) -> None:
        """What stands where a message should begin is no start line."""
        if not self._surplus_said:
            self.listener.fault(self.sender, notes.BAD_FRAMING, at[0], UNREADABLE, {})
        self._surplus_said = False

    def _say_skipped(self) -> None:
        skipped = self._searching().end()
        if skipped:
            self.listener.bytes_spent(self.sender, "resync", skipped)

    def _look(self, data: bytes, begin: int, end: int, at: At) -> int:
        """Search on; gives where in `data` reading goes on."""
        found = self._searching().feed(data[begin:end] if begin else data, at, self.offset + begin)
        if found is None:
            return end
        self._say_skipped()
        self.resynced = self._searching().behind_gap
        if found.tail:
            self._unfinished = UnfinishedHead(found.tail, found.first, found.offset)
            self.state = HEAD
        else:
            self.state = START
        return begin + found.place
