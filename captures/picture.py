"""A JPEG from rows of letters: each letter is one 8 × 8 block of a single colour.

A flat block is its mean alone, so the coder needs the DC table and one AC code, "end of block"
(ITU-T T.81, annex F).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

QUANTUM = 8  # a flat block's DC coefficient is 8 × (value - 128): divided by 8 it is a whole number

# The usual table for luminance DC differences (T.81 K.3.1): how many codes of each length, then categories.
DC_LENGTHS = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0))
DC_CATEGORIES = bytes(range(12))
AC_LENGTHS = bytes((1, *(0,) * 15))
AC_END_OF_BLOCK = "0"


def jpeg(rows: Sequence[str], colours: Mapping[str, tuple[int, int, int]]) -> bytes:
    """A baseline JPEG of 8 × 8 pixels a letter; `colours` gives each letter's red, green and blue."""
    codes = _huffman_codes(DC_LENGTHS, DC_CATEGORIES)
    bits: list[str] = []
    previous = [0, 0, 0]
    for row in rows:
        for letter in row:
            for component, value in enumerate(_luminance_and_chrominance(*colours[letter])):
                difference = value - 128 - previous[component]
                previous[component] = value - 128
                category = abs(difference).bit_length()
                # A negative difference is written as its ones' complement (T.81 F.1.2.1).
                amplitude = difference if difference > 0 else difference + (1 << category) - 1
                bits.append(codes[category])
                bits.append(f"{amplitude:0{category}b}" if category else "")
                bits.append(AC_END_OF_BLOCK)
    height, width = 8 * len(rows), 8 * len(rows[0])
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0" + struct.pack(">HBHHBB", 0x0101, 0, 1, 1, 0, 0)),
            _segment(0xDB, b"\0" + bytes((QUANTUM, *(1,) * 63))),
            _segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + bytes((1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0))),
            _segment(0xC4, b"\x00" + DC_LENGTHS + DC_CATEGORIES),
            _segment(0xC4, b"\x10" + AC_LENGTHS + b"\0"),
            _segment(0xDA, bytes((3, 1, 0, 2, 0, 3, 0, 0, 63, 0))),
            _entropy_coded("".join(bits)),
            b"\xff\xd9",
        )
    )


def _luminance_and_chrominance(red: int, green: int, blue: int) -> tuple[int, int, int]:
    """Y, Cb and Cr by JFIF 1.02, in whole-number arithmetic so that every machine rounds alike."""
    return (
        (299 * red + 587 * green + 114 * blue + 500) // 1000,
        (-168736 * red - 331264 * green + 500000 * blue + 128_500_000) // 1_000_000,
        (500000 * red - 418688 * green - 81312 * blue + 128_500_000) // 1_000_000,
    )


def _huffman_codes(lengths: bytes, symbols: bytes) -> dict[int, str]:
    """Each symbol's code as a string of bits: counted upwards, one bit longer at each step (T.81 C.2)."""
    codes: dict[int, str] = {}
    code = 0
    remaining = iter(symbols)
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            codes[next(remaining)] = f"{code:0{length}b}"
            code += 1
        code <<= 1
    return codes


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _entropy_coded(bits: str) -> bytes:
    """Bits as bytes, filled up with ones; a zero byte follows each FF, which would else be a marker."""
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
