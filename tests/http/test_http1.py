"""One direction of HTTP/1: each message whole, byte by byte, cut anyhow, with bytes after it; ends; hostile input."""

from __future__ import annotations

import random
from typing import Any

import pytest

from httptrace import limits
from httptrace.model import End
from tests.http.listening import CLIENT, SERVER, Listener, Piece, listen

SEEDS = pytest.mark.parametrize("seed", range(25), ids=lambda seed: f"seed-{seed}")

REQUESTS = [
    pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", id="get"),
    pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="no-fields"),
    pytest.param(b"GET / HTTP/1.1\nHost: a\n\n", id="lf-only"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: a\n\r\n", id="mixed-line-ends"),
    pytest.param(b"GET / HTTP/1.1\nHost: a\r\n\n", id="mixed-line-ends-the-other-way"),
    pytest.param(b"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", id="length"),
    pytest.param(b"POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n", id="length-0"),
    pytest.param(b"PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n", id="chunked"),
    pytest.param(b"GET /a b\tc HTTP/1.1\r\n\r\n", id="blanks-in-the-target"),
    pytest.param(b"GET   /a   HTTP/1.1  \r\n\r\n", id="many-blanks"),
    pytest.param(b"BREW /pot HTTP/1.1\r\n\r\n", id="unknown-method"),
    pytest.param(b"GET / HTTP/1.1\r\nA: 1\r\n\tfolded\r\n\r\n", id="obs-fold"),
    pytest.param(b"GET / HTTP/1.1\r\nA : 1\r\nnocolon\r\n: x\r\nB:\r\n\r\n", id="odd-lines"),
    pytest.param(b"GET /\xe4\xff HTTP/1.1\r\nX: \xe4\xa0\r\n\r\n", id="octets-beyond-ascii"),
    pytest.param(b"POST /x HTTP/1.1\r\nContent-Length: 7\r\n\r\nGET / H", id="content-like-a-request"),
]

RESPONSES = [
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", id="length"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", id="length-0"),
    pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", id="no-content"),
    pytest.param(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", id="not-modified"),
    pytest.param(b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", id="no-reason"),
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n", id="informational-first"),
    pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", id="chunked"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\nT: 1\r\n\r\n", id="trailers"
    ),
    pytest.param(b"HTTP/1.0 404 Not\tFound  \r\nContent-Length: 2\r\n\r\n\r\n", id="content-of-an-empty-line"),
]

BEHIND = {CLIENT: b"GET /next HTTP/1.1\r\n\r\n", SERVER: b"HTTP/1.1 200 Next\r\nContent-Length: 1\r\n\r\nx"}


def octets_of(case: Any) -> bytes:
    octets: bytes = case.values[0]
    return octets


def whole_and_cut(octets: bytes, chance: random.Random) -> list[list[Piece]]:
    """The octets in one piece, in single ones, in two at every place, and in several anyhow."""
    cuts: list[list[Piece]] = [[octets], [octets[place : place + 1] for place in range(len(octets))]]
    cuts += [[octets[:place], octets[place:]] for place in range(1, len(octets))]
    for _ in range(20):
        places = sorted(chance.randrange(len(octets)) for _ in range(5))
        cuts.append([octets[a:b] for a, b in zip([0, *places], [*places, len(octets)], strict=True)])
    return cuts


def said(listener: Listener) -> tuple[Any, ...]:
    return listener.messages, listener.spent, listener.gaps, listener.faults


@pytest.mark.parametrize("after", ["nothing", "a-message", "an-empty-line", "half-a-line"])
@pytest.mark.parametrize(
    ("sender", "octets"),
    [
        pytest.param(sender, case.values[0], id=f"{sender.name.lower()}-{case.id}")
        for sender, cases in ((CLIENT, REQUESTS), (SERVER, RESPONSES))
        for case in cases
    ],
)
def test_however_it_is_cut_the_message_is_the_same(sender: Any, octets: bytes, after: str) -> None:
    behind = {
        "nothing": b"",
        "a-message": BEHIND[sender],
        "an-empty-line": b"\r\n" + BEHIND[sender],
        "half-a-line": BEHIND[sender][:9],
    }[after]
    expected = listen(octets + behind, End.FIN, sender=sender)
    alone = listen(octets, sender=sender)
    count = len(alone.messages)
    assert alone.messages == expected.messages[:count], "what comes behind changes nothing"
    assert all(message.complete for message in alone.messages)
    assert alone.messages[-1].end == len(octets)
    assert len(expected.messages) == count + (after in ("a-message", "an-empty-line"))
    assert expected.octets == len(octets + behind)
    for pieces in whole_and_cut(octets + behind, random.Random(1)):
        assert said(listen(*pieces, End.FIN, sender=sender)) == said(expected), pieces


def test_many_messages_in_a_row() -> None:
    row = b"".join(octets_of(case) for case in REQUESTS)
    expected = listen(row)
    assert [message.start[0] for message in expected.messages].count("GET") == 10
    assert len(expected.messages) == len(REQUESTS)
    assert all(message.complete for message in expected.messages)
    assert said(listen(*(row[place : place + 1] for place in range(len(row))))) == said(expected)


# ---------------------------------------------------------------------- what is said of heads


@pytest.mark.parametrize(
    ("lines", "fields", "fault"),
    [
        pytest.param(b"A: 1\r\n", [("A", "1")], None, id="plain"),
        pytest.param(b"A:1\r\nA:2\r\n", [("A", "1"), ("A", "2")], None, id="twice"),
        pytest.param(b"A: \t 1 \t\r\n", [("A", "1")], None, id="blanks-around"),
        pytest.param(b"A:\r\n", [("A", "")], None, id="empty-value"),
        pytest.param(b"A: b: c\r\n", [("A", "b: c")], None, id="colon-in-the-value"),
        pytest.param(b"A: \xe4\xa0\r\n", [("A", "\xe4\xa0")], None, id="latin-1-nothing-lost"),
        pytest.param(b"A: \x851\x0b\r\n", [("A", "\x851\x0b")], None, id="only-space-and-tab-are-trimmed"),
        pytest.param(b"A : 1\r\n", [("A", "1")], "before a header's colon", id="space-before-the-colon"),
        pytest.param(b"A b: 1\r\n", [("A b", "1")], "no token", id="space-in-the-name"),
        pytest.param(b": 1\r\n", [("", "1")], "no token", id="no-name"),
        pytest.param(b"A\r\n", [], "no colon", id="no-colon"),
        pytest.param(b"A: 1\r\n b\r\n", [("A", "1 b")], "folded", id="obs-fold"),
        pytest.param(b"A: 1\r\n\t\r\n b\r\n", [("A", "1 b")], "folded", id="obs-fold-with-an-empty-line"),
        pytest.param(b" A: 1\r\n", [], "folded", id="obs-fold-of-nothing"),
        pytest.param(b"A: 1\n", [("A", "1")], "LF without CR", id="lf"),
        pytest.param(b"A: 1\r2\r\n", [("A", "1\r2")], "bare CR", id="bare-cr"),
        pytest.param(b"A: 1\x002\r\n", [("A", "1\x002")], "bare CR or NUL", id="nul"),
    ],
)
def test_header_lines(lines: bytes, fields: list[tuple[str, str]], fault: str | None) -> None:
    for _ in range(2):  # the second time the lines are known
        (message,) = listen(b"GET / HTTP/1.1\r\n" + lines + b"\r\n").messages
        assert message.fields == fields
        assert {code for code, _ in message.faults} == ({"bad-framing"} if fault else set())
        assert fault is None or fault in message.faults[0][1]


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        (b"HTTP/1.1 200 OK", 200, "OK"),
        (b"HTTP/1.1 200 ", 200, ""),
        (b"HTTP/1.1 200", 200, ""),
        (b"HTTP/1.1  200  Very  Well ", 200, "Very  Well"),
        (b"HTTP/1.1 999 Odd", 999, "Odd"),
        (b"HTTP/1.1 404 \xe4", 404, "\xe4"),
        (b"HTTP/1.1 404 a\x85b", 404, "a\x85b"),
    ],
    ids=str,
)
def test_status_lines(line: bytes, status: int, reason: str) -> None:
    (message,) = listen(line + b"\r\nContent-Length: 0\r\n\r\n", sender=SERVER).messages
    assert message.start[:2] == (status, reason)


@pytest.mark.parametrize(
    ("line", "target"),
    [
        (b"GET /\x85a HTTP/1.1", "/\x85a"),
        (b"GET \xa0 HTTP/1.1", "\xa0"),
        (b"GET /a\x0bb HTTP/1.1", "/a\x0bb"),
        (b"GET / HTTP/1.1 HTTP/1.1", "/ HTTP/1.1"),
        (b"GET * HTTP/1.1", "*"),
    ],
    ids=str,
)
def test_request_lines(line: bytes, target: str) -> None:
    (message,) = listen(line + b"\r\n\r\n").messages
    assert message.start == ("GET", target, "HTTP/1.1")
    assert not message.faults


def test_a_simple_request_is_its_line() -> None:
    for pieces in ([b"GET /old\r\n"], [b"GET /o", b"ld\r", b"\n"], [b"GET /old\r\n\r\n"]):
        (message,) = listen(*pieces).messages
        assert message.start == ("GET", "/old", "HTTP/0.9")
        assert (message.complete, message.head_size) == (True, 10)


def test_an_answer_without_a_head_runs_until_close() -> None:
    (message,) = listen(b"<html>", b"HTTP/1.1 200 OK\r\n", End.FIN, sender=SERVER, bare=True).messages
    assert message.start == (None, None, "HTTP/0.9")
    assert (message.content, message.complete) == (b"<html>HTTP/1.1 200 OK\r\n", True)


def test_a_start_line_is_said_before_its_head_is_there() -> None:
    listener = listen(b"GET / HTTP/1.1\r\nHost:")
    assert (listener.start_lines, listener.messages) == (1, [])
    assert listen(b"GET / HTTP/1.1").start_lines == 0


# ---------------------------------------------------------------------- ends


@pytest.mark.parametrize("reason", list(End), ids=lambda reason: reason.name.lower())
@pytest.mark.parametrize(
    ("octets", "complete", "cut"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", True, False, id="behind-a-message"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", False, True, id="in-counted-content"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", False, True, id="in-a-chunk"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", False, True, id="no-last-chunk"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", False, True, id="in-the-head"),
    ],
)
def test_how_a_message_ends_with_its_direction(octets: bytes, complete: bool, cut: bool, reason: End) -> None:
    (message,) = listen(octets, reason, sender=SERVER).messages
    assert message.complete is complete
    assert (message.truncated_by is not None) is cut


@pytest.mark.parametrize(
    ("reason", "complete", "cut"),
    [
        (End.FIN, True, None),
        (End.RESET, False, "rst"),
        (End.CAPTURE, False, "capture"),
        (End.EXPIRED, False, "expired"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_content_until_close(reason: End, complete: bool, cut: str | None) -> None:
    (message,) = listen(b"HTTP/1.1 200 OK\r\n\r\nhello", reason, sender=SERVER).messages
    assert (message.complete, message.truncated_by, message.content) == (complete, cut, b"hello")


# ---------------------------------------------------------------------- hostile


@SEEDS
@pytest.mark.parametrize("sender", [CLIENT, SERVER], ids=["requests", "responses"])
def test_any_bytes_gaps_and_ends_raise_nothing(seed: int, sender: Any) -> None:
    chance = random.Random(seed)
    words = [octets_of(case) for case in (*REQUESTS, *RESPONSES)]
    words += [b"\r\n", b"\n", b"\r", b" ", b":", b"HTTP/1.1 ", b"GET ", b"\0", b"5\r\n", b"200 OK\r\n"]
    for _ in range(40):
        pieces: list[Piece] = []
        for _ in range(chance.randint(1, 25)):
            fate = chance.random()
            if fate < 0.1:
                pieces.append(chance.choice((1, 5, 100, 10**6)))
            elif fate < 0.13:
                pieces.append(End.RESET)
            elif fate < 0.2:
                pieces.append(chance.randbytes(chance.randint(1, 40)))
            else:
                word = chance.choice(words)
                begin = chance.randrange(len(word))
                pieces.append(word[begin : chance.randint(begin, len(word))] if chance.random() < 0.3 else word)
        pieces.append(chance.choice(list(End)))
        listener = listen(*pieces, sender=sender, agrees=chance.random() < 0.8, bare=chance.random() < 0.1)
        assert listener.reading is None
        assert listener.octets == sum(len(piece) for piece in pieces if isinstance(piece, bytes)), pieces


def lines_of(count: int) -> bytes:
    return b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * count + b"\r\n"


def in_pieces(octets: bytes, size: int) -> list[Piece]:
    return [octets[place : place + size] for place in range(0, len(octets), size)]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([lines_of(200_000)], id="a-head-of-short-lines"),
        pytest.param(in_pieces(lines_of(100_000), 1460), id="the-same-in-segments"),
        pytest.param(in_pieces(lines_of(5_000), 1), id="a-head-octet-by-octet"),
        pytest.param([b"\r\n" * 1_000_000], id="a-million-empty-lines"),
        pytest.param([b"GET / HTTP/1.1\r\n\r\n" * 30_000], id="many-requests-in-one-segment"),
        pytest.param(
            [b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100_000],
            id="chunks-of-one-octet",
        ),
        pytest.param([5, *in_pieces(b"x" * 2_000_000, 1460)], id="a-search-in-one-long-line"),
        pytest.param([5, *in_pieces(b"GET / HTTP/1.2x\n" * 100_000, 1460)], id="a-search-in-what-looks-like-requests"),
        pytest.param([5, b"GET " + b" HTTP/" * 300_000], id="a-search-in-what-looks-like-one-request"),
        pytest.param([5, b"GET  " + b" " * 400_000 + b"\r\n"], id="a-search-in-blanks"),
        pytest.param([5, b"\nA " * 400_000], id="a-search-in-short-lines"),
        pytest.param([b"GET " + b" " * 900_000 + b"\r\n\r\n"], id="a-request-line-of-blanks"),
        pytest.param([b"GET a" + b" " * 900_000 + b"\r\n\r\n"], id="a-request-line-of-blanks-behind-a-target"),
        pytest.param([5, (b"GET a" + b" " * 7_900 + b"HTTP/\n") * 100], id="a-search-in-lines-of-blanks"),
        pytest.param([b"GET / HTTP/1.1\r\nA: b\r\n" + b" c\r\n" * 200_000 + b"\r\n"], id="a-head-of-folds"),
        pytest.param([b"GET / HTTP/1.1\r\n" + b"A\r\n" * 200_000 + b"\r\n"], id="a-head-of-lines-without-colon"),
        pytest.param([b"GET / " + b"HTTP/1.1 " * 100_000 + b"\r\n\r\n"], id="a-request-line-of-versions"),
        pytest.param(in_pieces(b"x" * 20_000, 1), id="a-line-without-end"),
    ],
)
@pytest.mark.parametrize("agrees", [True, False], ids=["agrees", "never-agrees"])
def test_hostile_input_is_linear_work(pieces: list[Piece], agrees: bool) -> None:
    listen(*pieces, End.FIN, agrees=agrees)


@pytest.mark.parametrize("sender", [CLIENT, SERVER], ids=["request", "response"])
def test_a_head_longer_than_is_kept_is_cut_and_said(sender: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD", 1_000)
    start = b"GET / HTTP/1.1\r\n" if sender is CLIENT else b"HTTP/1.1 200 OK\r\n"
    octets = start + b"Field: value\r\n" * 200 + b"\r\n"
    for pieces in ([octets], in_pieces(octets, 100)):
        listener = listen(*pieces, BEHIND[sender], End.FIN, sender=sender)
        first, behind = listener.messages
        assert not first.complete
        assert not first.whole
        assert "head-limit" in [code for code, _ in first.faults]
        assert behind.complete
        assert listener.octets == len(octets) + len(BEHIND[sender])
