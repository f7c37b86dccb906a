"""What a report holds of a capture, what its bounds leave out, and that it says so."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest

from httptrace import read as exchanges_of
from httptrace.outputs.report import bounds
from tests.build import Capture, conversation, get, ok, together
from tests.outputs.report.made import CAPTURES, ROOT, Report, make, of


def several(count: int, talks: int = 2) -> Capture:
    """So many connections with so many exchanges each."""
    made = []
    for number in range(count):
        turns = [turn for at in range(talks) for turn in (get(f"/{number}/{at}"), ok(f"body {number} {at} " * 40))]
        made.append(conversation(*turns, client=("192.0.2.1", 40_000 + number)))
    return together(*made)


def report(capture: Capture, folder: Path, *arguments: str) -> Report:
    return make(capture.save(folder / "made.pcap"), folder, *arguments)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_every_exchange_has_its_row(capture: Path) -> None:
    made = of(capture)
    expected = list(exchanges_of(str(capture)))
    assert [row[0] for row in made.core["rows"]] == [exchange.no for exchange in expected]
    for row, exchange in zip(made.core["rows"], expected, strict=True):
        detail = made.details[exchange.no]
        response = exchange.response
        assert row[2] == (exchange.request.method if exchange.request else None)
        assert row[4] == (response.status if response else None)
        assert row[7] == (response.body.size if response else None)
        assert row[15] == sorted({note.code for note in exchange.notes})
        assert [note[:2] for note in detail["notes"]] == [[note.code, note.packet] for note in exchange.notes]
        for kind, message in (("request", exchange.request), ("response", response)):
            if message is not None:
                assert [tuple(field) for field in detail[kind]["headers"]] == message.headers
    assert len(made.core["notes"]) == sum(len(exchange.notes) for exchange in expected)


def test_statistics_count_what_there_is() -> None:
    made = of(ROOT / "captures" / "json-api.pcap")
    numbers = made.core["statistics"]
    assert numbers["statuses"] == [["200", 1], ["201", 1], ["204", 1]]
    assert numbers["methods"] == [["GET", 1], ["POST", 1], ["DELETE", 1]]
    assert numbers["hosts"] == [["api.example.com", 3]]
    took = sorted(row[9] for row in made.core["rows"])
    assert numbers["median"] == took[1]
    assert [value for _no, value in numbers["slowest"]] == took[::-1]


def test_a_filter_leaves_out_and_says_so(tmp_path: Path) -> None:
    made = make(ROOT / "captures" / "json-api.pcap", tmp_path, "--method", "POST")
    assert [row[0] for row in made.core["rows"]] == [2]
    assert made.core["statistics"]["exchanges"] == 1
    assert made.core["bounds"]["said"][0][0].startswith("1 of the 3 exchanges")
    assert len(made.ladders) == 1


def test_a_stream_is_shown_alone(tmp_path: Path) -> None:
    made = report(several(4), tmp_path, "--stream", "2")
    assert list(made.ladders) == [2]
    assert [row[0] for row in made.core["connections"]] == [2]
    assert {row[1] for row in made.core["rows"]} == {2}


def test_a_stream_without_http_is_shown_if_asked_for(tmp_path: Path) -> None:
    talk = together(
        conversation(get("/a"), ok(b"1"), client=("192.0.2.1", 1)),
        conversation(b"\x16\x03 no http", b"at all", client=("192.0.2.1", 2)),
    )
    assert list(report(talk, tmp_path, "--stream", "1").ladders) == [1]


def test_without_http_the_page_says_what_was_there() -> None:
    made = of(ROOT / "captures" / "refused.pcap")
    english, chinese = made.core["silence"]
    assert english[0] == "1 TCP connection, which does not speak HTTP/1."
    assert chinese[0] != english[0]
    assert len(made.core["connections"]) == len(made.ladders) == 1


@pytest.mark.parametrize(
    ("bound", "value", "said"),
    [
        pytest.param("ROWS", 3, "17 exchanges have no row", id="rows"),
        pytest.param("HEADS_BYTES", 4000, "exchanges have a row and no heads and bodies", id="heads"),
        pytest.param("LADDERS_BYTES", 4000, "connections have no ladder here", id="ladders"),
        pytest.param("PACKETS", 12, "connections show their first packets only", id="packets"),
    ],
)
def test_what_a_bound_leaves_out_is_said(
    bound: str, value: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, bound, value)
    made = report(several(10), tmp_path)
    lines = made.core["bounds"]["said"][0]
    assert any(said in line for line in lines), lines
    assert len(lines) == len(made.core["bounds"]["said"][1])
    assert made.core["statistics"]["exchanges"] == 20


def test_bodies_are_cut_as_the_page_says(tmp_path: Path) -> None:
    made = report(conversation(get("/"), ok("text " * 40_000)), tmp_path)
    body = made.details[1]["response"]["body"]
    assert (body["kept"], body["total"]) == (bounds.BODY, 200_000)
    (text,) = body["sections"][:1]
    assert len(text["text"]) == bounds.BODY
    sent = made.details[1]["response"]["sent"]["pieces"]
    assert len(b64decode(sent[0][1])) == bounds.WIRE


def test_a_message_behind_a_long_one_keeps_its_bytes(tmp_path: Path) -> None:
    made = report(conversation(get("/long"), ok(b"z" * 900_000), get("/next"), ok(b"short")), tmp_path)
    for kind, beginning, end in (("request", b"GET /next", b"\r\n\r\n"), ("response", b"HTTP/1.1 200", b"short")):
        ((place, encoded),) = made.details[2][kind]["sent"]["pieces"]
        assert place == 0
        assert b64decode(encoded).startswith(beginning)
        assert b64decode(encoded).endswith(end)


def test_a_long_connection_has_a_ladder_of_its_first_packets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "PACKETS_OF_ONE", 20)
    made = report(conversation(get("/"), ok(b"z" * 100_000)), tmp_path)
    (ladder,) = made.ladders.values()
    assert len(ladder["packets"]) == 20
    (connection,) = made.core["connections"]
    assert ladder["more"] == connection[5] - 20
    assert "prose" not in ladder


def test_prose_goes_to_as_many_packets_as_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "TOLD", 30)
    made = report(several(10), tmp_path)
    told = [ladder for ladder in made.ladders.values() if "prose" in ladder]
    assert 0 < sum(len(ladder["packets"]) for ladder in told) <= 30
    assert len(made.ladders) == 10
    said = f"{10 - len(told)} connections show their numbers and are not told in words"
    assert any(line.startswith(said) for line in made.core["bounds"]["said"][0])


def test_the_whole_file_stays_within_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = len(of(ROOT / "captures" / "refused.pcap").text)
    most = 0
    for name in ("ROWS_BYTES", "HEADS_BYTES", "BODIES_BYTES", "WIRE_BYTES", "LADDERS_BYTES", "TOLD_BYTES"):
        monkeypatch.setattr(bounds, name, 20_000)
        most += 20_000
    made = report(several(60), tmp_path)
    text = "".join(json.dumps(made.core[name], separators=(",", ":")) for name in ("connections", "terms"))
    assert len(made.text) < empty + most + len(text)


def test_a_client_known_late_is_the_client(tmp_path: Path) -> None:
    """The capture begins with the server's bytes; only the request shows who is who."""
    talk = conversation(get("/a"), ok(b"1" * 50), get("/b"), ok(b"2" * 50), begin=5)
    made = report(talk, tmp_path)
    (ladder,) = made.ladders.values()
    by_kind = {(span[0], span[1]): span[2] for span in ladder["spans"]}
    assert by_kind[2, "request"] == 0
    assert by_kind[2, "response"] == 1
    carriers = {
        ladder["packets"][entry[0]][2] for entry in ladder["carried"] if ladder["spans"][entry[1]][1] == "request"
    }
    assert carriers == {0}
