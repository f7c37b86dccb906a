"""What each packet means for its connection, computed from the records alone: no text here.

One :class:`Connection` watches one connection. Numbers are unwrapped: behind 4 GiB they go on rising where
the records begin again at 0 (RFC 9293 §3.4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from httptrace.model import Direction, GapGivenUp, PacketRecord
from httptrace.outputs.narration.memory import Carried, Confirmations


class Opening(Enum):
    """What a packet is in the handshake (RFC 9293 §3.5)."""

    SYN = auto()
    SYN_AGAIN = auto()
    SYN_BOTH = auto()  # simultaneous open: the other side asks as well
    SYN_ACK = auto()
    SYN_ACK_AGAIN = auto()
    ACK = auto()
    ACK_ALONE = auto()  # the third step, where the second is not in the capture
    REFUSED = auto()


class Closing(Enum):
    """What a packet is in the close (RFC 9293 §3.6)."""

    FIRST_FIN = auto()
    FIRST_CONFIRMED = auto()
    SECOND_FIN = auto()
    SECOND_FIN_CONFIRMING = auto()  # steps 2 and 3 in one packet
    FIN_BOTH = auto()  # both sides close at once, neither has seen the other's FIN
    FIN_AGAIN = auto()
    LAST_CONFIRMED = auto()
    RESET = auto()


@dataclass(slots=True)
class Confirmed:
    """What an acknowledgment number newly confirms: bytes `start` to `end - 1` and the packets that
    carried them."""

    start: int
    end: int
    pieces: int
    first_packet: int | None
    last_packet: int | None


@dataclass(slots=True)
class Repeated:
    """Bytes `start` to `end - 1`, sent before. `wait_ns` since the latest sending; what is None is not
    remembered."""

    start: int
    end: int
    earlier: int | None
    uncaptured: bool  # the first copy was never in the capture
    latest: int | None
    wait_ns: int | None
    confirmed_in: int | None
    duplicates: int
    new_bytes: int


@dataclass(slots=True)
class Late:
    """Bytes that come behind later ones; `whole_up_to` is where the side's bytes are without a hole now."""

    overtaken_by: int | None
    duplicates: int
    lead_ns: int | None
    whole_up_to: int


@dataclass(slots=True)
class PacketFacts:
    """One packet, and what it means. `start` to `end` are its bytes, `next` the number behind its SYN or
    FIN too."""

    record: PacketRecord
    sender: Direction
    peer: Direction
    delta_ns: int | None
    start: int
    end: int
    next: int
    ack: int | None
    opening: Opening | None = None
    closing: Closing | None = None
    confirmed: Confirmed | None = None
    first_confirmation: bool = False
    hole: tuple[int, int] | None = None
    hole_confirmed_in: int | None = None
    unseen: tuple[int, int] | None = None
    repeated: Repeated | None = None
    late: Late | None = None
    duplicates: int = 0
    window_before: int | None = None
    idle_ns: int | None = None
    since_syn_ns: int | None = None
    syn_packet: int | None = None
    confirms_syn: bool = False
    attempts: int = 0
    lost: tuple[int, int] = (0, 0)
    in_flight: int = 0
    confirms_fin: bool = False
    has_all: bool = False  # the acknowledgment number leaves nothing open of what the peer was seen to send
    ack_before: int | None = None
    next_before: int | None = None  # the number behind all that the sender had sent before
    round_trip_ns: int | None = None  # since the packet that is confirmed, where that says how long the way is
    sent_twice: bool = False  # some of what is confirmed was sent more than once
    peer_window: int | None = None
    peer_in_flight: tuple[int, int] = (0, 0)  # of the peer's numbers: before and behind this packet


@dataclass(slots=True)
class Side:
    """What is known of one side's numbers. `highest` is the number behind everything seen of it."""

    highest: int | None = None
    confirmed: int | None = None  # the highest number the peer has acknowledged
    acked: int | None = None  # the latest number this side has acknowledged
    window: int | None = None
    syn: tuple[int, int] | None = None  # number of the packet, its time
    syns: int = 0
    syn_seq: int | None = None
    answered: bool = False  # a SYN-ACK of this side was seen
    fin_seq: int | None = None
    fin_confirmed: bool = False
    last_ns: int | None = None
    duplicates: int = 0
    packets: int = 0
    confirmed_bytes: bool = False
    probed: int = 0  # the number behind a zero-window probe's byte, which the peer may have taken or not
    carried: Carried = field(default_factory=Carried)
    confirmations: Confirmations = field(default_factory=Confirmations)
    disturbed: bool = False  # since the last confirmation of all: a hole, a late or a repeated piece
    sent_twice: bool = False

    @property
    def in_flight(self) -> int:
        """Numbers sent and not confirmed; 0 where nothing of it was confirmed in the capture."""
        return 0 if self.highest is None or self.confirmed is None else max(0, self.highest - self.confirmed)


def unwrap(number: int, near: int | None) -> int:
    """`number` of the 32-bit circle as the integer closest to `near`."""
    if near is None:
        return number
    return near + ((number - near + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000


class Connection:
    """Watches the packets of one connection, and says of each what it means."""

    def __init__(self) -> None:
        self.sides = (Side(), Side())
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.last_packet = 0
        self.open = False  # the handshake is behind us, or the capture began after it
        self.closed_by: Direction | None = None
        self.reset_by: Direction | None = None
        self.resets = 0

    def observe(self, record: PacketRecord) -> PacketFacts:
        """The facts of the connection's next packet."""
        sender = Direction(record.sender)
        peer = Direction(1 - sender)
        own, other = self.sides[sender], self.sides[peer]
        syn, fin = "S" in record.flags, "F" in record.flags
        waiting = other.in_flight
        start = unwrap(record.seq, own.highest) + syn
        end = start + record.length
        facts = PacketFacts(
            record,
            sender,
            peer,
            None if self.last_ns is None else record.time_ns - self.last_ns,
            start,
            end,
            end + fin,
            None,
        )
        if record.ack is not None and "A" in record.flags:
            facts.ack = unwrap(record.ack, other.highest if other.highest is not None else own.acked)
        facts.window_before, own.window, facts.peer_window = own.window, record.window, other.window
        facts.ack_before, facts.next_before = own.acked, own.highest
        facts.idle_ns = None if own.last_ns is None else record.time_ns - own.last_ns
        facts.opening = self._opening(facts, syn)
        if facts.opening is None and not self.open and not ("R" in record.flags or syn):
            self.open = True
        self._confirmations(facts)
        self._bytes(facts)
        facts.closing = self._closing(facts, fin)
        if own.highest is None or "zero-window-probe" not in record.analysis:
            own.highest = facts.next if own.highest is None else max(own.highest, facts.next)
        facts.in_flight, facts.peer_in_flight = own.in_flight, (waiting, other.in_flight)
        own.last_ns = self.last_ns = record.time_ns
        if self.first_ns is None:
            self.first_ns = record.time_ns
        self.last_packet = record.packet
        own.packets += 1
        return facts

    def gap(self, happening: GapGivenUp) -> tuple[int, int, int | None, int | None]:
        """Of missing bytes: the number of the first, the one behind the last, the packet behind them,
        and the one that confirmed them."""
        side, receiver = self.sides[happening.sender], self.sides[1 - happening.sender]
        start = unwrap(happening.seq, side.highest)
        end = start + happening.length
        behind = side.carried.behind(end)
        confirmed = receiver.confirmations.first(end) if happening.acked else None
        return start, end, behind.packet if behind else None, confirmed

    def _opening(self, facts: PacketFacts, syn: bool) -> Opening | None:
        record, own, other = facts.record, self.sides[facts.sender], self.sides[facts.peer]
        if syn and facts.ack is None:
            own.syns += 1
            facts.attempts = own.syns
            if own.syn is not None:
                facts.since_syn_ns = record.time_ns - own.syn[1]
                facts.syn_packet = own.syn[0]
                own.syn = (record.packet, record.time_ns)
                return Opening.SYN_AGAIN
            own.syn, own.syn_seq = (record.packet, record.time_ns), facts.start - 1
            return Opening.SYN_BOTH if other.syn is not None else Opening.SYN
        if syn:
            if other.syn is not None:
                facts.syn_packet, facts.since_syn_ns = other.syn[0], record.time_ns - other.syn[1]
            again, own.answered = own.answered, True
            self.open = self.open or other.answered
            own.syns += 1
            if own.syn_seq is None:
                own.syn_seq = facts.start - 1
            return Opening.SYN_ACK_AGAIN if again else Opening.SYN_ACK
        if self.open:
            return None
        if "R" in record.flags:
            if other.syn is None or own.packets:
                return None
            facts.syn_packet, facts.since_syn_ns = other.syn[0], record.time_ns - other.syn[1]
            return Opening.REFUSED
        if own.syn and other.packets == 0 and facts.ack is not None and facts.start == facts.end:
            self.open = True
            return Opening.ACK_ALONE
        if other.answered and other.syn_seq is not None and facts.ack is not None and facts.ack > other.syn_seq:
            self.open = True
            if own.syn is not None:
                facts.syn_packet, facts.since_syn_ns = own.syn[0], record.time_ns - own.syn[1]
                facts.attempts = own.syns
            return Opening.ACK
        return None

    def _confirmations(self, facts: PacketFacts) -> None:
        """What the acknowledgment number moves."""
        if facts.ack is None:
            return
        record, own, other = facts.record, self.sides[facts.sender], self.sides[facts.peer]
        before = other.confirmed
        facts.confirms_syn = other.syn_seq is not None and facts.ack == other.syn_seq + 1
        if "dup-ack" in record.analysis:
            own.duplicates += 1
        elif own.acked != facts.ack:
            own.duplicates = 0
        facts.duplicates = own.duplicates
        facts.has_all = other.highest is not None and facts.ack >= other.highest
        own.acked = facts.ack
        if before is not None and facts.ack <= before:
            return
        other.confirmed = facts.ack
        own.confirmations.add(facts.ack, record.packet)
        base = before if before is not None else (other.syn_seq if other.syn_seq is not None else facts.ack)
        start = base + 1 if base == other.syn_seq else base
        end = facts.ack - 1 if other.fin_seq is not None and facts.ack == other.fin_seq + 1 else facts.ack
        if end > start:
            other.confirmed_bytes = True
            pieces, first, last = other.carried.within(start, end)
            facts.confirmed = Confirmed(
                start, end, pieces, first.packet if first else None, last.packet if last else None
            )
            facts.sent_twice = other.sent_twice
            if last and last.end == end and not other.disturbed:
                facts.round_trip_ns = record.time_ns - last.time_ns
            facts.first_confirmation = start == (other.syn_seq + 1 if other.syn_seq is not None else start)
        if facts.has_all:
            other.disturbed = other.sent_twice = False
        if other.highest is not None and facts.ack > other.highest:
            facts.unseen = (other.highest, facts.ack)

    def _bytes(self, facts: PacketFacts) -> None:
        """Where the packet's bytes stand among those of its side."""
        record, own, other = facts.record, self.sides[facts.sender], self.sides[facts.peer]
        analysis = record.analysis
        if facts.start == facts.end or "keep-alive" in analysis:
            return
        if "zero-window-probe" in analysis:
            own.probed = facts.end
            return
        if own.highest is None or facts.start >= own.highest:
            if own.highest is not None and facts.start > max(own.highest, own.probed):
                facts.hole = (own.highest, facts.start)
                own.disturbed = True
                if (own.confirmed or 0) >= facts.start:
                    facts.hole_confirmed_in = other.confirmations.first(facts.start)
            own.carried.add(facts.start, facts.end, record.packet, record.time_ns)
            return
        own.disturbed = True
        earlier = own.carried.holding(facts.start)
        new = max(0, facts.end - max(own.highest, facts.start))
        if "out-of-order" in analysis or (earlier is None and "retransmission" not in analysis):
            behind = own.carried.behind(facts.end)
            own.carried.add(facts.start, facts.end, record.packet, record.time_ns)
            facts.late = Late(
                behind.packet if behind else None,
                other.duplicates if other.acked == facts.start else 0,
                record.time_ns - behind.time_ns if behind else None,
                own.carried.whole_up_to(facts.start),
            )
            return
        own.sent_twice = True
        facts.repeated = Repeated(
            facts.start,
            facts.end,
            earlier.packet if earlier else None,
            earlier is None and not own.carried.forgot,
            earlier.last_packet if earlier else None,
            record.time_ns - earlier.last_time_ns if earlier else None,
            other.confirmations.first(facts.end) if (own.confirmed or 0) >= facts.end else None,
            other.duplicates if other.acked is not None and facts.start <= other.acked < facts.end else 0,
            new,
        )
        if earlier:
            earlier.last_packet, earlier.last_time_ns = record.packet, record.time_ns
        else:
            own.carried.add(facts.start, facts.end, record.packet, record.time_ns)
        if new:
            own.carried.add(facts.end - new, facts.end, record.packet, record.time_ns)

    def _closing(self, facts: PacketFacts, fin: bool) -> Closing | None:
        own, other = self.sides[facts.sender], self.sides[facts.peer]
        if "R" in facts.record.flags:
            if facts.opening is not None:
                return None
            self.resets += 1
            facts.attempts = self.resets
            facts.lost = self._unconfirmed(facts.sender), self._unconfirmed(facts.peer)
            if self.reset_by is None:
                self.reset_by = facts.sender
            return Closing.RESET
        confirms = (
            other.fin_seq is not None
            and not other.fin_confirmed
            and facts.ack is not None
            and facts.ack > other.fin_seq
        )
        if confirms:
            other.fin_confirmed = facts.confirms_fin = True
        if not fin:
            if not confirms:
                return None
            return Closing.LAST_CONFIRMED if own.fin_seq is not None else Closing.FIRST_CONFIRMED
        if own.fin_seq is not None:
            return Closing.FIN_AGAIN
        own.fin_seq = facts.end
        if other.fin_seq is None:
            self.closed_by = facts.sender
            return Closing.FIRST_FIN
        if confirms:
            return Closing.SECOND_FIN_CONFIRMING
        if other.fin_confirmed:
            return Closing.SECOND_FIN
        self.closed_by = None
        return Closing.FIN_BOTH

    def _unconfirmed(self, direction: Direction) -> int:
        """Bytes of one side that the peer has not confirmed as far as the capture shows."""
        side = self.sides[direction]
        if side.highest is None or side.confirmed is None:
            return 0
        waiting = side.highest - side.confirmed
        return max(0, waiting - (side.fin_seq is not None and not side.fin_confirmed))
