"""Dialogues that sleep: nothing of what comes out may show it, and content does not wake them."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from httptrace.application import Application
from httptrace.capture.merge import open_captures
from httptrace.exchanges import inflate
from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.plain import PlainDialogue
from httptrace.exchanges.sleeping import Packer, Sleeper, unpack
from httptrace.ledger import DirectionLedger, Share
from httptrace.model import Direction, Exchange, StreamRecord
from httptrace.outputs.jsonl import exchange_line, stream_line
from httptrace.pipeline import Analyzer, Options
from tests.exchanges.talking import CLIENT, SERVER, Outcome, Talk
from tests.exchanges.test_any_talk import some_talk
from tests.tcp.wire import RST

CAPTURES = sorted((Path(__file__).parent.parent.parent / "captures").glob("*.pcap*"))
ANY_TIME = 1 << 60

GET = b"GET /%d HTTP/1.1\r\nHost: a.example\r\nCookie: b=c\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def applications(analyzer: Analyzer) -> Iterator[Application]:
    for half in analyzer.tracker.halves.values():
        if not half.index:
            assert isinstance(half.connection.application, Application)
            yield half.connection.application


class Drowsy(Talk):
    """After each packet, whatever can sleep does."""

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self.packer = Packer()
        self.slept = 0

    def segment(self, *arguments: Any, **named: Any) -> None:
        super().segment(*arguments, **named)
        for application in applications(self.analyzer):
            awake = isinstance(application.dialogue, PlainDialogue | Dialogue)
            application.sleep(self.packer, ANY_TIME)
            self.slept += awake and isinstance(application.dialogue, Sleeper)

    @property
    def dialogue(self) -> PlainDialogue | Dialogue | Sleeper | None:
        (application,) = applications(self.analyzer)
        return application.dialogue


def lines(outcome: Outcome) -> list[bytes]:
    return [exchange_line(each) for each in outcome.exchanges] + [stream_line(each) for each in outcome.streams]


# ---------------------------------------------------------------------- nothing shows it


@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed-{seed}")
def test_any_talk(seed: int) -> None:
    slept = 0
    for number in range(100):
        found = []
        for kind in (Talk, Drowsy):
            chance = random.Random(seed * 1000 + number)
            one = some_talk(chance, True, kind)
            found.append(lines(one.close() if chance.random() < 0.5 else one.finish()))
            slept += one.slept if isinstance(one, Drowsy) else 0
        assert found[0] == found[1], number
    assert slept > 20


def flow(one: Talk, chance: random.Random) -> Outcome:
    """Long responses of every framing, one behind the other, in small pieces; with repeated, differing and lost bytes,
    faults, resets and requests in between."""
    one.open()
    for number in range(6):
        one.say(CLIENT, GET % number)
        body = chance.randbytes(chance.randint(1, 700))
        pieces = [body[at : at + 90] for at in range(0, len(body), 90)]
        framing = chance.choice((b"Content-Length: %d\r\n" % len(body), b"Transfer-Encoding: chunked\r\n"))
        head = b"HTTP/1.1 200 OK\r\nX: %d\r\n%b\r\n" % (number, framing)
        if framing.startswith(b"T"):
            pieces = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n\r\n"]
        for piece in (head, *pieces):
            what = chance.random()
            if what < 0.05:
                one.say(CLIENT, GET % (100 + number))  # does not wait for the response
            elif what < 0.07:
                one.segment(SERVER, max(one.sent[SERVER] - 40, 1), b"#" * 20)  # again, with other values
            elif what < 0.09 and piece is not head:
                one.sent[SERVER] += len(piece)  # was never captured
                continue
            elif what < 0.11:
                piece = piece[:3] + b"\0" + piece[3:]
            one.say(SERVER, piece, mss=chance.choice((1460, 50)))
        if chance.random() < 0.05:
            one.segment(SERVER, one.sent[SERVER], flags=RST)
    return one.close() if chance.random() < 0.5 else one.finish()


@pytest.mark.parametrize("hashed", [True, False], ids=["hashed", "not-hashed"])
@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed-{seed}")
def test_long_responses(seed: int, hashed: bool) -> None:
    options, slept = Options(hash_bodies=hashed), 0
    for number in range(20):
        drowsy = Drowsy(options)
        found = [lines(flow(one, random.Random(seed * 1000 + number))) for one in (Talk(options), drowsy)]
        assert found[0] == found[1], number
        slept += drowsy.slept
    assert slept > 100


class Ledgers:
    """What an audit is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        self.told.append((exchange.no, client, server))

    def direction(self, ledger: DirectionLedger) -> None:
        self.told.append(ledger)


def read(path: Path, drowsy: bool) -> list[object]:
    exchanges: list[Exchange] = []
    streams: list[StreamRecord] = []
    ledgers, packer = Ledgers(), Packer()
    analyzer = Analyzer(Options(), on_exchange=exchanges.append, on_stream=streams.append, audit=ledgers)
    with open_captures([str(path)]) as captures:
        for frame in captures.frames():
            for _ in analyzer.feed([frame]):
                pass
            if drowsy:
                for application in applications(analyzer):
                    application.sleep(packer, ANY_TIME)
        analyzer.finish()
    return [exchange_line(one) for one in exchanges] + [stream_line(one) for one in streams] + ledgers.told


@pytest.mark.parametrize(
    "path", [path for path in CAPTURES if path.stat().st_size < 200_000], ids=lambda path: path.name
)
def test_captures(path: Path) -> None:
    assert read(path, True) == read(path, False)


# ---------------------------------------------------------------------- what wakes it


def streaming() -> Drowsy:
    """A stream of events of which enough came to know what its content begins like."""
    one = Drowsy()
    one.open()
    one.say(CLIENT, GET % 1)
    one.say(SERVER, EVENTS)
    for _ in range(3):
        one.say(SERVER, b"20\r\ndata: %026d\r\n" % 7)
    return one


def test_content_does_not_wake_it() -> None:
    one = streaming()
    asleep = one.dialogue
    assert isinstance(asleep, Sleeper)
    for _ in range(5):
        one.say(SERVER, b"20\r\ndata: %026d\r\n" % 7)
        assert one.dialogue is asleep
    one.say(SERVER, b"0\r\n\r\n")
    assert isinstance(one.dialogue, Dialogue)
    (exchange,) = one.close().exchanges
    assert exchange.response is not None
    assert (exchange.response.body.size, exchange.response.complete) == (8 * 32, True)


def test_a_request_without_response_sleeps_until_that_comes() -> None:
    one = Drowsy()
    one.open()
    one.say(CLIENT, GET % 1)
    assert isinstance(one.dialogue, Sleeper)
    one.say(SERVER, b"HTTP/1.1 204 No Content\r\n\r\n")
    assert isinstance(one.dialogue, Dialogue)
    assert one.close().pairs == [("/1", 204)]


@pytest.mark.parametrize(
    ("said", "options"),
    [
        pytest.param([(CLIENT, GET % 1 + GET % 2)], Options(), id="two-open"),
        pytest.param(
            [(CLIENT, GET % 1), (SERVER, b"HTTP/1.1 103 Early Hints\r\n\r\n")], Options(), id="early-response"
        ),
        pytest.param(
            [(CLIENT, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")], Options(), id="inside-the-request"
        ),
        pytest.param(
            [(CLIENT, GET % 1), (SERVER, EVENTS[:-2] + b"Content-Encoding: gzip\r\n\r\n")], Options(), id="decoder"
        ),
        pytest.param([(CLIENT, GET % 1), (SERVER, EVENTS)], Options(keep_bodies=9), id="kept-body"),
        pytest.param([], Options(), id="nothing-said"),
    ],
)
def test_what_stays_awake(said: list[tuple[Direction, bytes]], options: Options) -> None:
    one = Drowsy(options)
    one.open()
    for side, data in said:
        one.say(side, data)
    assert not isinstance(one.dialogue, Sleeper)
    one.close()


def test_what_was_not_silent_stays_awake() -> None:
    one = Talk()
    one.open()
    one.say(CLIENT, GET % 1)
    (application,) = applications(one.analyzer)
    application.sleep(Packer(), one.packet)
    assert isinstance(application.dialogue, PlainDialogue)
    application.sleep(Packer(), one.packet + 1)
    assert isinstance(application.dialogue, Sleeper)


def test_nothing_stays_behind() -> None:
    one = streaming()
    asleep = one.dialogue
    assert isinstance(asleep, Sleeper)
    one.close()
    assert sys.getrefcount(asleep) == 2, "this test and the call"


# ---------------------------------------------------------------------- packing


@pytest.fixture(params=["installed", "not installed"])
def _zlib_ng(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "not installed":
            patch.setitem(sys.modules, "zlib_ng", None)
        inflate.library.cache_clear()
        yield
    inflate.library.cache_clear()


@pytest.mark.usefixtures("_zlib_ng")
def test_what_is_packed_is_unpacked() -> None:
    packer, chance = Packer(), random.Random(1)
    kept = []
    for number in range(3 * Packer.EACH):
        values = (number, None, True, -1 << 70, "é" * chance.randint(0, 2_000), [("a", chance.randbytes(9).hex())] * 3)
        kept.append((values, packer.pack(values)))
    for values, packed in kept:
        assert unpack(*packed) == values


@pytest.mark.usefixtures("_zlib_ng")
def test_what_is_like_the_one_before_takes_little() -> None:
    packer, chance = Packer(), random.Random(1)
    fields = [(chance.randbytes(8).hex(), chance.randbytes(16).hex()) for _ in range(20)]
    first, *others = (packer.pack((fields, number))[0] for number in range(Packer.EACH))
    assert max(map(len, others)) < 50 < 600 < len(zlib.compress(repr(fields).encode()))
    dictionaries = {id(packer.pack((fields, number))[1]) for number in range(Packer.EACH)}
    assert len(dictionaries) == 1, "it is kept once for all that were packed with it"
    assert first
