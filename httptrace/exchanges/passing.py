"""One direction of a plain conversation: the content that passes, through a side door where it can."""

from __future__ import annotations

from httptrace.exchanges.body import BodyReader
from httptrace.http.chunked import ChunkedContent
from httptrace.http.door import SideDoor
from httptrace.model import At


class PassingContent(SideDoor):
    """A sink's state while content passes: counted content, or chunks. `reader` is None between messages."""

    __slots__ = ("at", "chunked", "left", "reader")

    def __init__(self) -> None:
        super().__init__()
        self.reader: BodyReader | None = None
        self.chunked: ChunkedContent | None = None  # what undoes its chunks
        self.left = 0  # octets to come, where they are counted
        self.at: At = (0, 0, 0)  # where the last of them was seen

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
            self.let_pass(left - size)
        else:
            self.ended(reader, at)
        return size

    def let_pass(self, bulk: int) -> None:
        """Open the side door for so many octets, if the body takes them unseen."""
        assert self.reader is not None
        self.open_door(bulk, self.reader.door)

    def account(self) -> None:
        """Shut the side door, and account for what went through it."""
        passed = self.shut_door()
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
