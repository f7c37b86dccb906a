"""Odd traffic that is there to be read: start lines no grammar allows, old versions, stray bytes."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from tests.build import SERVER, Capture, conversation, get, head, ok, post, segment, together
from tests.generate import link, write

from .reading import all_codes, body, codes, holds, pairs, read


@pytest.mark.parametrize(
    ("line", "target"),
    [
        pytest.param("GET /a b c HTTP/1.1", "/a b c", id="blanks-in-the-target"),
        pytest.param("GET /caf\xe9?\xff HTTP/1.1", "/caf\xe9?\xff", id="octets-above-ascii"),
        pytest.param("FROBNICATE /x HTTP/1.1", "/x", id="unknown-method"),
        pytest.param("M-SEARCH * HTTP/1.1", "*", id="asterisk"),
        pytest.param("get /x HTTP/1.1", "/x", id="method-in-small-letters"),
    ],
)
def test_start_lines_that_are_read(line: str, target: str) -> None:
    request = f"{line}\r\nHost: a.example\r\n\r\n".encode("latin-1")
    records = read(conversation(request, ok(b"1"), get("/b"), ok(b"2")))
    assert pairs(records) == [(target, 200), ("/b", 200)]
    assert records[0]["request"]["method"] == line.split(" ")[0]


@pytest.mark.parametrize(
    ("version", "by_note"),
    [
        pytest.param("HTTP/1.1", False, id="as-it-should-be"),
        pytest.param("HTTP/1", True, id="no-minor-version"),
        pytest.param("HTTP/2", True, id="as-libraries-show-http-2"),
        pytest.param("ICY", True, id="a-radio-stream"),
    ],
)
def test_status_lines_that_are_read(version: str, by_note: bool) -> None:
    response = ok(b"1").replace(b"HTTP/1.1", version.encode(), 1)
    records = read(conversation(get("/a"), response, get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert (records[0]["response"]["version"], records[0]["protocol"]) == (version, "HTTP/1.1")
    assert body(records[0]) == holds(b"1")
    assert ("bad-framing" in codes(records[0])) == by_note


@pytest.mark.parametrize("version", ["http/1.1", "HTTP/1.10", "HTTP/1.2", "HTTP/1"])
def test_request_lines_whose_version_is_odd(version: str) -> None:
    """Servers answer them, so they were requests; they are read as HTTP/1.1."""
    records = read(conversation(get("/a", version=version), ok(b"1"), get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert (records[0]["request"]["version"], records[0]["protocol"]) == (version, "HTTP/1.1")
    assert ("bad-framing" in codes(records[0])) == (version != "HTTP/1.2")


def test_http_0_9() -> None:
    (one,) = read(conversation("GET /old\r\n", b"<html>old</html>"))
    assert (one["request"]["method"], one["request"]["target"], one["request"]["version"]) == (
        "GET",
        "/old",
        "HTTP/0.9",
    )
    assert (one["protocol"], one["response"]["version"]) == ("HTTP/0.9", "HTTP/0.9")
    assert (one["response"]["status"], one["response"]["reason"], one["response"]["headers"]) == (
        None,
        None,
        [],
    )
    assert body(one) == holds(b"<html>old</html>")


@pytest.mark.parametrize("stray", [b"\r\n", b"\n", b"\0", b"x\r\n", b"\r\n\r\n"])
def test_stray_bytes_before_the_first_request(stray: bytes) -> None:
    records = read(conversation(stray + get("/a"), ok(b"1"), get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]


PROXY_V2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack("!H4s4sHH", 12, b"\nGET", b" / H", 0x5454, 0x502F)


@pytest.mark.parametrize(
    "apart",
    [pytest.param(False, id="with-the-request"), pytest.param(True, id="in-a-segment-of-its-own")],
)
def test_what_a_load_balancer_says_before_the_first_request(apart: bool) -> None:
    """PROXY protocol, version 2; its addresses are any octets, here such as a request begins with."""
    first = [PROXY_V2, b"", get("/a")] if apart else [PROXY_V2 + get("/a")]
    records = read(conversation(*first, ok(b"1"), get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert all_codes(records) <= {"default-content-type"}


def test_what_a_load_balancer_says_later_is_no_http() -> None:
    """It stands at the beginning of a connection; elsewhere somebody smuggles bytes."""
    records = read(conversation(get("/a"), ok(b"1"), PROXY_V2[:16] + bytes(12) + get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), (None, 200)]
    assert "no-request" in all_codes(records)


def test_empty_lines_between_requests() -> None:
    records = read(conversation(post("/a", b"text") + b"\r\n", ok(b"1"), get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert body(records[0], "request") == holds(b"text")


def test_http_quoted_in_icmp_errors_is_no_traffic() -> None:
    capture = conversation(get("/a"), ok(b"1"))
    quoted = link.ipv4(
        "192.0.2.1",
        "198.51.100.9",
        link.TCP,
        struct.pack("!HHII", 40009, 80, 1, 1) + b"P\x18\0\0" * 2 + get(),
    )
    icmp = link.ipv4("198.51.100.1", "192.0.2.1", 1, b"\x03\x03\0\0\0\0\0\0" + quoted)
    frame = link.ethernet(icmp)
    last = capture.records[-1].time_ns
    capture.records.append(write.Record(last + 1000, 1, frame, len(frame)))
    assert pairs(read(capture)) == [("/a", 200)]


def test_http_on_any_port() -> None:
    records = read(conversation(get("/a"), ok(b"1"), server=("198.51.100.1", 51234)))
    assert pairs(records) == [("/a", 200)]


def test_no_reason_phrase() -> None:
    for line in ("HTTP/1.1 200 ", "HTTP/1.1 200"):
        (one,) = read(conversation(get("/a"), f"{line}\r\nContent-Length: 1\r\n\r\n1".encode()))
        assert (one["response"]["status"], one["response"]["reason"]) == (200, "")
        assert body(one) == holds(b"1")


def test_ports_reused_at_once() -> None:
    first = conversation(get("/a"), ok(b"1"), isn=(5, 9))
    second = conversation(get("/b"), ok(b"2"), isn=(70_000, 80_000), start_ns=first.records[-1].time_ns + 1_000_000)
    records = read(together(first, second))
    assert [(record["stream"], *pair) for record, pair in zip(records, pairs(records), strict=True)] == [
        (0, "/a", 200),
        (1, "/b", 200),
    ]


def test_ports_reused_in_one_stream_of_records() -> None:
    """The same initial numbers again are a repeated SYN, not a new stream."""
    capture = conversation(get("/a"), ok(b"1"), repeat=[1, 2])
    records = read(capture)
    assert [record["stream"] for record in records] == [0]
    assert not all_codes(records) & {"content-gap", "resynced"}


def test_a_response_before_its_request_is_complete() -> None:
    whole = post("/a", b"x" * 20)
    refused = conversation(whole[:-10], ok(b"no", "413 Content Too Large"), closing="fin")
    (one,) = read(refused)
    assert pairs([one]) == [("/a", 413)]
    assert not one["request"]["complete"]
    assert one["response"]["complete"]


def test_expect_refused_before_the_body_was_sent() -> None:
    request = b"POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n"
    (one,) = read(conversation(request, head("417 Expectation Failed", content_length=0)))
    assert pairs([one]) == [("/a", 417)]
    assert not one["request"]["complete"]
    assert one["response"]["complete"]


def test_bytes_behind_a_change_of_protocol_are_no_exchanges() -> None:
    request = get("/a", connection="Upgrade", upgrade="echo/1")
    answer = head("101 Switching Protocols", connection="Upgrade", upgrade="echo/1")
    records = read(conversation(request, answer, get("/no"), ok(b"no")))
    assert pairs(records) == [("/a", 101)]
    assert records[0]["informational"] == []


def test_unread_bytes_behind_a_head_response() -> None:
    records = read(conversation(get("/a", "HEAD"), head(content_length=5), get("/b"), ok(b"2")))
    assert [record["response"]["body"]["size"] for record in records] == [0, 1]


def test_zero_window_probe_byte_counts_once() -> None:
    start = 1 + len(head(content_length=6) + b"abc")
    probe = segment(SERVER, start, b"d", ack=len(get("/a")) + 1)
    (one,) = read(conversation(get("/a"), [head(content_length=6) + b"abc", b"def"], insert=[(5, probe)]))
    assert body(one) == holds(b"abcdef")
    assert not codes(one) & {"differing-overlap", "content-gap"}


def test_bytes_cut_off_by_the_snap_length_are_missing() -> None:
    answer = [head(content_length=30) + b"a" * 20, b"b" * 10]
    capture: Capture = conversation(get("/a"), answer, get("/b"), ok(b"2"), snap=54 + len(head(content_length=30)) + 5)
    records = read(capture)
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert body(records[0]) == holds(b"a" * 5 + b"b" * 10)
    assert codes(records[0]) & {"content-gap", "truncated"} == {"content-gap"}


_HELLO = (
    b"\x16\x03\x01\x00\x35\x01\x00\x00\x31\x03\x03"
    + bytes(32)
    + b"\x00\x00\x02\x13\x01\x01\x00\x00\x06\x00\x10\x00\x02\x00\x00"
)


@pytest.mark.parametrize(
    "cuts",
    [
        pytest.param((), id="in-one-piece"),
        pytest.param((2, 10), id="the-status-line-in-three-pieces"),
    ],
)
def test_a_server_without_tls_answers_a_client_hello_in_the_clear(cuts: tuple[int, ...]) -> None:
    answer = ok(b"bad", "400 Bad Request")
    places = (0, *cuts, len(answer))
    pieces = [answer[begin:end] for begin, end in pairwise(places)]
    (one,) = read(conversation(_HELLO, pieces))
    assert (one["request"], one["response"]["status"], one["tls"]) == (None, 400, None)
    assert one["response"]["complete"]
    assert body(one) == holds(b"bad")
    assert "no-request" in codes(one)
