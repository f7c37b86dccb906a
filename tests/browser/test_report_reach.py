"""The report in Chromium for everyone: keyboard alone, both languages, dark, narrow, on paper, large, hostile."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import until
from tests.build import conversation, get, ok, together
from tests.outputs.report.made import EVILS, make
from tests.outputs.report.test_page import hostile

pytestmark = pytest.mark.programs
Open = Callable[..., Any]

#: Contrast of every visible text against what is behind it (WCAG 2.2 §1.4.3): those below what AA asks for.
CONTRAST = """() => {
  const linear = (part) => { part /= 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parts = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const LEFT = ":disabled, .hidden, .skip, script";
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest(LEFT)) continue;
    let behind = [255, 255, 255];
    const chain = [];
    for (let one = element; one; one = one.parentElement) chain.unshift(one);
    for (const one of chain) {
      const [r, g, b, a] = parts(getComputedStyle(one).backgroundColor);
      behind = behind.map((part, index) => part * (1 - a) + [r, g, b][index] * a);
    }
    const [one, other] = [light(parts(getComputedStyle(element).color)), light(behind)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    const what = `${element.className || element.tagName}: ${walker.currentNode.data.slice(0, 30)}`;
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${what}`);
  }
  return low;
}"""


#: Goes down the table with every tab of the detail, and gives all that was to be read.
EVERY_EXCHANGE = """async (count) => {
  let text = "";
  for (let index = 0; index < count; index += 1) {
    for (const name of ["headers", "body", "bytes", "timing"]) {
      document.getElementById(`tab-${name}`).click();
      text += document.getElementById(`panel-${name}`).textContent;
    }
    document.getElementById("grid").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
    if (index % 10 === 0) await new Promise((done) => setTimeout(done, 20));
  }
  return text;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(open_report: Open, scheme: str) -> None:
    for name, tab in (("retransmission", "bytes"), ("json-api", "body"), ("lost-segment", "timing")):
        page = open_report(name, color_scheme=scheme, reduced_motion="reduce")
        page.click(f"#tab-{tab}")
        for _ in range(5):
            page.click("#forward")
        if tab == "bytes":
            page.locator(".run").first.hover()
        for listed in ("exchanges", "connections", "notes", "statistics") if tab == "timing" else ("exchanges",):
            page.evaluate(f"document.getElementById('tab-{listed}').click()")
            assert page.evaluate(CONTRAST) == []


def test_dark_follows_the_system_and_the_button(open_report: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    page = open_report("first-page", color_scheme="dark")
    dark = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) == "rgb(255, 255, 255)" != dark
    page.click("#theme")
    assert page.evaluate(ground) == dark


def test_the_language_switches_in_place(open_report: Open) -> None:
    page = open_report("retransmission", "#exchange=1&packet=10")
    page.click("#tab-bytes")
    page.click("#language")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert page.inner_text("#tab-exchanges span >> nth=0") == "交互"
    assert page.inner_text(".step.current .when b") == "No10"
    assert "重传" in page.inner_text("#told")
    assert page.title() == "retransmission.pcap · httptrace 报告"
    left = re.sub(r"[A-Z]{2,}[A-Z,/.\-\d ]*|No\d+|https?://\S+", "", page.inner_text("#ladder-pane .toolbar"))
    assert not re.search(r"\b(packet|drawn|ladder)\b", left, re.IGNORECASE)
    page.click("#language")
    assert page.inner_text("#tab-exchanges span >> nth=0") == "Exchanges"
    assert "The server repeats" in page.inner_text("#told")


def test_the_keyboard_is_enough(open_report: Open) -> None:
    page = open_report("json-api", reduced_motion="reduce")
    current = ".step.current .when b"
    page.keyboard.press("ArrowRight")
    assert page.inner_text(current) == "No2"
    page.keyboard.press("ArrowLeft")
    assert page.inner_text(current) == "No1"
    page.keyboard.press("/")
    page.keyboard.type("post")
    until(page, "document.querySelectorAll('#grid-body .row').length === 1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#detail-title").startswith("exchange 2")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert page.locator("#grid-body .row").count() == 3
    page.focus("#grid")
    page.keyboard.press("End")
    assert page.inner_text("#detail-title").startswith("exchange 3")
    assert page.get_attribute("#grid", "aria-activedescendant") == "x3"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "tab-headers"
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-body", "aria-selected") == "true"
    assert page.locator("#panel-body").is_visible()
    assert page.locator("#panel-headers").is_hidden()
    page.focus("#steps")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert page.inner_text(current) == "No2"
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("l")
    assert page.get_attribute("html", "lang") == "zh-Hans"


def test_everything_can_be_reached_with_tab(open_report: Open) -> None:
    page = open_report("first-page")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.name || ''"))
    wanted = {"language", "theme", "help-button", "tab-exchanges", "filter", "grid", "play", "pace", "timed", "steps"}
    assert wanted | {"tab-headers", "Host"} <= reached


def test_roles_and_names_are_there(open_report: Open) -> None:
    page = open_report("first-page")
    tree = page.locator("body").aria_snapshot()
    for role in (
        'heading "first-page.pcap" [level=1]',
        'tablist "Lists"',
        'tab "Exchanges 2" [selected]',
        'searchbox "Filter"',
        'grid "Exchanges"',
        'columnheader "No ▴"',
        'row "1 GET www.imooc.com/ 200 text/html 4.8 kB 31.4 ms',
        'region "Ladder',
        'button "Play or pause"',
        'listbox "Packets of the connection, in the order of the capture"',
        'option "No1, browser to server, SYN, seq 0',
        'region "exchange 1 GET → 200"',
    ):
        assert role.replace("No ▴", "No") in tree.replace("No ▴", "No"), tree
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button, input, [role=tab], [role=grid], [role=listbox]')].filter((one) =>"
        " one.checkVisibility() && !(one.textContent.trim() || one.ariaLabel || one.labels?.length))"
        ".map((one) => one.id)"
    )
    assert unnamed == []


@pytest.mark.parametrize(("name", "language"), [("first-page", "en"), ("chunked-gzip", "zh")])
def test_nothing_is_wider_than_a_telephone(open_report: Open, name: str, language: str) -> None:
    page = open_report(name, width=360, height=740)
    if language == "zh":
        page.click("#language")
    for tab in ("exchanges", "connections", "notes", "statistics", "headers", "body", "bytes", "timing"):
        page.evaluate(f"document.getElementById('tab-{tab}').click()")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, tab
    page.click("#forward")
    box = page.locator(".step.current .middle").bounding_box()
    assert box["width"] > 200


def test_paper_shows_every_row_and_packet(open_report: Open) -> None:
    page = open_report("first-page", color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".step").count() == 19
    assert page.locator("#grid-body .row").count() == 2
    assert "Step 1." in page.inner_text(".step .said >> nth=0")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(
        "document.getElementById('steps').scrollHeight <= document.getElementById('steps').clientHeight + 1"
    )
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_calm_readers_see_no_motion(open_report: Open) -> None:
    page = open_report("first-page", reduced_motion="reduce")
    page.click("#forward")
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.current .dot')).display") == "none"


def test_without_scripts_there_are_rows(open_report: Open) -> None:
    page = open_report("json-api", java_script_enabled=False)
    assert page.locator(".plain tbody tr").count() == 3


def test_many_rows_stay_few_in_the_page(open_report: Open, tmp_path: Path) -> None:
    talks = [
        conversation(
            *[turn for at in range(10) for turn in (get(f"/{number}/{at}"), ok(b"x" * 90))],
            client=("192.0.2.1", 20_000 + number),
        )
        for number in range(100)
    ]
    capture = together(*talks).save(tmp_path / "many.pcap")
    made = make(capture, tmp_path)
    assert len(made.core["rows"]) == 1000
    page = open_report(tmp_path / "many.html")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < 1000
    assert page.get_attribute("#grid", "aria-rowcount") == "1001"
    assert page.locator("#grid-body .row").count() < 60
    page.focus("#grid")
    page.keyboard.press("End")
    assert page.inner_text("#detail-title").startswith("exchange 1,000")
    assert page.locator("#grid-body .row[aria-selected=true]").is_visible()
    assert page.locator("#grid-body .row").count() < 60


def test_nothing_of_a_hostile_capture_runs(open_report: Open, tmp_path: Path) -> None:
    make(hostile().save(tmp_path / "evil.pcap"), tmp_path)
    page = open_report(tmp_path / "evil.html")
    names = page.evaluate("[...new Set([...document.querySelectorAll('*')].map((one) => one.localName))].sort()")
    page.focus("#grid")
    shown = page.evaluate(EVERY_EXCHANGE, 6 * len(EVILS))
    for tab in ("notes", "connections", "statistics"):
        page.click(f"#tab-{tab}")
    page.click("#language")
    assert page.evaluate("window.ran") is None
    assert (
        page.evaluate(
            "document.querySelectorAll('iframe, object, embed, form, base, link, [onerror], [onload]').length"
        )
        == 0
    )
    later = page.evaluate("[...new Set([...document.querySelectorAll('*')].map((one) => one.localName))].sort()")
    assert set(later) - set(names) <= {
        "figure",
        "figcaption",
        "img",
        "pre",
        "em",
        "details",
        "summary",
        "ul",
        "li",
        "fieldset",
        "legend",
    }
    assert page.evaluate("[...document.images].every((one) => /^data:image\\/(png|gif|jpeg|webp);/.test(one.src))")
    for evil in EVILS[:8]:
        assert evil in shown
