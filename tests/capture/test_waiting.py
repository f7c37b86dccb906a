"""Waiting for what is not there yet: what is ready is given out first, and it ends when told."""

from __future__ import annotations

import io
import os
import types

import pytest

from httptrace.capture import waiting
from httptrace.capture.waiting import LOOK, Stopped, Waiting


def test_waiting_says_so_first_and_ends_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    slept: list[float] = []
    paused: list[int] = []

    def sleep(seconds: float) -> None:
        assert len(paused) == len(slept) + 1
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(waiting, "time", types.SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    patience = Waiting(lambda: paused.append(1), seconds=2.5 * LOOK)
    for _ in range(3):
        assert not patience.over
        patience.look_again()
    assert patience.over
    assert slept == pytest.approx([LOOK, LOOK, LOOK / 2])
    patience.look_again()
    assert len(slept) == 3
    forever = Waiting(lambda: None)
    assert not forever.over
    forever.stop()
    assert forever.over


def test_a_pipe_is_waited_for_with_everything_given_out() -> None:
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as stream, os.fdopen(write_end, "wb", buffering=0) as sender:
        paused: list[int] = []

        def pause() -> None:
            paused.append(1)
            sender.write(b"x")

        patience = Waiting(pause)
        patience.for_input(stream)
        assert (paused, stream.read1(9)) == ([1], b"x")
        sender.write(b"y")
        patience.for_input(stream)
        assert paused == [1]  # there was something
    Waiting(lambda: None).for_input(io.BytesIO())  # a stream that cannot be asked is not waited for


def test_behind_a_signal_a_pipe_has_a_little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(waiting, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
    asked: list[float] = []

    def readable(_stream: object, seconds: float) -> bool:
        asked.append(seconds)
        now[0] += 0.2
        return True  # the other side goes on and on

    monkeypatch.setattr(waiting, "_readable", readable)
    patience = Waiting(lambda: None)
    patience.stop()
    for _ in range(3):
        patience.for_input(io.BytesIO())
    with pytest.raises(Stopped):
        patience.for_input(io.BytesIO())
    assert asked == pytest.approx([0.5, 0.3, 0.1])
