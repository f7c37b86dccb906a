"""A connection as a worker knows it: what the reading process told, in the shape the application layer asks for."""

from __future__ import annotations

from typing import Any

from httptrace.model import DEAF, SideMeasures, Sink, StreamRecord
from httptrace.tcp.handshake import Handshake
from httptrace.workers.events import OF_CONNECTION, OF_SIDE

_PLACES = {name: place for place, name in enumerate(OF_SIDE)}


class Side:
    """One direction: its sink, and at the end what the reader counted of it (`OF_SIDE`), for which there is one place:
    every connection that is open has two of these."""

    __slots__ = ("connection", "counts", "index", "sink")

    counts: tuple[Any, ...]

    def __init__(self, connection: StandIn, index: int) -> None:
        self.connection = connection
        self.index = index
        self.sink: Sink = DEAF  # the application attaches its own

    def __getattr__(self, name: str) -> Any:
        place = _PLACES.get(name)
        if place is None:
            raise AttributeError(name)
        return self.counts[place]


class StandIn:
    """Stands for a :class:`httptrace.tcp.connection.Connection` that lives in the reading process."""

    __slots__ = (
        *OF_CONNECTION,
        "_client",
        "_clients",
        "application",
        "evidence",
        "first_syn",
        "handshake",
        "keys",
        "measures",
        "rtt_ns",
        "sides",
        "stream",
        "watcher",
        "words",
    )

    def __init__(self, stream: int, keys: tuple[bytes, bytes]) -> None:
        self.stream = stream
        self.keys = keys
        self.sides = (Side(self, 0), Side(self, 1))
        self.application: Any = None
        self.first_syn: int | None = None
        self.rtt_ns: int | None = None
        self.evidence: int | None = None  # set by the application
        self._client = 0
        self._clients: tuple[int, int, int] | None = None
        self.watcher = None  # the analysis is the reader's
        self.words: tuple[dict[str, int], dict[str, int]] | None = None
        self.measures: tuple[tuple[Any, ...], tuple[Any, ...]] | None = None

    def know(self, first_syn: int | None, rtt_ns: int | None, client: int) -> None:
        """What the packets show by now; `client` without what HTTP shows."""
        self.first_syn = first_syn
        self.rtt_ns = rtt_ns
        self._client = client

    def conclude(self, state: tuple[Any, ...] | None) -> None:
        """The connection is over; `state` as :func:`httptrace.workers.events.state_of` gives it."""
        if state is None:
            return
        of_connection, handshake, self._clients, sides, self.words, self.measures = state
        for name, value in zip(OF_CONNECTION, of_connection, strict=True):
            setattr(self, name, value)
        self.handshake = Handshake[handshake]
        for side, counts in zip(self.sides, sides, strict=True):
            side.counts = counts

    def complete(self, record: StreamRecord) -> None:
        """Add what the analysis found, which ran in the reading process."""
        if self.measures is None:
            return
        client, words = record.client_index, self.words or ({}, {})
        record.analysis = (words[client], words[1 - client])
        record.measures = (SideMeasures(*self.measures[client]), SideMeasures(*self.measures[1 - client]))

    @property
    def client(self) -> int:
        """Index of the client's side, from the best evidence so far."""
        if self._clients is None:
            return self._client
        return self._clients[2 if self.evidence is None else self.evidence]

    def let_go(self) -> None:
        """Cut the circles, as the real one does."""
        for side in self.sides:
            side.sink = DEAF
            del side.connection
        self.application = None
