"""Rows that wait: how much memory they take."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tests.build import Capture, conversation, get, ok, together

SECOND = 1_000_000_000
WAITING = 800


def one_open_and_many_over() -> Capture:
    """A connection whose only exchange gets no answer, and behind it those that wait for it; each takes the ports of
    the one before it, so that the connections too are over."""
    open_one = conversation(get("/open"), client=("192.0.2.1", 1), start_ns=0, closing="none")
    return together(
        open_one,
        *(
            conversation(
                get(f"/{number}"), ok("x"), isn=(number * 1000, 1), client=("192.0.2.1", 2), start_ns=number * SECOND
            )
            for number in range(1, WAITING + 1)
        ),
    )


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_open_and_many_over().save(tmp_path_factory.mktemp("rows") / "waiting.pcap")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("list",), id="in-order"),
        pytest.param(("list", "--sort", "no:desc"), id="sorted"),
        pytest.param(("streams",), id="streams"),
    ],
)
def test_lines_that_wait_take_what_they_are_long(arguments: tuple[str, ...], waiting: Path, httptrace: Any) -> None:
    def run() -> int:
        return len(httptrace(*arguments, waiting, "--format", "jsonl").stdout)

    length = run()  # what is imported and made once is there from now on
    tracemalloc.start()
    try:
        assert run() == length
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # No line keeps the buffer it was written in (8 KiB and more with other libraries). They are there where they wait,
    # where they are joined and where the test takes them; the rest is what the analysis takes.
    assert peak < 3 * length + 1_000_000 < WAITING * 8_192
