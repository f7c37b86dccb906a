"""Draws connections as a ladder: one arrow a packet, runs of data folded, in the order of the capture.

It is an observer, as the walkthrough is, and draws while packets come. Where several connections are drawn side by
side each has a lifeline of its own from its first packet to its last; runs that are being folded are drawn before any
arrow that is not part of one, so that time goes down the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from httptrace.lang import _
from httptrace.model import Direction, Happening, MessageBegan, PacketRecord, StreamRecord
from httptrace.outputs.amounts import endpoint
from httptrace.outputs.ladder import labels
from httptrace.outputs.ladder.folds import Fold
from httptrace.outputs.ladder.labels import Saying
from httptrace.outputs.ladder.lanes import Arrow, Lanes, Row, Stroke, lanes_that_fit
from httptrace.outputs.ladder.party import Drawn, Gap, Item, Party
from httptrace.outputs.narration.folding import NO_RUN
from httptrace.outputs.narration.layout import Page
from httptrace.outputs.narration.wording import Roles, duration, is_browser
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import cell_width, in_rows

#: Packets that wait for the first request; a handshake and a request in three pieces with their ACKs.
_WAITING = 8

#: Pages so wide show windows beside the other numbers.
_SHOWS_WINDOW = 100

#: Spans of time so long are told in days.
_DAYS_FROM_NS = 100_000 * 10**9
_DAY_NS = 86_400 * 10**9


class Ladder:
    """An observer that draws connections through `write`, which is given whole lines with their newlines.

    `connections` are those that are drawn, more than one only where all of them are known beforehand. `unfold` draws
    every packet by itself, `absolute` counts as on the wire, `packets` restricts what is drawn, not what is counted.
    `title` are the words about the capture, `deeper` the commands that tell more. `drawn` is told behind each arrow
    which packets it stands for: the stream, the first and the last.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        connections: Sequence[Drawn],
        *,
        title: str = "",
        deeper: Sequence[str] = (),
        width: int = 80,
        unfold: bool = False,
        absolute: bool = False,
        colour: bool = False,
        packets: range | None = None,
        drawn: Callable[[int, int, int], None] | None = None,
    ) -> None:
        self._write = write
        self._connections = list(connections)
        self._drawn_by_stream = {drawn.stream: drawn for drawn in self._connections}
        self._title = title
        self._deeper = deeper
        self._unfold = unfold
        self._absolute = absolute
        self._packets = packets
        self._drawn = drawn
        self._paint = Paint(colour)
        self._colour = colour
        self._several = len(self._connections) > 1
        count, digits = 1, 0
        if self._several:
            digits = len(str(max(drawn.stream for drawn in self._connections)))
            count = min(_most_at_once(self._connections), lanes_that_fit(width, digits))
        self._lanes = Lanes(width, count, digits, self._paint)
        self._users = [0] * count  # connections on each lifeline
        self._of: dict[int, Party] = {}
        self._last_ns: int | None = None
        self._heading: str | None = None
        self._folding: dict[int, Party] = {}
        self._waiting: list[tuple[PacketRecord, list[Happening]]] | None = []
        exchanges = [e for drawn in self._connections if drawn.known for e in drawn.known.of_connection]
        if exchanges or all(drawn.known for drawn in self._connections):
            self._settle(any(is_browser(exchange) for exchange in exchanges))

    @property
    def connections(self) -> int:
        """How many connections are drawn."""
        return len(self._connections)

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        """Draw the next packet. Where nothing is known beforehand the first few wait for the request, which says
        whether the client is a browser."""
        if self._waiting is None:
            self._take(record, happenings)
            return
        self._waiting.append((record, happenings))
        requests = [h.exchange for h in happenings if isinstance(h, MessageBegan)]
        if requests or len(self._waiting) > _WAITING:
            self._settle(any(is_browser(exchange) for exchange in requests))

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        """Draw what the end of the capture, or of the connection's state, made happen; its lifeline ends."""
        if self._waiting is not None:
            self._settle(False)
        self._flush()
        connection = self._of.get(stream)
        if connection is None or connection.lane is None:
            return
        gaps, rows = connection.ending(happenings, self._lanes.below)
        for gap in gaps:
            self._draw_gap(connection, gap)
        for row in rows:
            self._line(self._lanes.text(row, self._number(connection)))
        self._users[connection.lane] -= 1
        self._lanes.alive[connection.lane] = self._users[connection.lane] > 0

    def finish(self, *records: StreamRecord) -> None:
        """Say how it ended, what the signs mean, and how to go deeper."""
        if self._waiting is not None:
            self._settle(False)
        self._flush()
        self._line("")
        for record in records:
            connection = self._of.get(record.stream)
            for remark in connection.story.last(record) if connection else []:
                text = remark.text
                if self._several:
                    text = _("stream {stream}: {what}").format(stream=record.stream, what=text)
                symbol = f"{remark.mark} " if remark.mark else ""
                for line in self._page.plain(symbol + text):
                    self._line(labels.plain(line))
        for line in in_rows(_legend(), self._lanes.width):
            self._line(self._paint(line, "dim"))
        for row in in_rows(self._deeper, self._lanes.width):
            for line in self._page.plain(row, "dim"):
                self._line(line)

    # The beginning

    def _settle(self, browser: bool) -> None:
        """Decide how the client is called, draw the head, and what waited for it."""
        waiting, self._waiting = self._waiting or [], None
        self._roles = Roles(browser)
        self._page = Page(self._lanes.width, self._roles, digits=6, colour=self._colour)
        if self._title:
            for line in self._page.plain(self._title, "bold"):
                self._line(labels.plain(line))
            self._line("")
        if not self._several:
            drawn = self._connections[0]
            self._line(
                self._lanes.heads(
                    f"{self._roles.name(Direction.CLIENT)} {drawn.client}",
                    f"{self._roles.name(Direction.SERVER)} {drawn.server}",
                )
            )
        for record, happenings in waiting:
            self._take(record, happenings)

    def _begin(self, record: PacketRecord) -> Party:
        """A connection's first packet."""
        drawn = self._drawn_by_stream[record.stream]
        connection = Party(drawn, self._roles, self._lanes.width, absolute=self._absolute)
        self._of[record.stream] = connection
        return connection

    def _enter(self, connection: Party) -> None:
        """Give a connection its lifeline, the first that is free, and say whose it is."""
        free = [lane for lane, users in enumerate(self._users) if not users]
        lane = free[0] if free else len(self._users) - 1
        connection.lane = lane
        self._users[lane] += 1
        self._lanes.alive[lane] = True
        if not self._several:
            return
        drawn = connection.drawn
        room = self._lanes.below
        parts = [
            _("stream {stream}: {client}").format(stream=drawn.stream, client=endpoint(drawn.client, room - 16)),
            f"→ {endpoint(drawn.server, room - 2)}",
        ]
        for text in labels.packed(parts, room, room):
            self._line(self._lanes.text(Row(text, "bold"), self._number(connection)))

    # A packet

    def _take(self, record: PacketRecord, happenings: list[Happening]) -> None:
        connection = self._of.get(record.stream) or self._begin(record)
        item, heading = connection.item(record, happenings)
        fold = connection.fold
        if heading is not None and not self._several:
            self._flush()
            self._heading = heading
        if self._packets is not None and record.packet not in self._packets:
            self._flush()
        elif item.entry.kind is None or self._unfold:
            self._flush()
            self._draw(connection, item)
        elif fold is not None and fold.run.accepts(item.entry):
            fold.add(item.entry, item.sayings)
            if len(connection.held) < NO_RUN:
                connection.held.append(item)
        else:
            if fold is not None:
                self._flush()
            connection.fold, connection.held = Fold(item.entry, item.sayings, item.after), [item]
            self._folding[record.stream] = connection

    # Drawing

    def _flush(self) -> None:
        """Draw the runs that are being folded, in the order in which they ended."""
        if not self._folding:
            return
        ready: list[tuple[int, Party, Item | Fold]] = []
        for connection in self._folding.values():
            fold, connection.fold = connection.fold, None
            assert fold is not None
            if fold.run.count > NO_RUN:
                ready.append((fold.run.last.record.packet, connection, fold))
            else:
                ready += [(item.entry.facts.record.packet, connection, item) for item in connection.held]
            connection.held = []
        self._folding = {}
        for _packet, connection, what in sorted(ready, key=lambda each: each[0]):
            if isinstance(what, Fold):
                self._draw_fold(connection, what)
            else:
                self._draw(connection, what)

    def _draw(self, connection: Party, item: Item) -> None:
        facts = item.entry.facts
        record, lanes = facts.record, self._lanes
        self._prepare(connection, item.before)
        for gap in item.gaps:
            self._draw_gap(connection, gap)
        rows = self._rows(
            f"No{record.packet}",
            item.sayings,
            labels.numbers(record, absolute=self._absolute, window=lanes.width >= _SHOWS_WINDOW),
        )
        rows += labels.mark_rows(item.marks, lanes.below)
        stroke = Stroke.PLAIN if facts.start == facts.end else Stroke.DATA
        states = self._new_states(connection, item.after)
        self._draw_arrow(connection, Arrow(facts.sender, stroke, rows, states, self._time(record)))
        for gap in item.behind:
            self._draw_gap(connection, gap)
        self._tell(connection, record.packet, record.packet)

    def _draw_fold(self, connection: Party, fold: Fold) -> None:
        lanes = self._lanes
        self._prepare(connection, fold.states)
        parts = [fold.label, *fold.texts(self._roles, connection.shown)]
        rows = [Row(labels.plain(text)) for text in labels.packed(parts, lanes.on_arrow, lanes.below, " · ")]
        rows += [Row(labels.plain(saying.text), saying.style) for saying in fold.sayings]
        time = self._time(fold.run.last.record)
        self._draw_arrow(
            connection, Arrow(fold.sender, fold.stroke, rows, self._new_states(connection, fold.states), time)
        )

    def _draw_gap(self, connection: Party, gap: Gap) -> None:
        rows = labels.mark_rows(gap.marks, self._lanes.on_arrow)
        lost = not gap.gap.acked
        self._draw_arrow(connection, Arrow(gap.gap.sender, Stroke.MISSING, rows, lost=lost))

    def _rows(self, label: str, sayings: list[Saying], numbers: list[str]) -> list[Row]:
        """The texts of a packet: what HTTP says on the arrow and the numbers beside it or below."""
        lanes = self._lanes
        if not sayings:
            return [Row(text) for text in labels.packed([label, *numbers], lanes.on_arrow, lanes.below)]
        texts = [labels.plain(saying.text) for saying in sayings]
        texts[0] = f"{label} {texts[0]}"
        rows = [Row(text, saying.style) for text, saying in zip(texts, sayings, strict=True)]
        beside = f"{texts[0]}  {' '.join(numbers)}"
        if len(rows) == 1 and cell_width(beside) <= lanes.on_arrow:
            return [Row(beside, sayings[0].style)]
        return rows + [Row(text) for text in labels.packed(numbers, lanes.below, lanes.below)]

    def _draw_arrow(self, connection: Party, arrow: Arrow) -> None:
        assert connection.lane is not None
        for line in self._lanes.arrow(connection.lane, self._number(connection), arrow):
            self._line(line)

    def _prepare(self, connection: Party, states: tuple[str, str]) -> None:
        """The heading that waits, and the lifeline of a connection that is drawn for the first time."""
        heading, self._heading = self._heading, None
        if heading is not None:
            self._line(self._page.heading(heading)[-1])
        if connection.lane is None:
            self._enter(connection)
            connection.shown_states = states
            self._line(self._lanes.rest(states))

    def _new_states(self, connection: Party, states: tuple[str, str]) -> tuple[str, str]:
        """The states that are not shown already."""
        shown, connection.shown_states = connection.shown_states or ("", ""), states
        client, server = (new if new != old else "" for new, old in zip(states, shown, strict=True))
        return client, server

    def _time(self, record: PacketRecord) -> str:
        """The time since the packet that was drawn before."""
        since = 0 if self._last_ns is None else record.time_ns - self._last_ns
        first, self._last_ns = self._last_ns is None, record.time_ns
        if abs(since) >= _DAYS_FROM_NS:
            return _("{number} d").format(number=f"{since // _DAY_NS:+,}").replace("-", "−")
        sign = "" if first or since < 0 else "+"
        return labels.plain(sign + duration(since))

    def _tell(self, connection: Party, first: int, last: int) -> None:
        if self._drawn is not None:
            self._drawn(connection.drawn.stream, first, last)

    def _number(self, connection: Party) -> str:
        return str(connection.drawn.stream) if self._several else ""

    def _line(self, line: str) -> None:
        self._write(line.rstrip() + "\n")


def _most_at_once(connections: Sequence[Drawn]) -> int:
    """How many of the connections are open at the same packet."""
    edges = []
    for drawn in connections:
        assert drawn.known is not None
        assert drawn.known.record is not None
        edges += [(drawn.known.record.first_packet, 1), (drawn.known.record.last_packet + 1, -1)]
    most = now = 0
    for _packet, step in sorted(edges):
        now += step
        most = max(most, now)
    return most


def _legend() -> list[str]:
    """What the signs mean."""
    return [
        _("═ carries data"),
        _("─ carries none"),
        _("┄ missing in the capture"),
        _("✗ never confirmed"),
        _("↻ again or late"),
        _("⚠ trouble"),
        _("+ time since the line above"),
    ]
