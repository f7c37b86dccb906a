"""What is said of windows, repeated ACKs and probes. Each row was held against tshark 4.0.17."""

from __future__ import annotations

import pytest

from httptrace.tcp.analysis import Analysis
from tests.tcp.segments import ACK, FIN, RST, SYN, Segment
from tests.tcp.talk import HANDSHAKE, analyse, client, handshake, scale, server, timeline

H = HANDSHAKE
SCALED = handshake(scale(2), scale(3))
CLOSED = server(5001, 1001, window=0)
PROBE = client(1001, length=1)

ROWS = [
    ("same-ack-again", [*H, server(5001), server(5001)], "dup-ack"),
    ("first-ack-of-the-server-repeats-its-syn-ack", [*H, server(5001)], "dup-ack"),
    ("same-ack-with-data", [*H, server(5001), server(5001, length=10)], ""),
    ("same-ack-with-fin", [*H, server(5001), server(5001, flags=FIN | ACK)], ""),
    ("same-ack-with-rst", [*H, server(5001), server(5001, flags=RST | ACK)], ""),
    ("other-ack", [*H, client(1001, length=5), server(5001, 1006)], ""),
    ("same-ack-after-data-between", [*H, server(5001), server(5001, length=10), server(5011)], "dup-ack"),
    ("other-window", [*H, server(5001), server(5001, window=5000)], "window-update"),
    ("other-window-with-other-ack", [*H, client(1001, length=5), server(5001, 1006, window=5000)], ""),
    ("window-closes", [*H, CLOSED], "zero-window"),
    ("window-stays-closed", [*H, CLOSED, CLOSED], "zero-window"),
    ("window-closed-with-rst", [*H, server(5001, window=0, flags=RST | ACK)], ""),
    ("window-closed-with-fin", [*H, server(5001, window=0, flags=FIN | ACK)], ""),
    ("window-closed-with-data", [*H, server(5001, window=0, length=9)], "zero-window"),
    ("window-opens", [*H, CLOSED, server(5001, window=100)], "window-update"),
    ("one-byte-into-closed-window", [*H, CLOSED, PROBE], "zero-window-probe"),
    ("two-bytes-into-closed-window", [*H, CLOSED, client(1001, length=2)], ""),
    ("byte-of-a-probe-does-not-count", [*H, CLOSED, PROBE, client(1001, length=50)], ""),
    ("probe-again", [*H, CLOSED, PROBE, CLOSED, PROBE], "zero-window-probe"),
    ("probe-answered", [*H, CLOSED, PROBE, CLOSED], "zero-window"),
    (
        "probe-acknowledged",
        [*H, CLOSED, PROBE, server(5001, 1002, window=0)],
        "acked-unseen-segment zero-window",
    ),
    (
        "probe-with-closed-window-of-its-own",
        [*H, CLOSED, client(1001, length=1, window=0)],
        "zero-window-probe",
    ),
    ("one-before-next-without-data", [*H, client(1000)], "keep-alive"),
    ("one-before-next-with-a-byte", [*H, client(1000, length=1)], "keep-alive"),
    ("one-before-next-with-two-bytes", [*H, client(1000, length=2)], ""),
    ("one-before-next-with-fin", [*H, client(1000, flags=FIN | ACK, ms=30)], "retransmission"),
    ("one-before-next-with-closed-window", [*H, client(1000, window=0)], "zero-window keep-alive"),
    ("keep-alive-answered", [*H, server(5001), client(1000), server(5001)], "keep-alive-ack"),
    (
        "keep-alive-answered-twice",
        [*H, server(5001), client(1000), server(5001), server(5001)],
        "keep-alive-ack",
    ),
    (
        "keep-alive-answered-with-other-window",
        [*H, server(5001), client(1000), server(5001, window=99)],
        "window-update",
    ),
    ("keep-alive-again", [*H, client(1000), server(5001), client(1000)], "keep-alive"),
    ("up-to-the-window", [*H, server(5001, window=500), client(1001, length=500)], "window-full"),
    ("a-byte-less-than-the-window", [*H, server(5001, window=500), client(1001, length=499)], ""),
    ("window-of-a-syn-ack-is-unscaled", [*SCALED, client(1001, length=4096)], "window-full"),
    (
        "up-to-the-scaled-window",
        [*SCALED, server(5001, window=100), client(1001, length=800)],
        "window-full",
    ),
    (
        "scale-not-taken-up",
        [*handshake(scale(2)), server(5001, window=100), client(1001, length=100)],
        "window-full",
    ),
    (
        "scale-not-offered",
        [*handshake(b"", scale(3)), server(5001, window=100), client(1001, length=100)],
        "window-full",
    ),
    (
        "scale-unknown",
        [client(1001, length=5), server(5001, 1006, window=100), client(1006, length=100)],
        "",
    ),
    (
        "up-to-the-window-with-fin",
        [*H, server(5001, window=500), client(1001, length=500, flags=FIN | ACK)],
        "",
    ),
    (
        "up-to-the-window-again",
        [*H, server(5001, window=500), client(1001, length=500), client(1001, length=500)],
        "retransmission window-full",
    ),
]


@pytest.mark.parametrize(("steps", "words"), [pytest.param(s, w, id=name) for name, s, w in ROWS])
def test_words_of_the_last_segment(steps: list[Segment], words: str) -> None:
    assert analyse(timeline(steps))[-1] == tuple(words.split())


WINDOWS = [
    ("both-offer", handshake(scale(2), scale(3)), (400, 800)),
    ("shift-0-is-an-offer", handshake(scale(0), scale(3)), (100, 800)),
    ("server-declines", handshake(scale(2)), (100, 100)),
    ("client-did-not-offer", handshake(b"", scale(3)), (100, 100)),
    ("nobody-offers", HANDSHAKE, (100, 100)),
    ("shift-above-14", handshake(scale(30), scale(14)), (100 << 14, 100 << 14)),
    ("syn-not-captured", handshake(scale(2), scale(3))[1:], (100, 800)),
    ("syn-ack-not-captured", handshake(scale(2), scale(3))[::2], (400, 100)),
    ("handshake-not-captured", HANDSHAKE[2:], (100, 100)),
    (
        "option-outside-a-syn-undoes-no-scaling",
        (*HANDSHAKE, client(1001, options=scale(5)), server(5000, flags=SYN | ACK, options=scale(3))),
        (3200, 800),
    ),
    ("option-outside-a-syn", (*HANDSHAKE, client(1001, options=scale(5))), (3200, 100)),
]


@pytest.mark.parametrize(("steps", "windows"), [pytest.param(s, w, id=name) for name, s, w in WINDOWS])
def test_window_in_bytes(steps: tuple[Segment, ...], windows: tuple[int, int]) -> None:
    analysis = Analysis()
    analyse(timeline(steps), analysis)
    assert tuple(analysis.scaled_window(side, 100, ACK) for side in (0, 1)) == windows
    assert analysis.scaled_window(0, 100, SYN) == analysis.scaled_window(1, 100, SYN | ACK) == 100
