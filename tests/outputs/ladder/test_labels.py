"""What stands on an arrow: the packet's own numbers, the messages, and what is wrong, in words."""

from __future__ import annotations

import pytest

from httptrace.model import Body, Direction, GapGivenUp, MessageBegan, MessageEnded, Note
from httptrace.outputs.ladder import labels
from httptrace.outputs.ladder.labels import Mark
from httptrace.outputs.narration.facts import Connection, PacketFacts
from httptrace.outputs.narration.wording import AGAIN, TROUBLE, Roles
from httptrace.outputs.wrap import cell_width
from tests.outputs.wire import CLIENT, SERVER, Wire, html

ROLES = Roles(browser=True)


def relative(_direction: Direction, number: int) -> int:
    return number


def facts_of(wire: Wire) -> PacketFacts:
    """The facts of the last packet."""
    connection = Connection()
    return [connection.observe(record) for record, _ in wire.packets][-1]


def opened() -> Wire:
    wire = Wire()
    wire.shake_hands()
    return wire


def said(wire: Wire, *, hole: bool = True) -> list[str]:
    marks = labels.marks(facts_of(wire), ROLES, relative, hole=hole)
    return [labels.plain(" | ".join([mark.symbol, *mark.parts])) for mark in marks]


@pytest.mark.parametrize(
    ("send", "marks"),
    [
        pytest.param({"length": 10}, [], id="nothing-odd"),
        pytest.param(
            {"length": 100, "seq": 1, "analysis": ("retransmission",), "ms": 215},
            ["↻ | retransmission of No4 | bytes 1–100 | after 215.0 ms"],
            id="retransmission",
        ),
        pytest.param(
            {"length": 100, "seq": 1, "analysis": ("retransmission", "fast-retransmission"), "ms": 1},
            ["↻ | fast retransmission of No4 | bytes 1–100 | after 1.0 ms"],
            id="fast-retransmission",
        ),
        pytest.param({"length": 10, "seq": 201}, ["⚠ | not seen yet: bytes 101–200"], id="a-hole"),
        pytest.param({"flags": "R"}, ["⚠ | reset: the connection ends at once | not confirmed: 100 bytes"], id="reset"),
        pytest.param(
            {"window": 0, "analysis": ("zero-window",)}, ["⚠ | window 0: the browser must stop"], id="zero-window"
        ),
        pytest.param(
            {"length": 10, "analysis": ("window-full",)},
            ["⚠ | window full: the server must wait | in flight: 110 bytes"],
            id="window-full",
        ),
        pytest.param(
            {"analysis": ("keep-alive",), "length": 1, "seq": 100}, [" | keep-alive: still there?"], id="keep-alive"
        ),
        pytest.param({"analysis": ("dup-ack",)}, ["↻ | duplicate ACK 1"], id="duplicate-ack"),
        pytest.param({"ack": 51}, ["⚠ | confirms bytes 1–50 | which were not captured"], id="acked-unseen"),
        pytest.param({"analysis": ("port-reused",)}, [" | the ports of an earlier connection"], id="port-reused"),
    ],
)
def test_what_is_wrong_is_said_in_words(send: dict[str, object], marks: list[str]) -> None:
    wire = opened()
    wire.send(SERVER, "A", 100)
    wire.send(SERVER, **send)  # type: ignore[arg-type]
    assert said(wire) == marks


def test_a_hole_that_is_drawn_is_not_said_again() -> None:
    wire = opened()
    wire.send(SERVER, "A", 100, seq=101)
    assert said(wire)
    assert not said(wire, hole=False)


@pytest.mark.parametrize(
    ("flags", "sender", "marks"),
    [
        pytest.param(("S", "S"), CLIENT, ["↻ | SYN again, attempt 2 | after 3.00 s"], id="syn-again"),
        pytest.param(("S", "AR"), SERVER, ["⚠ | refused (reset) | nobody listens on this port"], id="refused"),
        pytest.param(("S", "S"), SERVER, [" | both sides open at once"], id="both-open"),
    ],
)
def test_what_is_wrong_with_an_opening(flags: tuple[str, str], sender: Direction, marks: list[str]) -> None:
    wire = Wire()
    wire.send(CLIENT, flags[0])
    again = {"seq": 0} if sender is CLIENT else {}
    wire.send(sender, flags[1], ms=3000, **again)  # type: ignore[arg-type]
    assert said(wire) == marks


def test_an_open_window_is_told_behind_a_shut_one() -> None:
    wire = opened()
    wire.send(CLIENT, "A", window=0, analysis=("zero-window",))
    wire.send(CLIENT, "A", window=2920, analysis=("window-update",))
    assert said(wire) == [" | window open again: 2,920 bytes"]


@pytest.mark.parametrize(
    ("acked", "confirmed", "texts"),
    [
        pytest.param(False, None, ["never confirmed: lost, or still on their way"], id="never-confirmed"),
        pytest.param(True, 7, ["confirmed in No7: they arrived", "the capture lost them"], id="confirmed"),
        pytest.param(True, None, ["confirmed: they arrived", "the capture lost them"], id="confirmed-somewhere"),
    ],
)
def test_who_lost_missing_bytes(acked: bool, confirmed: int | None, texts: list[str]) -> None:
    what, who = labels.missing(GapGivenUp(SERVER, 1461, 1460, acked), 1461, 2920, confirmed)
    assert labels.plain(what.parts[0]) == "1,460 bytes missing: 1461–2920"
    assert who.parts == texts
    assert what.symbol == who.symbol == TROUBLE


def test_the_numbers_are_the_records() -> None:
    wire = opened()
    wire.send(CLIENT, "AP", 372, window=1000)
    record = wire.last()
    assert labels.numbers(record, absolute=False, window=False) == ["PSH,ACK", "seq=1", "ack=1", "len=372"]
    shown = labels.numbers(record, absolute=True, window=True)
    assert shown == ["PSH,ACK", f"seq={record.absolute_seq}", f"ack={record.absolute_ack}", "len=372", "win=1000"]


def test_a_message_that_begins_and_ends_in_a_packet_is_said_once() -> None:
    wire = opened()
    exchange = wire.exchange(response="404 Not Found", answer=html(335), answer_fields=(("Content-Type", "text/html"),))
    wire.send(SERVER, "AP", 600)
    wire.happen(MessageBegan(exchange, SERVER), MessageEnded(exchange, SERVER))
    (saying,) = labels.sayings(wire.packets[-1][1], wire.number)
    assert labels.plain(saying.text) == "#1 404 Not Found text/html 335 bytes"
    assert saying.style == "yellow"


@pytest.mark.parametrize(("behind", "text"), [(0, "#1 200 complete: 335 bytes"), (1, "#1 200 complete now: 335 bytes")])
def test_a_message_that_ends_later(behind: int, text: str) -> None:
    wire = opened()
    exchange = wire.exchange(answer=html(335))
    wire.send(SERVER, "AP", 600)
    wire.happen(MessageEnded(exchange, SERVER))
    assert [labels.plain(each.text) for each in labels.sayings(wire.packets[-1][1], wire.number + behind)] == [text]


def test_an_incomplete_message_is_trouble() -> None:
    wire = opened()
    body = Body(size=2801, declared=5200, framing="length")
    exchange = wire.exchange(answer=body, response_complete=False)
    happening = MessageEnded(exchange, SERVER)
    (mark,) = labels.incomplete([happening])
    assert mark.symbol == TROUBLE
    assert [labels.plain(part) for part in mark.parts] == ["#1 200 incomplete", "2,801 of 5,200 bytes"]
    assert not labels.sayings([happening], 1)


def test_notes_are_named_once_and_not_before_their_packet() -> None:
    wire = opened()
    exchange = wire.exchange()
    exchange.notes += [Note("smuggling-risk", 4, ""), Note("content-gap", 4, ""), Note("mime-mismatch", 9, "")]
    told: set[str] = set()
    assert labels.notes(exchange, told, 5) == [Mark(TROUBLE, ["#1 smuggling-risk"])]
    assert labels.notes(exchange, told, 9) == [Mark(TROUBLE, ["#1 mime-mismatch"])]
    assert labels.notes(exchange, told, 9) == []


@pytest.mark.parametrize("room", [16, 24, 30, 37, 48, 80])
def test_parts_are_packed_and_never_torn(room: int) -> None:
    parts = ["PSH,ACK", "seq=4294967295", "ack=4294967295", "len=65535"]
    rows = labels.packed(parts, room, room)
    assert " ".join(rows).split() == parts
    assert max(map(len, rows)) <= room


def test_marks_fit_their_rows() -> None:
    rows = labels.mark_rows([Mark(AGAIN, ["漢字" * 40, "x" * 99]), Mark("", ["a", "b"])], 38)
    assert [row.text for row in rows][-1] == "a · b"
    assert max(cell_width(row.text) for row in rows) == 38
