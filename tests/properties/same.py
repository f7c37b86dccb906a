"""Dialogues from a seed, said in several ways, and what must be the same in all of them."""

from __future__ import annotations

import random
from typing import Any

from tests.build import Capture
from tests.differential import ours
from tests.generate.conversation import Batch, Conversation
from tests.generate.faults import in_time
from tests.generate.http import Wishes, dialogue
from tests.generate.link import Path
from tests.generate.message import Dialogue
from tests.generate.tcp import Manner, Segment, speak

#: What changes when the same bytes travel in other packets.
OF_PACKETS = {"first_packet", "last_packet", "time_ns", "end_time_ns", "timings", "packet", "text", "values"}


def some_dialogue(seed: int, largest: int) -> Dialogue:
    chance = random.Random(seed)
    wishes = Wishes(
        exchanges=chance.randint(1, 5),
        largest=largest,
        pipelined=chance.random() < 0.3,
        last_until_close=chance.random() < 0.3,
        upgrade=chance.random() < 0.1,
    )
    return dialogue(chance, wishes)


def said(seed: int, about: Dialogue, **manner: Any) -> list[Segment]:
    """The segments of that dialogue in that manner."""
    chance = random.Random(seed)
    isn = (chance.getrandbits(32), 2**32 - chance.randint(1, 2000))
    return speak(about.turns, Manner(isn=isn, **manner), chance)


def captured(about: Dialogue, segments: list[Segment], isn: tuple[int, int] = (5, 2**32 - 100)) -> Capture:
    """A capture that holds these segments in this order."""
    manner = Manner(isn=isn)
    kept = in_time([segment.copy() for segment in segments])
    return Capture(Batch.of([Conversation("property", "undisturbed", about, manner, Path(), kept)]))


def without_packets(value: Any) -> Any:
    """The same value without everything that speaks of packets and times."""
    if isinstance(value, dict):
        return {name: without_packets(each) for name, each in value.items() if name not in OF_PACKETS}
    if isinstance(value, list):
        return [without_packets(each) for each in value]
    return value


def exchanges(capture: Capture) -> list[ours.Record]:
    found: list[ours.Record] = without_packets(ours.read(capture))
    return found
