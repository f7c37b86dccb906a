"""The values of `live`'s options: sizes, times, what files are rotated by."""

from __future__ import annotations

import re

from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.lang.numbers import whole_number
from httptrace.selection import span

_SIZE = re.compile(r"(\d{1,12})\s*(?:([kKMG])(?:i?B)?|B)?", re.ASCII)
_UNITS = {"": 1, "k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

#: The least that a ring takes, and more than any machine has to spare.
_LEAST_BUFFER, _LARGEST_BUFFER = 1 << 20, 1 << 40


def size(text: str) -> int | None:
    """Bytes: a number, or one with k, M or G (of 1,024)."""
    found = _SIZE.fullmatch(text.strip())
    return int(found[1]) * _UNITS[found[2] or ""] if found else None


def buffer(text: str) -> int:
    """The value of --buffer. Raises UsageError."""
    found = size(text)
    if found is None or not _LEAST_BUFFER <= found <= _LARGEST_BUFFER:
        raise UsageError(_("--buffer {value}: a size from 1M on, such as 64M or 1G").format(value=text))
    return found


def count(option: str, text: str | None) -> int | None:
    """A number from 1 on. Raises UsageError."""
    if text is None:
        return None
    number = whole_number(text)
    if not number:
        raise UsageError(_("{option} {value}: a number from 1 on").format(option=option, value=text))
    return number


def seconds(option: str, text: str | None) -> float | None:
    """A span of time, in seconds. Raises UsageError."""
    if text is None:
        return None
    found = span(text)
    if not found:
        raise UsageError(_("{option} {value}: a time such as 500ms, 30s or 10min").format(option=option, value=text))
    return found / 1e9


def rotation(text: str | None) -> tuple[int | None, int | None]:
    """By what files are rotated: bytes, or ns. A unit has to be given, for it says which. Raises UsageError."""
    if text is None:
        return None, None
    bytes_each, ns_each = size(text), span(text)
    if bytes_each and not text.strip().isdigit():
        return bytes_each, None
    if ns_each and not text.strip().replace(".", "").isdigit():
        return None, ns_each
    raise UsageError(_("--rotate {value}: a size such as 100M, or a time such as 10min").format(value=text))
