"""The paper under a ladder: where the lifelines stand, and rows on it that are never wider than the page.

From left to right: the number of the connection (where there are several), the client's state, a lifeline for each
connection, the zone that the arrows cross with their texts, the server's lifeline, its state, the time. Where the
page is too narrow for the states at the edges, they stand below the arrow, at both ends of the zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from httptrace.model import Direction
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width, pad, shorten

#: Narrower than this nothing is drawn.
NARROWEST = 60

#: The longest name of a state, and the column of the times.
EDGE = 12
TIME = 9

#: The states stand at the edges where they leave this much for the arrows.
_ROOM_BESIDE_EDGES = 40

#: Arrows shorter than this have no room for a text; lifelines are drawn apart while arrows stay as long as that.
_SHORTEST_ARROW = 30
_LONG_ARROW = 52
_CLOSEST, _WIDEST = 2, 8

#: What an arrow's text does not get: the line before it, and a blank and the tip behind it.
_AROUND_TEXT = 5

#: Where the rows below an arrow begin.
_INDENT = 3


class Stroke(Enum):
    """How an arrow is drawn: its line, where it crosses a lifeline, where it leaves one to the right or the left."""

    PLAIN = "─┼├┤"
    DATA = "═╪╞╡"
    MISSING = "┄┼├┤"


@dataclass(frozen=True, slots=True)
class Row:
    """A text in the zone and how it is coloured."""

    text: str
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """What is drawn for one packet or run: `rows`, the first of them on the line.

    `sender` is None where both sides send. `lost`: it does not arrive. `states` are the client's and the server's
    where they are to be shown, empty where not; `time` goes to the right.
    """

    sender: Direction | None
    stroke: Stroke
    rows: list[Row]
    states: tuple[str, str] = ("", "")
    time: str = ""
    lost: bool = False


def lanes_that_fit(width: int, digits: int) -> int:
    """How many lifelines of clients a page has room for, beside a column for connections' numbers of `digits`."""
    room = max(NARROWEST, width) - (digits + 1) - 1 - (1 + TIME) - _SHORTEST_ARROW
    return room // _CLOSEST


class Lanes:
    """Draws rows for a page of one width. `digits`: of the largest connection's number, 0 where there is only one
    connection. `alive` says which lifelines are drawn; the caller sets it."""

    def __init__(self, width: int, count: int, digits: int, paint: Paint) -> None:
        self.width = max(NARROWEST, width)
        self.alive = [False] * count
        self._paint = paint
        self._number = digits + 1 if digits else 0
        free = self.width - self._number - 1 - (1 + TIME)  # for the lifelines of clients and the zone
        self.pitch = min(_WIDEST, max(_CLOSEST, (free - _LONG_ARROW) // count)) if count > 1 else 1
        across = (count - 1) * self.pitch + 1
        self.edges = free - across - 2 * (EDGE + 1) >= _ROOM_BESIDE_EDGES
        self._left = self._number + (EDGE + 1 if self.edges else 0 if digits else 1)
        self._right = (EDGE + 1 if self.edges else 0) + 1 + TIME
        self.zone = self.width - self._left - across - 1 - self._right

    @property
    def on_arrow(self) -> int:
        """The cells that a text has on an arrow."""
        return self.zone - _AROUND_TEXT

    @property
    def below(self) -> int:
        """The cells that a text has below an arrow."""
        return self.zone - _INDENT - 1

    def heads(self, client: str, server: str) -> str:
        """The names of both ends over their lifelines, where there is one connection."""
        client_at, server_at = self._left, self._left + self.zone + 1
        half = self.width // 2 - 1
        left, right = shorten(client, half), shorten(server, half)
        begin = max(0, min(client_at - cell_width(left) // 2, self.width // 2 - cell_width(left)))
        row = " " * begin + left
        end = min(self.width, max(server_at + (cell_width(right) + 1) // 2, cell_width(row) + 2 + cell_width(right)))
        return self._paint(pad(row, end - cell_width(right)) + right, "bold")

    def arrow(self, lane: int, number: str, arrow: Arrow) -> list[str]:
        """The rows of an arrow from or to a lifeline."""
        states = arrow.states if self.edges else ("", "")
        first, *rest = arrow.rows
        lines = [
            self._join(number, states[0], self._crossing(lane, arrow, first), states[1], arrow.time),
        ]
        lines += [self.text(row) for row in rest]
        if not self.edges and any(arrow.states):
            lines.append(self.text(self._states(arrow.states)))
        return lines

    def text(self, row: Row, number: str = "") -> str:
        """A text between the lifelines."""
        shown = shorten(row.text, self.below)
        space = " " * (self.zone - _INDENT - cell_width(shown))
        middle = self._verticals() + " " * _INDENT + self._paint(shown, row.style) + space + "│"
        return self._join(number, "", middle, "", "")

    def rest(self, states: tuple[str, str]) -> str:
        """The lifelines alone, with these states."""
        if not self.edges:
            return self.text(self._states(states))
        return self._join("", states[0], self._verticals() + " " * self.zone + "│", states[1], "")

    def _states(self, states: tuple[str, str]) -> Row:
        """Both states on a row of their own."""
        client, server = states
        between = " " * max(1, self.below - cell_width(client) - cell_width(server))
        return Row(client + between + server, "cyan")

    def _crossing(self, lane: int, arrow: Arrow, row: Row) -> str:
        """The lifelines, and the line that crosses those right of its own."""
        line, cross, from_left, from_right = arrow.stroke.value
        gap = self.pitch - 1
        before = "".join(("│" if alive else " ") + " " * gap for alive in self.alive[:lane])
        begin = "│" if arrow.sender is Direction.SERVER else from_left
        over = "".join(line * gap + (cross if alive else line) for alive in self.alive[lane + 1 :])
        shown = shorten(row.text, self.on_arrow)
        space = self.zone - 4 - cell_width(shown)
        over += line * 2
        tail = line * space
        tip = "✗" if arrow.lost else ""
        if arrow.sender is not Direction.CLIENT:
            over = (tip or "◀") + over[1:]
        if arrow.sender is not Direction.SERVER:
            tail = tail[:-1] + (tip or "▶")
        end = from_right if arrow.sender is Direction.SERVER else "│"
        style = "green" if arrow.sender is Direction.CLIENT else "magenta"
        text = self._paint(shown, row.style or style)
        return before + self._paint(begin + over, style) + " " + text + " " + self._paint(tail, style) + end

    def _verticals(self) -> str:
        return (" " * (self.pitch - 1)).join("│" if alive else " " for alive in self.alive)

    def _join(self, number: str, client: str, middle: str, server: str, time: str) -> str:
        """A whole line. `middle` has its width already; it may hold colours."""
        left = pad(number, self._number - 1, "right") + " " if self._number else ""
        if self.edges:
            left += pad(shorten(client, EDGE), EDGE, "right") + " "
        left = pad(left, self._left)
        behind = ""
        if self.edges:
            behind = " " + pad(shorten(server, EDGE), EDGE)
        behind += " " + pad(shorten(time, TIME), TIME, "right")
        return self._paint(left, "cyan") + middle + self._paint(behind.rstrip(), "dim")
