"""Whatever two sides say to each other, with holes, resets and other protocols: nothing raises, numbers have no holes,
every octet is accounted for, and nothing stays behind."""

from __future__ import annotations

import random

import pytest

from tests.exchanges.talking import ACK, CLIENT, SERVER, Talk
from tests.tcp.wire import RST

WORDS = (
    b"GET /a HTTP/1.1\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: a\r\n",
    b"POST /b HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n\r\n",
    b"GET /old\r\n",
    b"POST /c HTTP/1.1\r\nContent-Length: 3\r\nContent-Type: a/b\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 8\r\n\r\n\x89PNG\r\n\x1a\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
    b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    b"HTTP/1.0 200 OK\r\n\r\n",
    b"0\r\n\r\n",
    b"hello",
    b"\r\n",
    b"\0x",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x00\x05hello",
)


def some_talk(chance: random.Random, whole: bool, kind: type[Talk] = Talk) -> Talk:
    """A conversation of those words, not yet at its end."""
    one = kind()
    one.analyzer.takes_whole = whole
    if chance.random() < 0.8:
        one.open()
    for _ in range(chance.randint(1, 14)):
        side, word = chance.choice((CLIENT, SERVER)), chance.choice(WORDS)
        if chance.random() < 0.3:
            word = word[: chance.randint(1, len(word))]
        elif chance.random() < 0.2:
            word += chance.choice(WORDS)
        lost = (0, 0)
        if chance.random() < 0.2:
            begin = one.sent[side] - 1 + chance.randrange(len(word))
            lost = (begin, begin + chance.randint(1, len(word)))
        if chance.random() < 0.05:
            one.segment(side, one.sent[side], flags=RST | ACK)
        if chance.random() < 0.1:
            one.sent[side] += chance.randint(1, 30)
        one.say(side, word, lost, chance.choice((1460, 7)))
    return one


@pytest.mark.parametrize("seed", range(8), ids=lambda seed: f"seed-{seed}")
def test_any_talk(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(120):
        one = some_talk(chance, whole=True)
        found = one.close() if chance.random() < 0.5 else one.finish()
        assert sorted(each.no for each in found.exchanges) == list(range(1, len(found.exchanges) + 1))
        assert [each.stream for each in found.streams] == ([0] if one.packet else [])
        assert one.analyzer.tracker.held == 0
        for each in found.exchanges:
            assert each.request or each.response
