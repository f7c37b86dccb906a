"""Slow start is told where bursts grow from round trip to round trip, and nowhere else."""

from __future__ import annotations

import pytest

from httptrace.model import Direction, PacketRecord
from httptrace.outputs.narration.facts import Connection
from httptrace.outputs.narration.why.bursts import Bursts
from httptrace.outputs.narration.wording import Roles

MS = 1_000_000


def told(bursts: list[int], *, apart: int = 60 * MS, trip: int | None = 60 * MS, repeat: bool = False) -> list[str]:
    """What is said of bursts of so many full segments of the server."""
    watcher, connection = Bursts(trip), Connection()
    number, seq = 1, 1
    for place, segments in enumerate(bursts):
        for at in range(segments):
            analysis = ("retransmission",) if repeat and place and not at else ()
            start = 1 if analysis else seq
            time = place * apart + at * 100_000
            record = PacketRecord(number, 0, time, Direction.SERVER, "A", start, 1, 1460, 65535, analysis)
            watcher.watch(connection.observe(record))
            number, seq = number + 1, seq if analysis else seq + 1460
    return [row.text.replace("\xa0", " ") for row in watcher.row(Direction.SERVER, Roles(True))]


def test_bursts_that_double() -> None:
    (text,) = told([10, 20, 40])
    assert text.startswith(
        "The server sent in bursts, 60.0 ms from one to the next: 10 pieces (14,600 bytes), 20 pieces (29,200 bytes), "
        "40 pieces (58,400 bytes)."
    )
    assert "RFC 5681 §3.1" in text


@pytest.mark.parametrize(
    ("bursts", "said"),
    [
        pytest.param([10, 15, 22, 34], 4, id="delayed-acks-grow-by-half"),
        pytest.param([10, 20, 40, 3], 3, id="the-rest-of-the-body-is-no-burst"),
        pytest.param([10, 20], 0, id="two-are-no-proof"),
        pytest.param([10, 10, 10], 0, id="a-steady-sender"),
        pytest.param([40, 20, 10], 0, id="a-slowing-sender"),
        pytest.param([70], 0, id="all-at-once"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_how_many_bursts_are_told(bursts: list[int], said: int) -> None:
    text = "".join(told(bursts))
    assert text.count(" pieces (") == said


@pytest.mark.parametrize("trip", [None, 200_000], ids=["no-handshake", "a-trip-too-short-to-see"])
def test_without_a_round_trip_nothing_is_said(trip: int | None) -> None:
    assert told([10, 20, 40], trip=trip) == []


def test_bursts_far_apart_do_not_follow_from_one_another() -> None:
    assert told([10, 20, 40], apart=500 * MS) == []


def test_what_comes_again_is_no_new_data() -> None:
    (text,) = told([10, 21, 41], repeat=True)
    assert "20 pieces" in text


def test_a_body_is_told_once() -> None:
    watcher = Bursts(60 * MS)
    assert watcher.row(Direction.SERVER, Roles(True)) == []
