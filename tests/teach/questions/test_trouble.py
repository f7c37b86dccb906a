"""Questions about trouble say what happened here, and stay away where nobody can tell."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from httptrace.capture.write import write_pcap
from httptrace.cli.lesson import Reading
from httptrace.teach.questions import trouble
from httptrace.teach.questions.question import Question
from httptrace.teach.situations.conversation import CLIENT, SERVER, Piece, Script, Talk
from httptrace.teach.situations.messages import get, lines, response
from httptrace.teach.situations.wire import ETHERNET

Ask = Callable[[list[tuple[int, bytes]]], dict[str, Question]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """The questions about trouble in these frames, by kind."""

    def asked(frames: list[tuple[int, bytes]]) -> dict[str, Question]:
        path = tmp_path / "made.pcap"
        file = io.BytesIO()
        write_pcap(file, ETHERNET, frames)
        path.write_bytes(file.getvalue())
        (talk,) = Reading([str(path)]).lesson.talks
        return {question.kind: question for question in trouble.questions(talk)}

    return asked


def answering(script: Script, round_trip_ms: float = 8.2) -> tuple[Talk, list[Piece]]:
    """A conversation that has asked for a text, and the pieces of the answer."""
    talk = script.talk(52000, round_trip_ms=round_trip_ms)
    talk.open()
    talk.ask(get("/lines.txt"))
    script.wait(20.0)
    return talk, talk.pieces(SERVER, response("200 OK", lines(240), content_type="text/plain"))


def test_duplicate_acks_asked_for_it(ask: Ask) -> None:
    script = Script()
    talk, (first, second, *others) = answering(script)
    talk.send(SERVER, first)
    talk.segment(CLIENT, "A")
    talk.send(SERVER, second, under_way=True, arrives=False)
    for piece in others[:3]:
        talk.send(SERVER, piece, under_way=True)
        talk.segment(CLIENT, "A")
    talk.send(SERVER, second, under_way=True)
    question = ask(script.frames)["why-repeated"]
    assert question.answer.shown == "Duplicate ACKs asked for it."
    assert question.why.startswith("3 duplicate ACKs")
    assert ask(script.frames)["repeats"].answer.shown == "No8"


def test_duplicate_acks_for_other_bytes_are_no_reason(ask: Ask) -> None:
    script = Script()
    talk, (first, second, third, *others) = answering(script)
    talk.send(SERVER, first)
    talk.send(SERVER, second, under_way=True)
    talk.segment(CLIENT, "A")
    talk.send(SERVER, third, under_way=True, arrives=False)
    for piece in others[:3]:
        talk.send(SERVER, piece, under_way=True)
        talk.segment(CLIENT, "A")
    talk.send(SERVER, second, under_way=True)  # confirmed long ago
    assert "why-repeated" not in ask(script.frames)


def test_a_timer_that_ran_out(ask: Ask) -> None:
    script = Script()
    talk, (first, *_others) = answering(script)
    talk.send(SERVER, first, arrives=False)
    script.wait(260.0)
    talk.send(SERVER, first)
    assert ask(script.frames)["why-repeated"].answer.shown.startswith("Its timer ran out: no confirmation came for 26")


def test_a_repetition_too_soon_for_a_timer_has_no_known_reason(ask: Ask) -> None:
    script = Script()
    talk, (first, *_others) = answering(script)
    talk.send(SERVER, first, arrives=False)
    script.wait(30.0)
    talk.send(SERVER, first)
    assert "why-repeated" not in ask(script.frames)


def test_bytes_that_come_behind_their_ack_were_not_lost(ask: Ask) -> None:
    script = Script()
    talk, (first, second, *_others) = answering(script)
    talk.send(SERVER, first)
    talk.send(SERVER, second, under_way=True)
    talk.segment(CLIENT, "A")
    straight = list(script.frames)
    turned = [*straight[:-2], (straight[-2][0], straight[-1][1]), (straight[-1][0], straight[-2][1])]
    assert "who-lost" not in ask(turned)
    assert "who-lost" in ask([*turned[:-1]])


@pytest.mark.parametrize(("late_ms", "asked"), [(0.5, True), (3.0, True), (30.0, False)])
def test_out_of_order_only_where_there_was_no_time_to_repeat(ask: Ask, late_ms: float, asked: bool) -> None:
    script = Script()
    talk, (first, second, third, *_others) = answering(script, round_trip_ms=20.0)
    talk.send(SERVER, first)
    talk.segment(CLIENT, "A")
    talk.send(SERVER, third, under_way=True)
    script.wait(late_ms)
    talk.send(SERVER, second, under_way=True)
    assert ("out-of-order" in ask(script.frames)) is asked
