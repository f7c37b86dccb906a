"""Packets in a capture file: Ethernet, IPv4, TCP with time stamps, written with `struct` alone for speed.

IP checksums are right; TCP checksums are left open, as a capture shows them where the network card fills them in.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from struct import Struct
from typing import BinaryIO

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

#: Content of one segment at an MTU of 1500, with 12 octets of options.
SEGMENT = 1_448

_FILE_HEADER = Struct("<IHHiIII").pack(0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
_RECORD = Struct("<IIII")
_TIME = Struct("<II")
_FRAME = Struct("!16sHHHBBH12sIIHHIII")  # then time stamps: two NOPs, kind 8, length 10, value, echo
_STAMPS = 0x0101080A
_SYN_OPTIONS = bytes.fromhex("020405b4 0402 080a 00000001 00000000 01 030307".replace(" ", ""))
_ECHO = Struct("!I")
_BATCH = 4_096
_MICROSECONDS_A_PACKET = 9
_BEGAN = 1_780_000_000


class End:
    """One end of a connection, as its packets show it."""

    __slots__ = ("addresses", "checksum", "prefix", "seq")

    def __init__(self, own: bytes, other: bytes, port: int, other_port: int, seq: int) -> None:
        self.prefix = b"\x02\x00" + other + b"\x02\x00" + own + b"\x08\x00\x45\x00"
        self.addresses = own + other + port.to_bytes(2) + other_port.to_bytes(2)
        self.seq = seq
        words = [int.from_bytes((own + other)[i : i + 2]) for i in (0, 2, 4, 6)]
        self.checksum = sum(words) + 0x4500 + 0x4000 + 0x4006  # what is the same in every packet's IP header


class Disturbance:
    """What the capture suffers: shares of packets that come twice, come late, or were never captured."""

    def __init__(self, seed: str, twice: float, late: float, lost: float) -> None:
        self.random = Random(seed)
        self.lost = lost
        self.twice = lost + twice
        self.late = self.twice + late
        self.waiting: list[tuple[int, bytes]] = []  # the packet they come behind, and what they are


class Wire:
    """A capture being written. Counts what is in it, for the truth beside it."""

    def __init__(self, file: BinaryIO, disturbance: Disturbance | None = None) -> None:
        self._file = file
        self._disturbance = disturbance
        self._parts: list[bytes] = [_FILE_HEADER]
        self._ident = 0
        self.clock = 0  # microseconds since the capture began
        self.packets = 0
        self.connections = 0
        self.exchanges = 0

    def send(self, sender: End, receiver: End, bits: int, payload: bytes = b"", seq: int | None = None) -> bool:
        """One packet; with `seq` from another place than where the sender is. Says whether it was captured."""
        length = len(payload)
        total = 52 + length
        self.clock += _MICROSECONDS_A_PACKET
        self._ident = ident = self._ident + 1 & 0xFFFF
        checksum = sender.checksum + total + ident
        checksum = (checksum & 0xFFFF) + (checksum >> 16)
        checksum = (checksum & 0xFFFF) + (checksum >> 16) ^ 0xFFFF
        milliseconds = self.clock // 1000
        frame = _FRAME.pack(
            sender.prefix,
            total,
            ident,
            0x4000,
            64,
            6,
            checksum,
            sender.addresses,
            sender.seq if seq is None else seq,
            receiver.seq if bits & ACK else 0,
            0x8000 | bits,
            502,
            0,  # checksum and urgent pointer
            _STAMPS,
            milliseconds,
        )
        if seq is None:
            sender.seq = sender.seq + length + (bits & (SYN | FIN) != 0) & 0xFFFF_FFFF
        return self._record(frame + _ECHO.pack(milliseconds) + payload)

    def send_syn(self, sender: End, receiver: End, bits: int) -> bool:
        """A packet that opens, whose options say more."""
        total = 60
        self.clock += _MICROSECONDS_A_PACKET
        self._ident = ident = self._ident + 1 & 0xFFFF
        checksum = sender.checksum + total + ident
        checksum = (checksum & 0xFFFF) + (checksum >> 16)
        checksum = (checksum & 0xFFFF) + (checksum >> 16) ^ 0xFFFF
        acknowledged = receiver.seq if bits & ACK else 0
        frame = _FRAME.pack(
            *(sender.prefix, total, ident, 0x4000, 64, 6, checksum, sender.addresses, sender.seq, acknowledged),
            *(0xA000 | bits, 64_240, 0, 0, 0),
        )[:54]
        sender.seq = sender.seq + 1 & 0xFFFF_FFFF
        return self._record(frame + _SYN_OPTIONS)

    def _record(self, frame: bytes) -> bool:
        seconds, micro = divmod(self.clock, 1_000_000)
        length = len(frame)
        record = _RECORD.pack(_BEGAN + seconds, micro, length, length) + frame
        disturbance = self._disturbance
        if disturbance is not None:
            return self._disturbed(disturbance, record)
        self._keep(record)
        return True

    def _keep(self, record: bytes) -> None:
        self.packets += 1
        parts = self._parts
        parts.append(record)
        if len(parts) >= _BATCH:
            self._file.write(b"".join(parts))
            parts.clear()

    def _disturbed(self, disturbance: Disturbance, record: bytes) -> bool:
        chance = disturbance.random.random()
        waiting = disturbance.waiting
        if chance < disturbance.lost:
            return False
        if chance < disturbance.late:
            behind = self.packets + disturbance.random.randint(1, 8)
            waiting.append((behind, record))
            if chance >= disturbance.twice:
                return True
        self._keep(record)
        if waiting:
            due = [late for behind, late in waiting if behind <= self.packets]
            disturbance.waiting = [entry for entry in waiting if entry[0] > self.packets]
            for late in due:
                self._keep(record[: _TIME.size] + late[_TIME.size :])  # with the time of when it comes
        return True

    def flush(self) -> None:
        """Write what is left."""
        if self._disturbance is not None:
            for _, late in self._disturbance.waiting:
                seconds, micro = divmod(self.clock, 1_000_000)
                self._keep(_TIME.pack(_BEGAN + seconds, micro) + late[_TIME.size :])
            self._disturbance.waiting = []
        self._file.write(b"".join(self._parts))
        self._parts.clear()


class Connection:
    """A connection in a capture: the n-th gets addresses and ports of its own."""

    def __init__(self, wire: Wire, rng: Random, acknowledge_every: int = 2) -> None:
        number = wire.connections
        wire.connections += 1
        self.wire = wire
        self.every = acknowledge_every
        host, port = divmod(number, 30_000)
        client = bytes((10, 1 + number % 7, host >> 8 & 0xFF, host & 0xFF))
        server = bytes((192, 0, 2, 10 + number % 11))
        self.client = End(client, server, 30_000 + port, 80, rng.getrandbits(32))
        self.server = End(server, client, 80, 30_000 + port, rng.getrandbits(32))

    def open(self) -> None:
        """The three packets of the handshake."""
        self.wire.send_syn(self.client, self.server, SYN)
        self.wire.send_syn(self.server, self.client, SYN | ACK)
        self.wire.send(self.client, self.server, ACK)

    def close(self) -> None:
        """Both sides say that they are done."""
        self.wire.send(self.client, self.server, FIN | ACK)
        self.wire.send(self.server, self.client, FIN | ACK)
        self.wire.send(self.client, self.server, ACK)

    def once(self, octets: bytes, from_server: bool = False) -> bool:
        """What fits into one segment; says whether it was captured."""
        sender, receiver = (self.server, self.client) if from_server else (self.client, self.server)
        return self.wire.send(sender, receiver, PSH | ACK, octets)

    def say(self, octets: bytes, from_server: bool = False, flight: int = 10) -> Iterator[bool]:
        """Octets in full segments, acknowledged now and then; after each flight others may speak.

        Gives whether the first segment, where a head begins, was captured; the same each time.
        """
        sender, receiver = (self.server, self.client) if from_server else (self.client, self.server)
        send, every = self.wire.send, self.every
        first = True
        number = 0
        last = len(octets) - SEGMENT
        for at in range(0, len(octets), SEGMENT):
            captured = send(sender, receiver, PSH | ACK if at >= last else ACK, octets[at : at + SEGMENT])
            if not number:
                first = captured
            number += 1
            if not number % every:
                send(receiver, sender, ACK)
            if not number % flight:
                yield first
        if number % every and number > 1:
            send(receiver, sender, ACK)
        yield first
