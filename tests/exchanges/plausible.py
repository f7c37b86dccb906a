"""Conversations that are plausible: mostly as browsers and servers have them, with every oddity now and then.

Random words (`test_any_talk.py`) are seldom plain for long; these go back and forth between plain and odd.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter
from dataclasses import dataclass, field

from httptrace.ledger import DirectionLedger, Share
from httptrace.model import Direction, Exchange
from httptrace.pipeline import Analyzer, Options
from tests.exchanges.talking import ACK, CLIENT, SERVER, Talk
from tests.tcp.wire import RST


@dataclass
class Ledgers:
    """What an auditor is told."""

    told: list[tuple[int, Share, Share] | DirectionLedger] = field(default_factory=list)

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        self.told.append((exchange.no, client, server))

    def direction(self, ledger: DirectionLedger) -> None:
        self.told.append(ledger)


class Plausible(Talk):
    """One such conversation. `odd`: how likely each oddity is, for one piece of what is said."""

    def __init__(self, chance: random.Random, whole: bool, odd: float, options: Options) -> None:
        super().__init__()
        self.ledgers = Ledgers()
        self.analyzer = Analyzer(
            options, self.outcome.exchanges.append, self.outcome.streams.append, audit=self.ledgers
        )
        self.analyzer.takes_whole = whole
        self.chance = chance
        self.odd = odd
        self.met: Counter[str] = Counter()  # which kind of dialogue read on, after each piece

    def oddly(self, times: float = 1.0) -> bool:
        return self.chance.random() < times * self.odd

    def converse(self) -> Plausible:
        """A few exchanges, from the handshake or from the middle; not yet ended."""
        if not self.oddly(10):
            self.open()
        for number in range(self.chance.randint(1, 9)):
            asked = self.request(number)
            behind_head = asked.index(b"\r\n\r\n") + 4 if self.chance.random() < 0.5 else len(asked)
            self.disturbed(CLIENT, asked[:behind_head])
            if self.oddly():
                self.disturbed(SERVER, self.response())  # before all was asked
            self.disturbed(CLIENT, asked[behind_head:])
            if self.oddly(2):
                self.disturbed(CLIENT, self.request(100 + number))  # does not wait
            if self.oddly(2):
                continue
            if self.oddly():
                self.disturbed(SERVER, b"HTTP/1.1 100 Continue\r\n\r\n")
            answer = self.response()
            if self.oddly():
                answer += self.response()
            cut = self.chance.randrange(len(answer)) if self.oddly(5) else 0
            self.disturbed(SERVER, answer[:cut])
            if cut and self.oddly(10):
                self.disturbed(CLIENT, self.request(200 + number))
            self.disturbed(SERVER, answer[cut:])
            if self.oddly():
                self.disturbed(SERVER, b"\r\n")
        return self

    def disturbed(self, side: Direction, data: bytes) -> None:
        """Say it in segments, with bytes lost, left out, said again with other values, and resets."""
        chance, lost = self.chance, (0, 0)
        if data and self.oddly():
            begin = self.sent[side] - 1 + chance.randrange(len(data))
            lost = (begin, begin + chance.randint(1, len(data)))
        if self.oddly(0.5):
            self.sent[side] += chance.randint(1, 40)
        if self.sent[side] > 30 and self.oddly():
            self.segment(side, self.sent[side] - 20, b"#" * chance.choice((5, 20)))
        if self.oddly(0.3):
            self.segment(side, self.sent[side], flags=RST | ACK)
        if self.oddly(0.5):
            data = data[: chance.randint(0, len(data))]
        if data:
            self.say(side, data, lost, chance.choice((1460, 1460, 500, 60)))
        for half in self.analyzer.tracker.halves.values():
            self.met[type(half.connection.application.dialogue).__name__] += 1  # type: ignore[attr-defined]

    def request(self, number: int) -> bytes:
        chance = self.chance
        body = chance.randbytes(chance.choice((0, 1, 60, 300, 4000)))
        if self.oddly():
            return b"HEAD /%d HTTP/1.1\r\nHost: a.example\r\n\r\n" % number
        if self.oddly():
            return b"POST /%d HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello" % number
        if self.oddly():
            coded = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return b"POST /%d HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % (number, coded)
        if self.oddly():
            return b"OPTIONS * HTTP/1.0\r\nHost:a\r\n\r\n"
        if chance.random() < 0.3:
            return b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (number, len(body), body)
        return b"GET /%d HTTP/1.1\r\nHost: a.example\r\nCookie: b=c\r\n\r\n" % number

    def response(self) -> bytes:
        chance = self.chance
        body = chance.randbytes(chance.choice((0, 1, 63, 64, 65, 700, 3000)))
        more = chance.choice((b"", b"Content-Type: text/html\r\n", b"Content-Type: image/png\r\n"))
        if chance.random() < 0.3:
            body = gzip.compress(b"<html>" + b"text " * chance.randint(0, 400), mtime=0)
            more += b"Content-Encoding: gzip\r\n"
            if self.oddly(2):
                body = body[: len(body) // 2] + b"!" + body[len(body) // 2 :]
        status = (
            chance.choice((b"304 Not Modified", b"204 No Content", b"101 Switching")) if self.oddly() else b"200 OK"
        )
        version = b"HTTP/1.0" if self.oddly() else b"HTTP/1.1"
        head = b"%b %b\r\n%b" % (version, status, more)
        if (status != b"200 OK" and not self.oddly(5)) or self.oddly(0.5):
            return head + b"\r\n"
        if chance.random() < 0.5:
            length = len(body) + (chance.choice((-1, 1, 5)) if self.oddly() else 0)
            return head + b"Content-Length: %d\r\n\r\n%b" % (max(length, 0), body)
        size = max(chance.choice((1, 7, 100, 2000)), len(body) // 20, 1)
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        coded += b"0\r\n" + (b"T: u\r\n" if self.oddly(2) else b"") + b"\r\n"
        if self.oddly(2):
            at = chance.randrange(len(coded))
            coded = coded[:at] + chance.choice((b"\0", b"\n", b"z", b"")) + coded[at + chance.choice((0, 1)) :]
        codings = chance.choice((b"Chunked", b"gzip, chunked", b"identity")) if self.oddly() else b"chunked"
        if self.oddly():
            head += b"Content-Length: %b\r\n" % chance.choice((b"3", b"3, 4", b"three"))
        return head + b"Transfer-Encoding: %b\r\n\r\n" % codings + coded
