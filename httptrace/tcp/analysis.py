"""What Wireshark would say about each segment: the words of `tcp.analysis.*`, as tshark 4.0 sets them.

The rules hold a segment against a few numbers kept for either side. They are those of the section "TCP
Analysis" in Wireshark's user guide, down to corners that the guide does not mention. In the order they are
asked:

1. zero-window-probe: one byte, exactly where the sender's next byte belongs, while the receiver's window is
   0. Such a segment gets no word of rules 2 to 4, and its byte does not count as sent.
2. zero-window. lost-segment: begins behind the highest byte seen. keep-alive: at most one byte, one before
   the next. window-full: data up to the very end of the window that the receiver offered last.
3. No data, and seq and ack of the sender's last segment again: another window is a window-update; the same
   window is a keep-alive-ack where the peer's last segment was a keep-alive, else a dup-ack.
4. acked-unseen-segment: acknowledges bytes that this capture does not have.
5. A segment that takes up sequence numbers and is no keep-alive is a spurious-retransmission where all of
   its data was acknowledged before. Else, if it begins before the highest byte seen, it is a
   fast-retransmission where two duplicate ACKs asked for it, the last within 20 ms; out-of-order where the
   highest byte was seen less than a round trip ago (3 ms where the handshake is not in the capture); and a
   plain retransmission in any other case.

Three habits of Wireshark are kept, because the contract promises its words: a number that was not seen yet
is 0, so a sequence number that happens to be 0 counts as not seen; a window-scale option counts in any
segment; and what a RST carries moves the numbers like any other segment's. Three things differ: Wireshark
no longer counts SYN and FIN as a byte while 10,000 segments of their side wait for an ACK; its second pass
finds a SYN-ACK port-reused that another one contradicts later; and it forgives duplicate ACKs under
Multipath TCP.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from httptrace.limits import Room
from httptrace.model import ANALYSIS
from httptrace.tcp.handshake import ACK, FIN, RST, SYN
from httptrace.tcp.measure import SideMeasure
from httptrace.tcp.options import WINDOW_SCALE, parse_options
from httptrace.tcp.seq import seq_add, seq_after, seq_before, seq_diff

#: A fast retransmission follows the duplicate ACK within this time.
FAST_RETRANSMISSION_NS: Final = 20_000_000

#: What a round trip is taken to be where the handshake was not seen.
ROUND_TRIP_UNKNOWN_NS: Final = 3_000_000

_NEVER_PURE_ACK: Final = SYN | FIN | RST
_TAKES_A_NUMBER: Final = SYN | FIN

#: Wireshark's time differences are unsigned: a clock that went back gives a huge one, never a small one.
_UNSIGNED: Final = 0xFFFF_FFFF_FFFF_FFFF

# A set of words is an int with one bit each: most segments have none, and few combinations ever occur.
RETRANSMISSION: Final = 1 << 0
FAST_RETRANSMISSION: Final = 1 << 1
SPURIOUS_RETRANSMISSION: Final = 1 << 2
OUT_OF_ORDER: Final = 1 << 3
LOST_SEGMENT: Final = 1 << 4
ACKED_UNSEEN_SEGMENT: Final = 1 << 5
DUP_ACK: Final = 1 << 6
WINDOW_UPDATE: Final = 1 << 7
ZERO_WINDOW: Final = 1 << 8
WINDOW_FULL: Final = 1 << 9
ZERO_WINDOW_PROBE: Final = 1 << 10
KEEP_ALIVE: Final = 1 << 11
KEEP_ALIVE_ACK: Final = 1 << 12
PORT_REUSED: Final = 1 << 13


@cache
def words_of(found: int) -> tuple[str, ...]:
    """The words for a set of bits, which stand in the contract's order."""
    return tuple(word for bit, word in enumerate(ANALYSIS) if found >> bit & 1)


class _Segment(NamedTuple):
    """A segment as it was sent; `end` is the number behind its data, `next_seq` behind a SYN or FIN too."""

    seq: int
    ack: int
    flags: int
    window: int
    length: int
    time_ns: int
    end: int
    next_seq: int


class _Side:
    """What is remembered of the segments that one side sent. Numbers are as sent; 0 stands for "none yet"."""

    __slots__ = (
        "acked_unseen",
        "base_seq",
        "duplicate_acks",
        "last_ack",
        "last_ack_ns",
        "last_found",
        "measure",
        "next_seq",
        "next_seq_ns",
        "next_unbroken",
        "no_scaling",
        "shift",
        "unscaled_yet",
        "window",
    )

    def __init__(self, marks: Room | None) -> None:
        self.base_seq: int | None = None
        self.next_seq = 0  # behind the highest byte seen
        self.next_seq_ns = 0  # when that was seen
        self.next_unbroken = 0  # behind the highest byte that has no hole before it
        self.last_ack = 0
        self.last_ack_ns = 0
        self.duplicate_acks = 0
        self.acked_unseen = False  # data of its was acknowledged unseen, and its own ack did not change since
        self.window = 0xFFFF_FFFF  # of its last segment; at first one that no segment can carry
        self.last_found = 0
        self.shift: int | None = None  # scale of the windows it sends, where it is known
        self.no_scaling = False  # known, too: a SYN came without the option
        self.unscaled_yet = False  # its last window came with a SYN, where windows are never scaled
        self.measure = SideMeasure(marks)


class Analysis:
    """One connection (one conversation of Wireshark's).

    `port_reused`: another connection had this 4-tuple before, and this one begins with a SYN of another
    initial sequence number. `marks`: where what waits for an ACK is counted, over all connections.
    """

    __slots__ = ("_initial_rtt_ns", "_port_reused", "_sides", "_syn_ns")

    def __init__(self, port_reused: bool = False, marks: Room | None = None) -> None:
        self._sides = (_Side(marks), _Side(marks))
        self._port_reused = port_reused
        self._syn_ns = 0
        self._initial_rtt_ns = 0  # from the last SYN to the first ACK of either side (Wireshark's initial_rtt)

    def measure(self, side: int) -> SideMeasure:
        """Round trips and bytes in flight of what that side sent."""
        return self._sides[side].measure

    def let_go(self) -> None:
        """The connection is over: nothing is awaited any more."""
        for side in self._sides:
            side.measure.let_go()

    def scaled_window(self, side: int, window: int, flags: int) -> int:
        """The window in bytes, as Wireshark's tcp.window_size: unscaled with SYN (RFC 7323 §2.2), and where
        the scale is not known or was not agreed on. To be asked before `packet` is given the same
        segment."""
        if flags & SYN:
            return window
        return window << (self._sides[side].shift or 0)

    def packet(
        self,
        side: int,
        seq: int,
        ack: int,
        flags: int,
        window: int,
        length: int,
        options: bytes,
        time_ns: int,
    ) -> tuple[str, ...]:
        """The words for the connection's next segment, in the contract's order.

        `side`: 0 for the sender of the connection's first segment, 1 for its peer. seq, ack and window are
        as sent, `length` is the payload's by the IP header, `options` the octets behind the fixed header.
        """
        sender, receiver = self._sides[side], self._sides[1 - side]
        end = seq_add(seq, length)
        next_seq = seq_add(end, 1) if flags & _TAKES_A_NUMBER else end
        segment = _Segment(seq, ack, flags, window, length, time_ns, end, next_seq)
        found = self._begin(segment, sender, receiver)
        if length == 1 and seq == sender.next_seq and receiver.window == 0:
            found |= ZERO_WINDOW_PROBE
        else:
            found |= _against_last_numbers(segment, sender, receiver)
        if ack != sender.last_ack:
            sender.duplicate_acks = 0
            sender.acked_unseen = False
        if flags & ACK:
            found |= _about_acknowledged(ack, receiver)
            receiver.measure.acknowledged(ack, time_ns)
        if next_seq != seq and not found & KEEP_ALIVE:
            found |= self._about_sent_before(segment, sender, receiver)
        if _remember(segment, sender, found):
            sender.measure.reached(next_seq, receiver.last_ack or None, time_ns)
        self._end(segment, sender, receiver, options)
        if found & (FAST_RETRANSMISSION | SPURIOUS_RETRANSMISSION):
            found |= RETRANSMISSION
        return words_of(found)

    def _begin(self, segment: _Segment, sender: _Side, receiver: _Side) -> int:
        """The sides' initial sequence numbers, and what a SYN means that is not the first."""
        seq, flags = segment.seq, segment.flags
        found = 0
        if self._port_reused:
            self._port_reused = False
            found = PORT_REUSED
        if sender.base_seq is None:
            sender.base_seq = seq if flags & SYN else seq_add(seq, -1)
        elif flags & (SYN | ACK) == SYN | ACK:
            if seq != sender.base_seq:
                sender.base_seq = seq
                found |= PORT_REUSED
        elif flags & SYN and seq == sender.base_seq:
            # A SYN again. A RST that refused the first may have carried any number and moved the mark.
            sender.next_seq = sender.next_unbroken
        if receiver.base_seq is None and flags & ACK:
            receiver.base_seq = seq_add(segment.ack, -1)
        return found

    def _about_sent_before(self, segment: _Segment, sender: _Side, receiver: _Side) -> int:
        """Rule 5, for a segment that takes up sequence numbers."""
        seq, time_ns = segment.seq, segment.time_ns
        if segment.length and receiver.last_ack and seq_diff(segment.end, receiver.last_ack) <= 0:
            return SPURIOUS_RETRANSMISSION
        if not sender.next_seq or not seq_before(seq, sender.next_seq):
            return 0
        if segment.length > 1 and seq == seq_add(sender.next_seq, -1):
            return 0  # its first byte may have been a keep-alive's, the others are new
        asked_for = receiver.last_ack == seq and (receiver.duplicate_acks >= 2 or receiver.acked_unseen)
        if asked_for and (time_ns - receiver.last_ack_ns) & _UNSIGNED < FAST_RETRANSMISSION_NS:
            return FAST_RETRANSMISSION
        round_trip = (self._initial_rtt_ns or ROUND_TRIP_UNKNOWN_NS) & _UNSIGNED
        just_seen = (time_ns - sender.next_seq_ns) & _UNSIGNED < round_trip
        if just_seen and segment.next_seq != sender.next_seq:
            return OUT_OF_ORDER
        return RETRANSMISSION

    def _end(self, segment: _Segment, sender: _Side, receiver: _Side, options: bytes) -> None:
        """What only the segments after this one see: the window scale, and the round trip of the
        handshake."""
        flags = segment.flags
        if WINDOW_SCALE in options:  # the octet, anywhere: cheap to ask, and seldom wrong
            shift = parse_options(options).window_scale
            if shift is not None:
                sender.shift = shift
                sender.no_scaling = False
        if flags & SYN:
            _agree_on_scale(flags, sender, receiver)
            sender.unscaled_yet = True
            if not flags & ACK:
                self._syn_ns = segment.time_ns
        elif flags & ACK:
            sender.unscaled_yet = False
            if self._syn_ns and not self._initial_rtt_ns:
                self._initial_rtt_ns = segment.time_ns - self._syn_ns


def _against_last_numbers(segment: _Segment, sender: _Side, receiver: _Side) -> int:
    """Rules 2 and 3."""
    seq, flags, window, length = segment.seq, segment.flags, segment.window, segment.length
    found = 0
    if sender.next_seq and seq_after(seq, sender.next_seq) and not flags & RST:
        found = LOST_SEGMENT
    if flags & _NEVER_PURE_ACK:
        return found
    if not window:
        found |= ZERO_WINDOW
    if length <= 1 and seq == seq_add(sender.next_seq, -1):
        found |= KEEP_ALIVE
    if length:
        if _fills_window(segment, receiver):
            found |= WINDOW_FULL
    elif window and seq == sender.next_seq and segment.ack == sender.last_ack:
        if window != sender.window:
            found |= WINDOW_UPDATE
        elif receiver.last_found & KEEP_ALIVE:
            found |= KEEP_ALIVE_ACK
        else:
            sender.duplicate_acks = 1 if sender.acked_unseen else sender.duplicate_acks + 1
            sender.acked_unseen = False
            found |= DUP_ACK
    return found


def _fills_window(segment: _Segment, receiver: _Side) -> bool:
    """Whether the data ends where the receiver's window does, as far as its scale is known."""
    if receiver.shift is None and not receiver.no_scaling:
        return False
    shift = 0 if receiver.unscaled_yet else receiver.shift or 0
    return segment.end == seq_add(receiver.last_ack, receiver.window << shift)


def _about_acknowledged(ack: int, receiver: _Side) -> int:
    """Rule 4. One loss is told once: either the mark moves up to what was seen behind the hole, or the
    receiver's count of duplicate ACKs is spoilt until its own ack changes."""
    if not receiver.next_unbroken or not seq_after(ack, receiver.next_unbroken):
        return 0
    if seq_before(receiver.next_unbroken, receiver.next_seq):
        receiver.next_unbroken = receiver.next_seq
        return ACKED_UNSEEN_SEGMENT
    told_before = receiver.acked_unseen or receiver.duplicate_acks
    receiver.acked_unseen = True
    return 0 if told_before else ACKED_UNSEEN_SEGMENT


def _remember(segment: _Segment, sender: _Side, found: int) -> bool:
    """Keep what the next segments are held against; gives whether this one reached further than all
    before."""
    reached = False
    if not found & ZERO_WINDOW_PROBE:
        unbroken = not sender.next_unbroken or segment.seq == sender.next_unbroken
        if not sender.next_seq or seq_after(segment.next_seq, sender.next_seq):
            reached = segment.next_seq != segment.seq
            sender.next_seq = segment.next_seq
            sender.next_seq_ns = segment.time_ns
        if unbroken:
            sender.next_unbroken = sender.next_seq
    sender.window = segment.window
    sender.last_ack = segment.ack
    sender.last_ack_ns = segment.time_ns
    sender.last_found = found
    return reached


def _agree_on_scale(flags: int, sender: _Side, receiver: _Side) -> None:
    """Windows are scaled where both SYNs carry the option (RFC 7323 §2.2). Where one of the SYNs is not in
    the capture, the other one is believed for its own side."""
    if sender.shift is None and not sender.no_scaling:
        sender.no_scaling = receiver.no_scaling = True
        receiver.shift = None
    elif flags & ACK and receiver.no_scaling:
        sender.no_scaling = True
        sender.shift = None
