"""Bytes that arrived before the bytes in front of them: pieces by stream offset, sorted, never overlapping.

The invariant, in two lines: pieces are sorted by start and no two share a byte; the first copy of a byte is the one
that is kept. Pieces live in short sorted lists under one list of their first starts, so that a hundred thousand held
pieces cost no quadratic memory moves, in whatever order they come.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from httptrace.model import At

#: A list longer than twice this is split; about the square root of the largest store we allow.
_CHUNK = 256


#: How far two differing copies are compared byte by byte, to say which messages are concerned.
_COMPARED = 4_096


def differences(first: bytes, again: bytes, offset: int) -> Iterator[int]:
    """Where runs of differing bytes begin in two copies of the same bytes, which stand at `offset`."""
    inside = False
    for place, (one, other) in enumerate(zip(first[:_COMPARED], again[:_COMPARED], strict=False)):
        if one == other:
            inside = False
        elif not inside:
            inside = True
            yield offset + place


class Piece(NamedTuple):
    """Some bytes at a stream offset, and the packet that carried them."""

    start: int
    data: bytes
    at: At


class HeldPieces:
    """The pieces of one direction that wait behind a hole."""

    __slots__ = ("_chunks", "_firsts", "size")

    def __init__(self) -> None:
        self._chunks: list[list[Piece]] = []
        self._firsts: list[int] = []  # start of each chunk's first piece
        self.size = 0  # bytes held

    def __bool__(self) -> bool:
        return bool(self._chunks)

    @property
    def first(self) -> int:
        """Where the first piece starts; there must be one."""
        return self._firsts[0]

    @property
    def first_at(self) -> At:
        """The packet that carried the first piece; there must be one."""
        return self._chunks[0][0].at

    @property
    def last_end(self) -> int:
        """Where the last piece ends; there must be one."""
        piece = self._chunks[-1][-1]
        return piece.start + len(piece.data)

    def pop(self) -> Piece:
        """Take the first piece out."""
        chunk = self._chunks[0]
        piece = chunk.pop(0)
        if chunk:
            self._firsts[0] = chunk[0].start
        else:
            del self._chunks[0], self._firsts[0]
        self.size -= len(piece.data)
        return piece

    def insert(self, start: int, data: bytes, at: At, differs: Callable[[int], None]) -> int:
        """Keep what is new of `data` at stream offset `start`; give the number of new bytes.

        `differs(offset)` is called where bytes that were held already come with another value.
        """
        new = 0
        end = start + len(data)
        position = start
        chunk_index, index = self._find(start)
        while position < end:
            piece = self._at(chunk_index, index)
            if piece is not None and piece.start + len(piece.data) <= position:  # wholly before us
                chunk_index, index = self._next(chunk_index, index)
                continue
            until = end if piece is None else min(end, max(piece.start, position))
            if until > position:  # nothing held here: keep it
                chunk_index, index = self._put(
                    chunk_index, index, Piece(position, data[position - start : until - start], at)
                )
                new += until - position
                position = until
            if piece is not None and position < end:  # held already: the first copy stays
                overlap_end = min(end, piece.start + len(piece.data))
                held = piece.data[position - piece.start : overlap_end - piece.start]
                again = data[position - start : overlap_end - start]
                if held != again:
                    for offset in differences(held, again, position):
                        differs(offset)
                position = overlap_end
        self.size += new
        return new

    def _find(self, start: int) -> tuple[int, int]:
        """The place of the last piece that starts at or before `start` (or of the first piece)."""
        chunk_index = max(bisect_right(self._firsts, start) - 1, 0)
        if chunk_index >= len(self._chunks):
            return 0, 0
        index = bisect_right(self._chunks[chunk_index], start, key=_start_of) - 1
        return chunk_index, max(index, 0)

    def _at(self, chunk_index: int, index: int) -> Piece | None:
        if chunk_index >= len(self._chunks):
            return None
        chunk = self._chunks[chunk_index]
        if index < len(chunk):
            return chunk[index]
        return self._chunks[chunk_index + 1][0] if chunk_index + 1 < len(self._chunks) else None

    def _next(self, chunk_index: int, index: int) -> tuple[int, int]:
        if index + 1 < len(self._chunks[chunk_index]) or chunk_index + 1 >= len(self._chunks):
            return chunk_index, index + 1
        return chunk_index + 1, 0

    def _put(self, chunk_index: int, index: int, piece: Piece) -> tuple[int, int]:
        """Insert before the given place; give the place behind the new piece."""
        if not self._chunks:
            self._chunks.append([piece])
            self._firsts.append(piece.start)
            return 0, 1
        if chunk_index >= len(self._chunks):
            chunk_index = len(self._chunks) - 1
            index = len(self._chunks[chunk_index])
        chunk = self._chunks[chunk_index]
        chunk.insert(index, piece)
        self._firsts[chunk_index] = chunk[0].start
        index += 1
        if len(chunk) > 2 * _CHUNK:
            self._chunks[chunk_index : chunk_index + 1] = [chunk[:_CHUNK], chunk[_CHUNK:]]
            self._firsts[chunk_index : chunk_index + 1] = [chunk[0].start, chunk[_CHUNK].start]
            if index >= _CHUNK:
                return chunk_index + 1, index - _CHUNK
        return chunk_index, index


def _start_of(piece: Piece) -> int:
    return piece.start
