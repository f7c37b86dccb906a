"""Messages told where their bytes are, where what was read beforehand says so.

The chain reads a message only when all before it is there: behind a hole that is given up late, everything is
said late. Who has read the capture already knows better, and the walkthrough says it at the right packet.
"""

from __future__ import annotations

from httptrace.model import (
    Direction,
    Exchange,
    Happening,
    Message,
    MessageBegan,
    MessageEnded,
)
from httptrace.outputs.narration.facts import PacketFacts


class Early:
    """Knows the exchanges of the connection beforehand; none, and it changes nothing."""

    def __init__(self, known: dict[int, Exchange]) -> None:
        self._begin: dict[tuple[Direction, int], list[Exchange]] = {}
        self._end: dict[tuple[Direction, int], list[Exchange]] = {}
        self._told: set[tuple[Direction, int]] = set()
        for exchange in known.values():
            for direction in Direction:
                message = _message(exchange, direction)
                if message is not None:
                    self._begin.setdefault((direction, message.first_packet), []).append(exchange)
                    self._end.setdefault((direction, message.last_packet), []).append(exchange)

    def beginning(self, facts: PacketFacts) -> list[tuple[Exchange, Direction]]:
        """The messages whose first byte the packet carries."""
        found = self._begin.get((facts.sender, facts.record.packet), [])
        return [(exchange, facts.sender) for exchange in found]

    def settle(self, facts: PacketFacts, happenings: list[Happening]) -> list[Happening]:
        """What to tell with a packet: what it made happen, and what the chain will say of it only later."""
        sender, packet = facts.sender, facts.record.packet
        rest = self.rest(happenings)
        begun = {h.exchange.no for h in rest if isinstance(h, MessageBegan) and h.sender is sender}
        late = [e for e in self._begin.get((sender, packet), []) if e.no not in begun]
        heads = sum(message.header_size for e in late if (message := _message(e, sender)))
        early: list[MessageBegan | MessageEnded] = []
        if late and heads <= facts.end - facts.start:
            for exchange in late:
                self._told.add((sender, exchange.no))
                early.append(MessageBegan(exchange, sender))
        for exchange in self._end.get((sender, packet), []):
            message = _message(exchange, sender)
            if (sender, exchange.no) in self._told and message and _ends_by_itself(message):
                early.append(MessageEnded(exchange, sender))
        early.sort(key=lambda happening: (happening.exchange.no, isinstance(happening, MessageEnded)))
        return [*rest, *early]

    def rest(self, happenings: list[Happening]) -> list[Happening]:
        """Without what was told before."""
        if not self._told:
            return happenings
        return [happening for happening in happenings if not self._is_told(happening)]

    def _is_told(self, happening: Happening) -> bool:
        if not isinstance(happening, MessageBegan | MessageEnded):
            return False
        if (happening.sender, happening.exchange.no) not in self._told:
            return False
        if isinstance(happening, MessageBegan):
            return happening.informational is None
        message = _message(happening.exchange, happening.sender)
        return message is not None and _ends_by_itself(message)


def _message(exchange: Exchange, direction: Direction) -> Message | None:
    return exchange.request if direction is Direction.CLIENT else exchange.response


def _ends_by_itself(message: Message) -> bool:
    return message.complete and message.body.framing != "close"
