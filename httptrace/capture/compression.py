"""Compressed captures, undone while they are read: gzip (RFC 1952), zstd (RFC 8878), xz, and lz4 frames.

A compressed file is a row of members (gzip), frames (zstd, lz4) or streams (xz), each told by its magic; zero
bytes behind one are padding, and zstd's and lz4's skippable frames are stepped over. Memory is bounded
however far the content expands. What was decoded before damage is given out: the damaged member is decoded
once more byte by byte where its input was kept, and elsewhere at most what one small piece of input holds is
lost.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple, Protocol

from httptrace.capture.blocks import Source, SourceError
from httptrace.errors import Said
from httptrace.limits import KIB, MEMBER_REPLAY, XZ_MEMORY

#: One read of the compressed file, and what is decoded of it at a time.
_INPUT = 64 * KIB
_OUTPUT = 256 * KIB


class Decoder(Protocol):
    """One member being decoded, in the manner of Python's own decompressors."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib keeps what it did not consume in a place of its own; here it stays inside."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)  # 15 bits of window and a gzip header
        self._full = False  # the last call filled its bound: there may be more without more input

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        decoded = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        self._full = len(decoded) == max_length
        return decoded


class _Zstd:
    """zstandard has no bound on its output; small pieces of input are one (1 KiB is at most 256 blocks)."""

    needs_input = True

    def __init__(self) -> None:
        import zstandard

        self._object = zstandard.ZstdDecompressor().decompressobj()

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._object.decompress(data)


def _xz() -> Decoder:
    import lzma

    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


def _lz4() -> Decoder:
    import lz4.frame

    decoder: Decoder = lz4.frame.LZ4FrameDecompressor()
    return decoder


class Compression(NamedTuple):
    """A way of compressing: its magic, how to undo it, and the piece of input that is fed at a time. `ending`: what its
    program puts behind the name of a file."""

    name: str
    ending: str
    magic: bytes
    decoder: Callable[[], Decoder]
    piece: int


COMPRESSIONS = (
    Compression("gzip", ".gz", b"\x1f\x8b", _Gzip, 4 * KIB),
    Compression("zstd", ".zst", b"\x28\xb5\x2f\xfd", _Zstd, 1 * KIB),
    Compression("xz", ".xz", b"\xfd7zXZ\x00", _xz, 256),
    Compression("lz4", ".lz4", b"\x04\x22\x4d\x18", _lz4, 4 * KIB),
)
_LONGEST_MAGIC = max(len(compression.magic) for compression in COMPRESSIONS)
_ZEROS = re.compile(rb"\0*")


def is_compressed(head: bytes) -> bool:
    """Whether a file that begins with `head` (8 bytes suffice) is one that :class:`Decompressed` undoes."""
    return _is_skippable(head) or any(head.startswith(compression.magic) for compression in COMPRESSIONS)


def _is_skippable(head: bytes) -> bool:
    """A skippable frame, the same in zstd (RFC 8878 §3.1.2) and lz4: 0x184D2A50 to 5F, then its length."""
    return len(head) >= 4 and head[0] & 0xF0 == 0x50 and head[1:4] == b"\x2a\x4d\x18"


class Decompressed:
    """The decompressed bytes of a source. Raises :class:`SourceError` behind the last one to be had."""

    def __init__(self, source: Source, first: bytes = b"") -> None:
        """`first`: bytes that were already taken from `source`."""
        self.taken = source.taken
        self._source = source
        self._input = first  # compressed, fed up to `_at`
        self._at = 0
        self._members_left = self._members()
        self._rest = memoryview(b"")  # decoded, not yet asked for
        self._broken: SourceError | None = None

    def read(self, size: int) -> bytes:
        have = len(self._rest)
        pieces: list[bytes | memoryview] = [self._rest] if have else []
        while have < size and self._broken is None:
            try:
                piece = next(self._members_left, None)
            except SourceError as broken:
                self._broken = broken
                break
            if piece is None:
                break
            if piece:
                pieces.append(piece)
                have += len(piece)
            elif pieces:
                break  # the next step takes input, for which a pipe may have to wait
        self.taken = self._source.taken
        if not pieces and self._broken is not None:
            raise self._broken
        if have <= size:
            self._rest = memoryview(b"")
            return b"".join(pieces)
        # A view, so that a piece of many megabytes is not copied again for each part that is asked for.
        last = memoryview(pieces[-1])
        self._rest = last[len(last) - (have - size) :]
        pieces[-1] = last[: len(last) - (have - size)]
        return b"".join(pieces)

    def _members(self) -> Iterator[bytes]:
        """What all members hold, in pieces; an empty piece before each read of the source."""
        while True:
            self._at = _after_padding(self._input, self._at)
            while len(self._input) - self._at < _LONGEST_MAGIC:
                yield b""
                more = self._source.read(_INPUT)
                self._input = self._input[self._at :] + more
                self._at = _after_padding(self._input, 0)
                if not more:
                    break
            head = self._input[self._at : self._at + _LONGEST_MAGIC]
            if not head:
                return
            compression = next((each for each in COMPRESSIONS if head.startswith(each.magic)), None)
            if compression is not None:
                yield from self._member(compression)
            elif _is_skippable(head):
                yield from self._skip()
            else:
                problem = Said("behind the compressed data stands something else ({head})", head=head[:4].hex(" "))
                raise SourceError(problem)

    def _skip(self) -> Iterator[bytes]:
        """Step over a skippable frame: magic, length, and as many bytes."""
        what = Said("a skippable frame")
        header = b""
        while len(header) < 8:
            yield from self._refill(what)
            part = self._input[self._at : self._at + 8 - len(header)]
            self._at += len(part)
            header += part
        left = int.from_bytes(header[4:], "little")
        while left:
            yield from self._refill(what)
            stepped = min(left, len(self._input) - self._at)
            self._at += stepped
            left -= stepped

    def _refill(self, what: str) -> Iterator[bytes]:
        """Take more input where all of it was used; `what` is cut short if there is none."""
        if self._at < len(self._input):
            return
        yield b""
        self._input = self._source.read(_INPUT)
        self._at = 0
        if not self._input:
            raise SourceError(Said("{what} is cut short", what=what))

    def _member(self, compression: Compression) -> Iterator[bytes]:
        """What one member holds."""
        decoder = compression.decoder()
        stream = Said("the {compression} stream", compression=compression.name)
        history: bytearray | None = bytearray()  # what was fed, while that is little
        given = 0
        while not decoder.eof:
            fed = b""
            if decoder.needs_input:
                yield from self._refill(stream)
                fed = self._input[self._at : self._at + compression.piece]
                self._at += len(fed)
            if history is not None:
                history += fed
                if len(history) > MEMBER_REPLAY:
                    history = None
            try:
                decoded = decoder.decompress(fed, _OUTPUT)
            except Exception as error:  # each library has its own, lz4 a bare RuntimeError
                if history is not None:
                    yield from _replay(compression, bytes(history), given)
                raise SourceError(Said("{what} is damaged: {problem}", what=stream, problem=str(error))) from error
            given += len(decoded)
            if decoded:
                yield decoded
        # A member ends within the last piece that was fed, so what it left is still there: no copy is made
        # for each of a million tiny members.
        self._at -= len(decoder.unused_data or b"")


def _after_padding(data: bytes, at: int) -> int:
    """The place of the first byte from `at` on that is not zero."""
    padding = _ZEROS.match(data, at)
    return padding.end() if padding else at


def _replay(compression: Compression, history: bytes, given: int) -> Iterator[bytes]:
    """What a damaged member holds behind its first `given` bytes, up to the very byte that is wrong.

    A call that raises keeps what it had decoded to itself, so a byte is fed at a time.
    """
    decoder = compression.decoder()
    feed = (history[at : at + 1] for at in range(len(history)))
    with suppress(Exception):
        while not decoder.eof:
            fed = next(feed) if decoder.needs_input else b""
            decoded = decoder.decompress(fed, _OUTPUT)
            if len(decoded) > given:
                yield decoded[given:]
            given = max(0, given - len(decoded))
