"""What a template needs of a sheet: plain texts, made harmless, and the state of each blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from httptrace.lang import _, pgettext
from httptrace.outputs.safe import safe
from httptrace.teach.answers import Choice
from httptrace.teach.worksheet.marking import Mark, points
from httptrace.teach.worksheet.sheet import Ask, Blank, Cell, Explanation, Section, Sheet


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell: a text, or a blank with its key. `answer` is set where the key is shown or a mark was given; `mark` is
    right, wrong, open (nothing was given) or read (a person has to)."""

    text: str = ""
    key: str = ""
    size: int = 0
    options: tuple[str, ...] = ()
    free: bool = False
    answer: str | None = None
    given: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class AskView:
    """A question under a table."""

    number: int
    text: str
    lines: tuple[str, ...]
    blank: CellView


@dataclass(frozen=True, slots=True)
class SectionView:
    """One exercise."""

    number: int
    title: str
    about: str
    heads: tuple[str, ...]
    rows: tuple[tuple[CellView, ...], ...]
    asks: tuple[AskView, ...]


@dataclass(frozen=True, slots=True)
class SheetView:
    """The whole sheet. `state` is blank, key or marked; `score` is set where it is marked."""

    title: str
    state: str
    facts: tuple[str, ...]
    sections: tuple[SectionView, ...]
    student: tuple[tuple[str, str, str], ...]
    score: str


def view(sheet: Sheet, key: bool, marks: Mapping[str, Mark] | None, student: Mapping[str, str]) -> SheetView:
    """The sheet as a template shows it. `key`: with all answers; `marks`: with what was given, and how it was."""
    state = "marked" if marks is not None else "key" if key else "blank"
    labels = (("name", pgettext("student", "Name")), ("class", _("Class")), ("date", _("Date")))
    score = ""
    if marks is not None:
        right, count = points(marks)
        score = _("{right} of {count} right").format(right=right, count=count)
    return SheetView(
        safe(sheet.title),
        state,
        tuple(safe(fact) for fact in sheet.facts),
        tuple(_section(section, number, key, marks) for number, section in enumerate(sheet.sections, 1)),
        tuple((name, label, safe(student.get(name, ""))) for name, label in labels),
        score,
    )


def _section(section: Section, number: int, key: bool, marks: Mapping[str, Mark] | None) -> SectionView:
    return SectionView(
        number,
        safe(section.title),
        safe(section.about),
        tuple(safe(head) for head in section.heads),
        tuple(tuple(_cell(cell, key, marks) for cell in row) for row in section.rows),
        tuple(_ask(ask, place, key, marks) for place, ask in enumerate(section.asks, 1)),
    )


def _ask(ask: Ask, number: int, key: bool, marks: Mapping[str, Mark] | None) -> AskView:
    return AskView(number, safe(ask.text), tuple(safe(line) for line in ask.lines), _cell(ask.blank, key, marks))


def _cell(cell: Cell, key: bool, marks: Mapping[str, Mark] | None) -> CellView:
    if not isinstance(cell, Blank):
        return CellView(text=safe(cell))
    answer = cell.answer
    options = tuple(safe(option) for option in answer.options) if isinstance(answer, Choice) else ()
    free = isinstance(answer, Explanation)
    shown = safe(answer.shown)
    if marks is None:
        return CellView("", cell.key, cell.size, options, free, shown if key else None)
    mark = marks[cell.key]
    word = "read" if mark.to_read else "open" if mark.right is None else "right" if mark.right else "wrong"
    return CellView("", cell.key, cell.size, options, free, shown, safe(chosen(cell, mark.given)), word)


def chosen(blank: Blank, given: str) -> str:
    """What was given, a letter as the option that it stands for."""
    answer = blank.answer
    if (
        isinstance(answer, Choice)
        and len(given) == 1
        and "a" <= given.lower() <= chr(ord("a") + len(answer.options) - 1)
    ):
        return answer.options[ord(given.lower()) - ord("a")]
    return given
