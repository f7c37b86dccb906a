"""The report in Chromium: rows, ladder, detail, and that the panes stay in step."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import until
from tests.generate import write
from tests.outputs.report.made import make

pytestmark = pytest.mark.programs
Open = Callable[..., Any]


def row_numbers(page: Any) -> list[str]:
    return [text.rstrip("!") for text in page.locator("#grid-body .row .c-no").all_inner_texts()]


def current(page: Any) -> str:
    """The current packet's number."""
    return str(page.locator(".step.current .when b").inner_text())


def test_it_opens_on_the_first_exchange_and_the_first_packet(open_report: Open) -> None:
    page = open_report("first-page")
    assert page.title() == "first-page.pcap · httptrace report"
    assert page.locator("#grid-body .row[aria-selected=true] .c-no").inner_text() == "1"
    assert current(page) == "No1"
    assert page.locator("#client-state").inner_text() == "SYN-SENT"
    assert page.locator("#server-state").inner_text() == "LISTEN"
    assert "Step 1." in page.locator("#told").inner_text()


def test_counters_begin_with_the_first_packet_and_run_within_a_connection_only(open_report: Open) -> None:
    page = open_report("real-http-server")
    assert page.inner_text("#client-next") == "1"
    assert page.locator(".moved").count() <= 1  # the state
    page.click("#to-last")
    page.wait_for_function("document.querySelectorAll('.moved').length > 1")
    page.locator("#grid-body .row").nth(2).click()
    at_once = page.inner_text("#client-next")
    page.wait_for_timeout(400)  # longer than a counter runs
    assert page.inner_text("#client-next") == at_once


def test_stepping_moves_packet_counters_states_and_words(open_report: Open) -> None:
    page = open_report("first-page", reduced_motion="reduce")
    seen = [(current(page), page.inner_text("#client-next"), page.inner_text("#server-next"))]
    for _ in range(5):
        page.click("#forward")
        seen.append((current(page), page.inner_text("#client-next"), page.inner_text("#server-next")))
    assert seen == [
        ("No1", "1", "–"),
        ("No2", "1", "1"),
        ("No3", "1", "1"),
        ("No4", "373", "1"),
        ("No5", "373", "1"),
        ("No6", "373", "1,461"),
    ]
    assert page.inner_text("#server-flying") == "1,460"
    assert page.inner_text("#client-confirmed") == "373"
    page.click("#back")
    assert current(page) == "No5"
    page.click("#to-last")
    assert page.locator("#forward").is_disabled()
    states = {page.inner_text("#client-state"), page.inner_text("#server-state")}
    assert states == {"TIME-WAIT", "CLOSED"}
    page.click("#to-first")
    assert page.locator("#back").is_disabled()


def test_counters_run_to_their_numbers(open_report: Open) -> None:
    page = open_report("first-page")
    for _ in range(5):
        page.click("#forward")
    until(page, "document.getElementById('server-next').textContent === '1,461'")


def test_it_plays_and_pauses(open_report: Open) -> None:
    page = open_report("first-page")
    for _ in range(2):
        page.click("#pace")
    page.click("#play")
    until(page, "document.querySelector('.step.current b').textContent === 'No4'")
    page.click("#play")
    assert page.get_attribute("#play", "aria-pressed") == "false"
    stopped = current(page)
    page.wait_for_timeout(500)
    assert current(page) == stopped


def test_an_exchange_brings_its_packets_and_its_detail(open_report: Open) -> None:
    page = open_report("first-page")
    page.click("#grid-body .row >> nth=1")
    assert current(page) == "No14"
    assert page.inner_text("#detail-title") == "exchange 2 GET → 200"
    assert "img.mukewang.com" in page.inner_text("#panel-headers")
    inside = page.evaluate(
        "(() => { const one = document.querySelector('.step.current').getBoundingClientRect(),"
        " all = document.getElementById('steps').getBoundingClientRect();"
        " return one.top >= all.top - 1 && one.bottom <= all.bottom + 1; })()"
    )
    assert inside


def test_a_packet_brings_its_exchange(open_report: Open) -> None:
    page = open_report("first-page")
    page.click("#to-last")
    for _ in range(4):
        page.click("#back")
    assert current(page) == "No15"
    assert page.locator("#grid-body .row[aria-selected=true] .c-no").inner_text() == "2"


#: What is typed, and the exchanges of json-api.pcap that it leaves.
FILTERS = {
    "post": ["2"],
    "status:2xx -delete": ["1", "2"],
    "status:204": ["3"],
    "method:get type:json": ["1"],
    "slower:1s": [],
    "slower:1ms": ["1", "2", "3"],
    "stream:0": ["1", "2", "3"],
    "__proto__:x": [],
    "status:": ["1", "2", "3"],
    "note:any": [],
    "no:2": ["2"],
}


ROWS = "[...document.querySelectorAll('#grid-body .row')].map((one) => one.id.slice(1)).join()"


def test_the_filter(open_report: Open) -> None:
    page = open_report("json-api")
    for text, numbers in FILTERS.items():
        page.fill("#filter", text)
        shown = "3 exchanges" if len(numbers) == 3 else f"{len(numbers)} of 3 exchanges"
        until(page, f"{ROWS} === '{','.join(numbers)}'")
        assert page.inner_text("#shown") == shown
        assert page.locator("#nothing").is_visible() == (not numbers)


def test_sorting(open_report: Open) -> None:
    page = open_report("json-api")
    page.click(".c-size button")
    assert page.get_attribute(".c-size[role=columnheader]", "aria-sort") == "descending"
    assert row_numbers(page) == ["1", "2", "3"]
    page.click(".c-size button")
    assert row_numbers(page) == ["3", "2", "1"]
    page.click(".c-method button")
    assert row_numbers(page) == ["3", "1", "2"]
    page.click(".c-no button")
    assert row_numbers(page) == ["1", "2", "3"]
    assert page.get_attribute(".c-no[role=columnheader]", "aria-sort") == "ascending"


def test_a_field_is_explained_where_the_mouse_rests(open_report: Open) -> None:
    page = open_report("first-page")
    assert page.locator("#tip").is_hidden()
    page.hover("[data-kind=field][data-name=Host]")
    assert page.locator("#tip strong").inner_text() == "which site"
    assert "RFC 9110 §7.2" in page.inner_text("#tip")
    page.focus("[data-kind=field][data-name='User-Agent']")
    assert page.locator("#tip strong").inner_text() == "which program asks"
    assert page.get_attribute("[data-name='User-Agent']", "aria-describedby") == "tip"
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()


def test_bodies_are_pretty(open_report: Open) -> None:
    page = open_report("json-api")
    page.click("#tab-body")
    assert page.locator("pre.text").first.inner_text().startswith('{\n  "id": 7,\n  "title": "三次握手"')
    page = open_report("first-page", "#exchange=2")
    page.click("#tab-body")
    assert page.evaluate("document.querySelector('figure img').decode().then(() => true)")
    assert page.evaluate("document.querySelector('figure img').naturalWidth") == 128
    page = open_report("form-post")
    page.click("#tab-body")
    assert "user" in page.inner_text("#panel-body") or "name" in page.inner_text("#panel-body")


def test_the_other_lists(open_report: Open) -> None:
    page = open_report("lost-segment")
    page.click("#tab-notes")
    assert "content-gap" in page.inner_text("#panel-notes")
    page.click("#panel-notes .link >> text=No9")
    assert current(page) == "No9"
    page.click("#tab-connections")
    assert page.locator("#connections-body tr").count() == 1
    page.click("#tab-statistics")
    assert "Status codes" in page.inner_text("#panel-statistics")
    page.click("#panel-statistics .link >> text=200")
    assert page.input_value("#filter") == "status:200"
    assert page.locator("#panel-exchanges").is_visible()


def test_a_long_target_leaves_the_numbers_whole(open_report: Open) -> None:
    page = open_report("first-page")
    for _ in range(13):
        page.keyboard.press("ArrowRight")
    label = page.locator(".step.current .label")
    assert current(page) == "No14"
    assert label.locator(".numbers").inner_text() == "PSH,ACK seq=373 ack=5038 len=359"
    assert label.locator(".numbers").evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    assert label.locator(".message").evaluate("one => one.clientWidth > 60")


def test_a_hole_is_in_the_ladder(open_report: Open) -> None:
    page = open_report("lost-segment")
    page.click("#to-last")
    page.evaluate("document.getElementById('steps').scrollTop = 300")
    page.wait_for_selector(".line.gap")
    text = page.inner_text(".line.gap")
    assert re.search(r"1,460 bytes of the server \(1,461–2,920\)", text), text


def test_arrows_may_be_drawn_to_time(open_report: Open) -> None:
    page = open_report("retransmission")
    height = "document.getElementById('steps-body').offsetHeight"
    even = page.evaluate(height)
    page.check("#timed")
    assert page.evaluate(height) > even


def test_the_address_remembers_the_place(open_report: Open) -> None:
    page = open_report("first-page", "#exchange=2&packet=15")
    assert current(page) == "No15"
    page.click("#back")
    assert page.url.endswith("#exchange=2&packet=14")


def test_a_capture_without_http_says_what_was_there(open_report: Open) -> None:
    page = open_report("refused")
    assert "which does not speak HTTP/1" in page.inner_text("#detail-pane")
    assert current(page) == "No1"
    page.click("#to-last")
    assert page.inner_text("#client-state") == "CLOSED"


def test_a_capture_without_packets_says_so(open_report: Open, tmp_path: Path) -> None:
    (tmp_path / "nothing.pcap").write_bytes(write.pcap([]))
    make(tmp_path / "nothing.pcap", tmp_path)
    page = open_report(tmp_path / "nothing.html")
    assert "There is no TCP connection in this capture." in page.inner_text("#ladder-pane")
    assert "bounds say why" not in page.inner_text("body")


@pytest.mark.parametrize("width", [1360, 360])
def test_the_number_of_a_row_is_whole(open_report: Open, width: int) -> None:
    """Five digits and the mark of a note."""
    page = open_report("first-page", width=width)
    cell = page.locator("#grid-body .row .c-no").first
    assert cell.evaluate("one => { one.textContent = '49999!'; return one.scrollWidth <= one.clientWidth; }")
