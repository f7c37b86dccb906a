"""What the walkthrough says of loss, repetition and windows; each case names its rule."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from httptrace.model import Exchange, GapGivenUp, MessageBegan, MessageEnded, SideCounts
from tests.outputs.reading import verify
from tests.outputs.test_walkthrough import flat
from tests.outputs.wire import CLIENT, SERVER, Wire, html

Ending = dict[str, object]
Case = Callable[[Wire], Ending | None]


def begin(wire: Wire, size: int = 20_000) -> Exchange:
    """A page asked for, its first 1,448 bytes sent and confirmed; the next byte of the server is 1449."""
    wire.shake_hands()
    page = wire.exchange(answer=html(size))
    wire.ask(page)
    wire.send(SERVER, ms=8.5)
    wire.answer(page, 1448, whole=False)
    wire.send(CLIENT)
    return page


def timeout(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448)
    wire.send(SERVER, "A", 1448, ms=204.3, seq=1449, analysis=("retransmission",))


def timeout_twice(wire: Wire) -> None:
    timeout(wire)
    wire.send(SERVER, "A", 1448, ms=408.6, seq=1449, analysis=("retransmission",))


def fast(wire: Wire) -> None:
    begin(wire)
    for _ in range(4):
        wire.send(SERVER, "A", 1448)
    for _ in range(3):
        wire.send(CLIENT, ack=1449, analysis=("dup-ack",))
    wire.send(SERVER, "A", 1448, ms=2, seq=1449, analysis=("retransmission", "fast-retransmission"))


def needless(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448)
    wire.send(CLIENT)
    wire.send(SERVER, "A", 1448, ms=0.2, seq=1449, analysis=("retransmission", "spurious-retransmission"))


def partly_new(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1000)
    wire.send(SERVER, "A", 1448, ms=300, seq=1449, analysis=("retransmission",))


def overtaken(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448, seq=2897, analysis=("lost-segment",))
    wire.send(SERVER, "A", 1448, ms=0.3, seq=1449, analysis=("out-of-order",))


def lost_before_the_capture(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448, seq=2897, analysis=("lost-segment",))
    for place in (2, 3, 4):
        wire.send(CLIENT, ack=1449, analysis=("dup-ack",))
        wire.send(SERVER, "A", 1448, seq=1449 + 1448 * place)
    wire.send(SERVER, "A", 1448, ms=8, seq=1449, analysis=("out-of-order",))


def first_copy_unseen(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448, seq=2897, analysis=("lost-segment",))
    wire.send(SERVER, "A", 1448, ms=300, seq=1449, analysis=("retransmission",))


def capture_lost_it(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448, seq=2897, analysis=("lost-segment",))
    wire.send(CLIENT, ack=4345)
    wire.send(SERVER, "A", 1448, ms=260)
    wire.happen(GapGivenUp(SERVER, 1449, 1448, True))


def confirmed_before_the_hole(wire: Wire) -> None:
    begin(wire)
    wire.send(CLIENT, ack=2897, analysis=("acked-unseen-segment",))
    wire.send(SERVER, "A", 1448, seq=2897, analysis=("lost-segment",))
    wire.send(SERVER, "A", 1448, ms=260)
    wire.happen(GapGivenUp(SERVER, 1449, 1448, True))


def never_confirmed(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448, seq=2897, analysis=("lost-segment",))
    wire.behind.append(GapGivenUp(SERVER, 1449, 1448, False))


def windows(wire: Wire) -> None:
    begin(wire)
    wire.send(SERVER, "A", 1448, analysis=("window-full",))
    wire.send(CLIENT, window=0, analysis=("zero-window",))
    for _ in range(3):
        wire.send(SERVER, "A", 1, seq=2897, ms=200, analysis=("zero-window-probe",))
        wire.seq[SERVER] = 2897
        wire.send(CLIENT, window=0, ack=2897, analysis=("zero-window", "zero-window-probe-ack"))
    wire.send(CLIENT, window=30_000, ms=700, analysis=("window-update",))


def keep_alive(wire: Wire) -> None:
    begin(wire)
    for _ in range(2):
        wire.send(CLIENT, "A", 1, seq=412, ms=45_000, analysis=("keep-alive",))
        wire.send(SERVER, analysis=("keep-alive-ack",))


def one_keep_alive(wire: Wire) -> None:
    begin(wire)
    wire.send(CLIENT, "A", 1, seq=412, ms=45_000, analysis=("keep-alive",))
    wire.send(SERVER, analysis=("keep-alive-ack",))


CASES: list[tuple[Case, list[str]]] = [
    (timeout, ["repeats bytes 1449–2896, sent before in No8. For 204.3 ms no confirmation came, so its timer ran out"]),
    (timeout_twice, ["once more, sent before in No8 and last in No9. For 408.6 ms no confirmation"]),
    (
        fast,
        ["3 times the browser repeats ack=1449", "3 duplicate ACKs of the browser told it", "(fast retransmission)"],
    ),
    (needless, ["The browser had confirmed them in No9 already, so this was needless (spurious retransmission)."]),
    (partly_new, ["repeats bytes 1449–2896, sent before in No8.", "The last 448 bytes of it are new."]),
    (
        overtaken,
        [
            "The server's bytes 1449–2896 (1,448 bytes) have not been seen",
            "Bytes 1449–2896 come late (out of order): No8 with the bytes behind them was 0.3 ms faster.",
            "Now the bytes of the server are whole up to 4344.",
        ],
    ),
    (lost_before_the_capture, ["Before it came 3 duplicate ACKs: most likely it was sent again"]),
    (first_copy_unseen, ["The server sends bytes 1449–2896 again; their first copy is not in the capture."]),
    (
        capture_lost_it,
        [
            "Missing before No8: 1,448 bytes of the server (1449–2896). The browser confirmed them in No9, so",
            "they arrived: the capture lost them, not the network.",
        ],
    ),
    (
        confirmed_before_the_hole,
        [
            "The browser confirms bytes 1449–2896 of the server, which the capture has not seen",
            "Missing before No9: 1,448 bytes of the server (1449–2896). The browser confirmed them in No8",
        ],
    ),
    (never_confirmed, ["The browser never confirmed them in this capture: they were lost on the way"]),
    (
        windows,
        [
            "With this the server has 1,448 bytes unconfirmed, all that the browser's window allows",
            "The browser's receive buffer is full: window 0. The server must stop.",
            "The window stays shut: 3 probes in 400.3 ms, answered 3 times.",
            "The browser's window is open again: 30,000 bytes.",
        ],
    ),
    (keep_alive, ["2 TCP keep-alive probes in 45.00 s, answered 2 times."]),
    (one_keep_alive, ["asks whether the server is still there (TCP keep-alive)", "45.00 s after its last packet"]),
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


def test_a_hole_is_told_once() -> None:
    wire = Wire()
    confirmed_before_the_hole(wire)
    assert wire.told().count("Missing before") == 1


def test_a_heading_comes_behind_the_run_before_it() -> None:
    wire = Wire()
    page = begin(wire)
    wire.send(SERVER, "A", 1448)
    second = wire.exchange("GET /b HTTP/1.1")
    wire.happen(MessageEnded(page, SERVER))
    wire.send(CLIENT, "AP", 90)
    wire.happen(MessageBegan(second, CLIENT), MessageEnded(second, CLIENT))
    told = wire.told()
    assert told.index("No8 ") < told.index("Exchange 2") < told.index("No9 ")


def test_the_counts_name_what_went_wrong() -> None:
    wire = Wire()
    begin(wire)
    side = SideCounts(5, 9_000, 2, 1, 1448, 1448)
    told = flat(wire.told(ending={"server_side": side}))
    assert (
        "Of the server: 2 retransmissions · 1 out of order · 1,448 bytes missing in the capture (they arrived)" in told
    )
    assert "No retransmission" not in told


@pytest.mark.parametrize(
    ("case", "holes", "said"),
    [
        pytest.param(first_copy_unseen, 1, "1 sent again, first copy not in the capture.", id="sent-again"),
        pytest.param(
            first_copy_unseen, 3, "1 sent again, first copy not in the capture · 2 out of order.", id="and-others"
        ),
        pytest.param(overtaken, 1, "1 out of order.", id="overtaken"),
    ],
)
def test_the_counts_agree_with_what_was_told(case: Case, holes: int, said: str) -> None:
    """What was told as sent again does not end as out of order; `holes` is how many segments filled one."""
    wire = Wire()
    case(wire)
    assert f"Of the server: {said}" in flat(wire.told(ending={"server_side": SideCounts(5, 9_000, 0, holes, 0, 0)}))
