"""Bytes off the wire to stdout: as they are to a pipe or a file, never as they are to a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from io import RawIOBase

from httptrace import limits
from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.outputs.safe import safe


class Octets:
    """Takes bytes of any amount. On a terminal they are held until it is known that they are text, and then shown
    with every control character visible; anything else is refused there, as curl does."""

    def __init__(self) -> None:
        self._to_terminal = sys.stdout.isatty()
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """The next bytes."""
        if not self._to_terminal:
            sys.stdout.buffer.write(data)
            return
        self._size += len(data)
        if self._size <= limits.KEPT_BODY:
            self._held.append(data)

    def finish(self, content_type: str | None = None) -> None:
        """All bytes are there. Raises UsageError where a terminal cannot show them."""
        if not self._to_terminal:
            sys.stdout.buffer.flush()
            return
        from httptrace.outputs.bodies import Kind, recognise
        from httptrace.outputs.mediatype import decode, parse

        content, self._held = b"".join(self._held), []
        if recognise(content, content_type) is Kind.BINARY or self._size > limits.KEPT_BODY:
            raise UsageError(
                _("{size} bytes that a terminal cannot show: send them to a file or a pipe (> FILE)").format(
                    size=f"{self._size:,}"
                )
            )
        text, _codec = decode(content, parse(content_type)[1].get("charset"))
        text = safe(text, keep_newlines=True)
        sys.stdout.write(text if not text or text.endswith("\n") else text + "\n")


#: DEL and C1 in UTF-8. JSON lets them stand as they are, but a terminal would obey them.
_CONTROLS = re.compile(rb"\x7f|\xc2[\x80-\x9f]")


def _all_of_it(data: bytes) -> None:
    """Write to a stdout that is not buffered (PYTHONUNBUFFERED), where a signal may end a write half-way."""
    left = memoryview(data)
    while left:
        left = left[sys.stdout.buffer.write(left) :]


def json_writer() -> Callable[[bytes], object]:
    """What writes lines of JSON to stdout: untouched to a pipe or a file, with no raw control to a terminal."""
    write = _all_of_it if isinstance(sys.stdout.buffer, RawIOBase) else sys.stdout.buffer.write
    if not sys.stdout.isatty():
        return write
    return lambda lines: write(_CONTROLS.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), lines))
