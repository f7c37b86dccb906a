"""Late, doubled and differing bytes, and bytes that are none of the stream's."""

from __future__ import annotations

from tests.build import FIN, RST, SERVER, conversation, get, head, lost, ok, segment
from tests.build import chunked as in_chunks

from .reading import QUIET, all_codes, body, codes, holds, pairs, read


def test_first_copy_wins_and_a_differing_one_is_a_note() -> None:
    other = segment(SERVER, 1 + len(head(content_length=6)), b"XXX", ack=len(get("/a")) + 1)
    answer = [head(content_length=6), b"abc", b"def"]
    (one,) = read(conversation(get("/a"), answer, insert=[(6, other)]))
    assert body(one) == holds(b"abcdef")
    assert one["response"]["complete"]
    assert codes(one) & (QUIET | {"differing-overlap"}) == {"differing-overlap"}


def test_overlap_that_brings_new_bytes() -> None:
    start = 1 + len(head(content_length=9))
    wide = segment(SERVER, start + 2, b"cdefghi", ack=len(get("/a")) + 1)
    (one,) = read(
        conversation(
            get("/a"),
            [head(content_length=9), b"abc", lost(b"def"), b"ghi"],
            insert=[(6, wide)],
            closing="none",
        )
    )
    assert body(one) == holds(b"abcdefghi")
    assert one["response"]["complete"]
    assert not codes(one) & (QUIET | {"differing-overlap"})


def test_keep_alive_filler_is_no_content() -> None:
    end = 1 + len(ok(b"text"))
    probe = segment(SERVER, end - 1, b"\0", ack=len(get("/a")) + 1)
    records = read(conversation(get("/a"), ok(b"text"), get("/b"), ok(b"2"), insert=[(6, probe)]))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert body(records[0]) == holds(b"text")
    assert not all_codes(records) & (QUIET | {"differing-overlap"})


def test_data_behind_a_reset_is_not_read() -> None:
    asked, told = len(get("/a")) + 1, 1 + len(head(content_length=9) + b"abc")
    reset = segment(SERVER, told, b"", flags=RST)
    late = segment(SERVER, told, b"defghi", ack=asked)
    (one,) = read(conversation(get("/a"), [head(content_length=9) + b"abc"], insert=[(5, reset), (5, late)], stop=5))
    assert body(one) == holds(b"abc")
    assert "truncated" in codes(one)


def test_sequence_numbers_wrap_inside_a_head_and_inside_a_body() -> None:
    for back in (1, 20, 100, 3000):
        isn = (2**32 - 10, 2**32 - back)
        (one,) = read(conversation(get("/a"), ok(b"z" * 5000), isn=isn, swap=[(6, 7)]))
        assert body(one) == holds(b"z" * 5000), back
        assert not codes(one) & QUIET


def test_a_fin_before_the_data_it_follows() -> None:
    (one,) = read(conversation(get("/a"), [head() + b"abc", b"def"], swap=[(6, 8)]))
    assert body(one) == holds(b"abcdef")
    assert one["response"]["complete"]


def test_a_fin_with_data() -> None:
    start = 1 + len(head() + b"abc")
    last = segment(SERVER, start, b"def", flags=FIN | 16, ack=len(get("/a")) + 1)
    (one,) = read(conversation(get("/a"), [head() + b"abc"], insert=[(5, last)], stop=5))
    assert body(one) == holds(b"abcdef")
    assert one["response"]["complete"]


def test_chunked_body_that_looks_like_its_own_end() -> None:
    content = b"text 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"
    records = read(conversation(get("/a"), head(transfer_encoding="chunked") + in_chunks(content), get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert body(records[0]) == holds(content)
