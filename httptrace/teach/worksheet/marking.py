"""A filled sheet marked: which blanks are right, which are not, which a person has to read.

A file of answers is JSON, written by whoever filled the sheet in: nothing in it is trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from httptrace.lang import _
from httptrace.teach.answers import LONGEST
from httptrace.teach.worksheet.sheet import Blank, Explanation, Sheet

FORMAT = "httptrace-worksheet-answers"
VERSION = 1

#: Characters of an explanation that are kept.
_LONGEST_TEXT = 2_000


class AnswersError(ValueError):
    """The file is no file of answers; its text says why, in the current language."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a student handed in."""

    capture: str
    stream: int
    seed: int
    student: Mapping[str, str]
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """One blank with what was given. `right` is None where a person has to read it, or nothing was filled in."""

    blank: Blank
    given: str
    right: bool | None

    @property
    def to_read(self) -> bool:
        """Whether it is for a person to mark."""
        return isinstance(self.blank.answer, Explanation)


def read(content: bytes) -> Answers:
    """The answers in a file's content. Raises AnswersError."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise AnswersError(_("this is not JSON: {problem}").format(problem=str(error)[:100])) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise AnswersError(_('this is not a file of answers ("format" has to be "{format}")').format(format=FORMAT))
    if data.get("version") != VERSION:
        raise AnswersError(_("its version is not {version}").format(version=VERSION))
    given = data.get("answers")
    numbers = [data.get("stream"), data.get("seed")]
    if not isinstance(given, dict) or not isinstance(data.get("capture"), str):
        raise AnswersError(_('"answers" has to be an object, and "capture" a text'))
    if any(type(number) is not int or not 0 <= number < 1 << 60 for number in numbers):
        raise AnswersError(_('"stream" and "seed" have to be numbers'))
    student = data.get("student")
    return Answers(
        data["capture"],
        int(data["stream"]),
        int(data["seed"]),
        _texts(student) if isinstance(student, dict) else {},
        _texts(given),
    )


def _texts(values: dict[str, object]) -> dict[str, str]:
    """Names and values as texts; a number counts as its digits, everything else as nothing."""
    texts = {}
    for name, value in values.items():
        if isinstance(value, str):
            texts[name[:LONGEST]] = value[:_LONGEST_TEXT]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            try:
                texts[name[:LONGEST]] = str(value)[:LONGEST]
            except ValueError:  # more digits than Python writes
                texts[name[:LONGEST]] = ""
    return texts


def marked(sheet: Sheet, given: Mapping[str, str]) -> dict[str, Mark]:
    """A mark for every blank, by its key."""
    marks = {}
    for blank in sheet.blanks():
        text = given.get(blank.key, "").strip()
        right = None
        if not isinstance(blank.answer, Explanation) and text:
            right = blank.answer.right(text)
        marks[blank.key] = Mark(blank, text, right)
    return marks


def points(marks: Mapping[str, Mark]) -> tuple[int, int]:
    """How many are right, and of how many; what a person reads does not count."""
    counted = [mark for mark in marks.values() if not mark.to_read]
    return sum(mark.right is True for mark in counted), len(counted)
