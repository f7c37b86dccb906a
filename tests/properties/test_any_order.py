"""A complete capture out of order within the grace, or with any packet twice, gives the same exchanges.

The grace of the contract: 32 packets of the connection, 250 ms.
"""

from __future__ import annotations

import random

import pytest

from tests.generate.message import Dialogue
from tests.generate.tcp import MS, Segment

from . import same

FAR = 15  # packets; two that move apart are at most twice that far, still within the grace


def shuffled(segments: list[Segment], chance: random.Random, far: int) -> list[Segment]:
    """Every packet behind the handshake up to `far` places from where it was, a millisecond apart."""
    order = sorted(range(3, len(segments)), key=lambda at: at + chance.random() * far)
    found = segments[:3] + [segments[at] for at in order]
    return [segment.copy(time_ns=segments[0].time_ns + place * MS) for place, segment in enumerate(found)]


def doubled(segments: list[Segment], chance: random.Random) -> list[Segment]:
    """Every packet once or more, the copies up to 40 packets later, most at once."""
    found: list[tuple[float, Segment]] = []
    for place, segment in enumerate(segments):
        found.append((place, segment))
        while chance.random() < 0.4:
            found.append((place + chance.choice((0.5, 0.5, 3.5, 40.5)), segment.copy()))
    return [segment for _, segment in sorted(found, key=lambda entry: entry[0])]


def a_conversation(seed: int) -> tuple[Dialogue, list[Segment]]:
    about = same.some_dialogue(seed, largest=20_000)
    return about, same.said(seed, about, mss=700, ragged=True, ack_every=1 + seed % 4)


@pytest.mark.parametrize("seed", range(40), ids=lambda seed: f"seed-{seed}")
def test_any_order_within_the_grace_gives_the_same_exchanges(seed: int) -> None:
    about, segments = a_conversation(seed)
    whole = same.exchanges(same.captured(about, segments))
    chance = random.Random(seed)
    for far in (2, 5, FAR):
        assert same.exchanges(same.captured(about, shuffled(segments, chance, far))) == whole, f"up to {far} places"


@pytest.mark.parametrize("seed", range(40), ids=lambda seed: f"seed-{seed}")
def test_any_packet_twice_gives_the_same_exchanges(seed: int) -> None:
    about, segments = a_conversation(seed)
    whole = same.exchanges(same.captured(about, segments))
    assert same.exchanges(same.captured(about, doubled(segments, random.Random(seed)))) == whole


@pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")
def test_out_of_order_and_twice(seed: int) -> None:
    about, segments = a_conversation(seed)
    whole = same.exchanges(same.captured(about, segments))
    chance = random.Random(seed)
    assert same.exchanges(same.captured(about, doubled(shuffled(segments, chance, 8), chance))) == whole
