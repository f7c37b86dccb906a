"""The sheet through its templates: a page of one file that needs no network, or Markdown."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from httptrace.lang import _, current
from httptrace.outputs.worksheet.view import CellView, view
from httptrace.teach.worksheet.marking import FORMAT, VERSION, Mark
from httptrace.teach.worksheet.sheet import Sheet

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent

#: The state of a marked blank, where a word would be too long.
SIGNS = {"right": "✓", "wrong": "✗", "open": "○", "read": "…"}

#: What Markdown would take for its own marks, or a reader of it for HTML.
_MARKUP = re.compile(r"([\\`*_\[\]|~$])")

#: What counts only where a line begins: headings, lists, rules, quotations.
_LINE_BEGINS = re.compile(r"^(\s*)([#+=-]|\d+[.)](?=\s|$))")


def html(
    sheet: Sheet, key: bool = False, marks: Mapping[str, Mark] | None = None, student: Mapping[str, str] | None = None
) -> str:
    """One self-contained page. Its policy lets this style and this script in and nothing else, so nothing that stood
    in the capture can run or call home."""
    style, script = _text("sheet.css"), _text("sheet.js")
    return _render(
        "sheet.html.j2",
        True,
        sheet=view(sheet, key, marks, student or {}),
        language={"en": "en", "zh": "zh-CN"}[current()],
        style=style,
        script=script,
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        meta={
            "format": FORMAT,
            "version": VERSION,
            "capture": sheet.capture,
            "stream": sheet.stream,
            "seed": sheet.seed,
        },
    )


def markdown(
    sheet: Sheet, key: bool = False, marks: Mapping[str, Mark] | None = None, student: Mapping[str, str] | None = None
) -> str:
    """The sheet in GitHub's Markdown; texts off the wire are escaped."""
    text = _render("sheet.md.j2", False, sheet=view(sheet, key, marks, student or {}))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _render(name: str, is_html: bool, **values: object) -> str:
    environment = _environment(is_html)
    return environment.get_template(name).render(words=_words(), signs=SIGNS, **values)


def _words() -> dict[str, str]:
    """The page's own words, in the current language."""
    return {
        "key": _("Answer key"),
        "labelled": _("{heading}:"),
        "choices": _(" ({options})"),
        "right": _("right"),
        "wrong": _("wrong"),
        "open": _("left open"),
        "read": _("for the teacher to read"),
        "save": _("Save answers.json"),
        "load": _("Go on with a saved file"),
        "print": _("Print"),
        "saved": _("answers.json is saved: hand that file in."),
        "other": _("That file belongs to another sheet."),
        "loaded": _("The answers are back."),
        "paper": _("Without scripts, print the sheet and fill it in on paper."),
    }


@cache
def _environment(is_html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = _plain
    environment.filters["blank"] = _blank
    return environment


def _plain(text: str) -> str:
    """Text for Markdown: no mark of it counts, and no HTML."""
    escaped = _MARKUP.sub(r"\\\1", text.replace("&", "&amp;"))
    escaped = escaped.replace("<", "&lt;").replace(">", "&gt;")
    return _LINE_BEGINS.sub(lambda found: found[1] + found[2][:-1] + "\\" + found[2][-1], escaped)


def _blank(cell: CellView) -> str:
    """A blank as Markdown shows it."""
    if cell.mark:
        given = _plain(cell.given) or "—"
        told = f"{given} {SIGNS[cell.mark]}"
        return told if cell.mark == "right" else f"{told} **{_plain(cell.answer or '')}**"
    if cell.answer is not None:
        return f"**{_plain(cell.answer)}**"
    return "\\_" * max(4, min(cell.size, 40))


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
