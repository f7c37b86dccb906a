"""However the bytes are cut into segments, the exchanges are the same: whole, byte by byte, anyhow."""

from __future__ import annotations

import pytest

from tests.generate.http import TEXT

from . import same


@pytest.mark.parametrize("seed", range(40), ids=lambda seed: f"seed-{seed}")
def test_any_split_gives_the_same_exchanges(seed: int) -> None:
    about = same.some_dialogue(seed, largest=4000)
    whole = same.exchanges(same.captured(about, same.said(seed, about, mss=60_000)))
    assert len(whole) == len(about.exchanges)
    for mss in (1460, 536, 97):
        split = same.said(seed + mss, about, mss=mss, ragged=True)
        assert same.exchanges(same.captured(about, split)) == whole, f"segments of up to {mss} bytes"


@pytest.mark.parametrize("seed", range(6), ids=lambda seed: f"seed-{seed}")
def test_byte_by_byte_gives_the_same_exchanges(seed: int) -> None:
    about = same.some_dialogue(seed, largest=len(TEXT))
    whole = same.exchanges(same.captured(about, same.said(seed, about, mss=60_000)))
    single = same.said(seed, about, mss=1, ack_every=50)
    assert same.exchanges(same.captured(about, single)) == whole
