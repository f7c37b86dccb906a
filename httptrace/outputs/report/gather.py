"""What the report holds, gathered while the capture is read, within bounds: rows, exchanges, connections, ladders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from httptrace.model import (
    Direction,
    Exchange,
    GapGivenUp,
    Happening,
    Message,
    MessageBegan,
    PacketRecord,
    Response,
    StreamRecord,
)
from httptrace.outputs.amounts import begins, took
from httptrace.outputs.report import bounds, ladder
from httptrace.outputs.report.bytemap import Span
from httptrace.outputs.report.detail import Budget, Details, KeptBody, clean, note
from httptrace.outputs.report.embedding import embedded
from httptrace.outputs.report.statistics import Statistics
from httptrace.outputs.report.wire import Held, Store, Unwrapped

#: Packets kept of a connection in which no HTTP was found.
_WITHOUT_HTTP = 300

#: Where a message lies in the bytes of its direction, counted from 0: its first octet, one behind its last.
Place = tuple[int, int | None]

_NO_HAPPENINGS: list[Happening] = []


@dataclass(frozen=True, slots=True)
class _Over:
    """An exchange that is over, while the bytes of its last packet are still to come."""

    exchange: Exchange
    request: Place | None
    response: Place | None


class _Open:
    """A connection being read: what is kept of it, and its bytes that may still be asked for, by `side`."""

    __slots__ = ("client_index", "exchanges", "held", "http", "kept", "matched", "numbers", "over")

    def __init__(self, store: Store) -> None:
        self.kept = ladder.Kept()
        self.held = (Held(store), Held(store))
        self.numbers = (Unwrapped(), Unwrapped())
        self.over: list[_Over] = []
        self.client_index = 0
        self.http = False  # a message has begun
        self.matched = 0
        self.exchanges = 0


class Gathering:
    """Listens to an Analyzer: an Observer, and what takes exchanges, streams and bodies.

    `wanted` chooses exchanges, `streams` connections (None: all); `started` gives the time of the first packet.
    `payload` is set to a packet's bytes before :meth:`packet` is told of it.
    """

    def __init__(
        self,
        started: Callable[[], int],
        wanted: Callable[[Exchange], bool] | None = None,
        streams: frozenset[int] | None = None,
    ) -> None:
        self._started = started
        self._wanted = wanted
        self._streams = streams
        self._store = Store()
        self._open: dict[int, _Open] = {}
        self._held_packets = 0
        self._bodies: dict[tuple[int, Direction], KeptBody] = {}
        self._body_room = Budget(bounds.OPEN_BODIES)
        self._row_room = Budget(bounds.ROWS_BYTES)
        self._ladder_room = Budget(bounds.LADDERS_BYTES)
        self._told_room = Budget(bounds.TOLD_BYTES)
        self._told_left = bounds.TOLD
        self._details = Details()
        self._records: dict[int, StreamRecord] = {}
        self.payload = b""
        self.packets = 0
        self.exchanges = 0  # over, wanted or not
        self.rows: list[tuple[int, bytes]] = []
        self.rows_left_out = 0
        self.details: list[tuple[int, bytes]] = []
        self.connections: list[tuple[int, bytes]] = []
        self.connections_left_out = 0
        self.ladders: list[tuple[int, bytes]] = []
        self.ladders_left_out = 0
        self.ladders_cut = 0
        self.ladders_untold = 0
        self.notes: list[list[Any]] = []
        self.plain: list[tuple[int, list[str]]] = []
        self.statistics = Statistics()
        self.terms: dict[str, set[str]] = {"field": set(), "status": set(), "method": set(), "coding": set()}

    @property
    def fields(self) -> list[list[str]]:
        """The header fields that messages name by their number."""
        return self._details.pairs.table

    # ------------------------------------------------------------------ packets

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        """A packet went all the way through; its bytes are in `payload`."""
        self.packets += 1
        of = self._open.get(record.stream)
        if of is None:
            of = self._open[record.stream] = _Open(self._store)
        kept = of.kept
        of.client_index = record.side if record.sender is Direction.CLIENT else 1 - record.side
        of.http = of.http or any(isinstance(one, MessageBegan) for one in happenings)
        most = bounds.PACKETS_OF_ONE if of.http else _WITHOUT_HTTP
        if len(kept.packets) < most and self._held_packets < bounds.PACKETS:
            if not happenings:
                happenings = _NO_HAPPENINGS
            elif not kept.told:
                happenings = [one for one in happenings if isinstance(one, GapGivenUp)]
            kept.packets.append((record, happenings))
            self._held_packets += 1
            if kept.told:
                self._told_left -= 1
                if self._told_left < 0:
                    self._tell_no_more(kept)
        else:
            kept.left_out += 1
            if kept.told:
                self._tell_no_more(kept)
        payload, self.payload = self.payload, b""
        if payload:
            start = of.numbers[record.side](record.seq) + ("S" in record.flags)
            of.held[record.side].add(start, payload)
        if of.over:
            self._settle(of)

    def _tell_no_more(self, kept: ladder.Kept) -> None:
        """Prose would go beyond its bound: what only prose needs is let go, and others may be told instead."""
        self._told_left += len(kept.packets)
        kept.told = False
        kept.exchanges = []
        kept.packets = [
            (record, [one for one in happenings if isinstance(one, GapGivenUp)] if happenings else _NO_HAPPENINGS)
            for record, happenings in kept.packets
        ]

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        """The connection is over, and its record was given to :meth:`stream` before."""
        of = self._open.pop(stream, None)
        record = self._records.pop(stream, None)
        if of is None or record is None:
            return
        of.client_index = record.client_index
        self._settle(of)
        kept = of.kept
        kept.closing = happenings
        for held in of.held:
            held.let_go()
        self._held_packets -= len(kept.packets)
        asked = self._streams is not None and stream in self._streams
        everything = self._wanted is None and self._streams is None
        if not (asked or everything or of.matched):
            self._told_left += len(kept.packets) if kept.told else 0
            return
        self._connection(record, of)
        self._ladder(record, kept)

    def stream(self, record: StreamRecord) -> None:
        """A connection is over."""
        self.statistics.connection(record)
        self._records[record.stream] = record

    # ------------------------------------------------------------------ exchanges

    def taker(self, number: int, sender: Direction) -> Callable[[bytes], object] | None:
        """Who wants a body's content as it passes."""
        if self._details.bodies.share(bounds.BODY) < 64:
            return None
        kept = self._bodies[number, sender] = KeptBody(self._body_room)
        return kept.write

    def exchange_over(self, exchange: Exchange, request: Place | None, response: Place | None) -> None:
        """An exchange is over. Its connection's current packet may still be on its way to :meth:`packet`."""
        self.exchanges += 1
        of = self._open.get(exchange.stream)
        if of is None:
            of = self._open[exchange.stream] = _Open(self._store)
        if of.kept.told:
            of.kept.exchanges.append(exchange)
        of.exchanges += 1
        of.over.append(_Over(exchange, request, response))

    def _settle(self, of: _Open) -> None:
        """Take in the exchanges that are over, now that all of their bytes are here."""
        over, of.over = of.over, []
        for one in over:
            exchange = one.exchange
            bodies = {side: self._bodies.pop((exchange.no, side), None) for side in Direction}
            if self._wanted is None or self._wanted(exchange):
                of.matched += 1
                self._exchange(of, one, bodies)
            for body in bodies.values():
                if body is not None:
                    body.let_go()
            for side, place in ((Direction.CLIENT, one.request), (Direction.SERVER, one.response)):
                if place is not None and place[1] is not None:
                    of.held[self._side(of, side)].free(1 + place[1])

    @staticmethod
    def _side(of: _Open, sender: Direction) -> int:
        return of.client_index if sender is Direction.CLIENT else 1 - of.client_index

    def _exchange(self, of: _Open, over: _Over, bodies: dict[Direction, KeptBody | None]) -> None:
        exchange = over.exchange
        self.statistics.exchange(exchange)
        row = embedded(self._row(exchange))
        if len(self.rows) >= bounds.ROWS or not self._row_room.spend(len(row)):
            self.rows_left_out += 1
            return
        self.rows.append((exchange.no, row))
        self._plain_row(exchange)
        self._terms(exchange)
        for one in exchange.notes:
            if len(self.notes) < bounds.NOTES:
                self.notes.append([exchange.no, *note(one)])
        self._spans(of, over)
        detail = self._details.exchange(exchange)
        if not self._details.heads.spend(len(embedded(detail))):
            return
        for name, side, message, place in (
            ("request", Direction.CLIENT, exchange.request, over.request),
            ("response", Direction.SERVER, exchange.response, over.response),
        ):
            if message is None:
                continue
            detail[name]["body"] = self._details.body(message.body, bodies[side])
            if place is not None:
                start = 1 + place[0]
                end = min(1 + _end(place, message), start + bounds.WIRE)
                detail[name]["sent"] = self._details.sent(of.held[self._side(of, side)].take(start, end), start)
        self.details.append((exchange.no, embedded(detail)))

    def _spans(self, of: _Open, over: _Over) -> None:
        """Where the messages lie, for the byte map; in relative sequence numbers, where the first octet is 1."""
        exchange, spans = over.exchange, of.kept.spans
        if exchange.tls is not None or exchange.h2_stream is not None:
            return  # its places are not those of the bytes on the wire
        if not of.kept.packets or len(spans) >= bounds.PACKETS_OF_ONE:
            return
        request, response = exchange.request, exchange.response
        if over.request is not None and request is not None:
            label = f"{clean(request.method, 20)} {clean(request.target, 200)}"
            spans.append(_span(exchange.no, "request", Direction.CLIENT, over.request, request, label))
        if over.response is None or response is None:
            return
        start = over.response[0]
        for one in reversed(exchange.informational):
            start -= one.header_size
            place = (start, start + one.header_size)
            spans.append(_span(exchange.no, "informational", Direction.SERVER, place, one, _status_label(one)))
        label = _status_label(response)
        spans.append(_span(exchange.no, "response", Direction.SERVER, over.response, response, label))

    def _row(self, exchange: Exchange) -> list[Any]:
        """The table's row; its cells are named in the page's script (data.js)."""
        request, response, timings = exchange.request, exchange.response, exchange.timings
        url = None
        if request is not None:
            url = clean(request.url if request.url is not None else request.target, bounds.ROW_URL)
        essence = (response.body.content_type or "").partition(";")[0].strip().lower() if response is not None else ""
        return [
            exchange.no,
            exchange.stream,
            clean(request.method, 40) if request is not None else None,
            url,
            response.status if response is not None else None,
            clean(response.reason or "", 80) if response is not None else None,
            clean(essence, 80),
            response.body.size if response is not None else None,
            begins(exchange) - self._started(),
            took(exchange),
            timings.connect,
            timings.tls,
            timings.send,
            timings.wait,
            timings.receive,
            sorted({one.code for one in exchange.notes}),
        ]

    def _plain_row(self, exchange: Exchange) -> None:
        """The row as it stands in the page itself."""
        if len(self.plain) >= bounds.PLAIN_ROWS:
            return
        row = self._row(exchange)
        self.plain.append((exchange.no, [str(cell) if cell is not None else "–" for cell in (*row[:5], row[7])]))

    def _terms(self, exchange: Exchange) -> None:
        """What the page explains because it occurs here."""
        messages: list[Message | None] = [exchange.request, exchange.response, *exchange.informational[:5]]
        for message in messages:
            if message is None:
                continue
            fields = self.terms["field"]
            if len(fields) < bounds.NOTES:
                fields.update(name[:100].lower() for name, _value in message.headers[: bounds.FIELDS])
            if isinstance(message, Response) and message.status is not None:
                self.terms["status"].add(str(message.status))
            if message.body.encoding and len(self.terms["coding"]) < bounds.FIELDS:
                self.terms["coding"].add(message.body.encoding[:100])
        if exchange.request is not None and len(self.terms["method"]) < bounds.FIELDS:
            self.terms["method"].add(exchange.request.method[:40])

    # ------------------------------------------------------------------ connections

    def _connection(self, record: StreamRecord, of: _Open) -> None:
        if len(self.connections) >= bounds.CONNECTIONS:
            self.connections_left_out += 1
            return
        client, server = record.client_side, record.server_side
        tls = record.tls
        row = [
            record.stream,
            str(record.client),
            str(record.server),
            record.application,
            of.exchanges,
            client.packets + server.packets,
            client.bytes,
            server.bytes,
            client.retransmissions + server.retransmissions,
            client.out_of_order + server.out_of_order,
            client.missing_bytes + server.missing_bytes,
            client.missing_acked_bytes + server.missing_acked_bytes,
            record.rtt_ns,
            record.handshake,
            record.close,
            record.time_ns - self._started(),
            record.end_time_ns - record.time_ns,
            clean(tls.sni, 200) if tls is not None and tls.sni else None,
        ]
        self.connections.append((record.stream, embedded(row)))

    def _ladder(self, record: StreamRecord, kept: ladder.Kept) -> None:
        if not kept.packets or self._ladder_room.left <= 0:
            self.ladders_left_out += 1
            return
        told = kept.told and self._told_room.left > 0
        made = ladder.connection(kept, record, self._started(), told)
        prose = made.pop("prose")
        numbers = embedded(made)
        if not self._ladder_room.spend(len(numbers)):
            self.ladders_left_out += 1
            return
        written = b"" if prose is None else embedded(prose)
        if written and self._told_room.spend(len(written)):
            numbers = numbers[:-1] + b',"prose":' + written + b"}"
        else:
            self.ladders_untold += 1
        self.ladders_cut += kept.left_out > 0
        self.ladders.append((record.stream, numbers))


def _end(place: Place, message: Message) -> int:
    """One behind the message's last octet."""
    start, end = place
    return end if end is not None else start + message.header_size + message.body.size


def _span(no: int, kind: str, sender: Direction, place: Place, message: Message, label: str) -> Span:
    return Span(no, kind, sender, 1 + place[0], 1 + _end(place, message), message.header_size, label)


def _status_label(response: Response) -> str:
    return "" if response.status is None else f"{response.status} {clean(response.reason or '', 60)}".rstrip()
