"""Short words for what a test looks at in the exchanges of a capture."""

from __future__ import annotations

import hashlib

from tests.build import Capture
from tests.differential import ours

Record = ours.Record

#: Notes that say something is wrong with a message.
QUIET = {
    "content-gap",
    "truncated",
    "bad-framing",
    "smuggling-risk",
    "no-request",
    "resynced",
    "content-coding-error",
}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(capture: Capture) -> list[Record]:
    return ours.read(capture)


def pairs(records: list[Record]) -> list[tuple[str | None, int | None]]:
    """(target, status) of every exchange, in order of `no`; None for a side that is not there."""
    return [
        (
            record["request"] and record["request"]["target"],
            record["response"] and record["response"]["status"],
        )
        for record in records
    ]


def codes(record: Record) -> set[str]:
    return {note["code"] for note in record["notes"]}


def all_codes(records: list[Record]) -> set[str]:
    return {code for record in records for code in codes(record)}


def text_of(record: Record, code: str) -> str:
    """The text of the one note with that code."""
    (text,) = [note["text"] for note in record["notes"] if note["code"] == code]
    return str(text)


def body(record: Record, side: str = "response") -> tuple[int, str | None]:
    content = record[side]["body"]
    return content["decoded_size"], content["sha256"]


def holds(content: bytes) -> tuple[int, str]:
    """What :func:`body` gives for that content."""
    return len(content), sha256(content)
