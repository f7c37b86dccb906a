"""Which state each side of a connection is in, as its packets tell it (RFC 9293 §3.3.2, Figure 5).

A side of a TCP connection is in one of eleven states, and moves from one to another when it sends or receives a SYN,
a FIN, a reset, or the confirmation of its own SYN or FIN. Data and windows move nothing. Both sides are told apart
only by who begins: who asks for the connection (CLOSED, SYN-SENT, ESTABLISHED) and who waits for it (LISTEN,
SYN-RECEIVED, ESTABLISHED); who closes first (FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT) and who second (CLOSE-WAIT, LAST-ACK,
CLOSED).

States are inside the two machines, and a capture shows packets only. So this is what an observer takes for true:

- A packet is received as soon as it is seen. What its sender does not know yet when it sends is another matter.
- What a packet proves counts, whatever was seen before. Who acknowledges a number has received it, so a third step of
  the handshake opens the connection even where the second was not captured.
- A FIN behind missing bytes is received only when it is acknowledged: TCP takes bytes in order.
- Who closes without having acknowledged the other's FIN had not received it: both close at once. It was ESTABLISHED
  still, and this is the one place where a state before a packet is not the state after the one before it.
- Where the first packet is no SYN the connection was open already: ESTABLISHED is assumed, and `assumed` says so.
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto

from httptrace.model import Direction, PacketRecord


class State(StrEnum):
    """The states, by the names of RFC 9293 §3.3.2."""

    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYN-SENT"
    SYN_RECEIVED = "SYN-RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT_1 = "FIN-WAIT-1"
    FIN_WAIT_2 = "FIN-WAIT-2"
    CLOSE_WAIT = "CLOSE-WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST-ACK"
    TIME_WAIT = "TIME-WAIT"


class Event(Enum):
    """What moves a side."""

    SENDS_SYN = auto()
    SENDS_SYN_ACK = auto()
    SENDS_FIN = auto()
    SENDS_RESET = auto()
    RECEIVES_SYN = auto()
    RECEIVES_SYN_ACK = auto()
    RECEIVES_FIN = auto()
    RECEIVES_RESET = auto()
    SYN_CONFIRMED = auto()
    FIN_CONFIRMED = auto()


#: (state, event) -> state; what is not listed changes nothing. The two resets are at the end of the table, because
#: they end nearly every state.
TRANSITIONS: dict[tuple[State, Event], State] = {
    # Opening (RFC 9293 §3.5)
    (State.CLOSED, Event.SENDS_SYN): State.SYN_SENT,
    (State.LISTEN, Event.SENDS_SYN): State.SYN_SENT,
    (State.LISTEN, Event.SENDS_SYN_ACK): State.SYN_RECEIVED,
    (State.CLOSED, Event.SENDS_SYN_ACK): State.SYN_RECEIVED,
    (State.SYN_SENT, Event.RECEIVES_SYN): State.SYN_RECEIVED,  # simultaneous open
    (State.SYN_SENT, Event.SENDS_SYN_ACK): State.SYN_RECEIVED,  # simultaneous open
    (State.SYN_SENT, Event.RECEIVES_SYN_ACK): State.ESTABLISHED,
    (State.SYN_RECEIVED, Event.SYN_CONFIRMED): State.ESTABLISHED,
    (State.LISTEN, Event.SYN_CONFIRMED): State.ESTABLISHED,  # its SYN was not captured
    # Closing (RFC 9293 §3.6): the side that closes first
    (State.ESTABLISHED, Event.SENDS_FIN): State.FIN_WAIT_1,
    (State.SYN_RECEIVED, Event.SENDS_FIN): State.FIN_WAIT_1,
    (State.FIN_WAIT_1, Event.FIN_CONFIRMED): State.FIN_WAIT_2,
    (State.FIN_WAIT_2, Event.RECEIVES_FIN): State.TIME_WAIT,
    # the side that closes second
    (State.ESTABLISHED, Event.RECEIVES_FIN): State.CLOSE_WAIT,
    (State.SYN_RECEIVED, Event.RECEIVES_FIN): State.CLOSE_WAIT,
    (State.CLOSE_WAIT, Event.SENDS_FIN): State.LAST_ACK,
    (State.LAST_ACK, Event.FIN_CONFIRMED): State.CLOSED,
    # both at once
    (State.FIN_WAIT_1, Event.RECEIVES_FIN): State.CLOSING,
    (State.CLOSING, Event.FIN_CONFIRMED): State.TIME_WAIT,
    # Resets (RFC 9293 §3.5.2): who sends one is done; so is who receives one, but for a side that only waits for SYNs
    **{(state, Event.SENDS_RESET): State.CLOSED for state in State},
    **{(state, Event.RECEIVES_RESET): State.CLOSED for state in State if state is not State.LISTEN},
}

#: What a packet says of both sides: (before, after) of the client, then of the server.
Change = tuple[tuple[str, str], tuple[str, str]]


def reached(number: int | None, wanted: int | None) -> bool:
    """Whether an acknowledgment number covers all before `wanted`, on the 32-bit circle (RFC 9293 §3.4)."""
    return number is not None and wanted is not None and (number - wanted) & 0xFFFF_FFFF < 0x8000_0000


class _Side:
    """One side: its state, the numbers behind its SYN and its FIN, whether the FIN has arrived, and which state its
    connection attempt began in."""

    __slots__ = ("behind_fin", "behind_syn", "fin_arrived", "listened", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self.behind_syn: int | None = None
        self.behind_fin: int | None = None
        self.fin_arrived = False
        self.listened = state is State.LISTEN

    def happens(self, event: Event) -> None:
        self.state = TRANSITIONS.get((self.state, event), self.state)


class States:
    """Follows one connection's packets, which are given in the order of the capture.

    `listening` is False where it is known that nobody waits on the server's port. `assumed`: the capture does not
    hold the beginning, so the states follow from the assumption that the connection was ESTABLISHED.
    """

    __slots__ = ("_begun", "_sides", "assumed")

    def __init__(self, *, listening: bool = True) -> None:
        self.assumed = False
        self._begun = False
        self._sides: tuple[_Side, _Side] = (
            _Side(State.CLOSED),
            _Side(State.LISTEN if listening else State.CLOSED),
        )

    @property
    def client(self) -> State:
        """The client's state behind the packets so far."""
        return self._sides[Direction.CLIENT].state

    @property
    def server(self) -> State:
        """The server's state behind the packets so far."""
        return self._sides[Direction.SERVER].state

    def packet(self, record: PacketRecord) -> Change:
        """The states ((client before, after), (server before, after)) around the connection's next packet."""
        sender, receiver = self._sides[record.sender], self._sides[1 - record.sender]
        if not self._begun:
            self._begin(record, sender, receiver)
        self._hindsight(record, sender, receiver)
        before = [side.state for side in self._sides]
        if "R" in record.flags:
            sender.happens(Event.SENDS_RESET)
            self._reset_arrives(receiver)
        else:
            self._proved(record, sender, receiver)
            self._sent(record, sender)
            self._arrives(record, sender, receiver)
        client, server = self._sides
        return (before[0], client.state), (before[1], server.state)

    def _begin(self, record: PacketRecord, sender: _Side, receiver: _Side) -> None:
        """The states before the connection's first packet, where that is not a SYN alone."""
        self._begun = True
        if "S" not in record.flags:
            sender.state = receiver.state = State.ESTABLISHED
            self.assumed = True
        elif "A" in record.flags:
            sender.state, receiver.state = State.LISTEN, State.SYN_SENT

    def _hindsight(self, record: PacketRecord, sender: _Side, receiver: _Side) -> None:
        """A first FIN that does not acknowledge the peer's: the peer's had not arrived."""
        if "F" not in record.flags or sender.behind_fin is not None or sender.state is not State.CLOSE_WAIT:
            return
        if "A" in record.flags and not reached(record.ack, receiver.behind_fin):
            sender.state = State.ESTABLISHED
            receiver.fin_arrived = False

    def _proved(self, record: PacketRecord, sender: _Side, receiver: _Side) -> None:
        """What its sender must have received before it could send this."""
        if "A" not in record.flags:
            return
        if "S" not in record.flags:
            sender.happens(Event.RECEIVES_SYN_ACK)
            if sender.state is State.LISTEN:
                sender.happens(Event.SYN_CONFIRMED)
        if reached(record.ack, receiver.behind_fin) and not receiver.fin_arrived:
            receiver.fin_arrived = True
            sender.happens(Event.RECEIVES_FIN)

    def _sent(self, record: PacketRecord, sender: _Side) -> None:
        """What sending it does to the sender."""
        flags = record.flags
        if "S" in flags:
            sender.happens(Event.SENDS_SYN_ACK if "A" in flags else Event.SENDS_SYN)
            sender.behind_syn = record.seq + 1
        if "F" in flags and sender.behind_fin is None:
            sender.behind_fin = record.seq + ("S" in flags) + record.length + 1
            sender.happens(Event.SENDS_FIN)

    def _arrives(self, record: PacketRecord, sender: _Side, receiver: _Side) -> None:
        """What it does to the receiver: first what came before it, then its SYN, its acknowledgment and its FIN."""
        flags = record.flags
        ordered = "lost-segment" not in record.analysis
        both_closed = sender.behind_fin is not None and receiver.behind_fin is not None
        if both_closed and not sender.fin_arrived and "F" not in flags and ordered:
            sender.fin_arrived = True  # both close at once: the FIN sent before is there now
            receiver.happens(Event.RECEIVES_FIN)
        if "S" in flags:
            receiver.happens(Event.RECEIVES_SYN_ACK if "A" in flags else Event.RECEIVES_SYN)
        if "A" in flags:
            if receiver.behind_syn is None or reached(record.ack, receiver.behind_syn):
                receiver.happens(Event.SYN_CONFIRMED)
            if reached(record.ack, receiver.behind_fin):
                receiver.happens(Event.FIN_CONFIRMED)
        if "F" in flags and not sender.fin_arrived and ordered:
            sender.fin_arrived = True
            receiver.happens(Event.RECEIVES_FIN)

    def _reset_arrives(self, receiver: _Side) -> None:
        """A reset ends the connection; a side that had only answered a SYN waits for the next one (RFC 9293
        §3.10.7.4)."""
        waiting = receiver.listened and receiver.state is State.SYN_RECEIVED
        receiver.happens(Event.RECEIVES_RESET)
        if waiting:
            receiver.state = State.LISTEN
