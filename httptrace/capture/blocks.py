"""Bytes of a capture by absolute offset, a block at a time; in a plain file no tail is ever joined.

A reader of records asks for the bytes from a record's boundary on and gets about `BLOCK` of them; the record
that the block cuts at its end is simply asked for again. For a plain file that is one `os.pread` a block.
What cannot be sought (a pipe, a decompressor) keeps its last block and joins the cut record with what comes
next.

Offsets count from the start of the file after decompression. The end is where `at` returns less than was
needed. In a file that is growing (:mod:`httptrace.capture.follow`) that is only the end so far: a reader of
records yields `NOTHING_YET` then, and asks again when the next frame is wanted.
"""

from __future__ import annotations

import os
from typing import Any, Protocol

from httptrace.errors import CaptureError, Said, reason
from httptrace.limits import BLOCK, MIB

#: Stands for a frame that a growing file does not hold yet; told by identity, and never given out of this folder. Any,
#: because mypyc hands a tuple of known types on as another one.
NOTHING_YET: Any = (b"", 0, 0, 0, 0, 0)


class Source(Protocol):
    """Where a stream's bytes come from: a pipe, or a decompressor around one."""

    taken: int  # bytes taken from the disk or the pipe so far

    def read(self, size: int) -> bytes:
        """At least one and at most `size` bytes, as soon as there are any; none at the end.

        Raises :class:`SourceError` where nothing more can be had, though the end was not reached.
        """


class SourceError(Exception):
    """The source stopped before its end; `problem` says why. Never leaves this folder."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Blocks:
    """What all kinds share: the errors, and `bytes_read` for a progress bar."""

    bytes_read = 0  # on the disk or the pipe, so before decompression
    growing = False  # whether more may come behind the end

    def __init__(self, path: str, size: int = BLOCK) -> None:
        self.path = path
        self.size = size
        self.end = 0  # of the bytes that were read so far
        self.broken: str | None = None  # why no more bytes come, where that is not simply the end
        self.damage: CaptureError | None = None  # the error that a reader of records raised

    def at(self, offset: int, need: int = 1) -> bytes:
        """The bytes from `offset` on: at least `need` of them, where the file has as many; none at its end.

        Offsets never go back behind the last call's.
        """
        raise NotImplementedError

    def error(self, offset: int, problem: str) -> CaptureError:
        """The damage found at `offset`, kept in `damage`, for the reader of records to raise."""
        self.damage = CaptureError(self.path, offset, problem)
        return self.damage

    def cut(self, offset: int, block: bytes, need: int, what: str) -> CaptureError:
        """The error of `what` at `offset`, of which only `block` is there: a cut file, or a broken source."""
        if self.broken is not None:
            return self.error(self.end, self.broken)
        problem = Said(
            "the file ends inside {what}: {need:,} bytes expected, {there:,} there",
            what=what,
            need=need,
            there=len(block),
        )
        return self.error(offset, problem)

    def close(self) -> None:
        raise NotImplementedError


class RawFile:
    """A file of the disk, read by offset.

    With `hold` false it is opened anew for every read, so that a thousand rotated files need no thousand
    descriptors; a file that was replaced meanwhile is then noticed.
    """

    def __init__(self, path: str, descriptor: int, hold: bool = True) -> None:
        self.taken = 0
        self._path = path
        self._descriptor: int | None = descriptor
        status = os.fstat(descriptor)
        self.size = status.st_size
        self.identity = (status.st_dev, status.st_ino)
        if not hold:
            self.close()

    def held_size(self) -> int | None:
        """Its size now; None where it is opened anew for every read."""
        return None if self._descriptor is None else os.fstat(self._descriptor).st_size

    def read(self, size: int) -> bytes:
        data = self.read_at(self.taken, size)
        self.taken += len(data)
        return data

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on. Raises :class:`SourceError`."""
        try:
            if self._descriptor is not None:
                return _read_at(self._descriptor, offset, size)
            descriptor = os.open(self._path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                status = os.fstat(descriptor)
                if (status.st_dev, status.st_ino) != self.identity:
                    raise SourceError(Said("the file was replaced while it was being read"))
                return _read_at(descriptor, offset, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise SourceError(Said("reading failed: {problem}", problem=reason(error))) from error

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _read_at(descriptor: int, offset: int, size: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)  # Windows has no pread
    return os.read(descriptor, size)


class FileBlocks(Blocks):
    """Blocks of a plain file: each is one read at a record's boundary."""

    def __init__(self, path: str, file: RawFile, size: int = BLOCK) -> None:
        super().__init__(path, size)
        self._file = file

    def at(self, offset: int, need: int = 1) -> bytes:
        block = self._read(offset, self.size)
        have = len(block)
        if have < need:  # a large record, or the end
            pieces = [block]
            while block and have < need:
                # A claimed length is not believed: memory grows only with what is really there.
                block = self._read(offset + have, min(need - have, MIB))
                pieces.append(block)
                have += len(block)
            block = b"".join(pieces)
        self.bytes_read = self.end = offset + have
        return block

    def _read(self, offset: int, size: int) -> bytes:
        try:
            return self._file.read_at(offset, size)
        except SourceError as broken:
            self.broken = broken.problem
            return b""

    def close(self) -> None:
        self._file.close()


class StreamBlocks(Blocks):
    """Blocks of what can only be read forward; the last one is kept, because its tail is asked for again."""

    def __init__(self, path: str, source: Source, first: bytes = b"", size: int = BLOCK) -> None:
        """`first`: bytes that were already taken from `source`."""
        super().__init__(path, size)
        self._source = source
        self._start = 0
        self._block = first
        self._ended = False

    def at(self, offset: int, need: int = 1) -> bytes:
        block = self._block
        behind = self._start + len(block)
        while behind < offset and (block := self._read(self.size)):
            self._start = behind  # a block that nobody wants is stepped over
            behind += len(block)
        block = block[offset - self._start :]
        have = len(block)
        if have < need:
            pieces = [block]
            while have < need and (piece := self._read(max(need, self.size) - have)):
                pieces.append(piece)  # no more than is needed is waited for: a pipe may be slow
                have += len(piece)
            block = b"".join(pieces)
            behind = max(behind, offset + have)
        self.end = behind
        self._start = offset
        self._block = block
        return block

    def _read(self, size: int) -> bytes:
        if self._ended:
            return b""
        try:
            piece = self._source.read(size)
        except SourceError as broken:
            self.broken = broken.problem
            piece = b""
        self._ended = not piece
        self.bytes_read = self._source.taken
        return piece

    def close(self) -> None:
        """Drop what is kept; the source belongs to whoever opened it."""
        self._block = b""
        self._ended = True
