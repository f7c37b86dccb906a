"""Which response answers which request when some of either are lost; the evidence are the acknowledgements."""

from __future__ import annotations

import random

import pytest

from tests.exchanges.talking import CLIENT, SERVER, Outcome, Said, Talk, by_turns, numbered, talk

SEEDS = pytest.mark.parametrize("seed", range(100), ids=lambda seed: f"seed-{seed}")

#: (side, number) of messages that were not captured.
Lost = set[tuple[int, int]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def whole(requests: list[bytes], responses: list[bytes], lost: Lost) -> Outcome:
    """Turn by turn; `lost`: (side, number) of messages that were not captured."""
    one = Talk().open()
    for number, pair in enumerate(zip(requests, responses, strict=True), 1):
        for side, message in zip((CLIENT, SERVER), pair, strict=True):
            begin = one.sent[side] - 1
            one.say(side, message, (begin, begin + len(message)) if (side, number) in lost else (0, 0))
    return one.close()


def expected(count: int, lost: Lost) -> set[tuple[str | None, int | None]]:
    """(target, status) of every exchange of which something was captured."""
    pairs = {
        (
            None if (CLIENT, number) in lost else f"/{number}",
            None if (SERVER, number) in lost else 600 + number,
        )
        for number in range(1, count + 1)
    }
    return pairs - {(None, None)}


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param({(CLIENT, 1)}, id="the-first-request"),
        pytest.param({(CLIENT, 3)}, id="a-request"),
        pytest.param({(CLIENT, 6)}, id="the-last-request"),
        pytest.param({(SERVER, 1)}, id="the-first-response"),
        pytest.param({(SERVER, 3)}, id="a-response"),
        pytest.param({(SERVER, 6)}, id="the-last-response"),
        pytest.param({(CLIENT, 3), (SERVER, 3)}, id="an-exchange"),
        pytest.param({(CLIENT, 2), (SERVER, 3)}, id="a-request-and-the-next-response"),
        pytest.param({(SERVER, 2), (CLIENT, 3)}, id="a-response-and-the-next-request"),
        pytest.param({(CLIENT, 2), (CLIENT, 3), (CLIENT, 4)}, id="three-requests"),
        pytest.param({(SERVER, 2), (SERVER, 3), (SERVER, 4)}, id="three-responses"),
        pytest.param({(CLIENT, 1), (SERVER, 2), (CLIENT, 3), (SERVER, 4), (CLIENT, 5)}, id="every-other"),
    ],
)
def test_what_was_lost_is_lost_and_the_others_are_right(lost: Lost) -> None:
    assert set(whole(*numbered(6), lost).pairs) == expected(6, lost)


@SEEDS
def test_any_messages_may_be_lost(seed: int) -> None:
    chance = random.Random(seed)
    lost: Lost = {(side, number) for side in (CLIENT, SERVER) for number in range(1, 13) if chance.random() < 0.3}
    found = whole(*numbered(12), lost)
    assert set(found.pairs) == expected(12, lost)
    for one in found.exchanges:
        codes = {note.code for note in one.notes}
        assert ("no-request" in codes) == (one.request is None)
        assert not codes & {"bad-framing", "content-gap", "truncated", "smuggling-risk"}


def test_a_thousand_requests_and_one_response_lost() -> None:
    found = whole(*numbered(300), {(SERVER, 77)})
    assert set(found.pairs) == expected(300, {(SERVER, 77)})


def test_a_thousand_pipelined_requests_and_one_response_lost() -> None:
    requests, responses = numbered(300)
    one = Talk().open()
    for request in requests:
        one.say(CLIENT, request)
    for number, response in enumerate(responses, 1):
        begin = one.sent[SERVER] - 1
        one.say(SERVER, response, (begin, begin + len(response)) if number == 77 else (0, 0))
    assert set(one.close().pairs) == expected(300, {(SERVER, 77)})


def pipelined(lost: Lost, group: int = 3, count: int = 9) -> Outcome:
    """Requests in groups that do not wait for each other."""
    requests, responses = numbered(count)
    one = Talk().open()
    for first in range(0, count, group):
        for side, messages in ((CLIENT, requests), (SERVER, responses)):
            for number in range(first, first + group):
                begin = one.sent[side] - 1
                here = (begin, begin + len(messages[number])) if (side, number + 1) in lost else (0, 0)
                one.say(side, messages[number], here)
    return one.close()


@pytest.mark.parametrize("side", [CLIENT, SERVER], ids=["request", "response"])
@pytest.mark.parametrize("number", range(1, 10))
def test_one_of_several_pipelined_ones_is_lost(number: int, side: int) -> None:
    lost = {(side, number)}
    assert set(pipelined(lost).pairs) == expected(9, lost)


@pytest.mark.parametrize("number", range(1, 8))
def test_a_request_and_a_later_response_of_pipelined_ones_are_lost(number: int) -> None:
    lost: Lost = {(CLIENT, number), (SERVER, number + 2)}
    assert set(pipelined(lost, group=9).pairs) == expected(9, lost)


def test_pipelined_head_and_get_in_one_segment() -> None:
    asks = b"".join(
        b"%b /%d HTTP/1.1\r\nHost: a\r\n\r\n" % (method, n) for n, method in ((1, b"GET"), (2, b"HEAD"), (3, b"GET"))
    )
    answers = OK + OK[:-2] + OK
    found = talk([(CLIENT, asks), (SERVER, answers)])
    assert found.pairs == [("/1", 200), ("/2", 200), ("/3", 200)]
    assert [one.response.body.size for one in found.exchanges if one.response] == [2, 0, 2]
    assert not any(found.codes(place) for place in range(3))


def test_a_page_that_quotes_a_status_line_behind_a_gap() -> None:
    """The hole is in the head, so nothing says where the content ends; it quotes messages."""
    page = b"<pre>\nHTTP/1.1 404 Quoted\r\nContent-Length: 1\r\n\r\nx\nGET /quoted HTTP/1.1\r\n\r\n</pre>" * 3
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
    turns: list[Said] = [
        (CLIENT, b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (SERVER, head + page),
        (CLIENT, b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
        (SERVER, OK),
    ]
    for lost in ((0, 5), (30, 40), (5, len(head) + 3)):
        found = talk(turns, lost, SERVER)
        assert {target for target, _ in found.pairs} == {"/1", "/2"}, lost
        assert dict(found.pairs)["/2"] == 200, lost
        assert all(status != 404 for _, status in found.pairs), lost


def test_the_capture_begins_between_a_request_and_its_response() -> None:
    found = talk([(SERVER, OK), (CLIENT, b"GET /2 HTTP/1.1\r\n\r\n"), (SERVER, OK)], opened=False)
    assert found.pairs == [(None, 200), ("/2", 200)]
    assert found.codes(0) == {"no-request"}


def test_the_capture_begins_inside_a_response() -> None:
    found = talk([(SERVER, b"of a page</html>"), (CLIENT, b"GET /2 HTTP/1.1\r\n\r\n"), (SERVER, OK)], opened=False)
    assert ("/2", 200) in found.pairs
    assert not [status for _, status in found.pairs if status not in (None, 200)]


@pytest.mark.parametrize("side", [CLIENT, SERVER], ids=["requests", "responses"])
def test_one_direction_only(side: int) -> None:
    one = Talk()
    for who, data in by_turns(*numbered(5)):
        if who == side:
            one.say(who, data)
        else:
            one.sent[who] += len(data)
    pairs = one.finish().pairs
    assert pairs == [(f"/{n}", None) if side == CLIENT else (None, 600 + n) for n in range(1, 6)]


def test_a_response_that_comes_before_its_request_has_ended() -> None:
    ask = b"POST /up HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345"
    found = talk([(CLIENT, ask), (SERVER, OK), (CLIENT, b"67890"), (CLIENT, b"GET /2 HTTP/1.1\r\n\r\n"), (SERVER, OK)])
    assert found.pairs == [("/up", 200), ("/2", 200)]
    assert all(one.request and one.request.complete for one in found.exchanges)


def test_more_responses_than_requests() -> None:
    found = talk([(CLIENT, b"GET /1 HTTP/1.1\r\n\r\n"), (SERVER, OK + OK)])
    assert found.pairs == [("/1", 200), (None, 200)]
    assert found.codes(1) == {"no-request"}


def test_pairing_among_many_waiting_requests_is_no_quadratic_work() -> None:
    one = Talk().open()
    one.say(CLIENT, b"GET /lost HTTP/1.1\r\n\r\n" * 2, (0, 5))
    one.say(CLIENT, b"GET / HTTP/1.1\r\n\r\n" * 6_000, mss=60_000)
    one.say(SERVER, OK * 6_000, mss=60_000)
    one.close()


def test_a_search_among_many_waiting_requests_is_no_quadratic_work() -> None:
    one = Talk().open()
    one.say(CLIENT, b"GET / HTTP/1.1\r\n\r\n" * 6_000, mss=60_000)
    one.say(SERVER, b"x" * 10 + b"\nHTTP/1.1 200 OK\r\nx" * 6_000, (0, 5), mss=60_000)
    one.close()
