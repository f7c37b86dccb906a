"""All rows below an entry of `walk --why`, in the order in which a reader asks: where are we, what moved, why."""

from __future__ import annotations

from collections.abc import Iterable

from httptrace.lang import _
from httptrace.model import Direction, Exchange, GapGivenUp, Happening, MessageBegan, MessageEnded
from httptrace.outputs.narration.facts import Connection
from httptrace.outputs.narration.folding import Entry, Kind, Run
from httptrace.outputs.narration.why.bursts import Bursts
from httptrace.outputs.narration.why.clock import Clock
from httptrace.outputs.narration.why.knowledge import knowledge_rows
from httptrace.outputs.narration.why.messages import Meaning
from httptrace.outputs.narration.why.numbers import number_rows
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.why.options import Options, read_options, sack_rows, syn_rows
from httptrace.outputs.narration.why.rules import rule_rows
from httptrace.outputs.narration.why.state import state_rows
from httptrace.outputs.narration.wording import Roles, Row, octets, say
from httptrace.teach.states import States


class Why:
    """Goes along one connection behind its :class:`Story`. `refused`: nobody listens, as is known beforehand."""

    def __init__(self, roles: Roles, known: Iterable[Exchange], *, refused: bool = False) -> None:
        self.once = Once()
        self.slow_start = False  # it was seen, and told
        self._roles = roles
        self._states = States(listening=not refused)
        self._clock = Clock(roles, self.once)
        self._bursts = Bursts()
        self._meaning = Meaning(roles, list(known), self.once)
        self._offered: list[Options | None] = [None, None]

    def explain(self, entry: Entry, happenings: list[Happening], connection: Connection) -> None:
        """Give an entry its rows."""
        facts, roles = entry.facts, self._roles
        rows = state_rows(facts, self._states, roles, self.once)
        rows += number_rows(facts, connection, roles, self.once)
        if "S" in facts.record.flags:
            rows += syn_rows(facts, roles, self._offered[facts.peer])
            self._offered[facts.sender] = read_options(facts.record.options)
        elif facts.start == facts.end:
            rows += sack_rows(facts.record, roles, facts)
        rows += self._clock.rows(facts)
        rows += knowledge_rows(facts, roles, self.once)
        rows += rule_rows(facts, roles, self.once)
        self._bursts.round_trip_ns = self._clock.round_trip_ns
        self._bursts.watch(facts)
        asked = [one for one in happenings if isinstance(one, MessageBegan) and one.sender is Direction.CLIENT]
        if len(asked) > 1 and self.once.first("pipelining"):
            text = _(
                "Requests sent without waiting are answered in their order, nothing else pairs them (RFC 9112 §9.3.2)."
            )
            rows.append(Row(_("rule"), say(text)))
        for happening in happenings:
            match happening:
                case MessageBegan():
                    closing = connection.sides[Direction.CLIENT].fin_seq is not None
                    rows += self._meaning.begins(
                        happening.exchange, happening.sender, happening.informational, closing=closing
                    )
                case MessageEnded():
                    bursts = self._bursts.row(happening.sender, roles)
                    self.slow_start = self.slow_start or bool(bursts)
                    entry.ending_rows += bursts
                    entry.ending_rows += self._meaning.ends(happening.exchange, happening.sender)
                case GapGivenUp():
                    pass
        entry.rows = rows

    def of_run(self, run: Run) -> list[Row]:
        """The rows of several packets told together: what they did not move, and the most that was in flight."""
        rows = list(run.state)
        if run.kind is Kind.FLOW:
            for direction in Direction:
                flight, packet = run.most_in_flight[direction]
                if flight:
                    text = _("At most {flight} of {sender} not confirmed at once, in No{packet}.")
                    sender = self._roles.the(direction)
                    label = "" if len(rows) > 1 else _("flight")
                    rows.append(Row(label, say(text, flight=octets(flight), sender=sender, packet=packet)))
        return [*rows, *run.sack, *run.lasting, *run.ending_rows]
