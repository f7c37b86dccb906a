"""gzip, packed here: one zlib packs a text otherwise than the next, and a capture has to be the same everywhere.

Repeats are found greedily and written in the one block type whose codes are fixed (RFC 1951 §3.2.6).
"""

from __future__ import annotations

from bisect import bisect_right
from struct import pack
from zlib import crc32

_SHORTEST, _LONGEST, _FARTHEST = 3, 258, 32_768


def _codes(plain: int, begin: int, group: int, most: int) -> list[tuple[int, int]]:
    """The first value of each code and its number of extra bits: `plain` codes of one value each from `begin`, then
    `group` codes for every number of bits (RFC 1951 §3.2.5)."""
    table = [(begin + code, 0) for code in range(plain)]
    value = begin + plain
    for bits in range(1, most + 1):
        for _code in range(group):
            table.append((value, bits))
            value += 1 << bits
    return table


_LENGTHS = [*_codes(8, 3, 4, 5)[:28], (258, 0)]
_DISTANCES = _codes(4, 1, 2, 13)


class _Bits:
    """Bits from the lowest up, as RFC 1951 §3.1.1 packs them; Huffman codes from their highest."""

    def __init__(self) -> None:
        self._value = 0
        self._count = 0

    def add(self, value: int, count: int) -> None:
        self._value |= value << self._count
        self._count += count

    def code(self, value: int, count: int) -> None:
        self.add(int(f"{value:0{count}b}"[::-1], 2), count)

    def octets(self) -> bytes:
        return self._value.to_bytes((self._count + 7) // 8, "little")


def gzip(data: bytes) -> bytes:
    """A gzip member of `data` (RFC 1952), with no name and no time."""
    head = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))
    return head + _deflate(data) + pack("<II", crc32(data), len(data) & 0xFFFF_FFFF)


def _deflate(data: bytes) -> bytes:
    bits = _Bits()
    bits.add(1, 1)  # the last block
    bits.add(1, 2)  # fixed codes
    latest: dict[bytes, int] = {}
    at = 0
    while at < len(data):
        key = data[at : at + _SHORTEST]
        earlier = latest.get(key)
        latest[key] = at
        length = _repeat(data, earlier, at)
        if length < _SHORTEST or earlier is None:
            _symbol(bits, data[at])
            at += 1
            continue
        index, extra = _code(_LENGTHS, length)
        _symbol(bits, 257 + index)
        bits.add(extra, _LENGTHS[index][1])
        index, extra = _code(_DISTANCES, at - earlier)
        bits.code(index, 5)
        bits.add(extra, _DISTANCES[index][1])
        for inside in range(at + 1, at + length):
            latest[data[inside : inside + _SHORTEST]] = inside
        at += length
    _symbol(bits, 256)  # end of the block
    return bits.octets()


def _repeat(data: bytes, earlier: int | None, at: int) -> int:
    """How many bytes at `at` are those at `earlier`."""
    if earlier is None or at - earlier > _FARTHEST:
        return 0
    length, most = 0, min(_LONGEST, len(data) - at)
    while length < most and data[earlier + length] == data[at + length]:
        length += 1
    return length


def _code(table: list[tuple[int, int]], value: int) -> tuple[int, int]:
    """The code of a length or distance, and what its extra bits say."""
    index = bisect_right(table, (value, 99)) - 1
    return index, value - table[index][0]


def _symbol(bits: _Bits, symbol: int) -> None:
    """A literal or length in the fixed code of RFC 1951 §3.2.6."""
    if symbol < 144:
        bits.code(0b0011_0000 + symbol, 8)
    elif symbol < 256:
        bits.code(0b1_1001_0000 + symbol - 144, 9)
    elif symbol < 280:
        bits.code(symbol - 256, 7)
    else:
        bits.code(0b1100_0000 + symbol - 280, 8)
