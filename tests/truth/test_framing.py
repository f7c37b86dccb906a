"""Broken framing: one reading by RFC 9112, and a note that names the rule; none on clean traffic."""

from __future__ import annotations

import pytest

from tests.build import chunked as in_chunks
from tests.build import conversation, get, head, ok, post

from .reading import all_codes, body, codes, holds, pairs, read, text_of

SAYS = {"smuggling-risk", "bad-framing", "truncated", "content-gap", "resynced", "no-request"}
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a.example\r\n\r\n"


def ask(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(["POST /a HTTP/1.1", "Host: a.example", *lines, "", ""]).encode("latin-1") + body


@pytest.mark.parametrize(
    ("request_", "content", "code"),
    [
        pytest.param(
            ask("Content-Length: 44", "Transfer-Encoding: chunked", body=in_chunks(b"text")),
            b"text",
            "smuggling-risk",
            id="cl-and-te-chunked-wins-9112-6.3",
        ),
        pytest.param(
            ask("Transfer-Encoding: chunked", "Content-Length: 4", body=in_chunks(b"text")),
            b"text",
            "smuggling-risk",
            id="te-and-cl-in-the-other-order",
        ),
        pytest.param(
            ask("Content-Length: 4", "Content-Length: 4", body=b"text"),
            b"text",
            None,
            id="equal-lengths-in-two-lines",
        ),
        pytest.param(ask("Content-Length: 4, 4", body=b"text"), b"text", None, id="equal-lengths-in-one-line"),
        pytest.param(
            ask("Content-Length : 4", body=b"text"), b"text", "bad-framing", id="white-space-before-the-colon"
        ),
        pytest.param(ask("X-A: one\r\n two", "Content-Length: 4", body=b"text"), b"text", "bad-framing", id="obs-fold"),
        pytest.param(
            ask("Content-Length: 4", body=b"text").replace(b"\r\n", b"\n"),
            b"text",
            "bad-framing",
            id="bare-lf",
        ),
    ],
)
def test_one_reading_and_a_note(request_: bytes, content: bytes, code: str | None) -> None:
    records = read(conversation(request_, ok(b"1"), get("/b"), ok(b"2", "404 Not Found")))
    assert pairs(records) == [("/a", 200), ("/b", 404)]
    assert body(records[0], "request") == holds(content)
    if code is None:
        assert not codes(records[0]) & SAYS
    else:
        assert code in codes(records[0])
    assert not codes(records[1]) & SAYS


def test_differing_lengths_are_a_smuggling_risk() -> None:
    records = read(conversation(ask("Content-Length: 4", "Content-Length: 5", body=b"texts"), ok(b"1")))
    assert pairs(records)[0] == ("/a", 200)
    assert "smuggling-risk" in codes(records[0])


def test_smuggled_request_by_cl_and_te_is_seen_as_rfc_9112_reads_it() -> None:
    """Chunked ends at once; what a reader of Content-Length takes for content is the next request."""
    attack = ask(f"Content-Length: {5 + len(HIDDEN)}", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + HIDDEN)
    records = read(conversation(attack, ok(b"1") + ok(b"2", "404 Not Found")))
    assert pairs(records) == [("/a", 200), ("/hidden", 404)]
    assert "smuggling-risk" in codes(records[0])


def test_te_that_is_not_chunked_at_its_end_is_bad_framing() -> None:
    records = read(conversation(ask("Transfer-Encoding: chunked, identity", body=in_chunks(b"text")), ok(b"1")))
    assert pairs(records)[0][0] == "/a"
    assert {"bad-framing", "smuggling-risk"} & codes(records[0])


@pytest.mark.parametrize("size", ["zz", "", "-4", "0x4", "4 4", "99999999999999999999"])
def test_bad_chunk_size(size: str) -> None:
    answer = head(transfer_encoding="chunked") + f"4\r\ntext\r\n{size}\r\nmore\r\n0\r\n\r\n".encode()
    records = read(conversation(get("/a"), answer, get("/b"), ok(b"2", "404 Not Found")))
    assert records[0]["response"]["status"] == 200
    assert {"bad-framing", "truncated"} & codes(records[0])
    assert records[-1]["request"]["target"] == "/b"


def test_chunk_size_line_that_ends_in_a_bare_lf() -> None:
    answer = head(transfer_encoding="chunked") + b"4\ntext\n0\n\n"
    records = read(conversation(get("/a"), answer, get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert body(records[0]) == holds(b"text")
    assert "bad-framing" in codes(records[0])


def test_the_note_names_the_rule() -> None:
    records = read(
        conversation(ask("Content-Length: 9", "Transfer-Encoding: chunked", body=in_chunks(b"text")), ok(b"1"))
    )
    text = text_of(records[0], "smuggling-risk")
    assert "Transfer-Encoding" in text
    assert "Content-Length" in text


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param([get("/a"), ok(b"1"), get("/b"), ok(b"2")], id="persistent"),
        pytest.param([post("/a", in_chunks(b"0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n")), ok(b"1")], id="chunks-in-a-body"),
        pytest.param([get("/a"), head("204 No Content")], id="no-content"),
        pytest.param([get("/a"), head("304 Not Modified", content_length=99), get("/b"), ok(b"2")], id="not-modified"),
        pytest.param(
            [get("/a", "HEAD"), head(transfer_encoding="chunked"), get("/b"), ok(b"2")],
            id="head-with-chunked",
        ),
        pytest.param([get("/a"), head("103 Early Hints") + ok(b"1")], id="informational"),
        pytest.param([get("/a"), head(transfer_encoding="Chunked") + in_chunks(b"text")], id="chunked-in-any-case"),
        pytest.param(
            [get("/a"), head(transfer_encoding="chunked") + b"4;a=b\r\ntext\r\n0;c\r\nX-T: 1\r\n\r\n"],
            id="extensions",
        ),
        pytest.param([get("/a", version="HTTP/1.0"), head(version="HTTP/1.0") + b"until close"], id="until-close"),
    ],
)
def test_clean_traffic_earns_no_note_about_framing(turns: list[bytes]) -> None:
    records = read(conversation(*turns))
    assert len(records) == len(turns) // 2
    assert not all_codes(records) & SAYS
    assert all(record["request"]["complete"] and record["response"]["complete"] for record in records)
