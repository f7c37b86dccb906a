"""Notes told where they belong: under the packet that they name, or at the end of their message.

An exchange that was read beforehand has all its notes from the start, those on its answer too. So a note waits for
its packet; where that has no entry of its own (it belongs to another connection, or went by before the note was
made), the end of the message says it.
"""

from __future__ import annotations

from collections.abc import Iterable

from httptrace.model import Exchange
from httptrace.outputs.narration import messages
from httptrace.outputs.narration.wording import Remark

#: Exchanges whose told notes are remembered while a capture is told as it is read.
_REMEMBERED = 1_000


class Noted:
    """Knows which notes were told; `known` are the exchanges of the connection that were read beforehand."""

    def __init__(self, known: Iterable[Exchange]) -> None:
        self._known = list(known)
        self._at: dict[int, list[Exchange]] = {}
        self._told: dict[int, set[int]] = {}  # of an exchange's number: places in its notes
        for exchange in self._known:
            for packet in dict.fromkeys(note.packet for note in exchange.notes):
                self._at.setdefault(packet, []).append(exchange)

    def under(self, packet: int, happened: Iterable[Exchange], said: frozenset[str]) -> list[Remark]:
        """The notes that name this packet; `happened` are the exchanges of which something was told with it."""
        found = {exchange.no: exchange for exchange in [*self._at.get(packet, ()), *happened]}
        remarks: list[Remark] = []
        for exchange in found.values():
            places = [i for i, note in enumerate(exchange.notes) if note.packet == packet and note.code not in said]
            remarks += self._tell(exchange, places, said)
        return remarks

    def behind(self, exchange: Exchange, packet: int | None, said: frozenset[str]) -> list[Remark]:
        """At a message's end in `packet`: the notes on what came before it; all of them where no packet follows."""
        places = [i for i, note in enumerate(exchange.notes) if packet is None or note.packet <= packet]
        return self._tell(exchange, places, said)

    def _tell(self, exchange: Exchange, places: list[int], said: frozenset[str]) -> list[Remark]:
        told = self._told.get(exchange.no, set())
        new = [place for place in places if place not in told]
        if not new:
            return []
        self._told[exchange.no] = told.union(new)
        if not self._known and len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]
        return messages.notes([exchange.notes[place] for place in new], said)
