"""Every question that any capture of the project offers: its answer is what `packets`, `list` and `streams` print."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from httptrace import lang
from httptrace.outputs import quiz
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width
from httptrace.teach.answers import Choice, Flags, Milliseconds, Number, PacketNumber
from httptrace.teach.questions.asking import offered
from httptrace.teach.questions.question import ACK, FLAGS, LENGTH, SEQ, Question, quoted
from tests.teach.questions.material import EVERY, lesson, rows

Row = dict[str, Any]


def questions(name: str, language: str = "en") -> list[Question]:
    with lang.speaking(language):
        return list(offered(lesson(name)))


def end(row: Row) -> int:
    return row["seq"] + row["len"] + ("S" in row["flags"]) + ("F" in row["flags"])


def test_every_kind_is_met() -> None:
    kinds = {question.kind for name in EVERY for question in questions(name)}
    assert len(kinds) >= 37, sorted(kinds)


def expected(question: Question, packets: list[Row], exchanges: list[Row], stream: Row) -> Iterator[object]:
    """The right answer as the printed records have it; nothing for a kind that no record answers."""
    by_number = {row["packet"]: row for row in packets}
    own = by_number[question.packet]
    before = [row for row in packets if row["packet"] < question.packet]
    sent = [row for row in before if row["from"] == own["from"] and row["len"]]
    peer = [row for row in before if row["from"] != own["from"]]
    asked = [one for one in exchanges if one["request"]["first_packet"] == question.packet] if exchanges else []
    answered = [one for one in exchanges if one["response"] and one["response"]["first_packet"] == question.packet]
    finished = [one for one in exchanges if one["response"] and one["response"]["last_packet"] == question.packet]
    match question.kind:
        case "ack" | "syn-ack-ack" | "third-ack" | "refused-ack" | "fin-ack" | "dup-ack":
            yield own["ack"]
        case "next-seq" | "first-seq":
            yield own["seq"]
        case "length":
            (hidden,) = [one.record.packet for one in question.shown if LENGTH in one.hidden]
            yield by_number[hidden]["len"]
        case "syn-ack-flags" | "third-flags":
            yield "".join(sorted(own["flags"]))
        case "fin-flag":
            yield "F"
        case "refused" | "reset-flag":
            yield "R"
        case "port":
            yield stream["server"]["port"]
        case "hole":
            yield own["seq"] - max(map(end, (row for row in before if row["from"] == own["from"])))
        case "repeats":
            same = [row for row in sent if (row["seq"], row["len"]) == (own["seq"], own["len"])]
            yield f"No{same[0]['packet']}"
        case "in-flight" | "window-left":
            told = [row for row in peer if row["ack"] is not None and "S" not in row["flags"]][-1]
            flight = end(own) - told["ack"]
            yield flight if question.kind == "in-flight" else told["window"] - flight
        case "round-trip":
            yield stream["rtt_ms"]
        case "wait":
            yield from [one["timings"]["wait"] for one in answered]
        case "status":
            yield from {str(one["response"]["status"]) for one in answered}
        case "method":
            yield from {one["request"]["method"] for one in asked}
        case "message-size":
            yield from [
                one["response"]["header_size"] + one["response"]["body"]["size"]
                for one in finished
                if one["response"]["header_size"] + one["response"]["body"]["size"] == question.answer.value  # type: ignore[attr-defined]
            ]
        case "body-length":
            yield from [one["response"]["body"]["size"] for one in finished]
        case "body-in-first":
            yield own["len"] - answered[0]["response"]["header_size"]
        case "packed":
            yield from [f"{one['response']['body']['size']:,} bytes" for one in finished]
        case "order":
            yield quoted(answered[0]["request"]["target"])
        case "who-closes":
            first = next(row for row in packets if row["stream"] == own["stream"] and "F" in row["flags"])
            yield f"The {first['from']}"
        case "reset-rest":
            yield 0


def said(question: Question) -> object:
    answer = question.answer
    if isinstance(answer, Number):
        return answer.value
    if isinstance(answer, Flags):
        return "".join(sorted(answer.told or answer.letters))
    if isinstance(answer, Milliseconds):
        return answer.ns / 1e6
    return answer.shown


#: Kinds whose answer is a rule and not a number of the capture.
RULES = {"isn", "absolute", "status-class", "afterwards", "framing", "half-closed", "zero-window", "state"} | {
    "why-repeated",
    "out-of-order",
    "who-lost",
}


@pytest.mark.parametrize("name", EVERY)
def test_answers_are_the_capture_s(name: str) -> None:
    records = {verb: rows(name, verb) for verb in ("packets", "list", "streams")}
    for question in questions(name):
        if question.kind in RULES:
            continue
        packets = [row for row in records["packets"] if row["stream"] == question.stream]
        exchanges = [row for row in records["list"] if row["stream"] == question.stream and row["request"]]
        right = list(expected(question, packets, exchanges, records["streams"][question.stream]))
        assert right, f"{question.kind} at No{question.packet}: no record answers it"
        assert said(question) in [pytest.approx(one) if isinstance(one, float) else one for one in right], question


@pytest.mark.parametrize("name", EVERY)
def test_absolute_numbers_are_those_on_the_wire(name: str) -> None:
    for question in questions(name):
        if question.kind == "absolute":
            (shown,) = question.shown
            assert question.answer == Number(shown.record.absolute_seq)
            start = int(question.why.split(" ")[0])
            assert (start + shown.record.seq) % 2**32 == shown.record.absolute_seq


@pytest.mark.parametrize("name", EVERY)
def test_what_is_asked_does_not_stand_there(name: str) -> None:
    """What is hidden is not printed, and what is printed is the record's."""
    for question in questions(name):
        for one in question.shown:
            text = quiz.entries.lines([one], 80)[0]
            record = one.record
            for field, value in ((SEQ, f"seq={record.seq}"), (ACK, f"ack={record.ack}")):
                assert (value in text) is (field not in one.hidden and value != "ack=None"), text
            assert ("?" in text) is bool(one.hidden - ({ACK} if record.ack is None else set())), text
            if FLAGS in one.hidden:
                assert not any(word in text for word in ("SYN", "FIN", "RST"))


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("name", EVERY)
def test_questions_fit_and_are_whole(name: str, language: str) -> None:
    asked = questions(name, language)
    chance = random.Random(1)
    with lang.speaking(language):
        for question in asked:
            text = quiz.question(question.shuffled(chance), 1, 1, True, 80, Paint(False))
            text += quiz.verdict(question, False, 80, Paint(False))
            assert max(map(cell_width, text.splitlines())) <= 80, text
            assert "{" not in text
            assert question.answer.right(question.answer.shown)
            if isinstance(question.answer, Choice):
                assert 2 <= len(set(question.answer.options)) == len(question.answer.options) <= 4
                wrong = [option for option in question.answer.options if option != question.answer.shown]
                assert not any(question.answer.right(option) for option in wrong)
            if isinstance(question.answer, PacketNumber):
                assert f"No{question.answer.value} " in text


@pytest.mark.parametrize("name", EVERY)
def test_both_languages_ask_the_same(name: str) -> None:
    english, chinese = questions(name), questions(name, "zh")
    assert [(one.kind, one.packet, one.level) for one in english] == [
        (one.kind, one.packet, one.level) for one in chinese
    ]
    for one, other in zip(english, chinese, strict=True):
        assert one.text != other.text
        assert one.why != other.why or one.kind == "absolute"


def test_the_states_of_a_textbook_connection() -> None:
    """RFC 9293, figures 6 and 12."""
    found = [(one.packet, one.answer.shown) for one in questions("handshake") if one.kind == "state"]
    assert found == [
        (1, "SYN-SENT"),
        (2, "ESTABLISHED"),
        (2, "SYN-RECEIVED"),
        (3, "ESTABLISHED"),
        (4, "FIN-WAIT-1"),
        (4, "CLOSE-WAIT"),
        (5, "FIN-WAIT-2"),
        (6, "TIME-WAIT"),
        (6, "LAST-ACK"),
        (7, "CLOSED"),
    ]


def test_why_something_was_sent_again() -> None:
    """The situation says so itself: the request's timer ran out, duplicate ACKs asked for nothing seen before."""
    (question,) = [one for one in questions("retransmission") if one.kind == "why-repeated"]
    assert question.packet == 5
    assert question.answer.shown.startswith("Its timer ran out: no confirmation came for 3")


def test_who_lost_it() -> None:
    (question,) = [one for one in questions("loss") if one.kind == "who-lost"]
    assert question.answer.shown.startswith("The capture")
    assert "1461 to 2920" in question.text
