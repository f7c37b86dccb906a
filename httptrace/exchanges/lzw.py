"""The "compress" coding, streamed: the adaptive LZW of UNIX compress(1), the .Z format (RFC 9110 §8.4.1.1).

A header of three octets (1f 9d, then the largest code width and whether code 256 clears the table), then
codes of 9 bits and more, least significant bit first. compress(1) writes eight codes at a time; when the
width changes or the table is cleared, the rest of the eight is padding. There is no end mark and no checksum.
"""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.exchanges.engines import Problem
from httptrace.limits import DECODED_PIECE

_CLEAR = 256

#: A table entry is kept as its last bytes and the entry that comes before these: kept whole, the 65,536
#: entries of a hostile file would take 2 GB.
_TAIL = 256

_LITERALS = [bytes([value]) for value in range(256)]


class Lzw:
    """One .Z file."""

    __slots__ = (
        "_bits",
        "_block_mode",
        "_group",
        "_header",
        "_held",
        "_largest",
        "_link",
        "_most",
        "_previous",
        "_tail",
        "_width",
        "magic",
        "problem",
    )

    def __init__(self) -> None:
        self.magic = b"\x1f\x9d"
        self.problem: Problem | None = None
        self._header = b""
        self._block_mode = False
        self._largest = 16
        self._width = 9
        self._bits = 0  # bits not yet used, the next code lowest
        self._held = 0  # how many
        self._group = 0  # bits read since the width changed, to find the end of the eight codes
        self._previous = -1  # the code before; -1 at the start and behind a clear code
        self._tail: list[bytes] = []
        self._link: list[int] = []  # the code of the entry before the tail; -1 for none
        self._most = 256  # entries the table had

    @property
    def weight(self) -> int:
        """What the table takes, as large as it has become."""
        return self._most * (_TAIL + 64)

    def feed(self, data: bytes) -> Iterator[bytes]:
        if len(self._header) < 3:
            need = 3 - len(self._header)
            self._header += data[:need]
            data = data[need:]
            if not b"\x1f\x9d".startswith(self._header[:2]):
                self.problem = Problem.MISLABELLED
            elif len(self._header) == 3:
                self._read_header(self._header[2])
        pieces: list[bytes] = []
        size = 0
        for value in data:
            self._bits |= value << self._held
            self._held += 8
            while self._held >= self._width and self.problem is None:
                piece = self._code()
                pieces.append(piece)
                size += len(piece)
            if self.problem is not None:
                break
            if size >= DECODED_PIECE // 2:
                yield b"".join(pieces)
                pieces.clear()
                size = 0
        self._most = max(self._most, len(self._tail))
        if size:
            yield b"".join(pieces)

    def finish(self) -> None:
        if self.problem is None and len(self._header) < 3:
            self.problem = Problem.CUT

    def _read_header(self, flags: int) -> None:
        self._largest = flags & 0x1F
        self._block_mode = bool(flags & 0x80)
        if not 9 <= self._largest <= 16 or flags & 0x60:
            self.problem = Problem.MISLABELLED
        self._clear()

    def _clear(self) -> None:
        self._tail = list(_LITERALS)
        self._link = [-1] * 256
        if self._block_mode:  # the place of the clear code
            self._tail.append(b"")
            self._link.append(-1)
        self._previous = -1

    def _code(self) -> bytes:
        """Take one code off the bits; gives what it stands for."""
        width = self._width
        if self._group < 0:  # padding of the eight codes
            padding = min(-self._group, self._held)
            self._bits >>= padding
            self._held -= padding
            self._group += padding
            return b""
        code = self._bits & ((1 << width) - 1)
        self._bits >>= width
        self._held -= width
        self._group += width
        if code == _CLEAR and self._block_mode:
            self._clear()
            self._new_width(9)
            return b""
        piece = self._expand(code)
        if len(self._tail) == 1 << width and width < self._largest:
            self._new_width(width + 1)
        return piece

    def _new_width(self, width: int) -> None:
        """The rest of the eight codes is padding; until it has gone by, `_group` is negative."""
        self._group = -(-self._group % (8 * self._width))
        self._width = width

    def _expand(self, code: int) -> bytes:
        tail, previous = self._tail, self._previous
        known = len(tail)
        self._previous = code
        if previous < 0:  # the first code is a literal
            if code < 256:
                return _LITERALS[code]
            self.problem = Problem.DAMAGED
            return b""
        full = known == 1 << self._largest
        if code < known:
            piece = self._string(code)
        elif code == known and not full:  # made by this very code: the string before and its first byte
            before = self._string(previous)
            piece = before + before[:1]
        else:
            self.problem = Problem.DAMAGED
            return b""
        if not full:
            if len(tail[previous]) < _TAIL:
                tail.append(tail[previous] + piece[:1])
                self._link.append(self._link[previous])
            else:
                tail.append(piece[:1])
                self._link.append(previous)
        return piece

    def _string(self, code: int) -> bytes:
        tail, link = self._tail, self._link
        if link[code] < 0:
            return tail[code]
        parts = []
        while code >= 0:
            parts.append(tail[code])
            code = link[code]
        parts.reverse()
        return b"".join(parts)
