"""Many connections at once: what an open one takes in memory, and when their dialogues sleep."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import pytest

from benchmarks.content import TEXTS, Content
from httptrace import limits
from httptrace.application import Application
from httptrace.exchanges.folding import Plain
from httptrace.exchanges.sleeping import Packed, Packer, Sleeper
from httptrace.model import Direction
from httptrace.pipeline import Analyzer, Options
from httptrace.tcp.handshake import ACK, FIN, SYN
from tests.tcp.wire import key_of

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
MS = 1_000_000
ANY_TIME = 1 << 60

#: Connections that are there before it is measured, and those that come then.
FIRST, MORE = 80, 300


class Crowd:
    """Connections that open, say something and stay."""

    def __init__(self, options: Options | None = None) -> None:
        self.analyzer = Analyzer(options or Options(contain=True), on_exchange=lambda _exchange: None)
        self.content = Content("crowd")
        self.packet = 0

    def segment(self, port: int, side: Direction, sent: list[int], data: bytes = b"", flags: int = ACK) -> None:
        self.packet += 1
        ack = sent[1 - side] if flags & ACK else 0
        time_ns = 1_700_000_000_000_000_000 + self.packet * MS
        self.analyzer.tracker.segment(key_of(side, port), sent[side], ack, flags, data, len(data), self.packet, time_ns)
        sent[side] += len(data) + (flags & SYN > 0)

    def opens(self, port: int) -> list[int]:
        sent = [self.content.random.getrandbits(31), self.content.random.getrandbits(31)]
        self.segment(port, CLIENT, sent, flags=SYN)
        self.segment(port, SERVER, sent, flags=SYN | ACK)
        self.segment(port, CLIENT, sent)
        return sent

    def asks(self, port: int, sent: list[int]) -> None:
        self.segment(port, CLIENT, sent, self.content.request("GET", "/events"))

    def is_answered(self, port: int, sent: list[int]) -> None:
        self.asks(port, sent)
        body = b'{"serial": %d}' % port
        head = self.content.response("200 OK", TEXTS[3], f"Content-Length: {len(body)}")
        self.segment(port, SERVER, sent, head + body)

    def holds(self, port: int) -> None:
        """One exchange is over; of the other the response goes on and on."""
        sent = self.opens(port)
        self.is_answered(port, sent)
        self.asks(port, sent)
        head = self.content.response("200 OK", "text/event-stream", "Transfer-Encoding: chunked")
        self.segment(port, SERVER, sent, head)
        for number in range(4):
            said = b"data: %d %d\n\n" % (number, self.content.random.getrandbits(64))
            self.segment(port, SERVER, sent, b"%x\r\n%b\r\n" % (len(said), said))

    def polls(self, port: int) -> None:
        """A request that gets no response yet."""
        self.asks(port, self.opens(port))

    def keeps_alive(self, port: int) -> None:
        """Nothing is open."""
        self.is_answered(port, self.opens(port))

    def opened(self, port: int) -> None:
        """Nothing is said."""
        self.opens(port)

    def looks(self) -> None:
        for _ in range(10):  # a round or more
            self.analyzer._crowd.look(ANY_TIME)

    @property
    def asleep(self) -> int:
        applications = [half.connection.application for half in self.analyzer.tracker.halves.values()]
        return sum(isinstance(one, Application) and isinstance(one.dialogue, Sleeper) for one in applications) // 2


#: OpenSSL's state of a hash, which Python does not count.
DIGEST = 250


@pytest.mark.parametrize(
    ("says", "digests", "most"),
    [
        pytest.param(Crowd.holds, 1, 3_700, id="holds"),
        pytest.param(Crowd.polls, 0, 2_850, id="polls"),
        pytest.param(Crowd.keeps_alive, 0, 2_950, id="keeps-alive"),
        pytest.param(Crowd.opened, 0, 2_000, id="opened"),
    ],
)
# Some 300 octets less where no other test ran before: Python gives an object room for every attribute that any object
# of its class ever got.
def test_an_open_connection_takes_little(says: Callable[[Crowd, int], None], digests: int, most: int) -> None:
    crowd = Crowd()
    for port in range(FIRST):
        says(crowd, port)
    crowd.looks()
    gc.collect()
    tracemalloc.start()
    try:
        for port in range(FIRST, FIRST + MORE):
            says(crowd, port)
        crowd.looks()
        crowd.analyzer.tracker.recent.clear()  # the same 512 packets, however many connections are open
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert grown / MORE + digests * DIGEST < most
    crowd.analyzer.finish()


def test_silent_ones_sleep_in_a_crowd_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CROWD", 20)
    monkeypatch.setattr(limits, "SILENT", 100)
    monkeypatch.setattr("httptrace.crowd.BATCH", 10)
    found: list[int] = []
    crowd = Crowd()
    for port in range(40):
        crowd.polls(port)
        found += [crowd.asleep for _ in crowd.analyzer._crowd.watched([crowd.packet])]
    assert crowd.packet == 160
    assert found[:25] == [0] * 25, "too few, or not silent for so long"
    assert 0 < found[-1] <= (crowd.packet - 100) / 4


def test_those_that_ended_are_no_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CROWD", 20)
    monkeypatch.setattr("httptrace.crowd.BATCH", 1)
    crowd = Crowd()
    looked: list[int] = []
    monkeypatch.setattr(crowd.analyzer._crowd, "look", looked.append)
    for port in range(30):
        sent = crowd.opens(port)
        for side in (CLIENT, SERVER):
            crowd.segment(port, side, sent, flags=FIN | ACK)
            sent[side] += 1
    assert len(crowd.analyzer.tracker.halves) == 60  # remembered for stragglers
    crowd.analyzer._crowd.passed(crowd.packet)
    assert looked == []
    for port in range(30, 51):
        crowd.opens(port)
    crowd.analyzer._crowd.passed(crowd.packet)
    assert looked == [crowd.packet - limits.SILENT]


def test_all_have_their_turn() -> None:
    crowd = Crowd()
    for port in range(100):
        crowd.polls(port)
    tracker, seen = crowd.analyzer.tracker, set()
    for _ in range(12):
        some = list(tracker.some(5))
        assert 5 <= len(some) <= 5 + 100 // 8
        seen.update(connection.stream for connection in some)
    assert seen == set(range(100))


@pytest.mark.parametrize(
    ("options", "asleep"),
    [pytest.param(Options(), 1, id="otherwise"), pytest.param(Options(keep_bodies=100), 0, id="bodies-are-kept")],
)
def test_what_is_watched_stays_awake(options: Options, asleep: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CROWD", 0)
    monkeypatch.setattr(limits, "SILENT", -1)
    crowd = Crowd(options)
    crowd.analyzer.decoder.packets = 1_000_000
    crowd.polls(1)
    for _ in crowd.analyzer.feed(()):
        pass
    assert crowd.asleep == asleep


def test_a_defect_of_ours_ends_its_connection_only(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = Crowd()
    for port in range(3):
        crowd.polls(port)
    proper = Packer.pack

    def stumbling(packer: Packer, values: Plain) -> Packed:
        if len(crowd.analyzer.defects) == 0:
            raise ValueError("no such value")
        return proper(packer, values)

    monkeypatch.setattr(Packer, "pack", stumbling)
    crowd.looks()
    (said,) = map(str, crowd.analyzer.defects)
    assert said.startswith("stream 0: ValueError: no such value")
    assert crowd.asleep == 2
