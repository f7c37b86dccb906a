"""The same segment on several interfaces: seen again on its way through a bridge, a veth pair or a container."""

from __future__ import annotations

from httptrace.limits import DOUBLE_NS, DOUBLES

#: Where the IP header stands behind the headers of a link type; RAW is the ring's, the others the fallbacks'.
_IP_AT = {101: 0, 1: 14, 113: 16, 276: 20, 0: 4, 108: 4}

#: Addresses, ports, numbers, flags and window over IPv4; less than that is no segment to compare.
_LEAST = 24


class Doubles:
    """Tells a packet's second appearance, on another interface within 5 ms, from a retransmission.

    A segment belongs to the interface that showed it first. On that one it may come again (a retransmission is two
    packets); on any other, within the time, it is the same packet. Compared are addresses, ports, sequence and
    acknowledgment number, flags and window: what is rewritten on the way (time to live, checksums) is not.

    What is remembered stands in two tables that take turns, so it is bounded by time and by number.
    """

    def __init__(self) -> None:
        self.count = 0
        self._now: dict[bytes, tuple[int, int]] = {}
        self._before: dict[bytes, tuple[int, int]] = {}
        self._since = 0

    def seen(self, block: bytes, start: int, time_ns: int, link_type: int, interface: int) -> bool:
        """Whether the packet at `start` was counted on another interface."""
        start += _IP_AT.get(link_type, 0)
        # IPv4 without options: from the addresses to the window; IPv6: to the acknowledgment number and beyond. With
        # options or extension headers in between it is still the packet's own bytes that are compared.
        key = block[start + 12 : start + 36] if block[start] >> 4 == 4 else block[start + 8 : start + 56]
        if len(key) < _LEAST:
            return False
        if abs(time_ns - self._since) > DOUBLE_NS or len(self._now) >= DOUBLES // 2:
            self._before, self._now, self._since = self._now, {}, time_ns
        first = self._now.get(key) or self._before.get(key)
        if first is not None and first[0] != interface and abs(time_ns - first[1]) <= DOUBLE_NS:
            self.count += 1
            return True
        self._now[key] = (interface, time_ns)
        return False
