"""The reading process: packets and TCP, with every bound, as in one process; what comes of them is told to workers.

Work goes in rounds. A round is what some 128 KiB of payload a worker brought; it is sent to all workers at once, and
its answers are merged when a few further rounds are under way, so nobody waits for anybody as long as all have work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, islice
from typing import Any, Protocol

from httptrace.errors import CaptureError, UsageError, described
from httptrace.limits import ROUND_BYTES, ROUND_EVENTS, ROUNDS
from httptrace.model import Frame
from httptrace.notes import STORE_LIMIT
from httptrace.pipeline import Analyzer, Auditor, Options
from httptrace.records import side_measures
from httptrace.tcp.connection import Connection
from httptrace.tcp.halfstream import HalfStream
from httptrace.workers.events import BEGINS, Answer, Event, Log, Recording, shard_of, state_of
from httptrace.workers.merge import Merge
from httptrace.workers.rooms import WatchedRooms, check

#: The first round is this fraction, each further one twice as large, so that work and output begin at once.
FIRST_ROUND = 16

#: Packets between looks at how much has gathered; fewer where packets are large (up to 64 KiB).
_STRIDE = 16
_SHORT_STRIDE = 4


class Workers(Protocol):
    """What the reading process needs of :class:`httptrace.workers.crew.Crew`."""

    jobs: int

    def send(self, rounds: Sequence[list[Event]]) -> None:
        """A round: what each worker has to read."""

    def receive(self) -> list[Answer]:
        """The answers to the oldest round that was not answered yet. Raises ReadAlone."""


@dataclass(slots=True)
class _Round:
    """What the reading process met itself in a round: defects of ours, as (event, stream, what it was); bounds, as
    (event, code); and the most that it held of each room."""

    defects: list[tuple[int, int, str]] = field(default_factory=list)
    bounds: list[tuple[int, str]] = field(default_factory=list)
    most: list[int] = field(default_factory=list)


class SharingAnalyzer(Analyzer):
    """Takes frames as any analyzer; what it gives comes as rows from workers, in the order of one process.

    `on_row` is told each row with the number of its exchange (None where it is of no exchange). `whole_streams`:
    rows are asked for of connections too, so what was counted of one travels at its end.

    Raises ReadAlone where a bound over all connections may have been reached above TCP. What was given out by then is
    how the output of one process begins.
    """

    rooms: WatchedRooms

    def __init__(
        self,
        options: Options,
        workers: Workers,
        on_row: Callable[[int | None, Any], object],
        whole_streams: bool,
        audit: Auditor | None = None,
    ) -> None:
        super().__init__(options, audit=audit)
        self.rooms = WatchedRooms(options.bounds)
        self.tracker.marks = self.rooms.marks
        self._workers = workers
        self._whole_streams = whole_streams
        self._next_event = count().__next__
        self._logs = [Log(self._next_event) for _ in range(workers.jobs)]
        self._merge = Merge(self.new_exchange_number, on_row, super().say_defect)
        self._share = FIRST_ROUND
        self._met = _Round()
        self._under_way: deque[_Round] = deque()

    # ------------------------------------------------------------------ feeding

    def begin(self, time_ns: int) -> None:
        """The capture's first packet was seen at that time."""
        for log in self._logs:
            log.tell(BEGINS, time_ns)

    def feed(self, frames: Iterable[Frame]) -> Iterator[int]:
        """As any analyzer. When this is through, or has met damage, all that was read has been given out."""
        walk, stride = iter(frames), _SHORT_STRIDE
        try:
            while True:
                before, octets = self.decoder.packets, self.decoder.captured_bytes
                yield from super().feed(islice(walk, stride))
                self._look()
                if self.decoder.packets - before < stride:
                    break
                stride = _STRIDE if self.decoder.captured_bytes - octets < ROUND_BYTES else _SHORT_STRIDE
        except (CaptureError, UsageError):
            self._settle()
            raise
        self._settle()

    def finish(self) -> None:
        """The capture is over: everything that is still open ends here."""
        super().finish()
        self._settle()

    # ------------------------------------------------------------------ rounds

    def _look(self) -> None:
        """Send a round where enough has gathered, and merge the oldest where enough are under way."""
        enough = self._workers.jobs / self._share
        if (
            sum(log.size for log in self._logs) < ROUND_BYTES * enough
            and sum(len(log.events) for log in self._logs) < ROUND_EVENTS * enough
        ):
            return
        self._share = max(self._share // 2, 1)
        self._send()
        while len(self._under_way) >= ROUNDS:
            self._receive()

    def _send(self) -> None:
        self._workers.send([log.events for log in self._logs])
        for log in self._logs:
            log.clear()
        self._met.most = self.rooms.most()
        self._under_way.append(self._met)
        self._met = _Round()

    def _receive(self) -> None:
        answers = self._workers.receive()
        met = self._under_way[0]
        check(self.options.bounds, [met.most, *(most for *_, most in answers)])
        try:
            self._merge.round(answers, met.defects)
        except BaseException:
            self._unmeet()
            raise
        self._under_way.popleft()

    def _unmeet(self) -> None:
        """No more rows are wanted: bounds that were met behind the last one do not count, for one process would not
        have read so far."""
        for event, code in chain.from_iterable(met.bounds for met in (*self._under_way, self._met)):
            if event > self._merge.event:
                if code == STORE_LIMIT:
                    self.tracker.store_full -= 1
                else:
                    self.tracker.closed_early -= 1

    def _settle(self) -> None:
        """Send what is left, and wait for all answers."""
        if any(log.events for log in self._logs) or self._met.defects:
            self._send()
        while self._under_way:
            self._receive()

    # ------------------------------------------------------------------ what TCP tells

    def _opened(self, connection: Connection) -> None:
        connection.stream = self._streams
        self._streams += 1
        log = self._logs[shard_of(connection.keys, len(self._logs))]
        connection.application = Recording(connection, log)

    def _ended(self, connection: Connection) -> None:
        recording_of(connection).end()

    def _finished(self, connection: Connection) -> None:
        recording = recording_of(connection)
        measures = None
        if connection.watcher is not None:
            measures = tuple(_plain(connection, side) for side in (0, 1))
        recording.finish(state_of(connection, measures) if self._whole_streams else None)
        connection.let_go()
        self._look()  # at the end of a capture a hundred thousand of these come in a row

    def _overlap_differs(self, half: HalfStream, offset: int) -> None:
        recording_of(half.connection).overlap_differs(half.index, offset, half.last_packet)

    def _limit_reached(self, connection: Connection, code: str) -> None:
        self._met.bounds.append((self._next_event(), code))
        recording_of(connection).limit_reached(code, connection.last_packet)

    def _contain(self, connection: Connection, defect: Exception) -> None:
        """A defect below the workers: told in its place among theirs."""
        self._met.defects.append((self._next_event(), connection.stream, described(defect)))
        if isinstance(connection.application, Recording):
            connection.application.give_up()


def recording_of(connection: Connection) -> Recording:
    """What is told of a connection."""
    recording = connection.application
    assert isinstance(recording, Recording)
    return recording


def _plain(connection: Connection, side: int) -> tuple[object, ...]:
    """What was measured on a side, as it travels."""
    measured = side_measures(connection, side)
    return tuple(getattr(measured, name) for name in measured.__struct_fields__)
