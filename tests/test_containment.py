"""A defect of ours ends what is read of its connection; all the rest is printed, and stderr names the stream."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from httptrace.application import Application
from httptrace.cli.main import main
from httptrace.exchanges import dialogue, plain
from httptrace.exchanges.body import BodyReader
from httptrace.http.http1 import MessageReader
from httptrace.lang import speaking
from httptrace.limits import Bounds
from httptrace.pipeline import Analyzer, Options
from httptrace.reading import read
from tests.exchanges.talking import ACK, CLIENT, SERVER, Talk
from tests.tcp.wire import SYN, key_of

CAPTURE = Path(__file__).parent.parent / "captures" / "real-http-server.pcap"


@pytest.fixture
def defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that stumbles over one target."""
    proper = plain.effective_url

    def stumbling(method: str, target: str, host: str | None, tls: bool) -> str | None:
        if target == "/note.txt":
            raise ZeroDivisionError("made for a test")
        return proper(method, target, host, tls)

    monkeypatch.setattr(plain, "effective_url", stumbling)
    monkeypatch.setattr(dialogue, "effective_url", stumbling)


@pytest.mark.usefixtures("defect")
@pytest.mark.parametrize("command", ["list", "streams", "packets", "audit"])
def test_a_defect_is_contained_to_its_connection(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    status = main([command, str(CAPTURE), "--format", "jsonl"])
    out, err = capfd.readouterr()
    assert status == 3
    assert "stream 1: ZeroDivisionError: made for a test" in err
    assert "Traceback" not in err
    records: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    if command == "list":
        assert [record["request"]["target"] for record in records] == ["/index.html", "/missing"]
    if command == "streams":
        assert [record["stream"] for record in records] == [0, 1, 2]


@pytest.mark.usefixtures("defect")
def test_a_defect_is_said_in_chinese(capfd: pytest.CaptureFixture[str]) -> None:
    with speaking("en"):  # what the command chooses does not stay
        assert main(["list", str(CAPTURE), "--lang", "zh"]) == 3
    assert "httptrace 自身的缺陷，请报告：连接 1：ZeroDivisionError: made for a test" in capfd.readouterr().err


@pytest.mark.usefixtures("defect")
def test_a_library_call_lets_it_raise() -> None:
    with pytest.raises(ZeroDivisionError):
        list(read(CAPTURE))


def test_an_analyzer_without_containment_has_no_defects_to_tell() -> None:
    assert Analyzer().defects == []


def stumble(*_: object) -> None:
    raise ZeroDivisionError("made for a test")


GZIP = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n"


@pytest.mark.parametrize(
    ("owner", "name", "requests"),
    [
        pytest.param(BodyReader, "finish", 1, id="a-plain-response"),
        pytest.param(BodyReader, "finish", 3, id="a-response-of-several"),
        pytest.param(Application, "plain_over", 1, id="a-plain-exchange"),
        pytest.param(Application, "exchange_over", 3, id="an-exchange-of-several"),
    ],
)
@pytest.mark.parametrize("whole", [True, False], ids=["to-its-end", "cut-by-the-capture's-end"])
def test_what_meets_a_defect_at_its_end_gives_back_its_rooms_and_is_told(
    owner: type, name: str, requests: int, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, name, stumble)
    monkeypatch.setattr(Application, "exchange_over", stumble)  # what is cut is not plain any more
    one = Talk(Options(contain=True))
    one.open()
    one.say(CLIENT, b"GET /a HTTP/1.1\r\n\r\n" * requests)
    one.say(SERVER, GZIP)
    rooms = one.analyzer.rooms
    assert rooms.decoders.left < Bounds().decoders
    assert (rooms.exchanges.left < Bounds().exchanges) == (requests > 1)
    if whole:
        one.say(SERVER, b"!" * 99)
    found = one.finish()
    assert (rooms.decoders.left, rooms.exchanges.left) == (Bounds().decoders, Bounds().exchanges)
    assert [stream.stream for stream in found.streams] == [0]
    assert len(one.analyzer.defects) == 1


@pytest.mark.parametrize("name", ["gap", "limit_reached"])
def test_a_defect_met_where_bounds_are_reached_is_contained(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There it may be another connection's packet that is looked at."""
    monkeypatch.setattr(MessageReader if name == "gap" else Application, name, stumble)
    analyzer = Analyzer(Options(contain=True, bounds=Bounds(connections=3, out_of_order=300)))
    packet = 0
    for port in range(1, 6):
        for side, seq, flags, data in (
            (0, 0, SYN, b""),
            (1, 0, SYN | ACK, b""),
            (0, 1, ACK, b""),
            (0, 1, ACK, b"GET /a HTTP/1.1\r\n\r\n"),
            (1, 2, ACK, b"x" * 200),
        ):
            packet += 1
            analyzer.tracker.segment(
                key_of(side, port), seq, 20 if seq == 2 else 1, flags, data, len(data), packet, packet
            )
    analyzer.finish()
    assert analyzer.tracker.store_full
    assert analyzer.tracker.closed_early
    assert analyzer.defects
