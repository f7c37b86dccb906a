"""Which questions are chosen: by level and seed, of every kind, none that another one answers."""

from __future__ import annotations

from collections import Counter

import pytest

from httptrace.teach.lesson import Lesson
from httptrace.teach.questions.asking import LEVELS, chosen, offered
from httptrace.teach.questions.question import ACK, FLAGS, LENGTH, SEQ
from tests.teach.questions.material import EVERY, lesson

SEEDS = range(3)


def asked(name: str, level: int | None = None, seed: int = 0, count: int = 10) -> list[tuple[str, int, str]]:
    return [(one.kind, one.packet, one.text) for one in chosen(lesson(name), level, seed, count)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EVERY)
def test_no_question_shows_what_a_later_one_asks(name: str, seed: int) -> None:
    told: set[tuple[int, str]] = set()
    for question in chosen(lesson(name), None, seed, 40):
        fields = [
            (one.record.packet, field, one.hidden) for one in question.shown for field in (FLAGS, SEQ, ACK, LENGTH)
        ]
        assert not told & {(packet, field) for packet, field, hidden in fields if field in hidden}, question
        told |= {(packet, field) for packet, field, _hidden in fields}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_asks_the_same(seed: int) -> None:
    first = chosen(lesson("page"), None, seed, 10)
    assert first == chosen(lesson("page"), None, seed, 10)
    assert first != chosen(lesson("page"), None, seed + 1, 10)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_asks_its_own_only(level: int) -> None:
    questions = chosen(lesson("retransmission"), level, 0, 10)
    assert questions
    assert {one.level for one in questions} == {level}


def test_without_a_level_they_rise() -> None:
    levels = [one.level for one in chosen(lesson("retransmission"), None, 0, 12)]
    assert levels == sorted(levels)
    assert set(levels) == set(LEVELS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", EVERY)
def test_kinds_take_turns(name: str, seed: int) -> None:
    counts = Counter(kind for kind, _packet, _text in asked(name, seed=seed, count=60))
    assert max(counts.values()) <= 3
    assert len(asked(name, seed=seed, count=5)) <= 5


def test_every_kind_comes_up_for_some_seed() -> None:
    kinds = {one.kind for one in offered(lesson("page"))}
    met = {kind for seed in range(25) for kind, _packet, _text in asked("page", seed=seed)}
    assert met == kinds


def test_choices_are_in_any_order() -> None:
    letters = Counter(
        one.answer.letter
        for seed in range(20)
        for one in chosen(lesson("redirect"), 1, seed, 10)
        if hasattr(one.answer, "letter")
    )
    assert set(letters) == set("abcd")


def test_nothing_is_asked_of_nothing() -> None:
    assert chosen(Lesson(), None, 0, 10) == []
