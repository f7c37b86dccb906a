"""Rows that lack their number, and get it."""

from __future__ import annotations

import pytest

from httptrace.ledger import DirectionLedger, Share
from httptrace.model import Direction
from httptrace.workers.channel import pack, unpack
from httptrace.workers.rows import ledger_of, numbered, numbered_cell, plain_ledger


@pytest.mark.parametrize(
    ("row", "number", "line"),
    [
        pytest.param(b'{"no":0,"stream":0}\n', 120, b'{"no":120,"stream":0}\n', id="jsonl"),
        pytest.param(b"0,10,0\n", 7, b"7,10,0\n", id="csv"),
        pytest.param(b'{"kind":"exchange","no":0,"x":0}\n', 30, b'{"kind":"exchange","no":30,"x":0}\n', id="audit"),
    ],
)
def test_the_number_takes_the_place_of_the_first_nought(row: bytes, number: int, line: bytes) -> None:
    assert numbered(row, number) == line


@pytest.mark.parametrize(
    ("number", "row"),
    [(7, "   7    0.001 GET"), (9999, "9999    0.001 GET"), (10_000, "10000    0.001 GET")],
    ids=["narrow", "full", "wider-than-its-column"],
)
def test_the_cell_of_a_number_stands_to_the_right(number: int, row: str) -> None:
    assert numbered_cell("   0    0.001 GET", number) == row


@pytest.mark.parametrize("sender", [Direction.CLIENT, Direction.SERVER, None])
def test_a_ledger_travels_whole(sender: Direction | None) -> None:
    ledger = DirectionLedger(3, sender, 10, 9, 2, Share(4, 5, 6), {"tls": 8, "resync": 1}, 11, 12, 13, 14, 15, 16, 17)
    assert ledger_of(unpack(pack(plain_ledger(ledger)))) == ledger
