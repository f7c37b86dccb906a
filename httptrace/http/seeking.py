"""A reader that has lost its place, and how it finds back: at the next start line that can be true."""

from __future__ import annotations

from httptrace.http.events import Listener
from httptrace.http.grammar import HEAD, LOST, START, StartLines, State
from httptrace.http.heads import UnfinishedHead
from httptrace.http.search import StartLineSearch
from httptrace.model import At


class Seeker(StartLines):
    """The part of a reader that searches (its state is LOST then)."""

    listener: Listener
    state: State
    offset: int

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
