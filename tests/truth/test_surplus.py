"""Bytes behind the end of a message, where none begins: content that is longer than its length says."""

from __future__ import annotations

import pytest

from tests.build import chunked, conversation, get, head, ok, post

from .reading import Record, pairs, read

SURPLUS = "bytes that are no HTTP follow this message; its length may be wrong (RFC 9112 §6.3)"
UNREADABLE = "bytes that are no HTTP stand where a message should begin (RFC 9112 §2.1)"


def framing_notes(record: Record) -> list[str]:
    return [note["text"] for note in record["notes"] if note["code"] == "bad-framing"]


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(head(content_length=3) + b"abcdefghi", id="whole"),
        pytest.param([head(content_length=3), b"abcdefghi"], id="head-apart"),
        pytest.param([head(content_length=6) + b"abc", b"defghi"], id="content-in-two"),
        pytest.param(head("304 Not Modified") + b"abc", id="not-modified"),
        pytest.param(head("204 No Content") + b"abc", id="no-content"),
        pytest.param(head(transfer_encoding="chunked") + chunked(b"abc") + b"def", id="chunked"),
        pytest.param([head(transfer_encoding="chunked"), chunked(b"abc"), b"def"], id="chunks-apart"),
        pytest.param(head(content_length=3) + b"abc\r\n\r\ndefghi", id="behind-empty-lines"),
    ],
)
@pytest.mark.parametrize("behind", [False, True], ids=["the-last", "another-follows"])
def test_content_beyond_its_length_is_said_once(response: bytes | list[bytes], behind: bool) -> None:
    """A Content-Length that is too small cuts pages off; whoever looks for the reason finds it where it went wrong, or
    where that was told already when the bytes came, with the next exchange."""
    records = read(conversation(get("/a"), response, *((get("/b"), ok(b"2")) if behind else ())))
    assert pairs(records) == [("/a", records[0]["response"]["status"]), ("/b", 200)][: 1 + behind]
    apart = isinstance(response, list) and response[-1] == b"def"
    assert framing_notes(records[0]) == ([] if apart else [SURPLUS])
    if behind:
        assert framing_notes(records[1]) == ([UNREADABLE] if apart else [])


def test_a_response_to_head_with_content() -> None:
    records = read(conversation(get("/a", method="HEAD"), ok(b"abc"), get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert [framing_notes(record) for record in records] == [[SURPLUS], []]


def test_nothing_is_said_where_a_message_follows() -> None:
    two = conversation(get("/a") + get("/b"), ok(b"1") + ok(b"2"), [post("/c", b"x"), b"\r\n"], ok(b"3") + b"\r\n")
    for record in read(two):
        assert not framing_notes(record)


@pytest.mark.parametrize("tail", [b"the end of some content", b"the end of some content\r\n\r\n"])
def test_nothing_is_said_of_what_began_before_the_capture(tail: bytes) -> None:
    """A side's first bytes may be the end of a message that the capture did not see begin."""
    for capture in (
        conversation(tail, ok(b"0"), get("/a"), ok(b"1"), get("/b"), ok(b"2"), begin=4),
        conversation(get("/a"), [tail, ok(b"1")], get("/b"), ok(b"2"), begin=4),
        conversation(get("/0"), [tail, ok(b"1")], get("/b"), ok(b"2"), begin=5),
    ):
        records = read(capture)
        assert "/b" in [target for target, _ in pairs(records)]
        assert all(not framing_notes(record) for record in records)


def test_a_connection_that_begins_with_other_bytes() -> None:
    """Where the capture saw it open, they are no end of anything."""
    records = read(conversation(b"hello, server\r\n\r\n", ok(b"0"), get("/a"), ok(b"1")))
    assert [framing_notes(record) for record in records if record["request"]] == [[UNREADABLE]]
