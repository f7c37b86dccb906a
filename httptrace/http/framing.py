"""How the content of a message ends: the rules of RFC 9112 §6.3, in their order."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from httptrace import notes
from httptrace.notes import note_text


class Kind(Enum):
    """The ways in which content can end; the value is the word of :class:`httptrace.model.Body` for it."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"
    TUNNEL = "tunnel"  # what follows is another protocol


#: Taken from the class once: there, Python 3.11 needs 0.1 µs to find one, and these are asked for in every message.
BY_NOTHING, BY_LENGTH, BY_CHUNKS, BY_CLOSE, BY_TUNNEL = Kind


class Fault(NamedTuple):
    """A framing rule that was broken: the note's code and text."""

    code: str
    text: str


class Framing(NamedTuple):
    """How a message's content ends. `codings`: transfer codings besides chunked, in the order they were applied."""

    kind: Kind
    length: int = 0
    codings: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


NONE = Framing(BY_NOTHING)
TUNNEL = Framing(BY_TUNNEL)
UNTIL_CLOSE = Framing(BY_CLOSE)

CHUNKED_NOT_LAST = note_text("chunked is not the last transfer coding (RFC 9112 §6.3 rule 4)")
BOTH_LENGTHS = note_text(
    "Transfer-Encoding and Content-Length stand together; Transfer-Encoding counts (RFC 9112 §6.3 rule 3)"
)
IDENTITY_LAST = note_text("identity follows chunked; it codes nothing (RFC 9112 §6.3 rule 4)")

#: More digits than any real length has; beyond it the value is no length but an attack.
_MOST_DIGITS = 18


def content_length(value: str) -> tuple[int | None, Fault | None]:
    """The length that a Content-Length field value gives (RFC 9110 §8.6), and the rule it breaks.

    Equal values in a list count as one; differing ones have no reading, so the first number is taken and said.
    """
    first: int | None = None
    fault: Fault | None = None
    for part in value.split(","):
        digits = part.strip(" \t")
        if not (digits.isascii() and digits.isdigit()):
            if fault is None:
                fault = Fault(notes.BAD_FRAMING, note_text("the Content-Length is no number (RFC 9112 §6.3 rule 5)"))
            continue
        number = int(digits) if len(digits.lstrip("0")) <= _MOST_DIGITS else None
        if number is None:
            fault = Fault(notes.BAD_FRAMING, note_text("the Content-Length is beyond any real length (RFC 9110 §8.6)"))
            continue
        if first is None:
            first = number
        elif number != first:
            fault = Fault(notes.SMUGGLING_RISK, note_text("the Content-Length fields differ (RFC 9112 §6.3 rule 5)"))
    return first, fault


def transfer_codings(value: str) -> tuple[str, ...]:
    """The codings of a Transfer-Encoding field value, lower case, without parameters (RFC 9112 §7)."""
    return tuple(
        coding for part in value.split(",") if (coding := part.partition(";")[0].strip(" \t").strip('"').lower())
    )


def request_framing(version: str, by_name: dict[str, str]) -> Framing:
    """How the content of a request ends."""
    if version == "HTTP/0.9":
        return NONE
    encoding = by_name.get("transfer-encoding")
    if encoding is not None:
        framing = _coded(version, by_name, encoding)
        if framing is not None:
            if framing.kind is BY_CLOSE:  # rule 4: the server cannot know the length and answers 400
                fault = Fault(notes.BAD_FRAMING, CHUNKED_NOT_LAST)
                return _by_length(by_name, (*framing.faults, fault), BY_NOTHING) or NONE
            return framing
    return _by_length(by_name, (), BY_NOTHING) or NONE  # rules 5, 6, 7


def response_framing(method: str | None, status: int | None, version: str, by_name: dict[str, str]) -> Framing:
    """How the content of a response ends; `method` is None where its request is not known."""
    if status is None:
        return UNTIL_CLOSE  # HTTP/0.9
    if method == "HEAD" or status in (204, 304) or 100 <= status < 200:
        return TUNNEL if status == 101 else NONE  # rule 1
    if method == "CONNECT" and 200 <= status < 300:
        return TUNNEL  # rule 2
    encoding = by_name.get("transfer-encoding")
    if encoding is not None:  # rules 3 and 4
        framing = _coded(version, by_name, encoding)
        if framing is not None:
            return framing
    return _by_length(by_name, (), BY_CLOSE) or UNTIL_CLOSE  # rules 5, 6 and 8


def _coded(version: str, by_name: dict[str, str], encoding: str) -> Framing | None:
    """Rules 3 and 4: Transfer-Encoding decides, whatever Content-Length says."""
    codings = transfer_codings(encoding)
    faults: list[Fault] = []
    if "content-length" in by_name:
        faults.append(
            Fault(
                notes.SMUGGLING_RISK,
                BOTH_LENGTHS,
            )
        )
    if version == "HTTP/1.0":
        faults.append(Fault(notes.BAD_FRAMING, note_text("Transfer-Encoding in an HTTP/1.0 message (RFC 9112 §6.1)")))
    if codings[-1:] == ("identity",) and "chunked" in codings:
        faults.append(Fault(notes.BAD_FRAMING, IDENTITY_LAST))
    codings = tuple(coding for coding in codings if coding != "identity")  # taken out of HTTP in 2014
    if not codings:
        return None
    if codings.count("chunked") > 1:
        faults.append(Fault(notes.BAD_FRAMING, note_text("chunked is applied more than once (RFC 9112 §6.1)")))
    others = tuple(coding for coding in codings if coding != "chunked")
    if codings[-1] == "chunked":
        return Framing(BY_CHUNKS, 0, others, tuple(faults))
    return Framing(BY_CLOSE, 0, others, tuple(faults))


def _by_length(by_name: dict[str, str], faults: tuple[Fault, ...], invalid: Kind) -> Framing | None:
    """Rules 5 and 6; `invalid`: what remains of a length that has no reading."""
    value = by_name.get("content-length")
    if value is None:
        return Framing(invalid, 0, (), faults) if faults else None
    length, fault = content_length(value)
    if fault is not None:
        faults = (*faults, fault)
    if length is None:
        return Framing(invalid, 0, (), faults)
    return Framing(BY_LENGTH, length, (), faults)
