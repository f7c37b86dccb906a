"""Tells one connection: of each packet, under which heading it stands and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from httptrace.lang import _
from httptrace.model import (
    Direction,
    Endpoint,
    Exchange,
    GapGivenUp,
    Happening,
    MessageBegan,
    MessageEnded,
    StreamRecord,
)
from httptrace.outputs.narration import closing, messages, opening, sections, transfer, trouble
from httptrace.outputs.narration.early import Early
from httptrace.outputs.narration.facts import Closing, Connection, PacketFacts
from httptrace.outputs.narration.folding import Entry, Kind, kind_of
from httptrace.outputs.narration.forms import form_said
from httptrace.outputs.narration.noted import Noted
from httptrace.outputs.narration.terms import Terms
from httptrace.outputs.narration.timing import ServerTime
from httptrace.outputs.narration.why.why import Why
from httptrace.outputs.narration.wording import TROUBLE, Remark, Roles, clean, join, say

#: Unanswered exchanges whose numbers are kept and named.
_UNANSWERED = 100

#: Holes that were told and are not given up yet.
_HOLES = 1_000


@dataclass(slots=True)
class Known:
    """What a caller tells beforehand who has read the capture already: of all of it, and of the connection
    walked."""

    packets: int
    connections: int
    exchanges: int
    duration_ns: int
    record: StreamRecord | None = None
    of_connection: list[Exchange] = field(default_factory=list)


class Story:
    """Goes along one connection. `heading` is the one to print before the next entry, where there is a new
    one."""

    def __init__(
        self, roles: Roles, server: Endpoint, width: int, known: Known | None, *, why: bool = False, heads: bool = False
    ) -> None:
        self.connection = Connection()
        self.heading: str | None = None
        self._roles = roles
        self._server = server
        self._width = width
        self._record = known.record if known else None
        self._known = {exchange.no: exchange for exchange in known.of_connection} if known else {}
        self._early = Early(self._known)
        self._section: frozenset[int] = frozenset()
        self._part = ""  # opening, data, closing, exchange
        self._closing_next = False
        self._open = [0, 0]  # messages of a side that have begun and not ended
        self._first_data = {Direction.CLIENT: True, Direction.SERVER: True}
        self._awaited = [False, False]  # the next confirmation of this side's data gets its own entry
        self._arithmetic = {Direction.CLIENT, Direction.SERVER}  # sides whose sum has not been shown
        self._time = ServerTime()
        self._switched_to = ""
        self._explained: set[int] = set()  # statuses whose meaning was told
        self._http = bool(self._known)
        self._noted = Noted(self._known.values())
        self._incomplete = False
        self._gap_told = False
        self._holes_told: dict[tuple[Direction, int], bool] = {}
        self._half_told = False
        self._unanswered: dict[int, None] = {}
        refused = self._record is not None and self._record.handshake == "refused"
        self.why = Why(roles, self._known.values(), refused=refused) if why else None
        self._heads = heads
        self.terms = Terms(why=why)

    @property
    def whole(self) -> bool:
        """Whether all that began came to its end: every message whole, every request answered, both sides seen."""
        seen = all(side.packets for side in self.connection.sides)
        return seen and not self._incomplete and not self._unanswered

    def tell(self, facts: PacketFacts, happenings: list[Happening]) -> Entry:
        """The entry of the connection's next packet."""
        happenings = self._early.settle(facts, happenings)
        self._choose_heading(facts, happenings)
        entry = Entry(facts, [], kind_of(facts))
        connection, roles = self.connection, self._roles
        begins = self._part == "opening" and connection.sides[0].packets + connection.sides[1].packets == 1
        middle = opening.begins_in_the_middle(connection) if begins else None
        remarks = [middle] if middle else []
        opened = opening.opening(facts, connection, roles, self._server)
        odd = trouble.trouble(facts, roles)
        told = self._messages(entry, happenings)
        noted = self._notes_under(facts, happenings)
        closed = closing.closing(facts, connection, roles)
        if facts.closing is Closing.RESET:
            remarks += [*closed, *told]
        else:
            remarks += [*opened, *odd, *told, *closed]
        calm_oddities = (Kind.DUPLICATES, Kind.KEEP_ALIVE, Kind.SHUT_WINDOW)
        if noted or ((opened or closed or odd or middle) and entry.kind not in calm_oddities):
            entry.kind = None
        if not (opened or closed or odd or told):
            remarks.append(self._plain(entry))
        remarks += noted
        entry.remarks = remarks
        self.terms.watch(facts, happenings, connection)
        if self.why is not None:
            self.why.explain(entry, happenings, connection)
            if self.why.slow_start:
                self.terms.add("slow start")
        if self._heads:
            entry.fields = messages.fields(happenings)
        self._after(entry)
        return entry

    def outside(self, happenings: list[Happening]) -> list[Remark]:
        """What is said of happenings behind the last packet."""
        remarks: list[Remark] = []
        for happening in self._early.rest(happenings):
            match happening:
                case GapGivenUp():
                    remarks += self._missing(happening)
                case MessageEnded():
                    remarks += self._ended(happening, None)
                case MessageBegan():
                    self._began(happening)
        return remarks

    def last(self, record: StreamRecord) -> list[Remark]:
        """What is said when no packet follows."""
        remarks = []
        if self._unanswered:
            numbers = [str(no) for no in self._unanswered]
            remarks.append(Remark(sections.without_answer(len(numbers), ", ".join(numbers)), TROUBLE))
        ended = closing.how_it_ended(record, self.connection, self._roles)
        return [*remarks, ended] if ended else remarks

    # Which section a packet belongs to

    def _choose_heading(self, facts: PacketFacts, happenings: list[Happening]) -> None:
        asked: dict[int, Exchange] = {}
        answered: dict[int, Exchange] = {}
        early = self._early.beginning(facts)
        begun = [(h.exchange, h.sender) for h in happenings if isinstance(h, MessageBegan)]
        for exchange, direction in [*early, *begun]:
            (asked if direction is Direction.CLIENT else answered).setdefault(exchange.no, exchange)
        new = [exchange for no, exchange in asked.items() if no not in self._section]
        if new:
            self._enter("exchange", sections.requests(new, self._known, self._width), frozenset(e.no for e in new))
        elif answered and (self._section != frozenset(answered) or self._part == "closing"):
            listed = list(answered.values())
            self._enter("exchange", sections.answers(listed, self._width), frozenset(answered))
        elif not self._part:
            first_is_syn = any(side.syns for side in self.connection.sides)
            handshake = self._record.handshake if self._record else None
            self._enter(
                "opening",
                sections.opening(
                    handshake,
                    first_is_syn=first_is_syn,
                    unanswered=_nobody_answered(self._record),
                ),
            )
        elif facts.closing in (Closing.FIRST_FIN, Closing.RESET) and self._part != "closing":
            reset = facts.closing is Closing.RESET
            if reset or facts.start == facts.end:
                self._enter("closing", sections.closing(reset=reset), self._section)
            else:
                self._closing_next = True  # its last data still belongs to what it ends
        elif self._closing_next:
            self._enter("closing", sections.closing(reset=False), self._section)
        elif self._is_payload(facts, happenings):
            application = self._record.application if self._record else None
            self._enter("data", sections.payload(application, self._switched_to))

    def _is_payload(self, facts: PacketFacts, happenings: list[Happening]) -> bool:
        if facts.start == facts.end or facts.opening or happenings or self._part in ("data", "closing"):
            return False
        return bool(self._switched_to) or not (self._http or self._open[facts.sender])

    def _enter(self, part: str, heading: str, section: frozenset[int] = frozenset()) -> None:
        self.heading = heading
        self._part = part
        self._section = section
        self._closing_next = False
        self._first_data = {Direction.CLIENT: True, Direction.SERVER: True}

    # What the messages in a packet say

    def _messages(self, entry: Entry, happenings: list[Happening]) -> list[Remark]:
        """What the happenings of a packet say: a paragraph for each message that begins or ends in it."""
        facts = entry.facts
        remarks: list[Remark] = []
        warnings: list[Remark] = []
        text = self._half_closed(facts) if happenings else ""
        for place, happening in enumerate(happenings):
            match happening:
                case GapGivenUp():
                    remarks += self._missing(happening)
                    entry.kind = None
                case MessageBegan():
                    if place and text:
                        remarks.append(Remark(text))
                        text = ""
                    alone = place == 0 and self._open[facts.sender] == 0
                    text = join([text, self._begins(happening, facts, alone=alone)])
                    self._began(happening)
                    entry.kind = None
                case MessageEnded():
                    ended = self._ended(happening, facts)
                    if happening.sender is not facts.sender or facts.start == facts.end or not _complete(happening):
                        entry.kind = None
                    elif entry.kind is Kind.FLOW:
                        entry.ends = True
                        entry.endings += ended
                    if ended and not ended[0].mark:
                        text = join([text, ended.pop(0).text])
                    warnings += ended
        began = [happening for happening in happenings if isinstance(happening, MessageBegan)]
        if began:
            text = join([text, self._when_begun(began, facts)])
        return [*remarks, Remark(text), *warnings] if text else [*remarks, *warnings]

    def _notes_under(self, facts: PacketFacts, happenings: list[Happening]) -> list[Remark]:
        """The notes that name the packet; that a message is cut off is said where it ends."""
        exchanges = [happening.exchange for happening in happenings if not isinstance(happening, GapGivenUp)]
        return self._noted.under(facts.record.packet, exchanges, self._said | {"truncated"})

    @property
    def _said(self) -> frozenset[str]:
        """The codes of notes that say what a sentence or a heading says."""
        return frozenset({"no-request", "content-gap"} if self._gap_told else {"no-request"})

    def _when_begun(self, began: list[MessageBegan], facts: PacketFacts) -> str:
        """The sentences on time and numbers of a packet in which messages begin."""
        waited = ""
        for happening in began:
            if happening.sender is Direction.SERVER and happening.informational is None:
                waited = waited or self._time.said(happening.exchange, self._roles)
        along = ""
        if facts.confirmed and facts.start != facts.end:
            along = transfer.along_with_data(facts.confirmed, self._roles, facts)
        return join([waited, self._sum(facts), along])

    def _half_closed(self, facts: PacketFacts) -> str:
        """Once: that one side still sends where the other has closed."""
        text = "" if self._half_told else closing.still_sending(facts, self.connection, self._roles)
        self._half_told = self._half_told or bool(text)
        return text

    def _begins(self, happening: MessageBegan, facts: PacketFacts, *, alone: bool) -> str:
        exchange, roles = happening.exchange, self._roles
        which = "" if self._section == {exchange.no} else sections.exchange_name(exchange)
        if happening.informational is not None:
            return messages.interim(happening.informational, roles)
        if happening.sender is Direction.CLIENT:
            known = self._known.get(exchange.no, exchange)
            return messages.request_begins(exchange, known, facts, roles)
        status = exchange.response.status if exchange.response and exchange.response.status else 0
        explain = status not in self._explained
        self._explained.add(min(status, 1000))
        return messages.response_begins(exchange, facts, alone=alone, which=which, explain=explain)

    def _missing(self, happening: GapGivenUp) -> list[Remark]:
        """What is said of bytes that were never captured, unless it was said where the hole appeared."""
        self._gap_told = True
        start = self.connection.gap(happening)[0]
        if self._holes_told.pop((happening.sender, start), False):
            return []
        return [trouble.missing(happening, self.connection, self._roles)]

    def _began(self, happening: MessageBegan) -> None:
        exchange = happening.exchange
        self._http = True
        if happening.informational is not None:
            return
        self._open[happening.sender] += 1
        self._awaited[happening.sender] = True
        if happening.sender is Direction.CLIENT:
            if len(self._unanswered) < _UNANSWERED:
                self._unanswered[exchange.no] = None
        else:
            self._unanswered.pop(exchange.no, None)

    def _ended(self, happening: MessageEnded, facts: PacketFacts | None) -> list[Remark]:
        exchange, sender = happening.exchange, happening.sender
        message = exchange.response if sender is Direction.SERVER else exchange.request
        if message is None:
            return []
        self._open[sender] = max(0, self._open[sender] - 1)
        seen_in = facts.record.packet if facts else 0
        which = "" if self._section == {exchange.no} else sections.exchange_name(exchange)
        text = messages.message_ends(exchange, sender, which=which, seen_in=seen_in)
        if sender is Direction.CLIENT and message.complete:
            text = join([text, form_said(message)])
        remarks = [Remark(text, "" if message.complete else TROUBLE)] if text else []
        if sender is Direction.CLIENT:
            up_to = facts.end if facts else None
            self._time.asked(exchange, message, up_to, alone=len(self._unanswered) <= 1)
        self._incomplete = self._incomplete or not message.complete
        said = self._said | {"truncated"} if not message.complete else self._said
        remarks += self._noted.behind(exchange, facts.record.packet if facts else None, said)
        if sender is Direction.SERVER:
            self._switched_to = self._switched_to or messages.switches_to(exchange)
        return remarks

    # What else there is to say

    def _plain(self, entry: Entry) -> Remark:
        """Data inside a message or of another protocol, or a bare ACK."""
        facts = entry.facts
        if facts.start == facts.end:
            if facts.confirmed and self._awaited[facts.peer]:
                entry.kind = None
            return transfer.confirmation(facts, self._roles)
        head_missing = self._part == "exchange" and not self._switched_to and self._open[facts.sender] == 0
        remark = transfer.data(facts, self._roles, unfinished_head=head_missing)
        if self._open[facts.sender] == 0 and self._first_data[facts.sender]:
            entry.kind = None
            self._first_data[facts.sender] = False
            self._awaited[facts.sender] = True
            self._arithmetic.discard(facts.sender)
            remark = Remark(join([self._server_name(facts), remark.text]))
        still = self._half_closed(facts)
        if still:
            entry.kind = None
        return Remark(join([remark.text, still]))

    def _after(self, entry: Entry) -> None:
        facts = entry.facts
        if facts.hole and facts.hole_confirmed_in and len(self._holes_told) < _HOLES:
            self._holes_told[facts.sender, facts.hole[0]] = True
        if facts.confirmed:
            self._awaited[facts.peer] = False
            if facts.sender is Direction.SERVER and facts.start == facts.end:
                self._time.confirmed(facts)
        if facts.opening is not None:
            self._time.handshake(facts)

    def _sum(self, facts: PacketFacts) -> str:
        """The arithmetic of the next number, once for each side."""
        if facts.sender not in self._arithmetic or facts.start == facts.end:
            return ""
        self._arithmetic.discard(facts.sender)
        return transfer.next_number(facts, self._roles)

    def _server_name(self, facts: PacketFacts) -> str:
        tls = self._record.tls if self._record else None
        if facts.sender is Direction.SERVER or not tls or not tls.sni:
            return ""
        return say(
            _("{client} opens TLS and asks for {name} (SNI)."),
            client=self._roles.the(Direction.CLIENT),
            name=clean(tls.sni, 80),
        )


def _nobody_answered(record: StreamRecord | None) -> bool:
    """Whether a SYN stayed alone; a side that goes on sending has had an answer that the capture lacks."""
    if record is None or record.server_side.packets:
        return False
    return not record.client_side.bytes and not record.server_side.missing_bytes


def _complete(happening: MessageEnded) -> bool:
    exchange = happening.exchange
    message = exchange.response if happening.sender is Direction.SERVER else exchange.request
    return message is not None and message.complete
