"""Which protocol a direction speaks, by its first bytes. Port numbers decide nothing."""

from __future__ import annotations

import re
from enum import Enum, auto

from httptrace.http import syntax
from httptrace.limits import FIRST_LINE

#: The connection preface of HTTP/2 (RFC 9113 §3.4).
H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

#: Whether a direction begins with a whole request line of the usual kind.
asks_plainly = re.compile(rb"[A-Z]{1,32} [!-~]{1,8000} HTTP/1\.[01]\r\n").match

_TOKEN_OCTETS = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Speaks(Enum):
    """What the first bytes of a direction look like."""

    REQUEST = auto()
    RESPONSE = auto()
    HTTP2 = auto()
    OTHER = auto()
    UNDECIDED = auto()  # too few bytes to say


#: Taken from the class once: there, Python 3.11 needs 0.1 µs to find one, and these are asked for in every connection.
REQUEST, RESPONSE, HTTP2, OTHER, UNDECIDED = Speaks


def speaks(data: bytes) -> Speaks:
    """What a direction that begins with these bytes speaks, as far as HTTP goes."""
    if data[:1] in (b"\r", b"\n"):
        data = data[syntax.behind_proxy_header(data, 0) :].lstrip(b"\r\n")  # RFC 9112 §2.2
    if not data:
        return UNDECIDED
    if data[:5] == b"HTTP/"[: len(data)]:
        if len(data) < 13:
            return UNDECIDED
        line = data.split(b"\n", 1)[0].rstrip(b"\r")
        return RESPONSE if syntax.STATUS_LINE.fullmatch(line.decode("latin-1")) else OTHER
    if data[:24] == H2_PREFACE[: len(data)]:
        return HTTP2 if len(data) >= 16 else UNDECIDED
    line, newline, _ = data[:FIRST_LINE].partition(b"\n")
    if newline:
        text = line.rstrip(b"\r").decode("latin-1")
        if syntax.REQUEST_LINE.fullmatch(text) or syntax.SIMPLE_REQUEST.fullmatch(text):
            return REQUEST
        return REQUEST if syntax.REQUEST_START.match(data) else OTHER
    method = line[:64].partition(b" ")[0]
    if not method[:1].isalpha() or method.strip(_TOKEN_OCTETS) or len(method) > 32:
        return OTHER
    return UNDECIDED if len(data) < FIRST_LINE else OTHER
