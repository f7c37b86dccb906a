"""The records that httptrace gives out, one class each, and the few words every layer shares.

A record is what the contract prints (docs/contract.md): plain data, no behaviour. Times are int nanoseconds since
the epoch; only outputs turn them into floats, because a float of today's date resolves no better than 240 ns.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, IntEnum
from typing import Any, Protocol, TypeAlias

from msgspec import Struct, field


class Direction(IntEnum):
    """Who sent it. The value is an index, so that `halves[direction]` reads well."""

    CLIENT = 0
    SERVER = 1


#: Where bytes were seen: (packet number, time in ns, confirmed). `confirmed` is how many bytes of the other direction
#: the packet's acknowledgement number covers: what its sender had read of the conversation when it sent this.
#: A plain tuple, because one is made for every packet that carries data.
At: TypeAlias = tuple[int, int, int]

#: One record of a capture: the block that holds it, its start and end there, its length on the wire (more than
#: end - start where the snap length cut it), its time in ns, and its link type (LINKTYPE_ number). A plain tuple,
#: for speed.
Frame: TypeAlias = tuple[bytes, int, int, int, int, int]

#: A name and its value as sent, OWS trimmed, decoded as Latin-1 (one character a byte, nothing lost).
Field: TypeAlias = tuple[str, str]


#: The words for a packet that `analysis` holds, in the contract's order; their meaning is Wireshark's.
ANALYSIS = (
    "retransmission",
    "fast-retransmission",
    "spurious-retransmission",
    "out-of-order",
    "lost-segment",
    "acked-unseen-segment",
    "dup-ack",
    "window-update",
    "zero-window",
    "window-full",
    "zero-window-probe",
    "keep-alive",
    "keep-alive-ack",
    "port-reused",
)


class End(Enum):
    """Why a direction of a connection gives no more bytes."""

    FIN = "fin"
    RESET = "rst"
    CAPTURE = "capture"  # the capture ended
    EXPIRED = "expired"  # idle for so long, or pushed out by a bound, that its state was given up


class Sink(Protocol):
    """What a layer hands bytes to: one direction of one connection, in order.

    Most of a long body needs no thought at all. So a sink may open a side door: as long as fewer than `bulk` bytes
    come at a time, they are given to `take` instead of `data`, `bulk` goes down by their number, and `bulk_at` says
    where the last of them were seen. A sink that never does leaves `bulk` at 0.

    `at` is the packet that carried the bytes, which need not be the one that made them readable: a late packet that
    fills a hole makes many readable.
    """

    bulk: int
    bulk_at: At

    @property
    def take(self) -> Callable[[bytes], object]:
        """What takes bytes through the side door."""

    def data(self, data: bytes, at: At) -> None:
        """The next bytes; never empty."""

    def gap(self, length: int, at: At) -> None:
        """`length` bytes that were never captured stand here; `at` is the packet behind them (or the last one)."""

    def end(self, reason: End, at: At) -> None:
        """Nothing more comes. Only behind a RESET something still may: bytes that were on their way."""


class PlainSink:
    """A sink without the side door."""

    __slots__ = ()
    bulk = 0
    bulk_at: At = (0, 0, 0)

    def take(self, data: bytes) -> None:
        """Never called."""


class DeafSink(PlainSink):
    """What takes the rest of a connection that is read no further."""

    __slots__ = ()

    def data(self, data: bytes, at: At) -> None:
        """Not read."""

    def gap(self, length: int, at: At) -> None:
        """Not read."""

    def end(self, reason: End, at: At) -> None:
        """Not read."""


#: It keeps nothing, so one is enough for all.
DEAF = DeafSink()


class Note(Struct, gc=False):
    """What an attentive analyst would point out. `text` is English; `template` and `values` let outputs translate."""

    code: str
    packet: int
    template: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.template.format(**self.values) if self.values else self.template


class Endpoint(Struct, gc=False):
    """One end of a connection."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


class Body(Struct, gc=False):
    """The content of a message. `size` counts octets behind the transfer coding and before any content coding;
    `decoded_size` and `sha256` (hex, null for an empty body) what remains when the content coding is undone.

    `content` holds the decoded bytes where they were asked for (`Options.keep_bodies`), up to that bound; `raw` the
    same before content decoding. `framing` says how its end was known.
    """

    size: int = 0
    decoded_size: int = 0
    sha256: str | None = None
    content_type: str | None = None
    encoding: str | None = None
    framing: str = "none"  # none, length, chunked, close
    declared: int | None = None  # what Content-Length says, where that is the framing
    chunks: int = 0
    content: bytes | None = None
    raw: bytes | None = None


class Message(Struct, gc=False):
    """What a request and a response have in common."""

    version: str
    headers: list[Field]
    trailers: list[Field]
    header_size: int
    body: Body
    first_packet: int
    last_packet: int
    time_ns: int
    end_time_ns: int
    complete: bool

    def values(self, name: str) -> list[str]:
        """The values of every header field of that name (any case), in the order they were sent."""
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]

    def value(self, name: str) -> str | None:
        """The values of that header field joined with ", " (RFC 9110 §5.2), or None where it is absent."""
        values = self.values(name)
        return ", ".join(values) if values else None


class Request(Message, gc=False):
    """A request as it was sent (RFC 9112 §3). `url` is what the target stands for, null for CONNECT."""

    method: str
    target: str
    url: str | None


class Response(Message, gc=False):
    """A response as it was sent (RFC 9112 §4). HTTP/0.9 has neither status nor reason."""

    status: int | None
    reason: str | None


class Timings(Struct, gc=False):
    """Nanoseconds, null where unknown; the contract prints milliseconds and says what each spans."""

    connect: int | None = None
    tls: int | None = None
    send: int | None = None
    wait: int | None = None
    receive: int | None = None


class Tls(Struct, gc=False):
    """What is known of a TLS connection."""

    version: str | None = None
    cipher: str | None = None
    sni: str | None = None
    alpn: str | None = None
    decrypted: bool = False


class Exchange(Struct, gc=False):
    """A request, its response and the 1xx between them; either side may be missing."""

    no: int
    stream: int
    client: Endpoint
    server: Endpoint
    protocol: str
    request: Request | None
    response: Response | None
    informational: list[Response]
    timings: Timings
    notes: list[Note]
    tls: Tls | None = None
    h2_stream: int | None = None


class SideCounts(Struct, gc=False):
    """What one side of a connection sent; the contract prints each with `client_` or `server_` before it."""

    packets: int = 0
    bytes: int = 0
    retransmissions: int = 0
    out_of_order: int = 0
    missing_bytes: int = 0
    missing_acked_bytes: int = 0


class SideMeasures(Struct, gc=False):
    """What was measured of one side's data at the capture point, and what its SYN offered; null where nothing was.

    `round_trips`: samples; the times in ns; `in_flight`: the most bytes that were sent and not acknowledged at once.
    """

    round_trips: int = 0
    rtt_min_ns: int | None = None
    rtt_mean_ns: int | None = None
    rtt_max_ns: int | None = None
    in_flight: int = 0
    mss: int | None = None
    window_scale: int | None = None
    sack_permitted: bool | None = None


class StreamRecord(Struct, gc=False):
    """A TCP connection as the contract prints it."""

    stream: int
    client: Endpoint
    server: Endpoint
    first_packet: int
    last_packet: int
    time_ns: int
    end_time_ns: int
    handshake: str
    close: str
    rtt_ns: int | None
    client_side: SideCounts
    server_side: SideCounts
    application: str
    tls: Tls | None = None
    analysis: tuple[dict[str, int], dict[str, int]] | None = None
    measures: tuple[SideMeasures, SideMeasures] | None = None
    notes: list[Note] = field(default_factory=list)
    client_index: int = 0  # which `side` of PacketRecord is the client


class PacketRecord(Struct, gc=False):
    """A TCP packet as the contract prints it, with what the walkthrough says beyond it.

    `seq` and `ack` are relative to the sides' initial sequence numbers; `absolute_*` as on the wire. `window` is
    scaled. `options` are the octets of the TCP options as sent.
    """

    packet: int
    stream: int
    time_ns: int
    sender: Direction
    flags: str
    seq: int
    ack: int | None
    length: int
    window: int
    analysis: tuple[str, ...]
    absolute_seq: int = 0
    absolute_ack: int = 0
    captured: int = 0
    options: bytes = b""
    side: int = 0  # 0 for the sender of the connection's first packet; `sender` may be known only later


class MessageBegan(Struct, gc=False):
    """The head of a message became readable. `exchange` is the live record, being filled: at this moment the message's
    method or status, headers and the body's framing are there, its sizes and hash are not yet."""

    exchange: Exchange
    sender: Direction
    informational: Response | None = None  # set where it is a 1xx


class MessageEnded(Struct, gc=False):
    """The last byte of a message was seen, or it is known that it will not be."""

    exchange: Exchange
    sender: Direction


class GapGivenUp(Struct, gc=False):
    """Bytes `seq` to `seq + length - 1` (relative numbers) of the sender were never captured. `acked`: the receiver
    confirmed them, so the capture lost them and not the network."""

    sender: Direction
    seq: int
    length: int
    acked: bool


Happening: TypeAlias = MessageBegan | MessageEnded | GapGivenUp


class Observer(Protocol):
    """What a walkthrough needs: every packet, in capture order, each with what it made happen."""

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        """Called when the packet has gone all the way through the chain. What others' packets made happen on its
        connection since the last one (capture time ends a hole's grace, a bound is reached) is told with it."""

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        """The end of the capture (or expiry) made these happen on that connection."""
