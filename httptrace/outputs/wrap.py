"""Lines for a terminal: how many cells a text takes, and where it may break, in English and in Chinese.

An East Asian wide character takes two cells, a combining mark none (UAX #11). English breaks at spaces.
Chinese has no spaces and breaks between any two characters, but no line begins with a closing mark or ends
with an opening one (the kinsoku rule; of UAX #14 only what these two languages need). A word longer than a
line is cut.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

#: What must not begin a line: closing brackets and the marks that belong to the text before them.
CLOSING = frozenset("。，、；：！？）」』》】〉〕”’％…—·～)]}.,;:!?%")

#: What must not end a line.
OPENING = frozenset("（「『《【〈〔“‘([{")

_ZERO_WIDTH = ("Mn", "Me", "Cf")


def cell_width(text: str) -> int:
    """How many cells of a terminal `text` takes; control characters none, because they never reach one."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if " " <= character <= "~":
        return 1
    if character < " " or "\x7f" <= character < "\xa0" or unicodedata.category(character) in _ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int, align: str = "left") -> str:
    """`text` filled with spaces to `width` cells (`align` is left or right); a longer text stays as it is."""
    space = " " * max(0, width - cell_width(text))
    return space + text if align == "right" else text + space


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where its end had to go."""
    if cell_width(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _cells(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def in_rows(parts: Iterable[str], width: int) -> list[str]:
    """Parts with a dot between them, on as many lines as that takes; a part, such as a command, is never torn."""
    rows: list[str] = []
    for part in parts:
        longer = f"{rows[-1]} · {part}" if rows else part
        if rows and cell_width(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(part)
    return rows


def wrap(text: str, width: int, indent: str | int = "") -> list[str]:
    """`text` as lines of at most `width` cells, each with `indent` (itself, or that many spaces) before it.

    Every newline of `text` begins a new line; runs of spaces become one. The empty text has no lines.
    """
    before = indent if isinstance(indent, str) else " " * indent
    room = max(2, width - cell_width(before))
    return [(before + line).rstrip() for paragraph in text.splitlines() for line in _paragraph(paragraph, room)]


def _paragraph(text: str, room: int) -> Iterator[str]:
    """The lines of one paragraph; one empty line for an empty paragraph."""
    line, used, space = "", 0, 0
    for piece in _pieces(text):
        if piece == " ":
            space = 1 if line else 0
            continue
        size = cell_width(piece)
        if line and used + space + size > room:
            yield line
            line, used, space = "", 0, 0
        if size > room:  # the line is empty now
            *whole, piece = _cut(piece, room)
            yield from whole
            size = cell_width(piece)
        line, used, space = line + " " * space + piece, used + space + size, 0
    yield line


def _pieces(text: str) -> Iterator[str]:
    """What may not be torn, one after the other, and a single space for each run of white space between."""
    for word in text.split(" "):
        start = 0
        for i in range(1, len(word)):
            if _may_break(word[i - 1], word[i]):
                yield word[start:i]
                start = i
        if word:
            yield word[start:]
        yield " "


def _may_break(before: str, after: str) -> bool:
    """Whether a line may end between two characters that no space divides; never at a no-break space."""
    if before in OPENING or after in CLOSING or "\N{NO-BREAK SPACE}" in (before, after):
        return False
    return _cells(before) == 2 or _cells(after) == 2


def _cut(word: str, room: int) -> list[str]:
    """A word that is longer than a line, in parts of at most `room` cells."""
    parts, start, used = [], 0, 0
    for i, character in enumerate(word):
        size = _cells(character)
        if used + size > room:
            parts.append(word[start:i])
            start, used = i, 0
        used += size
    return [*parts, word[start:]]
