"""What the reading process tells: which worker, and what is known of a connection before its bytes."""

from __future__ import annotations

import random

import pytest

from httptrace.model import Frame
from httptrace.pipeline import Options
from httptrace.workers.events import ENDED, FINISHED, KNOWN, Answer, Event, shard_of
from httptrace.workers.sharing import SharingAnalyzer
from tests.build import conversation, get, ok, together


@pytest.mark.parametrize("shards", [1, 2, 3, 7])
def test_both_directions_go_to_one_worker(shards: int) -> None:
    chance = random.Random(shards)
    taken = set()
    for size in (12, 36):
        for _ in range(100):
            one, other = chance.randbytes(size), chance.randbytes(size)
            shard = shard_of((one, other), shards)
            assert shard == shard_of((other, one), shards)
            taken.add(shard)
    assert taken == set(range(shards))


class Listening:
    """Workers that answer nothing and keep what they are told."""

    jobs = 2

    def __init__(self) -> None:
        self.events: list[list[Event]] = [[], []]

    def send(self, rounds: list[list[Event]]) -> None:
        for kept, events in zip(self.events, rounds, strict=True):
            kept += events

    def receive(self) -> list[Answer]:
        return [([], [], [], [0] * 5), ([], [], [], [0] * 5)]


def told(frames: list[Frame]) -> list[Event]:
    """The events of all workers, in order."""
    workers = Listening()
    analyzer = SharingAnalyzer(Options(), workers, lambda _no, _row: None, whole_streams=False)
    for _ in analyzer.feed(frames):
        pass
    analyzer.finish()
    return sorted((event for events in workers.events for event in events), key=lambda event: int(event[0]))


def test_a_handshake_is_told_once_and_before_the_bytes() -> None:
    events = told(conversation(get("/a"), ok(b"hello"), get("/b"), ok()).frames())
    assert [event[1] for event in events if event[1] != ENDED] == [KNOWN, 0, 1, 0, 1, 1, 0, FINISHED]
    known = events[0]
    assert known[2] == 0
    first_syn, rtt_ns, client = known[4:]
    assert (first_syn, client) == (0, 0)
    assert rtt_ns // 1_000_000 == 20


def test_a_handshake_completed_behind_the_first_bytes_is_told_again() -> None:
    """The client's ACK is not captured, and the server speaks first."""
    capture = conversation(b"", b"220 hello\r\n", get("/a"), ok(), drop=[3])
    events = told(capture.frames())
    before, behind = [event for event in events if event[1] == KNOWN]
    assert before[5] is None
    assert behind[5] // 1_000_000 == 40
    assert events.index(before) < events.index(next(event for event in events if event[1] == 1)) < events.index(behind)


def test_events_of_all_workers_count_on() -> None:
    frames = together(
        *(conversation(get("/"), ok(), client=("192.0.2.1", 40_000 + place)) for place in range(9))
    ).frames()
    events = told(frames)
    assert [event[0] for event in events] == list(range(len(events)))
