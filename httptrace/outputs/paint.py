"""Colour for lines of text: a handful of styles as the SGR sequences that every terminal knows (ECMA-48 §8.3.117)."""

from __future__ import annotations

_STYLES = {
    "bold": "1",
    "dim": "2",
    "green": "32",
    "yellow": "33",
    "magenta": "35",
    "cyan": "36",
    "heading": "1;36",
    "alarm": "1;31",
}

#: By the first digit of a status code.
_CLASSES = {1: "dim", 2: "green", 3: "cyan", 4: "yellow", 5: "alarm"}


class Paint:
    """Puts a style around text, or nothing where there is to be no colour."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, style: str | None) -> str:
        if not self.colour or not style or not text:
            return text
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def status_style(status: int | None) -> str | None:
    """The style of a status code's class; none for a code outside the five classes."""
    return None if status is None else _CLASSES.get(status // 100)
