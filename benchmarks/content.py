"""What is said: heads of which no two are alike, and bodies as the web has them.

A memo of repeated header lines flatters a reader, so cookies, entity tags, targets, dates and lengths all differ.
Everything follows from the random numbers handed in; what zlib makes of a text may differ between its versions.
"""

from __future__ import annotations

import zlib
from random import Random

#: Media types whose body is text and is sent in gzip; the rest are pictures and the like.
TEXTS = ("text/html; charset=utf-8", "text/css", "application/javascript", "application/json")
PICTURES = ("image/jpeg", "image/png", "font/woff2")

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = bytes.fromhex("ffd8 ffe0 0010 4a46494600 0101 00 0001 0001 0000 ffda 0008 01 0100 003f 00")  # up to the scan

_POOL = 4 << 20
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstv" for vowel in "aio"]
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
)


class Content:
    """Heads and bodies for one capture. `repeating`: what could differ does not."""

    def __init__(self, seed: str, repeating: bool = False) -> None:
        self.random = Random(seed)
        self.repeating = repeating
        self._pool = self.random.randbytes(_POOL)
        self._phrases = [self._phrase() for _ in range(2_000)]
        self._second = 0

    # ------------------------------------------------------------------ bodies

    def octets(self, size: int) -> bytes:
        """`size` octets that no coder can make smaller; other ones each time."""
        pool = self._pool
        whole, rest = divmod(size, _POOL // 2)
        pieces = []
        for length in (*[_POOL // 2] * whole, rest):
            at = int(self.random.random() * (_POOL - length))
            pieces.append(pool[at : at + length])
        return b"".join(pieces)

    def picture(self, media_type: str, size: int) -> bytes:
        """About `size` octets with the outer form of that type, so that no dissector stumbles over them."""
        octets = self.octets(size)
        if media_type == "image/png":
            header = _png_chunk(b"IHDR", bytes.fromhex("00000280 000001e0 08 02 00 00 00"))
            return b"".join((_PNG, header, _png_chunk(b"IDAT", octets), _png_chunk(b"IEND", b"")))
        if media_type == "image/jpeg":
            return b"".join((_JPEG, octets.replace(b"\xff", b"\xfe"), b"\xff\xd9"))
        return b"wOF2" + octets

    def text(self, media_type: str, size: int) -> bytes:
        """About `size` octets of text, other ones each time."""
        phrases = b"".join(self.random.choices(self._phrases, k=max(size // 45, 1)))
        if media_type.startswith("text/html"):
            return b"<!DOCTYPE html>\n<html><head><title>%d</title></head><body>\n%s</body></html>\n" % (size, phrases)
        if media_type == "application/json":
            return b'{"serial": %d, "text": "%s"}' % (self.random.getrandbits(40), phrases.replace(b"\n", b" "))
        return b"/* %d */\n%s" % (size, phrases)

    def _phrase(self) -> bytes:
        rng = self.random
        words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(rng.randint(4, 9))]
        return (" ".join(words) + rng.choice((".\n", ",\n", ";\n"))).encode()

    # ------------------------------------------------------------------ heads

    def request(self, method: str, path: str, more: str = "") -> bytes:
        """A request head as a browser sends it; `more`: further lines, each with its line end."""
        bits = 0 if self.repeating else self.random.getrandbits(160)
        agent = _AGENTS[bits % 3]
        return (
            f"{method} {path}?v={bits & 0xFFFFFFFF:x} HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: {agent}\r\n"
            "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n"
            f"Accept-Encoding: gzip, deflate\r\nReferer: http://www.example.com/{bits >> 40 & 0xFFFFFF:x}\r\n"
            f"Connection: keep-alive\r\nCookie: session={bits:040x}; seen={bits >> 96:x}\r\n{more}\r\n"
        ).encode()

    def response(self, status: str, media_type: str, framing: str, more: str = "") -> bytes:
        """A response head as nginx sends it; `framing`: the line that says how the body ends, without its line end."""
        bits = 0 if self.repeating else self.random.getrandbits(96)
        if not self.repeating:
            self._second += 1
        return (
            f"HTTP/1.1 {status}\r\nServer: nginx/1.24.0\r\nDate: {date(self._second)}\r\nContent-Type: {media_type}\r\n"
            f"{framing}\r\nLast-Modified: {date(bits & 0xFFFFFF)}\r\nConnection: keep-alive\r\n"
            f'ETag: "{bits:024x}"\r\nCache-Control: max-age={bits >> 24 & 0xFFFFF}\r\n{more}\r\n'
        ).encode()


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join((len(data).to_bytes(4), kind, data, zlib.crc32(data, zlib.crc32(kind)).to_bytes(4)))


def date(second: int) -> str:
    """A date as heads have it (RFC 9110 §5.6.7); only its form is right."""
    minute, s = divmod(second, 60)
    hour, m = divmod(minute, 60)
    day, h = divmod(hour, 24)
    return f"{_DAYS[day % 7]}, {day % 28 + 1:02} Jun 2026 {h:02}:{m:02}:{s:02} GMT"


def gzip(text: bytes) -> bytes:
    """The text in gzip, as a server in a hurry does it; without a date, so that it is the same each time."""
    coder = zlib.compressobj(1, zlib.DEFLATED, 31)
    return coder.compress(text) + coder.flush()


def chunked(body: bytes, size: int = 8_192) -> bytes:
    """The body in chunks (RFC 9112 §7.1)."""
    parts = []
    for at in range(0, len(body), size):
        chunk = body[at : at + size]
        parts += [b"%x\r\n" % len(chunk), chunk, b"\r\n"]
    return b"".join((*parts, b"0\r\n\r\n"))
