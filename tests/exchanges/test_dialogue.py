"""Conversations with a catch: what comes of them as exchanges, and what is said of each."""

from __future__ import annotations

import gzip
from hashlib import sha256

import pytest

from httptrace.model import Exchange
from httptrace.pipeline import Analyzer, Options
from tests.exchanges.talking import ACK, CLIENT, FIN, SERVER, Outcome, Said, Talk, talk
from tests.tcp.wire import RST, key_of

GET = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


def one(found: Outcome) -> Exchange:
    (exchange,) = found.exchanges
    return exchange


# ---------------------------------------------------------------------- 1xx, Expect, Upgrade, CONNECT


def test_informational_responses_stand_before_the_final_one() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    exchange = one(talk([(CLIENT, GET), (SERVER, early + OK)]))
    assert [response.status for response in exchange.informational] == [103, 102]
    assert exchange.informational[0].headers == [("Link", "</a>")]
    assert all(response.complete for response in exchange.informational)
    assert exchange.response is not None
    assert exchange.response.status == 200


POST = b"POST /up HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"


def test_a_body_after_continue() -> None:
    found = talk([(CLIENT, POST), (SERVER, b"HTTP/1.1 100 Continue\r\n\r\n"), (CLIENT, b"hello"), (SERVER, OK)])
    exchange = one(found)
    assert exchange.request is not None
    assert (exchange.request.complete, exchange.request.body.size) == (True, 5)
    assert [response.status for response in exchange.informational] == [100]
    assert not found.codes(0)


@pytest.mark.parametrize("behind", [b"", NEXT], ids=["nothing-behind", "another-request"])
def test_a_refused_body(behind: bytes) -> None:
    refused = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"
    turns: list[Said] = [(CLIENT, POST), (SERVER, refused)]
    if behind:
        turns += [(CLIENT, behind), (SERVER, OK)]
    found = talk(turns)
    assert found.pairs == [("/up", 417), ("/next", 200)][: 1 + bool(behind)]
    request = found.exchanges[0].request
    assert request is not None
    assert (request.complete, request.body.size) == (False, 0)
    assert not found.codes(0)


def test_a_client_that_does_not_wait_for_continue() -> None:
    found = talk([(CLIENT, POST + b"hello" + NEXT), (SERVER, OK + OK)])
    assert found.pairs == [("/up", 200), ("/next", 200)]


def test_connect_opens_a_tunnel() -> None:
    ask = b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"
    done = b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n"
    found = talk([(CLIENT, ask), (SERVER, done), (CLIENT, GET), (SERVER, OK)])
    assert found.pairs == [("a.example:443", 200)]
    exchange = found.exchanges[0]
    assert exchange.request is not None
    assert exchange.response is not None
    assert exchange.request.url is None
    assert (exchange.response.body.size, exchange.response.complete) == (0, True)


def test_a_request_that_was_begun_before_the_tunnel_keeps_its_number() -> None:
    asks = b"CONNECT a.example:443 HTTP/1.1\r\n\r\nGET /begun HTTP/1.1\r\nHos"
    found = talk([(CLIENT, asks), (SERVER, b"HTTP/1.1 200 OK\r\n\r\n"), (CLIENT, b"t: a\r\n\r\n")])
    assert found.pairs == [("a.example:443", 200), ("/begun", None)]
    assert [exchange.no for exchange in found.exchanges] == [1, 2]
    assert found.codes(1) == {"truncated"}


def test_a_refused_connect_is_an_exchange_like_others() -> None:
    ask = b"CONNECT a.example:443 HTTP/1.1\r\n\r\n"
    found = talk([(CLIENT, ask), (SERVER, OK.replace(b"200", b"407")), (CLIENT, GET), (SERVER, OK)])
    assert found.pairs == [("a.example:443", 407), ("/a", 200)]


def test_switching_protocols_is_final() -> None:
    ask = b"GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    done = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    found = talk(
        [(CLIENT, ask), (SERVER, done), (CLIENT, b"\x81\x05HTTP/"), (SERVER, b"\x81\x05GET / HTTP/1.1\r\n\r\n")]
    )
    assert found.pairs == [("/chat", 101)]
    assert found.exchanges[0].informational == []
    assert found.streams[0].application == "websocket"


# ---------------------------------------------------------------------- 0.9, and what is no HTTP


def test_http_0_9() -> None:
    found = talk([(CLIENT, b"GET /old\r\n"), (SERVER, b"<html>HTTP/1.1 200 OK\r\n")])
    exchange = one(found)
    assert exchange.protocol == "HTTP/0.9"
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.reason, exchange.response.version) == (None, None, "HTTP/0.9")
    assert exchange.response.headers == []
    assert exchange.response.body.size == 23
    assert exchange.response.complete
    assert found.streams[0].application == "http/0.9"


@pytest.mark.parametrize(
    "turns",
    [
        pytest.param([(SERVER, b"220 mail ESMTP\r\n"), (CLIENT, b"EHLO a\r\n"), (SERVER, b"250 OK\r\n")], id="smtp"),
        pytest.param([(SERVER, b"SSH-2.0-x\r\n"), (CLIENT, b"SSH-2.0-y\r\n")], id="ssh"),
        pytest.param([(CLIENT, bytes(range(256))), (SERVER, bytes(range(256)))], id="binary"),
        pytest.param([(CLIENT, b"USER a\r\n"), (SERVER, b"331 x\r\n"), (CLIENT, b"GET file\r\n")], id="ftp-like"),
        pytest.param([(CLIENT, b"mail: GET / HTTP/1.1\r\n"), (SERVER, b"> HTTP/1.1 200 OK\r\n")], id="quoted"),
    ],
)
def test_other_protocols_give_no_exchange(turns: list[Said]) -> None:
    found = talk(turns)
    assert found.exchanges == []
    assert found.streams[0].application == "unknown"


# ---------------------------------------------------------------------- ends


@pytest.mark.parametrize("closing", ["rst", "fin", "capture"])
@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", id="in-counted-content"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok", id="in-a-chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n", id="in-the-head"),
    ],
)
def test_a_response_that_is_cut_is_truncated(cut: bytes, closing: str) -> None:
    said = Talk().open().say(CLIENT, GET).say(SERVER, cut)
    if closing == "rst":
        said.segment(SERVER, said.sent[SERVER], flags=RST | ACK)
    if closing == "fin":
        said.segment(SERVER, said.sent[SERVER], flags=FIN | ACK)
    found = said.finish()
    exchange = one(found)
    assert exchange.response is not None
    assert not exchange.response.complete
    assert found.codes(0) == {"truncated"}


@pytest.mark.parametrize(
    ("closing", "complete"), [("fin", True), ("rst", False), ("capture", False)], ids=["fin", "rst", "capture"]
)
def test_content_until_close(closing: str, complete: bool) -> None:
    said = Talk().open().say(CLIENT, GET).say(SERVER, b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nall of it")
    if closing != "capture":
        said.segment(SERVER, said.sent[SERVER], flags={"fin": FIN | ACK, "rst": RST | ACK}[closing])
    found = said.finish()
    response = one(found).response
    assert response is not None
    assert (response.complete, response.body.size) == (complete, 9)
    assert found.codes(0) == (set() if complete else {"truncated"})


def test_a_request_without_an_answer() -> None:
    found = talk([(CLIENT, GET)])
    assert found.pairs == [("/a", None)]
    assert one(found).timings.wait is None


def test_what_is_read_behind_a_reset() -> None:
    said = Talk().open().say(CLIENT, GET)
    said.segment(CLIENT, said.sent[CLIENT], flags=RST | ACK)
    found = said.say(SERVER, OK).finish()
    assert found.pairs == [("/a", 200)]


# ---------------------------------------------------------------------- content


def test_a_gap_says_what_the_framing_said() -> None:
    body = b"0123456789" * 10
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n" + body
    begin = len(answer) - 60
    found = talk([(CLIENT, GET), (SERVER, answer), (CLIENT, NEXT), (SERVER, OK)], (begin, begin + 20))
    assert found.pairs == [("/a", 200), ("/next", 200)]
    response = found.exchanges[0].response
    assert response is not None
    assert (response.complete, response.body.size) == (False, 80)
    assert response.body.sha256 == sha256(body[:40] + body[60:]).hexdigest()
    (note,) = [note for note in found.exchanges[0].notes if note.code == "content-gap"]
    assert "100" in note.text
    assert "20" in note.text
    assert not found.codes(1)


def test_a_transfer_coding_is_undone_like_chunked() -> None:
    body = gzip.compress(b"hello" * 100)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: gzip, chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
    response = one(talk([(CLIENT, GET), (SERVER, answer % (len(body), body))])).response
    assert response is not None
    assert (response.body.size, response.body.decoded_size) == (500, 500)
    assert response.body.encoding is None


def test_several_content_encoding_lines_are_joined() -> None:
    body = gzip.compress(gzip.compress(b"hello"))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\nContent-encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    response = one(talk([(CLIENT, GET), (SERVER, head % len(body) + body)])).response
    assert response is not None
    assert (response.body.encoding, response.body.decoded_size) == ("gzip, gzip", 5)


def test_trailers_and_the_last_packet_are_the_response_s() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n"
    said = Talk().open().say(CLIENT, GET).say(SERVER, answer[:50]).say(SERVER, answer[50:60]).say(SERVER, answer[60:])
    response = one(said.close()).response
    assert response is not None
    assert response.trailers == [("X-Sum", "7")]
    assert (response.first_packet, response.last_packet) == (5, 7)
    assert response.body.chunks == 1


def test_bodies_are_kept_only_where_they_are_asked_for() -> None:
    for keep in (0, 1, 100):
        said = Talk(Options(keep_bodies=keep)).open().say(CLIENT, GET).say(SERVER, OK)
        response = one(said.close()).response
        assert response is not None
        assert response.body.content == (b"ok"[:keep] if keep else None)


# ---------------------------------------------------------------------- what is said of clean traffic, and of other


def test_clean_traffic_has_no_notes() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    same = head + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"
    found = talk(
        [(CLIENT, GET), (SERVER, chunked), (CLIENT, NEXT), (SERVER, same), (CLIENT, GET + NEXT), (SERVER, OK + OK)]
    )
    assert [exchange.notes for exchange in found.exchanges] == [[]] * 4


@pytest.mark.parametrize(
    ("request_head", "code"),
    [
        pytest.param(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "smuggling-risk", id="cl-te"),
        pytest.param(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "smuggling-risk", id="te-cl"),
        pytest.param(b"Transfer-Encoding : chunked\r\n", "bad-framing", id="space-before-the-colon"),
        pytest.param(b"Transfer-Encoding:\r\n chunked\r\n", "bad-framing", id="obs-fold"),
        pytest.param(b"Transfer-Encoding: chunked\n", "bad-framing", id="lf"),
    ],
)
def test_smuggled_requests_have_one_reading_and_a_note(request_head: bytes, code: str) -> None:
    ask = b"POST /a HTTP/1.1\r\nHost: a\r\n" + request_head + b"\r\n5\r\nhello\r\n0\r\n\r\n"
    found = talk([(CLIENT, ask), (SERVER, OK), (CLIENT, NEXT), (SERVER, OK)])
    assert found.pairs == [("/a", 200), ("/next", 200)]
    request = found.exchanges[0].request
    assert request is not None
    assert (request.body.size, request.complete) == (5, True)
    assert found.codes(0) == {code}
    assert not found.codes(1)


def test_a_wrong_chunk_size_loses_only_its_message() -> None:
    bad = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"
    found = talk([(CLIENT, GET), (SERVER, bad), (CLIENT, NEXT), (SERVER, OK)])
    assert found.pairs == [("/a", 200), ("/next", 200)]
    assert "bad-framing" in found.codes(0)
    assert not found.codes(1)


# ---------------------------------------------------------------------- numbers, packets, times


def test_numbers_are_by_the_first_readable_start_line() -> None:
    """The second request is readable when its start line is, long before its head ends."""
    said = Talk().open().say(CLIENT, GET).say(SERVER, OK).say(CLIENT, NEXT[:30])
    said.say(SERVER, b"HTTP/1.1 100 Continue\r\n\r\n").say(CLIENT, NEXT[30:]).say(SERVER, OK)
    found = said.close()
    assert found.pairs == [("/a", 200), ("/next", 200)]


def test_timings() -> None:
    exchange = one(talk([(CLIENT, GET[:10]), (CLIENT, GET[10:]), (SERVER, OK[:20]), (SERVER, OK[20:])]))
    timings = exchange.timings
    ms = 1_000_000
    assert (timings.connect, timings.send, timings.wait, timings.receive) == (2 * ms, ms, ms, ms)
    request, response = exchange.request, exchange.response
    assert request is not None
    assert response is not None
    assert (request.first_packet, request.last_packet) == (4, 5)
    assert (response.first_packet, response.last_packet) == (6, 7)


def test_only_the_first_exchange_has_the_time_to_connect() -> None:
    found = talk([(CLIENT, GET), (SERVER, OK), (CLIENT, NEXT), (SERVER, OK)])
    assert [exchange.timings.connect is not None for exchange in found.exchanges] == [True, False]


def test_the_server_may_open_the_connection() -> None:
    """HTTP shows who asks, but the SYN says who is the client of the connection."""
    said = Talk().open()
    said.say(SERVER, GET).say(CLIENT, OK)
    found = said.close()
    assert found.pairs == [("/a", 200)]


def test_a_lonely_response_is_numbered_by_its_start_line() -> None:
    found = Outcome()
    analyzer = Analyzer(on_exchange=found.exchanges.append)
    said = (
        (SERVER, 1, 1, b"HTTP/1.1 200 OK\r\nContent-"),
        (CLIENT, 2, 1, GET),
        (SERVER, 1, 26, b"Length: 0\r\n\r\n"),
    )
    for packet, (side, port, seq, data) in enumerate(said, 1):
        analyzer.tracker.segment(key_of(side, port), seq, 1, ACK, data, len(data), packet, packet)
    analyzer.finish()
    assert found.pairs == [(None, 200), ("/a", None)]
