"""Bytes that are no text: which format they have, the size of a picture, and how they look in hexadecimal."""

from __future__ import annotations

import re

#: Bytes shown of something that is no text, and how many make a line.
HEAD = 64
LINE = 16

#: How formats begin: offset, bytes, name. The first that fits counts. Names are proper names, not translated.
_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (8, b"WEBPVP8", "WebP"),
    (8, b"WAVEfmt", "WAV"),
    (8, b"AVI ", "AVI"),
    (0, b"BM", "BMP"),
    (0, b"\x00\x00\x01\x00", "ICO"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypheic", "HEIC"),
    (4, b"ftyp", "MP4"),
    (4, b"styp", "MP4"),
    (0, b"\x1aE\xdf\xa3", "WebM"),
    (0, b"OggS", "Ogg"),
    (0, b"ID3", "MP3"),
    (0, b"fLaC", "FLAC"),
    (0, b"FLV\x01", "FLV"),
    (0, b"%PDF-", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"PK\x05\x06", "ZIP"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (257, b"ustar", "tar"),
    (0, b"wOFF", "WOFF"),
    (0, b"wOF2", "WOFF2"),
    (0, b"\x00\x01\x00\x00\x00", "TrueType"),
    (0, b"OTTO", "OpenType"),
    (0, b"\x00asm", "WebAssembly"),
    (0, b"\x7fELF", "ELF"),
    (0, b"MZ", "Windows PE"),
    (0, b"\xca\xfe\xba\xbe", "Java class"),
    (0, b"CWS", "Flash"),
    (0, b"FWS", "Flash"),
    (0, b"SQLite format 3\x00", "SQLite"),
)


def format_name(content: bytes) -> str | None:
    """The format that the first bytes announce, or None."""
    for offset, sign, name in _SIGNS:
        if content.startswith(sign, offset):
            return None if name == "BMP" and not _is_bitmap(content) else name
    return None


def _is_bitmap(content: bytes) -> bool:
    """Whether "BM" is more than two letters: behind it a file size, zeros, and the size of a known header
    follow.
    """
    return content[6:10] == bytes(4) and content[14:18] in (b"\x0c\0\0\0", b"(\0\0\0", b"l\0\0\0", b"|\0\0\0")


def dimensions(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels where the head of a picture shows them."""
    match format_name(content):
        case "PNG" if content[12:16] == b"IHDR" and len(content) >= 24:
            return _big(content[16:20]), _big(content[20:24])
        case "GIF" if len(content) >= 10:
            return _little(content[6:8]), _little(content[8:10])
        case "JPEG":
            return _jpeg(content)
        case "WebP" if len(content) >= 30:
            return _webp(content)
        case "BMP" if len(content) >= 26:
            if content[14] == 12:
                return _little(content[18:20]), _little(content[20:22])
            height = int.from_bytes(content[22:26], "little", signed=True)  # negative: rows from the top
            return _little(content[18:22]), abs(height)
        case "ICO" if len(content) >= 8:
            return content[6] or 256, content[7] or 256
    return None


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """From the first frame header (SOF0 to SOF15 without DHT, JPG, DAC); segments before it are stepped
    over.
    """
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(content[at + 7 : at + 9]), _big(content[at + 5 : at + 7])
        else:
            at += 2 + max(2, _big(content[at + 2 : at + 4]))
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    match content[12:16]:
        case b"VP8X":
            return _little(content[24:27]) + 1, _little(content[27:30]) + 1
        case b"VP8L":
            bits = _little(content[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            return _little(content[26:28]) & 0x3FFF, _little(content[28:30]) & 0x3FFF
    return None


_UNPRINTABLE = re.compile(r"[^ -~]")


def hex_lines(content: bytes) -> tuple[str, ...]:
    """The first bytes as `00000000  89 50 4e 47 …  |.PNG|`."""
    lines = []
    for start in range(0, min(len(content), HEAD), LINE):
        row = content[start : min(start + LINE, HEAD)]
        letters = _UNPRINTABLE.sub(".", row.decode("latin-1"))
        lines.append(f"{start:08x}  {row[:8].hex(' '):23}  {row[8:].hex(' '):23}  |{letters}|")
    return tuple(lines)
