"""Every rule of RFC 9112 §6.3, a row each: how the content ends, and what is said where the rule was broken."""

from __future__ import annotations

import pytest

from httptrace.http.framing import (
    NONE,
    TUNNEL,
    UNTIL_CLOSE,
    Framing,
    Kind,
    content_length,
    request_framing,
    response_framing,
    transfer_codings,
)

LENGTH_5 = Framing(Kind.LENGTH, 5)
CHUNKED = Framing(Kind.CHUNKED)
TE, CL = "transfer-encoding", "content-length"


def plain(framing: Framing) -> Framing:
    """The framing without what is said about it."""
    return framing._replace(faults=())


def codes(framing: Framing) -> list[str]:
    return [fault.code for fault in framing.faults]


@pytest.mark.parametrize(
    ("method", "status", "fields", "framing"),
    [
        pytest.param("HEAD", 200, {CL: "5"}, NONE, id="rule-1-head-with-length"),
        pytest.param("HEAD", 200, {TE: "chunked"}, NONE, id="rule-1-head-with-chunked"),
        pytest.param("HEAD", 404, {}, NONE, id="rule-1-head-without-either"),
        pytest.param("GET", 204, {CL: "5"}, NONE, id="rule-1-no-content"),
        pytest.param("GET", 304, {CL: "5"}, NONE, id="rule-1-not-modified"),
        pytest.param("GET", 100, {CL: "5"}, NONE, id="rule-1-informational"),
        pytest.param("GET", 199, {}, NONE, id="rule-1-last-informational"),
        pytest.param("GET", 101, {CL: "5"}, TUNNEL, id="switching-protocols"),
        pytest.param("CONNECT", 200, {CL: "5"}, TUNNEL, id="rule-2-connect-ignores-length"),
        pytest.param("CONNECT", 299, {TE: "chunked"}, TUNNEL, id="rule-2-connect-ignores-chunked"),
        pytest.param("CONNECT", 407, {CL: "5"}, LENGTH_5, id="rule-2-refused-connect-has-content"),
        pytest.param("CONNECT", 300, {CL: "5"}, LENGTH_5, id="rule-2-only-2xx"),
        pytest.param("connect", 200, {CL: "5"}, LENGTH_5, id="methods-are-case-sensitive"),
        pytest.param("GET", 200, {TE: "chunked", CL: "5"}, CHUNKED, id="rule-3-transfer-encoding-wins"),
        pytest.param("GET", 200, {TE: "chunked"}, CHUNKED, id="rule-4-chunked"),
        pytest.param("GET", 200, {TE: "Chunked"}, CHUNKED, id="rule-4-any-case"),
        pytest.param("GET", 200, {TE: " chunked , "}, CHUNKED, id="rule-4-blanks-and-empty-elements"),
        pytest.param("GET", 200, {TE: "chunked;a=b"}, CHUNKED, id="rule-4-parameters"),
        pytest.param(
            "GET", 200, {TE: "gzip, chunked"}, Framing(Kind.CHUNKED, 0, ("gzip",)), id="rule-4-gzip-then-chunked"
        ),
        pytest.param("GET", 200, {TE: "gzip"}, Framing(Kind.CLOSE, 0, ("gzip",)), id="rule-4-chunked-is-not-last"),
        pytest.param("GET", 200, {TE: "identity", CL: "5"}, LENGTH_5, id="identity-codes-nothing"),
        pytest.param("GET", 200, {TE: "identity"}, UNTIL_CLOSE, id="identity-alone"),
        pytest.param("GET", 200, {TE: ""}, UNTIL_CLOSE, id="an-empty-transfer-encoding"),
        pytest.param("GET", 200, {CL: "5, 6"}, LENGTH_5, id="rule-5-differing-the-first-counts"),
        pytest.param("GET", 200, {CL: "5, 5"}, LENGTH_5, id="rule-5-equal-ones-are-one"),
        pytest.param("GET", 200, {CL: "5, 05"}, LENGTH_5, id="rule-5-equal-numbers"),
        pytest.param("GET", 200, {CL: "five"}, UNTIL_CLOSE, id="rule-5-no-number"),
        pytest.param("GET", 200, {CL: "5"}, LENGTH_5, id="rule-6-length"),
        pytest.param("GET", 200, {CL: "0"}, Framing(Kind.LENGTH, 0), id="rule-6-length-0"),
        pytest.param("GET", 200, {CL: "+5"}, UNTIL_CLOSE, id="rule-6-a-sign-is-no-digit"),
        pytest.param("GET", 200, {CL: "-5"}, UNTIL_CLOSE, id="rule-6-a-minus"),
        pytest.param("GET", 200, {CL: "0x5"}, UNTIL_CLOSE, id="rule-6-hexadecimal"),
        pytest.param("GET", 200, {CL: "5.0"}, UNTIL_CLOSE, id="rule-6-a-fraction"),
        pytest.param("GET", 200, {CL: "\xb2"}, UNTIL_CLOSE, id="rule-6-a-superscript-is-no-digit"),
        pytest.param("GET", 200, {CL: "9" * 400}, UNTIL_CLOSE, id="rule-6-beyond-any-length"),
        pytest.param("GET", 200, {}, UNTIL_CLOSE, id="rule-8-until-close"),
        pytest.param("GET", 500, {}, UNTIL_CLOSE, id="rule-8-any-status"),
        pytest.param(None, 200, {CL: "5"}, LENGTH_5, id="unknown-method"),
        pytest.param(None, 204, {}, NONE, id="unknown-method-no-content"),
        pytest.param("GET", None, {}, UNTIL_CLOSE, id="http-0.9"),
    ],
)
def test_how_a_response_ends(method: str | None, status: int | None, fields: dict[str, str], framing: Framing) -> None:
    assert plain(response_framing(method, status, "HTTP/1.1", fields)) == framing


@pytest.mark.parametrize(
    ("fields", "framing"),
    [
        pytest.param({}, NONE, id="rule-7-no-content"),
        pytest.param({CL: "5"}, LENGTH_5, id="rule-6-length"),
        pytest.param({TE: "chunked"}, CHUNKED, id="rule-4-chunked"),
        pytest.param({TE: "chunked", CL: "5"}, CHUNKED, id="rule-3-transfer-encoding-wins"),
        pytest.param({TE: "gzip, chunked"}, Framing(Kind.CHUNKED, 0, ("gzip",)), id="rule-4-gzip-then-chunked"),
        pytest.param({TE: "gzip"}, NONE, id="rule-4-chunked-is-not-last"),
        pytest.param({TE: "gzip", CL: "5"}, LENGTH_5, id="rule-4-not-last-but-a-length"),
        pytest.param({CL: "5, 6"}, LENGTH_5, id="rule-5-differing-the-first-counts"),
        pytest.param({CL: "x"}, NONE, id="rule-5-no-number"),
        pytest.param({CL: "x, 5"}, LENGTH_5, id="rule-5-one-of-them-is-a-number"),
    ],
)
def test_how_a_request_ends(fields: dict[str, str], framing: Framing) -> None:
    assert plain(request_framing("HTTP/1.1", fields)) == framing


def test_a_simple_request_has_no_content() -> None:
    assert request_framing("HTTP/0.9", {CL: "5"}) == NONE


@pytest.mark.parametrize(
    ("fields", "version", "said"),
    [
        pytest.param({}, "HTTP/1.1", [], id="nothing"),
        pytest.param({CL: "5"}, "HTTP/1.1", [], id="a-length"),
        pytest.param({CL: "5, 5"}, "HTTP/1.1", [], id="the-same-length-twice"),
        pytest.param({TE: "chunked"}, "HTTP/1.1", [], id="chunked"),
        pytest.param({TE: "gzip, chunked"}, "HTTP/1.1", [], id="gzip-then-chunked"),
        pytest.param({TE: "identity"}, "HTTP/1.1", [], id="identity"),
        pytest.param({TE: "chunked", CL: "5"}, "HTTP/1.1", ["smuggling-risk"], id="te-and-cl"),
        pytest.param({CL: "5, 6"}, "HTTP/1.1", ["smuggling-risk"], id="differing-lengths"),
        pytest.param({CL: "5, x"}, "HTTP/1.1", ["bad-framing"], id="one-is-no-number"),
        pytest.param({CL: "x"}, "HTTP/1.1", ["bad-framing"], id="no-number"),
        pytest.param({CL: ""}, "HTTP/1.1", ["bad-framing"], id="an-empty-length"),
        pytest.param({TE: "chunked, chunked"}, "HTTP/1.1", ["bad-framing"], id="chunked-twice"),
        pytest.param({TE: "chunked"}, "HTTP/1.0", ["bad-framing"], id="te-in-http-1.0"),
        pytest.param({TE: "xchunked"}, "HTTP/1.1", ["bad-framing"], id="no-known-coding"),
        pytest.param({TE: "chunked, identity"}, "HTTP/1.1", ["bad-framing"], id="identity-behind-chunked"),
        pytest.param({TE: "\x0bchunked"}, "HTTP/1.1", ["bad-framing"], id="a-vertical-tab-is-no-blank"),
    ],
)
def test_what_is_said_of_a_request(fields: dict[str, str], version: str, said: list[str]) -> None:
    assert codes(request_framing(version, fields)) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({TE: "gzip"}, [], id="gzip-until-close"),
        pytest.param({TE: "chunked", CL: "5"}, ["smuggling-risk"], id="te-and-cl"),
        pytest.param({CL: "5, 6"}, ["smuggling-risk"], id="differing-lengths"),
        pytest.param({CL: "x"}, ["bad-framing"], id="no-number"),
    ],
)
def test_what_is_said_of_a_response(fields: dict[str, str], said: list[str]) -> None:
    assert codes(response_framing("GET", 200, "HTTP/1.1", fields)) == said


def test_every_fault_names_its_rule() -> None:
    for fields in ({TE: "chunked", CL: "5"}, {CL: "5, 6"}, {CL: "x"}, {TE: "x"}, {TE: "chunked, chunked"}):
        for fault in request_framing("HTTP/1.0", fields).faults:
            assert "(RFC 9112 §6" in fault.text


@pytest.mark.parametrize(
    ("value", "length"),
    [("5", 5), (" 5\t", 5), ("5,5", 5), ("5,,5", 5), ("00005", 5), ("0" * 500 + "5", 5), ("9" * 18, 10**18 - 1)],
)
def test_content_length(value: str, length: int) -> None:
    assert content_length(value)[0] == length


@pytest.mark.parametrize(
    ("value", "codings"),
    [
        ("chunked", ("chunked",)),
        ("gzip, Chunked", ("gzip", "chunked")),
        (",, gzip ,", ("gzip",)),
        ("gzip;q=1;b, chunked", ("gzip", "chunked")),
        ("", ()),
    ],
)
def test_transfer_codings(value: str, codings: tuple[str, ...]) -> None:
    assert transfer_codings(value) == codings
