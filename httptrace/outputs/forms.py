"""Form fields as a browser's form sent them: application/x-www-form-urlencoded."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from httptrace.outputs.mediatype import decode_word


def fields(content: bytes, charset: str | None = None) -> Iterator[tuple[str, str]]:
    """Name and value of each field, decoded, in the order sent (the URL standard's urlencoded parsing).

    UTF-8 unless another charset is declared; what is no UTF-8 is read as Latin-1, where no byte is wrong.
    """
    start = 0
    while start <= len(content):
        end = content.find(b"&", start)
        if end < 0:
            end = len(content)
        pair = content[start:end]
        start = end + 1
        if pair:
            name, _, value = pair.partition(b"=")
            yield decode_word(_unquoted(name), charset), decode_word(_unquoted(value), charset)


def _unquoted(coded: bytes) -> bytes:
    return unquote_to_bytes(coded.replace(b"+", b" "))
