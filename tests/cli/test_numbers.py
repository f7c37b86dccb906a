"""Numbers beyond any count, and controls in JSON: a line that says so, and nothing raw on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from httptrace.cli.octets import json_writer
from httptrace.lang.numbers import whole_number

MANY = "9" * 4_400


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("017", 17),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        (MANY, None),
        ("-1", None),
        ("", None),
        ("٣", None),
    ],
    ids=["zero", "leading-zero", "most", "one-more", "thousands", "sign", "empty", "not-ascii"],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "first-page.pcap", "--limit", MANY),
        ("list", "first-page.pcap", "--stream", MANY),
        ("list", "first-page.pcap", "--port", MANY),
        ("list", "first-page.pcap", "--since", "9" * 400),
        ("list", "first-page.pcap", "--slower", "9" * 400 + "s"),
        ("show", "first-page.pcap", MANY),
        ("show", "first-page.pcap", "--limit", MANY),
        ("follow", "first-page.pcap", MANY),
        ("walk", "first-page.pcap", "--packets", f"1-{MANY}"),
        ("walk", "first-page.pcap", "--stream", MANY),
        ("summary", "first-page.pcap", "--top", MANY),
    ],
    ids=lambda arguments: " ".join(one for one in arguments if len(one) < 40),
)
def test_a_number_beyond_any_count_is_one_line(httptrace, arguments) -> None:
    result = httptrace(*arguments)
    assert result.status == 2
    assert result.err.startswith("httptrace: ")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("terminal", [False, True])
def test_json_on_a_terminal_has_no_raw_controls(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdout(io.TextIOWrapper):
        def isatty(self) -> bool:
            return terminal

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Stdout(raw, encoding="utf-8"))
    line = '{"value":"\x7f\x9b31m é"}\n'.encode()
    json_writer()(line)
    assert raw.getvalue() == (b'{"value":"\\u007f\\u009b31m \xc3\xa9"}\n' if terminal else line)
