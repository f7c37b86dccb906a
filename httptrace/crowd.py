"""Many connections at once: those that are silent take as little memory as they can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from httptrace import limits
from httptrace.application import Application
from httptrace.exchanges.sleeping import Packer
from httptrace.packets.decode import BATCH


class Crowd:
    """Goes round the connections while packets pass, some at a time, and puts the dialogues of those to sleep that were
    silent for a while (:mod:`httptrace.exchanges.sleeping`). `some` gives at least so many of them, each time other
    ones; `count`: how many there are; `defect` is told of one of ours, which ends what is read of its connection."""

    def __init__(
        self,
        some: Callable[[int], Iterable[Any]],
        count: Callable[[], int],
        defect: Callable[[Any, Exception], object],
    ) -> None:
        self._some = some
        self._count = count
        self._defect = defect
        self._packer = Packer()
        self._looked = 0  # after this packet

    def watched(self, fed: Iterable[int]) -> Iterator[int]:
        """The same numbers of packets, looked around between them."""
        for packets in fed:
            self.passed(packets)
            yield packets

    def passed(self, packets: int) -> None:
        """So many packets passed by now."""
        if packets - self._looked >= BATCH:
            self._looked = packets
            if self._count() > limits.CROWD:
                self.look(packets - limits.SILENT)

    def look(self, before: int) -> None:
        """Put to sleep what was silent since that packet, of those whose turn it is."""
        for connection in self._some(BATCH):
            if isinstance(connection.application, Application):  # with workers, it is theirs
                try:
                    connection.application.sleep(self._packer, before)
                except Exception as defect:
                    self._defect(connection, defect)
