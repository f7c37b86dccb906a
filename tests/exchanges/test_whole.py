"""A message that comes whole gives the same records as one that is read head by head and piece by piece."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from httptrace.capture.merge import open_captures
from httptrace.exchanges.conversation import Conversation
from httptrace.exchanges.dialogue import Dialogue
from httptrace.model import Exchange, StreamRecord
from httptrace.outputs.jsonl import exchange_line, stream_line
from httptrace.pipeline import Analyzer, Options
from tests.exchanges.talking import CLIENT, SERVER, Talk
from tests.exchanges.test_any_talk import some_talk

CAPTURES = sorted((Path(__file__).parent.parent.parent / "captures").glob("*.pcap*"))


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


def test_the_short_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the tests above would compare the long way with itself."""
    monkeypatch.setattr(Dialogue, "request_head", None)  # calling them would fail
    monkeypatch.setattr(Dialogue, "response_head", None)
    one = Talk()
    one.open()
    for _ in range(3):
        one.say(CLIENT, b"POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi")
        one.say(SERVER, b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nyes")
    found = one.close()
    assert found.pairs == [("/a", 200)] * 3
    assert [each.request.body.size for each in found.exchanges if each.request] == [2, 2, 2]


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
    dialogue = one.analyzer.connection(0).application.dialogue  # type: ignore[attr-defined]
    assert isinstance(dialogue, Conversation)
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
