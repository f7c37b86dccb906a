"""Sheets from every capture: what stands and what belongs in them is what `packets`, `list` and `streams` print."""

from __future__ import annotations

import re

import pytest

from httptrace import lang
from httptrace.teach.answers import Choice, Flags, Milliseconds, Number, PacketNumber
from httptrace.teach.lesson import Talk
from httptrace.teach.worksheet.building import build, fingerprint
from httptrace.teach.worksheet.sheet import Blank, Explanation, Sheet
from tests.teach.questions.material import EVERY, lesson, rows

SEEDS = range(2)


def sheets(name: str, seed: int = 0, language: str = "en") -> list[tuple[Talk, Sheet]]:
    with lang.speaking(language):
        return [(talk, build(talk, name, seed)) for talk in lesson(name).talks]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EVERY)
def test_segments_are_those_of_packets(name: str, seed: int) -> None:
    packets = {row["packet"]: row for row in rows(name, "packets")}
    checked = 0
    for _talk, sheet in sheets(name, seed):
        for blank in sheet.blanks():
            found = re.fullmatch(r"(handshake|data|close)\.(\d+)\.(flags|seq|ack|len|next)", blank.key)
            if not found:
                continue
            row, answer, field = packets[int(found[2])], blank.answer, found[3]
            checked += 1
            if field == "flags":
                assert isinstance(answer, Flags)
                assert sorted(answer.letters) == sorted(row["flags"])
            elif field == "next":
                assert answer == Number(row["seq"] + row["len"])
            else:
                assert isinstance(answer, Number)
                assert answer.value == row[field]
    assert checked


@pytest.mark.parametrize("name", EVERY)
def test_rows_that_are_given_are_the_packets_own(name: str) -> None:
    packets = {row["packet"]: row for row in rows(name, "packets")}
    for _talk, sheet in sheets(name):
        for section in sheet.sections:
            for cells in section.rows:
                if section.key == "data" and not any(isinstance(cell, Blank) for cell in cells):
                    row = packets[int(str(cells[0])[2:])]
                    assert cells[2:] == tuple(
                        str(number) for number in (row["seq"], row["len"], row["ack"], row["seq"] + row["len"])
                    )
                elif section.key in ("handshake", "close"):
                    row = packets[int(str(cells[0])[2:])]
                    assert str(cells[2]).startswith(row["from"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EVERY)
def test_the_exchange_is_that_of_list(name: str, seed: int) -> None:
    exchanges = {row["no"]: row for row in rows(name, "list")}
    for _talk, sheet in sheets(name, seed):
        for section in sheet.sections:
            if section.key != "exchange":
                continue
            found = re.search(r"No(\d+)", section.about)
            assert found
            no = re.search(r"number (\d+)", section.title)
            assert no
            row = exchanges[int(no[1])]
            assert row["request"]["first_packet"] == int(found[1])
            beside = [
                one["no"]
                for one in exchanges.values()
                if one["request"] and one["request"]["first_packet"] == int(found[1])
            ]
            place = re.search(r"it is number (\d+)", section.about)
            assert beside[int(place[1]) - 1 if place else 0] == row["no"]
            assert bool(place) == (len(beside) > 1)
            answers = {blank.key: blank.answer for blank in section.blanks()}
            assert answers["exchange.request.method"].shown == row["request"]["method"]
            assert answers["exchange.response.packet"] == PacketNumber(row["response"]["first_packet"])
            assert answers["exchange.response.status"] == Number(row["response"]["status"])
            if "exchange.response.size" in answers:
                assert answers["exchange.response.size"] == Number(row["response"]["body"]["size"])
            if "exchange.response.unpacked" in answers:
                assert answers["exchange.response.unpacked"] == Number(row["response"]["body"]["decoded_size"])
            if "exchange.wait" in answers:
                wait = answers["exchange.wait"]
                assert isinstance(wait, Milliseconds)
                assert wait.ns / 1e6 == pytest.approx(row["timings"]["wait"])


@pytest.mark.parametrize("name", EVERY)
def test_what_was_repeated_and_lost(name: str) -> None:
    for talk, sheet in sheets(name):
        own = [row for row in rows(name, "packets") if row["stream"] == talk.record.stream]
        stream = rows(name, "streams")[talk.record.stream]
        answers = {blank.key: blank.answer for blank in sheet.blanks()}
        assert answers["again.count"] == Number(sum("retransmission" in row["analysis"] for row in own))
        assert answers["again.duplicates"] == Number(sum("dup-ack" in row["analysis"] for row in own))
        assert answers["again.missing"] == Number(stream["client_missing_bytes"] + stream["server_missing_bytes"])
        if "window.client" in answers:
            windows = {
                side: [r["window"] for r in own if r["from"] == side and not set(r["flags"]) & set("SR")]
                for side in ("client", "server")
            }
            for side in windows:
                if windows[side]:
                    assert answers[f"window.{side}"] == Number(min(windows[side]))
            assert answers["window.zero"] == Number(sum("zero-window" in row["analysis"] for row in own))


@pytest.mark.parametrize("name", EVERY)
def test_round_trips(name: str) -> None:
    for talk, sheet in sheets(name):
        own = {row["packet"]: row for row in rows(name, "packets") if row["stream"] == talk.record.stream}
        stream = rows(name, "streams")[talk.record.stream]
        answers = {blank.key: blank.answer for blank in sheet.blanks() if blank.key.startswith("rtt.")}
        if "rtt.handshake" in answers:
            handshake = answers.pop("rtt.handshake")
            assert isinstance(handshake, Milliseconds)
            assert handshake.ns / 1e6 == pytest.approx(stream["rtt_ms"])
        estimate = None
        for key in dict.fromkeys(key.split(".")[1] for key in answers):
            segment = own[int(key)]
            ack, sample, estimated = (answers[f"rtt.{key}.{field}"] for field in ("ack", "sample", "estimated"))
            assert isinstance(ack, PacketNumber)
            assert isinstance(sample, Milliseconds)
            assert isinstance(estimated, Milliseconds)
            end = segment["seq"] + segment["len"] + ("F" in segment["flags"])
            covers = [r for r in own.values() if r["packet"] > segment["packet"] and r["from"] != segment["from"]]
            first = next(row for row in covers if row["ack"] is not None and row["ack"] >= end)
            assert first["packet"] == ack.value
            taken = (first["time"] - segment["time"]) * 1e3
            assert sample.ns / 1e6 == pytest.approx(taken, abs=0.001)
            estimate = taken if estimate is None else 0.875 * estimate + 0.125 * taken
            assert estimated.ns / 1e6 == pytest.approx(estimate, abs=0.001)


@pytest.mark.parametrize("name", EVERY)
def test_keys_are_unique_and_answers_right(name: str) -> None:
    for _talk, sheet in sheets(name):
        keys = [blank.key for blank in sheet.blanks()]
        assert len(keys) == len(set(keys))
        for blank in sheet.blanks():
            assert isinstance(blank.answer, Explanation) or blank.answer.right(blank.answer.shown)


@pytest.mark.parametrize("name", EVERY)
def test_both_languages_have_the_same_blanks(name: str) -> None:
    for (_talk, english), (_other, chinese) in zip(sheets(name), sheets(name, language="zh"), strict=True):
        assert [blank.key for blank in english.blanks()] == [blank.key for blank in chinese.blanks()]
        assert english.capture == chinese.capture
        for one, other in zip(english.sections, chinese.sections, strict=True):
            assert one.title != other.title
            assert one.about != other.about


def test_what_the_syns_offer() -> None:
    """The scripts say so: MSS 1460 both, window scale 8 and 7; none where the client's window is not scaled."""
    answers = {blank.key: blank.answer for blank in sheets("page")[0][1].blanks()}
    offered = ("mss.client", "mss.server", "scale.client", "scale.server")
    assert [answers[f"handshake.{name}"].shown for name in offered] == ["1460", "1460", "8", "7"]
    keys = {blank.key for blank in sheets("zero-window")[0][1].blanks()}
    assert "handshake.mss.client" in keys
    assert "handshake.scale.client" not in keys


def test_seeds_vary_it() -> None:
    """Another exchange, other rows, other orders of options; the same seed gives the same sheet."""
    made = [sheets("redirect", seed)[0][1] for seed in range(12)]
    titles = {section.title for sheet in made for section in sheet.sections if section.key == "exchange"}
    assert len(titles) == 3
    assert len({sheet.sections for sheet in made}) > 6
    assert sheets("redirect", 5)[0][1] == made[5]
    orders = {
        blank.answer.options
        for sheet in made
        for blank in sheet.blanks()
        if blank.key == "exchange.framing" and isinstance(blank.answer, Choice)
    }
    assert len(orders) > 3


def test_questions_show_nothing_that_is_asked_elsewhere() -> None:
    """The exchange with a section of its own is in no question, and no two questions are about one exchange."""
    for seed in range(12):
        for _talk, sheet in sheets("redirect", seed):
            own = next(section for section in sheet.sections if section.key == "exchange")
            begins = re.search(r"No(\d+)", own.about)
            assert begins
            asked = [section for section in sheet.sections if section.key == "question"]
            lines = [line for section in asked for ask in section.asks for line in ask.lines]
            assert not [line for line in lines if line.startswith(f"No{begins[1]} ")]


@pytest.mark.parametrize(("one", "other"), [("page", "redirect"), ("handshake", "loss"), ("reorder", "retransmission")])
def test_a_fingerprint_is_a_connection_s_own(one: str, other: str) -> None:
    assert fingerprint(lesson(one).talks[0]) != fingerprint(lesson(other).talks[0])
    assert fingerprint(lesson(one).talks[0]) == fingerprint(lesson(one).talks[0])


def test_two_connections_of_a_capture_have_two() -> None:
    first, second = lesson("reuse").talks
    assert fingerprint(first) != fingerprint(second)
