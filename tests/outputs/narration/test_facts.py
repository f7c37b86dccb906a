"""Facts of packets that no sentence shows by itself."""

from __future__ import annotations

import pytest

from httptrace.model import GapGivenUp
from httptrace.outputs.narration.facts import Closing, Connection, Opening, PacketFacts, unwrap
from tests.outputs.wire import CLIENT, SERVER, Wire


def observe(wire: Wire) -> list[PacketFacts]:
    """The facts of all packets of a wire."""
    connection = Connection()
    return [connection.observe(record) for record, _ in wire.packets]


@pytest.mark.parametrize(
    ("number", "near", "whole"),
    [
        (5, None, 5),
        (5, 3, 5),
        (0xFFFF_FFFF, 0, -1),
        (10, 0xFFFF_FFF0, 0x1_0000_000A),
        (0xFFFF_FFF0, 0x1_0000_000A, 0xFFFF_FFF0),
        (7, 0x3_0000_0000, 0x3_0000_0007),
    ],
    ids=["first", "near", "just-before-zero", "wrapped", "from-before-the-wrap", "third-round"],
)
def test_a_number_of_the_circle_is_the_closest_integer(number: int, near: int | None, whole: int) -> None:
    assert unwrap(number, near) == whole


def test_numbers_go_on_rising_behind_four_gibibytes() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.send(SERVER, "A", 1000, seq=0xFFFF_FF00)
    wire.seq[SERVER] = 0x1_0000_02E8
    records = [record for record, _ in wire.packets]
    connection = Connection()
    for record in records[:3]:
        connection.observe(record)
    connection.sides[SERVER].highest = 0xFFFF_FF00
    assert connection.observe(records[3]).end == 0x1_0000_02E8
    wire.send(SERVER, "A", 10, seq=0x2E8)
    facts = connection.observe(wire.last())
    assert (facts.start, facts.hole, facts.late) == (0x1_0000_02E8, None, None)


def test_the_steps_of_a_connection_are_recognised() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.close()
    facts = observe(wire)
    assert [fact.opening for fact in facts[:3]] == [Opening.SYN, Opening.SYN_ACK, Opening.ACK]
    assert [fact.closing for fact in facts[3:]] == [
        Closing.FIRST_FIN,
        Closing.FIRST_CONFIRMED,
        Closing.SECOND_FIN,
        Closing.LAST_CONFIRMED,
    ]
    assert facts[2].since_syn_ns == 8_500_000


def test_a_confirmation_names_its_bytes_without_syn_and_fin() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.send(CLIENT, "A", 100)
    wire.send(CLIENT, "AF", 50)
    wire.send(SERVER)
    confirmed = observe(wire)[-1].confirmed
    assert confirmed is not None
    assert (confirmed.start, confirmed.end, confirmed.pieces) == (1, 151, 2)
    assert (confirmed.first_packet, confirmed.last_packet) == (4, 5)


def test_a_first_confirmation_leaves_out_the_syn_it_covers() -> None:
    wire = Wire()
    wire.send(CLIENT, "S")
    wire.send(SERVER, "AS")
    wire.send(SERVER, "A", 100)
    wire.send(CLIENT)
    confirmed = observe(wire)[-1].confirmed
    assert confirmed is not None
    assert (confirmed.start, confirmed.end) == (1, 101)


def test_a_gap_knows_the_packet_behind_it_and_who_confirmed_it() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.send(SERVER, "A", 100)
    wire.send(SERVER, "A", 100, seq=201)
    wire.send(CLIENT, ack=301)
    connection = Connection()
    for record, _ in wire.packets:
        connection.observe(record)
    assert connection.gap(GapGivenUp(SERVER, 101, 100, True)) == (101, 201, 5, 6)


def test_a_probe_into_a_shut_window_is_no_progress() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.send(SERVER, "A", 100)
    wire.send(SERVER, "A", 1, analysis=("zero-window-probe",))
    for refused_or_taken in (101, 102):
        wire.send(SERVER, "A", 50, seq=refused_or_taken)
        facts = observe(wire)[-1]
        assert (facts.hole, facts.late, facts.repeated) == (None, None, None)
        wire.packets.pop()
