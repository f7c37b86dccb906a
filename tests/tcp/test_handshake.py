"""How far the handshake was seen: every row of the table, and that nothing else changes a state."""

from __future__ import annotations

import itertools

import pytest

from httptrace.tcp.handshake import FIRST, FLAG_NAMES, OTHER, TRANSITIONS, WORDS, Handshake
from tests.tcp.wire import ACK, CLIENT, FIN, RST, SERVER, SYN, Wire

STEPS = {
    "S": (CLIENT, 0, SYN, None),
    "SA": (SERVER, 0, SYN | ACK, 1),
    "A": (CLIENT, 1, ACK, 1),
    "a": (SERVER, 1, ACK, 1),
    "s": (SERVER, 0, SYN, None),
    "R": (SERVER, 0, RST | ACK, 1),
    "r": (SERVER, 1, RST, None),
    "cR": (CLIENT, 1, RST | ACK, 1),
    "D": (CLIENT, 1, ACK, 1),
}


def word_after(steps: str) -> str:
    wire = Wire()
    for step in steps.split():
        side, seq, flags, ack = STEPS[step]
        wire.send(side, seq, b"data" if step == "D" else b"", flags, ack)
    return WORDS[wire.connections[0].handshake]


@pytest.mark.parametrize(
    ("steps", "word"),
    [
        pytest.param("S SA A", "complete", id="all-three"),
        pytest.param("S SA D", "complete", id="the-ack-may-carry-data"),
        pytest.param("S S SA SA A A", "complete", id="each-twice"),
        pytest.param("S", "partial", id="only-the-syn"),
        pytest.param("S SA", "partial", id="no-ack"),
        pytest.param("SA A", "partial", id="the-syn-is-missing"),
        pytest.param("S A", "partial", id="the-syn-ack-is-missing"),
        pytest.param("SA", "partial", id="only-the-syn-ack"),
        pytest.param("S R", "refused", id="rst-ack-answers-the-syn"),
        pytest.param("S S R", "refused", id="asked-twice-and-refused"),
        pytest.param("S SA cR", "partial", id="the-client-goes-away"),
        pytest.param("S SA A R", "complete", id="a-reset-of-an-open-connection"),
        pytest.param("A a", "unseen", id="in-the-middle"),
        pytest.param("a R", "unseen", id="a-reset-without-a-syn"),
    ],
)
def test_how_far_it_was_seen(steps: str, word: str) -> None:
    assert word_after(steps) == word


def test_every_state_has_a_word() -> None:
    assert set(WORDS) == set(Handshake)
    assert set(WORDS.values()) == {"complete", "partial", "refused", "unseen"}


def test_every_state_is_reached_and_complete_is_final() -> None:
    reached = {Handshake.UNSEEN, *TRANSITIONS.values()}
    assert reached == set(Handshake)
    assert not any(state is Handshake.COMPLETE for state, _, _ in TRANSITIONS)


def test_only_flags_that_mean_something_here_are_in_the_table() -> None:
    for _, sender, flags in TRANSITIONS:
        assert sender in (FIRST, OTHER)
        assert not flags & ~(SYN | ACK | RST)


@pytest.mark.parametrize("flags", range(256), ids=lambda flags: f"{flags:08b}")
def test_the_letters_of_the_flags(flags: int) -> None:
    letters = [letter for bit, letter in zip(range(7, -1, -1), "CEUAPRSF", strict=True) if flags >> bit & 1]
    assert FLAG_NAMES[flags] == "".join(letters)


@pytest.mark.parametrize(
    ("client_ms", "server_ms", "rtt_ms"),
    [pytest.param(0, 10, 30, id="from-the-first-syn"), pytest.param(3000, 10, 3030, id="a-syn-again-does-not-count")],
)
def test_rtt_is_from_the_syn_to_the_ack_of_the_syn_ack(client_ms: float, server_ms: float, rtt_ms: float) -> None:
    wire = Wire()
    wire.client(0, flags=SYN)
    if client_ms:
        wire.client(0, flags=SYN, ms=client_ms)
    wire.server(0, flags=SYN | ACK, ms=server_ms)
    wire.client(1, ms=20)
    assert wire.connections[0].rtt_ns == rtt_ms * 1_000_000


def test_any_three_steps_give_a_word_of_the_contract() -> None:
    for steps in itertools.product(STEPS, repeat=3):
        assert word_after(" ".join(steps)) in WORDS.values()


def test_a_fin_is_no_part_of_it() -> None:
    wire = Wire()
    wire.client(0, flags=SYN)
    wire.server(0, flags=SYN | ACK)
    wire.client(1, flags=FIN | ACK)
    assert wire.connections[0].handshake is Handshake.COMPLETE


@pytest.mark.parametrize("slow", [False, True], ids=["short-cut", "the-long-way"])
def test_an_ack_that_completes_it_late_confirms_what_was_said_meanwhile(slow: bool) -> None:
    wire = Wire(slow=slow)
    wire.client(0, flags=SYN)
    wire.server(0, flags=SYN | ACK)
    wire.server(1, "hel", length=10)  # the capture cut it; the client's first ACK was never captured
    wire.client(1, ack=11)
    half = wire.half(SERVER)
    assert (half.acked, half.missing, half.missing_acked) == (10, 7, 7)


@pytest.mark.parametrize("slow", [False, True], ids=["short-cut", "the-long-way"])
def test_a_syn_ack_behind_acks_of_later_bytes_takes_nothing_back(slow: bool) -> None:
    wire = Wire(slow=slow)
    wire.client(0, flags=SYN)
    wire.client(1, ack=1)
    wire.client(1, ack=101)
    wire.server(0, flags=SYN | ACK)
    wire.tracker.finish()
    half = wire.half(SERVER)
    assert (half.acked, half.missing, half.missing_acked) == (100, 100, 100)
