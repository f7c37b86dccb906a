"""What a sheet consists of: sections with tables and fields, whose blanks have keys and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from httptrace.teach.answers import Answer


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer in the student's own words: `shown` is how a teacher might put it, and only people mark it."""

    shown: str

    def right(self, given: str) -> bool:
        """Never: nobody but a reader can tell."""
        return False


@dataclass(frozen=True, slots=True)
class Blank:
    """A place to fill in. `key` names it in the file of answers, `size` is about how many characters go there."""

    key: str
    answer: Answer
    size: int = 10


#: What stands in a table: a text, or a place to fill in.
Cell = str | Blank


@dataclass(frozen=True, slots=True)
class Ask:
    """A question under a table: what is asked, lines of the capture to go with it, and the place for the answer."""

    text: str
    blank: Blank
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One exercise. `about` says what to do; the table may be missing."""

    key: str
    title: str
    about: str
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    asks: tuple[Ask, ...] = ()

    def blanks(self) -> Iterator[Blank]:
        """Every blank of the section, in reading order."""
        for row in self.rows:
            for cell in row:
                if isinstance(cell, Blank):
                    yield cell
        for ask in self.asks:
            yield ask.blank


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it. `capture` is the fingerprint of the connection, `facts` are lines about it."""

    title: str
    capture: str
    stream: int
    seed: int
    facts: tuple[str, ...]
    sections: tuple[Section, ...]

    def blanks(self) -> Iterator[Blank]:
        """Every blank of the sheet, in reading order."""
        for section in self.sections:
            yield from section.blanks()
