"""`--follow`: reading goes on until a signal, a time, or the end of a pipe."""

from __future__ import annotations

import argparse
import signal
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import stat as status_of
from types import FrameType
from typing import TYPE_CHECKING

from httptrace.capture.merge import Captures, open_captures
from httptrace.capture.waiting import Waiting
from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.limits import IDLE_NS
from httptrace.model import Frame
from httptrace.selection import span

if TYPE_CHECKING:
    from httptrace.pipeline import Analyzer


#: How often connections are looked over, and how long one that is closed is kept for stragglers, by packet time.
_LOOK_OVER_NS = 5_000_000_000
_STRAGGLERS_NS = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Follow:
    """What --follow and --duration ask for. `seconds`: None without an end."""

    seconds: float | None = None

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace) -> Follow | None:
        """None where captures are read as they are. Raises UsageError."""
        if arguments.duration is None:
            return cls() if arguments.follow else None
        if not arguments.follow:
            raise UsageError(_("--duration goes with --follow"))
        time_ns = span(arguments.duration)
        if not time_ns:
            raise UsageError(_("--duration {value}: a time such as 30s or 10min").format(value=arguments.duration))
        return cls(time_ns / 1e9)


def opened(paths: list[str], waiting: Waiting, follow: Follow | None, say: Callable[[str], object]) -> Captures:
    """The captures, followed where that is asked for. A pipe is read to its end either way. Raises UsageError."""
    if follow is None:
        return open_captures(paths, waiting)
    from httptrace.capture.follow import Followed

    pipes = [path for path in paths if _is_pipe(path)]
    if not pipes:
        return Followed(paths, waiting, say)
    if len(paths) > 1:
        raise UsageError(_("{path}: a pipe is followed alone, without other files").format(path=pipes[0]))
    return open_captures(paths, waiting)


def feed(analyzer: Analyzer, frames: Iterable[Frame], follow: Follow | None) -> None:
    """Let the analyzer read all frames. Where they are followed there may be no end at which connections are told, so
    those that are over or silent are let go meanwhile, by the time of packets."""
    if follow is None:
        for _packet in analyzer.feed(frames):
            pass
        return
    burst = _Burst(frames)
    while True:
        for _packet in analyzer.feed(burst):
            pass
        if burst.ended:
            return
        analyzer.expire(burst.time_ns - IDLE_NS)
        closed = {half.connection for half in analyzer.tracker.halves.values() if half.connection.parked}
        for connection in sorted(closed, key=lambda one: one.first_packet):
            if connection.last_time < burst.time_ns - _STRAGGLERS_NS:
                analyzer.tracker.forget(connection)


class _Burst:
    """Frames of a few seconds, and the next ones when they are iterated again, until all have `ended`."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self.ended = False
        self.time_ns = 0  # of the last frame
        self._frames = iter(frames)

    def __iter__(self) -> Iterator[Frame]:
        until = None
        for frame in self._frames:
            yield frame
            if until is None:
                until = frame[4] + _LOOK_OVER_NS
            elif frame[4] >= until:
                self.time_ns = frame[4]
                return
        self.ended = True


def _is_pipe(path: str) -> bool:
    try:
        return path == "-" or stat.S_ISFIFO(status_of(path).st_mode)
    except (OSError, ValueError):
        return False


@contextmanager
def ended_by_signals(waiting: Waiting, follow: Follow | None) -> Iterator[None]:
    """While captures are followed, the first SIGINT or SIGTERM ends reading, so that the rest is printed; a second one
    ends at once."""
    if follow is None:
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        if waiting.stopped:
            raise KeyboardInterrupt
        waiting.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
