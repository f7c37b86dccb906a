"""HTTP messages as bytes, written the way they stand on the wire."""

from __future__ import annotations

from collections.abc import Iterable

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.106 Safari/537.36"
)
ACCEPT_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
ACCEPT_LANGUAGE = "zh-CN,zh;q=0.8"
DATE = "Tue, 28 Jun 2016 02:15:07 GMT"


def message(start_line: str, fields: str, body: bytes = b"") -> bytes:
    """A message from its start line, its header fields and its body.

    The fields stand one a line; indentation and empty lines are dropped, and `{length}` stands for the body's
    length in bytes.
    """
    lines = [start_line, *(line.strip() for line in fields.splitlines() if line.strip())]
    return "".join(f"{line}\r\n" for line in lines).replace("{length}", str(len(body))).encode() + b"\r\n" + body


def browser_get(
    target: str, host: str, *, accept: str = ACCEPT_PAGE, referer: str | None = None, more: str = ""
) -> bytes:
    """A GET as Chrome 51 writes it, in its order; `more` are further fields, one a line, at the end."""
    return message(
        f"GET {target} HTTP/1.1",
        f"""
        Host: {host}
        Connection: keep-alive
        {"Upgrade-Insecure-Requests: 1" if accept == ACCEPT_PAGE else ""}
        User-Agent: {CHROME}
        Accept: {accept}
        {f"Referer: {referer}" if referer else ""}
        Accept-Encoding: gzip, deflate, sdch
        Accept-Language: {ACCEPT_LANGUAGE}
        {more}
        """,
    )


def html(title: str, text: str) -> bytes:
    """A short page, one element a line."""
    return (
        f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n"
        f"<body>\n<h1>{title}</h1>\n<p>{text}</p>\n</body>\n</html>\n"
    ).encode()


def page(status: str, body: bytes, more: str = "", connection: str = "keep-alive") -> bytes:
    """A response of nginx with an HTML body and its Content-Length; `status` is as in `404 Not Found`."""
    return message(
        f"HTTP/1.1 {status}",
        f"""
        Server: nginx
        Date: {DATE}
        Content-Type: text/html; charset=utf-8
        Content-Length: {{length}}
        Connection: {connection}
        {more}
        """,
        body,
    )


def chunked(chunks: Iterable[bytes], trailers: str = "") -> bytes:
    """Chunks with their sizes, the last chunk of size 0, and trailer fields (RFC 9112 §7.1)."""
    coded = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    fields = "".join(f"{line.strip()}\r\n" for line in trailers.strip().splitlines())
    return coded + b"0\r\n" + fields.encode() + b"\r\n"
