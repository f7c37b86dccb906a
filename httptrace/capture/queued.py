"""Writing to a pipe through a thread of its own: a reader that stands still holds up nobody but the thread."""

from __future__ import annotations

import os
import threading
from collections import deque


class QueuedWriter:
    """Takes pieces for a descriptor and never makes their giver wait; up to `limit` bytes of them wait to be written.

    What writing met, a reader that has left above all, is raised by the next call.
    """

    def __init__(self, descriptor: int, limit: int) -> None:
        self._descriptor = descriptor
        self._limit = limit
        self._waiting: deque[bytes] = deque()
        self._size = 0  # of what waits and of what is being written
        self._ended = False
        self._problem: OSError | None = None
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="saving", daemon=True)
        self._thread.start()

    def put(self, piece: bytes, within: bool = True) -> bool:
        """Have it written; gives whether there was room. Without `within` there always is. Raises OSError."""
        with self._change:
            if self._problem is not None:
                raise self._problem
            if within and self._size + len(piece) > self._limit:
                return False
            self._waiting.append(piece)
            self._size += len(piece)
            self._change.notify()
        return True

    def finish(self) -> None:
        """Wait until everything is written. Raises OSError."""
        with self._change:
            self._ended = True
            self._change.notify()
        self._thread.join()
        if self._problem is not None:
            raise self._problem

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._waiting and not self._ended:
                    self._change.wait()
                if not self._waiting:
                    return
                piece = self._waiting.popleft()
            try:
                write_all(self._descriptor, piece)
            except OSError as error:
                with self._change:
                    self._problem = error
                    self._waiting.clear()
                return
            with self._change:
                self._size -= len(piece)


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write all of it, in as many pieces as the system likes. Raises OSError."""
    done = 0
    with memoryview(data) as left:
        while done < len(left):
            done += os.write(descriptor, left[done:])
