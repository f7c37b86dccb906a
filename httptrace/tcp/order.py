"""The order between the two directions of a connection.

The order between directions is the one thing that no direction knows by itself. A packet's acknowledgement number says
which bytes of the other side its sender had when it sent it. So bytes are handed on only when the other direction's
bytes up to that number were handed on, or were given up: a response never overtakes the request it answers, however
the capture shuffled them. A side that is not in the capture at all holds nobody up.
"""

from __future__ import annotations

from collections import deque

from httptrace.model import At
from httptrace.tcp.halfstream import HalfStream


class DirectionOrder:
    """What hands on the bytes of both directions; a :class:`httptrace.tcp.connection.Connection` is one."""

    __slots__ = ()
    __deletable__ = ("sides",)  # mypyc asks to be told; see Connection.let_go

    sides: tuple[HalfStream, HalfStream]

    def held_changed(self, by: int, pieces: int) -> None:
        """The bytes held for this connection grew or shrank, and the pieces they are held in."""
        raise NotImplementedError

    def deliver(self, half: HalfStream, what: bytes | int, at: At) -> None:
        """Hand on bytes, or a gap of that length, as soon as the other side's bytes before them were."""
        if half.queue or self._waits(half, what, at):
            if half.queue is None:
                half.queue = deque()
            half.queue.append((what, at))
            size = what if isinstance(what, int) else len(what)
            half.queued += size
            half.attention = True
            self.held_changed(0 if isinstance(what, int) else size, 1)
        else:
            self._hand_on(half, what, at)

    def _waits(self, half: HalfStream, what: bytes | int, at: At) -> bool:
        """Whether this has to wait. A gap never does: no packet says when its bytes were sent."""
        peer = half.peer
        if isinstance(what, int) or not peer.packets or not peer.started:
            return False
        needed = at[2]
        if peer.fin_offset is not None and needed > peer.fin_offset:
            needed = peer.fin_offset
        return needed > peer.offset - peer.queued and not peer.ended

    def _hand_on(self, half: HalfStream, what: bytes | int, at: At) -> None:
        sink = half.sink
        if isinstance(what, int):
            sink.gap(what, at)
        elif len(what) < sink.bulk:  # inside a long body
            sink.bulk -= len(what)
            sink.bulk_at = at
            sink.take(what)
        else:
            sink.data(what, at)

    def release(self) -> None:
        """Hand on what waited for the other direction, in the order the acknowledgements imply."""
        while True:
            progress = False
            for half in self.sides:
                queue = half.queue
                while queue and not self._waits(half, *queue[0]):
                    self._pop(half)
                    progress = True
            if progress:
                continue
            first, other = self.sides
            if first.queue and other.queue and self._satisfied(first) and self._satisfied(other):
                # Each waits for the other, which no honest hosts bring about: the earlier packet goes first.
                self._pop(first if first.queue[0][1][0] <= other.queue[0][1][0] else other)
                continue
            return

    def _satisfied(self, half: HalfStream) -> bool:
        assert half.queue
        return half.queue[0][1][2] <= half.peer.offset

    def _pop(self, half: HalfStream) -> None:
        assert half.queue
        what, at = half.queue.popleft()
        if not half.queue:
            half.queue = None  # a deque takes more than all else of a connection that is remembered for stragglers
        size = what if isinstance(what, int) else len(what)
        half.queued -= size
        self.held_changed(0 if isinstance(what, int) else -size, -1)
        self._hand_on(half, what, at)
