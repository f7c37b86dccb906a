"""The chunked coding, undone (RFC 9112 §7.1): its rules, any cut, any gap, any damage."""

from __future__ import annotations

import random
from typing import NamedTuple

import pytest

from httptrace import limits
from httptrace.http.chunked import ChunkedContent
from httptrace.http.framing import Fault

SEEDS = pytest.mark.parametrize("seed", range(30), ids=lambda seed: f"seed-{seed}")


class Result(NamedTuple):
    content: bytes
    rest: bytes
    done: bool
    broken: bool
    chunks: int
    trailers: list[tuple[str, str]]
    faults: list[str]


def undo(*pieces: bytes) -> tuple[ChunkedContent, Result]:
    chunked = ChunkedContent()
    content: list[bytes] = []
    faults: list[Fault] = []
    rest = b""
    for piece in pieces:
        if chunked.done or chunked.broken:
            rest += piece
            continue
        stopped = chunked.feed(piece, 0, len(piece), content.append)
        faults += [fault for fault in chunked.take_faults() if fault not in faults]
        rest += piece[stopped:]
    assert all(content), "no empty piece is handed on"
    said = [fault.text for fault in faults]
    return chunked, Result(
        b"".join(content), rest, chunked.done, chunked.broken, chunked.chunks, chunked.trailers or [], said
    )


def single(octets: bytes) -> list[bytes]:
    return [octets[place : place + 1] for place in range(len(octets))]


WHOLE = [
    pytest.param(b"0\r\n\r\n", b"", 0, [], id="empty"),
    pytest.param(b"5\r\nhello\r\n0\r\n\r\n", b"hello", 1, [], id="one-chunk"),
    pytest.param(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world", 2, [], id="two-chunks"),
    pytest.param(b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789", 1, [], id="upper-case"),
    pytest.param(b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789", 1, [], id="lower-case"),
    pytest.param(b"000005\r\nhello\r\n000\r\n\r\n", b"hello", 1, [], id="leading-zeros"),
    pytest.param(b"5;name=value\r\nhello\r\n0;x\r\n\r\n", b"hello", 1, [], id="extensions"),
    pytest.param(b'5;name="0\\";"\r\nhello\r\n0\r\n\r\n', b"hello", 1, [], id="a-quoted-extension"),
    pytest.param(b"5  \r\nhello\r\n0 \r\n\r\n", b"hello", 1, [], id="blanks-behind-the-size"),
    pytest.param(b"7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n", b"0\r\n\r\n0\r", 1, [], id="content-like-a-last-chunk"),
    pytest.param(b"0\r\nDate: now\r\nX: 1\r\n\r\n", b"", 0, [("Date", "now"), ("X", "1")], id="trailers"),
    pytest.param(b"1\r\n\r\r\n0\r\n\r\n", b"\r", 1, [], id="content-of-one-cr"),
    pytest.param(b"1\r\n\n\r\n0\r\n\r\n", b"\n", 1, [], id="content-of-one-lf"),
]


@pytest.mark.parametrize(("octets", "content", "chunks", "trailers"), WHOLE)
@pytest.mark.parametrize("behind", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"\r\n"], ids=["nothing", "message", "newline"])
def test_a_body_is_undone_however_it_is_cut(
    octets: bytes, content: bytes, chunks: int, trailers: list[tuple[str, str]], behind: bytes
) -> None:
    expected = Result(content, behind, True, False, chunks, trailers, [])
    whole = octets + behind
    cuts = [[whole], single(whole), *([whole[:cut], whole[cut:]] for cut in range(1, len(whole)))]
    for pieces in cuts:
        chunked, result = undo(*pieces)
        assert result == expected, pieces
        assert chunked.framing_bytes + len(content) == len(octets)


@pytest.mark.parametrize(
    ("octets", "content", "text"),
    [
        pytest.param(b"5\nhello\r\n0\r\n\r\n", b"hello", "chunk-size line ends in LF", id="size-line-lf"),
        pytest.param(b"5\r\nhello\n0\r\n\r\n", b"hello", "chunk data ends in LF", id="data-lf"),
        pytest.param(b" 5\r\nhello\r\n0\r\n\r\n", b"hello", "blanks stand before", id="blank-before-the-size"),
        pytest.param(b"0\r\nX: 1\n\n", b"", "LF without CR", id="trailers-lf"),
        pytest.param(b"0\r\nnothing\r\n\r\n", b"", "no colon", id="trailer-without-colon"),
    ],
)
def test_a_broken_rule_that_can_be_read(octets: bytes, content: bytes, text: str) -> None:
    for pieces in ([octets], single(octets)):
        _, result = undo(*pieces)
        assert (result.content, result.done, result.broken) == (content, True, False)
        assert text in "".join(result.faults)


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        pytest.param(b"xyz\r\nhello", b"", id="no-number"),
        pytest.param(b"\r\nhello", b"", id="an-empty-size-line"),
        pytest.param(b"-5\r\nhello", b"", id="a-minus"),
        pytest.param(b"0x5\r\nhello", b"", id="a-prefix"),
        pytest.param(b"5_5\r\nhello", b"", id="an-underscore"),
        pytest.param(b"5 5\r\nhello", b"", id="two-numbers"),
        pytest.param(b"1" * 17 + b"\r\n", b"", id="more-digits-than-64-bits-hold"),
        pytest.param(b"5\r\nhelloX\r\n0\r\n\r\n", b"hello", id="more-data-than-said"),
        pytest.param(b"5\r\nhello\rX", b"hello", id="a-cr-alone-behind-data"),
        pytest.param(b"1" * (limits.CHUNK_LINE + 2), b"", id="a-size-line-without-end"),
        pytest.param(b"0\r\n" + b"X: 1\r\n" * 20_000, b"", id="trailers-without-end"),
    ],
)
def test_what_cannot_be_read_on(octets: bytes, content: bytes) -> None:
    for pieces in ([octets], [octets[:7], octets[7:]]):
        chunked, result = undo(*pieces)
        assert (result.content, result.done, result.broken) == (content, False, True)
        assert result.faults
        assert all("RFC 9112 §7.1" in text or "keeps" in text for text in result.faults)
        assert chunked.framing_bytes + len(content) + len(result.rest) == len(octets)


# ---------------------------------------------------------------------- gaps


def test_a_gap_inside_a_chunk_is_stepped_over() -> None:
    chunked = ChunkedContent()
    content: list[bytes] = []
    chunked.feed(b"a\r\n0123", 0, 7, content.append)
    assert chunked.gap(4)
    chunked.feed(b"89\r\n0\r\n\r\n", 0, 9, content.append)
    assert b"".join(content) == b"012389"
    assert chunked.done


def test_a_gap_up_to_the_end_of_a_chunk() -> None:
    chunked = ChunkedContent()
    chunked.feed(b"a\r\n0123", 0, 7, lambda _: None)
    assert chunked.gap(6)
    chunked.feed(b"\r\n0\r\n\r\n", 0, 7, lambda _: None)
    assert chunked.done


@pytest.mark.parametrize(
    ("before", "length"),
    [(b"", 1), (b"a", 1), (b"a\r\n0123", 7), (b"a\r\n0123456789", 1), (b"a\r\n0123456789\r\n", 1), (b"0\r\n", 2)],
    ids=["at-first", "in-a-size-line", "past-the-chunk", "in-a-line-end", "before-a-size-line", "in-the-trailers"],
)
def test_a_gap_elsewhere_ends_the_reading(before: bytes, length: int) -> None:
    chunked = ChunkedContent()
    chunked.feed(before, 0, len(before), lambda _: None)
    assert not chunked.gap(length)


# ---------------------------------------------------------------------- work and damage


@SEEDS
def test_any_content_in_any_chunks_comes_back(seed: int) -> None:
    chance = random.Random(seed)
    chunks = [chance.randbytes(chance.randint(1, 300)) for _ in range(chance.randint(0, 20))]
    octets = b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    cuts = sorted(chance.randrange(len(octets)) for _ in range(20))
    pieces = [octets[a:b] for a, b in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    _, result = undo(*pieces)
    assert result == Result(b"".join(chunks), b"", True, False, len(chunks), [], [])


@SEEDS
def test_damage_never_raises_and_no_octet_gets_lost(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        octets = bytearray(b"5;a=b\r\nhello\r\nB\r\nhello world\r\n0\r\nX: 1\r\n\r\nrest")
        for _ in range(chance.randint(1, 4)):
            octets[chance.randrange(len(octets))] = chance.choice(b"\r\n05;aF:\x00\xff ")
        chunked, whole = undo(bytes(octets))
        assert chunked.framing_bytes + len(whole.content) + len(whole.rest) == len(octets)
        assert undo(*single(bytes(octets)))[1]._replace(rest=b"") == whole._replace(rest=b"")


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"1\r\nx\r\n" * 30_000 + b"0\r\n\r\n", id="chunks-of-one-octet"),
        pytest.param(b"1;" + b"e" * 16_000 + b"\r\nx\r\n0\r\n\r\n", id="a-long-extension"),
        pytest.param(b"0\r\n" + b"a:b\r\n" * 10_000 + b"\r\n", id="many-trailers"),
    ],
)
def test_octet_by_octet_is_no_quadratic_work(octets: bytes) -> None:
    _, result = undo(*single(octets))
    assert result.done
