"""A walkthrough taken apart: every line belongs to a step, and opening a run shows each of its packets."""

from __future__ import annotations

import pytest

from httptrace.outputs.steps import Drawing, Script, Step, Telling
from httptrace.outputs.walkthrough import Walkthrough
from tests.outputs.wire import BROWSER, SITE, Wire, first_page


def telling(wire: Wire, stream: int = 0, **options: object) -> Telling:
    """The walkthrough of a connection, taken apart."""
    told = Telling(stream)
    walk = Walkthrough(
        told.write,
        file="No1 x.pcap",
        client=BROWSER,
        server=SITE,
        stream=stream,
        known=wire.known(),
        **options,  # type: ignore[arg-type]
    )
    for record, happenings in wire.packets:
        walk.packet(record, happenings)
    walk.closing(0, wire.behind)
    walk.finish(wire.record())
    told.finish()
    return told


@pytest.mark.parametrize("colour", [False, True], ids=["plain", "coloured"])
def test_every_line_belongs_to_a_step(colour: bool) -> None:
    wire = first_page()
    steps = telling(wire, colour=colour).steps
    lines = [line for step in steps for line in (*step.above, *step.lines)]
    text: list[str] = []
    walk = Walkthrough(
        text.append, file="No1 x.pcap", client=BROWSER, server=SITE, stream=0, known=wire.known(), colour=colour
    )
    for record, happenings in wire.packets:
        walk.packet(record, happenings)
    walk.closing(0, wire.behind)
    walk.finish(wire.record())
    assert lines == "".join(text).splitlines()
    packets = [(step.first, step.last) for step in steps]
    assert packets == [(n, n) for n in range(1, 8)] + [(8, 13)] + [(n, n) for n in range(14, 20)] + [(0, 0)]


def test_a_heading_stands_above_its_first_entry() -> None:
    steps = telling(first_page()).steps
    assert next(line for line in steps[3].above if line).startswith("── Exchange 1: GET / → 200 OK ──")
    assert not steps[4].above
    assert steps[0].above[0].startswith("No1 x.pcap")


def test_the_end_is_a_step() -> None:
    last = telling(first_page()).steps[-1]
    assert last.label == ""
    assert "── The connection in numbers" in "".join(last.lines)


def test_a_step_is_called_by_its_packets() -> None:
    assert Step(0, 8, 13).label == "No8 … No13"
    assert Step(0, 4, 4).label == "No4"


def test_a_step_is_opened_once() -> None:
    asked: list[tuple[int, int, int]] = []

    def details(stream: int, first: int, last: int) -> tuple[list[Step], int]:
        asked.append((stream, first, last))
        return [Step(stream, number, number, ["above"], [f"No{number}"]) for number in (8, 9)], 4

    run, end = Step(2, 8, 13), Step(2, 0, 0)
    script = Script([run, end], details)
    for _ in range(3):
        assert script.opened(run) == ["No8", "No9", "… and 4 packets more"]
    assert script.opened(end) == []
    assert asked == [(2, 8, 13)]


def test_a_drawing_has_its_words_below() -> None:
    wire = first_page()
    drawing = Drawing()
    drawing.write("head\n")
    drawing.write("arrow\n")
    drawing.drawn(0, 4, 4)
    drawing.write("legend\n")
    drawing.finish()
    folded = telling(wire)
    script = Script.drawn(drawing, [folded, telling(wire, unfold=True)], lambda *_packets: ([], 0))
    assert [step.lines for step in script.steps] == [["head", "arrow"], ["legend"]]
    assert script.steps[0].words == folded.steps[3].lines
    assert script.steps[1].words == []
    assert script.drawing
