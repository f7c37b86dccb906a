"""One capture file that grows: what is there of it, and whether it is still the same file.

A file that is emptied and written anew, as tcpdump -W does when its names come round again, is told by its size or by
its first bytes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from httptrace.capture import pcap, pcapng
from httptrace.capture.blocks import NOTHING_YET, FileBlocks, RawFile, SourceError
from httptrace.capture.compression import is_compressed
from httptrace.capture.facts import Facts
from httptrace.capture.open import blocks_of, capture_of
from httptrace.errors import CaptureError, FileError, Said, reason
from httptrace.limits import BLOCK, KIB
from httptrace.model import Frame

#: The first bytes of a file, by which it is told whether it was written anew. They hold its first packet's time.
_HEAD = 512

#: What is read of a file in order to know its first time.
_PEEK = 4 * KIB

#: Earlier than any time of a packet.
NEVER_YET = -(2**64)


class GrowingBlocks(FileBlocks):
    """Blocks of a file that grows: what is there is given, what is not there yet is no error."""

    growing = True

    def __init__(self, path: str, file: RawFile) -> None:
        super().__init__(path, file, _PEEK)
        self.available = 0  # bytes of the file when it was last looked at
        self.asked = 0  # the offset up to which everything was used

    def at(self, offset: int, need: int = 1) -> bytes:
        self.asked = offset
        if self.growing and offset + need > self.available:
            return b""
        return super().at(offset, need)


class GrowingFile:
    """One file, from its first byte on. What is written in its place later is another."""

    def __init__(self, path: str, named: bool, order: int, raw: RawFile) -> None:
        self.path = path
        self.named = named  # by itself, not by a pattern
        self.order = order
        self.raw = raw
        self.identity: tuple[int, int] | None = raw.identity  # None: nothing has its name now
        self.size = -1  # when it was last looked at
        self.changed_ns = 0  # when it had been written to last, then
        self.head = b""
        self.blocks: GrowingBlocks | None = None  # None until there is a header
        self.frames: Iterator[Frame] = iter(())
        self.primed = False  # whether its first packet was there
        self.pending: Frame | None = None
        self.time = NEVER_YET  # that its packets have reached
        self.ready = False  # whether it waits for its turn
        self.last = False  # whether it grows no more
        self.done = False
        self.hopeless = False  # damaged: nothing more comes unless it is replaced

    @property
    def unread(self) -> bool:
        """Whether bytes that were there were not used."""
        return self.blocks is not None and self.blocks.asked < self.blocks.available

    def begin(self, facts: Facts) -> None:
        """Find out what it is, as soon as its header is there. Raises FileError where it is not for us."""
        head = self._read_head()
        if len(head) < len(pcapng.MAGIC):
            return
        if is_compressed(head):
            raise FileError(self.path, Said("is compressed, and only what is written plainly can be followed"))
        if len(head) < pcap.HEADER and (head[:4] in pcap.MAGICS or head[:4] == pcapng.MAGIC):
            return
        self.head = head
        blocks = GrowingBlocks(self.path, self.raw)
        self.frames = capture_of(blocks, head[: pcap.HEADER], facts, self.raw).frames()
        self.blocks = blocks

    def begin_compressed(self, facts: Facts) -> None:
        """Have the first packet ready of what was compressed when it was over. Raises FileError and CaptureError."""
        blocks, head = blocks_of(self.path, self.raw, BLOCK, None)
        self.frames = capture_of(blocks, head, facts, self.raw).frames()
        self.last = True
        self.pending = next(self.frames, None)
        if self.pending is None:
            self.finish()
        else:
            self.time = self.pending[4]
            self.primed = True

    def written_anew(self) -> bool:
        """Whether it begins with other bytes than before. Raises CaptureError."""
        before, self.head = self.head, self._read_head()
        return not self.head.startswith(before)

    def _read_head(self) -> bytes:
        try:
            return self.raw.read_at(0, _HEAD)
        except SourceError as broken:
            raise CaptureError(self.path, 0, broken.problem) from broken

    def prime(self) -> None:
        """Have its first packet ready. Raises CaptureError."""
        assert self.blocks is not None
        frame = next(self.frames, NOTHING_YET)
        if frame is not NOTHING_YET:
            self.pending = frame
            self.time = frame[4]
            self.primed = True
            self.blocks.size = BLOCK

    def finish(self) -> None:
        """Nothing more is read of it."""
        self.done = self.last = True
        self.frames = iter(())
        self.raw.close()


def open_plain(path: str) -> RawFile:
    """A file that can be followed. Raises FileError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise FileError(path, Said("cannot be opened: {problem}", problem=reason(error))) from error
    except ValueError as error:  # a null byte in the name
        raise FileError(repr(path), Said("cannot be opened: {problem}", problem=reason(error))) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileError(path, Said("is no plain file, which alone can be followed"))
    return RawFile(path, descriptor)
