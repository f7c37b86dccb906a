"""Marking: what counts, what a person reads, and what a file of answers may not do."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from httptrace.teach.worksheet.building import build
from httptrace.teach.worksheet.marking import FORMAT, AnswersError, marked, points, read
from httptrace.teach.worksheet.sheet import Explanation, Sheet
from tests.teach.questions.material import lesson


def sheet(name: str = "page") -> Sheet:
    return build(lesson(name).talks[0], name, 0)


def answers(**changes: Any) -> dict[str, Any]:
    """A file of answers; None takes a member away."""
    whole = {"format": FORMAT, "version": 1, "capture": "0" * 16, "stream": 0, "seed": 0, "answers": {}, **changes}
    return {name: value for name, value in whole.items() if value is not None}


def test_every_right_answer_is_right() -> None:
    made = sheet()
    marks = marked(made, {blank.key: blank.answer.shown for blank in made.blanks()})
    counted = [blank for blank in made.blanks() if not isinstance(blank.answer, Explanation)]
    assert points(marks) == (len(counted), len(counted))
    assert {mark.right for mark in marks.values()} == {True, None}
    assert {mark.right for mark in marks.values() if mark.to_read} == {None}


def test_nothing_given_is_nothing_right() -> None:
    marks = marked(sheet(), {})
    assert points(marks)[0] == 0
    assert {mark.right for mark in marks.values()} == {None}


@pytest.mark.parametrize("seed", range(20))
def test_some_right_some_wrong(seed: int) -> None:
    chance = random.Random(seed)
    made = sheet()
    given, right = {}, 0
    for blank in made.blanks():
        if isinstance(blank.answer, Explanation):
            continue
        kind = chance.randrange(3)
        if kind:
            given[blank.key] = blank.answer.shown if kind == 1 else "certainly not this"
            right += kind == 1
    marks = marked(made, given)
    assert points(marks)[0] == right
    assert {key for key, mark in marks.items() if mark.right is not None} == set(given)


def test_unknown_keys_count_for_nothing() -> None:
    made = sheet()
    assert points(marked(made, {"nowhere.1.seq": "1", "": "x"})) == points(marked(made, {}))


def test_what_is_read() -> None:
    read_back = read(
        json.dumps(answers(seed=7, student={"name": "李雷", "x": []}, answers={"a": 5, "b": "c"})).encode()
    )
    assert (read_back.seed, read_back.stream) == (7, 0)
    assert read_back.given == {"a": "5", "b": "c"}
    assert read_back.student == {"name": "李雷"}


def test_a_mark_of_byte_order_is_no_matter() -> None:
    assert read(b"\xef\xbb\xbf" + json.dumps(answers()).encode()).seed == 0


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not json", id="no JSON"),
        pytest.param(b"\xff\xfe\x00", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="depth"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(json.dumps({"answers": {}}).encode(), id="no format"),
        pytest.param(json.dumps(answers(version=2)).encode(), id="another version"),
        pytest.param(json.dumps(answers(answers=None)).encode(), id="no answers"),
        pytest.param(json.dumps(answers(answers=[])).encode(), id="answers in a list"),
        pytest.param(json.dumps(answers(capture=5)).encode(), id="capture is a number"),
        pytest.param(json.dumps(answers(seed="0")).encode(), id="seed is a text"),
        pytest.param(json.dumps(answers(seed=True)).encode(), id="seed is true"),
        pytest.param(json.dumps(answers(seed=-1)).encode(), id="seed below 0"),
        pytest.param(json.dumps(answers(seed=1 << 80)).encode(), id="a huge seed"),
        pytest.param(json.dumps(answers(stream=1.5)).encode(), id="half a stream"),
        pytest.param(b'{"seed": ' + b"9" * 10_000 + b"}", id="digits"),
    ],
)
def test_what_is_no_file_of_answers(content: bytes) -> None:
    with pytest.raises(AnswersError):
        read(content)


@pytest.mark.parametrize("seed", range(40))
def test_odd_values_raise_nothing(seed: int) -> None:
    chance = random.Random(seed)
    odd: list[Any] = [None, True, [], {}, -1, 1e308, 10**4000, "\ud800", "x" * 10_000, {"a": {"b": []}}, "‮", ""]
    made = sheet()
    given = {blank.key: chance.choice(odd) for blank in made.blanks()}
    import sys

    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    content = json.dumps(answers(answers=given, student={"name": chance.choice(odd)})).encode()
    sys.set_int_max_str_digits(limit)
    try:
        read_back = read(content)
    except AnswersError:
        return
    marks = marked(made, read_back.given)
    assert points(marks)[0] <= points(marks)[1]
