"""Where a reader of one direction can be, and what its two kinds do not share: how their messages begin."""

from __future__ import annotations

from enum import Enum, auto
from typing import ClassVar

from httptrace.http.door import SideDoor
from httptrace.http.events import MessageHead
from httptrace.http.framing import Framing
from httptrace.model import At, Direction


class State(Enum):
    """Where in its row of messages a reader is."""

    START = auto()
    HEAD = auto()
    LENGTH = auto()
    CLOSE = auto()
    CHUNKED = auto()
    LOST = auto()
    OPAQUE = auto()


#: Taken from the class once: there, Python 3.11 needs 0.1 µs to find one, and these are asked for in every message.
START, HEAD, LENGTH, CLOSE, CHUNKED, LOST, OPAQUE = State


class StartLines(SideDoor):
    """How a direction's messages begin, and whom they are told to; :mod:`httptrace.http.readers` has both."""

    sender: ClassVar[Direction]

    def could_start(self, octets: bytes) -> bool:
        """Whether a message may begin with these octets (up to 64 of them, perhaps fewer)."""
        raise NotImplementedError

    def headless_end(self, octets: bytes) -> int:
        """Where a message without a head ends (HTTP/0.9); 0 where this is none."""
        return 0

    def headless(self, data: bytes, at: At) -> None:
        """Begin a message that is nothing but content (HTTP/0.9), if these bytes do; they are not taken yet."""

    def plain(self, data: bytes, begin: int, at: At) -> int:
        """Read a head that lies whole in `data` and breaks no rule. Gives where reading goes on; 0, and nothing was
        done, where the head is of another kind."""
        raise NotImplementedError

    def read_start_line(self, line: str) -> MessageHead | None:
        """The start line as a head still without fields, or None."""
        raise NotImplementedError

    def find_start(self, octets: bytes, place: int) -> int:
        """Where the next start line begins, at or behind `place`; -1 where none is."""
        raise NotImplementedError

    def announce(self, head: MessageHead) -> Framing:
        """Tell the listener of a message; gives how its content ends."""
        raise NotImplementedError

    def simple_message(self, line: bytes, first: At, last: At, offset: int) -> None:
        """A message of HTTP/0.9, which is one line or no line at all."""
        raise NotImplementedError
