"""How a reader waits for what is not there yet: a pipe that is quiet, a file that grows.

Before it waits it says so, and whoever prints gives out what is ready: a line never waits for the packet behind it.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import BinaryIO

#: Seconds between two looks: what a line may be late, and what stopping may take.
LOOK = 0.05

#: Seconds for what the other side of a pipe writes last.
_LAST_WORDS = 0.5


class Stopped(BaseException):
    """Whoever reads wants no more: what was read is all."""


class Waiting:
    """Waits, until `stop` is called (a signal's handler may) or `seconds` have passed."""

    def __init__(self, pause: Callable[[], object], seconds: float | None = None) -> None:
        """`pause` is called before each wait, when everything that was read so far has gone through."""
        self._pause = pause
        self.stopped = False
        self._until = None if seconds is None else time.monotonic() + seconds

    @property
    def over(self) -> bool:
        """Whether nothing more is waited for."""
        return self.stopped or (self._until is not None and time.monotonic() >= self._until)

    def stop(self) -> None:
        """Let all waiting end."""
        self.stopped = True

    def look_again(self) -> None:
        """Wait until it is worth looking once more."""
        self._pause()
        if not self.over:
            time.sleep(LOOK if self._until is None else min(LOOK, max(0.0, self._until - time.monotonic())))

    def for_input(self, stream: BinaryIO) -> None:
        """Wait until reading `stream` would give something, its end included. Raises Stopped.

        Behind `stop` the end is waited for a little: Ctrl-C reaches both sides of a pipe, and the other one has things
        to write before it goes.
        """
        if not self.over and _readable(stream, 0):
            return
        self._pause()
        while not self.over:
            if _readable(stream, LOOK):
                return
        if self._last is None:
            self._last = time.monotonic() + _LAST_WORDS
        left = self._last - time.monotonic()
        if left <= 0 or not _readable(stream, left):
            raise Stopped

    _last: float | None = None  # until when last words are waited for


def _readable(stream: BinaryIO, seconds: float) -> bool:
    """Whether there is something to read. What cannot be asked (a pipe on Windows, a stream of memory) is not waited
    for here: reading it waits."""
    try:
        return bool(select.select([stream], [], [], seconds)[0])
    except (OSError, ValueError, TypeError):
        return True
