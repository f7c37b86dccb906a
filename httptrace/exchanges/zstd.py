"""Zstandard, streamed (RFC 8878; the window that HTTP allows: RFC 9659).

The frames are taken apart into blocks here, because the library cannot bound what a call gives: a block of 4
bytes may stand for 128 KiB. Handed over block by block, the output of a call is bounded, and what a failing
call withholds is exactly the block that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from httptrace.exchanges.engines import Problem
from httptrace.limits import KIB, ZSTD_WINDOW

_MAGIC = b"\x28\xb5\x2f\xfd"

#: A block as it comes and as it goes (RFC 8878 §3.1.1.2.4), and the tables.
_BLOCKS = 3 * 128 * KIB

#: Octets of the fields that the frame header descriptor announces (RFC 8878 §3.1.1.1).
_DICTIONARY_SIZES = (0, 1, 2, 4)
_CONTENT_SIZES = (0, 2, 4, 8)


class _Expect(Enum):
    """What the next bytes are. Each but BLOCK and SKIPPED is collected until it is complete."""

    MAGIC = "magic"
    DESCRIPTOR = "descriptor"
    HEADER = "header"
    BLOCK_HEADER = "block header"
    BLOCK = "block"
    CHECKSUM = "checksum"
    SKIPPED_SIZE = "size of a skippable frame"
    SKIPPED = "skippable frame"
    PADDING = "padding"


class Zstd:
    """Zstandard frames, one behind the other."""

    __slots__ = (
        "_checksum",
        "_collected",
        "_decompressor",
        "_expect",
        "_frame",
        "_frames",
        "_last_block",
        "_library",
        "_need",
        "_stored",
        "_window",
        "_window_size",
        "magic",
        "problem",
    )

    def __init__(self) -> None:
        import zstandard

        self.magic = _MAGIC
        self.problem: Problem | None = None
        self._library: Any = zstandard
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._frame: Any = None
        self._frames = 0
        self._window_size = 0  # of the frame
        self._window = 0  # octets of it that were filled, at most
        self._checksum = False
        self._last_block = False
        self._stored = False  # the block is raw: its bytes stand for themselves
        self._expect = _Expect.MAGIC
        self._need = 4  # bytes until the expected thing is complete
        self._collected = b""

    @property
    def weight(self) -> int:
        """The window, as far as it was filled, and the blocks."""
        return _BLOCKS + self._window

    def feed(self, data: bytes) -> Iterator[bytes]:
        start = 0
        while start < len(data) and self.problem is None:
            part = data[start : start + self._need]
            start += len(part)
            if self._expect is _Expect.PADDING:
                self._padding(data[start - len(part) :])
                return
            self._need -= len(part)
            if self._expect is _Expect.BLOCK:
                piece = self._decompress(part, Problem.DAMAGED)
                if self._stored:  # the library gives it too, but not when its very end is wrong
                    yield part
                elif piece:
                    yield piece
            elif self._expect is not _Expect.SKIPPED:
                self._collected += part
            if self._need == 0 and self.problem is None:
                thing, self._collected = self._collected, b""
                piece = self._complete(thing)
                if piece:
                    yield piece

    def finish(self) -> None:
        if self.problem is not None or self._expect is _Expect.PADDING:
            return
        if self._expect is not _Expect.MAGIC or not self._frames:
            self.problem = Problem.CUT
        elif self._collected:
            self._padding(self._collected)

    def _decompress(self, data: bytes, problem: Problem) -> bytes:
        try:
            piece: bytes = self._frame.decompress(data)
        except self._library.ZstdError:
            self.problem = problem
            return b""
        if self._window < self._window_size:
            self._window = min(self._window + len(piece), self._window_size)
        return piece

    def _complete(self, thing: bytes) -> bytes:
        """What the library gives for the expected thing, now complete; also sets what comes next."""
        match self._expect:
            case _Expect.MAGIC:
                self._magic(thing)
            case _Expect.DESCRIPTOR:
                descriptor = thing[4]
                single = descriptor >> 5 & 1
                content = _CONTENT_SIZES[descriptor >> 6] or single
                self._next(_Expect.HEADER, (not single) + _DICTIONARY_SIZES[descriptor & 3] + content, thing)
            case _Expect.HEADER:
                self._header(thing)
            case _Expect.BLOCK_HEADER:
                return self._block_header(thing)
            case _Expect.BLOCK:
                self._block_ended()
            case _Expect.CHECKSUM:
                piece = self._decompress(thing, Problem.CHECKSUM)
                self._frame_ended()
                return piece
            case _Expect.SKIPPED_SIZE:
                size = int.from_bytes(thing, "little")
                if size:
                    self._next(_Expect.SKIPPED, size)
                else:
                    self._frame_ended()
            case _Expect.SKIPPED:
                self._frame_ended()
            case _Expect.PADDING:
                pass
        return b""

    def _next(self, expect: _Expect, need: int, collected: bytes = b"") -> None:
        self._expect = expect
        self._need = need
        self._collected = collected

    def _magic(self, magic: bytes) -> None:
        if magic == _MAGIC:
            self._next(_Expect.DESCRIPTOR, 1, magic)
        elif magic[0] & 0xF0 == 0x50 and magic[1:] == b"\x2a\x4d\x18":  # RFC 8878 §3.1.2
            self._next(_Expect.SKIPPED_SIZE, 4)
        elif self._frames:
            self._padding(magic)
        else:
            self.problem = Problem.MISLABELLED

    def _padding(self, data: bytes) -> None:
        """Behind the last frame: zeros are padding, as behind gzip."""
        self._next(_Expect.PADDING, len(data) or 1)
        if data.strip(b"\0"):
            self.problem = Problem.TRAILING

    def _header(self, header: bytes) -> None:
        descriptor = header[4]
        self._checksum = bool(descriptor & 4)
        if descriptor & 0x20:  # single segment: the window is the content
            size = _CONTENT_SIZES[descriptor >> 6] or 1
            window = int.from_bytes(header[-size:], "little")
        else:
            exponent, mantissa = header[5] >> 3, header[5] & 7
            window = (1 << 10 + exponent) * (8 + mantissa) // 8
        if window > ZSTD_WINDOW:
            self.problem = Problem.LIMIT
            return
        self._window_size = window
        self._frame = self._decompressor.decompressobj()
        self._decompress(header, Problem.DAMAGED if self._frames else Problem.MISLABELLED)
        self._next(_Expect.BLOCK_HEADER, 3)

    def _block_header(self, header: bytes) -> bytes:
        """RFC 8878 §3.1.1.2: last block, type, size; of an RLE block only one octet is sent."""
        bits = int.from_bytes(header, "little")
        self._last_block = bool(bits & 1)
        kind = bits >> 1 & 3
        self._stored = kind == 0
        size = 1 if kind == 1 else bits >> 3
        piece = self._decompress(header, Problem.DAMAGED)
        self._next(_Expect.BLOCK, size)
        if size == 0:
            self._block_ended()
        return piece

    def _block_ended(self) -> None:
        if not self._last_block:
            self._next(_Expect.BLOCK_HEADER, 3)
        elif self._checksum:
            self._next(_Expect.CHECKSUM, 4)
        else:
            self._frame_ended()

    def _frame_ended(self) -> None:
        self._frames += 1
        self._frame = None
        self._next(_Expect.MAGIC, 4)
