"""What is remembered of a connection while it is drawn: states, gaps, notes, numbers as on the wire."""

from __future__ import annotations

from itertools import pairwise

from httptrace.model import GapGivenUp, MessageBegan, MessageEnded, Note
from httptrace.outputs.ladder.labels import plain
from httptrace.outputs.ladder.party import Drawn, Item, Party
from httptrace.outputs.narration.wording import Roles
from tests.outputs.wire import BROWSER, CLIENT, ISN, SERVER, SITE, Wire, first_page


def items(wire: Wire, party: Party | None = None) -> list[Item]:
    party = party or made(wire)
    return [party.item(record, happenings)[0] for record, happenings in wire.packets]


def made(wire: Wire, *, known: bool = True, absolute: bool = False) -> Party:
    drawn = Drawn(0, BROWSER, SITE, wire.known() if known else None)
    return Party(drawn, Roles(browser=True), 80, absolute=absolute)


def test_states_go_on_from_packet_to_packet() -> None:
    told = items(first_page())
    assert told[0].before == ("CLOSED", "LISTEN")
    assert all(one.after == other.before for one, other in pairwise(told))
    assert told[-1].after == ("TIME-WAIT", "CLOSED")


def test_a_packet_that_changes_a_state_stands_alone() -> None:
    assert all(item.entry.kind is None for item in items(first_page()) if item.before != item.after)


def test_where_the_capture_begins_in_the_middle_states_are_assumed() -> None:
    wire = Wire(seq=[1, 1])
    wire.send(CLIENT, "AP", 10)
    wire.send(SERVER, "A")
    told = items(wire)
    assert told[0].before == ("ESTABLISHED", "ESTABLISHED")
    assert told[0].marks[-1].parts == ["the capture begins in the middle", "states are assumed"]
    assert not told[1].marks


def test_a_port_that_refuses_is_closed() -> None:
    wire = Wire()
    wire.send(CLIENT, "S")
    wire.send(SERVER, "AR")
    party = Party(Drawn(0, BROWSER, SITE, wire.known(handshake="refused")), Roles(browser=False), 80, absolute=False)
    assert items(wire, party)[0].before == ("CLOSED", "CLOSED")


def test_a_gap_confirmed_before_is_drawn_in_front_once() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.send(SERVER, "A", 100)
    wire.send(CLIENT, "A", ack=201)
    wire.send(SERVER, "A", 100, seq=201)
    wire.happen(GapGivenUp(SERVER, 101, 100, True))
    told = items(wire, made(wire, known=False))
    (gap,) = told[-1].gaps
    assert [plain(mark.parts[0]) for mark in gap.marks] == [
        "100 bytes missing: 101–200",
        "confirmed in No5: they arrived",
    ]
    assert not told[-1].behind


def test_numbers_as_on_the_wire() -> None:
    wire = first_page()
    party = made(wire, absolute=True)
    items(wire, party)
    assert party.shown(CLIENT, 1) == (ISN[CLIENT] + 1) % 2**32
    assert party.shown(SERVER, 1) == (ISN[SERVER] + 1) % 2**32


def test_notes_are_marks() -> None:
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange()
    wire.send(CLIENT, "AP", 100)
    exchange.notes.append(Note("smuggling-risk", 4, ""))
    wire.happen(MessageBegan(exchange, CLIENT), MessageEnded(exchange, CLIENT))
    assert [mark.parts for mark in items(wire)[-1].marks] == [["#1 smuggling-risk"]]


def test_the_end_tells_what_stayed_open() -> None:
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange(response_complete=False)
    party = made(wire)
    items(wire, party)
    gaps, rows = party.ending([GapGivenUp(SERVER, 1, 50, False), MessageEnded(exchange, SERVER)], 40)
    assert [plain(gap.marks[0].parts[0]) for gap in gaps] == ["50 bytes missing: 1–50"]
    assert [row.text for row in rows] == ["⚠ #1 200 incomplete"]
