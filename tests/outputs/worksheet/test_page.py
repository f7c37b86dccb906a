"""The sheet as a page and as Markdown: nothing of the capture can run, and every blank is there."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from httptrace import lang
from httptrace.outputs.worksheet import page
from httptrace.outputs.worksheet.marks import report
from httptrace.teach.worksheet.building import build
from httptrace.teach.worksheet.marking import marked
from httptrace.teach.worksheet.sheet import Explanation, Sheet
from tests.outputs.worksheet.hostile import EVIL, QUOTE, hostile_sheet
from tests.teach.questions.material import EVERY, lesson


def sheet(name: str, seed: int = 0, language: str = "en") -> Sheet:
    with lang.speaking(language):
        return build(lesson(name).talks[0], f"{name}", seed)


@pytest.fixture
def hostile(tmp_path: Path) -> Sheet:
    return hostile_sheet(tmp_path)


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, *tags: str) -> Iterator[dict[str, str | None]]:
        return (attributes for tag, attributes in self.found if tag in tags)


def evil_answers(made: Sheet) -> dict[str, str]:
    return {blank.key: EVIL for blank in made.blanks()}


def states(made: Sheet) -> dict[str, str]:
    """The sheet blank, with its key, and marked."""
    marks = marked(made, evil_answers(made))
    return {
        "blank": page.html(made),
        "key": page.html(made, key=True),
        "marked": page.html(made, marks=marks, student={"name": EVIL, "class": QUOTE}),
    }


@pytest.mark.parametrize("state", ["blank", "key", "marked"])
def test_nothing_of_a_hostile_capture_can_run(hostile: Sheet, state: str) -> None:
    text = states(hostile)[state]
    elements = Elements(text)
    assert len(list(elements.named("script"))) == (state == "blank")
    assert not list(elements.named("img", "iframe", "object", "embed", "link", "a", "form", "base", "svg"))
    for _tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "href", "srcdoc")]
    assert "alert(1)" in text, "it is there, as text"


def test_markdown_has_no_html_and_no_links_of_the_capture(hostile: Sheet) -> None:
    marks = marked(hostile, evil_answers(hostile))
    for text in (page.markdown(hostile), page.markdown(hostile, key=True), page.markdown(hostile, marks=marks)):
        assert "<" not in text
        assert not re.search(r"(?<!\\)\]\(", text)
        columns = {row.replace("\\|", "").count("|") for row in text.splitlines() if row.startswith("| What")}
        assert columns == {3}


def test_the_policy_lets_in_this_style_and_this_script_only() -> None:
    text = page.html(sheet("page"))
    (policy,) = [one["content"] for one in Elements(text).named("meta") if one.get("http-equiv")]
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        (inside,) = re.findall(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert rules[directive] == f"'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'"
    assert "http://" not in re.sub(r"<(td|pre|b|span|option|li)\b.*?</\1>", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("language", lang.LANGUAGES)
@pytest.mark.parametrize("name", EVERY)
def test_a_blank_page_has_every_blank_and_no_answer(name: str, language: str) -> None:
    made = sheet(name, language=language)
    with lang.speaking(language):
        text = page.html(made)
    elements = Elements(text)
    names = [one["name"] for one in elements.named("input", "select", "textarea") if one.get("name")]
    assert [one for one in names if not str(one).startswith("student.")] == [blank.key for blank in made.blanks()]
    assert 'class="key"' not in text
    assert next(elements.named("html"))["lang"] == {"en": "en", "zh": "zh-CN"}[language]
    for field in elements.named("input", "select", "textarea"):
        assert field.get("aria-label") or str(field.get("name", "student.")).startswith("student.")


@pytest.mark.parametrize("name", EVERY)
def test_a_key_has_every_answer(name: str) -> None:
    made = sheet(name)
    text, plain = page.html(made, key=True), page.markdown(made, key=True)
    assert text.count('<b class="key">') == len(list(made.blanks()))
    assert len(re.findall(r"\*\*.+?\*\*", plain)) == len(list(made.blanks())) + 1
    assert not list(Elements(text).named("input", "select", "textarea", "script"))


@pytest.mark.parametrize("name", EVERY)
def test_markdown_tables_are_whole(name: str) -> None:
    rows = [line for line in page.markdown(sheet(name)).splitlines() if line.startswith("|")]
    for above, below in pairwise(rows):
        if below.startswith("| ---"):
            assert above.replace("\\|", "").count("|") == below.count("|")
    assert "\n\n\n" not in page.markdown(sheet(name))


def test_a_marked_page_says_right_wrong_and_open() -> None:
    made = sheet("page")
    counted = [blank for blank in made.blanks() if not isinstance(blank.answer, Explanation)]
    given = {counted[0].key: counted[0].answer.shown, counted[1].key: "wrong", "handshake.why": "because"}
    text = page.html(made, marks=marked(made, given))
    assert text.count('<span class="right">') == 1
    assert text.count('<span class="wrong">') == 1
    assert text.count('<span class="open">') == len(counted) - 2
    assert f"1 of {len(counted)} right" in text
    assert "because" in text


def test_the_report_says_what_was_wrong() -> None:
    made = sheet("page")
    marks = marked(made, {"handshake.2.ack": "7", "handshake.2.seq": "0", "handshake.why": f"{EVIL}\x1b[31m"})
    text = report(made, marks, {"name": "李雷\x1b[0m"}, 80, False)
    assert "✗ handshake.2.ack: 7, but it is 1" in text
    assert text.startswith("李雷\\x1b[0m\n1 of ")
    assert "is for you to read" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
