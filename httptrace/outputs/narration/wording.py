"""The small words of the walkthrough: who speaks, how much, how long, and sentences put together from
them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from httptrace.lang import _, ngettext
from httptrace.model import Direction, Exchange
from httptrace.outputs.safe import legible

#: The flags in the words of RFC 9293 §3.1, in the order of the record's letters.
FLAGS = {"C": "CWR", "E": "ECE", "U": "URG", "A": "ACK", "P": "PSH", "R": "RST", "S": "SYN", "F": "FIN"}

#: The order in which textbooks name them: what opens or ends first, ACK behind.
_SPOKEN = "SFRPUECA"

#: Holds a number and its unit together until lines are made; the page turns it into a space again.
NBSP = "\u00a0"

#: Characters of a target or field value that a sentence quotes; `show` has the rest.
QUOTED = 120

#: How a browser's User-Agent begins, and what in it says that it is none.
_BROWSERS = ("mozilla/", "opera/")
_ROBOTS = ("bot", "crawl", "spider", "compatible; google", "python", "curl", "wget")


@dataclass(frozen=True, slots=True)
class Roles:
    """The words for both ends: a browser where the requests say so, else a client."""

    browser: bool

    def name(self, direction: Direction) -> str:
        """The bare word, for the column of an entry."""
        if direction is Direction.SERVER:
            return _("server")
        return _("browser") if self.browser else _("client")

    def the(self, direction: Direction) -> str:
        """The word inside a sentence."""
        if direction is Direction.SERVER:
            return _("the server")
        return _("the browser") if self.browser else _("the client")


def is_browser(exchange: Exchange) -> bool:
    """Whether the request names a browser as its sender (RFC 9110 §10.1.5)."""
    agent = ((exchange.request.value("User-Agent") if exchange.request else None) or "").lower()
    return agent.startswith(_BROWSERS) and not any(word in agent for word in _ROBOTS)


def flag_names(flags: str) -> str:
    """The flags of a record as words: `SYN, ACK`."""
    return ", ".join(FLAGS[letter] for letter in _SPOKEN if letter in flags) or "—"


def duration(ns: int) -> str:
    """A span of time in the unit that suits it."""
    if ns < 0:
        return "−" + duration(-ns)
    if 0 < ns < 95_000:
        return _amount(max(1, round(ns / 1000)), _("{number} µs"))
    if ns < 999_950_000:
        return _amount(f"{ns / 1e6:.1f}", _("{number} ms"))
    if ns < 99_950_000_000:
        return _amount(f"{ns / 1e9:.2f}", _("{number} s"))
    return _amount(f"{ns / 1e9:,.0f}", _("{number} s"))


def octets(count: int) -> str:
    """An amount of bytes, exact."""
    return _amount(f"{count:,}", ngettext("{number} byte", "{number} bytes", count))


def packets(count: int) -> str:
    """A number of packets."""
    return _amount(f"{count:,}", ngettext("{number} packet", "{number} packets", count))


def pieces(count: int) -> str:
    """A number of segments with data."""
    return _amount(f"{count:,}", ngettext("{number} piece", "{number} pieces", count))


def bare_acks(count: int) -> str:
    """A number of packets that only confirm."""
    return _amount(f"{count:,}", ngettext("{number} ACK", "{number} ACKs", count))


def _amount(number: object, pattern: str) -> str:
    return pattern.format(number=number).replace(" ", NBSP)


def span(start: int, end: int) -> str:
    """Bytes `start` to `end - 1` by their numbers."""
    return f"{shown(start)}–{shown(end - 1)}" if end - start > 1 else f"{shown(start)}"


def shown(number: int) -> int:
    """A sequence number as it is shown: on the 32-bit circle, as in the line of its packet."""
    return number & 0xFFFF_FFFF


def added(start: int, length: int, total: int | None) -> str:
    """A sum, held together by spaces that do not break."""
    return f"{shown(start)} + {length} = {shown(total or 0)}".replace(" ", NBSP)


def say(text: str, **values: Any) -> str:
    """A sentence: `text`, translated already, with its places filled. What comes off the wire was cleaned
    before."""
    return capital(text.format(**values))


def capital(text: str) -> str:
    """`text` as it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def clean(text: str, limit: int = QUOTED) -> str:
    """Text off the wire, harmless to a terminal and not longer than a sentence bears."""
    shown = legible(text, 4 * limit)  # a character takes four bytes at most
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def join(sentences: list[str]) -> str:
    """Sentences one behind the other, as the language sets them: English with a space between, Chinese
    without."""
    return _folded(_("{first} {second}"), sentences)


def listed(items: list[str]) -> str:
    """A list inside a sentence."""
    return _folded(_("{first}, {second}"), items)


def _folded(pattern: str, items: list[str]) -> str:
    whole = ""
    for item in filter(None, items):
        whole = pattern.format(first=whole, second=item) if whole else item
    return whole


@dataclass(frozen=True, slots=True)
class Remark:
    """A paragraph of an entry; `mark` stands before it in the margin: AGAIN, TROUBLE or nothing."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A reason below an entry: what it is about, in a word, and what there is to say. `lasting`: it is said only once,
    so a run that the entry is folded into says it."""

    label: str
    text: str
    lasting: bool = False


AGAIN = "↻"
TROUBLE = "⚠"
