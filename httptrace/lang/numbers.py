"""Whole numbers as people type them."""

from __future__ import annotations

#: More digits than any count has; Python refuses to read thousands of them.
_DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number that the digits stand for; None for anything else, and for more digits than any count has."""
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        return None
    return int(text)
