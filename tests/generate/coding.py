"""Content codings, applied: what a server would send for a given content (RFC 9110 §8.4)."""

from __future__ import annotations

import gzip
import random
import zlib


def compress_lzw(content: bytes, most_bits: int = 16) -> bytes:
    """The `compress` coding: LZW with codes of 9 to 16 bits, in the block mode of the program of that name.

    The program writes codes in groups of eight; where the width changes, the rest of the group is filled
    up, so a reader that takes the codes as one stream of bits goes wrong there."""
    out = bytearray((0x1F, 0x9D, 0x80 | most_bits))
    if not content:
        return bytes(out)
    table = {bytes((value,)): value for value in range(256)}
    free, width, in_group, held, bits = 257, 9, 0, 0, 0

    def put(code: int) -> None:
        nonlocal held, bits, in_group
        held |= code << bits
        bits += width
        in_group = (in_group + 1) % 8
        while bits >= 8:
            out.append(held & 0xFF)
            held >>= 8
            bits -= 8

    word = content[:1]
    for value in content[1:]:
        longer = word + bytes((value,))
        if longer in table:
            word = longer
            continue
        put(table[word])
        if free > (1 << width) - 1 and width < most_bits:
            while in_group:
                put(0)
            width += 1
        if free < 1 << most_bits:
            table[longer] = free
            free += 1
        word = longer[-1:]
    put(table[word])
    if bits:
        out.append(held & 0xFF)
    return bytes(out)


def gzip_members(content: bytes, chance: random.Random) -> bytes:
    """Several gzip members one behind the other, which is one valid gzip file (RFC 1952 §2.2)."""
    cut = chance.randint(0, len(content))
    return gzip.compress(content[:cut], mtime=0) + gzip.compress(content[cut:], mtime=0)


def raw_deflate(content: bytes) -> bytes:
    """Deflate without the zlib header that RFC 9110 §8.4.1.2 asks for: what some servers send."""
    encoder = zlib.compressobj(wbits=-15)
    return encoder.compress(content) + encoder.flush()


def apply(coding: str, content: bytes, chance: random.Random) -> bytes:
    """The content under one coding; `chance` picks among the forms that a coding has."""
    if coding in ("gzip", "x-gzip"):
        return gzip_members(content, chance) if chance.random() < 0.2 else gzip.compress(content, mtime=0)
    if coding == "deflate":
        return raw_deflate(content) if chance.random() < 0.4 else zlib.compress(content)
    if coding == "br":
        import brotli

        return bytes(brotli.compress(content, quality=3))
    if coding == "zstd":
        import zstandard

        return zstandard.ZstdCompressor().compress(content)
    if coding in ("compress", "x-compress"):
        return compress_lzw(content)
    if coding == "identity":
        return content
    raise ValueError(coding)


def apply_all(codings: list[str], content: bytes, chance: random.Random) -> bytes:
    """The content under a stack of codings, in the order in which they were applied and are listed."""
    for coding in codings:
        content = apply(coding, content, chance)
    return content
