"""A real Chromium, one for all tests here; each opens pages of its own and must leave no complaint behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.outputs.report.made import CAPTURES, make
from tests.programs import need

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, with an empty profile."""
    player = pytest.importorskip("playwright.sync_api")
    program = need("chromium")
    with player.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The report's file of a capture of the project, made once."""
    folder = tmp_path_factory.mktemp("reports")
    captures = {path.stem: path for path in CAPTURES}

    def made(name: str) -> Path:
        if not (folder / f"{name}.html").exists():
            make(captures[name], folder)
        return folder / f"{name}.html"

    return made


@pytest.fixture
def open_report(chromium: Any, reports: Callable[[str], Path]) -> Iterator[Callable[..., Any]]:
    """Opens a report, by its capture's name or its file, in a window of its own. Whatever the page complains about
    (errors, its policy, dialogs), and whatever it asks the network for, fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(what: str | Path, address: str = "", width: int = 1360, height: int = 900, **options: Any) -> Any:
        path = what if isinstance(what, Path) else reports(what)
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda one: complaints.append(f"{one.type}: {one.text}"))
        page.on("pageerror", lambda one: complaints.append(f"error: {one}"))
        page.on("dialog", lambda one: (complaints.append(f"dialog: {one.message}"), one.dismiss()))
        page.on("popup", lambda one: complaints.append(f"popup: {one.url}"))
        page.on(
            "request", lambda one: complaints.append(one.url) if not one.url.startswith(("file:", "data:")) else None
        )
        page.goto(path.as_uri() + address)
        page.wait_for_selector("html[data-ready]" if options.get("java_script_enabled", True) else "noscript")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def until(page: Any, holds: str, seconds: float = 5.0) -> None:
    """Wait until an expression holds. (The browser's own way evaluates it in the page, which the page forbids.)"""
    for _ in range(round(seconds / 0.02)):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(20)
    pytest.fail(f"never: {holds}")
