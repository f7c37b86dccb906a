"""One direction of a plain conversation: the content that passes, through a side door where it can."""

from __future__ import annotations

from collections.abc import Callable

from httptrace.exchanges.body import BodyReader
from httptrace.http.chunked import ChunkedContent
from httptrace.model import At


class PassingContent:
    """A sink's state while content passes: counted content, or chunks. `reader` is None between messages."""

    __slots__ = ("at", "bulk", "bulk_at", "chunked", "left", "opened", "reader", "take")

    bulk_at: At  # of a door that was never opened nobody asks these two
    take: Callable[[bytes], object]

    def __init__(self) -> None:
        self.reader: BodyReader | None = None
        self.chunked: ChunkedContent | None = None  # what undoes its chunks
        self.left = 0  # octets to come, where they are counted
        self.at: At = (0, 0, 0)  # where the last of them was seen
        self.bulk = self.opened = 0  # the side door, as in http/door.py

    def begins(self, reader: BodyReader, left: int, at: At) -> None:
        """Counted content begins behind a head that was seen there."""
        self.reader = reader
        self.left = left
        self.at = at

    def ended(self, reader: BodyReader, at: At) -> None:
        """The last octet of the content was seen there."""
        raise NotImplementedError

    def counted(self, data: bytes, at: At) -> int:
        """The next octets of counted content; takes all of them, or none where something else is among them."""
        size, left, reader = len(data), self.left, self.reader
        assert reader is not None
        if size > left:
            return 0
        self.at = at
        self.left = left - size
        if size:
            reader.feed(data)
        if size < left:
            self.open_door(left - size)
        else:
            self.ended(reader, at)
        return size

    def open_door(self, bulk: int) -> None:
        """Open the side door for so many octets, if the body takes them unseen."""
        assert self.reader is not None
        door = self.reader.door
        if door is not None and bulk:
            self.take = door
            self.bulk = self.opened = bulk

    def shut_door(self) -> None:
        """Shut the side door, and account for what went through it."""
        passed = self.opened - self.bulk
        self.bulk = self.opened = 0
        if passed:
            assert self.reader is not None
            self.reader.passed(passed)
            self.at = self.bulk_at
            if self.chunked is None:
                self.left -= passed
            else:
                self.chunked.data_left -= passed

    @property
    def last_packet(self) -> int:
        """The packet that brought the last octets so far."""
        return (self.bulk_at if self.bulk < self.opened else self.at)[0]
