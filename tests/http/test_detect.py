"""What the first bytes of a direction say of its protocol."""

from __future__ import annotations

import random

import pytest

from httptrace.http.detect import H2_PREFACE, Speaks, speaks


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        pytest.param(b"", Speaks.UNDECIDED, id="nothing"),
        pytest.param(b"\r\n", Speaks.UNDECIDED, id="only-empty-lines"),
        pytest.param(b"GET / HTTP/1.1\r\n", Speaks.REQUEST, id="request-line"),
        pytest.param(b"GET / HTTP/1.1\n", Speaks.REQUEST, id="request-line-lf"),
        pytest.param(b"\r\n\r\nGET / HTTP/1.1\r\n", Speaks.REQUEST, id="empty-lines-before-it"),
        pytest.param(b"M-SEARCH * HTTP/1.1\r\n", Speaks.REQUEST, id="unknown-method"),
        pytest.param(b"get /a b HTTP/1.0\r\n", Speaks.REQUEST, id="blanks-in-the-target"),
        pytest.param(b"GET /index.html\r\n", Speaks.REQUEST, id="http-0.9"),
        pytest.param(b"CONNECT a:443 HTTP/1.1\r\n", Speaks.REQUEST, id="connect"),
        pytest.param(b"G", Speaks.UNDECIDED, id="a-letter"),
        pytest.param(b"GET / HT", Speaks.UNDECIDED, id="half-a-request-line"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", Speaks.RESPONSE, id="status-line"),
        pytest.param(b"HTTP/1.1 200\r\n", Speaks.RESPONSE, id="no-reason-nor-blank"),
        pytest.param(b"HTTP/1.0 404 Not", Speaks.RESPONSE, id="half-a-reason"),
        pytest.param(b"HTTP/1.1 2", Speaks.UNDECIDED, id="half-a-status"),
        pytest.param(b"HT", Speaks.UNDECIDED, id="half-a-version"),
        pytest.param(b"HTTP/1.1 abc\r\n", Speaks.OTHER, id="no-status"),
        pytest.param(H2_PREFACE, Speaks.HTTP2, id="http-2-preface"),
        pytest.param(H2_PREFACE[:18], Speaks.HTTP2, id="most-of-the-preface"),
        pytest.param(b"PRI ", Speaks.UNDECIDED, id="could-be-the-preface"),
        pytest.param(b"PRI /x HTTP/1.1\r\n", Speaks.REQUEST, id="a-method-called-pri"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01", Speaks.OTHER, id="tls"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", Speaks.OTHER, id="ssh"),
        pytest.param(b"220 mail.example ESMTP\r\n", Speaks.OTHER, id="smtp"),
        pytest.param(b"USER anonymous\r\n", Speaks.OTHER, id="ftp"),
        pytest.param(b"\x00\x00\x00\x10", Speaks.OTHER, id="binary"),
        pytest.param(b"x" * 40, Speaks.OTHER, id="a-word-longer-than-any-method"),
        pytest.param(b"INVITE sip:a@b SIP/2.0\r\n", Speaks.OTHER, id="sip"),
        pytest.param(b"DESCRIBE rtsp://a RTSP/1.0\r\n", Speaks.OTHER, id="rtsp"),
        pytest.param(b"GET /" + b"a" * 70_000, Speaks.OTHER, id="a-line-without-end"),
    ],
)
def test_what_it_speaks(octets: bytes, kind: Speaks) -> None:
    assert speaks(octets) is kind


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n",
        b"\r\nPOST /a b c HTTP/1.1\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"GET /simple\r\n",
        b"PRI /x HTTP/1.1\r\n",
        b"HTTPS /x HTTP/1.1\r\n",
        H2_PREFACE,
    ],
    ids=str,
)
def test_less_never_says_something_else(octets: bytes) -> None:
    """A part may be undecided, but it must not be taken for another protocol."""
    decided = speaks(octets)
    assert decided not in (Speaks.UNDECIDED, Speaks.OTHER)
    for size in range(len(octets)):
        assert speaks(octets[:size]) in (Speaks.UNDECIDED, decided), octets[:size]


@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed-{seed}")
def test_random_bytes_raise_nothing_and_are_no_http(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(300):
        octets = chance.randbytes(chance.randint(1, 200))
        assert speaks(octets) in (Speaks.OTHER, Speaks.UNDECIDED)
