"""A live TCP connection: two half streams, its handshake and close (RFC 9293)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from httptrace import limits
from httptrace.model import DEAF, At, End
from httptrace.tcp.halfstream import HalfStream
from httptrace.tcp.handshake import ACK, COMPLETE, FIN, FIRST, OTHER, RST, SYN, SYN_SEEN, TRANSITIONS, UNSEEN
from httptrace.tcp.options import TcpOptions
from httptrace.tcp.shortcuts import HANDSHAKE_OPEN, ShortCuts, needs_attention

if TYPE_CHECKING:
    from httptrace.tcp.tracker import Tracker

#: How far from the frontier a RST may be and still be taken for one of this connection (RFC 9293 §3.5.3 says: in the
#: window; the scaled window is not always known to an observer).
_RESET_REACH = 1 << 20


class Connection(ShortCuts):
    """Two directions of one 4-tuple, from its first packet to its end. `sides` is in order of who was seen first."""

    held = 0  # bytes held behind holes or for the other direction
    pieces = 0  # that they are held in, at most
    marks = 0  # taken of the room for them: see :meth:`mark`
    reset = False  # a valid RST came before both FINs
    reset_said = False
    reuses_port = False  # its SYN took the place of an earlier connection
    offers: list[TcpOptions | None] | None = None  # what each side's SYN offered, where packets are asked for
    words: tuple[dict[str, int], dict[str, int]] | None = None  # the analysis, counted by side
    counted: list[int] | None = None  # what decode counted, for the ledger: wire by side, captured by side
    watcher: object = None  # the TCP analysis, where packets are asked for

    def __init__(self, tracker: Tracker, keys: tuple[bytes, bytes], packet: int, time_ns: int) -> None:
        self.tracker = tracker
        self.keys = keys
        self.first_packet = packet
        self.first_time = time_ns
        self.stream = -1  # given by the tracker
        first, other = HalfStream(self, 0), HalfStream(self, 1)
        first.peer, other.peer = other, first
        self.sides = (first, other)
        self.handshake = UNSEEN
        self.first_syn: int | None = None  # index of the side that sent the first SYN
        self.syn_time = 0
        self.rtt_ns: int | None = None
        self.evidence: int | None = None  # index of the side that HTTP shows to be the client
        self.application: object = None  # what owns the sinks
        self.parked = False  # both directions ended; kept for stragglers
        self.finished = False

    # ------------------------------------------------------------------ a segment that is not plainly in order

    def segment(
        self,
        half: HalfStream,
        seq: int,
        ack: int,
        flags: int,
        data: bytes,
        length: int,
        packet: int,
        time_ns: int,
    ) -> None:
        """Take in one segment with all the rules; the fast path in the tracker skips what cannot apply."""
        peer = half.peer
        half.packets += 1
        half.last_packet, half.last_time = packet, time_ns
        if length < 0:
            return  # its header is impossible: nothing in it can be used
        if not flags & ACK:
            ack = peer.acked_seq  # it says nothing new
        if flags & SYN or not (half.started and peer.started):
            self._begin(half, peer, seq, ack, flags)
        at = (packet, time_ns, peer.offset_of(ack) if peer.started else 0)
        if self.handshake is not COMPLETE:
            self._handshake(half, flags, time_ns)
        if flags & ACK and peer.started and not flags & RST:
            peer.acknowledge(ack, half.packets + peer.packets, time_ns)
        if half.history or peer.history:
            self._grace(packet, time_ns)
        first_byte = (seq + 1) & 0xFFFF_FFFF if flags & SYN else seq
        if length:
            half.last_at = at
            start = half.offset_of(first_byte)
            new_from = max(half.offset - start, 0)
            if new_from < len(data):
                self.tracker.remember(packet, half, start + new_from, data[new_from:] if new_from else data)
            half.receive(first_byte, data, length, at)
        if flags & FIN and half.fin_offset is None:
            fin = half.offset_of((first_byte + length) & 0xFFFF_FFFF)
            if fin >= half.offset:
                half.fin_offset = fin
                half.attention = True
                half.highest = fin if half.highest == fin + 1 else max(half.highest, fin)  # its ACK may come first
        if flags & RST:
            self._reset(half, seq, ack, flags, at)
        self._settle(at)

    def _begin(self, half: HalfStream, peer: HalfStream, seq: int, ack: int, flags: int) -> None:
        """Where the two byte streams begin, and what is shown as relative 0 (as Wireshark shows it).

        The base is the first evidence of a side; only a SYN-ACK with another number moves it. The first byte is
        what a SYN says, also a late one, as long as nothing was handed on.
        """
        if flags & SYN:
            if not half.started:
                half.start(seq + 1, certain=True)
            elif half.base != seq:
                if flags & ACK:
                    half.base = seq
                if half.untouched and self.handshake is not COMPLETE:
                    half.start(seq + 1, certain=True)
            half.syn_seq = seq
            if flags & ACK and peer.untouched and peer.syn_seq is None and not peer.held:
                peer.start(ack, certain=True)
        elif not half.started:
            half.start(seq, certain=False)
        if flags & ACK and not peer.started:
            peer.start(ack, certain=bool(flags & SYN))

    def _handshake(self, half: HalfStream, flags: int, time_ns: int) -> None:
        if flags & SYN and self.first_syn is None:
            self.first_syn = half.index if not flags & ACK else half.peer.index
            if not flags & ACK:
                self.syn_time = time_ns
        sender = FIRST if self.first_syn == half.index else OTHER
        before = self.handshake
        after = TRANSITIONS.get((before, sender, flags & (SYN | ACK | RST)))
        if after is None:
            return
        self.handshake = after
        if after is COMPLETE and self.syn_time:
            self.rtt_ns = time_ns - self.syn_time

    # ------------------------------------------------------------------ giving up, closing

    def _grace(self, packet: int, time_ns: int) -> None:
        """Give up holes whose grace is over, before the present packet is looked at."""
        for half in self.sides:
            if not half.history:
                continue
            half.grace_over(self.packets, time_ns)
            self._fill_holes(half, packet, time_ns)

    def pass_time(self, time_ns: int) -> int | None:
        """None of its packets came until then: what the next one would find is done now. Gives when the next grace
        ends, where holes are left whose grace goes on."""
        sender = max(self.sides, key=lambda half: half.last_packet)
        for half in self.sides:
            if half.history:
                half.grace_over(self.packets, time_ns)
                self._fill_holes(half, self.last_packet, self.last_time)
        self._settle((self.last_packet, self.last_time, sender.peer.acked))
        begun = [half.history[0][2] for half in self.sides if half.history]
        return min(begun) + limits.GRACE_NS if begun else None

    def _fill_holes(self, half: HalfStream, packet: int, time_ns: int) -> None:
        while (until := half.hole_end()) is not None:
            behind: At = (packet, time_ns, half.peer.acked)
            if half.held and half.held.first == until:
                behind = half.held.first_at
            half.give_up(until, behind)
            half.drain()
            self.release()

    def _settle(self, at: At) -> None:
        """What the packet made possible: release, ends, and whether the fast path may be taken again."""
        if self.sides[0].queue or self.sides[1].queue:
            self.release()
        for half in self.sides:
            if half.history:
                half.forget_filled()
            if not half.ended and not half.queue and half.fin_offset is not None and half.offset >= half.fin_offset:
                self._end(half, End.FIN, at)
        if self.reset and not self.reset_said and not any(half.held or half.queue for half in self.sides):
            self._say_reset(at)
        first, other = self.sides
        first.attention = other.attention = (
            self.handshake in HANDSHAKE_OPEN or needs_attention(first) or needs_attention(other)
        )
        if self.sides[0].ended and self.sides[1].ended:
            self.tracker.closed(self)

    def _say_reset(self, at: At) -> None:
        """A reset cuts what is being read; bytes that were on their way are still read, as Wireshark has it."""
        self.reset_said = True
        for half in self.sides:
            if not half.ended:
                half.sink.end(End.RESET, at)
        self.tracker.closed(self)

    def _end(self, half: HalfStream, reason: End, at: At) -> None:
        half.ended = True
        if half.held:  # bytes behind the FIN, which no honest host sends
            half.ignored_bytes += half.held.size
            self.held_changed(-half.held.size, 0)
            half.held = None
        half.sink.end(reason, at)

    def _reset(self, half: HalfStream, seq: int, ack: int, flags: int, at: At) -> None:
        if half.started and abs(half.offset_of(seq)) > 0:
            distance = half.offset_of(seq) - half.offset
            if not -_RESET_REACH <= distance <= _RESET_REACH:
                return
        both_closed = all(side.fin_offset is not None for side in self.sides)
        if not both_closed:
            self.reset = True

    def finish(self, reason: End) -> None:
        """The end of the capture, or of our patience: hand on everything that is left."""
        first, other = self.sides
        if first.ended and other.ended and not (first.held or other.held or first.queue or other.queue):
            return
        for half in self.sides:
            half.ahead = max(half.ahead, half.acked)
        at: At = (self.last_packet, self.last_time, 0)
        while True:
            for half in self.sides:
                while half.held:
                    half.give_up(half.held.first, half.held.first_at)
                    half.drain()
            for half in self.sides:
                if half.fin_was_lost:
                    half.lose_fin()
                elif half.highest > half.offset and not half.ended:
                    half.give_up(half.highest, (self.last_packet, self.last_time, half.peer.acked))
            self.release()
            if not any(half.held for half in self.sides):
                break
        for half in self.sides:
            while half.queue:
                self._pop(half)
        for half in self.sides:
            if not half.ended:
                why = reason
                if half.fin_offset is not None and half.offset >= half.fin_offset:
                    why = End.FIN
                elif self.reset:
                    why = End.RESET
                self._end(half, why, half.last_at if half.last_at[0] else at)

    def store_full(self) -> None:
        """The bound on held bytes was reached: the first hole is given up early."""
        for half in sorted(self.sides, key=lambda side: -(side.held.size if side.held else 0)):
            if half.held:
                half.give_up(half.held.first, half.held.first_at)
                half.drain()
                self.release()
                return
            if half.peer.queue:
                half.give_up(half.highest, (self.last_packet, self.last_time, half.peer.acked))
                self.release()
                return

    def let_go(self) -> None:
        """Nothing more is asked of it: cut the circles among its objects, so that they are freed at once.

        A circle is freed by the garbage collector only, and with a million short connections that is a third of the
        time and most of the memory.
        """
        for half in self.sides:
            half.sink = DEAF
            del half.peer, half.connection
        del self.sides  # the tracker knows the connection for a while yet, among those that are idle
        self.application = self.watcher = None

    # ------------------------------------------------------------------ said by the half streams

    def held_changed(self, by: int, pieces: int) -> None:
        """The bytes held for this connection grew or shrank, and the pieces they are held in."""
        self.held += by
        self.tracker.held_changed(self, by, pieces)

    def mark(self) -> bool:
        """Whether there is room for one more small thing to remember; it is taken until :meth:`unmark`, or the end."""
        if not self.tracker.marks.take(1):
            return False
        self.marks += 1
        return True

    def unmark(self, count: int = 1) -> None:
        """So many are forgotten again."""
        self.marks -= count
        self.tracker.marks.give_back(count)

    def gap_given_up(self, half: HalfStream, start: int, length: int, acked: bool) -> None:
        if self.tracker.gap_given_up is not None:
            self.tracker.gap_given_up(half, start, length, acked)

    def differing_from_recent(self, half: HalfStream, start: int, data: bytes, packet: int) -> Iterator[int]:
        return self.tracker.differing_from_recent(half, start, data, packet)

    def overlap_differs(self, half: HalfStream, offset: int) -> None:
        self.tracker.overlap_differs(half, offset)

    # ------------------------------------------------------------------ what is known of it

    @property
    def client(self) -> int:
        """Index of the client's side, from the best evidence so far (contract, Stream)."""
        first, other = self.sides
        if self.first_syn is not None and not (
            self.evidence is not None
            and first.syn_seq is not None
            and other.syn_seq is not None
            and self.handshake in (SYN_SEEN,)
        ):
            return self.first_syn
        if self.evidence is not None:
            return self.evidence
        ports = [int.from_bytes(key[-4:-2], "big") for key in self.keys]
        return 0 if ports[0] >= ports[1] else 1

    @property
    def close(self) -> str:
        """The contract's word for how it ended."""
        if self.reset:
            return "rst"
        fins = sum(half.fin_offset is not None for half in self.sides)
        return ("open", "half", "fin")[fins]

    @property
    def packets(self) -> int:
        return self.sides[0].packets + self.sides[1].packets

    @property
    def last_packet(self) -> int:
        return max(self.sides[0].last_packet, self.sides[1].last_packet)

    @property
    def last_time(self) -> int:
        first, other = self.sides
        return first.last_time if first.last_packet >= other.last_packet else other.last_time
