"""`walk --ladder` as a user calls it: the captures of the project in both languages, filters, pipes, odd options."""

from __future__ import annotations

import random
import re

import pytest

from httptrace.cli.verbs import walk_
from httptrace.outputs.wrap import cell_width
from tests.build import Capture, conversation, get, ok, together
from tests.cli.command import CAPTURES, ROOT
from tests.cli.golden.__main__ import path_of
from tests.generate.conversation import batch
from tests.outputs.ladder.reading import read

NAMES = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_ladder_of_a_capture(httptrace, name: str, language: str) -> None:
    found = httptrace("walk", name, "--ladder", "--all-streams", "--lang", language)
    assert found.status == 0
    assert found.text == path_of(name, language).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_packet_is_drawn(httptrace, name: str) -> None:
    packets = httptrace("packets", name, "--format", "jsonl").records
    for arrow in read(httptrace("walk", name, "--ladder", "--all-streams", "--all").text).arrows:
        packet = packets[arrow.first - 1]
        assert (arrow.tip == "▶") == (packet["from"] == "client")
        assert f"seq={packet['seq']}" in " ".join(arrow.rows)
        packet["drawn"] = True
    assert all(packet.get("drawn") for packet in packets)


@pytest.fixture
def browser(tmp_path):
    """A page over six connections at once."""
    captures = [
        conversation(
            get(f"/{number}.js", user_agent="Mozilla/5.0 Chrome/1"),
            ok(b"x" * (3000 + 7000 * (number % 3))),
            client=("192.0.2.1", 40000 + number),
            start_ns=1_700_000_000_000_000_000 + number * 3_000_000,
            ack_every=2,
        )
        for number in range(6)
    ]
    return together(*captures).save(tmp_path / "browser.pcap")


@pytest.mark.parametrize("columns", [60, 80, 120, 160])
def test_a_browsers_six_connections_stand_side_by_side(httptrace, browser, columns: int) -> None:
    found = httptrace("walk", browser, "--ladder", "--all-streams", columns=columns)
    assert max(map(cell_width, found.lines)) <= columns
    assert {arrow.stream for arrow in read(found.text).arrows} == set(range(6))
    assert re.search(r"[├╞]─?═?(?:[─═]*[┼╪]){5}", found.text), "an arrow of the first crosses the others' lifelines"


@pytest.mark.parametrize("seed", range(6), ids=lambda seed: f"seed-{seed}")
def test_generated_conversations_fit_and_miss_no_packet(httptrace, tmp_path, seed: int) -> None:
    chance = random.Random(seed)
    columns = chance.randint(60, 200)
    capture = Capture(batch([seed * 50 + number for number in range(1 + seed * 2)])).save(tmp_path / "generated.pcapng")
    packets = httptrace("packets", capture, "--format", "jsonl").records
    found = httptrace(
        "walk", capture, "--ladder", "--all-streams", "--lang", chance.choice(("en", "zh")), columns=columns
    )
    assert max(map(cell_width, found.lines)) <= columns
    ledger = read(found.text)
    assert len(ledger.columns) == 1
    told = [
        packet["packet"]
        for arrow in ledger.arrows
        for packet in packets
        if arrow.first <= packet["packet"] <= arrow.last and packet["stream"] == (arrow.stream or 0)
    ]
    assert sorted(told) == [packet["packet"] for packet in packets]


def test_a_ladder_has_no_room_for_reasons(httptrace) -> None:
    found = httptrace("walk", "first-page.pcap", "--ladder", "--why")
    assert "no room for --why" in found.err
    assert found.text == httptrace("walk", "first-page.pcap", "--ladder").text


def test_streams_are_chosen(httptrace, browser) -> None:
    found = httptrace("walk", browser, "--ladder", "--stream", "1", "--stream", "4")
    assert {arrow.stream for arrow in read(found.text).arrows} == {1, 4}
    assert "4 other connections, 4 with HTTP; the next: --stream 0" in found.text
    assert "Side by side: --all-streams" in found.text


def test_filters_choose_the_connection(httptrace, browser) -> None:
    found = httptrace("walk", browser, "--ladder", "--url", "/3.js")
    assert "40003" in found.text
    assert "GET /3.js" in found.text


def test_a_range_of_packets(httptrace) -> None:
    found = httptrace("walk", "first-page.pcap", "--ladder", "--packets", "4-7")
    assert [arrow.first for arrow in read(found.text).arrows] == [4, 5, 6, 7]


def test_absolute_numbers(httptrace) -> None:
    found = httptrace("walk", "first-page.pcap", "--ladder", "--absolute")
    assert "SYN seq=3482919204" in found.text


@pytest.mark.parametrize("name", ["first-page.pcap", "lost-segment.pcap", "refused.pcap"])
def test_a_capture_that_is_too_large_to_be_read_first(httptrace, monkeypatch, name: str) -> None:
    packets = len(httptrace("packets", name, "--format", "jsonl").records)
    monkeypatch.setattr(walk_.limits, "READ_FIRST", 0)
    found = httptrace("walk", name, "--ladder", "--stream", "0")
    assert found.status == 0
    arrows = read(found.text).arrows
    assert [arrows[0].first, arrows[-1].last] == [1, packets]


def test_colour_only_on_a_terminal(httptrace) -> None:
    plain = httptrace("walk", "zero-window.pcap", "--ladder").text
    assert "\x1b" not in plain
    httptrace.as_terminal()
    coloured = httptrace("walk", "zero-window.pcap", "--ladder").text
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize("name", NAMES)
def test_no_expected_ladder_is_left_behind(name: str) -> None:
    assert {path_of(name, language).exists() for language in ("en", "zh")} == {True}


def test_expected_ladders_have_their_capture() -> None:
    folder = path_of("x", "en").parent
    assert {path.name.partition(".ladder.")[0] for path in folder.glob("*.ladder.*.txt")} == set(NAMES)
    assert folder.is_relative_to(ROOT)
