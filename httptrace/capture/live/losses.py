"""When the kernel dropped packets: spans of time with their counts, for the gaps that lie in them."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque

from httptrace.limits import DROP_MARKS, DROP_SPANS

#: How long before the packet that shows a gap its bytes may have been sent: a retransmission timeout, as most are.
_REACH_NS = 1_000_000_000


class Losses:
    """Counted drops over time. Spans follow the clock that stamps packets; where it is set back, they overlap, and a
    gap finds them all."""

    def __init__(self) -> None:
        self._spans: deque[tuple[int, int, int]] = deque(maxlen=DROP_SPANS)
        self._packets: deque[int] = deque(maxlen=DROP_MARKS)
        self._times: deque[int] = deque(maxlen=DROP_MARKS)

    def dropped(self, since_ns: int, until_ns: int, count: int) -> None:
        """Between these times the kernel dropped so many packets."""
        if self._spans and since_ns <= self._spans[-1][1] and self._spans[-1][0] <= until_ns:
            begun, ended, before = self._spans[-1]
            if until_ns - begun <= _REACH_NS:  # one run of drops; a long one stays in pieces
                self._spans[-1] = (min(begun, since_ns), max(ended, until_ns), before + count)
                return
        self._spans.append((since_ns, until_ns, count))

    def mark(self, packet: int, time_ns: int) -> None:
        """The packets up to this number were seen by then."""
        self._packets.append(packet)
        self._times.append(time_ns)

    def __bool__(self) -> bool:
        return bool(self._spans)

    def around(self, packet: int, begun_ns: int) -> int:
        """How many packets were dropped at the time of a gap: `packet` stands behind it, its message began then."""
        place = bisect_left(self._packets, packet)
        if place == len(self._times):
            until = self._times[-1] if self._times else begun_ns
        else:
            until = self._times[place]
        since = max(begun_ns, until - _REACH_NS)
        return sum(count for start, end, count in self._spans if start <= until and since <= end)
