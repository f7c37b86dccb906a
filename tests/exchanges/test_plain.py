"""A plain conversation gives the same records as one that is read head by head and piece by piece."""

from __future__ import annotations

import gzip
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from httptrace.capture.merge import open_captures
from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.plain import PlainDialogue
from httptrace.model import Exchange, StreamRecord
from httptrace.outputs.jsonl import exchange_line, stream_line
from httptrace.pipeline import Analyzer, Options
from tests.exchanges.plausible import Plausible
from tests.exchanges.talking import CLIENT, SERVER, Talk
from tests.exchanges.test_any_talk import some_talk

CAPTURES = sorted((Path(__file__).parent.parent.parent / "captures").glob("*.pcap*"))


def dialogue_of(one: Talk) -> object:
    return one.analyzer.connection(0).application.dialogue  # type: ignore[attr-defined]


def read(path: Path, whole: bool, **options: Any) -> list[bytes]:
    exchanges: list[Exchange] = []
    streams: list[StreamRecord] = []
    analyzer = Analyzer(Options(**options), on_exchange=exchanges.append, on_stream=streams.append)
    analyzer.takes_whole = whole
    with open_captures([str(path)]) as captures:
        for _ in analyzer.feed(captures.frames()):
            pass
        analyzer.finish()
    return [exchange_line(one) for one in exchanges] + [stream_line(one) for one in streams]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_captures(path: Path) -> None:
    for hashed in (True, False):
        assert read(path, True, hash_bodies=hashed) == read(path, False, hash_bodies=hashed)


@pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")
def test_any_talk(seed: int) -> None:
    for number in range(30):
        found = []
        for whole in (True, False):
            chance = random.Random(seed * 1000 + number)
            one = some_talk(chance, whole)
            outcome = one.close() if chance.random() < 0.5 else one.finish()
            found.append(
                [exchange_line(each) for each in outcome.exchanges] + [stream_line(each) for each in outcome.streams]
            )
        assert found[0] == found[1], number


LONG = bytes(range(256)) * 20


@pytest.mark.parametrize("odd", [0.01, 0.05], ids=["seldom-odd", "odd"])
@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed-{seed}")
def test_plausible_conversations(seed: int, odd: float) -> None:
    """Also what the ledger says of them; and both ways are gone, else nothing is compared."""
    met: Counter[str] = Counter()
    for number in range(60):
        found = []
        for whole in (True, False):
            chance = random.Random(seed * 1000 + number)
            one = Plausible(chance, whole, odd, Options(hash_bodies=number % 3 > 0)).converse()
            met += one.met if whole else Counter()
            outcome = one.close() if chance.random() < 0.6 else one.finish()
            lines = [exchange_line(each) for each in outcome.exchanges]
            lines += [stream_line(each) for each in outcome.streams]
            found.append((lines, one.ledgers.told))
        assert found[0] == found[1], number
    assert min(met["PlainDialogue"], met["Dialogue"]) > 20


def answer(body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), more, body)


def test_the_short_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests above would compare the long way with itself."""
    monkeypatch.setattr(PlainDialogue, "grow", None)  # calling it would fail
    one = Talk()
    one.open()
    for body, more in ((b"yes", b""), (b"", b""), (LONG, b""), (gzip.compress(LONG), b"Content-Encoding: gzip\r\n")):
        one.say(CLIENT, b"POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi")
        one.say(SERVER, answer(body, more))
    found = one.close()
    assert found.pairs == [("/a", 200)] * 4
    assert [each.request.body.size for each in found.exchanges if each.request] == [2] * 4
    assert [each.response.body.decoded_size for each in found.exchanges if each.response] == [3, 0, 5120, 5120]
    assert [each.response.last_packet for each in found.exchanges if each.response] == [5, 7, 12, 14]


@pytest.mark.parametrize("length", ["2", "99", "2, 2", "two", "-1", "9999999999999"])
def test_a_length_beside_chunks_is_said_whatever_it_is(length: str) -> None:
    one = Talk()
    one.open()
    one.say(CLIENT, b"GET /a HTTP/1.1\r\n\r\n")
    one.say(
        SERVER,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: %b\r\n\r\n2\r\nok\r\n0\r\n\r\n"
        % length.encode(),
    )
    assert one.close().codes(0) == {"smuggling-risk"}


def test_what_is_not_plain_comes_back() -> None:
    """A dialogue gives the conversation back when its exchange is over, also behind a hole."""
    one = Talk()
    one.open()
    for number in range(3):
        one.say(CLIENT, b"GET /%d HTTP/1.1\r\n\r\n" % number)
        assert isinstance(dialogue_of(one), PlainDialogue)
        one.say(SERVER, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n")
        assert isinstance(dialogue_of(one), Dialogue)
    one.say(CLIENT, b"GET /lost HTTP/1.1\r\n\r\n")
    one.say(SERVER, answer(LONG), lost=(400, 500))
    for _ in range(100):  # until the hole is given up
        one.segment(CLIENT, one.sent[CLIENT])
    one.say(CLIENT, b"GET /behind HTTP/1.1\r\n\r\n")
    plain = dialogue_of(one)
    assert isinstance(plain, PlainDialogue)
    assert plain.dialogue is not None
    assert plain.dialogue.waiting.unclean is False  # the place of the next message was never in doubt
    one.say(SERVER, answer(LONG))
    assert one.close().pairs == [("/0", 200), ("/1", 200), ("/2", 200), ("/lost", 200), ("/behind", 200)]


def test_a_capture_that_begins_in_the_middle_is_plain_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainDialogue, "grow", None)
    one = Talk()
    for number in range(3):
        one.say(CLIENT, b"GET /%d HTTP/1.1\r\n\r\n" % number)
        one.say(SERVER, answer(LONG))
    assert one.close().pairs == [("/0", 200), ("/1", 200), ("/2", 200)]


def test_pipelined_requests_in_one_piece() -> None:
    one = Talk()
    one.open()
    one.say(CLIENT, b"GET /a HTTP/1.1\r\n\r\n" * 3 + b"GET /b HTTP/1.1\r\nHo")
    one.say(SERVER, b"HTTP/1.1 204 No Content\r\n\r\n" * 3)
    one.say(CLIENT, b"st: x\r\n\r\n")
    one.say(SERVER, b"HTTP/1.1 204 No Content\r\n\r\n")
    assert one.close().pairs == [("/a", 204)] * 3 + [("/b", 204)]


def test_what_was_open_is_forgotten() -> None:
    one = Talk()
    one.open()
    one.say(CLIENT, b"GET /a HTTP/1.1\r\n\r\n")
    plain = dialogue_of(one)
    assert isinstance(plain, PlainDialogue)
    dialogue = plain.grow()
    assert len(dialogue._open) == 1
    one.say(SERVER, b"HTTP/1.1 204 No Content\r\n\r\n")
    assert not dialogue._open


def test_a_response_to_an_unknown_head_request_takes_nothing_of_what_follows() -> None:
    """Its head comes alone; what stands where its content would is the next response, to a request that waits."""
    one = Talk()
    one.say(SERVER, b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 50\r\n\r\n")
    one.say(CLIENT, b"GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
    one.say(SERVER, b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nok")
    assert one.finish().pairs == [(None, 200), ("/b", 200)]
