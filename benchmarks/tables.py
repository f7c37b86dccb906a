"""Markdown tables and the numbers in them."""

from __future__ import annotations

from collections.abc import Sequence


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, aligned for reading as text too; all columns but the first are numbers."""
    widths = [max(len(cell) for cell in column) for column in zip(headings, *rows, strict=True)]
    lines = [headings, *rows]
    said = []
    for line in lines:
        first, *rest = line
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        said.append(f"| {' | '.join(cells)} |")
    rule = " | ".join(["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    said.insert(1, f"| {rule} |")
    return "\n".join(said) + "\n"


def seconds(value: float) -> str:
    """Three digits are more than a noisy machine gives."""
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def ratio(value: float) -> str:
    """How many times."""
    return f"{value:.2f} ×" if value < 10 else f"{value:,.0f} ×"


def megabytes(octets: float) -> str:
    return f"{octets / 1e6:,.0f} MB"


def thousands(value: float) -> str:
    """A rate or a count in thousands."""
    return f"{value / 1000:,.0f} k" if value >= 10_000 else f"{value:,.0f}"
