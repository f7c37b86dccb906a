"""The small words: amounts, spans of time, who is a browser."""

from __future__ import annotations

import pytest

from httptrace.lang import speaking
from httptrace.outputs.narration.wording import (
    NBSP,
    QUOTED,
    bare_acks,
    clean,
    duration,
    flag_names,
    is_browser,
    join,
    listed,
    octets,
    pieces,
    span,
)
from tests.outputs.wire import CHROME, Wire


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0.0 ms"),
        (1, "1 µs"),
        (35_400, "35 µs"),
        (94_999, "95 µs"),
        (95_000, "0.1 ms"),
        (8_449_999, "8.4 ms"),
        (999_949_999, "999.9 ms"),
        (999_950_000, "1.00 s"),
        (45_004_000_000, "45.00 s"),
        (99_950_000_000, "100 s"),
        (7_200_000_000_000, "7,200 s"),
        (-300_000, "−0.3 ms"),
    ],
)
def test_a_span_of_time_has_the_unit_that_suits_it(ns: int, text: str) -> None:
    assert duration(ns).replace(NBSP, " ") == text


def test_amounts_are_exact_and_do_not_break() -> None:
    amounts = [octets(1), octets(1_448), pieces(1), pieces(3), bare_acks(1), bare_acks(20)]
    assert [amount.replace(NBSP, " ") for amount in amounts] == [
        "1 byte",
        "1,448 bytes",
        "1 piece",
        "3 pieces",
        "1 ACK",
        "20 ACKs",
    ]
    assert all(" " not in amount for amount in amounts)


@pytest.mark.parametrize(("start", "end", "text"), [(1, 2, "1"), (1449, 2897, "1449–2896")])
def test_bytes_are_named_by_the_first_and_the_last(start: int, end: int, text: str) -> None:
    assert span(start, end) == text


@pytest.mark.parametrize(
    ("flags", "text"),
    [("S", "SYN"), ("AS", "SYN, ACK"), ("AF", "FIN, ACK"), ("APF", "FIN, PSH, ACK"), ("AR", "RST, ACK"), ("", "—")],
)
def test_flags_are_words(flags: str, text: str) -> None:
    assert flag_names(flags) == text


@pytest.mark.parametrize(
    ("agent", "browser"),
    [
        (CHROME, True),
        ("Opera/9.80 (Windows NT 6.1)", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", False),
        ("curl/8.5.0", False),
        ("", False),
    ],
)
def test_a_browser_says_so_itself(agent: str, browser: bool) -> None:
    assert is_browser(Wire().exchange(fields=(("user-agent", agent),))) is browser


def test_a_request_without_the_field_names_no_browser() -> None:
    exchange = Wire().exchange(fields=())
    assert not is_browser(exchange)
    exchange.request = None
    assert not is_browser(exchange)


def test_what_is_quoted_is_harmless_and_short() -> None:
    assert clean("a\x1b[31mb") == r"a\x1b[31mb"
    assert len(clean("x" * 10_000)) == QUOTED
    assert clean("x" * 10_000).endswith("…")


@pytest.mark.parametrize(("language", "said"), [("en", "One. Two."), ("unheard-of", "One. Two.")])
def test_sentences_and_lists_are_joined_without_the_empty_ones(language: str, said: str) -> None:
    with speaking(language):
        assert join(["One.", "", "Two."]) == said
        assert listed(["a", "", "b"]) == "a, b"
        assert join([]) == ""
