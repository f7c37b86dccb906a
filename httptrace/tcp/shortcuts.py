"""How nearly every connection opens and closes: each packet in few steps, with the same outcome as the long way.

A connection with one exchange has five packets of this kind and two of data, so here most of its time is spent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httptrace.model import End
from httptrace.tcp.halfstream import HalfStream
from httptrace.tcp.handshake import COMPLETE, SYN_ACK_SEEN, SYN_SEEN, Handshake
from httptrace.tcp.order import DirectionOrder

if TYPE_CHECKING:
    from httptrace.tcp.tracker import Tracker

_BY_FIN = End.FIN

HANDSHAKE_OPEN = (SYN_SEEN, SYN_ACK_SEEN)


class ShortCuts(DirectionOrder):
    """What every connection has, and what most do. What only some need stands on
    :class:`httptrace.tcp.connection.Connection`, with its first value.

    Each short cut says whether it applied; where it did, the connection is as the long way would have left it, and
    where it did not, nothing has changed.
    """

    __slots__ = (
        "application",
        "evidence",
        "finished",
        "first_packet",
        "first_syn",
        "first_time",
        "handshake",
        "keys",
        "parked",
        "rtt_ns",
        "sides",
        "stream",
        "syn_time",
        "tracker",
    )

    tracker: Tracker
    reset: bool
    handshake: Handshake
    first_syn: int | None
    syn_time: int
    rtt_ns: int | None

    def opens(self, half: HalfStream, seq: int, packet: int, time_ns: int) -> None:
        """The first packet of all is a plain SYN; what :meth:`segment` would do, in short."""
        half.base = half.syn_seq = seq
        half.next_seq = half.acked_seq = (seq + 1) & 0xFFFF_FFFF
        half.started = half.attention = half.peer.attention = True
        half.packets = 1
        half.last_packet, half.last_time = packet, time_ns
        self.handshake = SYN_SEEN
        self.first_syn = half.index
        self.syn_time = time_ns

    def agrees(self, half: HalfStream, seq: int, ack: int, packet: int, time_ns: int) -> bool:
        """A plain SYN-ACK: whether it answers the SYN and nothing else has happened; if so, it is taken in."""
        peer = half.peer
        if (
            self.handshake is not SYN_SEEN
            or self.first_syn == half.index
            or half.packets
            or half.started  # the peer confirmed bytes of this side before
            or ack != peer.next_seq
            or peer.offset
            or needs_attention(peer)
        ):
            return False
        half.base = half.syn_seq = seq
        half.next_seq = half.acked_seq = (seq + 1) & 0xFFFF_FFFF
        half.started = True
        half.packets = 1
        half.last_packet, half.last_time = packet, time_ns
        self.handshake = SYN_ACK_SEEN
        return True

    def completes(self, half: HalfStream, seq: int, ack: int, packet: int, time_ns: int) -> bool:
        """The third packet of the handshake, without data: whether from here on the fast path holds."""
        peer = half.peer
        if (
            self.handshake is not SYN_ACK_SEEN
            or self.first_syn != half.index
            or seq != half.next_seq
            or ack != peer.next_seq
            or needs_attention(half)
            or needs_attention(peer)
        ):
            return False
        peer.acked_seq = ack  # the peer may have spoken already
        self.handshake = COMPLETE
        if self.syn_time:
            self.rtt_ns = time_ns - self.syn_time
        half.attention = peer.attention = False
        half.packets += 1
        half.last_packet, half.last_time = packet, time_ns
        return True

    def closes(self, half: HalfStream, seq: int, ack: int, fin: bool, packet: int, time_ns: int) -> bool:
        """A FIN in order, or an ACK without data while the connection closes: whether that was all there is to it."""
        peer = half.peer
        if (
            (seq - half.ended) & 0xFFFF_FFFF != half.next_seq  # a FIN took a number
            or half.ended & fin
            or not peer.started
            or peer.ended < (ack - peer.next_seq) & 0xFFFF_FFFF < 0x8000_0000
            or self.handshake in HANDSHAKE_OPEN
            or self.reset
            # _has_holes() of both, written out: a quarter of the packets of short connections come through here.
            or half.held
            or peer.held
            or half.queue
            or peer.queue
            or half.history
            or peer.history
            or (half.fin_offset is not None and not half.ended)
            or (peer.fin_offset is not None and not peer.ended)
        ):
            return False
        half.packets += 1
        half.last_packet, half.last_time = packet, time_ns
        if (ack - peer.acked_seq) & 0xFFFF_FFFF < 0x8000_0000:
            peer.acked_seq = ack
        if fin:
            half.fin_offset = half.offset
            half.ended = half.attention = peer.attention = True
            half.sink.end(_BY_FIN, (packet, time_ns, peer.offset_of(ack)))
        return True


def _has_holes(half: HalfStream) -> bool:
    """Whether bytes of this direction wait, or are known to be missing."""
    return bool(half.held or half.queue or half.history or (half.fin_offset is not None and not half.ended))


def needs_attention(half: HalfStream) -> bool:
    """Whether the fast path could pass by something that concerns this direction."""
    return half.ended or half.fin_offset is not None or _has_holes(half)
