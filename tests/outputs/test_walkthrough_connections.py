"""What the walkthrough says of how connections open, close and break, and of what is no HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from httptrace.model import MessageEnded, SideCounts, Tls
from tests.outputs.reading import verify
from tests.outputs.test_walkthrough import flat
from tests.outputs.test_walkthrough_loss import begin
from tests.outputs.wire import CLIENT, SERVER, Wire, html

Ending = dict[str, object]
Case = Callable[[Wire], Ending | None]


def refused(wire: Wire) -> Ending:
    wire.send(CLIENT, "S", ms=0)
    wire.send(SERVER, "AR", seq=0, ack=1, ms=8)
    return {"handshake": "refused", "close": "rst", "rtt_ns": None}


def nobody(wire: Wire) -> Ending:
    wire.send(CLIENT, "S", ms=0)
    wire.send(CLIENT, "S", ms=1003, seq=0, analysis=("retransmission",))
    wire.send(CLIENT, "S", ms=2003, seq=0, analysis=("retransmission",))
    return {"handshake": "partial", "close": "open", "rtt_ns": None}


def both_open(wire: Wire) -> None:
    wire.send(CLIENT, "S", ms=0)
    wire.send(SERVER, "S")
    wire.send(CLIENT, "AS", seq=0, ack=1)
    wire.send(SERVER, "AS", seq=0, ack=1)


def without_syn(wire: Wire) -> None:
    wire.seq = [1, 0]
    wire.send(SERVER, "AS", ms=0)
    wire.send(CLIENT, "A")


def syn_ack_again(wire: Wire) -> None:
    wire.send(CLIENT, "S", ms=0)
    wire.send(SERVER, "AS")
    wire.send(SERVER, "AS", seq=0, ms=1000, analysis=("retransmission",))


def middle(wire: Wire) -> Ending:
    wire.seq = [1, 1]
    wire.send(SERVER, "A", 500)
    wire.send(CLIENT)
    return {"handshake": "unseen", "close": "open", "rtt_ns": None}


def one_way(wire: Wire) -> Ending:
    wire.seq = [1, 1]
    wire.send(SERVER, "A", 500)
    wire.send(SERVER, "A", 500)
    return {"handshake": "unseen", "close": "open", "rtt_ns": None}


def three_packets(wire: Wire) -> None:
    wire.shake_hands()
    wire.send(SERVER, "AF")
    wire.send(CLIENT, "AF")
    wire.send(SERVER)


def both_close(wire: Wire) -> None:
    wire.shake_hands()
    wire.send(CLIENT, "AF")
    wire.send(SERVER, "AF", ack=1)
    wire.send(CLIENT)
    wire.send(SERVER)


def half_closed(wire: Wire) -> Ending:
    wire.shake_hands()
    page = wire.exchange(answer=html(1200))
    wire.ask(page)
    wire.send(CLIENT, "AF")
    wire.send(SERVER)
    wire.answer(page, 1448)
    return {"close": "half"}


def fin_again(wire: Wire) -> Ending:
    wire.shake_hands()
    wire.send(CLIENT, "AF")
    wire.send(CLIENT, "AF", ms=300, seq=1, analysis=("retransmission",))
    return {"close": "half"}


def reset_in_a_body(wire: Wire) -> Ending:
    page = begin(wire)
    assert page.response
    wire.send(SERVER, "A", 1448)
    wire.send(CLIENT, "AR", ms=4, ack=1449)
    page.response.complete = False
    page.response.body.size = 2648
    wire.happen(MessageEnded(page, SERVER))
    return {"close": "rst"}


def reset_when_done(wire: Wire) -> Ending:
    wire.shake_hands()
    wire.send(CLIENT, "A", 10)
    wire.send(SERVER)
    wire.send(CLIENT, "AR", ms=4)
    wire.send(CLIENT, "R", ms=4)
    return {"close": "rst"}


def taken_back(wire: Wire) -> Ending:
    wire.send(CLIENT, "S", ms=0)
    wire.send(CLIENT, "R")
    return {"handshake": "partial", "close": "rst", "rtt_ns": None}


def only_requests(wire: Wire) -> Ending:
    wire.send(CLIENT, "S", ms=0)
    wire.send(CLIENT, "A", ack=1)
    wire.ask(wire.exchange())
    return {"handshake": "partial", "close": "open", "server_side": SideCounts()}


def fin_again_confirming(wire: Wire) -> None:
    wire.shake_hands()
    wire.send(CLIENT, "AF")
    wire.send(SERVER, "AF", ack=1)
    wire.send(CLIENT, "AF", seq=1, analysis=("retransmission",))
    wire.send(SERVER)
    wire.send(CLIENT, analysis=("dup-ack",))


def reused(wire: Wire) -> None:
    wire.send(CLIENT, "S", ms=0, analysis=("port-reused",))


def tls(wire: Wire) -> Ending:
    wire.shake_hands()
    wire.send(CLIENT, "AP", 517)
    wire.send(SERVER)
    wire.send(SERVER, "A", 1448, ms=9)
    wire.send(CLIENT)
    for _ in range(3):
        wire.send(CLIENT, "AP", 64)
        wire.send(SERVER, "AP", 500)
    return {"application": "tls", "tls": Tls(sni="www.example.org"), "close": "open"}


def unknown(wire: Wire) -> Ending:
    wire.shake_hands()
    wire.send(SERVER, "AP", 40)
    return {"application": "unknown", "close": "open"}


CASES: list[tuple[Case, list[str]]] = [
    (refused, ["Opening the connection: refused", "refuses: RST instead of SYN, ACK, 8.0 ms after No1.", "on port 80"]),
    (
        nobody,
        ["Opening the connection: nobody answers", "This is attempt number 3.", "Nobody answered: 3 attempts"],
    ),
    (both_open, ["a simultaneous open", "as a simultaneous open asks. Both sides are open."]),
    (without_syn, ["the SYN before it is missing", "Step 3. The client confirms the server's SYN."]),
    (syn_ack_again, ["The server repeats its SYN, ACK"]),
    (middle, ["In the middle of the connection", "it was open already", "The capture ends with No2", "still open"]),
    (one_way, ["Only packets of the server are in the capture, none of the client"]),
    (
        three_packets,
        [
            "Steps 2 and 3 in one packet. The client confirms the FIN (1 + 1 = 2) and sends its own",
            "Step 4. The server confirms the client's FIN: 1 + 1 = 2. The connection is closed. The server",
        ],
    ),
    (both_close, ["both close at once", "Its own is not confirmed yet.", "The connection is closed, by both at once."]),
    (
        half_closed,
        [
            "It may still send (half-closed).",
            "── Exchange 1, the answer: 200 OK to GET / ──",
            "The browser has closed its direction; the server still sends.",
            "The capture ends half-closed: the browser sent its FIN, the server did not.",
        ],
    ),
    (fin_again, ["The client repeats its FIN: no confirmation had come."]),
    (
        reset_in_a_body,
        [
            "Breaking off the connection: reset",
            "The browser resets the connection (RST)",
            "Not confirmed, and perhaps lost: 1,448 bytes of the server.",
            "The page stays incomplete: 2,648 of 20,000 bytes were seen.",
        ],
    ),
    (reset_when_done, ["All bytes seen so far had been confirmed.", "resets again: nothing is open any more."]),
    (taken_back, ["nobody answers", "The client takes it back (RST): no connection came about."]),
    (
        only_requests,
        ["Opening the connection: not seen whole", "Step 3. The browser confirms the server's SYN, which is not in"],
    ),
    (
        fin_again_confirming,
        [
            "The client repeats its FIN: no confirmation had come. It also confirms the server's FIN: 1 + 1 = 2.",
            "The client says ack=2 again (duplicate ACK 1); it has all that the server sent so far.",
        ],
    ),
    (reused, ["carried another connection before"]),
    (
        tls,
        [
            "── TLS: what was said is encrypted, only amounts can be told ──",
            "The client opens TLS and asks for www.example.org (SNI).",
            "6 packets in 0.5 ms: the client sends 192 bytes in 3 pieces, the server 1,500 bytes in 3 pieces.",
        ],
    ),
    (unknown, ["── Data that is no HTTP ──", "The server sends bytes 1–40; its next number will be 41."]),
]


@pytest.mark.parametrize(("case", "sentences"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_the_walkthrough_says(case: Case, sentences: list[str]) -> None:
    wire = Wire()
    ending = case(wire)
    records = [record for record, _ in wire.packets]
    told = wire.told(ending=ending)
    verify(told, records)
    for sentence in sentences:
        assert sentence in flat(told), told
    verify(wire.told(ending=ending, known=False), records)


def test_that_one_side_still_sends_is_said_once() -> None:
    wire = Wire()
    half_closed(wire)
    for _ in range(3):
        wire.send(SERVER, "A", 100)
        wire.send(CLIENT)
    assert flat(wire.told(unfold=True)).count("still sends") == 1
