"""What `worksheet --grade` prints: the score, and every blank that is not right with what belongs there."""

from __future__ import annotations

from collections.abc import Mapping

from httptrace.lang import _, ngettext
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import safe
from httptrace.outputs.worksheet.view import chosen
from httptrace.outputs.wrap import wrap
from httptrace.teach.worksheet.marking import Mark, points
from httptrace.teach.worksheet.sheet import Section, Sheet

#: Characters of a given answer that are repeated.
_QUOTED = 60


def report(sheet: Sheet, marks: Mapping[str, Mark], student: Mapping[str, str], width: int, colour: bool) -> str:
    """The marks of one sheet, section by section."""
    paint = Paint(colour)
    right, count = points(marks)
    name = " · ".join(safe(student[one]) for one in ("name", "class", "date") if student.get(one))
    lines = wrap(name, width)
    share = f"{100 * right // count} %" if count else "—"
    total = _("{right} of {count} right ({share})").format(right=right, count=count, share=share)
    lines += [paint(line, "bold") for line in wrap(total, width)]
    for section in sheet.sections:
        lines += ["", *_section(section, marks, width, paint)]
    return "\n".join(lines) + "\n"


def _section(section: Section, marks: Mapping[str, Mark], width: int, paint: Paint) -> list[str]:
    own = [marks[blank.key] for blank in section.blanks()]
    counted = [mark for mark in own if not mark.to_read]
    right = sum(mark.right is True for mark in counted)
    lines = [paint(f"{section.title}  {right}/{len(counted)}", "heading")]
    for mark in own:
        given = safe(chosen(mark.blank, mark.given))
        if mark.to_read:
            if given:
                text = _("{key}: “{given}” is for you to read. One way to put it: {answer}")
                lines += wrap(text.format(key=mark.blank.key, given=given, answer=mark.blank.answer.shown), width, 2)
        elif mark.right is False:
            given = given if len(given) <= _QUOTED else given[: _QUOTED - 1] + "…"
            text = _("✗ {key}: {given}, but it is {answer}")
            text = text.format(key=mark.blank.key, given=given, answer=safe(mark.blank.answer.shown))
            lines += [paint(line, "yellow") for line in wrap(text, width, 2)]
    still_open = sum(mark.right is None for mark in counted)
    if still_open:
        text = ngettext("{count} blank left open", "{count} blanks left open", still_open).format(count=still_open)
        lines += wrap("○ " + text, width, 2)
    return lines
