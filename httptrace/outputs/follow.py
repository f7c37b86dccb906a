r"""The bytes of one connection as they were sent, for `follow`: text as text, anything else in hexadecimal.

    ── No4 · client → server ─────
    > GET / HTTP/1.1\r\n          (the line's end is not printed)
    ── No6 · server → client ─────
    < HTTP/1.1 200 OK
    < 00000108  1f 8b 08 00 …  |….|

Bytes stream through: what is held is one unfinished line, or less than one row of hexadecimal. A line is text where it
is UTF-8 with few exceptions and has no control characters but tabs. What follows a line that is none is shown in
hexadecimal up to the end of the packet; each packet may begin with text again.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from httptrace.lang import _, ngettext
from httptrace.model import At, Direction
from httptrace.outputs.amounts import seconds
from httptrace.outputs.paint import Paint
from httptrace.outputs.safe import safe
from httptrace.outputs.wrap import cell_width

#: An unfinished line is held up to here; a longer one is printed in parts.
LINE = 4_096

#: Bytes in a row of hexadecimal.
ROW = 16

#: Bytes of a packet that decide whether it may begin with text behind hexadecimal.
_LOOKED_AT = 64

#: Lines that are as plain as most are: printed together, because a body may hold a million of them.
_PLAIN_LINES = re.compile(rb"(?:[\t -~]*+\r?\n)++")

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_UNPRINTABLE = re.compile(r"[^ -~]")
_PROMPTS = {Direction.CLIENT: "> ", Direction.SERVER: "< "}
_STYLES = {Direction.CLIENT: "green", Direction.SERVER: "magenta"}


class Transcript:
    """Takes the bytes of both sides in turn and gives lines, one or several at once, without the end of the last.
    `started`: the time of the capture's first packet."""

    def __init__(self, give: Callable[[str], object], width: int, paint: Paint, started: Callable[[], int]) -> None:
        self._give = give
        self._width = width
        self._paint = paint
        self._started = started
        self._sender: Direction | None = None
        self._held = b""
        self._hexadecimal = False
        self._offset = [0, 0]  # of the first byte that is not printed, on each side

    def data(self, sender: Direction, data: bytes, at: At) -> None:
        """The next bytes of that side."""
        self._turn(sender, at)
        if self._hexadecimal and _is_text(data[:_LOOKED_AT].partition(b"\n")[0]):
            self._flush()
        held = self._held + data
        if not self._hexadecimal:
            held = self._lines(held)
        if self._hexadecimal:
            whole = len(held) - len(held) % ROW
            self._rows(held[:whole])
            held = held[whole:]
        self._held = held

    def gap(self, sender: Direction, length: int, at: At) -> None:
        """Bytes of that side that were never captured."""
        self._turn(sender, at)
        self._flush()
        text = ngettext(
            "{length} byte is missing here, never captured", "{length} bytes are missing here, never captured", length
        )
        self._give(self._prompt() + self._paint("⚠ " + text.format(length=f"{length:,}"), "yellow"))
        self._offset[sender] += length

    def finish(self) -> None:
        """The connection is over."""
        self._flush()

    def _turn(self, sender: Direction, at: At) -> None:
        if sender is self._sender:
            return
        self._flush()
        self._sender = sender
        who = _("client → server") if sender is Direction.CLIENT else _("server → client")
        line = f"── No{at[0]} · {seconds(at[1] - self._started())} s · {who} "
        self._give(self._paint(line + "─" * max(0, self._width - cell_width(line)), _STYLES[sender]))

    def _prompt(self) -> str:
        assert self._sender is not None
        return self._paint(_PROMPTS[self._sender], _STYLES[self._sender])

    def _flush(self) -> None:
        """Print what is held: nothing more comes to complete it."""
        held, self._held = self._held, b""
        if held and not self._hexadecimal and _is_text(held):
            self._text(held)
        elif held:
            self._rows(held)
        self._hexadecimal = False

    def _lines(self, data: bytes) -> bytes:
        """Print the whole lines as long as they are text; gives what is left."""
        begin = 0
        while begin < len(data):
            plain = _PLAIN_LINES.match(data, begin)
            if plain is not None:
                self._plain(plain[0])
                begin = plain.end()
                continue
            end = data.find(b"\n", begin) + 1
            if not end:
                if len(data) - begin < LINE and _is_text(_whole_characters(data[begin:])):
                    break
                end = min(begin + LINE, len(data))
                while end > begin + LINE - 4 and end < len(data) and data[end] & 0xC0 == 0x80:  # inside a character
                    end -= 1
            if not _is_text(data[begin:end]):
                self._hexadecimal = True
                break
            self._text(data[begin:end])
            begin = end
        return data[begin:]

    def _plain(self, lines: bytes) -> None:
        """Print whole lines in which nothing has to be made visible."""
        self._advance(len(lines))
        prompt = self._prompt()
        texts = lines.decode("ascii").replace("\r\n", "\n").split("\n")
        texts.pop()  # behind the last line end
        self._give("\n".join([(prompt + text).rstrip(" ") for text in texts]))

    def _text(self, line: bytes) -> None:
        self._advance(len(line))
        if line.endswith(b"\n"):
            line = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        text = line.decode("utf-8", "backslashreplace")
        self._give((self._prompt() + safe(text, keep_newlines=True)).rstrip(" "))

    def _rows(self, data: bytes) -> None:
        assert self._sender is not None
        for start in range(0, len(data), ROW):
            row = data[start : start + ROW]
            letters = _UNPRINTABLE.sub(".", row.decode("latin-1"))
            place = self._paint(f"{self._offset[self._sender]:08x}", "dim")
            self._give(f"{self._prompt()}{place}  {row[:8].hex(' '):23}  {row[8:].hex(' '):23}  |{letters}|")
            self._advance(len(row))

    def _advance(self, length: int) -> None:
        assert self._sender is not None
        self._offset[self._sender] += length


def _whole_characters(data: bytes) -> bytes:
    """What was read of a line, without a CR or a character of UTF-8 that is still to be completed."""
    for back in range(1, min(4, len(data) + 1)):
        if data[-back] >= 0xC0:
            return data[:-back]
        if data[-back] < 0x80:
            break
    return data.removesuffix(b"\r")


def _is_text(data: bytes) -> bool:
    """Whether bytes read as text: no control characters but tab and line end, at most one byte in ten not UTF-8."""
    line = data.removesuffix(b"\n").removesuffix(b"\r")
    if line.isascii():
        return _CONTROL.search(line) is None
    odd = line.decode("utf-8", "replace").count("\ufffd")
    return _CONTROL.search(line) is None and odd * 10 <= len(line)
