"""Round trips and bytes in flight of one side's data, measured where the capture was taken.

The capture point sits somewhere between the two ends: a round trip of the client's data is the way from
there to the server and back, and the sum of both sides' smallest is about the round trip of the whole path.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from httptrace.limits import AWAITING_ACK, Room
from httptrace.tcp.seq import seq_after, seq_diff

#: More than this is never in flight (RFC 7323 §2.3); a larger distance is a number from another connection.
LARGEST_WINDOW: Final = 1 << 30


class SideMeasure:
    """What was measured on the data one side sent, null where nothing could be.

    A round trip is the time from the segment that first reached a sequence number to the ACK of exactly
    that number. `in_flight` is the most that was sent and not acknowledged at one time (SYN and FIN count
    as a byte each).
    """

    __slots__ = (
        "_awaiting",
        "_marks",
        "_rtt_sum_ns",
        "in_flight",
        "round_trips",
        "rtt_max_ns",
        "rtt_min_ns",
    )

    def __init__(self, marks: Room | None = None) -> None:
        self._marks = marks  # where the segments that wait are counted, over all connections
        self.round_trips = 0
        self.rtt_min_ns: int | None = None
        self.rtt_max_ns: int | None = None
        self.in_flight = 0
        self._rtt_sum_ns = 0
        # (end of a segment, when it was first sent), ends ascending: an ACK takes from the left only.
        self._awaiting: deque[tuple[int, int]] | None = None

    @property
    def rtt_mean_ns(self) -> int | None:
        """The mean of all round trips, rounded down."""
        return self._rtt_sum_ns // self.round_trips if self.round_trips else None

    def reached(self, end: int, acknowledged: int | None, time_ns: int) -> None:
        """The side sent what no segment before had reached, up to `end`; the peer has acknowledged up to
        `acknowledged` (null: nothing yet)."""
        if self._awaiting is None:
            self._awaiting = deque()
        if len(self._awaiting) < AWAITING_ACK and (self._marks is None or self._marks.take(1)):
            self._awaiting.append((end, time_ns))
        if acknowledged is not None:
            in_flight = seq_diff(end, acknowledged)
            if self.in_flight < in_flight <= LARGEST_WINDOW:
                self.in_flight = in_flight

    def acknowledged(self, ack: int, time_ns: int) -> None:
        """The peer acknowledged everything before `ack`."""
        awaiting = self._awaiting
        while awaiting and not seq_after(awaiting[0][0], ack):
            end, sent_ns = awaiting.popleft()
            if self._marks is not None:
                self._marks.give_back(1)
            if end == ack and time_ns >= sent_ns:
                self._round_trip(time_ns - sent_ns)

    def let_go(self) -> None:
        """No ACK is awaited any more."""
        if self._awaiting and self._marks is not None:
            self._marks.give_back(len(self._awaiting))
        self._awaiting = None

    def _round_trip(self, rtt_ns: int) -> None:
        self.round_trips += 1
        self._rtt_sum_ns += rtt_ns
        if self.rtt_min_ns is None or rtt_ns < self.rtt_min_ns:
            self.rtt_min_ns = rtt_ns
        if self.rtt_max_ns is None or rtt_ns > self.rtt_max_ns:
            self.rtt_max_ns = rtt_ns
