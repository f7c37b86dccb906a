"""Lost bytes: what tshark 4.0.17, tcpflow 1.6.1 and Zeek get wrong or leave out, each a small capture."""

from __future__ import annotations

import pytest

from tests.build import CLIENT, SERVER, conversation, get, head, lost, ok, post

from .reading import QUIET, all_codes, body, codes, holds, pairs, read, text_of

# Packets: 1 to 3 open, 4 asks, then the segments of the answer.


def test_first_segment_of_a_response_comes_last() -> None:
    records = read(conversation(get("/a"), [head(content_length=6), b"abc", b"def"], swap=[(5, 6), (6, 7)]))
    (one,) = records
    assert pairs(records) == [("/a", 200)]
    assert body(one) == holds(b"abcdef")
    assert one["response"]["complete"]
    assert not codes(one) & QUIET
    assert (one["response"]["first_packet"], one["response"]["last_packet"]) == (7, 6)


def test_one_segment_of_a_body_is_lost_and_the_rest_of_the_connection_is_right() -> None:
    records = read(
        conversation(
            get("/a"),
            [head(content_length=30), b"a" * 10, lost(b"b" * 10), b"c" * 10],
            get("/b"),
            ok(b"later"),
            get("/c"),
            ok(b"last"),
        )
    )
    one, two, three = records
    assert pairs(records) == [("/a", 200), ("/b", 200), ("/c", 200)]
    assert body(one) == holds(b"a" * 10 + b"c" * 10), "captured bytes in order, nothing in place of the missing ones"
    assert one["response"]["body"]["size"] == 20
    assert not one["response"]["complete"]
    assert codes(one) & QUIET == {"content-gap"}
    assert "30" in text_of(one, "content-gap"), "the framing's own length"
    assert body(two) == holds(b"later")
    assert body(three) == holds(b"last")
    assert not (codes(two) | codes(three)) & QUIET


def test_lost_segment_of_a_chunk() -> None:
    answer = head(transfer_encoding="chunked") + b"1e\r\n" + b"a" * 10
    records = read(
        conversation(
            get("/a"),
            [answer, lost(b"b" * 10), b"c" * 10 + b"\r\n0\r\n\r\n"],
            get("/b"),
            ok(b"later"),
            closing="none",
        )
    )
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert body(records[0]) == holds(b"a" * 10 + b"c" * 10)
    assert codes(records[0]) & QUIET == {"content-gap"}
    assert body(records[1]) == holds(b"later")
    assert not codes(records[1]) & QUIET


def test_lost_segment_of_a_request_body() -> None:
    whole = post("/a", b"a" * 10 + b"b" * 10 + b"c" * 10)
    cut = len(whole) - 20
    turn = [whole[:cut], lost(whole[cut : cut + 10]), whole[cut + 10 :]]
    records = read(conversation(turn, ok(b"1"), get("/b"), ok(b"2")))
    assert pairs(records) == [("/a", 200), ("/b", 200)]
    assert body(records[0], "request") == holds(b"a" * 10 + b"c" * 10)
    assert not records[0]["request"]["complete"]
    assert records[0]["response"]["complete"]
    assert codes(records[0]) & QUIET == {"content-gap"}


def test_lost_request_leaves_its_response_alone() -> None:
    records = read(
        conversation(
            get("/a"),
            ok(b"1"),
            lost(get("/lost")),
            ok(b"2", "404 Not Found"),
            get("/c"),
            ok(b"3", "201 Created"),
        )
    )
    assert sorted(pairs(records), key=str) == [("/a", 200), ("/c", 201), (None, 404)]
    alone = next(record for record in records if record["request"] is None)
    assert "no-request" in codes(alone)
    assert body(alone) == holds(b"2")
    assert all("no-request" not in codes(record) for record in records if record is not alone)


def test_first_request_of_a_connection_is_lost() -> None:
    records = read(conversation(lost(get("/lost")), ok(b"1", "404 Not Found"), get("/b"), ok(b"2")))
    assert sorted(pairs(records), key=str) == [("/b", 200), (None, 404)]


def test_lost_response_leaves_its_request_alone() -> None:
    records = read(
        conversation(
            get("/a"),
            ok(b"1"),
            get("/b"),
            lost(ok(b"2", "404 Not Found")),
            get("/c"),
            ok(b"3", "201 Created"),
        )
    )
    assert pairs(records) == [("/a", 200), ("/b", None), ("/c", 201)]
    assert body(records[2]) == holds(b"3")


def test_lost_request_among_pipelined_ones() -> None:
    asks = [get("/a"), lost(get("/lost")), get("/c")]
    records = read(conversation(asks, [ok(b"1"), ok(b"2", "404 Not Found"), ok(b"3", "201 Created")]))
    assert {("/a", 200), ("/c", 201)} >= {
        pair for pair in pairs(records) if pair[0] is not None and pair[1] is not None
    }
    assert ("/a", 200) in pairs(records)


HEAD = head(content_length=10, server="x", etag="y")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([HEAD[:20], lost(HEAD[20:50]), HEAD[50:] + b"0123456789"], id="inside-a-head"),
        pytest.param([HEAD[:20], lost(HEAD[20:] + b"01234"), b"56789"], id="end-of-a-head"),
        pytest.param([lost(HEAD[:20]), HEAD[20:] + b"0123456789"], id="start-of-a-head"),
        pytest.param(
            [
                head(transfer_encoding="chunked") + b"4\r\nabcd\r\n",
                lost(b"14\r\n"),
                b"x" * 20 + b"\r\n0\r\n\r\n",
            ],
            id="inside-a-chunk-size-line",
        ),
        pytest.param(
            [
                head(transfer_encoding="chunked") + b"4\r\nab",
                lost(b"cd\r\n14\r\nxxxx"),
                b"x" * 16 + b"\r\n0\r\n\r\n",
            ],
            id="over-a-chunk-size-line",
        ),
        pytest.param(
            [head(transfer_encoding="chunked") + b"4\r\nabcd\r\n0\r\n", lost(b"X-T: 1\r\n"), b"\r\n"],
            id="inside-trailers",
        ),
    ],
)
def test_a_gap_that_breaks_the_framing(answer: list[bytes]) -> None:
    records = read(
        conversation(get("/a"), ok(b"1"), get("/b"), answer, get("/c"), ok(b"3", "201 Created"), get("/d"), ok(b"4"))
    )
    requests = [record["request"]["target"] for record in records if record["request"]]
    assert requests == ["/a", "/b", "/c", "/d"]
    by_target = dict(pairs(records))
    assert (by_target["/a"], by_target["/c"], by_target["/d"]) == (200, 201, 200)
    damaged = next(record for record in records if record["request"]["target"] == "/b")
    assert damaged["response"] is None or not damaged["response"]["complete"]
    assert "resynced" in all_codes(records)
    assert [body(record) for record in records if record["request"]["target"] in "/c /d"] == [
        holds(b"3"),
        holds(b"4"),
    ]


def test_a_gap_past_the_end_of_the_body_into_the_next_response() -> None:
    first, second = ok(b"a" * 30), ok(b"b" * 30, "404 Not Found")
    answers = [first[:-10], lost(first[-10:] + second[:-20]), second[-20:]]
    records = read(conversation(get("/a") + get("/b"), answers, get("/c"), ok(b"3", "201 Created")))
    assert [record["request"]["target"] for record in records] == ["/a", "/b", "/c"]
    one, two, three = records
    assert one["response"]["status"] == 200
    assert body(one) == holds(b"a" * 20)
    assert "content-gap" in codes(one)
    assert two["response"] is None or two["response"]["status"] is None
    assert three["response"]["status"] == 201
    assert "resynced" in all_codes(records)


def test_a_gap_from_a_request_into_the_next() -> None:
    one, two = get("/a"), get("/b")
    records = read(
        conversation(
            [one[:20], lost(one[20:])],
            ok(b"1"),
            [lost(two[:20]), two[20:]],
            ok(b"2", "202 Accepted"),
            get("/c"),
            ok(b"3", "201 Created"),
        )
    )
    assert sorted(pairs(records), key=str) == [("/a", 200), ("/c", 201), (None, 202)]


@pytest.mark.parametrize("missing", [0, 1, 499, 998, 999])
def test_a_thousand_requests_and_one_response_lost(missing: int) -> None:
    turns: list[bytes] = []
    for number in range(1000):
        answer = ok(b"%d" % number, "200 OK")
        turns += [get(f"/{number}"), lost(answer) if number == missing else answer]
    records = read(conversation(*turns))
    assert pairs(records) == [(f"/{number}", None if number == missing else 200) for number in range(1000)]
    whole = [record for number, record in enumerate(records) if number != missing]
    assert all(body(record) == holds(record["request"]["target"][1:].encode()) for record in whole)
    assert not any(codes(record) & (QUIET - {"resynced"}) for record in whole)


def test_ten_exchanges_with_a_gap_in_each() -> None:
    turns: list[bytes | list[bytes]] = []
    for number in range(10):
        text = b"%d" % number * 10
        turns += [get(f"/{number}"), [head(content_length=30), text, lost(b"?" * 10), text]]
    records = read(conversation(*turns))
    assert pairs(records) == [(f"/{number}", 200) for number in range(10)]
    for number, record in enumerate(records):
        assert body(record) == holds(b"%d" % number * 20)
        assert codes(record) & QUIET == {"content-gap"}


def test_ten_exchanges_with_gaps_between_them() -> None:
    turns: list[bytes | list[bytes]] = []
    for number in range(10):
        turns += [
            get(f"/{number}"),
            ok(b"%d" % number),
            lost(get(f"/lost{number}")),
            lost(ok(b"gone", "404 Not Found")),
        ]
    records = read(conversation(*turns))
    assert pairs(records) == [(f"/{number}", 200) for number in range(10)]
    assert [body(record) for record in records] == [holds(b"%d" % number) for number in range(10)]


def test_pipelined_get_head_get_in_one_segment() -> None:
    asks = get("/a") + get("/b", "HEAD") + get("/c")
    answers = ok(b"first") + head(content_length=999) + ok(b"third", "404 Not Found")
    records = read(conversation(asks, answers))
    assert pairs(records) == [("/a", 200), ("/b", 200), ("/c", 404)]
    assert [record["request"]["method"] for record in records] == ["GET", "HEAD", "GET"]
    assert [record["response"]["body"]["size"] for record in records] == [5, 0, 5]
    assert body(records[2]) == holds(b"third")
    assert not all_codes(records) & QUIET


# -- a connection reset, cut off or one-sided -------------------------------------------------------------


def test_reset_inside_a_body() -> None:
    (one,) = read(conversation(get("/a"), [head(content_length=30) + b"a" * 10], closing="rst"))
    assert body(one) == holds(b"a" * 10)
    assert not one["response"]["complete"]
    assert codes(one) & QUIET == {"truncated"}


def test_capture_ends_inside_a_body() -> None:
    (one,) = read(conversation(get("/a"), [head(content_length=30) + b"a" * 10, b"b" * 20], stop=5))
    assert body(one) == holds(b"a" * 10)
    assert codes(one) & QUIET == {"truncated"}


def test_server_closes_inside_a_body() -> None:
    (one,) = read(conversation(get("/a"), [head(content_length=30) + b"a" * 10]))
    assert body(one) == holds(b"a" * 10)
    assert not one["response"]["complete"]
    assert codes(one) & QUIET == {"truncated"}


def test_capture_ends_inside_a_head_whose_start_line_is_there() -> None:
    (one,) = read(conversation([get("/a")[:24], get("/a")[24:]], stop=4))
    assert (one["request"]["method"], one["request"]["target"]) == ("GET", "/a")
    assert not one["request"]["complete"]
    assert one["response"] is None
    assert codes(one) & QUIET == {"truncated"}


def test_body_until_close_is_complete_only_with_the_close() -> None:
    (whole,) = read(conversation(get("/a"), head() + b"text"))
    assert whole["response"]["complete"]
    assert not codes(whole) & QUIET
    (cut,) = read(conversation(get("/a"), head() + b"text", closing="none"))
    assert not cut["response"]["complete"]
    assert "truncated" in codes(cut)
    (reset,) = read(conversation(get("/a"), head() + b"text", closing="rst"))
    assert not reset["response"]["complete"]
    assert "truncated" in codes(reset)


def test_only_the_client_was_captured() -> None:
    records = read(conversation(get("/a"), ok(b"1"), post("/b", b"text"), ok(b"2"), only=CLIENT))
    assert pairs(records) == [("/a", None), ("/b", None)]
    assert body(records[1], "request") == holds(b"text")
    assert records[0]["client"]["port"] == 40000


def test_only_the_server_was_captured() -> None:
    records = read(conversation(get("/a"), ok(b"1"), get("/b"), ok(b"2", "404 Not Found"), only=SERVER))
    assert pairs(records) == [(None, 200), (None, 404)]
    assert [body(record) for record in records] == [holds(b"1"), holds(b"2")]
    assert all("no-request" in codes(record) for record in records)
    assert records[0]["server"]["port"] == 80


def test_capture_begins_inside_a_response() -> None:
    records = read(
        conversation(get("/a"), [head(content_length=20) + b"a" * 10, b"a" * 10], get("/b"), ok(b"2"), begin=6)
    )
    assert pairs(records)[-1] == ("/b", 200)
    assert body(records[-1]) == holds(b"2")
    assert len(records) == 1


def test_response_without_its_request_at_the_beginning() -> None:
    records = read(conversation(get("/a"), ok(b"1", "404 Not Found"), get("/b"), ok(b"2"), begin=5))
    assert sorted(pairs(records), key=str) == [("/b", 200), (None, 404)]
    assert "no-request" in codes(next(record for record in records if not record["request"]))


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n", id="a-length-that-GET-would-get"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", id="chunked"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="no-length"),
    ],
)
def test_a_lost_head_request_does_not_swallow_what_follows(head: bytes) -> None:
    lost_head = b"HEAD /1 HTTP/1.1\r\nHost: a.example\r\n\r\n"
    turns = [get("/0"), ok(b"0"), lost(lost_head), head]
    for number in (2, 3, 4):
        turns += [get(f"/{number}"), ok(b"%d" % number)]
    records = read(conversation(*turns))
    assert pairs(records) == [("/0", 200), (None, 200), ("/2", 200), ("/3", 200), ("/4", 200)]
    assert codes(records[1]) == {"no-request"}
    assert all(record["response"]["complete"] for record in records)


def test_both_messages_say_their_gaps() -> None:
    upload = [b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + b"a" * 100, lost(b"a" * 100), b"a" * 100]
    answer = [b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b"b" * 100, lost(b"b" * 100), b"b" * 100]
    (record,) = read(conversation(upload, answer))
    gaps = [note for note in record["notes"] if note["code"] == "content-gap"]
    assert len(gaps) == 2
    assert all("100 of the 300 bytes" in note["text"] for note in gaps)
