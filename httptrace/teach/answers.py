"""Answers as people type them: what is right, whatever the case, the spaces, the separators and the language.

Each kind of answer says whether a given text is right. What cannot be understood is not right either, and nothing
here raises.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

#: Longer texts are no answers.
LONGEST = 200

_FLAGS = {"SYN": "S", "FIN": "F", "RST": "R", "ACK": "A", "PSH": "P", "URG": "U", "ECE": "E", "CWR": "C"}
_NAMES = {letter: name for name, letter in _FLAGS.items()}
_SPOKEN = "SFRPUECA"
_IN_WORDS = {"同步": "S", "终止": "F", "复位": "R", "确认": "A", "推送": "P", "紧急": "U", "RESET": "R", "PUSH": "P"}

#: Thousands are set apart by commas, spaces (thin ones as well), apostrophes or low lines.
_NUMBER = re.compile(r"\d{1,3}(?:[,\s'’_]\d{3})+(?![\d])|\d+")
_DECIMAL = re.compile(r"(\d{1,3}(?:[,\s'’_]\d{3})+(?!\d)|\d+)(\.\d+)?|\.\d+")
_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
#: Nanoseconds of each unit.
_UNITS = {"ns": 1, "us": 10**3, "μs": 10**3, "微秒": 10**3, "毫秒": 10**6, "ms": 10**6, "秒": 10**9, "s": 10**9}


class Answer(Protocol):
    """What is right, and how it is shown."""

    @property
    def shown(self) -> str:
        """The right answer as a teacher writes it."""

    def right(self, given: str) -> bool:
        """Whether that is right."""


def plain(given: str) -> str:
    """A given text in one form: full-width as half-width, spaces at the ends gone, a bound on its length."""
    return unicodedata.normalize("NFKC", given[:LONGEST]).strip().strip("\"'“”‘’。.,;!?").strip()


def _behind_sign(text: str) -> str:
    """What stands behind the last `=`: of `ack=373` and `1 + 372 = 373` the 373."""
    return text.rpartition("=")[2].strip()


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number; `also` are others that are right: the absolute one for a relative one."""

    value: int
    also: tuple[int, ...] = ()
    unit: str = ""

    @property
    def shown(self) -> str:
        return f"{self.value} {self.unit}".rstrip() if self.unit else str(self.value)

    def right(self, given: str) -> bool:
        text = _behind_sign(plain(given))
        if text in _DIGITS:
            return _DIGITS[text] == self.value
        numbers = _NUMBER.findall(text)
        if len(numbers) != 1 or re.search(r"[-−]\s*\d|\d\.\d", text):
            return False
        return int(re.sub(r"\D", "", numbers[0])) in (self.value, *self.also)


@dataclass(frozen=True, slots=True)
class PacketNumber:
    """The number of a packet: `No12`, `#12`, `12`, `第 12 个`."""

    value: int

    @property
    def shown(self) -> str:
        return f"No{self.value}"

    def right(self, given: str) -> bool:
        return Number(self.value).right(given)


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """A span of time, near enough: within a twentieth of a millisecond or two per cent. Without a unit it is ms."""

    ns: int

    @property
    def shown(self) -> str:
        return f"{self.ns / 1e6:.3f} ms"

    def right(self, given: str) -> bool:
        text = _behind_sign(plain(given).lower()).replace("µ", "μ")
        found = _DECIMAL.findall(text)
        if len(found) != 1 or re.search(r"[-−]\s*[\d.]", text):
            return False
        match = _DECIMAL.search(text)
        assert match is not None
        value = float(re.sub(r"[^\d.]", "", match[0]))
        unit = re.sub(r"[\s()]", "", text[match.end() :])
        scale = next((ns for name, ns in _UNITS.items() if unit.startswith(name)), None if unit else _UNITS["ms"])
        if scale is None:
            return False
        # In whole nanoseconds: 1.05 - 1.0 as floats is more than 0.05, and the bound itself is near enough.
        away = abs(round(value * scale) - self.ns)
        return away <= (50_000 if self.ns >= 1_000_000 else 2_000) or away * 50 <= self.ns


@dataclass(frozen=True, slots=True)
class Flags:
    """Flags of a packet in any order and spelling: `SYN,ACK`, `ack syn`, `SA`, `[SYN, ACK]`. `least`: those that must
    be named, where less than all of them answers the question; `told`: those that are shown as the answer, if not all.
    """

    letters: str
    least: str = ""
    told: str = ""

    @property
    def shown(self) -> str:
        return ", ".join(_NAMES[letter] for letter in _SPOKEN if letter in (self.told or self.letters))

    def right(self, given: str) -> bool:
        named = flags_of(given)
        if named is None:
            return False
        return set(self.least or self.letters) <= named <= set(self.letters)


def flags_of(given: str) -> set[str] | None:
    """The letters of the flags that a text names, None where it names anything else."""
    text = plain(given).upper()
    for word, letter in _IN_WORDS.items():
        text = text.replace(word, f" {_NAMES[letter]} ")
    words = re.split(r"[^A-Z]+|(?<=[A-Z])与|和", text)
    named: set[str] = set()
    for word in filter(None, words):
        if word in ("AND", "FLAG", "FLAGS", "BIT", "BITS"):
            continue
        rest, found = word, set()
        while rest[:3] in _FLAGS:
            found.add(_FLAGS[rest[:3]])
            rest = rest[3:]
        if rest and not found and set(rest) <= set(_NAMES) and len(rest) <= 4:
            found, rest = set(rest), ""
        if rest:
            return None
        named |= found
    foreign = re.sub(r"[\sA-Z,+/|&.\[\]()、，和与标志位-]", "", text)
    return named if named and not foreign else None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: by its letter, or in its own words. `also` are other words for the right one."""

    options: tuple[str, ...]
    index: int
    also: tuple[str, ...] = field(default=())

    @property
    def shown(self) -> str:
        return self.options[self.index]

    def shuffled(self, chance: Random) -> Choice:
        """The same with its options in another order."""
        order = list(range(len(self.options)))
        chance.shuffle(order)
        return Choice(tuple(self.options[place] for place in order), order.index(self.index), self.also)

    @property
    def letter(self) -> str:
        """The right one's letter."""
        return chr(ord("a") + self.index)

    def right(self, given: str) -> bool:
        text = plain(given)
        if match := re.fullmatch(r"\(?([A-Za-z])[).:、]?", text):
            return match[1].lower() == self.letter
        if match := re.match(r"\(?([a-z])[).:、]\s*(.+)", text.lower()):
            return match[1] == self.letter
        return _folded(text) in {_folded(plain(one)) for one in (self.shown, *self.also)}


@dataclass(frozen=True, slots=True)
class Words:
    """A word or value that is typed, any case and spacing; `also` are others that are right."""

    value: str
    also: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return self.value

    def right(self, given: str) -> bool:
        return _folded(plain(given)) in {_folded(plain(one)) for one in (self.value, *self.also)}


def _folded(text: str) -> str:
    """A text as it is compared: no case, and no spaces, hyphens or low lines."""
    return re.sub(r"[\s_\-‐–]+", "", unicodedata.normalize("NFKC", text)).casefold()
