"""What runs on one connection: recognised by its bytes, then read by the layer that knows it.

The root of the per-connection chain: it owns the sinks of both directions. Until the first bytes show the protocol,
they are kept; then they are replayed, in the order in which they came, to whatever reads that protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from httptrace import limits
from httptrace.carrier import Carrier, endpoint, kept_endpoint
from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.plain import PlainDialogue, plain_shares
from httptrace.exchanges.progress import Progress
from httptrace.exchanges.sleeping import Packer, Sleeper, put_to_sleep
from httptrace.following import Followed
from httptrace.http.detect import HTTP2, REQUEST, RESPONSE, UNDECIDED, asks_plainly, speaks
from httptrace.ledger import Share
from httptrace.limits import Bounds, Rooms
from httptrace.model import At, Direction, End, Exchange, Response, Sink, Tls
from httptrace.sinks import TlsUnread, Undecided, Unread
from httptrace.tls.hello import HelloReader
from httptrace.tls.records import looks_like_tls

if TYPE_CHECKING:
    from httptrace.pipeline import Analyzer

_Piece: TypeAlias = "tuple[int, bytes | int | End, At]"

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
_RESET = End.RESET


class _Usual:
    """What every one has; what only some need stands on :class:`Application`, with its first value."""

    __slots__ = (
        "__dict__",
        "_decided",
        "_pending",
        "_prefix",
        "analyzer",
        "client",
        "client_side",
        "connection",
        "dialogue",
        "protocol",
        "server",
        "stream",
    )


class Application(_Usual):
    """One connection's application layer; also the host of its dialogue."""

    # First values of what many a connection never needs.
    hello: HelloReader | None = None
    exchanges = 0
    only_simple = False  # all messages were HTTP/0.9
    spent_bytes: dict[tuple[int, str], int] | None = None
    shares: tuple[Share, Share] | None = None  # for the ledger, by side
    _inner: list[Sink | None] | None = None  # what reads each side, where someone follows the connection
    _kept = 0
    _counted = 0  # taken of the room for beginnings
    _ended = 0

    def __init__(self, analyzer: Analyzer, connection: Carrier) -> None:
        self.analyzer = analyzer
        self.connection = connection
        self.stream = connection.stream
        self.protocol = "unknown"
        self.client_side = 0
        self._decided = False
        self._pending: list[_Piece] | None = None  # what came while the protocol was not known
        self._prefix: list[bytes] | None = None
        self.dialogue: PlainDialogue | Dialogue | Sleeper | None = None
        first, other = connection.sides
        if analyzer.follower is None:
            first.sink, other.sink = Undecided(self, 0), Undecided(self, 1)
        else:
            for side in (0, 1):
                self._attach(side, Undecided(self, side))

    # ------------------------------------------------------------------ recognising

    def undecided(self, side: int, what: bytes | int | End, at: At) -> None:
        """Bytes, a gap or an end while the protocol is not known."""
        if self._decided:  # while this piece was on its way
            self._forward(side, what, at)
            return
        if self._pending is None and type(what) is bytes and asks_plainly(what):  # nearly always
            self._decided = True
            self._speaks_http(side)
            self._forward(side, what, at)
            return
        if what is _RESET:
            return  # nothing was being read; more may come (contract: a reset does not close a stream)
        pending = self._pending
        if pending is None or self._prefix is None:
            pending, self._prefix = [], [b"", b""]
            self._pending = pending
        pending.append((side, what, at))
        if isinstance(what, End):
            self._ended += 1
            if self._ended == 2:
                self._decide(None, side)
            return
        if isinstance(what, int):
            self._prefix[side] = b""
            return
        self._kept += len(what)
        prefix = self._prefix[side] + what if self._prefix[side] else what
        kind = speaks(prefix)
        if kind is UNDECIDED:
            self._prefix[side] = prefix
        elif kind is REQUEST:
            self._decide("http/1", side)
            return
        elif kind is RESPONSE:
            self._decide("http/1", 1 - side)
            return
        elif kind is HTTP2:
            self._decide("http/2", side)
            return
        else:
            tls = looks_like_tls(prefix)
            if tls:
                self._decide("tls", self.connection.client)
                return
            self._prefix[side] = prefix if tls is None else b""
        if (
            self._kept > limits.UNDECIDED
            or len(pending) > limits.UNDECIDED_PIECES
            or not self.beginning_keeps(2 * self._kept + len(pending) * limits.PIECE)
        ):
            self._decide(None, side)

    def beginning_keeps(self, size: int) -> bool:
        """Count what is kept until it is known what runs here; whether there is room for it."""
        room = self.analyzer.rooms.beginnings
        more = size - self._counted
        if more > 0 and not room.take(more):
            return False
        if more < 0:
            room.give_back(-more)
        self._counted = size
        return True

    def hello_keeps(self, reader: HelloReader) -> None:
        """The same for hellos that are put together."""
        if reader.done or not self.beginning_keeps(reader.kept):
            reader.give_up()
            self.beginning_keeps(0)

    def _decide(self, protocol: str | None, client_side: int) -> None:
        self._decided = True
        pending = self._pending
        if pending is not None:
            self._pending = self._prefix = None
            self._kept = 0
        if self._counted:
            self.beginning_keeps(0)
        if protocol is not None:
            self.protocol = protocol
        self.client_side = client_side
        if protocol == "http/1":
            self._speaks_http(client_side)
        elif protocol == "tls":
            self.hello = HelloReader()
            for side in (0, 1):
                self._attach(side, TlsUnread(self, side, self.hello))
        else:
            kind = "http/2" if protocol == "http/2" else "unknown"
            for side in (0, 1):
                self._attach(side, Unread(self, side, kind))
        for side, what, at in pending or ():
            self._forward(side, what, at)

    def answered_in_clear(self, side: int, begun: list[tuple[bytes, At]]) -> None:
        """A status line answers the ClientHello: no TLS is spoken here, and this side does speak HTTP."""
        self.hello = None
        self.beginning_keeps(0)
        self._speaks_http(1 - side)
        for piece, at in begun:
            self._forward(side, piece, at)

    def _speaks_http(self, client_side: int) -> None:
        connection = self.connection
        self.protocol = "http/1"
        self.client_side = connection.evidence = client_side
        self.client = endpoint(connection.keys[client_side])
        key = connection.keys[1 - client_side]
        self.server = kept_endpoint(key[: (len(key) - 4) // 2], key[-4:-2])
        if self._may_be_plain:
            self._plainly(PlainDialogue(self, connection.first_syn is None))
        else:
            self.becomes(Dialogue(self, connection.first_syn is None))

    def _attach(self, side: int, sink: Sink) -> None:
        """From here on this reads the direction; whoever follows the connection is told as well."""
        follower = self.analyzer.follower
        if follower is not None and follower.stream == self.stream:
            if self._inner is None:
                self._inner = [None, None]
            self._inner[side] = sink
            sink = Followed(sink, follower, self.connection, side)
        self.connection.sides[side].sink = sink

    @property
    def _may_be_plain(self) -> bool:
        return self.analyzer.takes_whole and self.analyzer.follower is None

    def _plainly(self, dialogue: PlainDialogue) -> None:
        self.dialogue = dialogue
        sides, client = self.connection.sides, self.client_side
        assert dialogue.requests is not None
        sides[client].sink, sides[1 - client].sink = dialogue.requests, dialogue

    def _forward(self, side: int, what: bytes | int | End, at: At) -> None:
        sink = self._inner[side] if self._inner is not None else None  # whoever follows was told of this already
        if sink is None:
            sink = self.connection.sides[side].sink
        if isinstance(what, End):
            sink.end(what, at)
        elif isinstance(what, int):
            sink.gap(what, at)
        else:
            sink.data(what, at)

    # ------------------------------------------------------------------ the dialogue's host

    @property
    def hash_bodies(self) -> bool:
        return self.analyzer.options.hash_bodies

    @property
    def bounds(self) -> Bounds:
        return self.analyzer.options.bounds

    @property
    def rooms(self) -> Rooms:
        return self.analyzer.rooms

    @property
    def told(self) -> bool:
        return self.analyzer.told

    def new_number(self) -> int:
        return self.analyzer.new_exchange_number()

    def keeps(self, number: int) -> int:
        options = self.analyzer.options
        return options.keep_bodies if options.keep_only is None or number in options.keep_only else 0

    def taker(self, number: int, sender: Direction) -> Callable[[bytes], object] | None:
        taker = self.analyzer.taker
        return taker(number, sender) if taker is not None else None

    def message_began(self, exchange: Exchange, sender: Direction, informational: Response | None) -> None:
        self.analyzer.message_began(exchange, sender, informational)

    def message_ended(self, exchange: Exchange, sender: Direction) -> None:
        self.analyzer.message_ended(exchange, sender)

    def exchange_over(self, progress: Progress) -> None:
        self.analyzer.exchange_over(self, progress)

    def switched(self, protocol: str) -> None:
        if protocol in ("websocket", "http/2"):
            self.protocol = protocol

    def spent(self, sender: Direction, kind: str, count: int) -> None:
        self.count(self.client_side if sender is CLIENT else 1 - self.client_side, kind, count)

    def connect_ns(self) -> int | None:
        return self.connection.rtt_ns

    def plain_over(self, exchange: Exchange, framing: int) -> None:
        analyzer = self.analyzer
        if analyzer.audits:
            analyzer.share_out(self, exchange, plain_shares(exchange, framing))
        analyzer.on_exchange(exchange)

    def becomes(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self._attach(self.client_side, dialogue.requests)
        self._attach(1 - self.client_side, dialogue.responses)

    def resume(self, data: bytes, at: At) -> bool:
        dialogue = self.dialogue
        if not self._may_be_plain or not isinstance(dialogue, Dialogue):
            return False
        plain = PlainDialogue(self, False)
        dialogue.hand_on(plain)
        if plain.asked(data, at) < len(data):
            plain.requests = None
            return False
        plain.dialogue = dialogue
        self._plainly(plain)
        return True

    def woke(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue

    def sleep(self, packer: Packer, before: int) -> None:
        """Fold up the dialogue, if it was silent since packet `before`."""
        dialogue = self.dialogue
        if isinstance(dialogue, PlainDialogue) and dialogue.silent_since(before):
            dialogue = dialogue.grow()
        if isinstance(dialogue, Dialogue):
            self.dialogue = put_to_sleep(dialogue, packer, before) or dialogue

    def _awake(self) -> Dialogue | None:
        """The dialogue that knows every rule: grown where it was plain, woken where it slept."""
        dialogue = self.dialogue
        if isinstance(dialogue, PlainDialogue):
            return dialogue.grow()
        return dialogue.wake() if isinstance(dialogue, Sleeper) else dialogue

    # ------------------------------------------------------------------ counting, ending

    def count(self, side: int, kind: str, count: int) -> None:
        """Captured bytes that belong to no message, by what they are."""
        key = (side, kind)
        if self.spent_bytes is None:
            self.spent_bytes = {}
        self.spent_bytes[key] = self.spent_bytes.get(key, 0) + count

    def add_shares(self, client: Share, server: Share) -> None:
        """For the ledger: what one exchange's messages took."""
        self.exchanges += 1
        if self.shares is None:
            self.shares = (Share(), Share())
        self.shares[self.client_side].add(client)
        self.shares[1 - self.client_side].add(server)

    def overlap_differs(self, side: int, offset: int, packet: int) -> None:
        """A later copy of the byte at `offset` on this side had another value."""
        dialogue = self._awake()
        if dialogue is not None:
            dialogue.overlap(CLIENT if side == self.client_side else SERVER, offset, packet)

    def limit_reached(self, code: str, packet: int) -> None:
        """A bound of the program concerns this connection: its open exchanges say so."""
        dialogue = self._awake()
        if dialogue is not None:
            dialogue.limit_reached(code, packet)

    def give_up(self) -> None:
        """Nothing more is read here: a defect was met."""
        self._decided = True
        self._pending = None
        self.beginning_keeps(0)
        dialogue = self.dialogue if isinstance(self.dialogue, PlainDialogue) else self._awake()
        self.dialogue = None
        if dialogue is not None:
            dialogue.give_up()

    def finish(self) -> None:
        """The connection is over."""
        if not self._decided:
            self._decide(None, 0)
        dialogue = self.dialogue.last() if isinstance(self.dialogue, PlainDialogue) else self._awake()
        if dialogue is not None:
            dialogue.finish()
            self.only_simple = dialogue.version == "HTTP/0.9" and not dialogue.versions_differ
            dialogue.let_go()  # else only the garbage collector would free it and what it holds
        self.dialogue = None  # not before: where that met a defect, it has rooms to give back
        if self._counted:
            self.beginning_keeps(0)
        if self._inner is not None:
            self._inner = None

    @property
    def name(self) -> str:
        """The contract's word for what runs here; known when it is over."""
        return "http/0.9" if self.only_simple and self.protocol == "http/1" else self.protocol

    @property
    def tls(self) -> Tls | None:
        return self.hello.tls if self.hello is not None else None
