"""The parts of a multipart body (RFC 2046 §5.1; of a form, RFC 7578): their header fields, and where their
content is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from httptrace.outputs import mediatype

#: Parts that are listed, and octets of one part's header section.
PARTS = 200
PART_HEAD = 16 * 1024

#: RFC 2046 §5.1.1 stops at 70; some programs do not.
_LONGEST_BOUNDARY = 200

_GUESS = re.compile(rb"\s{0,8}--([^\s-][^\r\n]{0,199}?|-[^\r\n]{1,199}?)[ \t]*+\r?\n")

#: What follows a delimiter: two hyphens for the last, else padding and the line's end.
_DELIMITED = re.compile(rb"--|[ \t]*+(?:\r?\n|\Z)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `headers` as sent, in Latin-1; `closed`: a delimiter follows it, so its content is all
    there.
    """

    headers: tuple[tuple[str, str], ...]
    content: bytes
    closed: bool

    def value(self, name: str) -> str | None:
        """The first header field of that name (lower case)."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def name(self) -> str | None:
        """The name of the form field (RFC 7578 §4.2)."""
        return _parameter(self.value("content-disposition"), "name")

    @property
    def file_name(self) -> str | None:
        """The name of the file; also in the form of RFC 8187, which RFC 7578 §4.2 forbids and programs
        send.
        """
        return _parameter(self.value("content-disposition"), "filename")


def parts(content: bytes, boundary: str | None) -> tuple[list[Part], bool] | None:
    """The parts, at most :data:`PARTS`, and whether there are more; None where no delimiter is found.

    A missing or wrong `boundary` is replaced by what the first line says. Lines may end with LF alone.
    """
    delimiter = b"--" + (boundary or "").encode("latin-1", "replace")
    if not 2 < len(delimiter) <= _LONGEST_BOUNDARY or not _next(content, delimiter, 0):
        guess = _GUESS.match(content)
        if guess is None:
            return None
        delimiter = b"--" + guess[1]
    found: list[Part] = []
    at = _next(content, delimiter, 0)
    while at is not None:
        start = at[1]
        if content.startswith(b"--", start):  # the close delimiter; an epilogue is no part
            break
        line_end = content.find(b"\n", start)
        if line_end < 0:
            break
        if len(found) == PARTS:
            return found, True
        following = _next(content, delimiter, line_end)
        found.append(_part(content, line_end + 1, following[0] if following else len(content), following is not None))
        at = following
    return found, False


def _next(content: bytes, delimiter: bytes, at: int) -> tuple[int, int] | None:
    """Where the content before the next delimiter ends, and where the delimiter does. It stands at a line's
    start.
    """
    while (start := content.find(delimiter, at)) >= 0:
        end = start + len(delimiter)
        if (start == 0 or content[start - 1] == 0x0A) and _DELIMITED.match(content, end):
            before = start - 1 if start else 0
            if before and content[before - 1] == 0x0D:
                before -= 1
            return before, end
        at = start + 1
    return None


def _part(content: bytes, start: int, end: int, closed: bool) -> Part:
    end = max(start, end)
    if content.startswith((b"\r\n", b"\n"), start):  # no header field
        skip = 2 if content[start] == 0x0D else 1
        return Part((), content[start + skip : max(start + skip, end)], closed)
    head_end = _HEAD_END.search(content, start, min(end + 4, start + PART_HEAD))
    if head_end is None or head_end.start() > end:
        headers, body = content[start:end], b""
        if len(headers) > PART_HEAD:
            headers, body = b"", content[start:end]
    else:
        headers, body = content[start : head_end.start()], content[head_end.end() : end]
    lines: list[tuple[str, str]] = []
    for line in headers.decode("latin-1").split("\n"):
        if line[:1] in (" ", "\t") and lines:  # obs-fold
            lines[-1] = lines[-1][0], lines[-1][1] + " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if colon:
            lines.append((name.strip(), value.strip()))
    return Part(tuple(lines), body, closed)


def _parameter(value: str | None, name: str) -> str | None:
    parameters = mediatype.parse(value)[1]
    if (extended := parameters.get(name + "*")) is not None:
        charset, quote, rest = extended.partition("'")
        coded = rest.partition("'")[2] if quote else extended
        return mediatype.decode_word(unquote_to_bytes(coded.encode("latin-1", "replace")), charset)
    plain = parameters.get(name)
    # Header fields are read as Latin-1; browsers write names in UTF-8 (RFC 7578 §5.1.1).
    return None if plain is None else mediatype.decode_word(plain.encode("latin-1", "replace"))
