"""The walkthrough of a page from the first packet to the close: true to the packets, fit to read."""

from __future__ import annotations

import re

import pytest

from httptrace.lang import speaking
from httptrace.model import MessageBegan, MessageEnded
from httptrace.outputs.walkthrough import Walkthrough
from httptrace.outputs.wrap import cell_width
from tests.outputs.reading import nanoseconds, verify
from tests.outputs.wire import BROWSER, CLIENT, SERVER, SITE, Wire, first_page, html

FIRST_PAGE = first_page()
RECORDS = [record for record, _ in FIRST_PAGE.packets]


def test_every_number_of_the_first_page_is_a_packets() -> None:
    read = verify(FIRST_PAGE.told(), RECORDS)
    assert read.entries == [1, 2, 3, 4, 5, 6, 7, 14, 15, 16, 17, 18, 19]
    assert [(first, last) for first, last, _ in read.folds] == [(8, 13)]


@pytest.mark.parametrize("known", [True, False], ids=["read-first", "streamed"])
def test_unfolded_every_packet_has_its_entry(known: bool) -> None:
    read = verify(FIRST_PAGE.told(known=known, unfold=True), RECORDS)
    assert read.entries == list(range(1, 20))
    assert not read.folds


@pytest.mark.parametrize(
    "sentence",
    [
        "── Opening the connection: three-way handshake ──",
        "Step 1. The browser asks to connect",
        "x (shown as 0, on the wire 3482919204)",
        "Step 2. The server agrees, announces its own start y (shown as 0, on the wire 71604)",
        "One round trip, from No1 to No3, took 8.5 ms.",
        "── Exchange 1: GET / → 200 OK ──",
        "The browser requests a page: GET / HTTP/1.1, Host www.imooc.com.",
        "The browser's next number will be 1 + 412 = 413.",
        "The server has every byte of the browser up to 412: 1 + 412 = 413 is the next it expects.",
        "The head takes 248 bytes; 5,460 bytes of body follow (Content-Length), 1,200 bytes of them in this",
        "22.1 ms after confirming the request in No5: the server's thinking time.",
        "sends 3 more pieces (4,260 bytes) in 0.7 ms; the browser confirms each, up to",
        "With No12 the page is complete: 5,460 bytes, gzip, unpacked 21,412 bytes. It took 0.9 ms from No6",
        "── Exchange 2: GET /562f25980001b1b106000338.jpg → 200 OK ──",
        "The browser requests a picture: GET /562f25980001b1b106000338.jpg HTTP/1.1, Host img.mukewang.com.",
        "15.2 ms after the request: 8.4 ms for the way there and back, 6.8 ms for the server to think.",
        "It also confirms No14: ack=801.",
        "── Closing the connection: four-step close ──",
        "Step 1. The browser will send no more: FIN.",
        "its ACK will be 801 + 1 = 802.",
        "Step 4. The browser confirms the server's FIN: 7029 + 1 = 7030. The connection is closed.",
        "browser → server 10 packets 800 bytes",
        "browser ← server 9 packets 7,028 bytes",
        "one round trip 8.5 ms.",
        "httptrace show x.pcap 2 · httptrace walk x.pcap --why",
    ],
)
def test_the_first_page_says(sentence: str) -> None:
    assert sentence in flat(FIRST_PAGE.told())


def test_the_meaning_of_a_status_is_said_once() -> None:
    assert FIRST_PAGE.told().count("the request succeeded") == 1


def test_times_add_up_to_the_whole() -> None:
    text = FIRST_PAGE.told(unfold=True)
    deltas = [nanoseconds(time) for time in re.findall(r"^No\d+ +([+\d.]+ (?:µs|ms))", text, re.M)]
    assert sum(deltas) == pytest.approx(RECORDS[-1].time_ns - RECORDS[0].time_ns, abs=19 * 50_000)


def test_streamed_headings_name_only_what_is_known_then() -> None:
    text = FIRST_PAGE.told(known=False)
    assert "── Exchange 1: GET / ──" in text
    assert "→ 200 OK ──" not in text
    assert "browser → server" in text  # the first packets waited for the request that says so


def test_streamed_it_comes_as_the_packets_come() -> None:
    wire = first_page()
    lines: list[str] = []
    walk = Walkthrough(lines.append, file="x.pcap", client=BROWSER, server=SITE, stream=0)
    seen = []
    for record, happenings in wire.packets:
        walk.packet(record, happenings)
        seen.append("".join(lines))
    assert "No4 " in seen[3]
    assert "No7 " in seen[6]
    assert "No8" not in seen[11]  # a run is being folded
    assert "No8 … No13" in seen[13]


def test_a_client_that_is_no_browser_is_a_client() -> None:
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange(fields=(("Host", "h"), ("User-Agent", "curl/8.5.0")), answer=html(100))
    wire.ask(exchange)
    assert "browser" not in wire.told()
    assert "browser" not in wire.told(known=False)


@pytest.mark.parametrize("width", [60, 72, 80, 120])
@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_wider_than_the_page(width: int, absolute: bool, language: str) -> None:
    with speaking(language):
        text = FIRST_PAGE.told(width=width, absolute=absolute)
    assert max(cell_width(line) for line in text.splitlines()) <= width


def test_absolute_numbers_are_those_on_the_wire() -> None:
    text = flat(FIRST_PAGE.told(absolute=True, unfold=True, width=120))
    for record in RECORDS:
        assert f"seq={record.absolute_seq}" in text or f"={record.absolute_seq} " in text
    assert "3482919205 + 412 = 3482919617" in text
    assert "announces its own start y = 71604" in text
    assert not re.search(r"seq=(x=|y=)?[01] ", text)


def test_a_range_prints_only_its_packets_and_still_counts_all() -> None:
    text = FIRST_PAGE.told(packets=range(12, 16))
    read = verify(text, RECORDS)
    assert read.entries == [12, 13, 14, 15]
    assert "Opening the connection" not in text
    assert "It also confirms No14: ack=801." in flat(text)
    assert "10 packets" in text


def test_a_run_ends_where_the_range_does() -> None:
    read = verify(FIRST_PAGE.told(packets=range(1, 11)), RECORDS)
    assert [(first, last) for first, last, _ in read.folds] == [(8, 10)]


def test_colour_adds_nothing_but_colour() -> None:
    plain = FIRST_PAGE.told()
    coloured = FIRST_PAGE.told(colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_nothing_off_the_wire_steers_the_terminal() -> None:
    hostile = "\x1b[31m\x07\r\n\u202e{0}{client}%s\x9b"
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange(
        f"GET /{hostile} HTTP/1.1",
        f"302 {hostile}",
        fields=(("Host", hostile), ("Range", hostile), ("Upgrade", hostile)),
        answer_fields=(("Location", hostile), ("WWW-Authenticate", hostile)),
        answer=html(100, content_type=hostile, encoding=hostile, decoded_size=7),
    )
    wire.ask(exchange)
    wire.answer(exchange, 348)
    for known in (True, False):
        text = wire.told(known=known, file=f"x{hostile}.pcap")
        assert not [c for c in text if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c == "\u202e"]


def test_folding_keeps_two_packets_of_a_run() -> None:
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange(answer=html(200 + 1_448 * 5_000))
    wire.ask(exchange)
    wire.answer(exchange, 448, whole=False)
    for _ in range(5_000):
        wire.send(SERVER, "A", 1448, ms=0.01)
        wire.send(CLIENT, ms=0.01)
    wire.happen(MessageEnded(exchange, SERVER))
    lines: list[str] = []
    walk = Walkthrough(lines.append, file="x", client=BROWSER, server=SITE, stream=0, browser=True)
    for record, happenings in wire.packets[:-1]:
        walk.packet(record, happenings)
    assert walk._run is not None
    assert walk._run.count == 9_997  # without the first piece and its ACK
    assert len(walk._run.held) == 2
    assert isinstance(wire.packets[3][1][0], MessageBegan)


def flat(text: str) -> str:
    """The text with its lines joined and its spaces single."""
    return re.sub(r"\s+", " ", text)
