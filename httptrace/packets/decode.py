"""The hot path: from a captured frame to its TCP segment.

The usual shape (Ethernet, IPv4 without options, TCP, nothing cut) takes one unpack and one call. Everything else goes
to :mod:`httptrace.packets.unusual` and friends, which read like the RFCs and take their time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from struct import Struct
from typing import NamedTuple, Protocol

from httptrace.model import Frame
from httptrace.packets.cursor import Found, Skipped
from httptrace.packets.unusual import Unusual

#: EtherType, version and header length, total length, fragment bits, protocol, addresses and ports (which are the
#: connection's key, as they stand), seq, ack, data offset with flags, window.
USUAL = Struct("!12xHBxH2xHxB2x12sIIHH")
_NEED = 54
_ETHERNET = 1

#: The same without Ethernet, as live capture gives it.
USUAL_RAW = Struct("!BxH2xHxB2x12sIIHH")
_NEED_RAW = 40
_RAW = 101
_TCP = Struct("!IIHH")

#: Packets after which the caller may look around.
BATCH = 4_096


class Segment(NamedTuple):
    """What decoding gives where the usual shape does not apply. `length` is -1 where the header itself is impossible:
    a packet of its connection of which nothing but its flags and numbers can be used."""

    key: bytes
    seq: int
    ack: int
    bits: int
    window: int
    payload: bytes
    length: int
    options: bytes
    cut: bool  # the snap length cut the header itself


class Receiver(Protocol):
    """What takes the segments (:meth:`httptrace.tcp.tracker.Tracker.segment`)."""

    def __call__(
        self,
        key: bytes,
        seq: int,
        ack: int,
        flags: int,
        payload: bytes,
        length: int,
        packet: int,
        time_ns: int,
    ) -> object: ...


class Watcher(Protocol):
    """What takes every segment with its header's details, where packets are asked for."""

    def __call__(self, segment: Segment, packet: int, time_ns: int) -> object: ...


class Bystander(Protocol):
    """What looks at frames that are not of the usual shape as they pass."""

    def unusual(self, block: bytes, start: int, end: int, wire_length: int, link: int, udp: bool) -> object:
        """A frame; `udp`: that is why it has no segment."""


class Decoder:
    """Walks frames and hands on their segments; counts what is no TCP, by reason."""

    def __init__(self, bystander: Bystander | None = None) -> None:
        self.packets = 0
        self.tcp_packets = 0
        self.wire_bytes = 0  # TCP payload by the IP headers
        self.captured_bytes = 0  # what of it was captured
        self.skipped: Counter[str] = Counter()
        self._unusual = Unusual()
        self._bystander = bystander

    def run(self, frames: Iterable[Frame], receive: Receiver) -> Iterator[int]:
        """Decode all frames; gives the packet count every few thousand packets, so that the caller can look around."""
        return self._in_batches(frames, lambda batch: self._run(batch, receive))

    def watch(self, frames: Iterable[Frame], watcher: Watcher) -> Iterator[int]:
        """Decode all frames for someone who wants each segment's header as well; the slow path serves every shape."""
        return self._in_batches(frames, lambda batch: self._watch(batch, watcher))

    def _in_batches(self, frames: Iterable[Frame], decode: Callable[[Iterable[Frame]], None]) -> Iterator[int]:
        walk = iter(frames)
        while True:
            before = self.packets
            decode(islice(walk, BATCH))
            yield self.packets
            if self.packets - before < BATCH:
                return

    def _run(self, frames: Iterable[Frame], receive: Receiver) -> None:
        unpack, unpack_raw = USUAL.unpack_from, USUAL_RAW.unpack_from
        packet = self.packets
        wire_bytes = captured = tcp = 0
        time_ns = 0
        try:
            for block, start, end, wire_length, time_ns, link in frames:
                packet += 1
                if end - start >= _NEED and link == _ETHERNET:
                    kind, version, total, fragment, protocol, key, seq, ack, bits, _ = unpack(block, start)
                    header = 20 + (bits >> 12 << 2)
                    if (
                        kind == 0x0800
                        and version == 0x45
                        and protocol == 6
                        and not fragment & 0x3FFF
                        and 40 <= header <= total <= end - start - 14
                    ):
                        length = total - header
                        tcp += 1
                        if length:
                            wire_bytes += length
                            captured += length
                            data_at = start + 14 + header
                            receive(
                                key,
                                seq,
                                ack,
                                bits & 0xFF,
                                block[data_at : data_at + length],
                                length,
                                packet,
                                time_ns,
                            )
                        else:
                            receive(key, seq, ack, bits & 0xFF, b"", 0, packet, time_ns)
                        continue
                elif link == _RAW and end - start >= _NEED_RAW:
                    version, total, fragment, protocol, key, seq, ack, bits, _ = unpack_raw(block, start)
                    header = 20 + (bits >> 12 << 2)
                    if (
                        version == 0x45
                        and protocol == 6
                        and not fragment & 0x3FFF
                        and 40 <= header <= total <= end - start
                    ):
                        length = total - header
                        tcp += 1
                        wire_bytes += length
                        captured += length
                        data_at = start + header
                        data = block[data_at : data_at + length] if length else b""
                        receive(key, seq, ack, bits & 0xFF, data, length, packet, time_ns)
                        continue
                segment = self.unusual(block, start, end, wire_length, time_ns, link)
                if segment is not None:
                    tcp += 1
                    wire_bytes += max(segment.length, 0)
                    captured += len(segment.payload)
                    receive(
                        segment.key,
                        segment.seq,
                        segment.ack,
                        segment.bits & 0xFF,
                        segment.payload,
                        segment.length,
                        packet,
                        time_ns,
                    )
        finally:
            self.packets = packet
            self.tcp_packets += tcp
            self.wire_bytes += wire_bytes
            self.captured_bytes += captured

    def _watch(self, frames: Iterable[Frame], watcher: Watcher) -> None:
        for block, start, end, wire_length, time_ns, link in frames:
            self.packets += 1
            segment = self.unusual(block, start, end, wire_length, time_ns, link)
            if segment is not None:
                self.count(segment)
                watcher(segment, self.packets, time_ns)

    def count(self, segment: Segment) -> None:
        """Count a segment that :meth:`unusual` found."""
        self.tcp_packets += 1
        self.wire_bytes += max(segment.length, 0)
        self.captured_bytes += len(segment.payload)

    def unusual(self, block: bytes, start: int, end: int, wire_length: int, time_ns: int, link: int) -> Segment | None:
        """The segment of any frame, whatever its shape; None (and counted) where it holds none."""
        found = self._unusual.find(link, block, start, end, wire_length, time_ns)
        if self._bystander is not None:
            self._bystander.unusual(block, start, end, wire_length, link, found is Skipped.UDP)
        if not isinstance(found, Found):
            self.skipped[found.value] += 1
            return None
        return self.segment_of(found)

    def segment_of(self, found: Found) -> Segment | None:
        """Read the TCP header (RFC 9293 §3.1), as far as it was captured."""
        key, block, tcp_at, end, length = found
        seq, ack, bits, window = _TCP.unpack_from(block, tcp_at + 4)
        header = bits >> 12 << 2
        if header > length:
            return Segment(key, seq, ack, bits, window, b"", -1, b"", False)
        if header < 20:  # Wireshark shows no flags then; what the length says still takes up numbers
            return Segment(key, seq, ack, 0, window, b"", length - header, b"", False)
        data_at = tcp_at + header
        payload = block[data_at:end] if data_at < end else b""
        # Compiled by mypyc 2.4, a slice of bytes may not end before it begins.
        options = block[tcp_at + 20 : min(data_at, end)] if end > tcp_at + 20 else b""
        return Segment(key, seq, ack, bits, window, payload, length - header, options, data_at > end)
