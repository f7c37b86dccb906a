"""gzip and deflate, streamed (RFC 1950, 1951, 1952; RFC 9110 §8.4.1.2, §8.4.1.3)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Protocol

from httptrace.exchanges.engines import SLICE, Problem
from httptrace.limits import DECODED_PIECE, KIB, REPLAY

_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS

_GZIP_MAGIC = b"\x1f\x8b"

#: The state of an inflater and a copy of it; coded bytes remembered, and gathered.
_WEIGHT = 2 * 40 * KIB + REPLAY + 2 * SLICE

#: How zlib words a wrong trailer; all its other complaints are about the data.
_TRAILER = ("incorrect data check", "incorrect length check")


@cache
def library() -> ModuleType:
    """What inflates: zlib-ng where it is installed, else zlib.

    zlib-ng is the faster one. Both are one lineage and refuse the same streams at the same byte, which other
    fast libraries do not.
    """
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        return zlib
    return zlib_ng


class _Inflater(Protocol):
    """What both libraries call a decompressobj."""

    eof: bool
    unused_data: bytes
    unconsumed_tail: bytes

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...

    def copy(self) -> _Inflater: ...


def _inflater(wbits: int) -> _Inflater:
    made: _Inflater = library().decompressobj(wbits)
    return made


def looks_like_zlib(data: bytes) -> bool:
    """Whether two bytes can be the head of a zlib stream without a preset dictionary (RFC 1950 §2.2)."""
    return data[0] & 0x0F == 8 and data[0] >> 4 <= 7 and (data[0] << 8 | data[1]) % 31 == 0 and not data[1] & 0x20


class Gzip:
    """gzip, through all its members.

    The attributes have their first values on the class: most bodies are small, and making a decoder is half
    their cost.
    """

    problem: Problem | None = None
    _checkpoint: _Inflater | None = None  # None: the start of the member
    _logged = 0  # coded bytes since the checkpoint
    _given = 0  # decoded bytes since the checkpoint
    _members = 0  # that came to their end
    _after = False  # behind a member's end
    _padded = False  # zeros were seen there
    _head = b""  # a byte that waits for its second

    def __init__(self, magic: bytes = _GZIP_MAGIC, wbits: int = _GZIP) -> None:
        self.magic = magic
        self.weight = _WEIGHT
        self._wbits = wbits  # 0: not yet known
        self._inflater = _inflater(wbits or _GZIP)
        self._log: list[bytes] = []  # what `_logged` counts

    def feed(self, data: bytes) -> Iterable[bytes]:
        if self._after or not self._wbits or len(data) > SLICE or self.problem is not None:
            return self._feed_unusual(data)
        inflater = self._inflater
        try:
            piece = inflater.decompress(data, DECODED_PIECE)
        except library().error:
            return self._recover(data)
        given = len(piece)
        if given == DECODED_PIECE or inflater.unconsumed_tail or inflater.eof:
            return self._rest(data, piece)
        self._log.append(data)
        self._logged += len(data)
        self._given += given
        if self._logged > REPLAY:
            self._remember()
        return (piece,) if piece else ()

    def finish(self) -> None:
        if self.problem is None and (self._head or not self._after):
            self.problem = Problem.TRAILING if self._after else Problem.CUT

    def _remember(self) -> None:
        """From here on, recovery starts from this state."""
        self._checkpoint = self._inflater.copy()
        self._log.clear()
        self._logged = self._given = 0

    def _rest(self, data: bytes, piece: bytes) -> Iterable[bytes]:
        """What follows a first piece that came from `data`: more of it, or the member's end."""
        inflater = self._inflater
        if inflater.eof:
            self._members += 1
            self._after = True
            if not inflater.unused_data:
                return (piece,) if piece else ()
        return self._rest_in_pieces(data, piece)

    def _rest_in_pieces(self, data: bytes, piece: bytes) -> Iterator[bytes]:
        """A full piece may have consumed all of `data` and still not have the whole of its last match."""
        inflater = self._inflater
        while not inflater.eof:
            if piece:
                yield piece
                self._given += len(piece)
            if not inflater.unconsumed_tail and len(piece) < DECODED_PIECE:
                self._log.append(data)
                self._logged += len(data)
                if self._logged > REPLAY:
                    self._remember()
                return
            try:
                piece = inflater.decompress(inflater.unconsumed_tail, DECODED_PIECE)
            except library().error:
                yield from self._recover(data)
                return
        if piece:
            yield piece
        if not self._after:
            self._members += 1
            self._after = True
        yield from self._behind(inflater.unused_data)

    def _feed_unusual(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), SLICE):
            if self.problem is not None:
                return
            part = data[start : start + SLICE]
            if self._after:
                yield from self._behind(part)
            elif not self._wbits:
                part = self._head + part
                self._head = b""
                if len(part) < 2:
                    self._head = part
                    return
                self._wbits = _ZLIB if looks_like_zlib(part) else _RAW
                self._inflater = _inflater(self._wbits)
                yield from self.feed(part)
            else:
                yield from self.feed(part)

    def _behind(self, data: bytes) -> Iterator[bytes]:
        """Bytes behind the end: another member (RFC 1952 §2.2), zeros as padding (as in gzip(1)), or neither.

        One member of the loop is one member of the file: a body of nothing but empty members must not
        recurse.
        """
        while data and self.problem is None:
            data = self._head + data
            self._head = b""
            if self._padded or data[0] == 0 or not self.magic:
                self._padded = True
                if data.strip(b"\0"):
                    self.problem = Problem.TRAILING
                return
            if not _GZIP_MAGIC.startswith(data[:2]):
                self.problem = Problem.TRAILING
                return
            if len(data) < 2:
                self._head = data
                return
            self._inflater = inflater = _inflater(_GZIP)
            self._after = False
            self._checkpoint = None
            self._log.clear()
            self._logged = self._given = 0
            try:
                piece = inflater.decompress(data, DECODED_PIECE)
            except library().error:
                yield from self._recover(data)
                return
            if not inflater.eof:
                yield from self._rest_in_pieces(data, piece)
                return
            if piece:
                yield piece
            self._members += 1
            self._after = True
            data = inflater.unused_data

    def _recover(self, data: bytes) -> Iterator[bytes]:
        """Decode again from the checkpoint, without what was given already, up to the byte that is wrong.

        The steps become smaller in front of the error: whole slices, 256 bytes, single ones.
        """
        inflater = self._checkpoint or _inflater(self._wbits)
        coded = b"".join((*self._log, data))
        skip, offset, produced, complaint = self._given, 0, 0, ""
        for step in (SLICE, 256, 1):
            while offset < len(coded):
                part = coded[offset : offset + step]
                try:
                    for piece in _inflated(inflater.copy(), part):
                        del piece  # a trial: what it gives counts only when the whole step is good
                except library().error as error:
                    complaint = str(error)
                    break
                for piece in _inflated(inflater, part):
                    produced += len(piece)
                    fresh = piece[max(0, skip) :]
                    skip -= len(piece)
                    if fresh:
                        yield fresh
                offset += step
        yield from self._give_up(coded, produced, complaint)

    def _give_up(self, coded: bytes, produced: int, complaint: str) -> Iterator[bytes]:
        if complaint.endswith(_TRAILER):
            self.problem = Problem.CHECKSUM
        elif produced or self._checkpoint is not None:
            self.problem = Problem.DAMAGED
        elif self._wbits == _ZLIB:  # raw DEFLATE that happens to begin like zlib
            self._wbits = _RAW
            self._inflater = _inflater(_RAW)
            self._log.clear()
            self._logged = self._given = 0
            yield from self._feed_unusual(coded)
        else:
            self.problem = Problem.TRAILING if self._members else Problem.MISLABELLED


def _inflated(inflater: _Inflater, data: bytes) -> Iterator[bytes]:
    """The pieces that `data` yields; the library's error at the step that fails."""
    piece = inflater.decompress(data, DECODED_PIECE)
    yield piece
    while inflater.unconsumed_tail or (len(piece) == DECODED_PIECE and not inflater.eof):
        piece = inflater.decompress(inflater.unconsumed_tail, DECODED_PIECE)
        yield piece


class Deflate(Gzip):
    """deflate: a zlib stream, or raw DEFLATE, which some servers send instead (RFC 9110 §8.4.1.2, Note).

    The first two bytes tell which; where these lie, the first error does.
    """

    def __init__(self) -> None:
        super().__init__(b"", 0)
