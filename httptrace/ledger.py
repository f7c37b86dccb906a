"""The ledger: where every captured byte of a direction went, from two sides that know nothing of each other.

What decode counted must be what the layers behind it accounted for:

    captured = messages (head, body, framing) + retransmitted + not HTTP + skipped in a resync + ignored + late

and the sequence numbers must cover what was seen and what is missing:

    highest - first = unique + missing but acknowledged + missing and never acknowledged

Where a side differs, httptrace is wrong somewhere: the audit says so and where.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from httptrace.errors import Said
from httptrace.model import Direction

#: Kinds of bytes that belong to no message, with what each stands for.
KINDS = {
    "framing": "empty lines between messages",
    "tls": "TLS",
    "tunnel": "inside a tunnel or an upgraded protocol",
    "http/2": "HTTP/2",
    "unknown": "another protocol, or not recognised",
    "resync": "passed over while looking for a start line",
}


@dataclass(slots=True)
class Share:
    """Captured octets of messages, as they were sent."""

    head: int = 0
    body: int = 0
    framing: int = 0

    @property
    def total(self) -> int:
        return self.head + self.body + self.framing

    def add(self, other: Share) -> None:
        """Add another share to this one."""
        self.head += other.head
        self.body += other.body
        self.framing += other.framing


@dataclass(slots=True)
class DirectionLedger:
    """One direction of one connection, or all of them together (`stream` and `sender` None)."""

    stream: int | None = None
    sender: Direction | None = None
    wire: int = 0  # payload by the IP headers
    captured: int = 0  # what of it the capture holds
    exchanges: int = 0
    messages: Share = field(default_factory=Share)
    kinds: dict[str, int] = field(default_factory=dict)
    retransmitted: int = 0
    ignored: int = 0
    late: int = 0
    span: int = 0  # highest - first sequence number
    unique: int = 0
    missing_acked: int = 0
    missing_unacked: int = 0

    @property
    def snapped(self) -> int:
        return self.wire - self.captured

    @property
    def accounted(self) -> int:
        """Captured octets that the layers behind decode accounted for."""
        return self.messages.total + sum(self.kinds.values()) + self.retransmitted + self.ignored + self.late

    @property
    def problems(self) -> list[str]:
        """What does not balance."""
        found: list[str] = []
        if self.captured != self.accounted:
            found.append(
                Said(
                    "captured {captured:,} bytes, accounted for {accounted:,}",
                    captured=self.captured,
                    accounted=self.accounted,
                )
            )
        covered = self.unique + self.missing_acked + self.missing_unacked
        if self.span != covered:
            found.append(
                Said(
                    "the sequence numbers span {span:,} bytes, seen and missing are {covered:,}",
                    span=self.span,
                    covered=covered,
                )
            )
        return found

    def add(self, other: DirectionLedger) -> None:
        """Add another direction to this one."""
        self.wire += other.wire
        self.captured += other.captured
        self.exchanges += other.exchanges
        self.messages.add(other.messages)
        for kind, count in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count
        self.retransmitted += other.retransmitted
        self.ignored += other.ignored
        self.late += other.late
        self.span += other.span
        self.unique += other.unique
        self.missing_acked += other.missing_acked
        self.missing_unacked += other.missing_unacked
