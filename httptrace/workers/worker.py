"""A worker: reads what its connections say, and sends back rows, each with the event that brought it about."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from threading import Event as Flag
from threading import Thread
from typing import Any, cast

from httptrace.application import Application
from httptrace.crowd import Crowd
from httptrace.errors import described
from httptrace.ledger import DirectionLedger, Share
from httptrace.limits import ANSWER_ROWS, ANSWERS_WAITING, WORKER_SIGN, Bounds
from httptrace.model import DEAF, At, End, Exchange, StreamRecord
from httptrace.pipeline import Analyzer, Options
from httptrace.tcp.connection import Connection
from httptrace.workers.channel import Sender, pack, receive
from httptrace.workers.events import (
    BEGINS,
    ENDED,
    FINISHED,
    GIVEN_UP,
    KNOWN,
    LIMIT,
    OVERLAP,
    READ_ALONE,
    SIGN,
    Event,
    Part,
)
from httptrace.workers.rooms import ReadAlone, WatchedRooms, of_worker
from httptrace.workers.rows import ExchangeRows, StreamRows, exchange_shares, plain_ledger
from httptrace.workers.standin import Side, StandIn
from httptrace.workers.work import Work, work_of


class Worker:
    """Takes rounds of events and answers each."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._analyzer = _ANALYZERS[settings["work"]["verb"]](work_of(settings), settings["number"], settings["jobs"])
        self._connections: dict[int, StandIn] = {}
        self._sides: dict[int, Side] = {}  # by place
        self._crowd = Crowd(self._some, lambda: settings["jobs"] * len(self._connections), self._defect)
        self._turn: list[StandIn] = []  # whose turn is still to come in the present round of the crowd

    def answer(self, events: list[Event]) -> Iterator[Part]:
        """What came of a round of events, in parts: a few packets of tiny exchanges bring many times their size.
        Raises ReadAlone."""
        analyzer, sides = self._analyzer, self._sides
        at: At = (0, 0, 0)
        for event in events:
            place = event[1]
            if place < 0:
                self._other(event)
                continue
            analyzer.event, _, what, at = event
            sink = sides[place].sink
            try:
                if type(what) is bytes:
                    if len(what) < sink.bulk:  # inside a long body
                        sink.bulk -= len(what)
                        sink.bulk_at = at
                        sink.take(what)
                    else:
                        sink.data(what, at)
                elif type(what) is int:
                    sink.gap(what, at)
                else:
                    sink.end(End(what), at)
            except Exception as defect:
                self._defect(sides[place].connection, defect)
            if analyzer.rows > ANSWER_ROWS:
                yield analyzer.found()
        yield analyzer.found()
        self._crowd.passed(at[0])

    def _some(self, least: int) -> list[StandIn]:
        """Some of the connections, as :meth:`httptrace.tcp.tracker.Tracker.some` gives them."""
        turn = self._turn or list(self._connections.values())
        count = least + len(self._connections) // 8
        self._turn = turn[count:]
        return turn[:count]

    def most(self) -> list[int]:
        """The most that was held of each room since this was asked last. Raises ReadAlone."""
        return self._analyzer.rooms.most()

    def _other(self, event: Event) -> None:
        """An event that is no data."""
        index, kind, *values = event
        self._analyzer.event = index
        if kind == BEGINS:
            self._analyzer.begin(values[0])
            return
        if kind == KNOWN:
            self._know(*values)
            return
        connection = self._connections[values[0]]
        application: Application = connection.application
        try:
            if kind == OVERLAP:
                application.overlap_differs(*values[1:])
            elif kind == LIMIT:
                application.limit_reached(*values[1:])
            elif kind == ENDED:
                application.finish()
                self._deafen(connection)
            elif kind == GIVEN_UP:
                self._read_no_further(connection)
            else:
                assert kind == FINISHED
                self._finish(connection, *values[1:])
        except Exception as defect:
            self._defect(connection, defect)

    def _know(self, stream: int, keys: tuple[bytes, bytes], *known: Any) -> None:
        """A connection opens, or its packets showed more of it."""
        connection = self._connections.get(stream)
        if connection is None:
            connection = self._connections[stream] = StandIn(stream, keys)
            for side in connection.sides:
                self._sides[2 * stream + side.index] = side
            connection.application = Application(self._analyzer, connection)
        connection.know(*known)

    def _finish(self, connection: StandIn, state: tuple[Any, ...] | None) -> None:
        del self._connections[connection.stream]
        for side in connection.sides:
            del self._sides[2 * connection.stream + side.index]
        connection.conclude(state)
        self._analyzer.finished(connection)

    def _defect(self, connection: StandIn, defect: Exception) -> None:
        """A defect of ours ends its connection, as :meth:`httptrace.tcp.tracker.Tracker` has it in one process."""
        self._analyzer.say_defect(connection.stream, described(defect))
        self._read_no_further(connection)

    def _read_no_further(self, connection: StandIn) -> None:
        if connection.application is not None:
            connection.application.give_up()
        self._deafen(connection)

    def _deafen(self, connection: StandIn) -> None:
        for side in connection.sides:
            side.sink = DEAF


class _AboveTcp(Analyzer):
    """The analyzer of a worker. `event` is the one being read. Numbers of exchanges are tokens, of which no two workers
    have the same; `number`: which of `jobs` workers this is, from 0."""

    rooms: WatchedRooms

    def __init__(self, work: Work, number: int, jobs: int, **listeners: Any) -> None:
        bounds = of_worker(Bounds(**work.bounds), jobs)
        super().__init__(Options(hash_bodies=work.hash_bodies, contain=True, bounds=bounds), **listeners)
        self.rooms = WatchedRooms(bounds)
        self.event = 0
        self.jobs = jobs
        self._number = number
        self._begin_round()

    def _begin_round(self) -> None:
        self._taken: list[tuple[int, int]] = []
        self._rows: list[tuple[int, int | None, Any]] = []
        self._defects: list[tuple[int, int, str]] = []

    def found(self) -> Part:
        """What came of the events since it was asked last."""
        part = (self._taken, self._rows, self._defects)
        self._begin_round()
        return part

    def begin(self, time_ns: int) -> None:
        """The capture's first packet was seen at that time."""

    def new_exchange_number(self) -> int:
        self.exchanges += 1
        token = self.exchanges * self.jobs + self._number
        self._taken.append((self.event, token))
        return token

    def say_defect(self, stream: int, what: str) -> None:
        self._defects.append((self.event, stream, what))

    def finished(self, connection: StandIn) -> None:
        """A connection is over, and its state is known."""
        self._finished(cast(Connection, connection))

    @property
    def rows(self) -> int:
        """How many rows were not asked for yet."""
        return len(self._rows)

    def _found(self, token: int | None, row: Any) -> None:
        self._rows.append((self.event, token, row))


class _Exchanges(_AboveTcp):
    """For `list`."""

    def __init__(self, work: Work, number: int, jobs: int) -> None:
        super().__init__(work, number, jobs, on_exchange=self._exchange)
        self._maker = ExchangeRows(work)

    def begin(self, time_ns: int) -> None:
        self._maker.begin(time_ns)

    def _exchange(self, exchange: Exchange) -> None:
        token = exchange.no
        self._found(token, self._maker.row(exchange))


class _Streams(_AboveTcp):
    """For `streams`."""

    def __init__(self, work: Work, number: int, jobs: int) -> None:
        super().__init__(work, number, jobs, on_stream=self._stream)
        self._maker = StreamRows(work)
        self._finishing: StandIn | None = None

    def begin(self, time_ns: int) -> None:
        self._maker.begin(time_ns)

    def finished(self, connection: StandIn) -> None:
        self._finishing = connection
        super().finished(connection)

    def _stream(self, record: StreamRecord) -> None:
        assert self._finishing is not None
        self._finishing.complete(record)
        self._found(None, self._maker.row(record))


class _Ledgers(_AboveTcp):
    """For `audit`."""

    def __init__(self, work: Work, number: int, jobs: int) -> None:
        super().__init__(work, number, jobs, audit=self)
        self._lines = work.format == "jsonl"

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        """Told as the auditor."""
        token = exchange.no
        self._found(token, exchange_shares(exchange, client, server) if self._lines else None)

    def direction(self, ledger: DirectionLedger) -> None:
        """Told as the auditor."""
        self._found(None, plain_ledger(ledger))


_ANALYZERS: dict[str, Callable[[Work, int, int], _AboveTcp]] = {
    "list": _Exchanges,
    "streams": _Streams,
    "audit": _Ledgers,
}


def give_signs(works: Flag, answers: Sender) -> None:
    """Say now and then that this process is alive, while it works: a few packets may ask for a minute of decoding."""
    while works.wait():
        time.sleep(WORKER_SIGN)
        if works.is_set():
            answers.mention(pack(SIGN))


def serve() -> None:
    """A worker process: settings and rounds come on standard input, answers go to standard output."""
    descriptor = os.dup(1)
    os.dup2(2, 1)  # nothing else may come between the answers
    sys.stdout = sys.stderr
    answers = Sender(descriptor, ANSWERS_WAITING)
    works = Flag()
    Thread(target=give_signs, args=(works, answers), daemon=True).start()
    try:
        settings = receive(sys.stdin.buffer)
        if settings is None:  # the reading process is gone already
            os._exit(0)
        worker = Worker(settings)
        gc.freeze()
        gc.set_threshold(100_000, 50, 1_000)  # as in cli/run.py: what connections make is freed without the collector
        while (events := receive(sys.stdin.buffer)) is not None:
            works.set()
            for part in worker.answer(events):
                answers.send(pack(part))
            answers.send(pack(worker.most()))
            works.clear()
            del events, part
    except ReadAlone:
        answers.send(pack(READ_ALONE))
    except Exception as defect:
        answers.send(pack(described(defect)))
    answers.finish()
    os._exit(0)  # nothing is open and nothing is to be said: no time is spent on taking the process apart
