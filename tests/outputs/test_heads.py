"""Header fields for people: aligned, harmless, bounded, explanations where they find room."""

from __future__ import annotations

import pytest

from httptrace.outputs.heads import FIELDS, SHOWN, field_lines
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width

PLAIN = Paint(False)


def test_aligned_with_explanations():
    fields = [("Host", "a.example"), ("Accept-Encoding", "gzip"), ("X-Own", "1")]
    assert field_lines(fields, 80, PLAIN) == [
        "  Host             a.example         which site",
        "  Accept-Encoding  gzip              codings it can unpack",
        "  X-Own            1",
    ]


def test_as_sent_and_in_that_order():
    fields = [("b", "2"), ("A", "1"), ("b", "two  spaces"), ("c", "")]
    assert field_lines(fields, 80, PLAIN) == ["  b  2", "  A  1", "  b  two  spaces", "  c"]


def test_the_explanation_of_a_long_value_stands_below_the_others():
    lines = field_lines([("Host", "h"), ("User-Agent", "word " * 30)], 80, PLAIN)
    places = {line.index(text) for line in lines for text in ("which site", "which program asks") if text in line}
    assert len(places) == 1


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_never_wider(width):
    fields = [("N" * 60, "value"), ("Cookie", "x" * 999), ("三次握手", "三次握手" * 40), ("Accept", "a, " * 80)]
    lines = field_lines(fields, width, PLAIN)
    assert max(map(cell_width, lines[1:])) <= width  # a name longer than the line stays as it is


def test_bounded():
    lines = field_lines([("long", "v" * 100_000), *[("n", "v")] * (FIELDS + 4)], 200, PLAIN)
    assert lines[-1] == "  … 5"
    assert sum(line.count("v") for line in lines) == SHOWN + FIELDS - 1


def test_no_fields():
    assert field_lines([], 80, PLAIN) == []
