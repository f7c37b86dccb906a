"""Round trips: of the handshake, of data, and where the capture was taken."""

from __future__ import annotations

import pytest

from tests.outputs.narration.why.test_why import entry
from tests.outputs.wire import CLIENT, SERVER, Wire


def shaken(there: float, back: float) -> Wire:
    wire = Wire()
    wire.send(CLIENT, "S", ms=0)
    wire.send(SERVER, "AS", ms=there)
    wire.send(CLIENT, "A", ms=back)
    return wire


@pytest.mark.parametrize(
    ("there", "back", "said"),
    [
        pytest.param(
            8.4, 0.1, "the round trip (RTT) is 8.5 ms. So the capture was taken at or near the client.", id="client"
        ),
        pytest.param(
            0.1, 8.4, "the round trip (RTT) is 8.5 ms. So the capture was taken at or near the server.", id="server"
        ),
        pytest.param(10, 20, "is 30.0 ms. The capture was taken on the way between both.", id="between"),
        pytest.param(0.02, 0.01, "20 µs to the server and back, 10 µs to the client and back", id="one-machine"),
        pytest.param(-5, 8, "3.0 ms from SYN to ACK: one round trip (RTT).", id="a-clock-that-went-back"),
    ],
)
def test_the_handshake(there: float, back: float, said: str) -> None:
    told = entry(shaken(there, back), 3)
    assert said in told
    assert ("capture was taken" in told) is ("capture was taken" in said)


def test_a_clock_that_stands_still_says_nothing() -> None:
    assert "time" not in entry(shaken(0, 0), 2).split()
    assert "RTT" not in entry(shaken(0, 0), 3)


def test_a_syn_that_was_repeated_measures_nothing() -> None:
    wire = Wire()
    wire.send(CLIENT, "S", ms=0)
    wire.send(CLIENT, "S", seq=0, ms=1000)
    wire.send(SERVER, "AS", ms=8)
    wire.send(CLIENT, "A")
    assert "(RTT)" not in entry(wire, 4)


def test_a_delayed_ack_counts_from_the_last_piece_that_it_confirms() -> None:
    wire = shaken(8, 0.1)
    wire.send(SERVER, length=1000, ms=5)
    wire.send(SERVER, length=1000, ms=40)
    wire.send(CLIENT, ms=2)
    assert "time 2.0 ms after No5, which it confirms" in entry(wire, 6)


def test_an_ack_in_the_middle_of_a_piece_measures_nothing() -> None:
    wire = shaken(8, 0.1)
    wire.send(SERVER, length=1000, ms=5)
    wire.send(CLIENT, ack=501, ms=2)
    assert "which it confirms" not in entry(wire, 5)


def test_behind_a_hole_nothing_is_measured_until_all_is_there() -> None:
    wire = shaken(8, 0.1)
    wire.send(SERVER, length=1000, seq=1001, ms=5, analysis=("lost-segment",))
    wire.send(SERVER, length=1000, seq=1, ms=1, analysis=("out-of-order",))
    wire.send(CLIENT, ack=2001, ms=2)
    wire.send(SERVER, length=1000, ms=5)
    wire.send(CLIENT, ms=3)
    assert "which it confirms" not in entry(wire, 6)
    assert "time 3.0 ms after No7, which it confirms" in entry(wire, 8)
