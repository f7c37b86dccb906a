"""Streams of gzip, zlib and raw DEFLATE from a seed: sound, damaged, and written bit by bit to be wrong."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

#: How a gzip header may be flagged (RFC 1952 §2.3.1).
_FHCRC, _FEXTRA, _FNAME, _FCOMMENT = 2, 4, 8, 16


def content(chance: random.Random) -> bytes:
    """Text, noise, runs, far repetitions, or all of them."""
    noise = chance.randbytes(chance.choice([1, 40, 700, 33_000]))
    shapes: list[Callable[[], bytes]] = [
        lambda: b"",
        lambda: b" ".join(chance.choice([b"alpha", b"beta", b"gamma", b"%d" % number]) for number in range(400)),
        lambda: noise,
        lambda: bytes(chance.choice([1, 300, 70_000])),
        lambda: noise + bytes(chance.randrange(300)) + noise,
        lambda: bytes(chance.choices(range(64, 80), k=chance.choice([10, 3_000]))),
    ]
    return b"".join(chance.choice(shapes)() for _ in range(chance.choice([1, 1, 1, 3])))


def packed(data: bytes, wbits: int, chance: random.Random) -> bytes:
    """`data` with any level, strategy, window and places of flushing."""
    dictionary = {"zdict": b"alpha beta gamma"} if wbits > 0 and wbits < 16 and chance.random() < 0.05 else {}
    packer = zlib.compressobj(
        chance.randrange(10), zlib.DEFLATED, wbits, chance.randint(1, 9), chance.randrange(5), **dictionary
    )
    middle = chance.randrange(len(data) + 1)
    flush = chance.choice([zlib.Z_NO_FLUSH, zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH])
    return packer.compress(data[:middle]) + packer.flush(flush) + packer.compress(data[middle:]) + packer.flush()


def in_gzip(deflated: bytes, data: bytes, chance: random.Random) -> bytes:
    """A member around raw DEFLATE, with any header, right or wrong at times."""
    flags = chance.choice([0, 0, 1, _FHCRC, _FEXTRA, _FNAME, _FCOMMENT, 30, 31, chance.randrange(256)])
    method = 8 if chance.random() < 0.98 else chance.randrange(16)
    head = b"\x1f\x8b" + bytes([method, flags]) + chance.randbytes(6)
    if flags & _FEXTRA:
        extra = chance.choice([0, 5, 900])
        head += extra.to_bytes(2, "little") + chance.randbytes(extra)
    for flag in (_FNAME, _FCOMMENT):
        if flags & flag:
            head += b"n" * chance.choice([0, 8, 2_000]) + b"\0"
    if flags & _FHCRC:
        right = zlib.crc32(head) & 0xFFFF
        head += (right ^ (chance.random() < 0.2)).to_bytes(2, "little")
    crc, size = zlib.crc32(data), len(data)
    wrong = chance.random()
    if wrong < 0.05:
        crc ^= 1 << chance.randrange(32)
    elif wrong < 0.1:
        size ^= 1 << chance.randrange(32)
    return head + deflated + crc.to_bytes(4, "little") + size.to_bytes(4, "little")


class _Bits:
    """Bits packed as DEFLATE packs them (RFC 1951 §3.1.1)."""

    def __init__(self) -> None:
        self.value, self.length = 0, 0

    def put(self, value: int, width: int) -> None:
        self.value |= value << self.length
        self.length += width

    def code(self, code: int, width: int) -> None:
        """A Huffman code, which begins with its most significant bit."""
        self.put(int(f"{code:0{width}b}"[::-1], 2) if width else 0, width)

    def octets(self) -> bytes:
        return self.value.to_bytes((self.length + 7) // 8, "little")


def _lengths(symbols: int, used: int, deepest: int, chance: random.Random) -> list[int]:
    """Code lengths of a random complete set; at times with one changed, so that it is none."""
    leaves = [0]
    while len(leaves) < used:
        splitting = [at for at, depth in enumerate(leaves) if depth < deepest]
        depth = leaves.pop(chance.choice(splitting))
        leaves += [depth + 1, depth + 1]
    if chance.random() < 0.3:
        at = chance.randrange(len(leaves))
        leaves[at] = chance.choice([0, 1, min(deepest, leaves[at] + 1), max(0, leaves[at] - 1)])
    lengths = leaves + [0] * (symbols - len(leaves))
    chance.shuffle(lengths)
    return lengths


def _codes(lengths: list[int]) -> list[int]:
    """The codes of these lengths (RFC 1951 §3.2.2); of an over-subscribed set, whatever comes."""
    codes, code = [0] * len(lengths), 0
    for width in range(1, 16):
        code <<= 1
        for symbol, length in enumerate(lengths):
            if length == width:
                codes[symbol] = code % (1 << width)
                code += 1
    return codes


def odd_deflate(chance: random.Random) -> bytes:
    """Blocks with Huffman codes of their own, often incomplete or over-subscribed, and any bits as data.

    At times behind sound blocks, so that there is something to refer back to.
    """
    packer = zlib.compressobj(wbits=-15)
    before = packer.compress(content(chance)) + packer.flush(zlib.Z_SYNC_FLUSH) if chance.random() < 0.4 else b""
    out = _Bits()
    for _ in range(chance.randint(1, 4)):
        out.put(chance.random() < 0.2, 1)
        kind = chance.choice([0, 1, 2, 2, 2, 2, 2, 2]) if chance.random() < 0.95 else 3
        out.put(kind, 2)
        if kind == 0:
            out.put(0, -out.length % 8)
            size = chance.randrange(300)
            out.put(size, 16)
            out.put(size ^ 0xFFFF ^ (chance.random() < 0.05), 16)
            out.put(int.from_bytes(chance.randbytes(size), "little"), 8 * size)
            continue
        if kind == 2:
            # More than 286 and 30 symbols are refused (RFC 1951 §3.2.7).
            literals = chance.choice([257, 270, 286]) if chance.random() < 0.95 else 288
            distances = chance.choice([1, 2, 30]) if chance.random() < 0.95 else 32
            order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
            meta = [4] * 16 + [0, 0, 0] if chance.random() < 0.8 else _lengths(19, 16, 7, chance)
            out.put(literals - 257, 5)
            out.put(distances - 1, 5)
            out.put(15, 4)
            for symbol in order:
                out.put(meta[symbol], 3)
            codes = _codes(meta)
            used = chance.choice([1, 2, 40, 200])
            lengths = _lengths(literals, min(used, literals), 15, chance)
            if chance.random() < 0.9 and not lengths[256]:
                at = next((at for at, length in enumerate(lengths) if length), 0)
                lengths[at], lengths[256] = lengths[256], lengths[at]
            lengths += _lengths(distances, min(chance.choice([1, 2, 8]), distances), 15, chance)
            for length in lengths:
                out.code(codes[length], meta[length])
        for _ in range(chance.randrange(60)):
            out.put(chance.getrandbits(16), 16)
    return before + out.octets() + chance.randbytes(chance.choice([0, 8, 300]))


def _damaged(coded: bytes, chance: random.Random) -> bytes:
    """`coded` cut, flipped, with bytes lost, put in or behind; or as it is."""
    octets = bytearray(coded)
    for _ in range(chance.choice([0, 1, 1, 1, 3])):
        # Headers are few bytes of many, and the most is read from them.
        place = chance.randrange(min(len(octets), chance.choice([30, 150, len(octets)])) or 1)
        change = chance.choice(["flip", "flip", "flip", "cut", "lose", "put", "behind", "zeros"])
        if change == "flip" and octets:
            octets[place] ^= 1 << chance.randrange(8)
        elif change == "cut":
            del octets[chance.randrange(len(octets) + 1) :]
        elif change == "lose":
            del octets[place : place + chance.choice([1, 100])]
        elif change == "put":
            octets[place:place] = chance.randbytes(chance.choice([1, 40]))
        elif change == "behind":
            octets += chance.choice([chance.randbytes(9), b"\x1f", b"\x1f\x8b", b"\x1f\x8b\x08\0"])
        elif change == "zeros":
            octets += bytes(chance.choice([1, 4, 512]))
    return bytes(octets)


def body_of_seed(seed: int) -> tuple[str, bytes, list[bytes]]:
    """A label, a body that may be what the label says, and that body in pieces."""
    chance = random.Random(seed)
    kind = chance.choice(["gzip", "gzip", "gzip", "zlib", "raw"])
    if kind == "gzip":
        members = []
        for _ in range(chance.choice([1, 1, 1, 2, 5])):
            data = content(chance)
            odd = chance.random() < 0.3
            members.append(in_gzip(odd_deflate(chance) if odd else packed(data, -15, chance), data, chance))
        coded = b"".join(members)
    elif chance.random() < 0.3:
        coded = b"\x78\x9c" * (kind == "zlib") + odd_deflate(chance)
    else:
        wbits = chance.randint(9, 15)
        coded = packed(content(chance), wbits if kind == "zlib" else -wbits, chance)
    coded = _damaged(coded, chance)
    label = "gzip" if kind == "gzip" else "deflate"
    if chance.random() < 0.03:
        label = chance.choice(["gzip", "deflate"])
    pieces = []
    while coded:
        size = chance.choice([1, 7, 100, 1_448, 1_448, 20_000, 70_000])
        pieces.append(coded[:size])
        coded = coded[size:]
    return label, b"".join(pieces), pieces
