"""The connections of a capture, counted: what they speak, how they opened and closed, what was lost on the way, and
why those without HTTP have none.
"""

from __future__ import annotations

from collections import Counter
from enum import Enum, auto

from httptrace.model import SideCounts, StreamRecord
from httptrace.outputs.survey.tally import Counts, Spread

#: What the record says of connections whose exchanges are read.
_HTTP = ("http/1", "http/0.9", "websocket")


class Kind(Enum):
    """Why a connection has HTTP, or none."""

    HTTP = auto()
    HTTP2 = auto()
    TLS = auto()
    OTHER = auto()  # bytes that are nothing of the above
    ONE_WAY = auto()  # bytes that are nothing of the above, or missing, and no packet of one side
    CUT = auto()  # payload was sent and none of it captured
    REFUSED = auto()
    UNANSWERED = auto()  # SYNs, and nothing came back
    SILENT = auto()  # not one byte of payload


def kind_of(record: StreamRecord) -> Kind:
    """What a connection is to a reader who looks for HTTP."""
    client, server = record.client_side, record.server_side
    if record.application in _HTTP:
        return Kind.HTTP
    if record.application == "http/2":
        return Kind.HTTP2
    if record.application == "tls":
        return Kind.TLS
    sent, missing = client.bytes or server.bytes, client.missing_bytes or server.missing_bytes
    if (sent or missing) and not (client.packets and server.packets):
        return Kind.ONE_WAY
    if sent:
        return Kind.OTHER
    if missing:
        return Kind.CUT
    if record.handshake == "refused":
        return Kind.REFUSED
    if record.handshake == "partial" and not server.packets:
        return Kind.UNANSWERED
    return Kind.SILENT


class Side:
    """What one side of all connections sent again, late or not into the capture."""

    __slots__ = ("missing", "missing_acked", "never_captured", "out_of_order", "packets", "retransmissions")

    def __init__(self) -> None:
        self.packets = self.retransmissions = self.out_of_order = self.missing = self.missing_acked = 0
        self.never_captured = 0  # what is missing of connections of which this side is not in the capture at all

    def add(self, counts: SideCounts) -> None:
        self.packets += counts.packets
        self.retransmissions += counts.retransmissions
        self.out_of_order += counts.out_of_order
        self.missing += counts.missing_bytes
        self.missing_acked += counts.missing_acked_bytes
        if not counts.packets:
            self.never_captured += counts.missing_bytes


class Connections:
    """Counts connections; a few additions for each."""

    def __init__(self) -> None:
        self.count = 0
        self.kinds: Counter[Kind] = Counter()
        self.applications: Counter[str] = Counter()
        self.client, self.server = Side(), Side()
        self.retransmitting = self.out_of_order = self.with_missing = 0  # connections in which it happened
        self.resets = self.begun_before = 0
        self.one_way_http = 0
        self.round_trips = Spread()
        self.refused, self.unanswered = Counts(), Counts()  # by the address that was asked
        self.other_ports = Counts()
        self.other_begun_before = 0
        self.server_names = Counts()
        self.without_server_name = 0
        self.tls_versions = Counts()

    def add(self, record: StreamRecord) -> None:
        """Count one that is over."""
        self.count += 1
        kind = kind_of(record)
        self.kinds[kind] += 1
        self.applications[record.application] += 1
        client, server = record.client_side, record.server_side
        self.client.add(client)
        self.server.add(server)
        self.retransmitting += bool(client.retransmissions or server.retransmissions)
        self.out_of_order += bool(client.out_of_order or server.out_of_order)
        self.with_missing += bool(client.missing_bytes or server.missing_bytes)
        self.resets += record.close == "rst" and kind is not Kind.REFUSED
        self.begun_before += record.handshake == "unseen"
        if record.rtt_ns is not None:
            self.round_trips.add(record.rtt_ns)
        if kind is Kind.HTTP:
            self.one_way_http += not (client.packets and server.packets)
        elif kind is Kind.TLS:
            self._tls(record)
        elif kind is Kind.REFUSED:
            self.refused.add(str(record.server))
        elif kind is Kind.UNANSWERED:
            self.unanswered.add(str(record.server))
        elif kind is Kind.OTHER:
            self.other_ports.add(str(record.server.port))
            self.other_begun_before += record.handshake == "unseen"

    def _tls(self, record: StreamRecord) -> None:
        tls = record.tls
        if tls is not None and tls.version:
            self.tls_versions.add(tls.version)
        if tls is not None and tls.sni:
            self.server_names.add(tls.sni.lower())
        else:
            self.without_server_name += 1

    @property
    def retransmissions(self) -> int:
        return self.client.retransmissions + self.server.retransmissions

    @property
    def late(self) -> int:
        """Segments that came out of order."""
        return self.client.out_of_order + self.server.out_of_order

    @property
    def missing(self) -> int:
        return self.client.missing + self.server.missing

    @property
    def missing_acked(self) -> int:
        return self.client.missing_acked + self.server.missing_acked

    @property
    def never_captured(self) -> int:
        return self.client.never_captured + self.server.never_captured
