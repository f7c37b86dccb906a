"""A question: what the student sees, what is asked, what is right and why. Texts are in the current language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from httptrace.lang import _, ngettext
from httptrace.model import Direction, PacketRecord
from httptrace.teach.answers import Answer, Choice
from httptrace.teach.lesson import SERVER

#: Characters of a target or field value that a question quotes.
QUOTED = 60

#: What a question may hide of a packet it shows.
FLAGS, SEQ, ACK, LENGTH = "flags", "seq", "ack", "len"


@dataclass(frozen=True, slots=True)
class Shown:
    """A packet as the student sees it: `hidden` names its fields that stand as `?`. With `since_ns` its time since the
    connection began is shown, with `window` its window."""

    record: PacketRecord
    hidden: frozenset[str] = frozenset()
    since_ns: int | None = None
    window: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` names what it is about, `level` is 1 to 3, `packet` the latest packet that it needs. `lines` stand above
    the packets shown. A choice's options are the answer's."""

    kind: str
    level: int
    stream: int
    packet: int
    shown: tuple[Shown, ...]
    text: str
    answer: Answer
    why: str
    lines: tuple[str, ...] = ()

    def shuffled(self, chance: Random) -> Question:
        """The same with its options in another order; any other question as it is."""
        answer = self.answer
        return replace(self, answer=answer.shuffled(chance)) if isinstance(answer, Choice) else self


def show(*records: PacketRecord) -> tuple[Shown, ...]:
    """Packets with all that they have."""
    return tuple(Shown(record) for record in records)


def hide(record: PacketRecord, *fields: str) -> Shown:
    """A packet with some of its fields hidden."""
    return Shown(record, frozenset(fields))


def choose(right: str, *wrong: str, also: tuple[str, ...] = ()) -> Choice:
    """A choice whose right option is the first; equal ones stand once."""
    options = list(dict.fromkeys((right, *wrong)))[:4]
    return Choice(tuple(options), 0, also)


def who(side: Direction) -> str:
    """The side inside a sentence."""
    return _("the server") if side is SERVER else _("the client")


def octets(count: int) -> str:
    """An amount of bytes in words."""
    return ngettext("{number} byte", "{number} bytes", count).format(number=f"{count:,}")


def milliseconds(ns: int) -> str:
    """A span of time, exact: three digits behind the point, six where the capture has nanoseconds."""
    whole, rest = divmod(ns, 1_000_000)
    return f"{whole:,}.{rest:06} ms" if rest % 1_000 else f"{whole:,}.{rest // 1_000:03} ms"


def together(first: str, second: str) -> str:
    """Two sentences one behind the other, as the language sets them."""
    return _("{first} {second}").format(first=first, second=second)


def capital(text: str) -> str:
    """`text` as it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def quoted(text: str) -> str:
    """Text off the wire, no longer than a question bears."""
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"
