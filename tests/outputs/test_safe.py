"""Nothing off the wire steers a terminal or hides in a line."""

from __future__ import annotations

import random
import unicodedata

import pytest

from httptrace.outputs.safe import legible, legible_ends, safe, spelt_out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain text, 你好, é", "plain text, 你好, é", id="clean text stays"),
        pytest.param("\x1b[31mred\x07", r"\x1b[31mred\x07", id="escape sequences"),
        pytest.param("\x9b31m\x85", r"\x9b31m\x85", id="C1"),
        pytest.param("a\x7f", r"a\x7f", id="DEL"),
        pytest.param("a\r\nb\tc", r"a\r\nb\tc", id="line ends and tabs"),
        pytest.param("\u202etxt.exe\u2066\u2069", r"\u202etxt.exe\u2066\u2069", id="bidi overrides and isolates"),
        pytest.param("a\u200bb\ufeff\u00adc", r"a\u200bb\ufeff\xadc", id="zero width and soft hyphen"),
        pytest.param("\u2028\u2029", r"\u2028\u2029", id="line and paragraph separators"),
        pytest.param("\u3164\u115f", r"\u3164\u115f", id="fillers"),
        pytest.param("\ud800x", r"\ud800x", id="a lone surrogate"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag characters"),
        pytest.param("👍 a\u0301", "👍 a\u0301", id="emoji and combining marks stay"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_is_shown(text, shown):
    assert safe(text) == shown


def test_lines_may_be_kept():
    assert safe("a\r\nb\n\tc\rd\x1b", keep_newlines=True) == "a\nb\n\tc\\rd\\x1b"


#: Format characters that are seen, or only shape the letters beside them.
_HARMLESS_FORMATS = {
    *range(0x600, 0x606),
    0x6DD,
    0x70F,
    0x890,
    0x891,
    0x8E2,
    0x110BD,
    0x110CD,
    *range(0x13430, 0x13440),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
}


INVISIBLE = [
    character
    for character in map(chr, range(0x110000))
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and ord(character) not in _HARMLESS_FORMATS
]


def test_every_invisible_character():
    assert [character for character in INVISIBLE if safe(character) == character] == []
    assert [c for c in INVISIBLE if safe(c, keep_newlines=True) == c] == ["\t", "\n"]


@pytest.mark.parametrize("seed", range(5))
def test_the_result_can_be_encoded_and_is_stable(seed):
    text = "".join(map(chr, random.Random(seed).choices(range(0x3000), k=500))) + "\udcff"
    shown = safe(text)
    shown.encode("utf-8")
    assert safe(shown) == shown


def sent(text: str) -> str:
    """Text as a head has it: a character for each byte of its UTF-8."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("GET /index.html", "GET /index.html", id="ascii stays"),
        pytest.param(sent("/search?q=你好"), "/search?q=你好", id="UTF-8"),
        pytest.param("caf\xe9", "caf\xe9", id="Latin-1 stays"),
        pytest.param("caf\xe9" + sent("你"), "caf\xe9ä½\xa0", id="neither stays"),
        pytest.param("你好", "你好", id="what was decoded before stays"),
        pytest.param(sent("a\u202eb\x9b"), r"a\u202eb\x9b", id="what steers is harmless behind UTF-8 too"),
    ],
)
def test_heads_are_read_as_utf_8_where_they_are_that(text, shown):
    assert legible(text) == shown


@pytest.mark.parametrize("most", range(1, 10))
def test_no_character_is_torn(most):
    text = sent("你好吗")
    assert legible(text, most) == "你好吗"[: most // 3] + ("…" if most < 9 else "")
    assert set(legible_ends(sent("你好吗" * 9), most)) <= set("你好吗")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("/%E4%BD%A0%e5%a5%bd?q=%E4%BD%A0", "/你好?q=你", id="UTF-8"),
        pytest.param("/a%2Fb%20c%3F", "/a%2Fb%20c%3F", id="ASCII stays coded"),
        pytest.param("/%C4%E3", "/%C4%E3", id="another charset stays coded"),
        pytest.param("/%E4%BD", "/%E4%BD", id="half a character stays coded"),
        pytest.param("/%E2%80%AE", r"/\u202e", id="what turns the writing is visible"),
    ],
)
def test_percent_signs_are_spelt_out(url, shown):
    assert spelt_out(url) == shown
