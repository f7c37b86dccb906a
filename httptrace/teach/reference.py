"""The reference behind `explain`: what every status code, header field, type, flag, state, word and term
means.

The texts stand in data/KIND.toml, English and Chinese beside each other, so that whoever changes one sees the
other. A file is read when something of its kind is looked up, all of them only by :func:`find`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from httptrace import lang
from httptrace.notes import NOTES

#: One data file each, in the order in which `explain` prints entries of the same name.
KINDS = ("status", "method", "flag", "field", "type", "coding", "state", "analysis", "note", "term")

#: Kinds that may be asked for by their title too: `explain "Not Found"`, `explain 三次握手`.
_TITLED = ("status", "coding", "analysis", "term")

_LETTERS = {"C": "CWR", "E": "ECE", "U": "URG", "A": "ACK", "P": "PSH", "R": "RST", "S": "SYN", "F": "FIN"}

_STATUS = re.compile(r"(?:http/[\d.]+\s+)?([1-9](?:\d\d|xx))\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What there is to say about one thing. Texts are pairs, English and Chinese.

    `names`: how it may be asked for, the proper name first. `titles`: a few words. `texts`: the explanation.
    `nexts`: what happens next (status codes). `rfc`: as "9110 §8.3"; `source`: where it comes from if from no
    RFC. `fields`: header fields that belong to it (status codes). `extensions`: of files (content types).
    `samples`: lines on the wire.
    """

    kind: str
    names: tuple[str, ...]
    titles: tuple[str, str]
    texts: tuple[str, str]
    nexts: tuple[str, str]
    rfc: tuple[str, ...]
    source: str
    see: tuple[str, ...]
    fields: tuple[str, ...]
    extensions: tuple[str, ...]
    samples: tuple[str, str]

    @property
    def name(self) -> str:
        """The proper name."""
        return self.names[0]

    def title(self) -> str:
        """A few words, in the current language."""
        return self.titles[_column()]

    def text(self) -> str:
        """The explanation, in the current language."""
        return self.texts[_column()]

    def next(self) -> str:
        """What happens next, in the current language; empty where there is nothing to say."""
        return self.nexts[_column()]

    def sample(self) -> str:
        """Lines on the wire, in the current language; empty where there are none."""
        return self.samples[_column()]


def _column() -> int:
    return lang.LANGUAGES.index(lang.current())


@cache
def entries(kind: str) -> tuple[Entry, ...]:
    """Every entry of a kind (one of :data:`KINDS`), in the order of its file."""
    import tomllib

    path = Path(__file__).parent / "data" / f"{kind}.toml"
    return tuple(_entry(kind, table) for table in tomllib.loads(path.read_text(encoding="utf-8"))["entry"])


def _entry(kind: str, table: dict[str, Any]) -> Entry:
    if kind == "note":
        # The one line of a note code is the registry's own, and so is its translation.
        meaning = NOTES[table["names"][0]].meaning
        with lang.speaking("zh"):
            titles = (meaning, lang._(meaning))
    else:
        titles = (table["title_en"], table["title_zh"])
    sample = table.get("sample", "")
    return Entry(
        kind=kind,
        names=tuple(table["names"]),
        titles=titles,
        texts=(table["en"], table["zh"]),
        nexts=(table.get("next_en", ""), table.get("next_zh", "")),
        rfc=tuple(table.get("rfc", ())),
        source=table.get("source", ""),
        see=tuple(table.get("see", ())),
        fields=tuple(table.get("fields", ())),
        extensions=tuple(table.get("extensions", ())),
        samples=(sample, table.get("sample_zh", sample)),
    )


def _key(name: str) -> str:
    """A name as it is compared: any case, and a space, a hyphen and an underscore are the same."""
    return re.sub(r"[\s_-]+", "-", name.strip().casefold())


@cache
def _index(kind: str) -> dict[str, Entry]:
    index: dict[str, Entry] = {}
    for entry in entries(kind):
        titles = entry.titles if kind in _TITLED else ()
        short = [title.partition("（")[0] for title in titles]  # 往返时间（RTT）
        for name in (*entry.names, *titles, *filter(None, short)):
            index.setdefault(_key(name), entry)
        for extension in entry.extensions:
            index.setdefault(f".{extension}", entry)
    return index


def lookup(kind: str, name: str) -> Entry | None:
    """The entry of that kind and name, in any case, or None."""
    if kind == "type":
        name = name.partition(";")[0]
    return _index(kind).get(_key(name))


def gloss(field: str) -> str:
    """A few words on what a header field is for, in the current language; empty for one that is not known."""
    entry = lookup("field", field)
    return entry.title() if entry else ""


def find(what: str) -> list[Entry]:
    """Every entry that `what` may mean, the likeliest first; none where it is unknown.

    `what` is a name or title in any case, or what stands on the wire or in a file: "404 Not Found",
    "HTTP/1.1 404", "text/html; charset=utf-8", ".png", "SYN, ACK", "Content-Type: text/html", the letters of
    `packets` ("SA").
    """
    what = what.strip()
    status = _STATUS.fullmatch(what)
    if status:
        entry = lookup("status", status[1])
        return [entry] if entry else []
    found = [entry for kind in KINDS if (entry := lookup(kind, what))]
    found.sort(key=lambda entry: what not in entry.names)  # LINK is the method, Link the field
    return found or _flags(what) or _loosely(what)


def _flags(what: str) -> list[Entry]:
    """The entries of several flags: that of the combination where it has a name, else one each."""
    if what and set(what) <= _LETTERS.keys():
        names = {_LETTERS[letter] for letter in what}
    else:
        names = set(re.split(r"[\s,+/|]+", what.upper()))
    for entry in entries("flag"):
        if set(entry.name.split(",")) == names:
            return [entry]
    flags = [entry for entry in entries("flag") if entry.name in names]
    return flags if len(flags) == len(names) else []


def _loosely(what: str) -> list[Entry]:
    """A header field given with its value, a file's extension without its dot or with its name."""
    name, colon, _value = what.partition(":")
    if colon and (field := lookup("field", name)):
        return [field]
    extension = _index("type").get("." + what.rpartition(".")[2].casefold())
    return [extension] if extension else []


def close_matches(what: str, count: int = 5) -> list[str]:
    """Names that look like `what`, or contain it, the likeliest first."""
    from difflib import get_close_matches

    key = _key(what)
    names: dict[str, str] = {}
    for kind in KINDS:
        for name, entry in _index(kind).items():
            names.setdefault(name, entry.name)
    containing = [name for name in names if key in name and (len(key) > 1 or not key.isascii())]
    close = get_close_matches(key, names, n=count, cutoff=0.6)
    return list(dict.fromkeys(names[name] for name in [*close, *containing]))[:count]


def topics() -> Iterator[tuple[str, list[str]]]:
    """Each kind with the proper names of its entries."""
    for kind in KINDS:
        yield kind, [entry.name for entry in entries(kind)]
