"""The search for a start line: where it may begin, and that looking is linear however the bytes come."""

from __future__ import annotations

import random

import pytest

from httptrace.http import syntax
from httptrace.http.search import FoundLine, StartLineSearch
from httptrace.limits import LINE_KEPT
from httptrace.model import At

LINE = b"GET /found HTTP/1.1\r\n"


class Counting:
    """Finds request lines, and counts the octets that it was asked to look through."""

    def __init__(self) -> None:
        self.octets = 0

    def find(self, octets: bytes, place: int) -> int:
        self.octets += len(octets) - place
        match = syntax.REQUEST_START.search(octets, place)
        return match.start(1) if match else -1


def at_of(packet: int) -> At:
    return (packet, packet * 1_000, 0)


def search(pieces: list[bytes], agrees: bool = True) -> tuple[FoundLine | None, Counting]:
    """What is found in the pieces, each a packet."""
    counting = Counting()
    looking = StartLineSearch(counting.find, lambda _at, _offset: agrees)
    looking.begin(behind_gap=False)
    offset, found = 0, None
    for packet, piece in enumerate(pieces, 1):
        found = looking.feed(piece, at_of(packet), offset)
        if found is not None:
            break
        offset += len(piece)
    return found, counting


@pytest.mark.parametrize(
    ("pieces", "packet", "offset"),
    [
        pytest.param([b"lost\n" + LINE], 1, 5, id="behind-a-line-end"),
        pytest.param([b"lost\n", LINE], 2, 5, id="in-its-own-segment"),
        pytest.param([b"lost", LINE], 2, 4, id="a-segment-behind-no-line-end"),
        pytest.param([b"lost", LINE[:7], LINE[7:]], 2, 4, id="a-segment-whose-line-goes-on"),
        pytest.param([b"lost", LINE[:7], LINE[7:-2], b"\r", b"\n"], 2, 4, id="the-line-end-comes-last"),
        pytest.param([b"x", b"PICK a HTTP/1.0 ", LINE], 3, 17, id="of-several-the-usual-method"),
        pytest.param([b"lost\nGE", b"T /found HTTP/1.1\r\n"], 1, 5, id="a-method-cut-in-two"),
        pytest.param([b"lost\nMKC", b"OL /found HTTP/1.1\r\n"], 1, 5, id="an-unusual-method-cut-in-two"),
        pytest.param([b"lost", b"(lost) " + LINE], None, None, id="in-the-middle-of-a-segment"),
    ],
)
def test_where_a_line_begins(pieces: list[bytes], packet: int | None, offset: int | None) -> None:
    found, _ = search(pieces)
    if found is None:
        assert packet is None
    else:
        assert (found.first[0], found.offset) == (packet, offset)


@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed{seed}")
def test_any_pieces_find_the_line_behind_a_line_end(seed: int) -> None:
    chance = random.Random(seed)
    data = bytes(chance.choice(b"ab \n") for _ in range(300)) + b"\n" + LINE
    cuts = sorted(chance.sample(range(1, len(data)), k=40))
    pieces = [data[low:high] for low, high in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    found, _ = search(pieces)
    assert found is not None
    assert found.offset == 301


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([b"x" * (2 * LINE_KEPT)] * 4, id="no-line-end"),
        pytest.param([b"x" * 40 + b" HTTP/1.1 \n"] * 400, id="many-lines"),
        pytest.param([b"GET " * 40 + b"HTTP/1.1 x\n"] * 200, id="nearly-start-lines"),
        pytest.param([b"x" * (LINE_KEPT - 40) + b"GET / " * 4 + b"HTTP/1.1 x\n"] * 4, id="long-lines"),
    ],
)
def test_looking_octet_by_octet_is_linear(lines: list[bytes]) -> None:
    """Segments of one octet, each of which might begin a line: what is looked through is a small multiple."""
    data = b"".join(lines)
    found, counting = search([data[place : place + 1] for place in range(len(data))])
    assert found is None
    assert counting.octets <= 40 * len(data)


def test_a_line_that_does_not_agree_is_passed_over() -> None:
    assert search([b"lost", LINE, LINE], agrees=False)[0] is None
