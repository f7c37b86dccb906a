"""Runs of packets that are drawn as one arrow: the same runs that the walkthrough tells in one entry, in fewer
words."""

from __future__ import annotations

from httptrace.lang import _, ngettext
from httptrace.model import Direction
from httptrace.outputs.ladder.labels import Saying, Shown, span
from httptrace.outputs.ladder.lanes import Stroke
from httptrace.outputs.narration.folding import Entry, Kind, Run
from httptrace.outputs.narration.wording import AGAIN, Roles, bare_acks, octets, pieces


class Fold:
    """A run and what its packets carried. `sayings` are the messages that end in it, `states` those of both sides,
    which no packet of a run changes."""

    def __init__(self, entry: Entry, sayings: list[Saying], states: tuple[str, str]) -> None:
        self.run = Run(entry)
        self.sayings = list(sayings)
        self.states = states
        self._pieces = [0, 0]
        self._bytes = [0, 0]
        self._acks = [0, 0]
        self._latest_ack: list[int | None] = [None, None]
        self._spans: list[tuple[int, int] | None] = [None, None]
        self._probes = 0
        self._count(entry)

    def add(self, entry: Entry, sayings: list[Saying]) -> None:
        """Put in a packet that the run accepts."""
        self.run.add(entry)
        self.sayings += sayings
        self._count(entry)

    def _count(self, entry: Entry) -> None:
        facts = entry.facts
        sender, analysis = facts.sender, facts.record.analysis
        if "keep-alive" in analysis or "zero-window-probe" in analysis:
            self._probes += 1
        elif facts.start != facts.end:
            self._pieces[sender] += 1
            self._bytes[sender] += facts.end - facts.start
            before = self._spans[sender] or (facts.start, facts.end)
            self._spans[sender] = min(before[0], facts.start), max(before[1], facts.end)
        else:
            self._acks[sender] += 1
            self._latest_ack[sender] = facts.ack

    @property
    def sender(self) -> Direction | None:
        """Who sends the data, or what else it is about; None where both do."""
        carrying = [direction for direction in Direction if self._pieces[direction]]
        if self.run.kind is Kind.DUPLICATES or not carrying:
            carrying = [direction for direction in Direction if self._acks[direction]]
            if self._probes:
                return self.run.first.sender
        return carrying[0] if len(carrying) == 1 else None

    @property
    def stroke(self) -> Stroke:
        """Whether it carries data."""
        data = any(self._pieces) and self.run.kind is not Kind.DUPLICATES
        return Stroke.DATA if data else Stroke.PLAIN

    @property
    def label(self) -> str:
        """The packets it stands for."""
        return f"No{self.run.first.record.packet} … No{self.run.last.record.packet}"

    def texts(self, roles: Roles, shown: Shown) -> list[str]:
        """What happens in it, in parts."""
        match self.run.kind:
            case Kind.DUPLICATES:
                return self._duplicates(shown)
            case Kind.KEEP_ALIVE:
                probes = ngettext("{count} keep-alive probe", "{count} keep-alive probes", self._probes)
                return [probes.format(count=f"{self._probes:,}"), self._answers()]
            case Kind.SHUT_WINDOW:
                probes = ngettext("window shut: {count} probe", "window shut: {count} probes", self._probes)
                return [probes.format(count=f"{self._probes:,}"), self._answers()]
        carrying = [direction for direction in Direction if self._pieces[direction]]
        parts = []
        for sender in carrying:
            amount = _("{pieces}, {size}").format(pieces=pieces(self._pieces[sender]), size=octets(self._bytes[sender]))
            if len(carrying) > 1:
                amount = _("{who}: {amount}").format(who=roles.name(sender), amount=amount)
            parts.append(amount)
            bytes_sent = self._spans[sender]
            if bytes_sent is not None:
                parts.append(span(sender, *bytes_sent, shown))
        return parts + self._confirmations(roles, shown)

    def _confirmations(self, roles: Roles, shown: Shown) -> list[str]:
        """The ACKs between the data, and how far they went; whose they are where both sides sent some."""
        parts = []
        for sender in Direction:
            latest = self._latest_ack[sender]
            if self._acks[sender] and latest is not None:
                acks = bare_acks(self._acks[sender])
                text = _("{acks} up to {ack}").format(acks=acks, ack=shown(Direction(1 - sender), latest))
                parts.append(
                    _("{who}: {amount}").format(who=roles.name(sender), amount=text) if all(self._acks) else text
                )
        return parts

    def _duplicates(self, shown: Shown) -> list[str]:
        sender = next(direction for direction in Direction if self._acks[direction])
        peer, latest = Direction(1 - sender), self._latest_ack[sender] or 0
        text = ngettext("{symbol} {count} duplicate ACK", "{symbol} {count} duplicate ACKs", self._acks[sender])
        parts = [
            text.format(symbol=AGAIN, count=f"{self._acks[sender]:,}"),
            f"ack={shown(peer, latest)}",
        ]
        if self._pieces[peer]:
            meanwhile = _("meanwhile {pieces}, {size}")
            parts.append(meanwhile.format(pieces=pieces(self._pieces[peer]), size=octets(self._bytes[peer])))
        return parts

    def _answers(self) -> str:
        count = sum(self._acks)
        return ngettext("{count} answer", "{count} answers", count).format(count=f"{count:,}")
