"""The Analyzer: the one module that knows the whole chain, from a frame to an exchange.

    capture -> packets -> tcp -> (tls ->) http -> exchanges -> whoever asked

Batch, live and walkthrough are the same chain with other listeners at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from httptrace import limits
from httptrace.application import Application
from httptrace.crowd import Crowd
from httptrace.errors import Said, described
from httptrace.exchanges.progress import Progress
from httptrace.following import Follower
from httptrace.ledger import DirectionLedger, Share
from httptrace.limits import STANDARD, Bounds, Rooms
from httptrace.model import (
    DEAF,
    Direction,
    End,
    Exchange,
    Frame,
    GapGivenUp,
    Happening,
    MessageBegan,
    MessageEnded,
    Observer,
    PacketRecord,
    Response,
    StreamRecord,
)
from httptrace.packets.decode import Decoder, Segment
from httptrace.records import ledgers, stream_record
from httptrace.tcp import inorder
from httptrace.tcp.analysis import Analysis
from httptrace.tcp.connection import Connection
from httptrace.tcp.halfstream import HalfStream
from httptrace.tcp.handshake import ACK, FLAG_NAMES, SYN
from httptrace.tcp.options import parse_options
from httptrace.tcp.tracker import Tracker


class Auditor(Protocol):
    """What takes the ledger (:mod:`httptrace.ledger`)."""

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        """What an exchange's messages took of each direction."""

    def direction(self, ledger: DirectionLedger) -> None:
        """A direction is closed."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for. `keep_bodies`: decoded octets of each body to keep (0: none); `keep_only`: only of the
    exchanges with these numbers."""

    keep_bodies: int = 0
    keep_only: frozenset[int] | None = None
    hash_bodies: bool = True
    analysis: bool = False  # Wireshark's words for every packet, and their counts for every stream
    contain: bool = False  # a defect of ours ends its connection and not the run
    bounds: Bounds = STANDARD  # what may be kept


class Analyzer:
    """Takes frames, gives records. `on_exchange`, `on_stream`: when one is over; `on_packet`: each TCP packet;
    `observer`: each TCP packet with what it made happen; `taker`: asked for each message with a body who wants its
    decoded content as it passes; `follower`: told the bytes of its connection."""

    def __init__(
        self,
        options: Options = Options(),
        on_exchange: Callable[[Exchange], object] | None = None,
        on_stream: Callable[[StreamRecord], object] | None = None,
        on_packet: Callable[[PacketRecord], object] | None = None,
        observer: Observer | None = None,
        audit: Auditor | None = None,
        taker: Callable[[int, Direction], Callable[[bytes], object] | None] | None = None,
        follower: Follower | None = None,
    ) -> None:
        self.options = options
        self.taker = taker
        self.follower = follower
        self.exchanges = 0
        self.defects: list[Said] = []
        self.decoder = Decoder()
        self.rooms = Rooms(options.bounds)
        self.tracker = Tracker(self._opened, self._finished, self._overlap_differs, options.bounds, self.rooms)
        self.tracker.limit_reached = self._limit_reached
        self.tracker.ended = self._ended
        self._crowd = Crowd(self.tracker.some, self.tracker.open_at_least, self.tracker.defect)
        if options.contain:
            self.tracker.contain = self._contain
        if observer is not None:
            self.tracker.gap_given_up = self.gap_given_up
        self.on_exchange = on_exchange or _let_pass
        self.audits = audit is not None
        self._on_stream = on_stream
        self._on_packet = on_packet
        self._observer = observer
        self.told = observer is not None
        self.takes_whole = observer is None and taker is None and not options.keep_bodies
        self._auditor = audit
        self._happenings: dict[int, list[Happening]] = {}  # by connection: other ones' packets can bring them about
        self._streams = 0
        self._watching = on_packet is not None or observer is not None or options.analysis

    # ------------------------------------------------------------------ feeding

    def feed(self, frames: Iterable[Frame]) -> Iterator[int]:
        """Analyze frames; gives the number of the last packet now and then, so that the caller can look around."""
        if self._auditor is not None:
            fed = self.decoder.run(frames, self._audited)
        elif self._watching:
            fed = self.decoder.watch(frames, self._watch)
        else:
            fed = inorder.run(frames, self.decoder, self.tracker)
        return self._crowd.watched(fed) if self.takes_whole else fed

    def finish(self) -> None:
        """The capture is over: everything that is still open ends here."""
        self.tracker.finish()

    def expire(self, before_ns: int) -> int:
        """Connections that are open and silent since before that time (of packets) are over; gives how many. For live
        capture, which has no end at which they would be told."""
        open_ones = {half.connection for half in self.tracker.halves.values() if not half.connection.parked}
        silent = [one for one in open_ones if one.last_time < before_ns and one.first_time < before_ns]
        for connection in sorted(silent, key=lambda one: one.first_packet):
            self.tracker.forget(connection, End.EXPIRED)
        return len(silent)

    def pass_time(self, time_ns: int) -> None:
        """All packets up to that time have come. For live capture, where no packet may say so."""
        self.tracker.pass_time(time_ns)

    def connection(self, stream: int) -> Connection:
        """The connection of that number, as long as it is in the tracker's memory."""
        return next(half.connection for half in self.tracker.halves.values() if half.connection.stream == stream)

    def _audited(
        self, key: bytes, seq: int, ack: int, flags: int, payload: bytes, length: int, packet: int, time_ns: int
    ) -> None:
        """A segment counted for the ledger on its way, by what decode says and nothing else."""
        half = self.tracker.segment(key, seq, ack, flags, payload, length, packet, time_ns)
        if length > 0:
            counted = half.connection.counted
            if counted is None:
                counted = half.connection.counted = [0, 0, 0, 0]
            counted[half.index] += length
            counted[2 + half.index] += len(payload)

    def _watch(self, segment: Segment, packet: int, time_ns: int) -> None:
        """A segment where every packet is asked for."""
        flags = segment.bits & 0xFF
        half = self.tracker.segment(
            segment.key, segment.seq, segment.ack, flags, segment.payload, segment.length, packet, time_ns
        )
        connection = half.connection
        watcher = connection.watcher
        if watcher is None:
            watcher = connection.watcher = Analysis(connection.reuses_port, self.rooms.marks)
        assert isinstance(watcher, Analysis)
        bits, window, length = segment.bits & 0x1FF, segment.window, segment.length
        scaled = watcher.scaled_window(half.index, window, bits)
        words: tuple[str, ...] = ()
        if length >= 0:
            words = watcher.packet(half.index, segment.seq, segment.ack, bits, window, length, segment.options, time_ns)
            if segment.cut:
                words = ()  # Wireshark meets the missing bytes before it has words
        if flags & SYN:
            if connection.offers is None:
                connection.offers = [None, None]
            connection.offers[half.index] = parse_options(segment.options)
        if words:
            if connection.words is None:
                connection.words = ({}, {})
            counted = connection.words[half.index]
            for word in words:
                counted[word] = counted.get(word, 0) + 1
        if self._on_packet is None and self._observer is None:
            return
        record = PacketRecord(
            packet,
            connection.stream,
            time_ns,
            Direction.CLIENT if half.index == connection.client else Direction.SERVER,
            FLAG_NAMES[flags],
            (segment.seq - half.base) & 0xFFFF_FFFF,
            (segment.ack - half.peer.base) & 0xFFFF_FFFF if flags & ACK else None,
            max(length, 0),
            scaled,
            words,
            segment.seq,
            segment.ack,
            len(segment.payload),
            segment.options,
            half.index,
        )
        if self._on_packet is not None:
            self._on_packet(record)
        if self._observer is not None:
            self._observer.packet(record, self._happenings.pop(connection.stream, []))

    # ------------------------------------------------------------------ what the layers tell

    def _opened(self, connection: Connection) -> None:
        connection.stream = self._streams
        self._streams += 1
        connection.application = Application(self, connection)

    def _ended(self, connection: Connection) -> None:
        """No more bytes will come of it, though stragglers may: what reads it is not needed any more."""
        application = connection.application
        assert isinstance(application, Application)
        application.finish()
        for half in connection.sides:
            half.sink = DEAF

    def _finished(self, connection: Connection) -> None:
        try:
            self._ended(connection)
        except Exception as defect:  # what is known of the connection itself is told all the same
            self.tracker.defect(connection, defect)
        if self._on_stream is not None:
            self._on_stream(stream_record(connection))
        if self._auditor is not None:
            for ledger in ledgers(connection):
                self._auditor.direction(ledger)
        if self._observer is not None:
            self._observer.closing(connection.stream, self._happenings.pop(connection.stream, []))
        if isinstance(connection.watcher, Analysis):
            connection.watcher.let_go()
        connection.let_go()

    def _overlap_differs(self, half: HalfStream, offset: int) -> None:
        application = half.connection.application
        assert isinstance(application, Application)
        application.overlap_differs(half.index, offset, half.last_packet)

    def _limit_reached(self, connection: Connection, code: str) -> None:
        application = connection.application
        assert isinstance(application, Application)
        application.limit_reached(code, connection.last_packet)

    def _contain(self, connection: Connection, defect: Exception) -> None:
        """A defect of ours ends its connection, which is read no further."""
        self.say_defect(connection.stream, described(defect))
        application = connection.application
        if isinstance(application, Application):
            application.give_up()

    def say_defect(self, stream: int, what: str) -> None:
        """A defect of ours: said once for each connection."""
        if len(self.defects) < limits.DEFECTS and all(said.values["stream"] != stream for said in self.defects):
            self.defects.append(Said("stream {stream}: {what}", stream=stream, what=what))

    def new_exchange_number(self) -> int:
        """Numbers are given in the order in which start lines become readable."""
        self.exchanges += 1
        return self.exchanges

    def message_began(self, exchange: Exchange, sender: Direction, informational: Response | None) -> None:
        self._happens(exchange.stream, MessageBegan(exchange, sender, informational))

    def message_ended(self, exchange: Exchange, sender: Direction) -> None:
        self._happens(exchange.stream, MessageEnded(exchange, sender))

    def gap_given_up(self, half: HalfStream, start: int, length: int, acked: bool) -> None:
        """For the walkthrough: where bytes are missing, in relative numbers."""
        if self._observer is not None:
            sender = Direction.CLIENT if half.index == half.connection.client else Direction.SERVER
            first = (half.next_seq - (half.offset - start) - half.base) & 0xFFFF_FFFF
            self._happens(half.connection.stream, GapGivenUp(sender, first, length, acked))

    def _happens(self, stream: int, happening: Happening) -> None:
        """To be told with that connection's next packet, which may be the present one, or at its end."""
        self._happenings.setdefault(stream, []).append(happening)

    def exchange_over(self, application: Application, progress: Progress) -> None:
        if self.audits:
            self.share_out(application, progress.exchange, progress.shares)
        self.on_exchange(progress.exchange)

    def share_out(self, application: Application, exchange: Exchange, shares: tuple[Share, Share]) -> None:
        """For the ledger: what an exchange took of each direction."""
        assert self._auditor is not None
        self._auditor.exchange(exchange, *shares)
        application.add_shares(*shares)


def _let_pass(exchange: Exchange) -> None:
    """Nobody wants to know."""
