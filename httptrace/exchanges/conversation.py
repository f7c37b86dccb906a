"""The exchanges of one connection that are open: what all parts of a dialogue share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from httptrace import limits, notes
from httptrace.exchanges import progress as making
from httptrace.exchanges.informational import EarlyResponses
from httptrace.exchanges.pairing import Waiting
from httptrace.exchanges.progress import MessageProgress, Progress
from httptrace.exchanges.timing import set_timings
from httptrace.limits import Bounds, Rooms
from httptrace.model import At, Direction, Endpoint, Exchange, Message, Note, Response

if TYPE_CHECKING:
    from httptrace.exchanges.dialogue import Dialogue

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER

#: Places of a direction whose bytes came again with another value, and the packet that brought each.
Overlaps: TypeAlias = list[tuple[int, int]]


class Host(Protocol):
    """What a dialogue needs from the chain around it."""

    stream: int
    client: Endpoint
    server: Endpoint

    @property
    def hash_bodies(self) -> bool:
        """Whether anyone wants the hashes of bodies."""

    @property
    def bounds(self) -> Bounds:
        """What one connection may keep."""

    @property
    def rooms(self) -> Rooms:
        """What all connections may keep."""

    @property
    def told(self) -> bool:
        """Whether anyone wants to know when messages begin and end."""

    def new_number(self) -> int:
        """The number of an exchange whose first start line became readable just now: in that order they are given."""

    def keeps(self, number: int) -> int:
        """How many octets of that exchange's bodies to keep."""

    def taker(self, number: int, sender: Direction) -> Callable[[bytes], object] | None:
        """Who wants that body as it passes."""

    def message_began(self, exchange: Exchange, sender: Direction, informational: Response | None) -> None: ...

    def message_ended(self, exchange: Exchange, sender: Direction) -> None: ...

    def exchange_over(self, progress: Progress) -> None: ...

    def switched(self, protocol: str) -> None:
        """What follows on this connection is `protocol` (websocket, http/2, tunnel)."""

    def spent(self, sender: Direction, kind: str, count: int) -> None:
        """For the ledger: captured bytes that belong to no message."""

    def connect_ns(self) -> int | None:
        """How long the handshake took."""

    def woke(self, dialogue: Dialogue) -> None:
        """This stands again where something stood for it while it was silent."""

    def resume(self, data: bytes, at: At) -> bool:
        """The dialogue is between two exchanges, and the client speaks; whether a plain one takes that, and goes on."""


class PlainHost(Host, Protocol):
    """What a plain dialogue needs besides."""

    def plain_over(self, exchange: Exchange, framing: int) -> None:
        """An exchange is over, of which all was plain. `framing`: octets of its response that frame chunks."""

    def becomes(self, dialogue: Dialogue) -> None:
        """It is not plain any more: this stands in its place, and takes over both directions."""


#: Something of each side: nothing.
NEITHER = (None, None)

Thing = TypeVar("Thing")


def replaced(
    pair: tuple[Thing | None, Thing | None], side: int, thing: Thing | None
) -> tuple[Thing | None, Thing | None]:
    """The pair with another thing on that side. Most of the time a connection has neither, so that is kept once."""
    other = pair[1 - side]
    if thing is None and other is None:
        return NEITHER
    return (other, thing) if side else (thing, other)


class Conversation:
    """Which exchanges of a connection are open, and how each ends."""

    # First values of what many a connection never needs.
    version: str | None = None  # of the first message read
    versions_differ = False
    _early: EarlyResponses | None = None
    _overlaps: tuple[Overlaps, Overlaps] | None = None

    def __init__(self, host: Host, mid_stream: bool) -> None:
        self.host = host
        self.waiting = Waiting(mid_stream)
        self._reading: tuple[Progress | None, Progress | None] = NEITHER  # whose message each side is in
        self._messages: tuple[MessageProgress | None, MessageProgress | None] = NEITHER  # that each side is in
        self._reserved: tuple[int | None, int | None] = NEITHER  # numbers of exchanges whose heads are still to come
        self._faults: tuple[Note | None, Note | None] = NEITHER  # met between two messages, for the one that follows
        self._last: list[int | None] = [None, None]  # the number of the exchange whose message each side was in last
        self._open: dict[int, Progress] = {}  # by number

    def _connect_time(self, version: str) -> int | None:
        """How long the handshake took, for the first exchange; to be asked once for each, with what it speaks."""
        if self.version is None:
            self.version = version
            return self.host.connect_ns()
        if version != self.version:
            self.versions_differ = True
        return None

    def _give_up_response(self, progress: Progress) -> None:
        """Its response is not in the capture."""
        progress.response_over = True
        if progress.request_over:
            self._finish(progress)

    def _finish(self, progress: Progress) -> None:
        if progress.finished:
            return
        progress.finished = True
        self._open.pop(progress.exchange.no, None)
        if not self._open:
            self._open = {}  # one that has held something keeps its room
        if progress.weight:
            self.host.rooms.exchanges.give_back(progress.weight)
        set_timings(progress.exchange)
        self.host.exchange_over(progress)

    def finish(self) -> None:
        """Both directions have ended: what is still open stays as it is."""
        self.settle_early(None)
        for _, progress in sorted(self._open.items()):
            progress.request_over = progress.response_over = True
            self._finish(progress)
        self._forget_overlaps()

    def limit_reached(self, code: str, packet: int) -> None:
        """A bound of the program concerns every exchange that is open here."""
        for progress in self._open.values():
            progress.note(code, packet, notes.NOTES[code].meaning)

    def _forget_overlaps(self) -> None:
        if self._overlaps is not None:
            self.host.rooms.marks.give_back(sum(map(len, self._overlaps)))
            self._overlaps = None

    # ------------------------------------------------------------------ bounds

    def _counts(self, progress: Progress, octets: int, fields: int, packet: int) -> bool:
        """Count what a head adds to an open exchange. Where there is no room, the oldest requests that wait here are
        given up; whether that was enough."""
        if len(self._open) == 1 and octets <= limits.PLAIN_HEAD and fields < limits.PLAIN_LINES:
            return True
        weight = limits.EXCHANGE + 2 * octets + fields * limits.FIELD
        while not self.host.rooms.exchanges.take(weight):
            if not self._give_up_oldest(packet):
                progress.note(notes.EXCHANGE_LIMIT, packet, making.NO_ROOM_TEXT)
                return False
        progress.weight += weight
        return True

    def _pipelines(self, progress: Progress, octets: int, fields: int, packet: int) -> bool:
        """A request that does not wait for the response to the one before it; whether there is room for it."""
        progress.pipelined = True
        if len(self.waiting) >= self.host.bounds.pipelined:
            self.host.rooms.exchanges.refused += 1
            self._give_up_oldest(packet)
        if self._counts(progress, octets, fields, packet):
            return True
        self.waiting.given_up_at_once(progress.start)
        return False

    def _give_up_oldest(self, packet: int) -> bool:
        """Give up the request that waits longest for its response, if any does."""
        oldest = self.waiting.give_up_oldest()
        if oldest is None:
            return False
        oldest.note(notes.EXCHANGE_LIMIT, packet, making.GIVEN_UP_TEXT)
        self._give_up_response(oldest)
        return True

    def _strip(self, message: Message | None) -> None:
        """There is no room for the fields of a message that is still being read."""
        if message is not None:
            message.headers = []

    # ------------------------------------------------------------------ what belongs to them

    def settle_early(self, progress: Progress | None) -> None:
        """The 1xx responses read so far belong to that exchange (None: their final response will not come)."""
        early, self._early = self._early, None
        if early is None:
            return
        homeless = early.settle(progress)
        if homeless:
            self.host.spent(SERVER, "resync", homeless)

    def overlap(self, sender: Direction, offset: int, packet: int) -> None:
        """The byte at `offset` was sent again with another value."""
        for progress in self._open.values():
            message = progress.request if sender is CLIENT else progress.response
            if message is not None and message.end is not None and message.start <= offset < message.end:
                progress.note(notes.DIFFERING_OVERLAP, packet, making.OVERLAP_TEXT)
                return
        if self._overlaps is None:
            self._overlaps = ([], [])
        overlaps = self._overlaps[sender]
        if len(overlaps) < limits.OVERLAPS and self.host.rooms.marks.take(1):
            overlaps.append((offset, packet))

    def _say_overlaps(self, progress: Progress, message: MessageProgress, sender: Direction) -> None:
        overlaps = self._overlaps[sender] if self._overlaps is not None else None
        if not overlaps or message.end is None:
            return
        for offset, packet in overlaps:
            if message.start <= offset < message.end:
                progress.note(notes.DIFFERING_OVERLAP, packet, making.OVERLAP_TEXT)
        known = len(overlaps)
        overlaps[:] = [overlap for overlap in overlaps if overlap[0] >= message.end]
        self.host.rooms.marks.give_back(known - len(overlaps))
