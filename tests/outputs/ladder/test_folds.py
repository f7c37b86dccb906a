"""A run as one arrow says how much it was: the numbers are those of its packets."""

from __future__ import annotations

import pytest

from httptrace.model import Direction
from httptrace.outputs.ladder.folds import Fold
from httptrace.outputs.ladder.labels import plain
from httptrace.outputs.ladder.lanes import Stroke
from httptrace.outputs.narration.facts import Connection
from httptrace.outputs.narration.folding import Entry, kind_of
from httptrace.outputs.narration.wording import Roles
from tests.outputs.wire import CLIENT, SERVER, Wire


def shown(_direction: Direction, number: int) -> int:
    return number


def fold(wire: Wire) -> Fold:
    """The run that all packets behind the handshake make."""
    connection, made = Connection(), None
    for record, _ in wire.packets:
        facts = connection.observe(record)
        if record.packet <= 3:
            continue
        entry = Entry(facts, [], kind_of(facts))
        if made is None:
            made = Fold(entry, [], ("ESTABLISHED", "ESTABLISHED"))
        else:
            assert made.run.accepts(entry)
            made.add(entry, [])
    assert made is not None
    return made


def opened() -> Wire:
    wire = Wire()
    wire.shake_hands()
    return wire


def texts(made: Fold) -> list[str]:
    return [plain(text) for text in made.texts(Roles(browser=False), shown)]


def test_data_one_way_with_its_acks() -> None:
    wire = opened()
    for _ in range(3):
        wire.send(SERVER, "A", 1000)
        wire.send(CLIENT, "A")
    made = fold(wire)
    assert made.label == "No4 … No9"
    assert texts(made) == ["3 pieces, 3,000 bytes", "bytes 1–3000", "3 ACKs up to 3001"]
    assert (made.sender, made.stroke) == (SERVER, Stroke.DATA)


def test_data_both_ways() -> None:
    wire = opened()
    for _ in range(2):
        wire.send(CLIENT, "A", 10)
        wire.send(SERVER, "A", 100)
    made = fold(wire)
    assert texts(made) == ["client: 2 pieces, 20 bytes", "bytes 1–20", "server: 2 pieces, 200 bytes", "bytes 1–200"]
    assert (made.sender, made.stroke) == (None, Stroke.DATA)


def test_acks_of_both_sides_are_told_apart() -> None:
    wire = opened()
    wire.send(CLIENT, "A")
    wire.send(CLIENT, "A", 10)
    wire.send(SERVER, "A")
    made = fold(wire)
    assert texts(made)[-2:] == ["client: 1 ACK up to 1", "server: 1 ACK up to 11"]


def test_acks_alone() -> None:
    wire = opened()
    for ack in (1, 1, 1):
        wire.send(CLIENT, "A", ack=ack)
    made = fold(wire)
    assert texts(made) == ["3 ACKs up to 1"]
    assert (made.sender, made.stroke) == (CLIENT, Stroke.PLAIN)


@pytest.mark.parametrize("data", [False, True], ids=["alone", "with-data"])
def test_duplicate_acks(data: bool) -> None:
    wire = opened()
    for _ in range(4):
        wire.send(CLIENT, "A", ack=1, analysis=("dup-ack",))
        if data:
            wire.send(SERVER, "A", 50)
    made = fold(wire)
    assert texts(made) == ["↻ 4 duplicate ACKs", "ack=1", *(["meanwhile 4 pieces, 200 bytes"] if data else [])]
    assert (made.sender, made.stroke) == (CLIENT, Stroke.PLAIN)


def test_keep_alives() -> None:
    wire = opened()
    for _ in range(2):
        wire.send(CLIENT, "A", 1, seq=0, analysis=("keep-alive",))
        wire.send(SERVER, "A", analysis=("keep-alive-ack",))
    made = fold(wire)
    assert texts(made) == ["2 keep-alive probes", "2 answers"]
    assert made.sender is CLIENT
