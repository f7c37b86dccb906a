"""The paper under a ladder: every row has its width, whatever stands on it."""

from __future__ import annotations

import itertools

import pytest

from httptrace.model import Direction
from httptrace.outputs.ladder.lanes import NARROWEST, Arrow, Lanes, Row, Stroke, lanes_that_fit
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width

PLAIN = Paint(False)
SENDERS = (Direction.CLIENT, Direction.SERVER, None)


def lanes(width: int, count: int, digits: int) -> Lanes:
    made = Lanes(width, count, digits, PLAIN)
    made.alive = [True] * count
    return made


@pytest.mark.parametrize("width", [20, 60, 61, 76, 77, 80, 99, 120, 200])
@pytest.mark.parametrize(("count", "digits"), [(1, 0), (1, 1), (2, 1), (6, 1), (6, 5), (8, 3)])
@pytest.mark.parametrize("text", ["", "No1 SYN", "No1 " + "x" * 300, "No1 GET /" + "漢字" * 100])
def test_no_row_is_wider_than_the_page(width: int, count: int, digits: int, text: str) -> None:
    paper = lanes(width, count, digits)
    states, number = ("SYN-RECEIVED", "ESTABLISHED"), "9" * digits
    rows = [paper.rest(states), paper.text(Row(text), number)]
    for sender, stroke, lost, lane in itertools.product(SENDERS, Stroke, (False, True), range(count)):
        arrow = Arrow(sender, stroke, [Row(text), Row(text)], states, "+999.9 ms", lost)
        rows += paper.arrow(lane, number, arrow)
    assert max(map(cell_width, rows)) <= max(width, NARROWEST)
    ends = {cell_width(row[: max(row.rfind(end) for end in "│┤╡")]) for row in rows}
    assert len(ends) == 1, "the server's lifeline is straight"


@pytest.mark.parametrize(
    ("width", "count", "edges"),
    [(60, 1, False), (75, 1, False), (78, 1, True), (80, 1, True), (80, 6, False), (130, 6, True)],
)
def test_states_stand_at_the_edges_where_arrows_keep_their_room(width: int, count: int, edges: bool) -> None:
    assert lanes(width, count, 1 if count > 1 else 0).edges is edges


@pytest.mark.parametrize("width", range(60, 201, 20))
@pytest.mark.parametrize("digits", [1, 3, 6])
def test_as_many_lifelines_as_fit_leave_an_arrow_room(width: int, digits: int) -> None:
    assert lanes(width, lanes_that_fit(width, digits), digits).zone >= 28


def test_six_connections_fit_80_columns() -> None:
    assert lanes_that_fit(80, 1) >= 6
    assert lanes(80, 6, 1).on_arrow >= len("No99999 SYN,ACK seq=4294967295 ack=4294967295")


@pytest.mark.parametrize(
    ("arrow", "line"),
    [
        pytest.param(Arrow(Direction.CLIENT, Stroke.PLAIN, [Row("a")]), "│ │   ├─┼── a ", id="from-the-client"),
        pytest.param(Arrow(Direction.SERVER, Stroke.PLAIN, [Row("a")]), "│ │   │◀┼── a ", id="to-the-client"),
        pytest.param(Arrow(Direction.CLIENT, Stroke.DATA, [Row("a")]), "│ │   ╞═╪══ a ", id="data-crosses"),
        pytest.param(Arrow(Direction.SERVER, Stroke.MISSING, [Row("a")]), "│ │   │◀┼┄┄ a ", id="missing"),
        pytest.param(Arrow(Direction.SERVER, Stroke.MISSING, [Row("a")], lost=True), "│ │   │✗┼┄┄ a ", id="lost"),
        pytest.param(Arrow(None, Stroke.DATA, [Row("a")]), "│ │   ╞◀╪══ a ", id="both-ways"),
    ],
)
def test_an_arrow_crosses_the_lifelines_between(arrow: Arrow, line: str) -> None:
    paper = Lanes(70, 5, 1, PLAIN)
    paper.pitch = 2
    paper.alive = [True, True, False, True, True]
    drawn = paper.arrow(3, "", arrow)[0]
    assert drawn.lstrip().startswith(line)


@pytest.mark.parametrize(
    ("sender", "lost", "end"),
    [
        (Direction.CLIENT, False, "▶│"),
        (Direction.CLIENT, True, "✗│"),
        (Direction.SERVER, False, "─┤"),
        (None, False, "▶│"),
    ],
)
def test_how_an_arrow_ends_at_the_server(sender: Direction | None, lost: bool, end: str) -> None:
    drawn = lanes(60, 1, 0).arrow(0, "", Arrow(sender, Stroke.PLAIN, [Row("a")], lost=lost))[0]
    assert drawn.rstrip().endswith(end)


def test_states_below_the_arrow_stand_at_both_ends() -> None:
    rows = lanes(60, 1, 0).arrow(0, "", Arrow(Direction.CLIENT, Stroke.PLAIN, [Row("a")], ("SYN-SENT", "LISTEN")))
    assert rows[1].split() == ["│", "SYN-SENT", "LISTEN", "│"]


def test_the_number_of_the_connection_stands_at_the_left() -> None:
    rows = lanes(80, 3, 3).arrow(1, "17", Arrow(Direction.CLIENT, Stroke.PLAIN, [Row("a"), Row("b")]))
    assert rows[0].startswith(" 17 ")
    assert rows[1].startswith("    ")
