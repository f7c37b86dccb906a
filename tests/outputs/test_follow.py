"""The transcript: text as text whatever pieces it comes in, everything else in hexadecimal, byte for byte."""

from __future__ import annotations

import random
import re

import pytest

from httptrace.model import Direction
from httptrace.outputs import follow
from httptrace.outputs.follow import LINE, Transcript
from httptrace.outputs.paint import Paint

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
AT = (1, 0, 0)


def told(*pieces, sender=SERVER):
    """The lines for these pieces of one side, without the heading and the prompt."""
    lines = []
    transcript = Transcript(lambda text: lines.extend(text.split("\n")), 80, Paint(False), lambda: 0)
    for piece in pieces:
        if isinstance(piece, int):
            transcript.gap(sender, piece, AT)
        else:
            transcript.data(sender, piece, AT)
    transcript.finish()
    return [line[2:] for line in lines[1:]]


def octets(lines):
    """What lines of hexadecimal hold."""
    return b"".join(bytes.fromhex(line[10:58]) for line in lines)


TEXT = "HTTP/1.1 200 OK\r\nX: 三次握手\r\n\r\nline\n\ttab\nno end".encode()


@pytest.mark.parametrize("seed", range(20))
def test_text_in_any_pieces(seed):
    chance = random.Random(seed)
    cuts = sorted(chance.sample(range(1, len(TEXT)), k=5))
    pieces = [TEXT[a:b] for a, b in zip([0, *cuts], [*cuts, len(TEXT)], strict=True)]
    assert told(*pieces) == ["HTTP/1.1 200 OK", "X: 三次握手", "", "line", "\ttab", "no end"]


@pytest.mark.parametrize("seed", range(20))
def test_bytes_in_any_pieces(seed):
    chance = random.Random(seed)
    content = b"\x00" + chance.randbytes(500)
    cuts = sorted(chance.sample(range(1, len(content)), k=4))
    pieces = [b"\x01" + content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    lines = told(*pieces)
    assert octets(lines) == b"".join(pieces)
    assert [line[:8] for line in lines] == [f"{place:08x}" for place in range(0, len(b"".join(pieces)), 16)]


def test_a_packet_may_begin_with_text_behind_hexadecimal():
    lines = told(b"head\n\x00\x01\x02", b"\x03\x04", b"GET / HTTP/1.1\r\n")
    assert lines[0] == "head"
    assert octets(lines[1:2]) == bytes(range(5))
    assert lines[2] == "GET / HTTP/1.1"


PLAIN = b"plain\r\n\r\n\n  indented\tand tabbed  \nlast \r\n"


@pytest.mark.parametrize("odd", [b"", "三\n".encode(), b"bare\rreturn\n", b"\x7f\n", b"\xff\n", b"no end"], ids=repr)
@pytest.mark.parametrize("size", [1, 3, 7, 1_000])
@pytest.mark.parametrize("colours", [False, True])
def test_plain_lines_are_told_as_any_other(monkeypatch, odd, size, colours):
    """Together or one by one: what is printed is the same."""

    def printed():
        lines = []
        transcript = Transcript(lines.append, 80, Paint(colours), lambda: 0)
        text = PLAIN + odd + PLAIN
        for place in range(0, len(text), size):
            transcript.data(SERVER, text[place : place + size], AT)
        transcript.finish()
        return "\n".join(lines)

    together = printed()
    monkeypatch.setattr(follow, "_PLAIN_LINES", re.compile(b"(?!)"))
    assert together == printed()


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"text\n"], ids=repr)
def test_many_lines_of_a_packet_are_given_at_once(monkeypatch, line):
    """A body of line ends alone is a line a byte: nothing may be done for each that is not done in one go."""
    asked, given = [], []
    proper = follow._is_text
    monkeypatch.setattr(follow, "_is_text", lambda data: asked.append(data) or proper(data))
    transcript = Transcript(given.append, 80, Paint(False), lambda: 0)
    for _ in range(20):
        transcript.data(SERVER, line * 1_000, AT)
    transcript.finish()
    assert "\n".join(given).count("\n") == 20_000
    assert len(given) == 21
    assert not asked


def test_offsets_count_text_gaps_and_bytes():
    lines = told(b"four\n", 11, b"\x00")
    assert lines[1] == "⚠ 11 bytes are missing here, never captured"
    assert lines[2].startswith("00000010  00 ")


def test_an_unfinished_line_before_a_gap_is_told():
    assert told(b"half a li", 1, b"e\n")[::2] == ["half a li", "e"]


def test_a_line_without_end_is_told_in_parts():
    text = ("三" * 5000).encode()
    lines = told(text[:7000], text[7000:])
    assert "".join(lines) == "三" * 5000
    assert max(len(line.encode()) for line in lines) <= LINE


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param(b"caf\xe9 au lait, s'il vous plait\n", r"caf\xe9 au lait, s'il vous plait", id="latin-1"),
        pytest.param("\u202eright to left\n".encode(), r"\u202eright to left", id="direction"),
        pytest.param(b"carriage\rreturn\n", None, id="bare-cr-is-no-text"),
        pytest.param(b"\x1b[31m\n", None, id="escape-is-no-text"),
        pytest.param(b"\xff\xfe\xfd\n", None, id="no-utf-8"),
    ],
)
def test_lines(line, shown):
    if shown is None:
        assert re.fullmatch(r"00000000  .*\|.*\|", told(line)[0])
    else:
        assert told(line) == [shown]


def test_sides_are_told_apart():
    lines = []
    transcript = Transcript(lines.append, 40, Paint(False), lambda: 0)
    transcript.data(CLIENT, b"ask\n", (4, 1_000_000, 0))
    transcript.data(CLIENT, b"more\n", (5, 2_000_000, 0))
    transcript.data(SERVER, b"answer\n", (6, 3_000_000, 0))
    assert lines == [
        "── No4 · 0.001 s · client → server ─────",
        "> ask",
        "> more",
        "── No6 · 0.003 s · server → client ─────",
        "< answer",
    ]


def test_what_is_held_is_bounded():
    transcript = Transcript(lambda _line: None, 80, Paint(False), lambda: 0)
    for piece in (b"x" * 100_000, b"\x00" * 100_001, b"y" * 5):
        transcript.data(SERVER, piece, AT)
        assert len(transcript._held) <= LINE
