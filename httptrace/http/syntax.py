"""The grammar of HTTP/1 start lines and header sections, strict where it must be and patient where people are not.

Each expression stands beside the rule it comes from. Heads are read as Latin-1, so that no byte is lost (RFC 9110
§5.5); what breaks a rule and can still be read is read, and said in a fault.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from httptrace.limits import FIELD_NAME, FIELD_NAMES, PLAIN_LINES
from httptrace.model import Field
from httptrace.notes import note_text

#: tchar of RFC 9110 §5.6.2.
TCHAR = r"!#$%&'*+\-.^_`|~0-9A-Za-z"

#: request-line = method SP request-target SP HTTP-version (RFC 9112 §3). Targets with blanks are met in the wild, and
#: versions as `http/1.1` and `HTTP/1.10`. The target ends in no blank, so that a long row of blanks is looked at once.
REQUEST_LINE = re.compile(
    rf"([{TCHAR}]+)[ \t]+([^ \t]|[^ \t].*[^ \t])[ \t]+((?:HTTP|http)/[0-9]{{1,2}}(?:\.[0-9]{{1,2}})?)[ \t]*"
)

#: A simple request of HTTP/0.9: GET and a path, nothing more.
SIMPLE_REQUEST = re.compile(r"(GET)[ \t]+(/[^ \t\r\n]*|\*|https?://[^ \t\r\n]+)[ \t]*")

#: status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 §4); the last SP is often left out. Some
#: servers leave out the minor version, and radio streams say ICY.
STATUS_LINE = re.compile(r"(HTTP/[0-9](?:\.[0-9])?|ICY)[ \t]+([0-9]{3})(?:[ \t](.*))?", re.DOTALL)

#: What a start line begins with, for detection and for finding one behind missing bytes. A few stray octets that no
#: token holds may stand before a method.
REQUEST_START = re.compile(
    rb"(?:^|(?<=\n))[\x00-\x09\x0b\x0c\x0e-\x20\x7f-\xff]{0,16}([A-Za-z]["
    + TCHAR.encode()
    + rb"]{0,31}[ \t]+[^ \t\r\n](?:[^\r\n]{0,8000}[^ \t\r\n])?[ \t]+HTTP/[0-9]\.[0-9][ \t]*\r?\n)"
)
STATUS_START = re.compile(rb"(?:^|(?<=\n))HTTP/1\.[0-9][ \t]+[0-9]{3}(?:[ \t][^\r\n]{0,1000})?\r?\n")

#: How a PROXY protocol header of version 2 begins, with which a load balancer says whom it speaks for.
_PROXY_V2 = b"\r\n\r\n\0\r\nQUIT\n"
_PROXY_V2_LENGTH = 16  # with version and command, family, and the length of the addresses

BLANKS = " \t\r"

_TOKEN = re.compile(rf"[{TCHAR}]+\Z")
_VERSION = re.compile(r"HTTP/[0-9]\.[0-9]")
_LINE_END = re.compile(r"\r\n|\n")

#: The fields that decide how a message is read; the others are only handed on.
DECISIVE = frozenset(
    (
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "transfer-encoding",
        "upgrade",
    )
)


class Head(NamedTuple):
    """A header section: the fields as sent, the decisive ones by lower-case name, and the rules it breaks.

    Values of repeated fields are joined with ", " (RFC 9110 §5.3).
    """

    fields: list[Field]
    by_name: dict[str, str]
    faults: list[str]


class _Decisive(dict[str, str | None]):
    """Field names as they were spelled, to those in lower case that decide how a message is read, or to None."""

    def __missing__(self, name: str) -> str | None:
        lower = name.lower()
        known = lower if lower in DECISIVE else None
        if len(self) >= FIELD_NAMES:
            self.clear()
        if len(name) <= FIELD_NAME:
            self[name] = known
        return known


_DECISIVE_SEEN = _Decisive()


def parse_fields(lines: list[str]) -> Head:
    """Read header or trailer lines (RFC 9112 §5), without the start line and the empty line."""
    fields: list[Field] = []
    faults: list[str] = []
    found: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or line[0] in " \t":
            return _parse_slowly(lines)
        fault = None if _TOKEN.match(name) else BAD_NAME
        if fault is not None and (bare := name.rstrip(" \t")) != name:
            name, fault = bare, SPACE_BEFORE_COLON if _TOKEN.match(bare) else BAD_NAME
        if fault is None and ("\r" in value or "\0" in value):
            fault = BARE_CR
        if fault is not None:
            faults.append(fault)
        value = value.strip(BLANKS)
        fields.append((name, value))
        known = _DECISIVE_SEEN[name]
        if known is not None:
            found.setdefault(known, []).append(value)
    return Head(fields, {name: ", ".join(values) for name, values in found.items()}, faults)


def _parse_slowly(lines: list[str]) -> Head:
    """The same where lines are folded, or are no fields at all."""
    joined: list[str] = []
    faults: list[str] = []
    folds = False  # whether the line before can go on
    for line in lines:
        if line[:1] in (" ", "\t") and line:  # obs-fold: it goes on with the line before it (RFC 9112 §5.2)
            faults.append(OBS_FOLD)
            more = line.strip(BLANKS)
            if folds and more:
                joined[-1] = f"{joined[-1].rstrip(BLANKS)} {more}"
            continue
        folds = ":" in line
        if folds:
            joined.append(line)
        elif line:
            faults.append(NO_COLON)
    head = parse_fields(joined)
    return head._replace(faults=head.faults + faults)


#: Heads as nearly all come: one expression each for a start line of a usual method or a final status, and for all
#: header lines. A line is what stands behind a line feed: a token, a colon and one blank, what is no CR and ends in no
#: blank, CR, LF. That no value has a tab or NUL in it is looked up in the whole text at once, which is quicker.
PLAIN_REQUEST = re.compile(r"(GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH) ([^ \t\r\n]+) (HTTP/1\.[01])\r\n").match
PLAIN_STATUS = re.compile(r"(HTTP/1\.[01]) ([2-5][0-9][0-9]) ([^ \t\r\n](?:[^\t\r\n]*[^ \t\r\n])?)\r\n").match
_PLAIN_LINES = re.compile(rf"\n([{TCHAR}]++): ([^\r ][^\r]*+)(?<! )\r(?=\n)").findall


def plain_fields(text: str) -> tuple[list[Field], dict[str, str]] | None:
    """The fields of a head's text, which begins with a plain start line and ends with the last field's CR LF, and the
    decisive ones by name; None where any line needs a closer look (:func:`parse_fields`)."""
    fields: list[Field] = _PLAIN_LINES(text)
    # Each LF stands before a field that was found, or is the last: so there is no other line, and no other CR or LF.
    if not len(fields) + 1 == text.count("\n") <= PLAIN_LINES:  # more lines are read the long way, which counts them
        return None
    if "\t" in text or "\0" in text:
        return None
    by_name: dict[str, str] = {}
    decisive = _DECISIVE_SEEN
    for name, value in fields:
        known = decisive[name]
        if known is not None:
            if known in by_name:
                return None
            by_name[known] = value
    return fields, by_name


def behind_proxy_header(data: bytes, begin: int) -> int:
    """Where the octets behind a PROXY protocol header (version 2, its specification's §2.2) begin; `begin` where none
    stands there, or only a part of it."""
    if not data.startswith(_PROXY_V2, begin) or len(data) < begin + _PROXY_V2_LENGTH:
        return begin
    behind = begin + _PROXY_V2_LENGTH + int.from_bytes(data[begin + 14 : begin + 16], "big")
    return behind if behind <= len(data) else begin


def version_faults(version: str) -> list[str]:
    """The rule that a version breaks (RFC 9112 §2.3), if it does."""
    return [] if _VERSION.fullmatch(version) else [ODD_VERSION]


def split_lines(text: str) -> tuple[list[str], bool]:
    """The lines of a head, and whether all of them ended in CRLF."""
    lines = text.split("\r\n")
    if text.count("\n") == len(lines) - 1:
        return lines, True
    return _LINE_END.split(text), False


def head_end(data: bytes | bytearray, start: int, scan_from: int) -> int:
    """Where the head that begins at `start` ends, its empty line included; -1 where it goes on.

    A lone LF counts as a line end (RFC 9112 §2.2). `scan_from`: the bytes before were looked at already.
    """
    scan_from = max(start, scan_from)
    with_cr = data.find(b"\n\r\n", scan_from)
    without = data.find(b"\n\n", scan_from, with_cr + 1 if with_cr >= 0 else len(data))
    if without >= 0:
        return without + 2
    return with_cr + 3 if with_cr >= 0 else -1


# The rules that a head may break; each names its source, because the note shows it.
NO_COLON = note_text("a header line has no colon (RFC 9112 §5)")
SPACE_BEFORE_COLON = note_text("white space stands before a header's colon (RFC 9112 §5.1)")
BAD_NAME = note_text("a header name is no token (RFC 9110 §5.1)")
BARE_CR = note_text("a bare CR or NUL stands in a header (RFC 9112 §2.2)")
OBS_FOLD = note_text("a header line is folded (RFC 9112 §5.2)")
ODD_VERSION = note_text("the version is not HTTP/, a digit, a dot and a digit (RFC 9112 §2.3)")
BARE_LF = note_text("lines end in LF without CR (RFC 9112 §2.2)")
