"""The exchanges of one connection that are open: what all parts of a dialogue share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from httptrace import limits, notes
from httptrace.exchanges import progress as making
from httptrace.exchanges.informational import EarlyResponses
from httptrace.exchanges.pairing import Waiting
from httptrace.exchanges.progress import MessageProgress, Progress, WholeMessage
from httptrace.exchanges.timing import set_timings
from httptrace.model import Direction, Endpoint, Exchange, Response

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER

#: Places of a direction whose bytes came again with another value, and the packet that brought each.
Overlaps: TypeAlias = list[tuple[int, int]]


class Host(Protocol):
    """What a dialogue needs from the chain around it."""

    stream: int
    client: Endpoint
    server: Endpoint
    hash_bodies: bool
    told: bool  # whether anyone wants to know when messages begin and end
    takes_whole: bool  # whether messages may be told when they are over, and nobody wants their bodies

    def new_number(self, now: int) -> int:
        """The number of an exchange whose first start line became readable with packet `now`."""

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
        self.takes_whole = host.takes_whole
        self._reading: list[Progress | None] = [None, None]  # whose message each side is in
        self._last: list[Progress | None] = [None, None]  # whose message each side was in last
        self._reserved: list[int | None] = [None, None]  # numbers of exchanges whose heads are still to come
        self._open: dict[Progress, None] = {}

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
        self._open.pop(progress, None)
        if not self._open:
            self._open = {}  # one that has held something keeps its room
        set_timings(progress.exchange)
        self.host.exchange_over(progress)

    def finish(self) -> None:
        """Both directions have ended: what is still open stays as it is."""
        self.settle_early(None)
        for progress in sorted(self._open, key=lambda one: one.exchange.no):
            progress.request_over = progress.response_over = True
            self._finish(progress)

    def limit_reached(self, code: str, packet: int) -> None:
        """A bound of the program concerns every exchange that is open here."""
        for progress in self._open:
            progress.note(code, packet, notes.NOTES[code].meaning)

    def settle_early(self, progress: Progress | None) -> None:
        """The 1xx responses read so far belong to that exchange (None: their final response will not come)."""
        early, self._early = self._early, None
        homeless = early.settle(progress) if early is not None else 0
        if homeless:
            self.host.spent(SERVER, "resync", homeless)

    def overlap(self, sender: Direction, offset: int, packet: int) -> None:
        """The byte at `offset` was sent again with another value."""
        for progress in self._open:
            message = progress.request if sender is CLIENT else progress.response
            if message is not None and message.end is not None and message.start <= offset < message.end:
                progress.note(notes.DIFFERING_OVERLAP, packet, making.OVERLAP_TEXT)
                return
        if self._overlaps is None:
            self._overlaps = ([], [])
        overlaps = self._overlaps[sender]
        if len(overlaps) < limits.OVERLAPS:
            overlaps.append((offset, packet))

    def _say_overlaps(self, progress: Progress, message: MessageProgress | WholeMessage, sender: Direction) -> None:
        overlaps = self._overlaps[sender] if self._overlaps is not None else None
        if not overlaps or message.end is None:
            return
        for offset, packet in overlaps:
            if message.start <= offset < message.end:
                progress.note(notes.DIFFERING_OVERLAP, packet, making.OVERLAP_TEXT)
        overlaps[:] = [overlap for overlap in overlaps if overlap[0] >= message.end]
