"""Which packet carried which bytes, and which one confirmed them: bounded, and found by bisection.

Long connections forget their oldest pieces; a sentence that would need one of those says less.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

#: Pieces (and confirmations) of one side remembered at least; twice as many are held for a moment.
REMEMBERED = 2_048


@dataclass(slots=True)
class Piece:
    """Bytes `start` to `end - 1` of one side, and the packets that carried them: the first time and the
    latest."""

    start: int
    end: int
    packet: int
    time_ns: int
    last_packet: int
    last_time_ns: int


class Carried:
    """The pieces that one side sent, in the order of their numbers; a repeated one only moves its latest
    sending."""

    __slots__ = ("_pieces", "_starts", "forgot")

    def __init__(self) -> None:
        self.forgot = False
        self._starts: list[int] = []
        self._pieces: list[Piece] = []

    def add(self, start: int, end: int, packet: int, time_ns: int) -> None:
        """Remember a piece that was not seen before."""
        place = bisect_right(self._starts, start)
        self._starts.insert(place, start)
        self._pieces.insert(place, Piece(start, end, packet, time_ns, packet, time_ns))
        if len(self._starts) >= 2 * REMEMBERED:
            del self._starts[:REMEMBERED]
            del self._pieces[:REMEMBERED]
            self.forgot = True

    def holding(self, seq: int) -> Piece | None:
        """The piece with byte `seq`."""
        place = bisect_right(self._starts, seq) - 1
        return self._pieces[place] if place >= 0 and self._pieces[place].end > seq else None

    def behind(self, seq: int) -> Piece | None:
        """The first piece that begins at `seq` or later."""
        place = bisect_left(self._starts, seq)
        return self._pieces[place] if place < len(self._pieces) else None

    def within(self, start: int, end: int) -> tuple[int, Piece | None, Piece | None]:
        """How many pieces begin at `start` or later and before `end`, the first and the last of them."""
        low, high = bisect_left(self._starts, start), bisect_left(self._starts, end)
        if low == high:
            return 0, None, None
        return high - low, self._pieces[low], self._pieces[high - 1]

    def whole_up_to(self, seq: int) -> int:
        """Where the unbroken run of pieces that holds byte `seq` ends."""
        place = bisect_right(self._starts, seq) - 1
        edge = seq
        for piece in self._pieces[max(place, 0) :]:
            if piece.start > edge:
                break
            edge = max(edge, piece.end)
        return edge


class Confirmations:
    """The acknowledgment numbers of one side as they rose, and the packets that brought them."""

    __slots__ = ("_acks", "_packets")

    def __init__(self) -> None:
        self._acks: list[int] = []
        self._packets: list[int] = []

    def add(self, ack: int, packet: int) -> None:
        """Remember a number higher than all before."""
        self._acks.append(ack)
        self._packets.append(packet)
        if len(self._acks) >= 2 * REMEMBERED:
            del self._acks[:REMEMBERED]
            del self._packets[:REMEMBERED]

    def first(self, number: int) -> int | None:
        """The packet that was the first to acknowledge up to `number`."""
        place = bisect_left(self._acks, number)
        return self._packets[place] if place < len(self._packets) else None
