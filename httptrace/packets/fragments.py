"""IP datagrams put together from their fragments (RFC 791 §3.2, RFC 8200 §4.5).

Theory: of a datagram we know octets (a buffer), which of them have come (disjoint ranges in order, neighbours
merged) and, once the fragment without "more fragments" has come, how long it is. It is whole when one range
covers 0 to that length. RFC 815 keeps the holes instead; keeping what is there makes an overlap a question of
what lies between ranges, so the first copy of an octet wins. (RFC 5722 has a receiver drop overlapping IPv6
fragments; an observer cannot know that it did, and shows what was sent.)

Cost: ranges begin at multiples of 8 within 17 bits, merge as they meet, and filling the gaps inside a
fragment is paid for by its own octets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from httptrace.limits import FRAGMENT_BYTES, FRAGMENT_DATAGRAMS, FRAGMENT_NS


class Datagram:
    """One datagram of which some octets have come."""

    __slots__ = ("buffer", "ends", "first_ns", "length", "starts")

    def __init__(self, first_ns: int) -> None:
        self.buffer = bytearray()
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.length: int | None = None
        self.first_ns = first_ns

    def add(self, offset: int, octets: bytes, more: bool) -> None:
        """Keep what of these octets is new. The first that claims to be the last one says how long it is."""
        end = offset + len(octets)
        if not more and self.length is None:
            self.length = end
        buffer, starts, ends = self.buffer, self.starts, self.ends
        if len(buffer) < end:
            buffer.extend(bytes(end - len(buffer)))
        first = bisect_left(ends, offset)  # the ranges that these octets touch
        last = bisect_right(starts, end)
        place = offset
        for index in range(first, last):
            if place < starts[index]:
                buffer[place : starts[index]] = octets[place - offset : starts[index] - offset]
            place = max(place, ends[index])
        if place < end:
            buffer[place:end] = octets[place - offset :]
        if first < last:
            offset = min(offset, starts[first])
            end = max(end, ends[last - 1])
        starts[first:last] = [offset]
        ends[first:last] = [end]

    def whole(self) -> bytes | None:
        """The datagram's payload, or None while some of it is missing."""
        if self.length is None or not self.starts or self.starts[0] > 0 or self.ends[0] < self.length:
            return None
        return bytes(self.buffer[: self.length])


class Fragments:
    """All datagrams being put together, within the bounds of :mod:`httptrace.limits`.

    `given_up` counts the datagrams dropped incomplete because they took too long or too many others came.
    """

    def __init__(self) -> None:
        self._datagrams: dict[bytes, Datagram] = {}  # in the order of their first fragment
        self._held = 0
        self.given_up = 0

    def __len__(self) -> int:
        """How many datagrams are incomplete."""
        return len(self._datagrams)

    @property
    def held(self) -> int:
        """Octets in use for them."""
        return self._held

    def add(self, key: bytes, offset: int, octets: bytes, more: bool, time_ns: int) -> bytes | None:
        """The payload of the datagram that this fragment completes, or None.

        `key` names the datagram: addresses, identification and, in IPv4, the protocol. It is forgotten once
        whole, so a fragment repeated after that begins another one, as it does in Wireshark.
        """
        self._expire(time_ns)
        datagram = self._datagrams.get(key)
        if datagram is None:
            datagram = self._datagrams[key] = Datagram(time_ns)
        before = len(datagram.buffer)
        datagram.add(offset, octets, more)
        self._held += len(datagram.buffer) - before
        whole = datagram.whole()
        if whole is not None:
            self._forget(key)
        while len(self._datagrams) > FRAGMENT_DATAGRAMS or self._held > FRAGMENT_BYTES:
            self._forget(next(iter(self._datagrams)))
            self.given_up += 1
        return whole

    def _expire(self, now_ns: int) -> None:
        """Give up the datagrams whose first fragment came too long ago."""
        while self._datagrams:
            key = next(iter(self._datagrams))
            if now_ns - self._datagrams[key].first_ns <= FRAGMENT_NS:
                return
            self._forget(key)
            self.given_up += 1

    def _forget(self, key: bytes) -> None:
        self._held -= len(self._datagrams.pop(key).buffer)
