"""Which response answers which request, when some of either are missing.

The theory. On a whole connection the n-th response answers the n-th request (RFC 9112 §9.3.2). Where bytes are
missing, counting fails, and the acknowledgement numbers decide:

- a response that begins at server offset S cannot answer a request that was sent when the client had already read
  beyond S; and where requests wait for their responses, the request was sent when the client had read *exactly* S;
- a response whose packet confirms C client bytes cannot answer a request that begins at C or later;
- a request that was sent when the client had read more responses than the capture holds did wait for those; its own
  should begin where the client had read to, and is lost where it does not.

A gap in which a whole message must have stood takes one place in the row: a lost request leaves a response that stands
alone, a lost response leaves a request that stands alone, and the pairs behind them are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from httptrace.exchanges.progress import Progress


#: Places of lost requests one behind the other, before the next one counts as part of the last.
_LOST_IN_A_ROW = 100


@dataclass(slots=True)
class LostRequests:
    """Client bytes that are missing between requests. `at_least`: so many whole requests must have been in there.

    `given_up`: these were captured, but more waited than are kept.
    """

    start: int
    at_least: int
    given_up: bool = False


#: What :class:`Waiting` knows beside the requests: `read_up_to`, `unclean`, `responses_lost`, `given_up`.
Place: TypeAlias = tuple[int, bool, int | None, bool]


class Waiting:
    """The requests of a connection that have no response yet, in order, with the places of lost ones."""

    __slots__ = ("_row", "given_up", "read_up_to", "responses_lost", "unclean")

    def __init__(self, unclean: bool) -> None:
        self._row: list[Progress | LostRequests] = []  # a deque's first block is larger than most connections
        self.read_up_to = 0  # server offset where the last response ended
        self.unclean = unclean  # the capture begins in the middle, or bytes are missing
        self.responses_lost: int | None = (
            None  # at least so many since the last one read; None where no byte is missing
        )
        self.given_up = False  # the request of the last response taken was given up

    def __bool__(self) -> bool:
        return bool(self._row)

    def __len__(self) -> int:
        return len(self._row)

    @property
    def place(self) -> Place:
        """Where in the row of responses the connection is, as plain values."""
        return self.read_up_to, self.unclean, self.responses_lost, self.given_up

    @place.setter
    def place(self, place: Place) -> None:
        self.read_up_to, self.unclean, self.responses_lost, self.given_up = place

    def add(self, request: Progress) -> None:
        """A request was read."""
        self._row.append(request)
        request.waited = request.confirmed > self.read_up_to

    def take_back(self, request: Progress) -> None:
        """A request that was added before, and is the only one."""
        self._row.append(request)

    def give_up_oldest(self) -> Progress | None:
        """Let go of the oldest request, if there is one. Its place stays, so that the others keep theirs."""
        row = self._row
        for place, entry in enumerate(row):
            if isinstance(entry, LostRequests):
                continue
            before = row[place - 1] if place else None
            if isinstance(before, LostRequests) and before.given_up:
                before.at_least += 1
                del row[place]
            else:
                row[place] = LostRequests(entry.start, 1, given_up=True)
            self.unclean = True
            return entry
        return None

    def given_up_at_once(self, start: int) -> None:
        """A request that begins there was read, and there is no room for it."""
        self.unclean = True
        last = self._row[-1] if self._row else None
        if isinstance(last, LostRequests) and last.given_up:
            last.at_least += 1
        else:
            self._row.append(LostRequests(start, 1, given_up=True))

    def lost_requests(self, start: int, at_least: int) -> None:
        """Client bytes are missing between requests."""
        self.unclean = True
        lately = self._row[-_LOST_IN_A_ROW:]
        last = lately[-1] if len(lately) == _LOST_IN_A_ROW else None
        if isinstance(last, LostRequests) and all(isinstance(entry, LostRequests) for entry in lately):
            last.at_least += at_least
        else:
            self._row.append(LostRequests(start, at_least))

    def lost_responses(self, at_least: int) -> None:
        """Server bytes are missing between responses."""
        self.unclean = True
        self.responses_lost = (self.responses_lost or 0) + at_least

    def front(self) -> Progress | None:
        """The request that is next to be answered, if it was captured."""
        first = self._row[0] if self._row else None
        return None if isinstance(first, LostRequests) else first

    def requests(self) -> list[Progress]:
        """Every captured request in the row."""
        return [entry for entry in self._row if not isinstance(entry, LostRequests)]

    def could_answer(self, offset: int, confirmed: int) -> bool:
        """Whether a response may begin at this server offset, in a packet that confirms so many client bytes.

        Asked while searching behind missing bytes, so weak evidence is refused: a page may quote a status line.
        """
        if not self._row:
            return False
        requests = 0
        for entry in self._row:
            if not _eligible(entry, offset, confirmed):
                continue
            if (
                isinstance(entry, LostRequests)
                or entry.confirmed == offset
                or entry.expects_continue
                or entry.pipelined
            ):
                return True
            requests += 1
            if requests > 1:
                return True
        return False

    def take(self, offset: int, confirmed: int) -> tuple[Progress | None, list[Progress]]:
        """The request that this response answers (None: it is lost), and those before it, which stay unanswered."""
        row = self._row
        if not self.unclean:
            return (row.pop(0), []) if row else (None, [])  # type: ignore[return-value]
        self.given_up = False
        lost, self.responses_lost = self.responses_lost, None
        index = self._choose(offset, confirmed, lost)
        unanswered: list[Progress] = []
        for _ in range(max(index, 0)):
            entry = row.pop(0)
            if not isinstance(entry, LostRequests):
                unanswered.append(entry)
        if index < 0:
            return None, []
        chosen = row[0]
        if isinstance(chosen, LostRequests):
            self.given_up = chosen.given_up and chosen.at_least > 0
            if chosen.at_least:
                chosen.at_least -= 1
            return None, unanswered
        row.pop(0)
        return chosen, unanswered

    def peek(self, offset: int, confirmed: int) -> Progress | None:
        """The request that a 1xx response at this place belongs to."""
        if not self.unclean:
            return self.front()
        index = self._choose(offset, confirmed, self.responses_lost)
        entry = self._row[index] if index >= 0 else None
        return None if isinstance(entry, LostRequests) else entry

    def _choose(self, offset: int, confirmed: int, lost: int | None) -> int:
        """The place in the row of what this response answers; -1 where nothing there can be meant.

        As long as no server bytes are missing, responses come in the order of the row, and that a client had read
        exactly up to here when it sent a later request says nothing: it may have pipelined.
        """
        if lost is None:
            return self._next(offset, confirmed)
        eligible = [i for i, entry in enumerate(self._row) if _eligible(entry, offset, confirmed)]
        for i in eligible:
            entry = self._row[i]
            if not isinstance(entry, LostRequests) and entry.confirmed == offset:
                return i
        waited = [i for i in eligible if not isinstance(entry := self._row[i], LostRequests) and entry.waited]
        answered = waited[-1] if waited else -1  # up to here the client had its answers, before this response
        to_skip = lost
        for i in eligible:
            entry = self._row[i]
            if isinstance(entry, LostRequests) and not entry.at_least:
                continue
            if i > answered and to_skip <= 0:
                return i
            to_skip -= 1
        lost_ones = [i for i in eligible if isinstance(self._row[i], LostRequests)]
        return lost_ones[-1] if lost_ones else eligible[min(lost, len(eligible) - 1)] if eligible else -1

    def _next(self, offset: int, confirmed: int) -> int:
        """The first place in the row that can be meant."""
        perhaps = -1
        for i, entry in enumerate(self._row):
            if not _eligible(entry, offset, confirmed):
                continue
            if not isinstance(entry, LostRequests) or entry.at_least:
                return i
            perhaps = i
        return perhaps


def _eligible(entry: Progress | LostRequests, offset: int, confirmed: int) -> bool:
    if isinstance(entry, LostRequests):
        return entry.start < confirmed
    return entry.start < confirmed and entry.confirmed <= offset
