"""`deflate`: what it packs, every gzip unpacks, and text gets shorter."""

from __future__ import annotations

import gzip
import random

import pytest

from httptrace.teach.situations.deflate import gzip as packed
from httptrace.teach.situations.messages import lines

SEEDS = range(20)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a", id="one byte"),
        pytest.param(b"ab" * 40_000, id="a repeat that overlaps itself"),
        pytest.param(bytes(range(256)) * 2, id="every byte, both code lengths"),
        pytest.param(random.Random(1).randbytes(40_000) * 2, id="a repeat too far away"),
        pytest.param(random.Random(2).randbytes(32_700) * 2, id="a repeat just near enough"),
    ],
)
def test_unpacks_to_what_was_packed(data: bytes) -> None:
    assert gzip.decompress(packed(data)) == data


@pytest.mark.parametrize("seed", SEEDS)
def test_any_text(seed: int) -> None:
    chance = random.Random(seed)
    data = b"".join(bytes([chance.choice(b"abc")]) * chance.randrange(1, 400) for _ in range(chance.randrange(60)))
    assert gzip.decompress(packed(data)) == data


def test_text_gets_much_shorter() -> None:
    text = lines(200)
    assert len(packed(text)) < len(text) // 5
