"""Which connections and packets `walk` is asked for, and what to say of those that it does not tell."""

from __future__ import annotations

import argparse
import re
import sys

from httptrace.errors import UsageError
from httptrace.lang import _, ngettext
from httptrace.lang.numbers import whole_number


def streams_asked(arguments: argparse.Namespace) -> list[int]:
    """The numbers given with --stream, in order. Raises UsageError."""
    numbers = []
    for value in arguments.stream:
        number = whole_number(value)
        if number is None:
            raise UsageError(_("--stream {value}: a number").format(value=value))
        numbers.append(number)
    return sorted(set(numbers))


def packet_range(text: str | None) -> range | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d{0,18})-(\d{0,18})|(\d{1,18})", text, re.ASCII)
    if match is None or text == "-":
        raise UsageError(_("--packets takes A-B, such as 1-100: {text}").format(text=text))
    if match[3]:
        return range(int(match[3]), int(match[3]) + 1)
    return range(int(match[1] or 1), int(match[2]) + 1 if match[2] else sys.maxsize)


def others_line(count: int, with_http: list[int]) -> str:
    """One line on the connections that were not told."""
    text = ngettext("{count} other connection", "{count} other connections", count).format(count=f"{count:,}")
    if not with_http:
        return _("{others}, none with HTTP.").format(others=text)
    return _("{others}, {http} with HTTP; the next: --stream {next}").format(
        others=text, http=f"{len(with_http):,}", next=with_http[0]
    )


def no_such_stream(stream: int, count: int) -> str:
    if not count:
        return _("there is no TCP connection in this capture; httptrace summary says what is")
    return _("there is no stream {stream}; this capture has {count:,}, counted from 0").format(
        stream=stream, count=count
    )


def none_in_range(first: int, last: int, packets: range) -> str:
    """What to say where --packets chose none of a connection's, which has No`first` to No`last`."""
    asked = f"{packets.start}-" + ("" if packets.stop == sys.maxsize else f"{packets.stop - 1}")
    return _("none of its packets is in --packets {asked}: it has No{first} to No{last}").format(
        asked=asked, first=first, last=last
    )
