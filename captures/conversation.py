"""A TCP conversation written down verb by verb: open, request, answer, lose, repeat, close.

The conversation keeps the sequence and acknowledgment numbers of both sides, the clock and the IP
identifications, so that a script says only what happens. It is seen from the client's machine: the server's
packets are one round trip away, and short ones arrive padded to Ethernet's least length. Nothing comes from
the clock or from unseeded chance: the same script gives the same bytes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet, Raw

MSS = 1460
LEAST_FRAME = 60  # Ethernet's least frame without its checksum


@dataclass
class Side:
    """One end: its addresses, its habits, and how far its numbering has come.

    `sent` is the next number it will send, `heard` the next it expects; both relative, 0 before the SYN.
    """

    ip: str
    port: int
    mac: str
    isn: int
    ttl: int
    syn_window: int
    window: int
    scale: int
    identification: int
    sent: int = 0
    heard: int = 0
    waiting: list[tuple[int, int]] = field(default_factory=list)

    def hear(self, start: int, end: int) -> None:
        """Take in the numbers start to end: `heard` moves over all that is now without a hole."""
        self.waiting = sorted([*self.waiting, (start, end)])
        for first, behind in self.waiting:
            if first <= self.heard:
                self.heard = max(self.heard, behind)
        self.waiting = [piece for piece in self.waiting if piece[1] > self.heard]

    def selective_acknowledgment(self) -> list[tuple[int, int]]:
        """The runs of bytes held behind a hole, joined where they touch (RFC 2018 §3)."""
        runs: list[tuple[int, int]] = []
        for start, end in self.waiting:
            if runs and start <= runs[-1][1]:
                runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
            else:
                runs.append((start, end))
        return runs


def browser(port: int, *, ip: str = "192.0.2.33", isn: int | None = None) -> Side:
    """A browser on Windows: TTL 128, SYN window 8192, then 65,536 bytes (scale 8).

    Unless given, its initial sequence number follows from its port, so that no two captures share one.
    """
    chance = random.Random(port)
    isn = int(chance.random() * 2**32) if isn is None else isn
    identification = int(chance.random() * 2**16)
    return Side(ip, port, "00:00:5e:00:53:21", isn, 128, 8192, 256, 8, identification)


def server(port: int = 80, *, ip: str = "198.51.100.118", isn: int = 1_907_354_466) -> Side:
    """A server on Linux, eleven hops away, behind the router whose MAC address the frames carry."""
    return Side(ip, port, "00:00:5e:00:53:01", isn, 53, 29200, 229, 7, identification=0xA613)


@dataclass(frozen=True)
class Piece:
    """A stretch of bytes that one side sends in one segment; `seq` is the relative number of the first."""

    seq: int
    payload: bytes
    last: bool

    @property
    def end(self) -> int:
        return self.seq + len(self.payload)


class Conversation:
    """What a client and a server say to each other; `frames` is what the capture holds: (time_us, frame)."""

    def __init__(
        self,
        client: Side,
        server_side: Side | None = None,
        *,
        start: str = "2016-06-28 02:15:07.184203",
        round_trip_us: int = 8_200,
        vlan: int | None = None,
    ) -> None:
        self.client = client
        self.server = server_side or server()
        self.round_trip_us = round_trip_us
        self.vlan = vlan
        moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
        self.now_us = int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond
        self.frames: list[tuple[int, bytes]] = []
        self._chance = random.Random(client.isn)
        self._previous: Side | None = None
        self._pause_us = 0

    # What happens.

    def open(self) -> None:
        """The three-way handshake (RFC 9293 §3.5)."""
        self.syn()
        self.segment(self.server, "SA", options=_syn_options(self.server, linux=True))
        self.ack(self.client)

    def syn(self) -> None:
        """The client's SYN alone."""
        self.segment(self.client, "S", options=_syn_options(self.client, linux=False))

    def wait(self, milliseconds: float) -> None:
        """Let time pass before the next packet, beyond what the way itself takes."""
        self._pause_us += int(milliseconds * 1_000)

    def request(self, data: bytes, *, confirmed: bool = True) -> None:
        """The client sends a message; the server confirms it at once, before it has an answer."""
        for piece in self.pieces(self.client, data):
            self.send(self.client, piece)
        if confirmed:
            self.ack(self.server)

    def answer(self, data: bytes, *, thinking_ms: float = 22.0, each: int = 2, confirmed: bool = True) -> None:
        """The server sends a message; the client confirms every `each`-th segment, and the last."""
        self.wait(thinking_ms)
        for number, piece in enumerate(self.pieces(self.server, data), 1):
            self.send(self.server, piece, streaming=number > 1)
            if confirmed and (piece.last or number % each == 0):
                self.ack(self.client)

    def close(self, first: Side | None = None, *, after_ms: float = 180.0) -> None:
        """The four-step close: FIN, ACK, FIN, ACK (RFC 9293 §3.6). `first` begins it, else the client."""
        self.wait(after_ms)
        first = first or self.client
        second = self.peer(first)
        self.segment(first, "FA")
        self.ack(second)
        self.segment(second, "FA")
        self.ack(first)

    def reset(self, sender: Side, *, acknowledging: bool = True) -> None:
        """One side throws the connection away."""
        self.segment(sender, "RA" if acknowledging else "R", window=0)

    # What goes wrong on the way.

    def lose(self, sender: Side, piece: Piece, *, captured: bool) -> None:
        """The receiver never gets this piece; the capture does where it was lost behind it."""
        self.send(sender, piece, streaming=True, arrives=False, captured=captured)

    def miss(self, sender: Side, piece: Piece) -> None:
        """The receiver gets this piece, the capture never sees it."""
        self.send(sender, piece, streaming=True, captured=False)

    # The segments themselves.

    def pieces(self, sender: Side, data: bytes, size: int = MSS) -> list[Piece]:
        """Data cut to segments, numbered from where the sender's numbering stands."""
        return [
            Piece(sender.sent + start, data[start : start + size], last=start + size >= len(data))
            for start in range(0, len(data), size)
        ]

    def send(
        self,
        sender: Side,
        piece: Piece,
        *,
        streaming: bool = False,
        arrives: bool = True,
        captured: bool = True,
    ) -> None:
        """One piece, new or again; PSH marks the last of a message.

        `streaming`: it was under way already when the peer's last packet left, so it comes close behind.
        """
        if streaming:
            self._previous = sender
        flags = "PA" if piece.last else "A"
        self.segment(sender, flags, piece.payload, seq=piece.seq, arrives=arrives, captured=captured)

    def ack(self, sender: Side, *, window: int | None = None) -> None:
        """A segment without data that confirms all that was heard, and names what waits behind a hole."""
        options: list[tuple[str, object]] = []
        runs = sender.selective_acknowledgment()
        if runs:
            isn = self.peer(sender).isn
            edges = tuple((isn + edge) & 0xFFFF_FFFF for run in runs for edge in run)
            options = [("NOP", None), ("NOP", None), ("SAck", edges)]
        self.segment(sender, "A", options=options, window=window)

    def segment(
        self,
        sender: Side,
        flags: str,
        payload: bytes = b"",
        *,
        seq: int | None = None,
        window: int | None = None,
        options: list[tuple[str, object]] | None = None,
        arrives: bool = True,
        captured: bool = True,
    ) -> None:
        """Any segment. `seq` is relative and, unless given, the sender's next; `window` is the raw field."""
        receiver = self.peer(sender)
        seq = sender.sent if seq is None else seq
        if window is None:
            window = sender.syn_window if "S" in flags else sender.window
        tcp = TCP(
            sport=sender.port,
            dport=receiver.port,
            seq=(sender.isn + seq) & 0xFFFF_FFFF,
            ack=(receiver.isn + sender.heard) & 0xFFFF_FFFF if "A" in flags else 0,
            flags=flags,
            window=window,
            options=options or [],
        )
        if payload:
            tcp = tcp / Raw(payload)
        self._pass_time(sender)
        frame = self._frame(sender, receiver, tcp, "S" in flags)
        if captured:
            self.frames.append((self.now_us, frame))
        end = seq + len(payload) + ("S" in flags) + ("F" in flags)
        sender.sent = max(sender.sent, end)
        if arrives and end > seq:
            receiver.hear(seq, end)
            if payload and receiver is self.server:
                receiver.window += 8  # Linux opens its window by and by, as data comes in

    def peer(self, side: Side) -> Side:
        """The other end."""
        return self.server if side is self.client else self.client

    def _frame(self, sender: Side, receiver: Side, tcp: Packet, is_syn: bool) -> bytes:
        identification = sender.identification
        if sender is self.server and is_syn:
            identification = 0  # Linux answers a SYN before it has a socket to count for
        else:
            sender.identification = (sender.identification + 1) & 0xFFFF
        ethernet = Ether(src=sender.mac, dst=receiver.mac)
        if self.vlan is not None:
            ethernet = ethernet / Dot1Q(vlan=self.vlan)
        if ":" in sender.ip:
            network: Packet = IPv6(src=sender.ip, dst=receiver.ip, hlim=sender.ttl)
        else:
            network = IP(src=sender.ip, dst=receiver.ip, ttl=sender.ttl, id=identification, flags="DF")
        frame = bytes(ethernet / network / tcp)
        # A card pads what it sends behind the capture's back: only what comes in is seen padded.
        return frame.ljust(LEAST_FRAME, b"\0") if sender is self.server else frame

    def _pass_time(self, sender: Side) -> None:
        if self._previous is None:
            step = 0
        elif sender is self._previous:
            step = self._jitter(124 if sender is self.server else 31)
        else:
            step = self._jitter(self.round_trip_us if sender is self.server else 96)
        self.now_us += step + self._jitter(self._pause_us)
        self._pause_us = 0
        self._previous = sender

    def _jitter(self, microseconds: int) -> int:
        """The time given, up to 4 % longer or shorter."""
        return round(microseconds * (0.96 + 0.08 * self._chance.random()))


def _syn_options(side: Side, *, linux: bool) -> list[tuple[str, object]]:
    """MSS, window scale and SACK permitted, in the order in which the system writes them."""
    nop: tuple[str, object] = ("NOP", None)
    permitted: tuple[str, object] = ("SAckOK", b"")
    scale: tuple[str, object] = ("WScale", side.scale)
    mss: tuple[str, object] = ("MSS", MSS)
    return [mss, nop, nop, permitted, nop, scale] if linux else [mss, nop, scale, nop, nop, permitted]
