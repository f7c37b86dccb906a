"""The fast path, as one loop: from frames of the usual shape to bytes in order, without a call between.

What it does for a segment that is plainly in order is what the first half of
:meth:`httptrace.tcp.tracker.Tracker.segment` does, word for word; every other one is handed to what follows there,
:meth:`httptrace.tcp.tracker.Tracker.other`. Frames of another shape go through
:meth:`httptrace.packets.decode.Decoder.unusual`. A test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from struct import Struct
from typing import Final

from httptrace.limits import RECENT_BYTES
from httptrace.model import Frame
from httptrace.packets.decode import BATCH, Decoder
from httptrace.tcp.handshake import ACK, FIN, RST, SYN
from httptrace.tcp.tracker import Tracker

#: Ethernet, IPv4 without options, TCP: EtherType with version, header length and type of service; total length;
#: fragment bits with time to live and protocol; addresses and ports, the connection's key as they stand; seq; ack;
#: data offset with flags.
_USUAL = Struct("!12xIH2xI2x12sIIH")
_NEED: Final = 54
_ETHERNET: Final = 1

#: The same without Ethernet, as live capture gives it: version, header length and type of service stand first.
_USUAL_RAW = Struct("!HH2xI2x12sIIH")
_NEED_RAW: Final = 40
_RAW: Final = 101

_ONLY_ACK: Final = SYN | FIN | RST | ACK


def run(frames: Iterable[Frame], decoder: Decoder, tracker: Tracker) -> Iterator[int]:
    """Take in all frames; gives the packet count every few thousand packets, so that the caller can look around."""
    walk = iter(frames)
    while True:
        before = decoder.packets
        _run(islice(walk, BATCH), decoder, tracker)
        yield decoder.packets
        if decoder.packets - before < BATCH:
            return


def _run(frames: Iterable[Frame], decoder: Decoder, tracker: Tracker) -> None:
    unpack, unpack_raw = _USUAL.unpack_from, _USUAL_RAW.unpack_from
    known, remember = tracker.halves.get, tracker.recent.append
    grace_ends = tracker.grace_ends
    packet = decoder.packets
    seen = tcp = 0  # octets of payload, and packets, that were of the usual shape
    try:
        for block, start, end, wire_length, time_ns, link in frames:
            packet += 1
            if link == _ETHERNET and end - start >= _NEED:
                version, total, protocol, key, seq, ack, bits = unpack(block, start)
                ip_at = start + 14 if version >> 8 == 0x080045 else -1
            elif link == _RAW and end - start >= _NEED_RAW:
                version, total, protocol, key, seq, ack, bits = unpack_raw(block, start)
                ip_at = start if version >> 8 == 0x45 else -1
            else:
                ip_at = -1
            if ip_at >= 0:
                header = 20 + (bits >> 12 << 2)
                if protocol & 0x3FFF00FF == 6 and 40 <= header <= total <= end - ip_at:  # TCP, and no fragment
                    length = total - header
                    tcp += 1
                    seen += length
                    if time_ns >= grace_ends:
                        tracker.pass_time(time_ns)
                        grace_ends = tracker.grace_ends
                    half = known(key)
                    if half is not None and seq == half.next_seq and bits & _ONLY_ACK == ACK and not half.attention:
                        peer = half.peer
                        behind = (peer.next_seq - ack) & 0xFFFF_FFFF
                        if behind < 0x8000_0000 and peer.next_seq >= 0:
                            if ack != peer.acked_seq and (ack - peer.acked_seq) & 0xFFFF_FFFF < 0x8000_0000:
                                peer.acked_seq = ack
                            half.packets += 1
                            half.last_packet = packet
                            half.last_time = time_ns
                            if length:
                                data_at = ip_at + header
                                payload = block[data_at : data_at + length]
                                half.last_at = at = (packet, time_ns, peer.offset - behind)
                                offset = half.offset
                                first = payload if length <= RECENT_BYTES else payload[:RECENT_BYTES]
                                remember((packet, half, offset, first))
                                half.next_seq = (seq + length) & 0xFFFF_FFFF
                                half.offset = offset + length
                                half.bytes += length
                                try:
                                    sink = half.sink
                                    if length < sink.bulk:  # inside a long body
                                        sink.bulk -= length
                                        sink.bulk_at = at
                                        sink.take(payload)
                                    else:
                                        sink.data(payload, at)
                                except Exception as defect:
                                    tracker.defect(half.connection, defect)
                            continue
                    data_at = ip_at + header
                    payload = block[data_at : data_at + length]
                    tracker.other(half, key, seq, ack, bits & 0xFF, payload, length, packet, time_ns)
                    grace_ends = tracker.grace_ends
                    continue
            segment = decoder.unusual(block, start, end, wire_length, time_ns, link)
            if segment is not None:
                decoder.count(segment)
                tracker.segment(
                    *(segment.key, segment.seq, segment.ack, segment.bits & 0xFF, segment.payload, segment.length),
                    *(packet, time_ns),
                )
                grace_ends = tracker.grace_ends
    finally:
        decoder.packets = packet
        decoder.tcp_packets += tcp
        decoder.wire_bytes += seen
        decoder.captured_bytes += seen
