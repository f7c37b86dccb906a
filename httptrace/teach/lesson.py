"""A capture as a lesson has it: its connections with their packets and exchanges, and what is known of each number."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from httptrace.model import Direction, Exchange, PacketRecord, StreamRecord

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


@dataclass(slots=True)
class Talk:
    """One connection: its record, its packets in the order of the capture, its exchanges by number.

    `cut`: the capture goes on behind what was read, so nothing is said about how the connection ends.
    """

    record: StreamRecord
    packets: list[PacketRecord] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    cut: bool = False

    def place(self, number: int) -> int:
        """Where the packet of that number stands, or would stand, among those of this connection."""
        return bisect_left(self.packets, number, key=lambda record: record.packet)

    def packet(self, number: int) -> PacketRecord | None:
        """The packet of that number, None where this connection has none."""
        place = self.place(number)
        found = self.packets[place] if place < len(self.packets) else None
        return found if found is not None and found.packet == number else None

    def since_start(self, record: PacketRecord) -> int:
        """When a packet was seen, in ns since the connection's first."""
        return record.time_ns - self.packets[0].time_ns

    def opening(self) -> tuple[PacketRecord, PacketRecord, PacketRecord] | None:
        """SYN, SYN-ACK and ACK, where the handshake stands in the capture without anything repeated in it."""
        if self.record.handshake != "complete" or len(self.packets) < 3:
            return None
        syn, syn_ack, ack = self.packets[:3]
        plain = (syn.flags, syn_ack.flags, ack.flags) == ("S", "AS", "A")
        if not plain or (syn.sender, syn_ack.sender, ack.sender) != (CLIENT, SERVER, CLIENT):
            return None
        return (syn, syn_ack, ack) if syn_ack.ack == 1 and ack.ack == 1 and not ack.length else None


@dataclass(slots=True)
class Lesson:
    """What a capture offers. `cut`: it has more packets than were read."""

    talks: list[Talk] = field(default_factory=list)
    cut: bool = False

    @property
    def packets(self) -> int:
        """How many packets there are to ask about."""
        return sum(len(talk.packets) for talk in self.talks)


def behind(record: PacketRecord) -> int:
    """The number behind all that the packet uses up: its data, and a byte each for SYN and FIN (RFC 9293 §3.4)."""
    return record.seq + record.length + ("S" in record.flags) + ("F" in record.flags)


def other(side: Direction) -> Direction:
    """The other side."""
    return Direction(1 - side)
