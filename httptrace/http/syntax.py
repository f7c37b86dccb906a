"""The grammar of HTTP/1 start lines and header sections, strict where it must be and patient where people are not.

Each expression stands beside the rule it comes from. Heads are read as Latin-1, so that no byte is lost (RFC 9110
§5.5); what breaks a rule and can still be read is read, and said in a fault.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from httptrace.model import Field
from httptrace.notes import note_text

#: tchar of RFC 9110 §5.6.2.
TCHAR = r"!#$%&'*+\-.^_`|~0-9A-Za-z"

#: request-line = method SP request-target SP HTTP-version (RFC 9112 §3). Targets with blanks are met in the wild.
#: The target ends in no blank, so that a long row of blanks is looked at once.
REQUEST_LINE = re.compile(rf"([{TCHAR}]+)[ \t]+([^ \t]|[^ \t].*[^ \t])[ \t]+(HTTP/[0-9]\.[0-9])[ \t]*")

#: A simple request of HTTP/0.9: GET and a path, nothing more.
SIMPLE_REQUEST = re.compile(r"(GET)[ \t]+(/[^ \t\r\n]*|\*|https?://[^ \t\r\n]+)[ \t]*")

#: status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 §4); the last SP is often left out.
STATUS_LINE = re.compile(r"(HTTP/[0-9]\.[0-9])[ \t]+([0-9]{3})(?:[ \t](.*))?", re.DOTALL)

#: What a start line begins with, for detection and for finding one behind missing bytes. A few stray octets that no
#: token holds may stand before a method.
REQUEST_START = re.compile(
    rb"(?:^|(?<=\n))[\x00-\x09\x0b\x0c\x0e-\x20\x7f-\xff]{0,16}([A-Za-z]["
    + TCHAR.encode()
    + rb"]{0,31}[ \t]+[^ \t\r\n](?:[^\r\n]{0,8000}[^ \t\r\n])?[ \t]+HTTP/[0-9]\.[0-9][ \t]*\r?\n)"
)
STATUS_START = re.compile(rb"(?:^|(?<=\n))HTTP/1\.[0-9][ \t]+[0-9]{3}(?:[ \t][^\r\n]{0,1000})?\r?\n")

_TOKEN = re.compile(rf"[{TCHAR}]+\Z")
_LINES = re.compile(r"\r\n|\n")
_BARE_CR = re.compile(r"\r(?!\n)")

#: Header lines seen before, to what they mean: (lower-case name, (name, value), fault). Most lines repeat.
_KNOWN_LINES: dict[str, tuple[str, Field, str | None]] = {}
_KNOWN_LINES_MOST = 8_192
_KNOWN_LINE_LONGEST = 256


class Head(NamedTuple):
    """A header section: the fields as sent, the same by lower-case name, and the rules it breaks."""

    fields: list[Field]
    by_name: dict[str, str]  # values of repeated fields joined with ", " (RFC 9110 §5.3)
    faults: list[str]


def parse_fields(lines: list[str]) -> Head:
    """Read header or trailer lines (RFC 9112 §5), without the start line and the empty line."""
    fields: list[Field] = []
    by_name: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    faults: list[str] = []
    for line in lines:
        known = _KNOWN_LINES.get(line)
        if known is None:
            if line[:1] in (" ", "\t") and line:
                head = parse_fields(_unfolded(lines))
                return head._replace(faults=[OBS_FOLD, *head.faults])
            known = _parse_line(line)
            if known is None:
                if line:
                    faults.append(NO_COLON)
                continue
            if len(line) <= _KNOWN_LINE_LONGEST and len(_KNOWN_LINES) < _KNOWN_LINES_MOST:
                _KNOWN_LINES[line] = known
        name, field, fault = known
        fields.append(field)
        if name in by_name:
            repeated.setdefault(name, [by_name[name]]).append(field[1])
        else:
            by_name[name] = field[1]
        if fault is not None:
            faults.append(fault)
    for name, values in repeated.items():
        by_name[name] = ", ".join(values)
    return Head(fields, by_name, faults)


def _parse_line(line: str) -> tuple[str, Field, str | None] | None:
    name, colon, value = line.partition(":")
    if not colon:
        return None
    fault = None
    if not _TOKEN.match(name):
        bare = name.rstrip(" \t")
        if bare != name:
            fault = SPACE_BEFORE_COLON
            name = bare
        if not _TOKEN.match(name):
            fault = BAD_NAME
    if "\r" in value or "\0" in value:
        fault = fault or BARE_CR
    value = value.strip(" \t\r")
    return name.lower(), (name, value), fault


def _unfolded(lines: list[str]) -> list[str]:
    """The lines with every obs-fold joined to the field line it goes on with by a blank (RFC 9112 §5.2)."""
    whole: list[list[str]] = []
    for line in lines:
        if line[:1] not in (" ", "\t"):
            whole.append([line])
        elif whole and ":" in whole[-1][0] and (more := line.strip(" \t\r")):
            whole[-1].append(more)
    return [" ".join([first.rstrip(" \t\r"), *more]) if more else first for first, *more in whole]


def split_lines(text: str) -> tuple[list[str], bool]:
    """The lines of a head, and whether all of them ended in CRLF."""
    if "\n" not in text.replace("\r\n", ""):
        return text.split("\r\n"), True
    return _LINES.split(text), False


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
BARE_LF = note_text("lines end in LF without CR (RFC 9112 §2.2)")
