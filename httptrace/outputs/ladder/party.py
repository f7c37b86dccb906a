"""What is to be drawn of each packet of a connection: its texts, its marks, the gaps around it, the states."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from httptrace.lang import _
from httptrace.limits import DRAWN_GAPS, DRAWN_NOTED
from httptrace.model import Direction, Endpoint, GapGivenUp, Happening, PacketRecord
from httptrace.outputs.ladder import labels
from httptrace.outputs.ladder.folds import Fold
from httptrace.outputs.ladder.labels import Mark, Saying
from httptrace.outputs.ladder.lanes import Row
from httptrace.outputs.narration.early import Early
from httptrace.outputs.narration.facts import PacketFacts
from httptrace.outputs.narration.folding import Entry
from httptrace.outputs.narration.story import Known, Story
from httptrace.outputs.narration.wording import Roles
from httptrace.teach.states import States, reached


@dataclass(slots=True)
class Drawn:
    """A connection to be drawn. `known` is what was read of it beforehand, None where it is drawn as it is read;
    `gaps` are the gaps that will be given up, where they are known."""

    stream: int
    client: Endpoint
    server: Endpoint
    known: Known | None = None
    gaps: Sequence[GapGivenUp] = ()


@dataclass(slots=True)
class Gap:
    """Bytes that were never captured, and what is said of them."""

    gap: GapGivenUp
    marks: list[Mark]


@dataclass(slots=True)
class Item:
    """One packet with all that is drawn of it: the states before and after it, and the gaps in front of and behind
    it."""

    entry: Entry
    before: tuple[str, str]
    after: tuple[str, str]
    sayings: list[Saying]
    marks: list[Mark]
    gaps: list[Gap]
    behind: list[Gap]


class Party:
    """One connection while it is drawn. `roles` are the words for its ends, `absolute` counts as on the wire."""

    def __init__(self, drawn: Drawn, roles: Roles, width: int, *, absolute: bool) -> None:
        known = drawn.known
        self.drawn = drawn
        self.story = Story(roles, drawn.server, width, known)
        self.states = States(listening=not _refused(known))
        self.shown_states: tuple[str, str] | None = None
        self.fold: Fold | None = None
        self.held: list[Item] = []  # the first packets of the fold, which may turn out to be no run
        self.lane: int | None = None
        self._roles = roles
        self._absolute = absolute
        self._early = Early({exchange.no: exchange for exchange in known.of_connection} if known else {})
        self._offsets = [0, 0]  # on the wire minus relative, of each side
        self._waiting = [deque(gap for gap in drawn.gaps if gap.sender is sender) for sender in Direction]
        self._noted: dict[int, set[str]] = {}
        self._told_gaps: set[tuple[Direction, int]] = set()

    def shown(self, direction: Direction, number: int) -> int:
        """A number of one side as it is shown."""
        return (number + self._offsets[direction] if self._absolute else number) & 0xFFFF_FFFF

    def item(self, record: PacketRecord, happenings: list[Happening]) -> tuple[Item, str | None]:
        """All that is drawn of the connection's next packet, and the heading that stands above it, if any."""
        self._offsets[record.sender] = record.absolute_seq - record.seq
        if record.ack is not None:
            self._offsets[1 - record.sender] = record.absolute_ack - record.ack
        story = self.story
        facts = story.connection.observe(record)
        happenings = self._early.settle(facts, happenings)
        entry = story.tell(facts, happenings)
        heading, story.heading = story.heading, None
        client, server = self.states.packet(record)
        before, after = (client[0], server[0]), (client[1], server[1])
        gaps = self._gaps_before(facts)
        behind = [self._given_up(gap) for gap in self._news(happenings)]
        marks = labels.marks(facts, self._roles, self.shown, hole=not gaps)
        marks += labels.incomplete(happenings) + self._notes(happenings, record.packet)
        if self.states.assumed and sum(side.packets for side in story.connection.sides) == 1:
            marks.append(Mark("", [_("the capture begins in the middle"), _("states are assumed")]))
        if gaps or behind or before != after:
            entry.kind = None
        said = labels.sayings(happenings, record.packet)
        return Item(entry, before, after, said, marks, gaps, behind), heading

    def ending(self, happenings: list[Happening], room: int) -> tuple[list[Gap], list[Row]]:
        """What the end of the capture, or of the connection's state, made happen: gaps, and rows of
        text in so many cells."""
        happenings = self._early.rest(happenings)
        self.story.outside(happenings)
        gaps = [self._given_up(gap) for gap in self._news(happenings)]
        rows = [Row(labels.plain(saying.text), saying.style) for saying in labels.sayings(happenings, 0)]
        return gaps, rows + labels.mark_rows(labels.incomplete(happenings), room)

    def _notes(self, happenings: list[Happening], packet: int) -> list[Mark]:
        """What is to be noted of the exchanges of which something begins or ends with a packet."""
        marks = []
        for happening in happenings:
            if isinstance(happening, GapGivenUp):
                continue
            exchange = happening.exchange
            marks += labels.notes(exchange, self._noted.setdefault(exchange.no, set()), packet)
            if len(self._noted) > DRAWN_NOTED:
                del self._noted[next(iter(self._noted))]
        return marks

    def _gaps_before(self, facts: PacketFacts) -> list[Gap]:
        """The gaps in front of a packet, where it is known already that their bytes will not come."""
        waiting = self._waiting[facts.sender]
        found = []
        while waiting and reached(facts.start, waiting[0].seq + waiting[0].length):
            gap = waiting.popleft()
            self._told_gaps.add((gap.sender, gap.seq & 0xFFFF_FFFF))
            found.append(self._given_up(gap))
        if found or facts.hole is None or facts.hole_confirmed_in is None or len(self._told_gaps) >= DRAWN_GAPS:
            return found
        start, end = facts.hole
        gap = GapGivenUp(facts.sender, start & 0xFFFF_FFFF, end - start, True)
        self._told_gaps.add((gap.sender, gap.seq))
        return [Gap(gap, self._who_lost(gap, start, facts.hole_confirmed_in))]

    def _news(self, happenings: list[Happening]) -> list[GapGivenUp]:
        """The gaps that were not drawn where they appeared."""
        gaps = [happening for happening in happenings if isinstance(happening, GapGivenUp)]
        new = [gap for gap in gaps if (gap.sender, gap.seq & 0xFFFF_FFFF) not in self._told_gaps]
        self._told_gaps.difference_update((gap.sender, gap.seq & 0xFFFF_FFFF) for gap in gaps)
        return new

    def _given_up(self, gap: GapGivenUp) -> Gap:
        start, _end, _behind, confirmed = self.story.connection.gap(gap)
        return Gap(gap, self._who_lost(gap, start, confirmed))

    def _who_lost(self, gap: GapGivenUp, start: int, confirmed: int | None) -> list[Mark]:
        first, last = self.shown(gap.sender, start), self.shown(gap.sender, start + gap.length - 1)
        return labels.missing(gap, first, last, confirmed)


def _refused(known: Known | None) -> bool:
    return known is not None and known.record is not None and known.record.handshake == "refused"
