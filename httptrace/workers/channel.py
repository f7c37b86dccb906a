"""Messages between two processes over a pipe, each a length and what `marshal` makes of a plain value.

Both ends are the same Python and trust each other. A thread writes, in one call a message, so that its process goes
on meanwhile. The reading process never waits for room to write (it bounds the rounds under way instead), so it always
comes to read; a worker waits where much of what it found was not taken yet. So two that both have much to say cannot
wait for each other.
"""

from __future__ import annotations

import marshal
import os
from queue import SimpleQueue
from struct import Struct
from threading import Condition, Thread
from typing import IO, Any

#: The format without back references: nothing of ours repeats, and looking for repetitions costs half of the time.
_FORMAT = 2

_LENGTH = Struct("!Q")


def pack(message: Any) -> bytes:
    """A message as it travels, without its length."""
    return marshal.dumps(message, _FORMAT)


def unpack(data: bytes) -> Any:
    """The message."""
    return marshal.loads(data)


class Sender:
    """Writes messages to a pipe, from a thread of its own."""

    def __init__(self, descriptor: int, room: int | None = None) -> None:
        self._descriptor = descriptor
        self._room = room
        self._waiting = 0  # bytes not written yet
        self._written = Condition()
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = Thread(target=self._run, daemon=True)  # never keeps a process alive
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Send a packed message; blocks while more than `room` bytes wait before it. Where the other end is gone, that
        shows when it is read from."""
        with self._written:
            while self._room is not None and self._waiting > self._room:
                self._written.wait()
            self._waiting += len(data)
        self._queue.put(data)

    def mention(self, data: bytes) -> None:
        """Send a packed message, unless others wait already. Never blocks."""
        with self._written:
            if self._waiting:
                return
            self._waiting += len(data)
        self._queue.put(data)

    def finish(self) -> None:
        """Wait until everything was written."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            try:
                self._write(_LENGTH.pack(len(data)))
                self._write(data)
            except OSError:  # nobody reads any more
                self._room = None
                return
            finally:
                with self._written:
                    self._waiting -= len(data)
                    self._written.notify()

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


def receive(stream: IO[bytes]) -> Any:
    """The next message, or None where the other end is gone. Blocks."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    data = stream.read(size)
    return unpack(data) if len(data) == size else None
