"""The sheet as a page and as Markdown: nothing of the capture can run, and every blank is there."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from httptrace import lang
from httptrace.capture.write import write_pcap
from httptrace.cli.lesson import Reading
from httptrace.outputs.worksheet import page
from httptrace.outputs.worksheet.marks import report
from httptrace.teach.situations.conversation import Script
from httptrace.teach.situations.messages import message
from httptrace.teach.situations.wire import ETHERNET
from httptrace.teach.worksheet.building import build
from httptrace.teach.worksheet.marking import marked
from httptrace.teach.worksheet.sheet import Explanation, Sheet
from tests.programs import need
from tests.teach.questions.material import EVERY, lesson

EVIL = "<script>alert(1)</script>"
QUOTE = "\"'><img src=x onerror=alert(2)>"


def sheet(name: str, seed: int = 0, language: str = "en") -> Sheet:
    with lang.speaking(language):
        return build(lesson(name).talks[0], f"{name}", seed)


@pytest.fixture
def hostile(tmp_path: Path) -> Sheet:
    """A sheet of a capture whose every header is a script, and whose file is called like one."""
    script = Script()
    talk = script.talk(51099)
    talk.open()
    for target in (f"/{EVIL}", f"/{QUOTE}", "/|cell|`code`[link](javascript:alert(3))"):
        fields = (f"Host: {EVIL}", f"User-Agent: {QUOTE}", f"{EVIL}: {EVIL}", f"Referer: {EVIL}")
        talk.ask(message(f"GET {target} HTTP/1.1", fields))
        fields = (f"Content-Type: {EVIL}", f"Location: {QUOTE}", f"Server: {EVIL}", f"{QUOTE}: {QUOTE}")
        talk.answer(message(f"HTTP/1.1 301 {EVIL}", (*fields, "Content-Length: {length}"), EVIL.encode()))
    talk.close()
    path = tmp_path / "hostile.pcap"
    file = io.BytesIO()
    write_pcap(file, ETHERNET, script.frames)
    path.write_bytes(file.getvalue())
    return build(Reading([str(path)]).lesson.talks[0], f"{EVIL}{QUOTE}.pcap", 0)


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


@pytest.mark.programs
def test_a_browser_fills_it_in_saves_and_loads(hostile: Sheet, tmp_path: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = need("chromium")
    file = tmp_path / "lab.html"
    file.write_text(page.html(hostile), encoding="utf-8")
    said: list[str] = []
    with sync_api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            tab = browser.new_page(accept_downloads=True)
            tab.on("console", lambda one: said.append(one.text))
            tab.on("pageerror", lambda one: said.append(str(one)))
            tab.on("dialog", lambda one: said.append(one.message))
            tab.on("request", lambda one: said.append(one.url) if not one.url.startswith(("file:", "blob:")) else None)
            tab.goto(file.as_uri())
            tab.fill("[name='handshake.1.seq']", "0")
            tab.fill("[name='student.name']", "韩梅梅")
            tab.select_option("[name='close.who']", label="the client")
            with tab.expect_download() as waiting:
                tab.click("#save")
            saved = tmp_path / "answers.json"
            waiting.value.save_as(saved)
            tab.goto(file.as_uri())
            assert tab.input_value("[name='handshake.1.seq']") == ""
            tab.set_input_files("#load", saved)
            # Not wait_for_function: it evaluates text, which the page's policy forbids.
            sync_api.expect(tab.locator("#said")).not_to_be_empty()
            assert tab.input_value("[name='handshake.1.seq']") == "0"
        finally:
            browser.close()
    from httptrace.teach.worksheet.marking import read

    answers = read(saved.read_bytes())
    marks = marked(hostile, answers.given)
    assert {key for key, mark in marks.items() if mark.right} == {"handshake.1.seq", "close.who"} == set(answers.given)
    assert (answers.capture, answers.student) == (hostile.capture, {"name": "韩梅梅"})
    assert said == []
