r"""JSON that may stand in a script element of a page.

The element ends at the first `</script` and at nothing else, whatever the string literals say; `<!--` may change how
its end is found. So no `<`, `>` or `&` is left, and none of the two line separators that old scripts took for line
ends. All five can only stand inside of strings, where `\u003c` is the same to whoever parses it.
"""

from __future__ import annotations

from msgspec.json import encode


def embedded(value: object) -> bytes:
    """The value as such JSON."""
    data = encode(value).replace(b"&", b"\\u0026").replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
    return data.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
