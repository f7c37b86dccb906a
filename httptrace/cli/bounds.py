"""The bounds on memory: how a user sets them, and what is said where one was reached."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Protocol

from httptrace.lang import N_, _, ngettext
from httptrace.limits import KIB, MIB, STANDARD, Bounds

if TYPE_CHECKING:
    from httptrace.pipeline import Analyzer

#: The names, in the order in which help lists them, and what each bounds.
NAMES = {
    "connections": N_("open connections"),
    "out-of-order": N_("bytes that wait for missing ones"),
    "out-of-order-each": N_("the same of one connection"),
    "segments": N_("the segments they come in"),
    "waiting": N_("finished records behind an open one"),
    "exchanges": N_("memory of open exchanges"),
    "pipelined": N_("requests of one connection without a response"),
    "heads": N_("unfinished heads and trailers"),
    "beginnings": N_("connections not yet recognised"),
    "decoders": N_("memory of open decoders"),
    "marks": N_("holes, overlaps and acknowledgements remembered"),
}

#: The least of each: what one connection needs to be read at all.
_LEAST = {"connections": 1, "segments": 64, "pipelined": 1, "marks": 64}
_LEAST_OCTETS = 64 * KIB

_UNITS = {"": 1, "k": KIB, "M": MIB, "G": 1024 * MIB}
_VALUE = re.compile(r"([0-9]{1,15})([kMG]?)", re.ASCII)


class Ordered(Protocol):
    """What puts records in order."""

    @property
    def overtaken(self) -> int:
        """How often more waited than may."""


def bounds(text: str) -> Bounds:
    """The bounds that NAME=VALUE,NAME=VALUE asks for; for argparse."""
    found: dict[str, int] = {}
    for said in text.split(","):
        name, _equals, value = said.partition("=")
        if name not in NAMES:
            raise argparse.ArgumentTypeError(
                _("there is no bound {name!r} (choose from {names})").format(name=name, names=", ".join(NAMES))
            )
        match = _VALUE.fullmatch(value)
        if match is None:
            raise argparse.ArgumentTypeError(
                _("{name} takes a number, such as 200000, 512k, 64M or 2G: {value!r}").format(name=name, value=value)
            )
        number = int(match[1]) * _UNITS[match[2]]
        least = _LEAST.get(name, _LEAST_OCTETS)
        if number < least:
            raise argparse.ArgumentTypeError(
                _("{name} must be at least {least}: {value!r}").format(name=name, least=_short(least), value=value)
            )
        found[name.replace("-", "_")] = number
    return replace(STANDARD, **found)


def explained() -> str:
    """The names, each with what it is where nothing is said and what it bounds, in lines."""
    standard = {field.name: getattr(STANDARD, field.name) for field in fields(STANDARD)}
    return "\n".join(
        _("{bound} ({what})").format(bound=f"{name}={_short(standard[name.replace('-', '_')])}", what=_(what))
        for name, what in NAMES.items()
    )


def _short(number: int) -> str:
    """The number as it may be typed."""
    for unit, size in (("G", 1024 * MIB), ("M", MIB), ("k", KIB)):
        if number >= size and not number % size:
            return f"{number // size}{unit}"
    return str(number)


def reached(analyzer: Analyzer, orders: Iterable[Ordered] = ()) -> Iterator[str]:
    """What has to be said of bounds that were reached; exchanges that it concerns carry notes as well."""
    tracker, rooms = analyzer.tracker, analyzer.rooms
    count = tracker.store_full
    if count:
        yield ngettext(
            "{count} hole was given up early, because more out-of-order data waited than is kept",
            "{count} holes were given up early, because more out-of-order data waited than is kept",
            count,
        ).format(count=f"{count:,}")
    count = tracker.closed_early
    if count:
        yield ngettext(
            "{count} connection was closed early, because more were open than are kept",
            "{count} connections were closed early, because more were open than are kept",
            count,
        ).format(count=f"{count:,}")
    count = rooms.exchanges.refused
    if count:
        yield ngettext(
            "{count} open exchange, or a part of it, was given up early, because more was open than is kept",
            "{count} open exchanges, or parts of them, were given up early, because more was open than is kept",
            count,
        ).format(count=f"{count:,}")
    count = rooms.heads.refused
    if count:
        yield ngettext(
            "{count} unfinished head or trailer was cut, because more of them waited than are kept",
            "{count} unfinished heads or trailers were cut, because more of them waited than are kept",
            count,
        ).format(count=f"{count:,}")
    count = rooms.beginnings.refused
    if count:
        yield ngettext(
            "{count} connection was not recognised, or its TLS hello not read, because more began than are kept",
            "{count} connections were not recognised, or their TLS hellos not read, because more began than are kept",
            count,
        ).format(count=f"{count:,}")
    count = rooms.decoders.refused
    if count:
        yield ngettext(
            "{count} body was not decoded, or not to its end, because more were open than there is memory for",
            "{count} bodies were not decoded, or not to their end, because more were open than there is memory for",
            count,
        ).format(count=f"{count:,}")
    count = rooms.marks.refused
    if count:
        yield ngettext(
            "{count} hole, overlap or acknowledgement was not remembered, because more waited than are kept",
            "{count} holes, overlaps or acknowledgements were not remembered, because more waited than are kept",
            count,
        ).format(count=f"{count:,}")
    count = sum(order.overtaken for order in orders)
    if count:
        yield ngettext(
            "records were given out of their order {count} time, because more waited behind an open one than are kept",
            "records were given out of their order {count} times, because more waited behind an open one than are kept",
            count,
        ).format(count=f"{count:,}")
