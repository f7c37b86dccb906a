"""A note stands under the packet it names, else at the end of its message; what is not whole is not praised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from httptrace import notes
from httptrace.model import Direction, Exchange, MessageEnded, Note
from tests.build import Capture, chunked, conversation, get, head, lost, ok, post
from tests.outputs.test_walkthrough import flat
from tests.outputs.test_walkthrough_captures import CAPTURES, NAMES, Told
from tests.outputs.wire import CLIENT, SERVER, Wire, html

GAP = "{lost} bytes were never captured"


def entry_of(text: str, sentence: str) -> str:
    """What an entry says, from its first line on, that has this sentence; each must have one."""
    found = [one for one in re.split(r"^(?=No\d|──)", text, flags=re.M) if sentence in flat(one)]
    assert len(found) == 1, found
    return flat(found[0])


def noted(wire: Wire, packet: int) -> Exchange:
    """A page in four pieces, No6 to No9, of which a note names one packet."""
    wire.shake_hands()
    page = wire.exchange(answer=html(5460))
    page.notes.append(Note(notes.MIME_MISMATCH, packet, GAP, {"lost": 7}))
    wire.ask(page)
    wire.send(SERVER, ms=8.5)
    wire.answer(page, 1448, whole=False)
    for _ in range(3):
        wire.send(SERVER, "A", 1448)
    wire.happen(MessageEnded(page, SERVER))
    wire.send(CLIENT)
    return page


@pytest.mark.parametrize("packet", range(4, 10))
def test_a_note_stands_under_its_packet(packet: int) -> None:
    wire = Wire()
    noted(wire, packet)
    told = wire.told(unfold=packet == 9)  # a fold says at its end what belongs to its last packet
    assert entry_of(told, "7 bytes were never captured").startswith(f"No{packet} ")


@pytest.mark.parametrize("packet", [7, 8])
def test_a_packet_with_a_note_still_says_what_it_carries(packet: int) -> None:
    wire = Wire()
    noted(wire, packet)
    assert "The server sends bytes" in entry_of(wire.told(), "7 bytes were never captured")


@pytest.mark.parametrize("packet", [4, 8, 9])
def test_a_note_that_comes_when_its_packet_is_gone_stands_at_the_end(packet: int) -> None:
    """While a capture is told as it is read, most notes are made at the end of their message."""
    wire = Wire()
    page = noted(wire, packet)
    at = "No4 " if packet == 4 else "No7 … No9 "
    assert entry_of(wire.told(known=False), "7 bytes were never captured").startswith(at)
    assert page.notes


def test_a_note_on_a_packet_of_another_connection_stands_at_the_end() -> None:
    wire = Wire()
    page = noted(wire, 8)
    wire.packets = [(record, happenings) for record, happenings in wire.packets if record.packet != 8]
    assert page.notes[0].packet == 8
    assert entry_of(wire.told(), "7 bytes were never captured").startswith("No9 ")


def walked(capture: Capture, tmp_path: Path, *, known: bool = True) -> str:
    told = Told(capture.save(tmp_path / "made.pcap"), known=known)
    return "".join(told.lines[0])


@pytest.mark.parametrize("known", [True, False], ids=["read-first", "streamed"])
@pytest.mark.parametrize(
    ("capture", "code", "packet"),
    [
        pytest.param(
            conversation(get("/a", transfer_encoding="chunked", content_length=3) + chunked("abc"), ok(b"x")),
            "smuggling-risk",
            4,
            id="of-a-request",
        ),
        pytest.param(conversation(get("/a"), ok(b"x" * 50)), "default-content-type", 5, id="of-a-response"),
        pytest.param(
            conversation(post("/a", b"x"), head("200 OK", transfer_encoding="chunked") + b"zz\r\n"),
            "bad-framing",
            5,
            id="of-a-chunk",
        ),
    ],
)
def test_read_from_a_capture(capture: Capture, code: str, packet: int, known: bool, tmp_path: Path) -> None:
    assert entry_of(walked(capture, tmp_path, known=known), f"[{code}]").startswith(f"No{packet} ")


def test_a_gap_in_a_response_is_not_told_with_its_request(tmp_path: Path) -> None:
    capture = conversation(get("/a"), [head(content_length=9000), b"x" * 3000, lost(b"y" * 3000), b"z" * 3000])
    text = walked(capture, tmp_path)
    assert text.index("The answer begins") < text.index("never captured")


@pytest.mark.parametrize("name", NAMES)
def test_no_note_comes_before_its_packet(name: str) -> None:
    told = Told(CAPTURES / name)
    for walk in told.walks.values():
        assert walk._known is not None
        for exchange in walk._known.of_connection:
            for note in exchange.notes:
                text = "".join(told.lines[exchange.stream])
                entry = next((one for one in re.split(r"^(?=No\d)", text, flags=re.M) if f"[{note.code}]" in one), "")
                assert not entry or entry.startswith(f"No{note.packet} ")


@pytest.mark.parametrize(
    ("capture", "whole"),
    [
        pytest.param(conversation(get("/a"), ok(b"x" * 9000)), True, id="whole"),
        pytest.param(conversation(get("/a"), ok(b"x" * 9000), stop=8), False, id="cut-in-the-answer"),
        pytest.param(conversation(get("/a"), ok(b"x" * 9000), stop=4), False, id="no-answer"),
        pytest.param(conversation(get("/a"), ok(b"x" * 9000), only=Direction.CLIENT), False, id="one-side"),
    ],
)
def test_nothing_missing_is_said_of_what_is_whole(capture: Capture, whole: bool, tmp_path: Path) -> None:
    text = flat(walked(capture, tmp_path))
    assert ("nothing missing" in text) == whole
    assert ("no hole in what was seen" in text) <= (not whole)
