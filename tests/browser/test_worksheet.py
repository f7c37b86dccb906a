"""The worksheet in a real Chromium: filled in, saved, loaded again; and nothing of a hostile capture runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from httptrace.outputs.worksheet import page
from httptrace.teach.worksheet.marking import marked, read
from tests.outputs.worksheet.hostile import hostile_sheet

pytestmark = pytest.mark.programs


def test_it_is_filled_in_saved_and_loaded(chromium: Any, tmp_path: Path) -> None:
    sheet = hostile_sheet(tmp_path)
    file = tmp_path / "lab.html"
    file.write_text(page.html(sheet), encoding="utf-8")
    said: list[str] = []
    tab = chromium.new_page(accept_downloads=True)
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
    pytest.importorskip("playwright.sync_api").expect(tab.locator("#said")).not_to_be_empty()
    assert tab.input_value("[name='handshake.1.seq']") == "0"
    tab.close()
    answers = read(saved.read_bytes())
    marks = marked(sheet, answers.given)
    assert {key for key, mark in marks.items() if mark.right} == {"handshake.1.seq", "close.who"} == set(answers.given)
    assert (answers.capture, answers.student) == (sheet.capture, {"name": "韩梅梅"})
    assert said == []
