"""A body is shown as what its type says, else as what its bytes are; whatever it holds, nothing raises."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest

from httptrace.outputs.bodies import CELL, FIELDS, Kind, describe, recognise
from httptrace.outputs.sections import HexDump, Summary, Table, Text, render_plain, renderables
from tests.work import steps

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x40\0\0\0\xf0\x08\x02\0\0\0"


@pytest.mark.parametrize(
    ("content_type", "content", "kind"),
    [
        ("application/json", b"{}", Kind.JSON),
        ("application/problem+json; charset=utf-8", b"{}", Kind.JSON),
        ("image/svg+xml", b"<svg/>", Kind.XML),
        ("Text/HTML;charset=utf-8", b"<p>", Kind.HTML),
        ("application/xhtml+xml", b"<html/>", Kind.HTML),
        ("application/javascript", b"f()", Kind.JAVASCRIPT),
        ("text/css", b"a{}", Kind.CSS),
        ("application/x-www-form-urlencoded", b"a=1", Kind.FORM),
        ("multipart/form-data; boundary=x", b"--x", Kind.MULTIPART),
        ("text/plain", b'{"a": 1}', Kind.TEXT),
        ("text/plain", b"<html>", Kind.TEXT),
        ("text/plain", b"log \x08 line with one odd character", Kind.TEXT),
        ("text/plain", "zero".encode("utf-16"), Kind.TEXT),
        ("text/plain", "zero".encode("utf-16-le"), Kind.TEXT),
        ("text/html", PNG, Kind.BINARY),
        ("text/html", random.Random(1).randbytes(2000), Kind.BINARY),
        ("image/png", b"{}", Kind.BINARY),
        ("font/woff2", b"text", Kind.BINARY),
        (None, b'{"a": 1}', Kind.JSON),
        (None, b"[1, 2]", Kind.JSON),
        (None, b"[section]", Kind.TEXT),
        (None, b"\xef\xbb\xbf \n<!DOCTYPE html>", Kind.HTML),
        (None, b"<!-- c --><html>", Kind.HTML),
        (None, b"<?xml version='1.0'?><a/>", Kind.XML),
        (None, b'<soap:Envelope xmlns:soap="x">', Kind.XML),
        (None, b"a < b", Kind.TEXT),
        (None, b"just text", Kind.TEXT),
        (None, PNG, Kind.BINARY),
        (None, b"%PDF-1.7 text follows", Kind.BINARY),
        (None, b"BM is how this text begins", Kind.TEXT),
        ("application/octet-stream", b'{"a": 1}', Kind.JSON),
        ("application/octet-stream", b"\x00\x01", Kind.BINARY),
        ("application/x-nobody-knows", b"text after all", Kind.TEXT),
        ("html", b"<html>", Kind.HTML),
        ("", b"text", Kind.TEXT),
        (";;;", b"text", Kind.TEXT),
    ],
)
def test_recognise(content_type, content, kind):
    assert recognise(content, content_type) is kind


def test_an_empty_body_has_nothing_to_show():
    assert describe(b"", "text/html") == []


@pytest.mark.parametrize(
    ("content_type", "content", "language", "text"),
    [
        ("application/json", b'{"a":[1.0,{}]}', "json", '{\n  "a": [\n    1.0,\n    {}\n  ]\n}'),
        ("application/json", b"{broken", "json", "{broken"),
        ("text/xml", b"<a><b>x</b></a>", "xml", "<a>\n  <b>x</b>\n</a>"),
        ("text/plain", b"a\x1b[2Jb\r\nc", "text", "a\\x1b[2Jb\nc"),
        ("text/plain; charset=gbk", "汉字".encode("gbk"), "text", "汉字"),
        ("text/plain; charset=utf-16", "ab".encode("utf-16-le"), "text", "ab"),
        ("text/plain", "ab".encode("utf-16-be"), "text", "ab"),
        ("text/plain; charset=zip", b"caf\xc3\xa9", "text", "café"),
        ("text/plain; charset=unicode_escape", b"\\x41", "text", "\\x41"),
        ("text/plain", b"caf\xe9 au lait", "text", "café au lait"),
        ("text/plain; charset=utf-8", b"caf\xe9 au lait", "text", "caf\ufffd au lait"),
        ("text/plain", b"\xef\xbb\xbfmark", "text", "mark"),
        ("text/html", b'<meta charset="gb2312">' + "汉".encode("gbk"), "html", '<meta charset="gb2312">\n汉'),
        ("text/xml", b"<?xml version='1.0' encoding='koi8-r'?>\xc1", "xml", None),
    ],
)
def test_text(content_type, content, language, text):
    (section,) = describe(content, content_type)
    assert isinstance(section, Text)
    assert section.language == language
    assert section.text == text or (text is None and section.text.endswith("а"))


def test_form_fields():
    (table,) = describe(b"a=1&&b=%E4%BD%A0+x%zz&c=%ff&d&=e&a=2=3", "application/x-www-form-urlencoded")
    assert table.rows == (("a", "1"), ("b", "你 x%zz"), ("c", "ÿ"), ("d", ""), ("", "e"), ("a", "2=3"))


def test_form_in_its_charset():
    content_type = "application/x-www-form-urlencoded; charset=gbk"
    assert describe(b"q=%BA%BA", content_type)[0].rows == (("q", "汉"),)


def test_form_is_bounded_and_harmless():
    table, more = describe(b"a=%1b%0a&" * FIELDS + b"b", "application/x-www-form-urlencoded")
    assert len(table.rows) == FIELDS
    assert table.rows[0] == ("a", r"\x1b\n")
    assert isinstance(more, Summary)
    long = describe(b"a=" + b"x" * 50_000, "application/x-www-form-urlencoded")[0].rows[0][1]
    assert long.startswith("x" * CELL)
    assert "50,000" in long
    assert len(long) < CELL + 50


def test_binary_summary():
    summary, dump = describe(PNG, "image/png")
    pairs = dict(summary.pairs)
    assert pairs["type"] == "image/png"
    assert pairs["format"] == "PNG, 320 × 240"
    assert pairs["SHA-256"] == sha256(PNG).hexdigest()
    assert dump.lines[0] == "00000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  |.PNG........IHDR|"
    assert dump.lines[1] == "00000010  00 00 01 40 00 00 00 f0  08 02 00 00 00           |...@.........|"


def test_what_was_not_kept_is_said():
    assert "4 of 1,000" in render_plain(describe(b"abcd", "text/plain", total=1000))
    summary = dict(describe(PNG, "image/png", total=1000)[0].pairs)
    assert "SHA-256" not in summary
    assert summary["size"] == "1,000 bytes"
    assert dict(describe(PNG, "image/png", 1000, "ab" * 32)[0].pairs)["SHA-256"] == "ab" * 32


def test_plain_rendering_aligns_columns():
    text = render_plain([Table(("n", "value"), (("你好", "x"), ("a", "y"))), HexDump(("00", "10"))])
    assert text == "n     value\n你好  x\na     y\n\n00\n10"


def test_rich_rendering_takes_nothing_for_markup():
    from rich.console import Console

    console = Console(width=60, color_system=None)
    with console.capture() as captured:
        for shown in renderables(
            [Text("json", '{"a": "[red]"}'), Table(("c",), (("[bold]x",),)), Summary((("[b]", "[i]"),))]
        ):
            console.print(shown)
    assert all(part in captured.get() for part in ('"[red]"', "[bold]x", "[b]", "[i]"))


TYPES = [
    None,
    "application/json",
    "text/html",
    "text/xml",
    "text/css",
    "text/javascript",
    "text/plain; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "image/png",
    'text/html; charset="\\"; ' + "x" * 50,
]


@pytest.mark.parametrize("seed", range(80))
def test_random_content_never_raises(seed):
    chance = random.Random(seed)
    words = [
        b"<a>",
        b"</a",
        b"{",
        b"}",
        b'"',
        b"--x",
        b"\r\n",
        b"\x1b",
        b"&=%",
        b"[1,",
        b"/*",
        b"'",
        b"\xff",
        b"\0",
        b"`/",
    ]
    content = b"".join(chance.choices(words, k=chance.randrange(1, 200))) + chance.randbytes(chance.randrange(30))
    shown = render_plain(describe(content, chance.choice(TYPES), total=len(content) + seed % 2))
    shown.encode("utf-8")
    assert "\x1b" not in shown
    assert "\0" not in shown


@pytest.mark.parametrize(
    ("content_type", "unit"),
    [
        ("application/json", b"["),
        ("application/json", b'"'),
        ("application/json", b'"\\'),
        ("text/xml", b"<"),
        ("text/xml", b'<a "'),
        ("text/xml", b"<!DOCTYPE ["),
        ("text/html", b"<!--"),
        ("text/html", b"<script>"),
        ("text/html", b"<div></p>"),
        ("text/css", b"/*"),
        ("text/css", b"{"),
        ("text/javascript", b"a/"),
        ("text/javascript", b"`${"),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--xx\n"),
        ("multipart/form-data", b"--"),
        ("application/x-www-form-urlencoded", b"%"),
        (None, b"<a "),
        (None, b" "),
    ],
)
def test_hostile_repetition_is_linear(content_type, unit):
    def reading(size):
        content = unit * (size // len(unit))
        return lambda: describe(content, content_type)

    # A few steps more for the same text twice as long are no matter; a step for every pair of places would be.
    assert steps(reading(80_000)) < 8 * steps(reading(20_000)) + 1_000
