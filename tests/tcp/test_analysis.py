"""What is said of data, SYN and FIN: retransmissions, order, losses. Each row was held against tshark
4.0.17."""

from __future__ import annotations

import pytest

from httptrace.model import ANALYSIS
from httptrace.tcp.analysis import Analysis, words_of
from tests.tcp.segments import ACK, FIN, PSH, RST, SYN, Segment
from tests.tcp.talk import HANDSHAKE, REFUSED, analyse, client, server, timeline

H = HANDSHAKE
FIRST = client(1001, length=100)
BEHIND_HOLE = client(1201, length=100)
THREE_SENT = (FIRST, client(1101, length=100), client(1201, length=100))
ASKED_TWICE = (*(server(5001, 1101, ms=1),) * 3,)

ROWS = [
    ("first-data", [*H, FIRST], ""),
    ("answer", [*H, FIRST, server(5001, 1101, PSH | ACK, 50)], ""),
    ("same-data-later", [*H, FIRST, client(1001, length=100, ms=30)], "retransmission"),
    (
        "same-data-at-once-is-never-out-of-order",
        [*H, FIRST, client(1001, length=100, ms=1)],
        "retransmission",
    ),
    ("part-of-the-data", [*H, FIRST, client(1051, length=20, ms=30)], "retransmission"),
    ("more-than-the-data", [*H, FIRST, client(1001, length=150, ms=30)], "retransmission"),
    ("more-than-the-data-at-once", [*H, FIRST, client(1001, length=150, ms=1)], "out-of-order"),
    ("one-byte-again-of-many", [*H, FIRST, client(1100, length=2, ms=1)], ""),
    ("last-byte-again", [*H, FIRST, client(1100, length=1, ms=1)], "keep-alive"),
    (
        "hole-filled-within-round-trip",
        [*H, FIRST, BEHIND_HOLE, client(1101, length=100, ms=19.999)],
        "out-of-order",
    ),
    (
        "hole-filled-after-round-trip",
        [*H, FIRST, BEHIND_HOLE, client(1101, length=100, ms=20)],
        "retransmission",
    ),
    (
        "without-handshake-within-3-ms",
        [FIRST, BEHIND_HOLE, client(1101, length=100, ms=2.999)],
        "out-of-order",
    ),
    (
        "without-handshake-after-3-ms",
        [FIRST, BEHIND_HOLE, client(1101, length=100, ms=3)],
        "retransmission",
    ),
    (
        "clock-went-back",
        [*H, FIRST, BEHIND_HOLE, client(1101, length=100, ms=-1)],
        "retransmission",
    ),
    (
        "acknowledged-data-again",
        [*H, FIRST, server(5001, 1101), client(1001, length=100)],
        "retransmission spurious-retransmission",
    ),
    (
        "acknowledged-in-part",
        [*H, FIRST, server(5001, 1051), client(1001, length=100, ms=30)],
        "retransmission",
    ),
    (
        "two-duplicate-acks",
        [*H, *THREE_SENT, *ASKED_TWICE, client(1101, length=100, ms=19.999)],
        "retransmission fast-retransmission",
    ),
    (
        "two-duplicate-acks-too-late",
        [*H, *THREE_SENT, *ASKED_TWICE, client(1101, length=100, ms=20)],
        "retransmission",
    ),
    (
        "two-duplicate-acks-and-clock-went-back",
        [*H, *THREE_SENT, *ASKED_TWICE, client(1101, length=100, ms=-1)],
        "out-of-order",
    ),
    (
        "a-new-ack-ends-the-count-of-duplicates",
        [*H, *THREE_SENT, *ASKED_TWICE, server(5001, 1201, ms=1), client(1201, length=100, ms=1)],
        "retransmission",
    ),
    (
        "one-duplicate-ack",
        [*H, *THREE_SENT, *ASKED_TWICE[1:], client(1101, length=100, ms=19)],
        "retransmission",
    ),
    (
        "two-duplicate-acks-for-other-data",
        [*H, *THREE_SENT, *ASKED_TWICE, client(1102, length=99, ms=19)],
        "retransmission",
    ),
    (
        "ack-of-unseen-data-counts-as-duplicates-of-its-receiver",
        [*H, server(5001, 1101, ms=1), *(server(5001, 1101, length=100, ms=1),) * 2],
        "retransmission fast-retransmission",
    ),
    (
        "then-a-duplicate-is-the-first",
        [
            *H,
            server(5001, 1101),
            server(5001, length=100),
            client(1001),
            server(5001, length=100),
        ],
        "retransmission",
    ),
    ("hole", [*H, FIRST, BEHIND_HOLE], "lost-segment"),
    ("behind-a-hole-told-once", [*H, FIRST, BEHIND_HOLE, client(1301, length=100)], ""),
    ("hole-before-ack", [*H, client(1101)], "lost-segment"),
    ("hole-before-fin", [*H, client(1101, flags=FIN | ACK)], "lost-segment"),
    ("hole-before-rst", [*H, client(1101, flags=RST | ACK)], ""),
    ("hole-before-first-segment-is-unknown", [client(1101, length=10)], ""),
    (
        "fin-again",
        [*H, client(1001, flags=FIN | ACK), client(1001, flags=FIN | ACK, ms=30)],
        "retransmission",
    ),
    ("fin-takes-a-number", [*H, client(1001, flags=FIN | ACK), client(1002)], "dup-ack"),
    ("ack-before-fin", [*H, client(1001, flags=FIN | ACK), client(1001)], "keep-alive"),
    ("syn-again", [H[0], client(1000, 0, SYN, ms=1000)], "retransmission"),
    ("syn-ack-again", [*H[:2], server(5000, 1001, SYN | ACK, ms=1000)], "retransmission"),
    ("syn-again-after-refusal", [*REFUSED, client(1000, 0, SYN)], "retransmission"),
    ("syn-ack-after-refusal-with-seq-0", [*REFUSED, H[0], server(5000, 1001, SYN | ACK)], "port-reused"),
    ("syn-again-undoes-what-rst-moved", [H[0], client(9000, 0, RST), H[0], H[1], FIRST], ""),
    (
        "syn-ack-with-other-number",
        [*H[:2], server(6000, 1001, SYN | ACK)],
        "lost-segment port-reused",
    ),
    (
        "syn-ack-contradicts-an-ack",
        [client(1001, 5001, length=1), server(7000, 1002, SYN | ACK)],
        "port-reused",
    ),
    ("both-syn", [H[0], server(5000, 0, SYN), client(1000, 5001, SYN | ACK)], "retransmission"),
    ("ack-of-unseen-data", [*H, server(5001, 1101)], "acked-unseen-segment"),
    (
        "ack-of-unseen-data-told-once",
        [*H, server(5001, 1101), server(5001, 1201), server(5001, 1201)],
        "dup-ack",
    ),
    ("ack-across-a-hole", [*H, FIRST, BEHIND_HOLE, server(5001, 1301)], "acked-unseen-segment"),
    (
        "ack-across-a-hole-told-once",
        [*H, FIRST, BEHIND_HOLE, server(5001, 1301), client(1301, length=100), server(5001, 1401)],
        "",
    ),
    (
        "ack-of-unseen-data-with-other-loss",
        [*H, server(5001, 1101), client(1101, length=100), server(5001, 1501)],
        "acked-unseen-segment",
    ),
    ("ack-number-without-ack-flag", [*H, server(5001, 1101, PSH)], ""),
    ("ack-before-any-data-of-the-peer", [client(1001, 5001, length=10)], ""),
    (
        "across-the-wrap",
        [client(0xFFFF_FFF0, length=10), client(0xFFFF_FFFA, length=20), client(14, length=5)],
        "",
    ),
    (
        "hole-across-the-wrap",
        [client(0xFFFF_FFF0, length=10), client(0xFFFF_FFFA, length=20), client(15, length=5)],
        "lost-segment",
    ),
    (
        "again-across-the-wrap",
        [client(0xFFFF_FFF0, length=10), client(0xFFFF_FFFA, length=20), client(0xFFFF_FFFA, length=20)],
        "retransmission",
    ),
    (
        "next-number-0-counts-as-unseen",
        [client(0xFFFF_FFF0, length=16), client(0xFFFF_FFF0, length=16)],
        "",
    ),
]


@pytest.mark.parametrize(("steps", "words"), [pytest.param(s, w, id=name) for name, s, w in ROWS])
def test_words_of_the_last_segment(steps: list[Segment], words: str) -> None:
    assert analyse(timeline(steps))[-1] == tuple(words.split())


def test_a_connection_on_a_used_port_says_so_once() -> None:
    words = analyse(timeline([*HANDSHAKE, FIRST]), Analysis(port_reused=True))
    assert words == [("port-reused",), (), (), ()]


def test_words_are_in_the_order_of_the_contract() -> None:
    assert words_of((1 << len(ANALYSIS)) - 1) == ANALYSIS
    assert words_of(0) == ()
