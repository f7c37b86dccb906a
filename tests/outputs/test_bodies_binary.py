"""The format of bytes by their beginning, and the size of pictures by their head."""

from __future__ import annotations

import random

import pytest

from httptrace.outputs.binary import HEAD, dimensions, format_name, hex_lines

GIF = b"GIF89a\x20\x03\x58\x02\xf7\0\0"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xc2\0\x11\x08\x02\x58\x03\x20\x03"
BMP = b"BM" + (70).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + b"(\0\0\0"


@pytest.mark.parametrize(
    ("content", "name", "size"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x02\x58", "PNG", (800, 600)),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "PNG", None),
        (GIF, "GIF", (800, 600)),
        (JPEG, "JPEG", (800, 600)),
        (JPEG[:24], "JPEG", None),
        (b"\xff\xd8\xff" + bytes(40), "JPEG", None),
        (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0", "WebP", (800, 600)),
        (b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x20\x03\x58\x02", "WebP", (800, 600)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x1f\xc3\x95\x00" + bytes(5), "WebP", (800, 600)),
        (BMP + b"\x20\x03\0\0\xa8\xfd\xff\xff", "BMP", (800, 600)),
        (b"\0\0\x01\0\x01\0\x20\0", "ICO", (32, 256)),
        (b"%PDF-1.4", "PDF", None),
        (b"plain", None, None),
        (b"BMW drives", None, None),
        (b"", None, None),
    ],
)
def test_formats(content, name, size):
    assert format_name(content) == name
    assert dimensions(content) == size


@pytest.mark.parametrize("seed", range(40))
def test_any_bytes_behind_a_sign(seed):
    chance = random.Random(seed)
    sign = chance.choice([GIF[:6], JPEG[:3], BMP[:18], b"RIFF\0\0\0\0WEBPVP8L", b"\x89PNG\r\n\x1a\n", b"\0\0\x01\0"])
    content = sign + chance.randbytes(chance.randrange(40))
    format_name(content)
    dimensions(content)


def test_hexadecimal_shows_the_head_only():
    assert hex_lines(b"") == ()
    assert hex_lines(b"\x1bA") == ("00000000  1b 41" + " " * 45 + "|.A|",)
    assert len(hex_lines(bytes(10_000))) == HEAD // 16
