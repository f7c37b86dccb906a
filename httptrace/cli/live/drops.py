"""Gaps that lie where the kernel dropped packets carry a note that says so."""

from __future__ import annotations

from httptrace.capture.live.losses import Losses
from httptrace.model import Exchange, Note
from httptrace.notes import CAPTURE_DROP, CONTENT_GAP, RESYNCED, TRUNCATED, note_text
from httptrace.outputs.amounts import begins

#: Notes that stand for bytes that are missing.
_GAPS = (CONTENT_GAP, RESYNCED, TRUNCATED)


def explain_gaps(exchange: Exchange, losses: Losses) -> None:
    """Add the note where it applies: once, at the first gap that lies in such a time."""
    if not losses:
        return
    for note in exchange.notes:
        if note.code in _GAPS:
            # What was resynced begins behind its gap.
            count = losses.around(note.packet, 0 if note.code == RESYNCED else begins(exchange))
            if count:
                text = note_text("packets that the kernel dropped at that time, for want of room: {count}")
                exchange.notes.append(Note(CAPTURE_DROP, note.packet, text, {"count": count}))
                return
