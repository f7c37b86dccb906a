"""The grammar: start lines that are accepted and refused, header sections, and that the two ways of looking agree."""

from __future__ import annotations

import random

import pytest

from httptrace.http import syntax

SEEDS = pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("GET / HTTP/1.1", ("GET", "/", "HTTP/1.1")),
        ("GET  /  HTTP/1.1  ", ("GET", "/", "HTTP/1.1")),
        ("GET\t/\tHTTP/1.1", ("GET", "/", "HTTP/1.1")),
        ("a!#$ x HTTP/9.9", ("a!#$", "x", "HTTP/9.9")),
        ("GET /a b HTTP/1.1", ("GET", "/a b", "HTTP/1.1")),
        ("GET HTTP/1.0 HTTP/1.1", ("GET", "HTTP/1.0", "HTTP/1.1")),
        ("GET /\xa0 HTTP/1.1", ("GET", "/\xa0", "HTTP/1.1")),
        ("GET / HTTP/1.1x", None),
        ("GET / HTTP/1.10", ("GET", "/", "HTTP/1.10")),
        ("GET / http/1.1", ("GET", "/", "http/1.1")),
        ("GET / HTTP/2", ("GET", "/", "HTTP/2")),
        ("GET / HTTP/", None),
        ("GET / HTTP/1.", None),
        ("GET / HTTP/111", None),
        ("GET / Http/1.1", None),
        ("GET /", None),
        ("GET HTTP/1.1", None),
        ("GET  HTTP/1.1", None),
        (" GET / HTTP/1.1", None),
        ("G@T / HTTP/1.1", None),
        ("", None),
    ],
)
def test_request_lines(line: str, parts: tuple[str, str, str] | None) -> None:
    match = syntax.REQUEST_LINE.fullmatch(line)
    assert (match.groups() if match else None) == parts


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("HTTP/1.1 200 OK", ("HTTP/1.1", "200", "OK")),
        ("HTTP/1.1 200 ", ("HTTP/1.1", "200", "")),
        ("HTTP/1.1 200", ("HTTP/1.1", "200", None)),
        ("HTTP/1.1  200  a b", ("HTTP/1.1", "200", " a b")),
        ("HTTP/1.1 2000", None),
        ("HTTP/1.1 20", None),
        ("HTTP/1.1 200OK", None),
        ("HTTP/1.1", None),
        ("HTTP/2 200", ("HTTP/2", "200", None)),
        ("ICY 200 OK", ("ICY", "200", "OK")),
        ("http/1.1 200 OK", None),
        ("HTTP/12 200 OK", None),
        ("ICYE 200 OK", None),
    ],
)
def test_status_lines(line: str, parts: tuple[str, str, str | None] | None) -> None:
    match = syntax.STATUS_LINE.fullmatch(line)
    assert (match.groups() if match else None) == parts


LINE_WORDS = (b"GET", b"/", b" ", b"\t", b"HTTP/1.1", b"HTTP/", b"1.1", b"x", b"\xa0", b"\x85", b"\x00", b"200", b"OK")


@SEEDS
def test_a_start_line_that_is_found_can_be_read(seed: int) -> None:
    """Else a search would find the same place again and again."""
    chance = random.Random(seed)
    found = 0
    for _ in range(4000):
        line = b"".join(chance.choices(LINE_WORDS, k=chance.randint(3, 9)))
        octets = line + chance.choice((b"\r\n", b"\n"))
        if match := syntax.REQUEST_START.search(octets):
            found += 1
            begun = octets[match.start(1) :].rstrip(b"\r\n").decode("latin-1")
            assert syntax.REQUEST_LINE.fullmatch(begun), octets
        if match := syntax.STATUS_START.search(octets):
            assert syntax.STATUS_LINE.fullmatch(octets[match.start() :].rstrip(b"\r\n").decode("latin-1")), octets
    assert found


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"see: GET / HTTP/1.1\r\n", id="inside-a-line"),
        pytest.param(b"GET / HTTP/1.1", id="without-a-line-end"),
        pytest.param(b"GET /\r\n HTTP/1.1\r\n", id="over-two-lines"),
        pytest.param(b"x" * 40 + b" / HTTP/1.1\r\n", id="a-long-word"),
        pytest.param(b"1GET / HTTP/1.1\r\n", id="a-digit-first"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", id="a-status-line"),
    ],
)
def test_what_is_no_request_line_is_not_found(octets: bytes) -> None:
    assert not syntax.REQUEST_START.search(octets)


@pytest.mark.parametrize(
    ("octets", "end"),
    [
        (b"a\r\n\r\nb", 5),
        (b"a\n\nb", 3),
        (b"a\r\n\nb", 4),
        (b"a\n\r\nb", 4),
        (b"a\r\nb\r\n", -1),
        (b"a\r\n\r", -1),
        (b"a\r\r\n", -1),
        (b"a\n\nb\r\n\r\n", 3),
        (b"a\n\r\nb\n\n", 4),
    ],
    ids=repr,
)
def test_where_a_head_ends(octets: bytes, end: int) -> None:
    assert syntax.head_end(octets, 0, 0) == end


def plainly(lines: list[str]) -> list[tuple[str, str]]:
    """Fields as the rules say, one after the other."""
    fields: list[tuple[str, str]] = []
    folds = False
    for line in lines:
        if line[:1] in (" ", "\t"):
            more = line.strip(" \t\r")
            if folds and more:
                name, value = fields[-1]
                fields[-1] = (name, f"{value} {more}" if value else more)
        else:
            name, colon, value = line.partition(":")
            folds = bool(colon)
            if colon:
                bare = name.rstrip(" \t")
                fields.append((bare, value.strip(" \t\r")))
    return fields


@SEEDS
def test_header_sections_are_read_as_the_rules_say(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        lines = [
            "".join(chance.choices(("A", "Host", "host", ":", " ", "\t", "1", "\r"), k=chance.randint(1, 6)))
            for _ in range(chance.randint(0, 6))
        ]
        head = syntax.parse_fields(lines)
        assert head.fields == plainly(lines), lines
        by_name: dict[str, list[str]] = {}
        for name, value in head.fields:
            if name.lower() in syntax.DECISIVE:
                by_name.setdefault(name.lower(), []).append(value)
        assert head.by_name == {name: ", ".join(values) for name, values in by_name.items()}, lines


def test_lines_that_were_seen_before_mean_the_same() -> None:
    lines = ["Host : line", "Host: a", "host: b", "none", "X-Other: c"]
    first = syntax.parse_fields(lines)
    again = syntax.parse_fields(lines)
    assert first == again
    assert again.fields is not first.fields
    assert first.by_name == {"host": "line, a, b"}
    assert set(first.faults) == {syntax.SPACE_BEFORE_COLON, syntax.NO_COLON}


def test_what_is_remembered_is_bounded() -> None:
    syntax.parse_fields([f"X-{number}: {number}" for number in range(20_000)])
    syntax.parse_fields(["X-" + "x" * 5_000 + ": long"])
    assert len(syntax._DECISIVE_SEEN) <= 1_024
    assert all(len(name) <= 256 for name in syntax._DECISIVE_SEEN)
