"""A walkthrough taken apart into steps: one an entry, with what stands above it and what opening it shows.

The text is the walkthrough's own; what opening a step shows is told when it is opened. A ladder may stand in place of
the walkthrough; then the entry's words are below its arrow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from httptrace.lang import ngettext

#: How the line of an entry begins: `No4`, or `No8 … No13` where several packets are told together.
_ENTRY = re.compile(r"No(\d+)(?: … No(\d+))? ")
_HEADING = "── "

#: A colour of :mod:`httptrace.outputs.paint` or of rich: it takes no room on a line.
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(slots=True)
class Step:
    """One entry. `above`: what is printed before it, a heading mostly; `lines` are the entry's own, which stay on the
    page when the next step comes; `words` are shown below only while it is the current step. `stream` is whose
    packets `first` to `last` are; both are 0 behind the last packet."""

    stream: int
    first: int
    last: int
    above: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The packets it is about."""
        if not self.first:
            return ""
        return f"No{self.first}" if self.first == self.last else f"No{self.first} … No{self.last}"


class Telling:
    """Takes a walkthrough's lines, and puts each with the entry that it belongs to."""

    def __init__(self, stream: int) -> None:
        self.steps: list[Step] = []
        self._stream = stream
        self._above: list[str] = []
        self._heading_waits = True

    def write(self, text: str) -> None:
        """The next lines, each with its newline."""
        for line in text.splitlines():
            self._take(line)

    def finish(self) -> None:
        """No line follows: what stands behind the last entry is a step of its own."""
        if self._above:
            self.steps.append(Step(self._stream, 0, 0, [], self._above))
            self._above = []

    def _take(self, line: str) -> None:
        bare = COLOUR.sub("", line)
        entry = _ENTRY.match(bare + " ")
        if entry is not None and (self.steps or self._above):
            first = int(entry[1])
            self.steps.append(Step(self._stream, first, int(entry[2] or first), self._above, [line]))
            self._above, self._heading_waits = [], False
        elif self._heading_waits or bare.startswith(_HEADING) or not bare:
            self._above.append(line)
            self._heading_waits = self._heading_waits or bare.startswith(_HEADING)
        else:
            self.steps[-1].lines.append(line)


class Drawing:
    """Takes a ladder's lines, and puts each with the packets that it is drawn for."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._waiting: list[str] = []

    def write(self, text: str) -> None:
        """The next lines, each with its newline."""
        self._waiting += text.splitlines()

    def drawn(self, stream: int, first: int, last: int) -> None:
        """What was written since the last call is the drawing of these packets, and what stands above it."""
        lines, self._waiting = self._waiting, []
        self.steps.append(Step(stream, first, last, [], lines))

    def finish(self) -> None:
        """Nothing more is drawn."""
        if self._waiting:
            self.drawn(0, 0, 0)


#: Gives the packets of a connection from one to another, each told in full as a step of its own, and how many of them
#: were left out because there are too many.
Details: TypeAlias = Callable[[int, int, int], tuple[list[Step], int]]


class Script:
    """All steps of a walk, and what opening each of them shows. `drawing`: the steps are arrows of a ladder, so that
    words stand below them and not in their place."""

    def __init__(self, steps: list[Step], details: Details, *, drawing: bool = False) -> None:
        self.steps = steps
        self.drawing = drawing
        self._details = details
        self._opened: tuple[Step, list[str]] | None = None  # the latest: a page is drawn more often than a step opened

    @classmethod
    def drawn(cls, drawing: Drawing, words: list[Telling], details: Details) -> Script:
        """Of a ladder, with the words of the walkthrough below the arrow of the current step."""
        told = {_key(step): step.lines for telling in words for step in telling.steps}
        for step in drawing.steps:
            if step.first:
                step.words = told.get(_key(step), [])
        return cls(drawing.steps, details, drawing=True)

    def opened(self, step: Step) -> list[str]:
        """All that there is to say of a step; of a run, every packet."""
        if not step.first:
            return []
        if self._opened is None or self._opened[0] is not step:
            packets, left = self._details(step.stream, step.first, step.last)
            lines = [line for packet in packets for line in packet.lines]
            if left:
                more = ngettext("… and {count} packet more", "… and {count} packets more", left)
                lines.append(more.format(count=f"{left:,}"))
            self._opened = step, lines
        return self._opened[1]


def _key(step: Step) -> tuple[int, int, int]:
    return step.stream, step.first, step.last
