"""Bytes to packets in Chromium, and packets to bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import until
from tests.build import chunked, conversation, get, head, ok
from tests.outputs.report.made import make

pytestmark = pytest.mark.programs
Open = Callable[..., Any]


STRIP = "[...document.querySelectorAll('.strip i')].map((one) => one.className)"


def lit(page: Any, kind: str = "lit") -> list[str]:
    """Numbers of the packets that are lit in the ladder."""
    return list(page.locator(f".step.{kind} .when b").all_inner_texts())


def bytes_tab(
    open_report: Open, what: str | Path, address: str = "#exchange=1", kind: str = "response", **more: Any
) -> Any:
    page = open_report(what, address, height=2400, **more)
    page.click("#tab-bytes")
    page.check(f"input[value={kind}]")
    return page


def test_pointing_at_a_part_lights_its_packets(open_report: Open) -> None:
    page = bytes_tab(open_report, "retransmission")
    runs = page.locator(".run[role]")
    assert runs.count() == 4  # the head and the body of No6, then No7 and No9
    runs.nth(0).hover()
    assert (lit(page), lit(page, "lit-again")) == (["No6"], [])
    runs.nth(3).hover()
    assert (lit(page), lit(page, "lit-again")) == (["No9"], ["No10"])
    assert page.inner_text("#found") == "bytes 2,921–3,719 · carried by No9 · ↻ again by No10"
    assert "again" in str(runs.nth(3).get_attribute("class"))
    assert [("again" in one) for one in page.evaluate(STRIP)] == [False, False, True]


def test_selecting_text_lights_all_its_packets(open_report: Open) -> None:
    page = bytes_tab(open_report, "retransmission")
    page.evaluate(
        """() => {
          const runs = document.querySelectorAll(".run"), range = document.createRange();
          range.setStart(runs[1].firstChild, 40);
          range.setEnd(runs[2].firstChild, 10);
          const selection = document.getSelection();
          selection.removeAllRanges();
          selection.addRange(range);
        }"""
    )
    until(page, "document.querySelectorAll('.step.lit').length === 2")
    assert lit(page) == ["No6", "No7"]
    text = page.inner_text("#found")
    assert text.endswith("carried by No6, No7")
    assert "–1,470" in text  # ten bytes into the second packet, whose first is the 1461st
    page.mouse.move(5, 5)
    assert lit(page) == ["No6", "No7"], "a choice stays"


def test_a_packet_lights_its_part(open_report: Open) -> None:
    page = bytes_tab(open_report, "retransmission")
    page.locator(".step", has_text="No7").first.click()
    parts = page.evaluate("[...document.querySelectorAll('.run.lit')].map((one) => one.dataset.low)")
    assert parts == ["1460"]
    page.locator(".step.again").click()
    assert page.evaluate("[...document.querySelectorAll('.run.lit')].map((one) => one.dataset.low)") == ["2920"]
    assert "again" in page.inner_text("#found")
    page.locator(".step", has_text="No4").first.click()
    assert page.is_checked("input[value=request]"), "the packet carries the request"


def test_a_packet_marks_the_fields_it_carried(open_report: Open, tmp_path: Path) -> None:
    field = head(x_long="y" * 1500, x_last="z", content_length=0)
    capture = conversation(get("/"), field).save(tmp_path / "long-head.pcap")
    make(capture, tmp_path)
    page = open_report(tmp_path / "long-head.html", height=2400)
    marked = "[...document.querySelectorAll('#panel-headers tr.lit th')].map((one) => one.textContent)"
    page.locator(".step", has_text="No5").first.click()
    assert page.evaluate(marked) == ["X-Long"]
    page.locator(".step", has_text="No6").first.click()
    assert page.evaluate(marked) == ["X-Long", "X-Last", "Content-Length"]
    page.locator("tr", has_text="X-Last").hover()
    assert lit(page) == ["No6"]
    page.locator("tr", has_text="X-Long").hover()
    assert lit(page) == ["No5", "No6"]


def test_the_keyboard_walks_the_parts(open_report: Open) -> None:
    page = bytes_tab(open_report, "retransmission")
    page.focus(".run[tabindex='0']")
    for expected in (["No6"], ["No7"], ["No9"]):
        page.keyboard.press("ArrowRight")
        assert lit(page) == expected
    page.keyboard.press("Enter")
    assert "No9" in page.inner_text("#live")


def test_a_hole_is_shown_as_one(open_report: Open) -> None:
    page = bytes_tab(open_report, "lost-segment")
    assert page.inner_text(".bytes .gap").strip() == "⚠ 1,460 bytes were never captured"
    page.hover(".strip .missing")
    assert page.inner_text("#found").endswith("carried by no packet of the capture")


def test_a_coded_body_is_in_hexadecimal(open_report: Open) -> None:
    page = bytes_tab(open_report, "chunked-gzip")
    lines = page.locator(".hex-line").all_inner_texts()
    assert "1f 8b 08" in "".join(lines)
    assert page.inner_text(".bytes").startswith("HTTP/1.1 200 OK")


def test_a_character_cut_in_two_keeps_its_bytes(open_report: Open, tmp_path: Path) -> None:
    text = "三次握手" * 400
    capture = conversation(get("/"), ok(text.encode(), content_type="text/plain; charset=utf-8")).save(
        tmp_path / "zh.pcap"
    )
    make(capture, tmp_path)
    page = bytes_tab(open_report, tmp_path / "zh.html")
    shown = "".join(page.locator(".run").all_inner_texts())
    assert shown.count("三次握手") >= 398
    lengths = page.evaluate("[...document.querySelectorAll('.run')].map((one) => one.dataset.high - one.dataset.low)")
    assert sum(lengths) == len(ok(text.encode(), content_type="text/plain; charset=utf-8"))


def test_chunks_are_shown_as_they_were_sent(open_report: Open, tmp_path: Path) -> None:
    capture = conversation(get("/"), head(transfer_encoding="chunked") + chunked("hello ", "world")).save(
        tmp_path / "c.pcap"
    )
    make(capture, tmp_path)
    page = bytes_tab(open_report, tmp_path / "c.html")
    assert page.inner_text(".bytes").rstrip().endswith("6\nhello \n5\nworld\n0")


def test_the_packets_are_listed_too(open_report: Open) -> None:
    page = bytes_tab(open_report, "retransmission")
    page.click(".carriers summary")
    items = page.locator(".carriers li").all_inner_texts()
    assert items == [
        "No6 bytes 1–1,460",
        "No7 bytes 1,461–2,920",
        "No9 bytes 2,921–3,719",
        "No10 ↻ bytes 2,921–3,719 again",
    ]
    page.click(".carriers .link >> text=No7")
    assert page.inner_text(".step.current .when b") == "No7"
