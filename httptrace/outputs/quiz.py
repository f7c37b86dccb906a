"""What `quiz` prints: a question with all that it needs, the verdict with its reason, the score."""

from __future__ import annotations

from collections.abc import Sequence

from httptrace.lang import _, ngettext
from httptrace.outputs import entries
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import safe
from httptrace.outputs.wrap import in_rows, wrap
from httptrace.teach.answers import Choice
from httptrace.teach.questions.question import Question

_INDENT = 4


def question(asked: Question, number: int, count: int, several: bool, width: int, paint: Paint) -> str:
    """The question under its number. `several`: the capture has more than one connection, so it says which."""
    head = [_("Question {number} of {count}").format(number=number, count=count)]
    head.append(_("level {level}").format(level=asked.level))
    if several:
        head.append(_("stream {number}").format(number=asked.stream))
    lines = [paint(" · ".join(head), "heading")]
    for line in asked.lines:
        lines += wrap(safe(line), width, _INDENT)
    lines += [" " * _INDENT + line for line in entries.lines(asked.shown, width - _INDENT)]
    lines += [paint(line, "bold") for line in wrap(safe(asked.text), width)]
    if isinstance(asked.answer, Choice):
        for place, option in enumerate(asked.answer.options):
            rows = wrap(safe(option), width, _INDENT + 3)
            label = " " * _INDENT + f"{chr(ord('a') + place)}) "
            lines += [label + rows[0].lstrip(), *rows[1:]] if rows else [label]
    return "\n".join(lines) + "\n"


def verdict(asked: Question, right: bool | None, width: int, paint: Paint) -> str:
    """What the answer was worth, None where none was given, and why."""
    answer = asked.answer
    shown = f"{answer.letter}) {answer.shown}" if isinstance(answer, Choice) else answer.shown
    if right:
        begin = paint(_("Right."), "green")
    else:
        text = _("Passed. It is: {answer}") if right is None else _("Not so. It is: {answer}")
        begin = paint("\n".join(wrap(safe(text.format(answer=shown)), width)), "yellow")
    return "\n".join([begin, *wrap(safe(asked.why), width)]) + "\n\n"


def score(results: Sequence[tuple[Question, bool]], count: int, file: str, seed: int, width: int, paint: Paint) -> str:
    """How many were right, which packets to look at again, and how to go on. `results` has the answered questions;
    `file` is as a shell takes it."""
    right = sum(was_right for _question, was_right in results)
    answered = len(results)
    if not answered:
        text = _("No question was answered.")
    elif answered < count:
        text = _("{right} of {answered} answers right; {open} of {count} questions are left open.").format(
            right=right, answered=answered, open=count - answered, count=count
        )
    else:
        text = ngettext("{right} of {answered} answer right.", "{right} of {answered} answers right.", answered).format(
            right=right, answered=answered
        )
    lines = [paint(line, "bold") for line in wrap(text, width)]
    wrong = sorted({(question.stream, question.packet) for question, was_right in results if not was_right})
    if wrong:
        again = ", ".join(f"No{packet}" for _stream, packet in wrong)
        lines += wrap(_("Look again at {packets}.").format(packets=again), width)
    parts = []
    if wrong:
        stream, packet = wrong[0]
        parts.append(f"httptrace walk {file} --stream {stream} --packets {max(1, packet - 3)}-{packet} --why")
    parts.append(f"httptrace quiz {file} --seed {seed + 1}")
    lines += [paint(row, "dim") for row in in_rows(parts, width)]
    return "\n".join(lines) + "\n"
