"""What live capture prints, through a thread of its own: a terminal that stalls stops the thread and nothing else."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context

from httptrace.limits import LIVE_OUTPUT

#: Bytes written at once; between two writes the status line gets its turn.
_PIECE = 1 << 18
_ERASE = "\r\x1b[2K"


class Output:
    """Takes lines from the loop that reads and never makes it wait.

    What is not taken off by the terminal or pipe waits, up to `limit` bytes; beyond that lines are left out and
    counted. `write` puts bytes to stdout; `status` is asked once a second for a line that stands at the foot of a
    terminal (stderr). `on_break` is called once where stdout takes no more (a closed pipe, a full disk).
    """

    def __init__(
        self,
        write: Callable[[bytes], object],
        status: Callable[[], str] | None = None,
        on_break: Callable[[], object] = lambda: None,
        limit: int = LIVE_OUTPUT,
    ) -> None:
        self.left_out = 0
        self.problem: OSError | None = None
        self._write = write
        self._status = status
        self._on_break = on_break
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._said: deque[str] = deque()
        self._ended = False
        self._change = threading.Condition()
        self._shows_status = ""
        # A thread begins with no context of its own, and the language is in the context.
        run = copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="output", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def line(self, line: bytes) -> None:
        """A line for stdout, its newline included."""
        with self._change:
            if self.problem is not None:
                return
            if self._size + len(line) > self._limit:
                self.left_out += 1
                return
            idle = not self._waiting
            self._waiting.append(line)
            self._size += len(line)
            if idle:
                self._change.notify()

    def say(self, text: str) -> None:
        """A line for stderr."""
        with self._change:
            if len(self._said) < 1_000:
                self._said.append(text)
                self._change.notify()

    def finish(self) -> None:
        """Write all that waits, and end."""
        with self._change:
            self._ended = True
            self._change.notify()
        self._thread.join()

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            with self._change:
                if not (self._waiting or self._said or self._ended):
                    self._change.wait(max(0.0, due - time.monotonic()) if self._status is not None else None)
                lines, said = self._take()
                ended = self._ended and not (lines or said)
            try:
                if lines or said or ended:
                    self._erase()
                for text in said:
                    sys.stderr.write(text + "\n")
                if said:
                    sys.stderr.flush()
                if lines:
                    self._write(lines)
            except (OSError, ValueError) as error:
                self._broken(error)
            if ended:
                return
            if self._status is not None and time.monotonic() >= due:
                due = time.monotonic() + 1
                self._shows_status = self._status()
            self._show()

    def _take(self) -> tuple[bytes, list[str]]:
        """What is written next; the lock is held."""
        pieces, size = [], 0
        while self._waiting and size < _PIECE:
            piece = self._waiting.popleft()
            pieces.append(piece)
            size += len(piece)
        self._size -= size
        said = list(self._said)
        self._said.clear()
        return b"".join(pieces), said

    def _broken(self, error: OSError | ValueError) -> None:
        with self._change:
            self.problem = error if isinstance(error, OSError) else OSError(str(error))
            self._waiting.clear()
            self._size = 0
        self._on_break()

    def _erase(self) -> None:
        if self._shows_status:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()

    def _show(self) -> None:
        """The status at the foot of the terminal, in rich's colours."""
        if not self._shows_status:
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, highlight=False)
        sys.stderr.write(_ERASE)
        text = Text(self._shows_status, style="dim")
        text.truncate(max(10, console.width - 1), overflow="ellipsis")
        # Whoever else writes to this terminal (what reads our pipe) begins at the line's start, not behind the status.
        console.print(text, end="\r", no_wrap=True, overflow="crop", soft_wrap=True)
        sys.stderr.flush()
