"""HTTP messages as bytes, as they stand on the wire, and the material that they carry."""

from __future__ import annotations

from collections.abc import Iterable

from httptrace.teach.situations.conversation import DATE

HOST = "www.example.com"
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36"
)
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def message(start_line: str, fields: Iterable[str], body: bytes = b"") -> bytes:
    """A message; `{length}` in a field stands for the body's length in bytes."""
    lines = [start_line, *(line.replace("{length}", str(len(body))) for line in fields)]
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body


def get(target: str, *more: str, host: str = HOST, accept: str = PAGE, method: str = "GET") -> bytes:
    """A request without a body as a browser writes it; `more` are further fields."""
    return message(
        f"{method} {target} HTTP/1.1",
        (
            f"Host: {host}",
            "Connection: keep-alive",
            f"User-Agent: {BROWSER}",
            f"Accept: {accept}",
            "Accept-Encoding: gzip, deflate",
            "Accept-Language: zh-CN,zh;q=0.9,en;q=0.8",
            *more,
        ),
    )


def post(target: str, content_type: str, body: bytes, *more: str) -> bytes:
    """A request with a body."""
    return message(
        f"POST {target} HTTP/1.1",
        (
            f"Host: {HOST}",
            "Connection: keep-alive",
            "Content-Length: {length}",
            f"Origin: http://{HOST}",
            f"Content-Type: {content_type}",
            f"User-Agent: {BROWSER}",
            f"Accept: {PAGE}",
            *more,
        ),
        body,
    )


def response(
    status: str, body: bytes, *more: str, content_type: str | None = "text/html; charset=utf-8", length: bool = True
) -> bytes:
    """A response; `status` is as in `404 Not Found`. Without `length` another field has to say where it ends."""
    return message(
        f"HTTP/1.1 {status}",
        (
            "Server: nginx",
            f"Date: {DATE}",
            *([f"Content-Type: {content_type}"] if content_type else []),
            *(["Content-Length: {length}"] if length else []),
            *more,
        ),
        body,
    )


def html(title: str, *paragraphs: str) -> bytes:
    """A page, one element a line."""
    text = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><title>{title}</title></head>\n'
        f"<body>\n<h1>{title}</h1>\n{text}\n</body>\n</html>\n"
    ).encode()


def lines(count: int) -> bytes:
    """A text whose every line says where it stands: a missing stretch shows by its numbers."""
    return b"".join(b"line %04d of %04d: a byte has its number\n" % (number, count) for number in range(1, count + 1))


def chunked(chunks: Iterable[bytes], *trailers: str) -> bytes:
    """Chunks with their sizes, the last of size 0, and trailer fields (RFC 9112 §7.1)."""
    coded = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return coded + b"0\r\n" + "".join(f"{line}\r\n" for line in trailers).encode() + b"\r\n"


def picture(width: int = 96, height: int = 64) -> bytes:
    """A BMP of 16 colours: two sides, and arrows that go back and forth between them."""
    from struct import pack

    palette = (0xFFFFFF, 0x2F4F90, 0x545C63, 0x00A03C, 0xD0281E)
    stride = (width // 2 + 3) // 4 * 4
    colours = b"".join(pack("<I", colour) for colour in palette).ljust(64, b"\0")
    rows = []
    for y in range(height):
        row = []
        for x in range(width):
            if x in (10, 11) or x in (width - 12, width - 11):
                colour = 1 if x < width // 2 else 2
            else:
                colour = _arrow(x - 12, y, width - 24)
            row.append(colour)
        packed = bytes(row[at] << 4 | row[at + 1] for at in range(0, width, 2))
        rows.append(packed.ljust(stride, b"\0"))
    pixels = b"".join(reversed(rows))
    begin = 14 + 40 + len(colours)
    head = pack("<2sIHHI", b"BM", begin + len(pixels), 0, 0, begin)
    return head + pack("<IiiHHIIiiII", 40, width, height, 1, 4, 0, len(pixels), 2835, 2835, 16, 5) + colours + pixels


def _arrow(x: int, y: int, length: int) -> int:
    """The colour of an arrow at this place: green to the right, red to the left, nothing between them."""
    if not 0 <= x < length:
        return 0
    number, across = divmod(y, 16)
    from_tip = x if number % 2 else length - 1 - x
    inside = across in (7, 8) or (from_tip <= 6 and abs(2 * across - 15) <= 2 * from_tip + 1)
    return 0 if not inside else 4 if number % 2 else 3
