"""From segments to connections: the look-up, the fast path, and which connections are remembered.

The fast path is the first half of :meth:`Tracker.segment`: a segment of a known connection, in order, with nothing
held, given up or closing on either side. Everything else is told to the connection, with all the rules.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush, heapreplace
from operator import attrgetter
from typing import Final

from httptrace import limits, notes
from httptrace.errors import HttptraceError
from httptrace.limits import RECENT_BYTES, RECENT_PACKETS, STANDARD, Bounds, Rooms
from httptrace.model import DEAF, End
from httptrace.tcp.connection import Connection
from httptrace.tcp.halfstream import HalfStream
from httptrace.tcp.handshake import ACK, FIN, RST, SYN, SYN_ACK_SEEN
from httptrace.tcp.held import differences

_ONLY_ACK: Final = SYN | FIN | RST | ACK

#: Finished connections that may still stand in a heap before all of them are swept out.
_FINISHED_IN_HEAP = 1_024

#: Later than every packet.
_NEVER: Final = (1 << 62) - 1


class Tracker:
    """All connections of a capture. `opened` is called with each new connection before its first byte is handed on,
    `finished` when nothing more can come of it."""

    short_cuts = True  # a test takes them away, to see that the long way leads to the same place

    def __init__(
        self,
        opened: Callable[[Connection], None],
        finished: Callable[[Connection], None],
        overlap_differs: Callable[[HalfStream, int], None],
        bounds: Bounds = STANDARD,
        rooms: Rooms | None = None,
    ) -> None:
        self._opened = opened
        self._finished = finished
        self.overlap_differs = overlap_differs
        self.gap_given_up: Callable[[HalfStream, int, int, bool], None] | None = None
        self.ended: Callable[[Connection], None] | None = None  # told when no more bytes can come of a connection
        self.contain: Callable[[Connection, Exception], None] | None = None  # told of defects
        self.halves: dict[bytes, HalfStream] = {}
        self.connections = 0
        self.bounds = bounds
        self.marks = (rooms or Rooms(bounds)).marks
        self.held = 0
        self.pieces = 0  # that they are held in, at most
        self.store_full = 0
        self.closed_early = 0
        self.recent: deque[tuple[int, HalfStream, int, bytes]] = deque(maxlen=RECENT_PACKETS)
        self._closed: deque[tuple[Connection, int]] = deque()  # with the packets it was to have at most
        self._holders: set[Connection] = set()  # connections that hold bytes
        self.acknowledged: set[Connection] = set()  # connections with holes that the peer acknowledged past
        self._graces: list[tuple[int, int, Connection]] = []  # a heap of these, by the end of a first hole's grace
        self.grace_ends = _NEVER  # the first of these times
        self.limit_reached: Callable[[Connection, str], None] | None = None
        self._idle: list[tuple[int, int, Connection]] = []  # a heap by the last time known when it was pushed
        self._seen = 0  # how many of these had their turn in the present round

    def segment(
        self,
        key: bytes,
        seq: int,
        ack: int,
        flags: int,
        payload: bytes,
        length: int,
        packet: int,
        time_ns: int,
    ) -> HalfStream:
        """One segment; `length` is its payload by the IP header, `payload` what was captured of it."""
        if time_ns >= self.grace_ends:
            self.pass_time(time_ns)
        half = self.halves.get(key)
        if half is not None and seq == half.next_seq and flags & _ONLY_ACK == ACK and not half.attention:
            peer = half.peer
            behind = (peer.next_seq - ack) & 0xFFFF_FFFF
            if behind < 0x8000_0000 and peer.next_seq >= 0 and len(payload) == length:
                if ack != peer.acked_seq and (ack - peer.acked_seq) & 0xFFFF_FFFF < 0x8000_0000:
                    peer.acked_seq = ack
                half.packets += 1
                half.last_packet = packet
                half.last_time = time_ns
                if length:
                    at = (packet, time_ns, peer.offset - behind)
                    half.last_at = at
                    first = payload if length <= RECENT_BYTES else payload[:RECENT_BYTES]
                    self.recent.append((packet, half, half.offset, first))
                    half.next_seq = (seq + length) & 0xFFFF_FFFF
                    half.offset += length
                    half.bytes += length
                    try:
                        sink = half.sink
                        if length < sink.bulk:  # inside a long body
                            sink.bulk -= length
                            sink.bulk_at = at
                            sink.take(payload)
                        else:
                            sink.data(payload, at)
                    except Exception as defect:
                        self.defect(half.connection, defect)
                return half
        return self.other(half, key, seq, ack, flags, payload, length, packet, time_ns)

    def other(
        self,
        half: HalfStream | None,
        key: bytes,
        seq: int,
        ack: int,
        flags: int,
        payload: bytes,
        length: int,
        packet: int,
        time_ns: int,
    ) -> HalfStream:
        """A segment that is not plainly in order, of a direction that is known or not: first the ways in which nearly
        all connections open and close (:mod:`httptrace.tcp.shortcuts`), then all rules."""
        kind = flags & _ONLY_ACK
        short = self.short_cuts and not length
        if half is None or flags & (SYN | ACK) == SYN:
            known, half = half, self._connection_for(key, half, seq, packet, time_ns)
            if known is not half and kind == SYN and short:
                half.connection.opens(half, seq, packet, time_ns)
                return half
        connection = half.connection
        try:
            if short:
                if kind == ACK:
                    if connection.handshake is SYN_ACK_SEEN and connection.completes(half, seq, ack, packet, time_ns):
                        return half
                    if connection.closes(half, seq, ack, False, packet, time_ns):
                        return half
                elif kind == FIN | ACK:
                    if connection.closes(half, seq, ack, True, packet, time_ns):
                        if half.peer.ended:
                            self.closed(connection)
                        return half
                elif kind == SYN | ACK and connection.agrees(half, seq, ack, packet, time_ns):
                    return half
            connection.segment(half, seq, ack, flags, payload, length, packet, time_ns)
        except Exception as defect:
            self.defect(connection, defect)
        bounds = self.bounds
        if (
            connection.held > bounds.out_of_order_each
            or self.held > bounds.out_of_order
            or self.pieces > bounds.segments
        ):
            self._store_is_full(connection)
        return half

    # ------------------------------------------------------------------ which connection

    def _connection_for(self, key: bytes, half: HalfStream | None, seq: int, packet: int, time_ns: int) -> HalfStream:
        """The connection of a segment that is the first of its 4-tuple, or that is a SYN.

        A SYN whose initial sequence number differs from the stream's own opens a new stream; with the same number it
        is a retransmission (contract, as Wireshark has it).
        """
        reuses_port = False
        if half is not None:
            if not half.started or (seq & 0xFFFF_FFFF) == (half.base & 0xFFFF_FFFF):
                return half
            reuses_port = True
            self.forget(half.connection)
        size = (len(key) - 4) // 2
        back = key[size : 2 * size] + key[:size] + key[-2:] + key[-4:-2]
        connection = Connection(self, (key, back), packet, time_ns)
        if reuses_port:
            connection.reuses_port = True
        self.connections += 1
        half, peer = connection.sides
        self.halves[back] = peer
        self.halves[key] = half
        self._opened(connection)
        if len(self.halves) > 2 * self.bounds.connections:
            self._make_room()  # before it stands among the idle ones: where a clock was set back, it would be the first
        heappush(self._idle, (time_ns, packet, connection))
        if len(self._idle) > len(self.halves) + _FINISHED_IN_HEAP:
            self._idle = [entry for entry in self._idle if not entry[2].finished]
            heapify(self._idle)
        return half

    @property
    def open_connections(self) -> int:
        """Connections that are remembered and have not ended."""
        return len(self.halves) // 2 - sum(not closed.finished for closed, _packets in self._closed)

    def open_at_least(self) -> int:
        """So many have not ended, or a few more: those whose ports were taken by others count as ended twice."""
        return len(self.halves) // 2 - len(self._closed)

    def closed(self, connection: Connection) -> None:
        """Both directions have ended, or a reset cut them: remembered for stragglers, within the bound."""
        first, other = connection.sides
        if first.ended and other.ended and self.ended is not None and first.sink is not DEAF:
            self.ended(connection)
        if not connection.parked:
            connection.parked = True
            self._closed.append((connection, connection.packets + 1))  # the last ACK is still to come
            while len(self._closed) > limits.CLOSED_CONNECTIONS:
                oldest, expected = self._closed.popleft()
                if oldest.finished:  # another took its ports
                    continue
                if oldest is connection or oldest.packets > expected:  # stragglers came: it is not the quietest
                    self._closed.append((oldest, oldest.packets))
                else:
                    self.forget(oldest)

    def forget(self, connection: Connection, reason: End = End.CAPTURE) -> None:
        """Hand on what is left of a connection and drop its state."""
        if connection.finished:
            return
        connection.finished = True
        try:
            connection.finish(reason)
        except Exception as defect:
            self.defect(connection, defect)
        if connection.marks:
            self.marks.give_back(connection.marks)
        for key, half in zip(connection.keys, connection.sides, strict=True):
            if self.halves.get(key) is half:
                del self.halves[key]
        self.acknowledged.discard(connection)
        try:
            self._finished(connection)
        except Exception as defect:
            self.defect(connection, defect)

    def hole_acknowledged(self, connection: Connection, time_ns: int) -> None:
        """The grace of a hole has begun."""
        if connection in self.acknowledged:
            return  # its earlier grace ends first, and then the next is looked for
        self.acknowledged.add(connection)
        heappush(self._graces, (time_ns + limits.GRACE_NS, connection.first_packet, connection))
        if len(self._graces) > len(self.acknowledged) + _FINISHED_IN_HEAP:
            self._graces = [entry for entry in self._graces if not entry[2].finished]
            heapify(self._graces)
        self.grace_ends = self._graces[0][0]

    def pass_time(self, time_ns: int) -> None:
        """All packets up to that time have come. Holes whose grace is over are given up, whoever's packet brought the
        time: those of a connection that fell silent would stay, with all that is held behind them, until the end."""
        while self._graces and self._graces[0][0] <= time_ns:
            _, first_packet, connection = heappop(self._graces)
            if connection.finished:
                continue
            ends: int | None = None
            try:
                ends = connection.pass_time(time_ns)
            except Exception as defect:
                self.defect(connection, defect)
            if ends is None:
                self.acknowledged.discard(connection)
            else:
                heappush(self._graces, (ends, first_packet, connection))
        self.grace_ends = self._graces[0][0] if self._graces else _NEVER

    def defect(self, connection: Connection, defect: Exception) -> None:
        """A defect of ours ends what is read of its connection, not the run; what others raise goes on its way."""
        if self.contain is None or isinstance(defect, OSError | HttptraceError):
            raise defect
        self.contain(connection, defect)
        for half in connection.sides:
            half.sink = DEAF

    def finish(self) -> None:
        """The end of the capture: every connection that is still there, in the order they began."""
        left = [half.connection for half in self.halves.values() if not half.index]
        for connection in sorted(left, key=attrgetter("first_packet")):
            self.forget(connection)
        self._closed.clear()
        self._holders.clear()
        self._idle.clear()
        self._graces.clear()
        self.recent.clear()

    def _make_room(self) -> None:
        """Forget the connection that ended first of those still remembered; where none is, close the longest idle."""
        while self._closed:
            ended, _ = self._closed.popleft()
            if not ended.finished:
                self.forget(ended)
                return
        while self._idle:
            when, number, connection = self._idle[0]
            if connection.finished:
                heapreplace(self._idle, self._idle.pop()) if len(self._idle) > 1 else self._idle.clear()
                continue
            if connection.last_time > when:
                heapreplace(self._idle, (connection.last_time, number, connection))
                continue
            self.closed_early += 1
            self._say_limit(connection, notes.CONNECTION_LIMIT)
            self.forget(connection, End.EXPIRED)
            return

    def some(self, least: int) -> Iterator[Connection]:
        """At least so many of the connections, each time other ones, until it was the turn of all."""
        idle = self._idle
        first = self._seen if self._seen < len(idle) else 0
        self._seen = first + least + len(idle) // 8
        for _, _, connection in idle[first : self._seen]:
            if not connection.finished:
                yield connection

    # ------------------------------------------------------------------ bounds and overlaps

    def held_changed(self, connection: Connection, by: int, pieces: int) -> None:
        """Bytes held behind holes, and the pieces they are held in, over all connections."""
        self.held += by
        if connection.held:
            self._holders.add(connection)
        else:
            pieces = -connection.pieces
            self._holders.discard(connection)
        connection.pieces += pieces
        self.pieces += pieces

    def _store_is_full(self, connection: Connection) -> None:
        """Give up first holes until the bounds hold again: of this connection, or of those that hold the most."""
        bounds = self.bounds
        while connection.held > bounds.out_of_order_each and self._give_up_first(connection):
            pass
        most, pieces = bounds.out_of_order, bounds.segments
        if self.held <= most and self.pieces <= pieces:
            return
        most, pieces = most - most // 8, pieces - pieces // 8  # some room, so that this is not done for every packet
        for holder in sorted(self._holders, key=lambda one: (-one.held, -one.pieces, one.first_packet)):
            while (self.held > most or self.pieces > pieces) and holder.held and self._give_up_first(holder):
                pass
            if self.held <= most and self.pieces <= pieces:
                return

    def _give_up_first(self, connection: Connection) -> bool:
        """Give up the first hole of a connection because of a bound; whether that freed anything."""
        self.store_full += 1
        self._say_limit(connection, notes.STORE_LIMIT)
        before = connection.held
        try:
            connection.store_full()
        except Exception as defect:
            self.defect(connection, defect)
        return connection.held < before

    def _say_limit(self, connection: Connection, code: str) -> None:
        """A bound concerns this connection, which need not be the one whose packet is looked at."""
        if self.limit_reached is not None:
            try:
                self.limit_reached(connection, code)
            except Exception as defect:
                self.defect(connection, defect)

    def remember(self, packet: int, half: HalfStream, offset: int, data: bytes) -> None:
        """Keep a first copy for a while, to hold retransmissions against it."""
        self.recent.append((packet, half, offset, data if len(data) <= RECENT_BYTES else data[:RECENT_BYTES]))

    def differing_from_recent(self, half: HalfStream, start: int, data: bytes, packet: int) -> Iterator[int]:
        """Where bytes that came again have another value than the first copy, as far as that is remembered."""
        oldest = packet - RECENT_PACKETS
        end = start + len(data)
        # Overlaps are rare, but where one comes, an attacker may send nothing else: one pass, and no call in it.
        copies = [
            (offset, first)
            for number, other, offset, first in self.recent
            if other is half and offset < end and number != packet and number >= oldest
        ]
        for offset, first in reversed(copies):
            if offset + len(first) <= start:
                continue
            low, high = max(start, offset), min(end, offset + len(first))
            again, known = data[low - start : high - start], first[low - offset : high - offset]
            if again != known:
                yield from differences(known, again, low)
