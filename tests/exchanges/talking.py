"""A conversation said to an Analyzer segment by segment, with bytes of either side never captured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from httptrace.model import Direction, Exchange, StreamRecord
from httptrace.pipeline import Analyzer, Options
from tests.tcp.wire import ACK, FIN, SYN, key_of

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
MS = 1_000_000

__all__ = ["ACK", "CLIENT", "FIN", "SERVER", "Outcome", "Said", "Talk", "by_turns", "numbered", "talk"]

Said = tuple[Direction, bytes]


@dataclass
class Outcome:
    """What an Analyzer gave."""

    exchanges: list[Exchange] = field(default_factory=list)
    streams: list[StreamRecord] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple[str | None, int | None]]:
        """(target, status) in order of number; None for a side that is not there."""
        ordered = sorted(self.exchanges, key=lambda one: one.no)
        return [
            (one.request and one.request.target, one.response and one.response.status)  # type: ignore[misc]
            for one in ordered
        ]

    def codes(self, place: int) -> set[str]:
        """The notes of the exchange at that place, those about types left out."""
        ordered = sorted(self.exchanges, key=lambda one: one.no)
        return {note.code for note in ordered[place].notes} - {"default-content-type", "mime-mismatch"}


class Talk:
    """Feeds an Analyzer. Every packet acknowledges all that was sent before it, captured or not."""

    def __init__(self, options: Options | None = None, isn: tuple[int, int] = (1_000, 5_000)) -> None:
        self.outcome = Outcome()
        self.analyzer = Analyzer(
            options or Options(), on_exchange=self.outcome.exchanges.append, on_stream=self.outcome.streams.append
        )
        self.isn = isn
        self.sent = [1, 1]
        self.packet = 0
        self.time_ns = 1_700_000_000 * 1_000_000_000

    def segment(self, side: Direction, seq: int, data: bytes = b"", flags: int = ACK, ack: int | None = None) -> None:
        self.packet += 1
        self.time_ns += MS
        self.analyzer.tracker.segment(
            key_of(side),
            (self.isn[side] + seq) & 0xFFFF_FFFF,
            (self.isn[1 - side] + (self.sent[1 - side] if ack is None else ack)) & 0xFFFF_FFFF if flags & ACK else 0,
            flags,
            data,
            len(data),
            self.packet,
            self.time_ns,
        )

    def open(self) -> Talk:
        self.segment(CLIENT, 0, flags=SYN)
        self.segment(SERVER, 0, flags=SYN | ACK)
        self.segment(CLIENT, 1)
        return self

    def say(self, side: Direction, data: bytes, lost: tuple[int, int] = (0, 0), mss: int = 1460) -> Talk:
        """`lost`: offsets of the side's stream that are not captured."""
        start = self.sent[side] - 1
        place = start
        end = start + len(data)
        while place < end:
            until = min(end, place + mss)
            for edge in lost:
                if place < edge < until:
                    until = edge
            if not lost[0] <= place < lost[1]:
                self.segment(side, place + 1, data[place - start : until - start])
            place = until
        self.sent[side] = end + 1
        return self

    def close(self) -> Outcome:
        self.segment(CLIENT, self.sent[CLIENT], flags=FIN | ACK)
        self.sent[CLIENT] += 1
        self.segment(SERVER, self.sent[SERVER], flags=FIN | ACK)
        self.sent[SERVER] += 1
        self.segment(CLIENT, self.sent[CLIENT])
        return self.finish()

    def finish(self) -> Outcome:
        self.analyzer.decoder.packets = self.packet
        self.analyzer.finish()
        return self.outcome


def talk(
    turns: Sequence[Said],
    lost: tuple[int, int] = (0, 0),
    lost_side: Direction = SERVER,
    mss: int = 1460,
    opened: bool = True,
) -> Outcome:
    """Say these turns; `lost` are offsets of one side that were never captured."""
    one = Talk()
    if opened:
        one.open()
    for side, data in turns:
        one.say(side, data, lost if side == lost_side else (0, 0), mss)
    return one.close()


def numbered(count: int, body: Callable[[int], bytes] | None = None) -> tuple[list[bytes], list[bytes]]:
    """Requests and their responses, each with its number in the target, in a field and in the body; framed by length
    or in chunks by turns."""
    requests, responses = [], []
    for number in range(1, count + 1):
        content = body(number) if body else b"<p>body %d</p>" % number * 3
        form = b"" if number % 3 else b"a=%d&b=2" % number
        method = b"POST" if form else b"GET"
        length = b"Content-Length: %d\r\n" % len(form) if form else b""
        requests.append(b"%b /%d HTTP/1.1\r\nHost: a.example\r\n%b\r\n%b" % (method, number, length, form))
        head = b"HTTP/1.1 %d Number\r\nX-Number: %d\r\nContent-Type: text/html\r\n" % (600 + number, number)
        if number % 2:
            responses.append(head + b"Content-Length: %d\r\n\r\n" % len(content) + content)
        else:
            half = len(content) // 2
            responses.append(
                head
                + b"Transfer-Encoding: chunked\r\n\r\n"
                + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (content[:half], content[half:]))
                + b"0\r\n\r\n"
            )
    return requests, responses


def by_turns(requests: Sequence[bytes], responses: Sequence[bytes]) -> list[Said]:
    """Each request, then its response."""
    return [turn for pair in zip(requests, responses, strict=True) for turn in zip((CLIENT, SERVER), pair, strict=True)]
