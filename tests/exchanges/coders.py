"""Encoders of every content coding, and a truth to encode, for the tests of the decoders."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterable

import brotli
import zstandard

from httptrace.exchanges.coding import Problem, decoder
from httptrace.limits import DECODED

_RANDOM = random.Random(20)

#: Text that packs well, noise that does not, and text again: some 5 kB.
TRUTH = b"".join(
    [
        b"".join(b"line %d of the page\r\n" % number for number in range(120)),
        _RANDOM.randbytes(700),
        b"<li>item</li>" * 120,
    ]
)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def zstd_stream(data: bytes) -> bytes:
    """A frame that does not say its size, in several blocks, without a checksum."""
    packer = zstandard.ZstdCompressor().compressobj()
    parts = []
    for start in range(0, len(data), 1000):
        parts += [
            packer.compress(data[start : start + 1000]),
            packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK),
        ]
    return b"".join([*parts, packer.flush()])


def compress(data: bytes, largest: int = 16, block_mode: bool = True, clear_at: int = 0) -> bytes:
    """The .Z format as compress(1) writes it; `clear_at`: clear the table when it has that many entries."""
    out = bytearray(b"\x1f\x9d") + bytes([largest | block_mode << 7])
    table: dict[bytes, int] = {}
    free, width, group = 256 + block_mode, 9, []

    def flush(pad: bool) -> None:
        bits = 0
        for at, code in enumerate(group):
            bits |= code << at * width
        out.extend(bits.to_bytes(width if pad else (len(group) * width + 7) // 8, "little"))
        group.clear()

    def put(code: int) -> None:
        group.append(code)
        if len(group) == 8:
            flush(pad=True)

    string = b""
    for value in data:
        longer = string + bytes([value])
        if len(longer) == 1 or longer in table:
            string = longer
            continue
        put(table.get(string, string[0]) if len(string) > 1 else string[0])
        if free < 1 << largest:
            # The decoder makes an entry one code later than the encoder, so the width grows one entry late.
            table[longer] = free
            free += 1
            if free > 1 << width and width < largest:
                if group:
                    flush(pad=True)
                width += 1
        if clear_at and free >= clear_at:
            put(256)
            if group:
                flush(pad=True)
            table, free, width = {}, 257, 9
        string = bytes([value])
    if string:
        put(table.get(string, string[0]) if len(string) > 1 else string[0])
    if group:
        flush(pad=False)
    return bytes(out)


def compress_bomb() -> bytes:
    """A .Z file in which every code is the entry that it makes: 128 KiB for 2 GB of zeros."""
    out, bits, held = bytearray(b"\x1f\x9d\x90"), 0, 9
    width, group = 9, 1
    for code in range(257, 65_536):
        if code >= 1 << width:
            held += -group % 8 * width
            width, group = width + 1, 0
        bits |= code << held
        held += width
        group += 1
        out += (bits & ((1 << held // 8 * 8) - 1)).to_bytes(held // 8, "little")
        bits >>= held // 8 * 8
        held %= 8
    return bytes(out)


#: Coding, how its encoder is called in test ids, encoder.
ENCODERS = [
    ("gzip", "gzip", gzip.compress),
    ("x-gzip", "x-gzip", gzip.compress),
    ("GZip", "any case", gzip.compress),
    ("deflate", "zlib", zlib.compress),
    ("deflate", "raw deflate", raw_deflate),
    ("br", "br", brotli.compress),
    ("zstd", "zstd", zstd),
    ("zstd", "zstd of many blocks", zstd_stream),
    ("compress", "compress", compress),
    ("x-compress", "compress without clear codes", lambda data: compress(data, block_mode=False)),
    ("compress", "compress with clear codes", lambda data: compress(data, clear_at=700)),
    ("compress", "compress with 10 bits", lambda data: compress(data, largest=10)),
]


def undo(
    codings: list[str], pieces: Iterable[bytes], cut: bool = False, limit: int = DECODED
) -> tuple[bytes, Problem | None]:
    """What a decoder makes of the pieces, and its problem."""
    undoing = decoder(codings, limit)
    assert undoing is not None
    out: list[bytes] = []
    for piece in pieces:
        out += undoing.feed(piece)
    out += undoing.finish(cut)
    assert undoing.size == sum(map(len, out))
    return b"".join(out), undoing.problem


def singly(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def split(data: bytes, seed: int, cuts: int = 5) -> list[bytes]:
    places = sorted(random.Random(seed).choices(range(len(data) + 1), k=cuts))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
