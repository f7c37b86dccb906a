"""Cells: sizes, spans, moments, addresses and URLs, short and of bounded width."""

from __future__ import annotations

import random

import pytest

from httptrace.model import Endpoint
from httptrace.outputs.amounts import brief_duration, brief_size, endpoint, iso, middle
from httptrace.outputs.wrap import cell_width


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (None, "–"),
        (0, "0 ms"),
        (67_000, "67 µs"),
        (99_949, "100 µs"),
        (99_950, "0.1 ms"),
        (8_449_000, "8.4 ms"),
        (99_949_999, "99.9 ms"),
        (99_950_000, "100 ms"),
        (999_499_999, "999 ms"),
        (999_500_000, "1.00 s"),
        (9_994_999_999, "9.99 s"),
        (9_995_000_000, "10.0 s"),
        (99_949_999_999, "99.9 s"),
        (86_400_000_000_000, "86400 s"),
    ],
)
def test_brief_duration(ns, text):
    assert brief_duration(ns) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (5_000_000_000, "5.0 GB"),
        (7 * 10**17, "700 PB"),
    ],
)
def test_brief_size(octets, text):
    assert brief_size(octets) == text


@pytest.mark.parametrize("power", range(16))
@pytest.mark.parametrize("seed", range(5))
def test_sizes_and_spans_fit_their_columns(seed, power):
    number = random.Random(seed * 100 + power).randrange(10**power, 10 ** (power + 1))
    assert len(brief_size(number)) <= 6
    if number < 99_949_999_999:
        assert len(brief_duration(number)) <= 7


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (1_467_080_107_192_774_001, "2016-06-28T02:15:07.192774001Z"),
        (10**21, ""),
    ],
    ids=["epoch", "exact-to-the-nanosecond", "beyond-the-calendar"],
)
def test_iso(ns, text):
    assert iso(ns) == text


@pytest.mark.parametrize(
    ("end", "width", "text"),
    [
        (Endpoint("192.0.2.1", 80), 12, "192.0.2.1:80"),
        (Endpoint("192.168.100.200", 51022), 18, "192.168.100…:51022"),
        (Endpoint("2001:db8::1", 443), 17, "[2001:db8::1]:443"),
        (Endpoint("2001:db8:1:2:3:4:5:6", 443), 14, "[2001:db8…:443"),
    ],
    ids=["fits", "cut-before-the-port", "ipv6", "ipv6-cut"],
)
def test_endpoint(end, width, text):
    assert endpoint(end, width) == text
    assert endpoint(end, width).endswith(f":{end.port}")


@pytest.mark.parametrize("seed", range(20))
def test_middle_keeps_both_ends_and_the_width(seed):
    chance = random.Random(seed)
    text = "".join(chance.choice("abc/好-") for _ in range(chance.randint(1, 80)))
    width = chance.randint(12, 60)
    short = middle(text, width)
    assert cell_width(short) <= width
    if cell_width(text) <= width:
        assert short == text
    else:
        head, _, tail = short.partition("…")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert min(len(head), len(tail)) > 0
