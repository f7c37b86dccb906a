"""The registry of note codes: a misspelt code fails at import, not in an analyst's file.

The texts here are English; :mod:`httptrace.lang` translates them. `explain CODE` and docs/notes.md print this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoteCode:
    """A code of the contract, what it says, and the rule behind it."""

    code: str
    meaning: str
    rfc: str | None = None


def note_text(text: str) -> str:
    """Mark the text of a note: it is told in English, and translated where it is shown (httptrace.lang)."""
    return text


NOTES: dict[str, NoteCode] = {}


def _register(code: str, meaning: str, rfc: str | None = None) -> str:
    NOTES[code] = NoteCode(code, meaning, rfc)
    return code


CONTENT_GAP = _register("content-gap", "bytes inside the message were never captured")
CONTENT_CODING_ERROR = _register(
    "content-coding-error",
    "the content coding could not be undone as labelled, or not to its end",
    "9110 §8.4",
)
TRUNCATED = _register("truncated", "the capture or the connection ended inside the message", "9112 §8")
BAD_FRAMING = _register("bad-framing", "a framing or syntax rule was broken; the text says which", "9112 §6.3")
SMUGGLING_RISK = _register(
    "smuggling-risk",
    "two recipients may read different messages: Transfer-Encoding with Content-Length, or differing lengths",
    "9112 §6.3",
)
NO_REQUEST = _register("no-request", "a response whose request is not in the capture")
MIME_MISMATCH = _register(
    "mime-mismatch", "the content begins like another type than the one that was declared", "9110 §8.3"
)
DEFAULT_CONTENT_TYPE = _register(
    "default-content-type",
    "no Content-Type was sent; browsers look at the bytes, and many programs take it as text/html",
    "9110 §8.3",
)
RESYNCED = _register("resynced", "parsing went on behind missing bytes at the next start line")
DECODE_LIMIT = _register("decode-limit", "a bound on decoding was reached; what lies beyond it was not decoded")
HPACK_UNKNOWN = _register(
    "hpack-unknown",
    "header fields whose table entries were set before the capture began are left out",
    "7541 §2.3",
)
PUSHED = _register("pushed", "the server sent this response without being asked", "9113 §8.4")
DIFFERING_OVERLAP = _register(
    "differing-overlap",
    "a retransmission carried other bytes than the first copy; the first copy counts",
    "9293 §3.10",
)
CAPTURE_DROP = _register("capture-drop", "the kernel counted dropped packets while these bytes went by")
HEAD_LIMIT = _register("head-limit", "the head of the message is longer than httptrace keeps; the rest was skipped")
CONNECTION_LIMIT = _register(
    "connection-limit",
    "more connections were open than are kept; this one, the longest idle, was closed early",
)
STORE_LIMIT = _register(
    "store-limit", "more out-of-order data waited than is kept; the hole before it was given up early"
)
EXCHANGE_LIMIT = _register(
    "exchange-limit", "more was open at once than is kept; of this exchange something was given up early"
)
