"""Runs of packets that are told in one entry: data with its bare ACKs, duplicate ACKs, keep-alives.

A run keeps its first two packets, because two are no run, and counts of all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from httptrace.lang import _, ngettext
from httptrace.model import Direction, Field
from httptrace.outputs.narration.facts import PacketFacts
from httptrace.outputs.narration.wording import (
    Remark,
    Roles,
    Row,
    bare_acks,
    duration,
    join,
    octets,
    packets,
    pieces,
    say,
    shown,
)

#: So few packets are told one by one.
NO_RUN = 2


class Kind(Enum):
    """What holds a run together."""

    FLOW = auto()
    DUPLICATES = auto()
    KEEP_ALIVE = auto()
    SHUT_WINDOW = auto()


@dataclass(slots=True)
class Entry:
    """One packet with what is said of it. `kind` is None where it must stand alone; `ends` where a message
    ends."""

    facts: PacketFacts
    remarks: list[Remark]
    kind: Kind | None = None
    ends: bool = False
    endings: list[Remark] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)  # of `--why`, the state first
    ending_rows: list[Row] = field(default_factory=list)  # where a message ends, also inside a run
    fields: list[Field] = field(default_factory=list)


def kind_of(facts: PacketFacts) -> Kind | None:
    """In which run a packet may be, by its numbers alone."""
    analysis = set(facts.record.analysis)
    if facts.opening or facts.closing or set(facts.record.flags) & set("SFRU"):
        return None
    if facts.repeated or facts.late or facts.hole or facts.unseen:
        return None
    if analysis & {"keep-alive", "keep-alive-ack"}:
        return Kind.KEEP_ALIVE
    if "dup-ack" in analysis:
        return Kind.DUPLICATES if facts.start == facts.end else None
    if analysis & {"zero-window", "zero-window-probe", "zero-window-probe-ack"}:
        return Kind.SHUT_WINDOW if facts.window_before == 0 or "zero-window" not in analysis else None
    return Kind.FLOW if analysis <= {"window-update"} else None


class Run:
    """What is being folded; :meth:`tell` gives its text."""

    def __init__(self, first: Entry) -> None:
        assert first.kind is not None
        self.kind = first.kind
        self.held: list[Entry] = []
        self.endings: list[Remark] = []
        self.state: list[Row] = []  # where both sides are behind the latest packet
        self.lasting: list[Row] = []
        self.sack: list[Row] = []  # the latest pieces that a receiver has behind a hole
        self.ending_rows: list[Row] = []
        self.most_in_flight = [(0, 0), (0, 0)]  # of either side: the most, and the packet that reached it
        self.count = 0
        self.first = self.last = first.facts
        self._pieces = [0, 0]
        self._bytes = [0, 0]
        self._acks = [0, 0]
        self._latest_ack: list[int | None] = [None, None]
        self._updates = 0
        self._probes = 0
        self._ended = False
        self._value: tuple[Direction, int | None] | None = None
        self.add(first)

    def accepts(self, entry: Entry) -> bool:
        """Whether the packet goes on with this run."""
        bare = entry.facts.start == entry.facts.end
        if self._ended and not (bare and entry.kind is Kind.FLOW):
            return False
        if self.kind is Kind.DUPLICATES and entry.kind is Kind.FLOW:
            assert self._value is not None
            return not bare and entry.facts.sender is not self._value[0] and not entry.ends
        if entry.kind is not self.kind:
            return False
        return self.kind is not Kind.DUPLICATES or self._value == (entry.facts.sender, entry.facts.ack)

    def add(self, entry: Entry) -> None:
        """Put a packet that :meth:`accepts` took into the run."""
        facts = entry.facts
        if self.count < NO_RUN:
            self.held.append(entry)
        self.count += 1
        self.last = facts
        self.endings.extend(entry.endings)
        self.state = entry.rows[:1]
        self.lasting.extend(row for row in entry.rows if row.lasting)
        self.sack = [row for row in entry.rows if row.label == "SACK"] or self.sack
        self.ending_rows.extend(entry.ending_rows)
        if facts.start != facts.end and facts.in_flight > self.most_in_flight[facts.sender][0]:
            self.most_in_flight[facts.sender] = facts.in_flight, facts.record.packet
        self._ended = self._ended or entry.ends
        analysis = facts.record.analysis
        if analysis and ("keep-alive" in analysis or "zero-window-probe" in analysis):
            self._probes += 1
        elif facts.start != facts.end:
            self._pieces[facts.sender] += 1
            self._bytes[facts.sender] += facts.end - facts.start
        else:
            self._acks[facts.sender] += 1
            self._latest_ack[facts.sender] = facts.record.ack
            self._updates += facts.confirmed is None and "window-update" in analysis
            if self._value is None:
                self._value = (facts.sender, facts.ack)

    def tell(self, roles: Roles) -> str:
        """The run in a sentence."""
        time = duration(self.last.record.time_ns - self.first.record.time_ns)
        if self.kind is Kind.DUPLICATES:
            return self._duplicates(roles)
        if self.kind is Kind.KEEP_ALIVE:
            return say(
                ngettext(
                    "{count} TCP keep-alive probe in {time}, answered {answers} times.",
                    "{count} TCP keep-alive probes in {time}, answered {answers} times.",
                    self._probes,
                ),
                count=self._probes,
                time=time,
                answers=sum(self._acks),
            )
        if self.kind is Kind.SHUT_WINDOW:
            return say(
                ngettext(
                    "The window stays shut: {count} probe in {time}, answered {answers} times.",
                    "The window stays shut: {count} probes in {time}, answered {answers} times.",
                    self._probes,
                ),
                count=self._probes,
                time=time,
                answers=sum(self._acks),
            )
        senders = [direction for direction in Direction if self._pieces[direction]]
        if len(senders) == 1:
            return self._one_way(senders[0], roles, time)
        if senders:
            return say(
                _(
                    "{packets} in {time}: {client} sends {client_size} in {client_pieces}, "
                    "{server} {server_size} "
                    "in {server_pieces}."
                ),
                packets=packets(self.count),
                time=time,
                client=roles.the(Direction.CLIENT),
                server=roles.the(Direction.SERVER),
                client_size=octets(self._bytes[0]),
                server_size=octets(self._bytes[1]),
                client_pieces=pieces(self._pieces[0]),
                server_pieces=pieces(self._pieces[1]),
            )
        return say(
            _("{acks} in {time}, the last with ack={ack}."),
            acks=bare_acks(self.count),
            time=time,
            ack=self.last.record.ack,
        )

    def _one_way(self, sender: Direction, roles: Roles, time: str) -> str:
        peer = Direction(1 - sender)
        count, acks = self._pieces[sender], self._acks[peer]
        values = {
            "sender": roles.the(sender),
            "peer": roles.the(peer),
            "count": f"{count:,}",
            "size": octets(self._bytes[sender]),
            "time": time,
            "ack": self._latest_ack[peer],
            "acks": bare_acks(acks - self._updates),
        }
        if acks - self._updates <= 0:
            return say(
                ngettext(
                    "{sender} sends {count} more piece ({size}) in {time}, not confirmed in between.",
                    "{sender} sends {count} more pieces ({size}) in {time}, not confirmed in between.",
                    count,
                ),
                **values,
            )
        if acks - self._updates == count:
            return say(
                ngettext(
                    "{sender} sends {count} more piece ({size}) in {time}; {peer} confirms it: ack={ack}.",
                    "{sender} sends {count} more pieces ({size}) in {time}; {peer} confirms each, up to ack={ack}.",
                    count,
                ),
                **values,
            )
        return say(
            ngettext(
                "{sender} sends {count} more piece ({size}) in {time}; {peer} sends {acks}, up to ack={ack}.",
                "{sender} sends {count} more pieces ({size}) in {time}; {peer} confirms with {acks}, up to ack={ack}.",
                count,
            ),
            **values,
        )

    def _duplicates(self, roles: Roles) -> str:
        assert self._value is not None
        sender, ack = self._value[0], shown(self._value[1] or 0)
        peer = Direction(1 - sender)
        count = self._acks[sender]
        text = say(
            ngettext(
                "Once more {sender} says ack={ack} (duplicate ACK); it has all that {peer} sent before.",
                "{count} times {sender} repeats ack={ack} (duplicate ACKs); it has all that {peer} sent before.",
                count,
            )
            if self.first.has_all
            else ngettext(
                "Once more {sender} says ack={ack} (duplicate ACK): byte {ack} is still missing there.",
                "{count} times {sender} repeats ack={ack} (duplicate ACKs): byte {ack} is still missing there.",
                count,
            ),
            sender=roles.the(sender),
            peer=roles.the(peer),
            ack=ack,
            count=count,
        )
        if not self._pieces[peer]:
            return text
        return join(
            [
                text,
                say(
                    _("Meanwhile {peer} sends {pieces} ({size}) behind it."),
                    peer=roles.the(peer),
                    pieces=pieces(self._pieces[peer]),
                    size=octets(self._bytes[peer]),
                ),
            ]
        )
