"""A connection by hand: packet records with rising numbers and times, and the happenings that go with
them."""

from __future__ import annotations

from dataclasses import dataclass, field

from httptrace.model import (
    Body,
    Direction,
    Endpoint,
    Exchange,
    Happening,
    MessageBegan,
    MessageEnded,
    PacketRecord,
    Request,
    Response,
    SideCounts,
    StreamRecord,
    Timings,
)
from httptrace.outputs.walkthrough import Known, Walkthrough

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
BROWSER = Endpoint("192.168.2.33", 51022)
SITE = Endpoint("220.181.50.118", 80)
CHROME = "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 Chrome/51.0.2704.106 Safari/537.36"
ISN = (3482919204, 71604)
START_NS = 1_466_500_000_000_000_000


@dataclass
class Wire:
    """Packets of one connection as the Analyzer would hand them out. Numbers follow from what was sent so
    far."""

    packets: list[tuple[PacketRecord, list[Happening]]] = field(default_factory=list)
    seq: list[int] = field(default_factory=lambda: [0, 0])
    time_ns: int = START_NS
    number: int = 0
    behind: list[Happening] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    def send(
        self,
        sender: Direction,
        flags: str = "A",
        length: int = 0,
        *,
        ms: float = 0.1,
        seq: int | None = None,
        ack: int | None = None,
        analysis: tuple[str, ...] = (),
        window: int = 65535,
        happenings: list[Happening] | None = None,
    ) -> int:
        """One packet, `ms` after the last; gives its number. Without `seq` and `ack` it goes on where both
        sides are."""
        self.number += 1
        self.time_ns += round(ms * 1e6)
        peer = 1 - sender
        start = self.seq[sender] if seq is None else seq
        confirmed = None if "A" not in flags else (self.seq[peer] if ack is None else ack)
        record = PacketRecord(
            self.number,
            0,
            self.time_ns,
            sender,
            flags,
            start,
            confirmed,
            length,
            window,
            analysis,
            (ISN[sender] + start) % 2**32,
            (ISN[peer] + confirmed) % 2**32 if confirmed is not None else 0,
            length,
        )
        self.seq[sender] = max(self.seq[sender], start + length + ("S" in flags) + ("F" in flags))
        self.packets.append((record, happenings or []))
        return self.number

    def shake_hands(self) -> None:
        """The three-way handshake."""
        self.send(CLIENT, "S", ms=0)
        self.send(SERVER, "AS", ms=8.4)
        self.send(CLIENT, "A", ms=0.1)

    def last(self) -> PacketRecord:
        return self.packets[-1][0]

    def happen(self, *happenings: Happening) -> None:
        """Make these happen with the latest packet, and set the message's packets and times from it."""
        record = self.last()
        for happening in happenings:
            self.packets[-1][1].append(happening)
            if isinstance(happening, MessageBegan | MessageEnded):
                exchange = happening.exchange
                message = exchange.request if happening.sender is CLIENT else exchange.response
                assert message is not None
                if isinstance(happening, MessageBegan):
                    if not message.first_packet:
                        message.first_packet, message.time_ns = record.packet, record.time_ns
                else:
                    message.last_packet, message.end_time_ns = record.packet, record.time_ns

    def close(self) -> None:
        """The four-step close, begun by the client."""
        self.send(CLIENT, "AF", ms=1)
        self.send(SERVER, "A", ms=8.4)
        self.send(SERVER, "AF", ms=0.2)
        self.send(CLIENT, "A", ms=0.1)

    def record(self, **changes: object) -> StreamRecord:
        """The connection as the contract prints it."""
        records = [record for record, _ in self.packets]
        sides = [
            SideCounts(
                packets=sum(r.sender is d for r in records),
                bytes=max([r.seq + r.length for r in records if r.sender is d and r.length], default=1) - 1,
            )
            for d in Direction
        ]
        values: dict[str, object] = {
            "stream": 0,
            "client": BROWSER,
            "server": SITE,
            "first_packet": records[0].packet,
            "last_packet": records[-1].packet,
            "time_ns": records[0].time_ns,
            "end_time_ns": records[-1].time_ns,
            "handshake": "complete",
            "close": "fin",
            "rtt_ns": 8_500_000,
            "client_side": sides[0],
            "server_side": sides[1],
            "application": "http/1",
        }
        return StreamRecord(**{**values, **changes})  # type: ignore[arg-type]

    def known(self, **changes: object) -> Known:
        """What a caller knows who read it all before."""
        record = self.record(**changes)
        return Known(
            len(self.packets),
            1,
            len(self.exchanges),
            record.end_time_ns - record.time_ns,
            record,
            self.exchanges,
        )

    def told(self, *, known: bool = True, ending: dict[str, object] | None = None, **options: object) -> str:
        """The walkthrough of it."""
        lines: list[str] = []
        changes = ending or {}
        options = {"known": self.known(**changes) if known else None, "file": "x.pcap", **options}
        walk = Walkthrough(lines.append, client=BROWSER, server=SITE, stream=0, **options)  # type: ignore[arg-type]
        for record, happenings in self.packets:
            walk.packet(record, happenings)
        walk.closing(0, self.behind)
        walk.finish(self.record(**changes))
        return "".join(lines)

    def exchange(
        self,
        request: str = "GET / HTTP/1.1",
        response: str = "200 OK",
        *,
        fields: tuple[tuple[str, str], ...] = (("Host", "www.imooc.com"), ("User-Agent", CHROME)),
        answer_fields: tuple[tuple[str, str], ...] = (),
        body: Body | None = None,
        answer: Body | None = None,
        head: int = 412,
        answer_head: int = 248,
        request_complete: bool = True,
        response_complete: bool = True,
    ) -> Exchange:
        """An exchange whose packets and times are filled in as it happens."""
        method, _, rest = request.partition(" ")
        target, _, version = rest.partition(" ")
        status, _, reason = response.partition(" ")
        made = Exchange(
            len(self.exchanges) + 1,
            0,
            BROWSER,
            SITE,
            version or "HTTP/0.9",
            Request(
                version or "HTTP/0.9",
                list(fields),
                [],
                head,
                body or Body(),
                0,
                0,
                0,
                0,
                request_complete,
                method,
                target,
                None,
            ),
            Response(
                "HTTP/1.1",
                list(answer_fields),
                [],
                answer_head,
                answer or Body(),
                0,
                0,
                0,
                0,
                response_complete,
                int(status) if status else None,
                reason,
            ),
            [],
            Timings(),
            [],
        )
        self.exchanges.append(made)
        return made

    def ask(self, exchange: Exchange, length: int = 412, *, ms: float = 0.4, flags: str = "AP") -> int:
        """A request in one packet."""
        number = self.send(CLIENT, flags, length, ms=ms)
        self.happen(MessageBegan(exchange, CLIENT), MessageEnded(exchange, CLIENT))
        return number

    def answer(self, exchange: Exchange, length: int, *, ms: float = 22.1, whole: bool = True, flags: str = "A") -> int:
        """The first packet of a response, or all of it."""
        number = self.send(SERVER, flags, length, ms=ms)
        self.happen(MessageBegan(exchange, SERVER))
        if whole:
            self.happen(MessageEnded(exchange, SERVER))
        return number


def html(size: int = 5460, **changes: object) -> Body:
    """The body of a page, with its Content-Length."""
    values: dict[str, object] = {
        "size": size,
        "decoded_size": size,
        "content_type": "text/html",
        "framing": "length",
        "declared": size,
    }
    return Body(**{**values, **changes})  # type: ignore[arg-type]


def first_page() -> Wire:
    """The story of the first capture: a page in four pieces, a picture, a clean close."""
    wire = Wire()
    wire.shake_hands()
    page = wire.exchange(answer=html(5460, encoding="gzip", decoded_size=21412))
    picture = wire.exchange(
        "GET /562f25980001b1b106000338.jpg HTTP/1.1",
        fields=(("Host", "img.mukewang.com"), ("User-Agent", CHROME)),
        answer=html(1100, content_type="image/jpeg"),
        answer_head=220,
    )
    wire.ask(page)
    wire.send(SERVER, ms=8.5)
    wire.answer(page, 1448, whole=False)
    wire.send(CLIENT)
    for length in (1448, 1448, 1364):
        wire.send(SERVER, "AP", length, ms=0.2)
        if length == 1364:
            wire.happen(MessageEnded(page, SERVER))
        wire.send(CLIENT, ms=0.1)
    wire.ask(picture, 388, ms=41.5)
    wire.answer(picture, 1320, ms=15.2, flags="AP")
    wire.close()
    return wire
