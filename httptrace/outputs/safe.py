"""Text off the wire made harmless: what would steer a terminal, or hide in a line, becomes visible."""

from __future__ import annotations

import re

#: C0, DEL and C1; what is invisible or turns the direction of writing (soft hyphen, Arabic letter mark, the
#: zero-width ones, line and paragraph separators, embeddings, overrides and isolates, the byte order mark,
#: annotation and tag characters); and lone surrogates, which no output can encode.
_UNSAFE_RANGES = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff"
)
_unsafe = re.compile(f"[{_UNSAFE_RANGES}]")
_unsafe_but_lines = re.compile(f"(?![\n\t])[{_UNSAFE_RANGES}]")

_percent = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+")

_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def safe(text: str, keep_newlines: bool = False) -> str:
    r"""The text with every control and invisible character in the notation of Python: `\x1b`, `\u202e`.

    `keep_newlines` leaves line ends (CR LF becomes LF) and tabs as they are. What is clean comes back as it
    is.
    """
    if keep_newlines:
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        return _unsafe_but_lines.sub(_visible, text)
    # All that is unsafe is unprintable, so that the quick question settles nearly every line; but for the
    # Hangul fillers, which Unicode calls letters, and so the question is not enough beyond ASCII.
    if text.isascii() and text.isprintable():
        return text
    return _unsafe.sub(_visible, text)


def legible(text: str, most: int | None = None) -> str:
    """Text of a head, in which a character stands for a byte: as UTF-8 where it is that, harmless, at most so long.

    Names in Chinese that a program sends without percent signs are nothing else; what is Latin-1 is hardly ever
    UTF-8 as well. With `most` so many bytes are looked at, and an ellipsis stands for the others.
    """
    cut = most is not None and len(text) > most
    if cut:
        text = text[: _between_characters(text, most or 0)]
    return safe(_decoded(text)) + ("…" if cut else "")


def legible_ends(text: str, each: int) -> str:
    """The same of `each` bytes at both ends of a text that is longer."""
    tail = len(text) - each
    while tail < min(len(text), len(text) - each + 3) and "\x80" <= text[tail] <= "\xbf":
        tail += 1
    return safe(_decoded(text[: _between_characters(text, each)] + text[tail:]))


def spelt_out(url: str) -> str:
    """A URL with the characters beyond ASCII that its percent signs stand for; all else, %2F and %20 too, stays."""

    def spelt(found: re.Match[str]) -> str:
        try:
            return safe(bytes.fromhex(found[0].replace("%", "")).decode())
        except UnicodeDecodeError:
            return found[0]

    return _percent.sub(spelt, url)


def _between_characters(text: str, at: int) -> int:
    """A place at `at` or up to three before it, where no character of UTF-8 is torn."""
    place = at
    while place > at - 3 and place > 0 and "\x80" <= text[place] <= "\xbf":
        place -= 1
    return place


def _decoded(text: str) -> str:
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _visible(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    if code < 0x100:
        return _SHORT.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
