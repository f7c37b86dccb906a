"""What is told of a connection that is over: its record, what was measured on its sides, and its ledgers."""

from __future__ import annotations

from httptrace.application import Application
from httptrace.carrier import endpoint
from httptrace.ledger import DirectionLedger, Share
from httptrace.model import Direction, SideCounts, SideMeasures, StreamRecord
from httptrace.tcp.analysis import Analysis
from httptrace.tcp.connection import Connection
from httptrace.tcp.halfstream import HalfStream
from httptrace.tcp.handshake import WORDS


def stream_record(connection: Connection) -> StreamRecord:
    """What the contract prints of a connection."""
    application = connection.application
    assert isinstance(application, Application)
    client = connection.client
    counts = [
        SideCounts(
            *(half.packets, half.bytes, half.retransmissions, half.out_of_order, half.missing, half.missing_acked)
        )
        for half in connection.sides
    ]
    analysis = measures = None
    if connection.watcher is not None:
        words = connection.words or ({}, {})
        analysis = (words[client], words[1 - client])
        measures = (side_measures(connection, client), side_measures(connection, 1 - client))
    return StreamRecord(
        connection.stream,
        endpoint(connection.keys[client]),
        endpoint(connection.keys[1 - client]),
        connection.first_packet,
        connection.last_packet,
        connection.first_time,
        connection.last_time,
        WORDS[connection.handshake],
        connection.close,
        connection.rtt_ns,
        counts[client],
        counts[1 - client],
        application.name,
        application.tls,
        analysis,
        measures,
        client_index=client,
    )


def _span(half: HalfStream) -> int:
    """Highest - first sequence number of the data; what acknowledges a FIN, or jumps beyond it, is no data."""
    highest = max(half.highest, half.offset)
    return highest if half.fin_offset is None else min(highest, max(half.fin_offset, half.offset))


def side_measures(connection: Connection, side: int) -> SideMeasures:
    """What the analysis measured on one side."""
    watcher = connection.watcher
    assert isinstance(watcher, Analysis)
    measured = watcher.measure(side)
    offer = connection.offers[side] if connection.offers is not None else None
    return SideMeasures(
        measured.round_trips,
        measured.rtt_min_ns,
        measured.rtt_mean_ns,
        measured.rtt_max_ns,
        measured.in_flight,
        offer.mss if offer is not None else None,
        offer.window_scale if offer is not None else None,
        offer.sack_permitted if offer is not None else None,
    )


def ledgers(connection: Connection) -> list[DirectionLedger]:
    """The closed ledgers of a connection's two directions."""
    application = connection.application
    assert isinstance(application, Application)
    counted = connection.counted or [0, 0, 0, 0]
    client = connection.client
    found = []
    for half in connection.sides:
        kinds = {kind: count for (side, kind), count in (application.spent_bytes or {}).items() if side == half.index}
        share = application.shares[half.index] if application.shares is not None else Share()
        sender = Direction.CLIENT if half.index == client else Direction.SERVER
        found.append(
            DirectionLedger(
                connection.stream,
                sender,
                counted[half.index],
                counted[2 + half.index],
                application.exchanges,
                share,
                kinds,
                half.retransmitted_bytes,
                half.ignored_bytes,
                half.late_bytes,
                _span(half),
                half.bytes - half.early_bytes,
                half.missing_acked,
                half.missing - half.missing_acked,
            )
        )
    return sorted(found, key=lambda ledger: ledger.sender or 0)
