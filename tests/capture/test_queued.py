"""A writer that makes nobody wait, in front of a pipe whose reader stands still or leaves."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from httptrace.capture.queued import QueuedWriter

PIECE = bytes(range(256)) * 1_024  # more than a pipe holds


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            pass


def read(reading: int, size: int) -> bytes:
    parts = []
    while size:
        parts.append(os.read(reading, size))
        size -= len(parts[-1])
    return b"".join(parts)


def test_what_finds_no_room_is_refused_and_nothing_else(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = QueuedWriter(writing, 3 * len(PIECE))
    assert [writer.put(PIECE) for _ in range(5)] == [True, True, True, False, False]
    assert writer.put(b"this in any case", within=False)
    assert read(reading, 3 * len(PIECE) + 16) == PIECE * 3 + b"this in any case"
    while not writer.put(PIECE):  # as soon as the thread has seen that it is written
        pass
    assert read(reading, len(PIECE)) == PIECE
    writer.finish()


def test_finishing_waits_for_the_reader(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = QueuedWriter(writing, 1 << 20)
    writer.put(b"one ")
    writer.put(b"two")
    writer.finish()
    assert read(reading, 7) == b"one two"


def test_a_reader_that_left_is_said_by_the_next_call(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = QueuedWriter(writing, 1 << 20)
    os.close(reading)
    writer.put(b"into nothing")
    with pytest.raises(BrokenPipeError):
        writer.finish()
    with pytest.raises(BrokenPipeError):
        writer.put(b"more")
