"""Heads as nearly all come: whole in one piece of data, with usual start lines and fields that break no rule.

Each is found and read in one go. What gives None here is not wrong, it takes more thought (`http1.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from httptrace import limits
from httptrace.http.syntax import plain_fields
from httptrace.model import Field

#: The three parts of the start line, the fields, the decisive ones by name, and the head's octets with its empty line.
HeadParts: TypeAlias = tuple[tuple[str, ...], list[Field], dict[str, str], int]

#: What stands before the empty line of a head that is not counted (:data:`httptrace.limits.PLAIN_HEAD`).
_LONGEST = limits.PLAIN_HEAD - 4

#: The most digits of a length that is not looked at twice.
_DIGITS = 12


def head_at(data: bytes, begin: int, start_line: Callable[[str], re.Match[str] | None]) -> HeadParts | None:
    """The head that begins there (RFC 9112 §2.1); `start_line`: PLAIN_REQUEST, or PLAIN_STATUS of a final response."""
    end = data.find(b"\r\n\r\n", begin)
    if not 0 <= end - begin <= _LONGEST:
        return None
    text = data[begin : end + 2].decode("latin-1")
    start = start_line(text)
    plain = plain_fields(text) if start is not None else None
    if start is None or plain is None:
        return None
    return start.groups(), plain[0], plain[1], len(text) + 2


def counted(by_name: dict[str, str], without: int) -> int:
    """The content's length where Content-Length says it plainly, `without` where there is none, -1 otherwise."""
    value = by_name.get("content-length")
    if value is None:
        return without
    return int(value) if value.isdigit() and value.isascii() and len(value) <= _DIGITS else -1
