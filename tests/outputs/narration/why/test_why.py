"""What `--why` says in each situation, in both languages: the rows of one entry, by their labels."""

from __future__ import annotations

import random

import pytest

from httptrace import lang
from httptrace.model import Body
from tests.outputs.wire import CLIENT, SERVER, Wire, first_page, html


def flat(text: str) -> str:
    return " ".join(text.split())


def entry(wire: Wire, number: int, **options: object) -> str:
    """The lines of one packet's entry, on one line."""
    lines = wire.told(why=True, unfold=True, **options).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"No{number} "))
    end = next((at for at in range(start + 1, len(lines)) if lines[at][:2] in ("No", "──")), len(lines))
    return flat(" ".join(lines[start:end]))


def transfer(*steps: dict[str, object]) -> Wire:
    """A handshake, a request and the packets of the steps."""
    wire = Wire()
    wire.shake_hands()
    wire.ask(wire.exchange(answer=html(50_000)))
    for step in steps:
        wire.send(**step)  # type: ignore[arg-type]
    return wire


LOST = [
    {"sender": SERVER, "length": 1000, "ms": 20},
    {"sender": SERVER, "length": 1000, "seq": 2001, "analysis": ("lost-segment",)},
    {"sender": CLIENT, "ack": 1001},
    {"sender": CLIENT, "ack": 1001, "analysis": ("dup-ack",)},
    {"sender": SERVER, "length": 1000, "seq": 1001, "analysis": ("retransmission", "fast-retransmission")},
    {"sender": CLIENT, "ack": 3001},
]
REPEATED = [
    {"sender": SERVER, "length": 1000, "ms": 20},
    {"sender": SERVER, "length": 1000, "seq": 1, "ms": 204, "analysis": ("retransmission",)},
    {"sender": CLIENT, "ack": 1001, "ms": 0.1},
]
NEEDLESS = [
    {"sender": SERVER, "length": 1000, "ms": 20},
    {"sender": CLIENT, "ack": 1001},
    {"sender": SERVER, "length": 1000, "seq": 1, "analysis": ("retransmission", "spurious-retransmission")},
]
SHUT = [
    {"sender": SERVER, "length": 1000, "ms": 20, "analysis": ("window-full",)},
    {"sender": CLIENT, "window": 0, "analysis": ("zero-window",)},
    {"sender": SERVER, "length": 1, "ms": 200, "analysis": ("zero-window-probe",)},
]
IDLE = [{"sender": CLIENT, "seq": 412, "ms": 45_000, "analysis": ("keep-alive",)}]


@pytest.mark.parametrize(
    ("steps", "number", "said"),
    [
        pytest.param(
            LOST, 6, "seq 2001 + 1000 = 3001 ack Stays 413 flight 3,000 bytes of the server", id="behind-a-hole"
        ),
        pytest.param(LOST, 6, "rule Who lost them shows later", id="who-lost-it-shows-later"),
        pytest.param(LOST, 8, "ack Stays 1001", id="a-duplicate-ack-moves-nothing"),
        pytest.param(LOST, 8, "cannot tell whether byte 1001 is lost or only late", id="what-a-receiver-knows"),
        pytest.param(LOST, 9, "seq Back to 1001; the next new byte stays number 3001.", id="back-to-the-hole"),
        pytest.param(LOST, 9, "never came past here, and the browser misses it", id="lost-before-the-capture"),
        pytest.param(LOST, 9, "Three duplicate ACKs count as a loss", id="fast-retransmission"),
        pytest.param(LOST, 10, "No sample of a round trip", id="karn"),
        pytest.param(
            REPEATED, 6, "No5 did come past here: it was lost behind the capture", id="lost-behind-the-capture"
        ),
        pytest.param(REPEATED, 6, "The timer ran out after 204.0 ms. Next time it waits twice as long", id="timeout"),
        pytest.param(NEEDLESS, 7, "its ACK in No6 was, or it came too late for the timer", id="the-ack-was-lost"),
        pytest.param(NEEDLESS, 7, "rule It cost only time", id="spurious"),
        pytest.param(
            SHUT, 5, "never more unconfirmed than the last window allows, 65,535 bytes here", id="window-full"
        ),
        pytest.param(SHUT, 6, "window 0: the browser has no room left", id="zero-window"),
        pytest.param(SHUT, 7, "seq 1001: one byte too many, so that the browser has to answer", id="probe"),
        pytest.param(SHUT, 7, "the server keeps asking, less and less often (RFC 9293 §3.8.6.1)", id="why-probes"),
        pytest.param(IDLE, 5, "seq 412, one below the next: a number confirmed long ago", id="keep-alive"),
    ],
)
def test_trouble(steps: list[dict[str, object]], number: int, said: str) -> None:
    assert said in entry(transfer(*steps), number)


def test_a_byte_that_only_asks_is_no_data_to_keep() -> None:
    asks = [{"sender": CLIENT, "seq": 412, "length": 1, "ms": 45_000, "analysis": ("keep-alive",)}]
    wire = transfer(*asks)
    del wire.packets[3]
    assert "keeps a copy" not in wire.told(why=True, unfold=True)
    assert "keeps a copy" not in entry(transfer(*SHUT), 7)


def closing(*steps: tuple[object, str]) -> Wire:
    wire = first_page()
    while "F" not in wire.packets[-1][0].flags or wire.packets[-1][0].sender is SERVER:
        wire.packets.pop()
    wire.number = len(wire.packets)
    wire.seq[SERVER] -= 1
    for sender, flags in steps:
        wire.send(sender, flags)  # type: ignore[arg-type]
    return wire


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        pytest.param(
            [(SERVER, "A"), (SERVER, "AF")],
            "browser FIN-WAIT-2 → TIME-WAIT: over, waits for stragglers server CLOSE-WAIT → LAST-ACK",
            id="four-steps",
        ),
        pytest.param(
            [(SERVER, "AF")], "Three packets instead of four: the server had nothing left", id="three-packets"
        ),
        pytest.param([(SERVER, "AR")], "server CLOSE-WAIT → CLOSED", id="reset-in-the-close"),
    ],
)
def test_closing(steps: list[tuple[object, str]], said: str) -> None:
    wire = closing(*steps)
    assert said in entry(wire, wire.number)


def test_a_redirect_and_what_follows_it() -> None:
    wire = Wire()
    wire.shake_hands()
    first = wire.exchange(
        "GET /old HTTP/1.1",
        "302 Found",
        fields=(("Host", "www.imooc.com"),),
        answer_fields=(("Location", "/new#here"),),
        answer=html(0, declared=0),
    )
    second = wire.exchange("GET /new HTTP/1.1", fields=(("Host", "www.imooc.com"),), answer=html(100))
    assert first.request
    assert second.request
    first.request.url, second.request.url = "http://www.imooc.com/old", "http://www.imooc.com/new"
    wire.ask(first)
    wire.answer(first, 248)
    wire.ask(second)
    wire.answer(second, 348)
    assert "Exchange 2 in No6 asks there." in entry(wire, 5)
    assert "status 302: The resource is at another URL for the moment" in entry(wire, 5)
    second.request.url = "http://www.imooc.com/other"
    assert "No request for it follows on this connection." in entry(wire, 5)
    assert "asks there" not in entry(wire, 5, known=False)


def test_not_allowed_and_asked_again() -> None:
    wire = Wire()
    wire.shake_hands()
    exchanges = [
        wire.exchange(response=status, answer=html(0, declared=0)) for status in ("401 Unauthorized", "200 OK")
    ]
    for exchange in exchanges:
        assert exchange.request
        exchange.request.url = "http://www.imooc.com/"
        wire.ask(exchange)
        wire.answer(exchange, 248)
    assert "On this connection it does not ask again." in entry(wire, 5)
    assert exchanges[1].request
    exchanges[1].request.headers.append(("Authorization", "Basic eDp5"))
    assert "Exchange 2 in No6 asks again, with Authorization." in entry(wire, 5)


@pytest.mark.parametrize(
    ("body", "fields", "said"),
    [
        pytest.param(html(9), (), "length Content-Length: exactly 9 bytes after the empty line", id="content-length"),
        pytest.param(html(9, framing="chunked", declared=None), (), "each chunk tells its own", id="chunked"),
        pytest.param(
            html(9, framing="close", declared=None), (), "the body ends where the connection does", id="close"
        ),
        pytest.param(html(9), (("Connection", "close"),), "after Connection: close: after this answer", id="last"),
        pytest.param(html(9), (), "after The connection stays open for the next request", id="persistent"),
        pytest.param(
            html(9, encoding="br"), (), "packed the body with br, which the request did not offer", id="not-offered"
        ),
    ],
)
def test_bodies(body: Body, fields: tuple[tuple[str, str], ...], said: str) -> None:
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange(answer=body, answer_fields=fields)
    wire.ask(exchange)
    wire.answer(exchange, 300)
    told = entry(wire, 5)
    assert said in told
    assert ("stays open" in told) is (body.framing != "close" and not fields)


def test_what_was_offered_and_taken() -> None:
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange(fields=(("Accept-Encoding", "gzip, br"),), answer=html(9, encoding="gzip"))
    wire.ask(exchange)
    wire.answer(exchange, 300)
    assert "packed the body with gzip; the client had offered gzip, br (RFC 9110 §12.5.3)" in entry(wire, 5)


def test_pipelined_requests() -> None:
    wire = Wire()
    wire.shake_hands()
    one, two = wire.exchange(answer=html(9)), wire.exchange(answer=html(9))
    wire.ask(one)
    wire.happen(*[type(event)(two, event.sender) for event in wire.packets[-1][1]])
    assert "answered in their order, nothing else pairs them (RFC 9112 §9.3.2)" in entry(wire, 4)


def test_it_is_explained_once() -> None:
    told = flat(first_page().told(why=True, unfold=True))
    for sentence in ("GET: Asks for", "200: The request", "PSH: ", "RFC 6298 §2", "numbers 1–412", "RFC 9293 §3.3.2"):
        assert told.count(sentence) == 1, sentence


def test_a_run_says_what_is_said_only_once() -> None:
    steps = [*LOST[:4], *LOST[3:4] * 6]
    told = flat(transfer(*steps).told(why=True))
    assert "No8 … No14" in told
    assert told.count("rule Each piece behind a hole is answered at once") == 1


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_any_packets_are_borne(seed: int, language: str) -> None:
    """Numbers, flags, words and options that fit nothing raise nothing."""
    chance = random.Random(seed)
    wire = Wire()
    if seed % 2:
        wire.shake_hands()
    words = (
        "retransmission",
        "out-of-order",
        "lost-segment",
        "dup-ack",
        "zero-window",
        "zero-window-probe",
        "keep-alive",
    )
    for _ in range(40):
        number = chance.choice((0, 1, 5, 1000, 2**31, 2**32 - 1))
        flags = "".join(letter for letter in "APRSF" if chance.random() < 0.3) or "A"
        wire.send(
            chance.choice((CLIENT, SERVER)),
            flags,
            chance.choice((0, 0, 1, 1460)),
            ms=chance.choice((-1, 0, 0.1, 300)),
            seq=chance.choice((None, number)),
            ack=chance.choice((None, chance.randrange(2**32))),
            analysis=(chance.choice(words),) if chance.random() < 0.3 else (),
            window=chance.choice((0, 1, 65535)),
        )
        wire.last().options = chance.randbytes(chance.randrange(12))
    with lang.speaking(language):
        for known in (True, False):
            assert wire.told(why=True, heads=True, known=known, unfold=bool(seed % 3))
