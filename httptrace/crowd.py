"""Many connections at once: those that are silent take as little memory as they can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from httptrace import limits
from httptrace.application import Application
from httptrace.exchanges.sleeping import Packer
from httptrace.packets.decode import BATCH
from httptrace.tcp.tracker import Tracker


class Crowd:
    """The connections of a tracker. While packets pass, it goes round them, some at a time, and puts the dialogues of
    those to sleep that were silent for a while (:mod:`httptrace.exchanges.sleeping`)."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._packer = Packer()
        self._looked = 0  # after this packet

    def watched(self, fed: Iterable[int]) -> Iterator[int]:
        """The same numbers of packets, looked around between them."""
        for packets in fed:
            if packets - self._looked >= BATCH:
                self._looked = packets
                if len(self._tracker.halves) > 2 * limits.CROWD:
                    self.look(packets - limits.SILENT)
            yield packets

    def look(self, before: int) -> None:
        """Put to sleep what was silent since that packet, of those whose turn it is."""
        for connection in self._tracker.some(BATCH):
            if isinstance(connection.application, Application):  # with workers, it is theirs
                connection.application.sleep(self._packer, before)
