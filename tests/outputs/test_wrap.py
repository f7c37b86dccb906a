"""Lines break where English and Chinese allow it, and never exceed their width in cells."""

from __future__ import annotations

import random

import pytest

from httptrace.outputs.wrap import CLOSING, OPENING, cell_width, in_rows, pad, shorten, wrap

MIXED = (
    "服务器确认收到浏览器的 SYN（ack=x+1=1），并报出自己的初始序列号：y。"
    "the next byte it expects is number 1；“往返”一次用了 8.4 ms！"
)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("GET /", 5, id="ascii"),
        pytest.param("三次握手", 8, id="wide"),
        pytest.param("ＡＢ", 4, id="fullwidth"),
        pytest.param("ﾊﾝ", 2, id="halfwidth"),
        pytest.param("TCP 连接", 8, id="mixed"),
        pytest.param("é", 1, id="precomposed"),
        pytest.param("e\u0301", 1, id="combining-takes-none"),
        pytest.param("a\u200bb", 2, id="zero-width-space"),
        pytest.param("a\x1b\x00b", 2, id="control-takes-none"),
        pytest.param("→…“”", 4, id="ambiguous-is-narrow"),
        pytest.param("😀", 2, id="emoji"),
    ],
)
def test_cell_width(text: str, cells: int) -> None:
    assert cell_width(text) == cells


@pytest.mark.parametrize(
    ("text", "width", "align", "padded"),
    [
        pytest.param("ab", 4, "left", "ab  ", id="left"),
        pytest.param("ab", 4, "right", "  ab", id="right"),
        pytest.param("连接", 6, "left", "连接  ", id="wide-counts-two"),
        pytest.param("abcdef", 4, "left", "abcdef", id="longer-stays"),
    ],
)
def test_pad(text: str, width: int, align: str, padded: str) -> None:
    assert pad(text, width, align) == padded


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        pytest.param("abc", 3, "abc", id="fits"),
        pytest.param("abcdef", 4, "abc…", id="cut"),
        pytest.param("三次握手", 6, "三次…", id="no-half-character"),
        pytest.param("ab cd", 4, "ab…", id="no-space-before-the-ellipsis"),
        pytest.param("abc", 0, "", id="no-room"),
    ],
)
def test_shorten(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short


@pytest.mark.parametrize(
    ("text", "width", "indent", "lines"),
    [
        pytest.param("", 10, 0, [], id="empty-has-no-lines"),
        pytest.param("one two three", 7, 0, ["one two", "three"], id="breaks-at-spaces"),
        pytest.param("one   two", 20, 0, ["one two"], id="runs-of-spaces-become-one"),
        pytest.param("a\n\nb", 10, 0, ["a", "", "b"], id="newlines-stay"),
        pytest.param("one two", 5, 2, ["  one", "  two"], id="indent-counts"),
        pytest.param("one two", 5, "> ", ["> one", "> two"], id="indent-as-text"),
        pytest.param("服务器同意连接", 8, 0, ["服务器同", "意连接"], id="chinese-breaks-anywhere"),
        pytest.param("服务器同意，连接", 10, 0, ["服务器同", "意，连接"], id="no-closing-mark-first"),
        pytest.param("服务器（连接）", 8, 0, ["服务器", "（连接）"], id="no-opening-mark-last"),
        pytest.param("收到 SYN 之后", 8, 0, ["收到 SYN", "之后"], id="space-at-a-break-goes"),
        pytest.param("收到SYN报文", 6, 0, ["收到", "SYN报", "文"], id="latin-word-stays-whole"),
        pytest.param("abcdefgh ij", 3, 0, ["abc", "def", "gh", "ij"], id="long-word-is-cut"),
        pytest.param("甲\xa0· 乙\xa0· 丙", 5, 0, ["甲\xa0·", "乙\xa0·", "丙"], id="never-at-a-no-break-space"),
        pytest.param("a，“b”", 80, 0, ["a，“b”"], id="fits"),
        pytest.param("宽宽", 1, 0, ["宽", "宽"], id="no-room-at-all-still-ends"),
    ],
)
def test_wrap(text: str, width: int, indent: int | str, lines: list[str]) -> None:
    assert wrap(text, width, indent) == lines


@pytest.mark.parametrize("width", [12, 20, 33, 80])
@pytest.mark.parametrize("seed", range(8))
def test_any_text_at_any_width(seed: int, width: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choice(MIXED) for _ in range(400))
    text = text.replace("（", "字").replace("“", "字")  # a run of opening marks may be longer than a line
    for mark in CLOSING:
        text = text.replace(mark * 2, mark)
    lines = wrap(text, width)
    assert all(cell_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("width", range(16, 81))
def test_no_line_begins_or_ends_with_the_wrong_mark(width: int) -> None:
    lines = wrap(MIXED, width)
    assert not [line for line in lines if line[0] in CLOSING or line[-1] in OPENING]


def test_a_megabyte_without_a_space_is_quick() -> None:
    assert len(wrap("x" * 1_000_000, 80)) == 12_500


@pytest.mark.parametrize(
    ("parts", "width", "rows"),
    [
        pytest.param([], 10, [], id="nothing"),
        pytest.param(["ab", "cd"], 7, ["ab · cd"], id="fits-exactly"),
        pytest.param(["ab", "cd"], 6, ["ab", "cd"], id="one-cell-too-narrow"),
        pytest.param(["收到", "cd"], 8, ["收到", "cd"], id="cells-not-characters"),
        pytest.param(["a", "b", "long enough", "c"], 9, ["a · b", "long enough", "c"], id="a-part-is-never-torn"),
    ],
)
def test_parts_in_rows(parts: list[str], width: int, rows: list[str]) -> None:
    assert in_rows(parts, width) == rows
