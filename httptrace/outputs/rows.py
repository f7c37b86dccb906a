"""The tables of `list`, `streams` and `packets`: which columns they have, at 80 cells and wider."""

from __future__ import annotations

from collections.abc import Callable

from httptrace.lang import N_, _
from httptrace.model import Direction, Exchange, PacketRecord, SideCounts, StreamRecord
from httptrace.outputs.amounts import UNKNOWN, begins, brief_duration, brief_size, endpoint, seconds, short_url, took
from httptrace.outputs.mediatype import parse
from httptrace.outputs.paint import Paint, status_style
from httptrace.outputs.safe import legible, safe
from httptrace.outputs.table import Column, Table
from httptrace.outputs.wrap import shorten

#: From this width on a row of `list` has room for both addresses; narrower, they stand in lines between the rows.
ADDRESSES_FIT = 120

#: Behind a row that has notes, or a connection that had trouble.
MARK = "!"

#: Behind a row that took long, where somebody said what long is.
SLOW = "*"

#: Characters of a reason phrase, method or content type that a cell looks at.
_LOOKED_AT = 200

Start = Callable[[], int]


def exchanges(width: int, paint: Paint, start: Start, slow_ns: int | None = None) -> Table[Exchange]:
    """The table of `list`; `start` gives the time of the capture's first packet. What took `slow_ns` is marked."""

    def slow(exchange: Exchange) -> bool:
        return slow_ns is not None and (took(exchange) or 0) >= slow_ns

    def mark(exchange: Exchange, _width: int) -> str:
        return (MARK if exchange.notes else "") + (SLOW if slow(exchange) else "")

    columns: list[Column[Exchange]] = [
        Column(N_("No"), 4, lambda exchange, _width: str(exchange.no), right=True),
        Column(N_("Time"), 8, lambda exchange, _width: seconds(begins(exchange) - start()), right=True),
        Column(N_("Client"), 21, lambda exchange, room: endpoint(exchange.client, room), needs=ADDRESSES_FIT),
        Column(N_("Server"), 21, lambda exchange, room: endpoint(exchange.server, room), needs=ADDRESSES_FIT),
        Column(N_("Request"), 8, _request, takes_rest=True),
        Column(N_("Status"), 13, _status, wide=25, style=_status_style),
        Column(N_("Type"), 9, _type, needs=72, wide=24),
        Column(N_("Size"), 6, _size, right=True),
        Column(
            N_("Took"),
            7,
            lambda exchange, _width: brief_duration(took(exchange)),
            right=True,
            style=lambda exchange: "yellow" if slow(exchange) else None,
        ),
        Column("", 1 if slow_ns is None else 2, mark, style=lambda _exchange: "yellow"),
    ]
    return Table(columns, width, paint)


def _request(exchange: Exchange, room: int) -> str:
    request = exchange.request
    if request is None:
        return UNKNOWN
    method = shorten(safe(request.method[:_LOOKED_AT]), 12)
    return f"{method} {short_url(exchange, room - len(method) - 1)}"


def _status(exchange: Exchange, _room: int) -> str:
    response = exchange.response
    if response is None:
        return UNKNOWN
    if response.status is None:  # HTTP/0.9 has no status line, or it was lost
        return UNKNOWN if exchange.protocol != "HTTP/0.9" else "HTTP/0.9"
    reason = legible(response.reason or "", _LOOKED_AT)
    return f"{response.status} {reason}".rstrip()


def _status_style(exchange: Exchange) -> str | None:
    return status_style(exchange.response.status) if exchange.response is not None else "dim"


def _type(exchange: Exchange, room: int) -> str:
    """The content type; only its second half where the whole does not fit (`json` for `application/json`)."""
    response = exchange.response
    if response is None or not response.body.content_type:
        return UNKNOWN
    essence = safe(parse(response.body.content_type)[0][:_LOOKED_AT])
    _tree, slash, subtype = essence.partition("/")
    return essence if len(essence) <= room or not slash else shorten(subtype, room)


def _size(exchange: Exchange, _room: int) -> str:
    return brief_size(exchange.response.body.size if exchange.response is not None else None)


def streams(width: int, paint: Paint, start: Start) -> Table[StreamRecord]:
    """The table of `streams`."""
    columns: list[Column[StreamRecord]] = [
        Column(N_("Stream"), 4, lambda stream, _width: str(stream.stream), right=True),
        Column(N_("Time"), 8, lambda stream, _width: seconds(stream.time_ns - start()), right=True, needs=120),
        Column(N_("Client"), 20, lambda stream, room: endpoint(stream.client, room), wide=30),
        Column(N_("Server"), 8, lambda stream, room: endpoint(stream.server, room), takes_rest=True),
        Column(N_("Speaks"), 7, lambda stream, _width: stream.application, needs=72, wide=9, roomy=88),
        Column(
            N_("Packets"), 7, lambda stream, _width: str(_both(stream, lambda one: one.packets)), right=True, needs=96
        ),
        Column(N_("Sent"), 6, lambda stream, _width: brief_size(stream.client_side.bytes), right=True),
        Column(N_("Got"), 6, lambda stream, _width: brief_size(stream.server_side.bytes), right=True),
        Column(N_("RTT"), 7, lambda stream, _width: brief_duration(stream.rtt_ns), right=True, needs=120),
        Column(
            N_("Again"),
            5,
            lambda stream, _width: _count(_both(stream, lambda one: one.retransmissions)),
            right=True,
            needs=104,
        ),
        Column(
            N_("Missing"),
            7,
            lambda stream, _width: _count(_both(stream, lambda one: one.missing_bytes)),
            right=True,
            needs=112,
        ),
        Column(N_("Opened"), 8, lambda stream, _width: stream.handshake, needs=120),
        Column(N_("Closed"), 7, _closed),
        Column("", 1, lambda stream, _width: MARK if troubled(stream) else "", style=lambda _stream: "yellow"),
    ]
    return Table(columns, width, paint)


def between(exchange: Exchange) -> str:
    """The line between rows where a narrow table comes to another connection."""
    return f"── {exchange.client} → {exchange.server}"


def troubled(stream: StreamRecord) -> bool:
    """Whether bytes of a connection came again or are missing."""
    return bool(_both(stream, lambda side: side.retransmissions) or _both(stream, lambda side: side.missing_bytes))


def _both(stream: StreamRecord, count: Callable[[SideCounts], int]) -> int:
    return count(stream.client_side) + count(stream.server_side)


def _count(number: int) -> str:
    return str(number) if number else UNKNOWN


def _closed(stream: StreamRecord, _room: int) -> str:
    return "refused" if stream.handshake == "refused" else stream.close


def packets(width: int, paint: Paint, start: Start) -> Table[PacketRecord]:
    """The table of `packets`."""
    columns: list[Column[PacketRecord]] = [
        Column(N_("No"), 6, lambda packet, _width: str(packet.packet), right=True),
        Column(N_("Time"), 10, lambda packet, _width: seconds(packet.time_ns - start(), 6), right=True),
        Column(N_("Stream"), 4, lambda packet, _width: str(packet.stream), right=True, needs=72),
        Column(N_("From"), 6, lambda packet, _width: _(packet.sender.name.lower()), style=sender_style),
        Column(N_("Flags"), 5, lambda packet, _width: packet.flags),
        Column("seq", 8, lambda packet, _width: str(packet.seq), right=True),
        Column("ack", 8, lambda packet, _width: UNKNOWN if packet.ack is None else str(packet.ack), right=True),
        Column("len", 5, lambda packet, _width: str(packet.length), right=True),
        Column(N_("Window"), 8, lambda packet, _width: str(packet.window), right=True, needs=96),
        Column(
            N_("Analysis"),
            8,
            lambda packet, _width: " ".join(packet.analysis),
            takes_rest=True,
            style=lambda _packet: "yellow",
        ),
    ]
    return Table(columns, width, paint)


def sender_style(packet: PacketRecord) -> str:
    """The colour of a side: the same everywhere."""
    return "green" if packet.sender is Direction.CLIENT else "magenta"
