"""What the walkthrough says of requests, responses and their bodies; each case names its rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from httptrace import notes
from httptrace.model import Body, MessageBegan, MessageEnded, Note, Response
from tests.outputs.reading import verify
from tests.outputs.test_walkthrough import flat
from tests.outputs.wire import CLIENT, SERVER, Wire, html

Case = Callable[[Wire], object]


def chunked(wire: Wire) -> None:
    body = Body(framing="chunked", chunks=4, size=4798, decoded_size=8147, encoding="gzip", content_type="text/html")
    page = wire.exchange(answer=body)
    wire.ask(page)
    wire.answer(page, 1448, whole=False)
    wire.send(SERVER, "A", 1448)
    wire.send(SERVER, "AP", 2200, ms=0.3)
    wire.happen(MessageEnded(page, SERVER))


def until_close(wire: Wire) -> None:
    page = wire.exchange(answer=Body(framing="close", size=500, decoded_size=500, content_type="text/html"))
    wire.ask(page)
    last = wire.answer(page, 748, whole=False)
    wire.send(CLIENT)
    wire.send(SERVER, "AF")
    assert page.response
    page.response.last_packet = last
    wire.packets[-1][1].append(MessageEnded(page, SERVER))


def head_request(wire: Wire) -> None:
    page = wire.exchange("HEAD /big.iso HTTP/1.1", answer=Body(content_type="application/octet-stream"))
    wire.ask(page)
    wire.answer(page, 248)


def not_modified(wire: Wire) -> None:
    fields = (("Host", "h"), ("If-None-Match", '"abc"'))
    page = wire.exchange("GET /a.css HTTP/1.1", "304 Not Modified", fields=fields)
    wire.ask(page)
    wire.answer(page, 248)


def form(wire: Wire) -> None:
    body = html(22, content_type="application/x-www-form-urlencoded")
    sent = wire.exchange("POST /login HTTP/1.1", "303 See Other", body=body, answer_fields=(("Location", "/home"),))
    wire.ask(sent, 434)
    wire.answer(sent, 248)


def upload_with_permission(wire: Wire) -> None:
    sent = wire.exchange(
        "POST /upload HTTP/1.1",
        "201 Created",
        fields=(("Host", "h"), ("Expect", "100-continue")),
        body=html(2048, content_type="multipart/form-data; boundary=x"),
        answer=Body(framing="length", declared=0),
        answer_fields=(("Location", "/files/1"),),
    )
    wire.send(CLIENT, "AP", 412)
    wire.happen(MessageBegan(sent, CLIENT))
    wire.send(SERVER)
    wire.send(SERVER, "AP", 25)
    interim = Response("HTTP/1.1", [], [], 25, Body(), 6, 6, 0, 0, True, 100, "Continue")
    wire.packets[-1][1].append(MessageBegan(sent, SERVER, interim))
    wire.send(CLIENT)
    wire.send(CLIENT, "A", 1448)
    wire.send(CLIENT, "A", 600)
    wire.happen(MessageEnded(sent, CLIENT))
    wire.send(SERVER)
    wire.answer(sent, 248)


def unauthorized(wire: Wire) -> None:
    asked = wire.exchange(
        "GET /grades HTTP/1.1", "401 Unauthorized", answer_fields=(("WWW-Authenticate", 'Basic realm="Grades"'),)
    )
    wire.ask(asked)
    wire.answer(asked, 248)


def unavailable(wire: Wire) -> None:
    asked = wire.exchange(response="503 Service Unavailable", answer_fields=(("Retry-After", "120"),))
    wire.ask(asked)
    wire.answer(asked, 248)


def partial(wire: Wire) -> None:
    asked = wire.exchange(
        "GET /film.mp4 HTTP/1.1",
        "206 Partial Content",
        fields=(("Host", "h"), ("Range", "bytes=0-99")),
        answer_fields=(("Content-Range", "bytes 0-99/5000"),),
        answer=html(100, content_type="video/mp4"),
    )
    wire.ask(asked)
    wire.answer(asked, 348)


def websocket(wire: Wire) -> None:
    asked = wire.exchange(
        "GET /chat HTTP/1.1",
        "101 Switching Protocols",
        fields=(("Host", "h"), ("Upgrade", "websocket")),
        answer_fields=(("Upgrade", "websocket"),),
    )
    wire.ask(asked)
    wire.answer(asked, 248)
    wire.send(CLIENT, "AP", 30)


def tunnel(wire: Wire) -> None:
    asked = wire.exchange("CONNECT www.example.org:443 HTTP/1.1", "200 OK")
    wire.ask(asked)
    wire.answer(asked, 248)
    wire.send(CLIENT, "AP", 517)


def pipelined(wire: Wire) -> None:
    exchanges = [
        wire.exchange("GET /a.css HTTP/1.1", answer=html(500, content_type="text/css")),
        wire.exchange("GET /b.js HTTP/1.1", "404 Not Found", answer=html(500)),
        wire.exchange("GET /c.json HTTP/1.1", answer=html(2, content_type="application/json")),
    ]
    wire.send(CLIENT, "AP", 300)
    for exchange in exchanges:
        assert exchange.request
        exchange.request.header_size = 100
        wire.happen(MessageBegan(exchange, CLIENT), MessageEnded(exchange, CLIENT))
    wire.send(SERVER)
    wire.answer(exchanges[0], 748)
    wire.send(SERVER, "A", 998)
    for exchange in exchanges[1:]:
        wire.happen(MessageBegan(exchange, SERVER), MessageEnded(exchange, SERVER))


def long_head(wire: Wire) -> None:
    page = wire.exchange(head=2_000, answer=html(100))
    wire.send(CLIENT, "A", 1448)
    first = wire.last()
    assert page.request
    page.request.first_packet, page.request.time_ns = first.packet, first.time_ns
    wire.send(CLIENT, "AP", 552)
    wire.happen(MessageBegan(page, CLIENT), MessageEnded(page, CLIENT))


def no_request(wire: Wire) -> None:
    page = wire.exchange(answer=html(1200))
    page.request = None
    page.notes.append(Note(notes.NO_REQUEST, 4, "a response whose request is not in the capture"))
    wire.answer(page, 1448)


def no_answer(wire: Wire) -> None:
    page = wire.exchange()
    page.response = None
    wire.ask(page)


def noted(wire: Wire) -> None:
    page = wire.exchange(answer=html(1200, content_type="image/png"))
    page.notes.append(Note(notes.MIME_MISMATCH, 5, "the content begins like {kind}", {"kind": "text/html"}))
    wire.ask(page)
    wire.answer(page, 1448)


def old(wire: Wire) -> None:
    page = wire.exchange("GET /", "", answer=Body(framing="close", size=9, decoded_size=9))
    wire.ask(page, 7)
    wire.answer(page, 9, whole=False)


def behind_a_hole(wire: Wire) -> None:
    """The chain reads the second exchange only when the hole is given up; it is told where it is."""
    first, second = wire.exchange(answer=html(1200)), wire.exchange("GET /after HTTP/1.1", answer=html(100))
    wire.ask(first)
    wire.answer(first, 1448)
    for message, direction, length in ((second.request, CLIENT, 412), (second.response, SERVER, 348)):
        assert message
        wire.send(direction, "AP", length, ms=5)
        record = wire.last()
        message.first_packet = message.last_packet = record.packet
        message.time_ns = message.end_time_ns = record.time_ns
    for direction in (CLIENT, SERVER):
        wire.behind += [MessageBegan(second, direction), MessageEnded(second, direction)]


CASES: list[tuple[Case, list[str]]] = [
    (
        chunked,
        [
            "the body comes in chunks, each with its size before it, and one of size 0 ends it.",
            "With No7 the page is complete: 4,798 bytes, 4 chunks, gzip, unpacked 8,147 bytes. It took 0.4 ms",
        ],
    ),
    (
        until_close,
        [
            "no length is given: the body lasts until the connection closes.",
            "The close ends the page; its last byte came in No5: 500 bytes.",
        ],
    ),
    (head_request, ["asks for the head of an answer, without its body", "an answer to HEAD has no body."]),
    (
        not_modified,
        [
            "The client requests a style sheet",
            "It has a copy and wants a new one only if that is out of date (If-None-Match).",
            "304 Not Modified (not changed",
            "an answer with status 304 has no body.",
        ],
    ),
    (
        form,
        [
            "The browser sends a form: POST /login HTTP/1.1",
            "The head takes 412 bytes, the body 22 bytes (Content-Length). All of it is in this packet.",
            "303 See Other (the result is to be fetched elsewhere with GET)",
            "Location says where to ask instead: /home.",
        ],
    ),
    (
        upload_with_permission,
        [
            "The client sends an upload: POST /upload HTTP/1.1",
            "Before sending the body it asks for leave (Expect: 100-continue).",
            "The server sends an interim answer: 100 Continue (go on and send the body).",
            "With No9 the upload is complete: 2,048 bytes.",
            "201 Created (something new was created). It is at /files/1 (Location).",
            "there is no body (Content-Length: 0).",
        ],
    ),
    (unauthorized, ["(the server wants to know who asks)", 'says how to prove it: Basic realm="Grades".']),
    (unavailable, ["503 Service Unavailable", "It asks to wait 120 seconds before trying again (Retry-After)."]),
    (partial, ["requests a video", "(Range: bytes=0-99)", "Content-Range says which part: bytes 0-99/5000."]),
    (
        websocket,
        [
            "(Upgrade: websocket)",
            "The protocol is now websocket (Upgrade).",
            "── After the change of protocol: websocket ──",
            "The client sends bytes 413–442; its next number will be 443.",
        ],
    ),
    (tunnel, ["asks for a tunnel", "── After the change of protocol: tunnel to www.example.org:443 ──"]),
    (
        pipelined,
        [
            "── Exchanges 1–3, pipelined: GET /a.css · GET /b.js · GET /c.json ──",
            "── Exchange 1, the answer: 200 OK to GET /a.css ──",
            "── Exchanges 2–3: the answers ──",
            "The answer to exchange 2 begins: 404 Not Found (nothing is there under this address)",
            "The answer to exchange 3 begins: 200 OK, application/json",
        ],
    ),
    (long_head, ["── Exchange 1: GET / → 200 OK ──", "It began in No4; only now its head is complete."]),
    (no_request, ["Exchange 1: 200 OK, the answer to a request that was not captured"]),
    (no_answer, ["── Exchange 1: GET / → no answer ──", "Exchange 1 has no answer in the capture."]),
    (noted, ["⚠ The content begins like text/html. [mime-mismatch]"]),
    (old, ["The browser requests a page: GET /, Host", "an answer without a status (HTTP/0.9)"]),
    (
        behind_a_hole,
        [
            "No6 +5.0 ms browser → server PSH, ACK seq=413 ack=1449 412 bytes The browser requests a page: GET /after",
            "No7 +5.0 ms browser ← server PSH, ACK seq=1449 ack=825 348 bytes The answer begins: 200 OK",
        ],
    ),
]


@pytest.mark.parametrize(("case", "sentences"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_the_walkthrough_says(case: Case, sentences: list[str]) -> None:
    wire = Wire()
    wire.shake_hands()
    case(wire)
    records = [record for record, _ in wire.packets]
    told = wire.told()
    verify(told, records)
    for sentence in sentences:
        assert sentence in short_rules(flat(told)), told
    verify(wire.told(known=False), records)


def short_rules(text: str) -> str:
    """The text with every rule of a heading as two strokes."""
    while "───" in text:
        text = text.replace("───", "──")
    return text


def test_a_note_that_was_told_is_not_repeated() -> None:
    wire = Wire()
    wire.shake_hands()
    no_request(wire)
    assert "[no-request]" not in wire.told()


def test_a_braced_note_is_shown_as_it_is() -> None:
    wire = Wire()
    wire.shake_hands()
    page = wire.exchange(answer=html(1200))
    page.notes.append(Note(notes.BAD_FRAMING, 5, "the field {name} is odd", {"name": "{0} \x1b[2J"}))
    wire.ask(page)
    wire.answer(page, 1448)
    assert r"The field {0} \x1b[2J is odd. [bad-framing]" in wire.told()


def test_a_hidden_thinking_time_is_not_guessed_where_requests_queue() -> None:
    wire = Wire()
    wire.shake_hands()
    pipelined(wire)
    assert "thinking" not in wire.told()


@pytest.mark.parametrize("width", [60, 80])
def test_a_long_target_leaves_room_for_the_status(width: int) -> None:
    wire = Wire()
    wire.shake_hands()
    page = wire.exchange(f"GET /{'x' * 3000} HTTP/1.1", answer=html(100))
    wire.ask(page)
    wire.answer(page, 348)
    headings = [line for line in wire.told(width=width).splitlines() if line.startswith("── Exchange")]
    assert headings[0].rstrip("─").endswith("… → 200 OK ")
    assert len(headings[0]) == width
