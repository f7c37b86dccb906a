"""Heads as nearly all come: whole in one piece of data, with usual start lines and fields that break no rule.

Each is found and read in one go. What gives None here is not wrong, it takes more thought (`http1.py`).
"""

from __future__ import annotations

from typing import TypeAlias

from httptrace import limits
from httptrace.http.syntax import PLAIN_REQUEST, PLAIN_STATUS, plain_fields
from httptrace.model import Field

#: Method, target, version, fields, the decisive ones by name, and the head's octets with its empty line.
RequestParts: TypeAlias = tuple[str, str, str, list[Field], dict[str, str], int]

#: Version, status, reason, and as above.
ResponseParts: TypeAlias = tuple[str, int, str, list[Field], dict[str, str], int]

#: What stands before the empty line of a head that is not counted (:data:`httptrace.limits.PLAIN_HEAD`).
_LONGEST = limits.PLAIN_HEAD - 4

#: The most digits of a length that is not looked at twice.
_DIGITS = 12


def request_at(data: bytes, begin: int) -> RequestParts | None:
    """The request head that begins there (RFC 9112 §3, §5)."""
    end = data.find(b"\r\n\r\n", begin)
    if not 0 <= end - begin <= _LONGEST:
        return None
    text = data[begin : end + 2].decode("latin-1")
    start = PLAIN_REQUEST(text)
    plain = plain_fields(text) if start is not None else None
    if start is None or plain is None:
        return None
    method, target, version = start.groups()
    return method, target, version, plain[0], plain[1], len(text) + 2


def response_at(data: bytes, begin: int) -> ResponseParts | None:
    """The head of a final response that begins there (RFC 9112 §4, §5)."""
    end = data.find(b"\r\n\r\n", begin)
    if not 0 <= end - begin <= _LONGEST:
        return None
    text = data[begin : end + 2].decode("latin-1")
    start = PLAIN_STATUS(text)
    plain = plain_fields(text) if start is not None else None
    if start is None or plain is None:
        return None
    version, status, reason = start.groups()
    return version, int(status), reason, plain[0], plain[1], len(text) + 2


def counted(by_name: dict[str, str], without: int) -> int:
    """The content's length where Content-Length says it plainly, `without` where there is none, -1 otherwise."""
    value = by_name.get("content-length")
    if value is None:
        return without
    return int(value) if value.isdigit() and value.isascii() and len(value) <= _DIGITS else -1
