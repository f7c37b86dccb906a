"""What the decoders of one content coding, the engines, share: bounds, problems, the interface.

An engine is fed coded bytes in order and gives decoded pieces. It never raises for odd input: it sets
`problem` and takes nothing more. What it gave before that is right, whatever follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from httptrace.limits import KIB
from httptrace.notes import note_text

#: Coded bytes handed to a library at once where the usual case is left. It bounds what a library copies per
#: call.
SLICE = 16 * KIB


class Problem(Enum):
    """Why a coded body could not be undone, or not to its end; the value is the template of the note."""

    UNKNOWN = note_text("the coding {coding} is not known; the bytes are shown as they are")
    MISLABELLED = note_text("the bytes are not {coding}; they are shown as they are")
    DAMAGED = note_text("the {coding} data is damaged; it was decoded up to there")
    CUT = note_text("the {coding} data is incomplete; it was decoded up to there")
    CHECKSUM = note_text("the checksum or length at the end of the {coding} data is wrong")
    TRAILING = note_text("other bytes follow the end of the {coding} data")
    LIMIT = note_text("decoding {coding} reached a bound; what lies beyond was not decoded")


class Engine(Protocol):
    """One coding being undone.

    `magic`: how the format begins; empty where it has no such sign, so that other bytes may pass for it by
    accident.
    """

    magic: bytes
    problem: Problem | None

    @property
    def weight(self) -> int:
        """About the octets it takes in memory by now; never less than before."""

    def feed(self, data: bytes) -> Iterable[bytes]:
        """The decoded pieces of these bytes, to be iterated to the end.

        A tuple has at most one piece, and there was no problem.
        """

    def finish(self) -> None:
        """No more bytes come: sets `problem` where the coded data is not at an end."""
