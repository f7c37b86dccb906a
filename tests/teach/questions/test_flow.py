"""Questions about windows and time are asked once, and only where what they explain is true."""

from __future__ import annotations

from httptrace.teach.questions import flow
from tests.teach.questions.material import lesson, rows


def asked(name: str, kind: str) -> list[int]:
    """The packets that the questions of a kind are about."""
    return [one.packet for talk in lesson(name).talks for one in flow.questions(talk) if one.kind == kind]


def test_a_window_that_stays_shut_is_asked_about_once() -> None:
    shut = [row["packet"] for row in rows("zero-window", "packets") if row["window"] == 0]
    assert len(shut) == 3  # the first shuts it, two answer probes
    assert asked("zero-window", "zero-window") == shut[:1]


def test_an_answer_that_waited_for_another_is_not_timed() -> None:
    """Of pipelined requests only the first waits for the way and the server's work alone."""
    exchanges = rows("pipelining", "list")
    assert len(exchanges) == 3
    assert len({row["request"]["first_packet"] for row in exchanges}) == 1
    assert asked("pipelining", "wait") == [exchanges[0]["response"]["first_packet"]]
    assert asked("page", "wait") == [row["response"]["first_packet"] for row in rows("page", "list")]
