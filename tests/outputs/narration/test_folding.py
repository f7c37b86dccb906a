"""Which packets go on with a run, and what a run says."""

from __future__ import annotations

import pytest

from httptrace.model import MessageEnded
from tests.outputs.reading import verify
from tests.outputs.test_walkthrough import flat
from tests.outputs.wire import CLIENT, SERVER, Wire, html


def page(size: int = 100_000) -> Wire:
    """A page asked for; No8 is the first packet that may be folded."""
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange(answer=html(size))
    wire.ask(exchange)
    wire.send(SERVER, ms=8.5)
    wire.answer(exchange, 1448, whole=False)
    wire.send(CLIENT)
    return wire


def folds(wire: Wire) -> list[tuple[int, int]]:
    """The runs of a walkthrough."""
    return [(a, b) for a, b, _ in verify(wire.told(), [record for record, _ in wire.packets]).folds]


@pytest.mark.parametrize(
    ("acks", "words"),
    [
        ((), "in 0.5 ms, not confirmed in between."),
        ((5,), "the browser confirms with 1 ACK, up to ack=10137."),
        ((2, 5), "the browser confirms with 2 ACKs, up to ack=10137."),
        ((0, 1, 2, 3, 4, 5), "the browser confirms each, up to ack=10137."),
    ],
    ids=["none", "one", "delayed", "each"],
)
def test_a_run_says_how_it_was_confirmed(acks: tuple[int, ...], words: str) -> None:
    wire = page()
    for place in range(6):
        wire.send(SERVER, "A", 1448)
        if place in acks:
            wire.send(CLIENT, ms=0.01)
    text = flat(wire.told())
    assert "The server sends 6 more pieces (8,688 bytes)" in text
    assert words in text


def test_two_packets_are_no_run() -> None:
    wire = page()
    wire.send(SERVER, "A", 1448)
    wire.send(CLIENT)
    assert folds(wire) == []


def test_the_end_of_a_message_ends_its_run_and_its_ack_still_belongs_to_it() -> None:
    wire = page()
    for _ in range(3):
        wire.send(SERVER, "A", 1448)
    wire.happen(MessageEnded(wire.exchanges[0], SERVER))
    wire.send(CLIENT)
    wire.send(SERVER, "A", 10)
    assert folds(wire) == [(8, 11)]
    assert "With No10 the page is complete: 100,000 bytes." in flat(wire.told())


def test_trouble_ends_a_run() -> None:
    wire = page()
    for _ in range(3):
        wire.send(SERVER, "A", 1448)
    wire.send(SERVER, "A", 1448, seq=1449, ms=300, analysis=("retransmission",))
    for _ in range(3):
        wire.send(SERVER, "A", 1448)
    assert folds(wire) == [(8, 10), (12, 14)]


def test_duplicate_acks_fold_with_what_comes_meanwhile() -> None:
    wire = page()
    wire.send(SERVER, "A", 1448, seq=2897, analysis=("lost-segment",))
    for place in range(2, 7):
        wire.send(CLIENT, ack=1449, analysis=("dup-ack",))
        wire.send(SERVER, "A", 1448, seq=1449 + 1448 * place)
    wire.send(CLIENT, ack=1449, analysis=("dup-ack",))
    assert folds(wire) == [(9, 19)]
    text = flat(wire.told())
    assert "6 times the browser repeats ack=1449 (duplicate ACKs): byte 1449 is still missing there." in text
    assert "Meanwhile the server sends 5 pieces (7,240 bytes) behind it." in text


def test_another_number_begins_another_run_of_duplicates() -> None:
    wire = page()
    wire.send(SERVER, "A", 1448)
    for ack in (1449, 2897):
        for _ in range(3):
            wire.send(CLIENT, ack=ack, analysis=("dup-ack",))
    assert folds(wire) == [(9, 11), (12, 14)]


def test_window_updates_are_no_confirmations() -> None:
    wire = page()
    for _ in range(3):
        wire.send(SERVER, "A", 1448)
        wire.send(CLIENT)
        wire.send(CLIENT, window=70_000, analysis=("window-update",))
    assert "the browser confirms each, up to ack=5793." in flat(wire.told())


def test_a_run_of_bare_acks_names_the_last() -> None:
    wire = page()
    wire.send(SERVER, "A", 1448)
    wire.happen(MessageEnded(wire.exchanges[0], SERVER))
    for ack in (1600, 2000, 2897):
        wire.send(CLIENT, ack=ack)
    assert folds(wire) == [(8, 11)]
