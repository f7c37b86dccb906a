"""Heads that are read in one go: which are, and that they are read as the long way reads them."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from httptrace import limits
from httptrace.http.plain import HeadParts, counted, head_at
from httptrace.http.syntax import PLAIN_REQUEST, PLAIN_STATUS, parse_fields, split_lines

REQUEST = b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Empty-Not: 1\r\nContent-Length: 2\r\n\r\n"
RESPONSE = b"HTTP/1.0 404 Not Found\r\nServer: y\r\ncontent-type: text/plain \r\n\r\n"


def request_at(data: bytes, begin: int) -> HeadParts | None:
    return head_at(data, begin, PLAIN_REQUEST)


def response_at(data: bytes, begin: int) -> HeadParts | None:
    return head_at(data, begin, PLAIN_STATUS)


def test_a_request() -> None:
    fields = [("Host", "x"), ("X-Empty-Not", "1"), ("Content-Length", "2")]
    decisive = {"host": "x", "content-length": "2"}
    found = (("POST", "/a?b=c", "HTTP/1.1"), fields, decisive, len(REQUEST))
    assert request_at(REQUEST, 0) == found
    assert request_at(b"before" + REQUEST + b"hi", 6) == found


@pytest.mark.parametrize(
    ("octets", "read"),
    [
        pytest.param(b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n", request_at, id="request"),
        pytest.param(b"HTTP/1.1 200 %b\r\nServer: y\r\n\r\n", response_at, id="response"),
    ],
)
def test_the_longest_head_is_the_longest_that_is_not_counted(
    octets: bytes, read: Callable[[bytes, int], tuple[object, ...] | None]
) -> None:
    without = len(octets % b"")
    longest = octets % (b"x" * (limits.PLAIN_HEAD - without))
    found = read(longest, 0)
    assert found is not None
    assert found[-1] == len(longest) == limits.PLAIN_HEAD
    assert read(octets % (b"x" * (limits.PLAIN_HEAD - without + 1)), 0) is None


def test_a_response_where_a_blank_behind_a_value_takes_thought() -> None:
    assert response_at(RESPONSE, 0) is None
    plain = RESPONSE.replace(b" \r\n", b"\r\n")
    fields = [("Server", "y"), ("content-type", "text/plain")]
    assert response_at(plain, 0) == (
        ("HTTP/1.0", "404", "Not Found"),
        fields,
        {"content-type": "text/plain"},
        len(plain),
    )


@pytest.mark.parametrize("octets", [REQUEST, RESPONSE.replace(b" \r\n", b"\r\n")], ids=["request", "response"])
def test_it_is_what_the_long_way_reads(octets: bytes) -> None:
    parts = request_at(octets, 0) or response_at(octets, 0)
    assert parts is not None
    head = parse_fields(split_lines(octets.decode())[0][1:-2])
    assert (parts[1], parts[2], []) == head


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(REQUEST[:-1], id="no-end"),
        pytest.param(REQUEST.replace(b"\r\n", b"\n"), id="bare-lf"),
        pytest.param(REQUEST.replace(b"POST", b"CONNECT"), id="connect"),
        pytest.param(REQUEST.replace(b"POST", b"PROPFIND"), id="rare-method"),
        pytest.param(REQUEST.replace(b" HTTP", b"  HTTP"), id="two-blanks"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host : x"), id="blank-before-colon"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host: x\r\n  y"), id="folded"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host"), id="no-colon"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host: x\0"), id="nul"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host:x"), id="no-blank-behind-colon"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host:  x"), id="two-blanks-behind-colon"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host: x "), id="blank-behind-value"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host:\tx"), id="tab"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host: "), id="empty-value"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host: x\ry"), id="bare-cr"),
        pytest.param(REQUEST.replace(b"Host: x\r\n", b"Host: x\ry\n"), id="cr-not-before-lf"),
        pytest.param(REQUEST.replace(b"Host: x\r\n", b"Host: x\n"), id="one-bare-lf"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host: x\nA: b"), id="bare-lf-in-value"),
        pytest.param(REQUEST.replace(b"Host: x", b": x"), id="no-name"),
        pytest.param(REQUEST.replace(b"X-Empty-Not", b"Host"), id="decisive-twice"),
        pytest.param(REQUEST.replace(b"Host: x", b"Host: " + b"x" * limits.PLAIN_HEAD), id="long"),
        pytest.param(REQUEST.replace(b"Host: x", b"\r\n".join([b"A: b"] * limits.PLAIN_LINES)), id="many-lines"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", id="informational"),
        pytest.param(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", id="switching"),
        pytest.param(b"HTTP/1.1 200\r\nA: b\r\n\r\n", id="no-reason"),
        pytest.param(b"HTTP/2.0 200 OK\r\nA: b\r\n\r\n", id="other-version"),
    ],
)
def test_what_takes_thought(octets: bytes) -> None:
    assert request_at(octets, 0) is None
    assert response_at(octets, 0) is None


@pytest.mark.parametrize(
    ("value", "length"),
    [("0", 0), ("12", 12), ("007", 7), ("", -1), ("-1", -1), ("+1", -1), ("1, 1", -1), ("١", -1), ("9" * 13, -1)],
)
def test_a_plain_length(value: str, length: int) -> None:
    assert counted({"content-length": value}, 0) == length


def test_no_length() -> None:
    assert counted({}, -1) == -1
    assert counted({"host": "x"}, 0) == 0


@pytest.mark.parametrize("seed", range(5), ids=lambda seed: f"seed-{seed}")
def test_damaged_heads_are_read_as_the_long_way_reads_them_or_not_at_all(seed: int) -> None:
    chance = random.Random(seed)
    plain = 0
    for _ in range(4_000):
        octets = bytearray(chance.choice((REQUEST, RESPONSE.replace(b" \r\n", b"\r\n"))))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(octets) - 4)
            octets[at : at + chance.choice((0, 1))] = chance.choice(
                (b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"\0", b"a")
            )
        parts = request_at(bytes(octets), 0) or response_at(bytes(octets), 0)
        if parts is None:
            continue
        plain += 1
        head = parse_fields(split_lines(octets[: parts[3]].decode("latin-1"))[0][1:-2])
        assert (parts[1], parts[2], []) == head
        assert split_lines(octets[: parts[3]].decode("latin-1"))[1]
    assert plain > 200
