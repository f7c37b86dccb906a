"""One direction of a connection: segments in any order go in, bytes in order and gaps come out.

Everything is counted in *offsets*: the position of a byte behind the initial sequence number, unwrapped, so that a
stream longer than 4 GiB needs no thought. Offset 0 is the first byte of data. The theory, in four lines:

- `offset` is the frontier: every byte below it was handed on or given up. `next_seq` is the same on the wire.
- What arrives above the frontier is held (:mod:`httptrace.tcp.held`); what arrives below it is a retransmission, or,
  where it falls into a hole that was given up, late.
- A hole is given up when the peer has acknowledged past its end and the grace of the contract has passed, when the
  store is full, or at the end. It is said to the sink, never filled.
- The first copy of a byte wins.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from httptrace import limits
from httptrace.model import At, Sink
from httptrace.tcp.held import HeldPieces

if TYPE_CHECKING:
    from httptrace.tcp.connection import Connection

#: How far before the first byte seen a late one may be, where no SYN says where the data begins.
_BEFORE = 1 << 30


class _Usual:
    """What every direction has; all that only some need stands on :class:`HalfStream`, with its first value."""

    __slots__ = (
        "acked_seq",
        "attention",
        "base",
        "bytes",
        "connection",
        "ended",
        "fin_offset",
        "held",
        "history",
        "index",
        "last_at",
        "last_packet",
        "last_time",
        "next_seq",
        "offset",
        "packets",
        "peer",
        "queue",
        "sink",
        "started",
        "syn_seq",
    )


class HalfStream(_Usual):
    """The bytes one side sent. `peer` is the other direction, `index` 0 for the sender of the first packet.

    Most directions bring their bytes in order and close. What only the others need has its first value on the class:
    it takes neither time nor memory until something happens.
    """

    __deletable__ = ("connection", "peer")  # mypyc asks to be told; see Connection.let_go

    peer: HalfStream
    sink: Sink

    highest = 0  # the highest offset that data, FIN or an acknowledgement reached, where that is beyond `offset`
    queued = 0  # bytes between what was handed on and the frontier
    ahead = 0  # acknowledged at least a grace ago
    gaps: list[tuple[int, int]] | None = None
    retransmissions = 0
    out_of_order = 0
    missing = 0
    retransmitted_bytes = 0
    late_bytes = 0
    early_bytes = 0  # of these, from before the first byte seen
    ignored_bytes = 0
    _forgotten_acked = 0  # acknowledged bytes of gaps that are remembered no longer

    def __init__(self, connection: Connection, index: int) -> None:
        self.connection = connection
        self.index = index
        self.started = False
        self.base = 0  # on the wire, what is shown as relative 0
        self.syn_seq: int | None = None
        self.next_seq = -1  # on the wire, the frontier; -1 while nothing is known, so that no packet looks in order
        self.offset = 0
        self.acked_seq = 0  # on the wire, the highest acknowledgement of these bytes by the peer
        self.fin_offset: int | None = None
        self.ended = False
        self.attention = False  # anything that the fast path must not pass by
        self.held: HeldPieces | None = None
        self.queue: deque[tuple[bytes | int, At]] | None = None  # what waits for the peer's bytes (Connection.release)
        self.history: list[tuple[int, int, int]] | None = None  # (acked, packets of the connection, time)
        self.packets = 0
        self.last_packet = 0
        self.last_time = 0
        self.bytes = 0
        self.last_at: At = (0, 0, 0)

    # ------------------------------------------------------------------ where on the circle

    def start(self, first_byte_seq: int, certain: bool) -> None:
        """Say where the data begins: `certain` by a SYN or its acknowledgement, else by the first thing seen.

        Without certainty, bytes from before may still come: the room before offset 0 is a gap that was given up.
        """
        if not self.started:
            self.base = (first_byte_seq - 1) & 0xFFFF_FFFF
        self.started = True
        self.next_seq = first_byte_seq & 0xFFFF_FFFF
        self.acked_seq = self.next_seq
        if not certain:
            self.gaps = [(-_BEFORE, 0)]
        elif self.gaps is not None:
            self.gaps = None

    @property
    def untouched(self) -> bool:
        """Whether nothing was handed on yet, so that the beginning may still be corrected."""
        return not self.offset and not self.bytes

    def offset_of(self, seq: int) -> int:
        """The offset of a sequence number, taken as the one nearest to the frontier (RFC 9293 §3.4)."""
        return self.offset + ((seq - self.next_seq + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000

    @property
    def acked(self) -> int:
        """The offset that the peer has acknowledged."""
        return self.offset_of(self.acked_seq)

    # ------------------------------------------------------------------ what arrives

    def receive(self, seq: int, data: bytes, length: int, at: At) -> None:
        """A segment with `length` bytes at `seq`, of which `data` was captured."""
        start = self.offset_of(seq)
        end = start + length
        if self.ended:
            if end <= self.offset:
                self._seen_before(start, data, at)
            else:
                self.ignored_bytes += len(data)
            return
        if end > self.highest:
            self.highest = end
        if start == self.offset and not self.held:
            self._deliver(data, at)
            if len(data) < length:  # the snap length cut it: nothing will bring the rest
                self.give_up(end, at)
            return
        if end <= self.offset:
            self._seen_before(start, data, at)
            return
        if start < self.offset:
            overlap = self.offset - start
            self._seen_before(start, data[:overlap], at, whole=False)
            data = data[overlap:]
            start = self.offset
        self._arrives_ahead(start, data, end, at)

    def _arrives_ahead(self, start: int, data: bytes, end: int, at: At) -> None:
        """New bytes at or above the frontier, while others are missing or held."""
        if start == self.offset and not self.held:
            self._deliver(data, at)
        else:
            if self.held is None:
                self.held = HeldPieces()
            before = self.held.size
            last_end = self.held.last_end if self.held else start
            beyond = max(start + len(data) - max(start, last_end), 0)  # what of it lies behind all that is held
            new = self.held.insert(start, data, at, self._differs)
            # A piece, and where it does not join another, one more that may be put into the hole before it: together
            # that is at least as many as there are, however many holes later segments fill at once.
            pieces = 0 if not new else 1 if start == last_end else 2
            self.connection.held_changed(self.held.size - before, pieces)
            self.retransmitted_bytes += len(data) - new
            if not new and data:
                self.retransmissions += 1
            elif new > beyond:
                self.out_of_order += 1
            self.attention = True
            self.drain()
        if start + len(data) < end and self.offset == start + len(data) and not self.held:
            self.give_up(end, at)

    def drain(self) -> None:
        """Hand on what has become contiguous."""
        held = self.held
        while held and held.first <= self.offset:
            start, data, at = held.pop()
            self.connection.held_changed(-len(data), -1)
            if start < self.offset:
                overlap = min(self.offset - start, len(data))
                self.retransmitted_bytes += overlap
                data = data[overlap:]
            self._deliver(data, at)
        if not held:
            self.held = None  # thousands of connections are remembered when they have ended: no empty vessels

    def _deliver(self, data: bytes, at: At) -> None:
        """The next bytes at the frontier."""
        length = len(data)
        if not length:
            return
        self.offset += length
        self.next_seq = (self.next_seq + length) & 0xFFFF_FFFF
        self.bytes += length
        if self.offset > self.highest:
            self.highest = self.offset
        self.connection.deliver(self, data, at)

    def give_up(self, until: int, at: At) -> None:
        """Say that the bytes from the frontier to `until` are missing; the next layer decides how to go on."""
        length = until - self.offset
        if length <= 0:
            return
        gaps = self.gaps if self.gaps is not None else []
        gaps.append((self.offset, until))
        self._remember_gaps(gaps, 1)
        self.missing += length
        acked = self.acked > self.offset
        start = self.offset
        self.offset = until
        self.next_seq = (self.next_seq + length) & 0xFFFF_FFFF
        if until > self.highest:
            self.highest = until
        self.connection.gap_given_up(self, start, length, acked)
        self.connection.deliver(self, length, at)

    @property
    def fin_was_lost(self) -> bool:
        """Whether the one number missing at the end was a FIN's: the peer acknowledged it and closed as well."""
        return (
            not self.ended
            and not self.held
            and self.fin_offset is None
            and self.highest == self.acked == self.offset + 1
            and self.peer.fin_offset is not None
        )

    def lose_fin(self) -> None:
        """Count the number of a FIN that was never captured; no byte of content is missing."""
        self.gaps = [*(self.gaps or []), (self.offset, self.offset + 1)]
        self.missing += 1
        self.offset += 1
        self.next_seq = (self.next_seq + 1) & 0xFFFF_FFFF

    def _seen_before(self, start: int, data: bytes, at: At, whole: bool = True) -> None:
        """Bytes below the frontier: a retransmission, a keep-alive's filler byte, or late bytes of a hole given up."""
        if not data:
            return
        late = self._fill_gaps(start, start + len(data)) if self.gaps else 0
        early = min(late, max(min(start + len(data), 0) - start, 0))  # from before the first byte that was seen
        if late:
            self.late_bytes += late
            self.bytes += late
            self.missing -= late - early
            self.early_bytes += early
            self.out_of_order += 1
        elif len(data) == 1 and start == self.offset - 1 and whole:
            self.ignored_bytes += 1  # a keep-alive repeats the last byte, or brings any byte (RFC 9293 §3.8.4)
            return
        elif whole:
            self.retransmissions += 1
        self.retransmitted_bytes += len(data) - late
        if not late:
            for offset in self.connection.differing_from_recent(self, start, data, at[0]):
                self._differs(offset)

    @property
    def missing_acked(self) -> int:
        """Missing bytes that the peer acknowledged, perhaps long after they were given up."""
        return self._forgotten_acked + sum(self._acked_in(low, high) for low, high in self.gaps or ())

    def _acked_in(self, low: int, high: int) -> int:
        """Acknowledged bytes of the range, those before the first byte seen left out."""
        return max(min(high, self.acked) - max(low, 0), 0)

    def _remember_gaps(self, gaps: list[tuple[int, int]], more: int) -> None:
        """Remember these, `more` than before. Where there is no room the oldest is forgotten: a byte of it that still
        comes will count as a retransmission."""
        connection = self.connection
        self.gaps = gaps
        if more < 0:
            connection.unmark(-more)
        elif more and (len(gaps) > limits.GAPS or not connection.mark()):
            low, high = gaps.pop(1 if gaps[0][0] < 0 and len(gaps) > 1 else 0)
            self._forgotten_acked += self._acked_in(low, high)

    def _fill_gaps(self, start: int, end: int) -> int:
        """Take `start` to `end` out of the gaps that were given up; give how many bytes that were."""
        assert self.gaps is not None
        filled = 0
        kept: list[tuple[int, int]] = []
        for low, high in self.gaps:
            a, b = max(low, start), min(high, end)
            if a >= b:
                kept.append((low, high))
                continue
            filled += b - a
            if low < a:
                kept.append((low, a))
            if b < high:
                kept.append((b, high))
        self._remember_gaps(kept, len(kept) - len(self.gaps))
        return filled

    def _differs(self, offset: int) -> None:
        """A later copy of this byte had another value (the first copy wins)."""
        self.connection.overlap_differs(self, offset)

    # ------------------------------------------------------------------ what the peer acknowledges

    def acknowledge(self, ack: int, packets: int, time_ns: int) -> None:
        """The peer has every byte below `ack`."""
        offset = self.offset_of(ack)
        if offset <= self.acked:
            return
        self.acked_seq = ack
        # A FIN takes a number of its own (RFC 9293 §3.4): its acknowledgement is no byte of data.
        if offset > self.highest and not (self.fin_offset is not None and offset == self.fin_offset + 1):
            self.highest = offset
        if offset > self.offset and not self.ended:
            self.attention = True
            history = self.history
            if not history:
                self.history = [(offset, packets, time_ns)]
            elif self.connection.mark():
                history.append((offset, packets, time_ns))
            else:  # no room: it shares the grace of the one before it
                history[-1] = (offset, *history[-1][1:])
            self.connection.tracker.hole_acknowledged(self.connection, time_ns)

    def grace_over(self, packets: int, time_ns: int) -> None:
        """Give up the holes that were acknowledged past their end a grace ago (the contract's readings)."""
        history = self.history
        while history:
            acked, then, when = history[0]
            if packets - then < limits.GRACE_PACKETS and abs(time_ns - when) < limits.GRACE_NS:
                break
            del history[0]
            if history:
                self.connection.unmark()
            self.ahead = max(self.ahead, acked)

    def forget_filled(self) -> None:
        """Forget acknowledgements of bytes that have come since: where packets change places, an acknowledgement is
        often seen before its bytes. What is left concerns holes."""
        history = self.history
        while history and history[0][0] <= self.offset:
            del history[0]
            if history:
                self.connection.unmark()
        if not history:
            self.history = None

    def hole_end(self) -> int | None:
        """Where the first hole ends, if it can be given up now."""
        if self.held:
            return self.held.first if self.held.first <= self.ahead else None
        if self.ahead > self.offset:
            until = self.ahead
            if self.fin_offset is not None and until > self.fin_offset:
                until = self.fin_offset
            return until if until > self.offset else None
        return None
