"""A TCP conversation written down verb by verb: open, ask, answer, lose, repeat, close.

A :class:`Script` is the capture: the clock, the frames, and the truth as it comes about. A :class:`Talk` is one
connection in it, seen from the client's machine: what the server sends has come the whole way, and short frames of it
are padded. Sequence numbers in a script are relative, as Wireshark shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from httptrace.model import Direction
from httptrace.teach.situations.truth import ExchangeTruth, StreamTruth, Truth
from httptrace.teach.situations.wire import Station, frame, sack_option, syn_options

MSS = 1460
CLIENT, SERVER = Direction.CLIENT, Direction.SERVER

#: 2026-03-02 01:30:00 UTC, a Monday: half past nine in the morning in Beijing.
START_NS = 1_772_415_000_000_000_000
DATE = "Mon, 02 Mar 2026 01:30:00 GMT"

MICROSECOND = 1_000
MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one side's bytes that goes out as one segment; `seq` is the relative number of the first."""

    seq: int
    payload: bytes
    last: bool

    @property
    def end(self) -> int:
        return self.seq + len(self.payload)


@dataclass(slots=True)
class End:
    """One side of a connection: where it stands, and how far its numbering has come.

    `sent` is the next number it will send, `heard` the next it expects; `window` is in bytes.
    """

    station: Station
    isn: int
    window: int
    scale: int | None
    identification: int
    sent: int = 0
    heard: int = 0
    held: list[tuple[int, int]] = field(default_factory=list)
    octets: int = 0

    def hear(self, start: int, end: int) -> None:
        """Numbers `start` to `end` arrive: `heard` moves over all that is now without a hole."""
        self.held = sorted([*self.held, (start, end)])
        for first, behind in self.held:
            if first <= self.heard:
                self.heard = max(self.heard, behind)
        self.held = [run for run in self.held if run[1] > self.heard]

    def runs(self) -> list[tuple[int, int]]:
        """What waits behind a hole, joined where it touches."""
        joined: list[tuple[int, int]] = []
        for start, end in self.held:
            if joined and start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


class Script:
    """A capture in the making."""

    def __init__(self) -> None:
        self.now_ns = START_NS
        self.frames: list[tuple[int, bytes]] = []
        self.truth = Truth()

    def talk(
        self,
        port: int = 51022,
        *,
        server_port: int = 80,
        isn: tuple[int, int] = (3_482_919_204, 1_907_354_466),
        window: tuple[int, int] = (65_536, 65_536),
        scale: int | None = 8,
        round_trip_ms: float = 8.2,
    ) -> Talk:
        """A new connection, not open yet. Addresses are of the blocks set aside for documentation (RFC 5737)."""
        client = Station("00:00:5e:00:53:21", "192.0.2.33", port, 128)
        server = Station("00:00:5e:00:53:01", "198.51.100.80", server_port, 53)
        ends = (
            End(client, isn[0], window[0], scale, 0x4A10 + port % 97),
            End(server, isn[1], window[1], None if scale is None else 7, 0xA613 + port % 97),
        )
        self.truth.streams.append(StreamTruth())
        return Talk(self, len(self.truth.streams) - 1, ends, int(round_trip_ms * MILLISECOND))

    def wait(self, milliseconds: float) -> None:
        """Let time pass."""
        self.now_ns += int(milliseconds * MILLISECOND)

    def finish(self) -> None:
        """The capture ends here."""
        self.truth.packets = len(self.frames)


class Talk:
    """One connection of a script."""

    def __init__(self, script: Script, stream: int, ends: tuple[End, End], round_trip_ns: int) -> None:
        self.script = script
        self.stream = stream
        self.ends = ends
        self.round_trip_ns = round_trip_ns
        self._before: Direction | None = None
        self._count = 0

    # ------------------------------------------------------------------ what happens

    def open(self) -> None:
        """The three-way handshake (RFC 9293 §3.5)."""
        self.segment(CLIENT, "S")
        self.segment(SERVER, "SA")
        self.segment(CLIENT, "A")

    def ask(self, data: bytes, *, confirmed: bool = True) -> None:
        """The client sends a message; the server confirms it before it has an answer."""
        self.script.wait(0.3)
        for piece in self.pieces(CLIENT, data):
            self.send(CLIENT, piece)
        if confirmed:
            self.segment(SERVER, "A")

    def answer(self, data: bytes, *, thinking_ms: float = 22.0, each: int = 2) -> None:
        """The server sends a message; the client confirms every `each`-th segment (RFC 9293 §3.8.6.3) and the last."""
        self.script.wait(thinking_ms)
        for number, piece in enumerate(self.pieces(SERVER, data), 1):
            self.send(SERVER, piece, under_way=number > 1)
            if piece.last or number % each == 0:
                self.segment(CLIENT, "A")

    def close(self, first: Direction = CLIENT, *, after_ms: float = 180.0) -> None:
        """The four-step close: FIN, ACK, FIN, ACK (RFC 9293 §3.6)."""
        self.script.wait(after_ms)
        second = Direction(1 - first)
        self.segment(first, "FA")
        self.segment(second, "A")
        self.segment(second, "FA")
        self.segment(first, "A")

    def pieces(self, sender: Direction, data: bytes, size: int = MSS) -> list[Piece]:
        """Data cut to segments, numbered from where the sender's numbering stands."""
        begin = self.ends[sender].sent
        return [
            Piece(begin + at, data[at : at + size], last=at + size >= len(data)) for at in range(0, len(data), size)
        ]

    def send(
        self, sender: Direction, piece: Piece, *, under_way: bool = False, arrives: bool = True, captured: bool = True
    ) -> None:
        """A piece, new or again. `under_way`: it left before the peer's last packet came, so it is close behind."""
        if under_way:
            self._before = sender
        flags = "PA" if piece.last else "A"
        self.segment(sender, flags, piece.payload, seq=piece.seq, arrives=arrives, captured=captured)

    def segment(
        self,
        sender: Direction,
        flags: str,
        payload: bytes = b"",
        *,
        seq: int | None = None,
        window: int | None = None,
        arrives: bool = True,
        captured: bool = True,
    ) -> None:
        """Any segment; unless given, `seq` is the sender's next. `window` in bytes is the sender's own unless given,
        and stays it."""
        own, peer = self.ends[sender], self.ends[1 - sender]
        seq = own.sent if seq is None else seq
        if window is not None:
            own.window = window
        self._pass_time(sender)
        if captured:
            self._capture(sender, flags, payload, seq)
        end = seq + len(payload) + ("S" in flags) + ("F" in flags)
        own.sent = max(own.sent, end)
        if arrives and end > seq:
            peer.hear(seq, end)

    # ------------------------------------------------------------------ what is true of it

    def seen(self, *words: str) -> None:
        """Wireshark has these words for the packet just captured."""
        self.script.truth.analysis[len(self.script.frames)] = words

    def exchange(self, method: str, target: str, status: int | None, **more: object) -> None:
        """An exchange of this connection; the truth lists them in the order in which they begin."""
        truth = ExchangeTruth(self.stream, method, target, status, **more)  # type: ignore[arg-type]
        self.script.truth.exchanges.append(truth)

    def ends_as(self, close: str, handshake: str = "complete", missing: int = 0) -> None:
        """How the connection opened and closed, and how many of the server's bytes the capture lacks."""
        self._update(close=close, handshake=handshake, missing=(0, missing))

    # ------------------------------------------------------------------ inside

    def _capture(self, sender: Direction, flags: str, payload: bytes, seq: int) -> None:
        own, peer = self.ends[sender], self.ends[1 - sender]
        syn = "S" in flags
        options = syn_options(MSS, own.scale) if syn else b""
        if flags == "A" and not payload:
            options = sack_option(
                [((peer.isn + start) & 0xFFFF_FFFF, (peer.isn + end) & 0xFFFF_FFFF) for start, end in own.runs()]
            )
        written = frame(
            own.station,
            peer.station,
            identification=0 if syn and sender is SERVER else own.identification,
            seq=(own.isn + seq) & 0xFFFF_FFFF,
            ack=(peer.isn + own.heard) & 0xFFFF_FFFF if "A" in flags else 0,
            flags=flags,
            window=0 if "R" in flags else min(own.window >> (0 if syn else own.scale or 0), 0xFFFF),
            options=options,
            payload=payload,
            padded=sender is SERVER,
        )
        own.identification = (own.identification + 1) & 0xFFFF
        self.script.frames.append((self.script.now_ns, written))
        stream = self.script.truth.streams[self.stream]
        packets, octets = list(stream.packets), list(stream.octets)
        packets[sender] += 1
        octets[sender] = max(octets[sender], seq + len(payload) - 1) if payload else octets[sender]
        self._update(packets=tuple(packets), octets=tuple(octets))

    def _update(self, **changes: object) -> None:
        streams = self.script.truth.streams
        streams[self.stream] = replace(streams[self.stream], **changes)  # type: ignore[arg-type]

    def _pass_time(self, sender: Direction) -> None:
        """The way there and back for an answer of the server; close behind for everything else."""
        if self._before is None:
            step = 0
        elif sender is self._before:
            step = 31 * MICROSECOND if sender is CLIENT else 124 * MICROSECOND
        else:
            step = 93 * MICROSECOND if sender is CLIENT else self.round_trip_ns
        self._count += 1
        # A wobble of up to 4 %, from the packet's place alone: no two round trips of a real wire are the same.
        self.script.now_ns += step * (960 + self._count * 37 % 81) // 1000 // MICROSECOND * MICROSECOND
        self._before = sender
