"""What `explain WHAT` prints: one entry of the reference, or several where a word has several meanings."""

from __future__ import annotations

from collections.abc import Iterable

from httptrace import lang
from httptrace.errors import UsageError
from httptrace.lang import N_, _
from httptrace.outputs.wrap import cell_width, pad, wrap
from httptrace.teach import reference
from httptrace.teach.reference import Entry

KIND_NAMES = {
    "status": N_("status code"),
    "method": N_("method"),
    "flag": N_("TCP flag"),
    "field": N_("header field"),
    "type": N_("content type"),
    "coding": N_("content coding"),
    "state": N_("TCP state"),
    "analysis": N_("packet analysis"),
    "note": N_("note"),
    "term": N_("term"),
}

_TOPICS = {
    "status": N_("status codes"),
    "method": N_("methods"),
    "flag": N_("TCP flags"),
    "field": N_("header fields"),
    "type": N_("content types"),
    "coding": N_("content codings"),
    "state": N_("TCP states"),
    "analysis": N_("packet analysis"),
    "note": N_("notes"),
    "term": N_("terms"),
}

_INDENT = 2


def explain(what: str | None, language: str | None = None, width: int = 80, colour: bool = False) -> str:
    """The explanation of `what` as text that ends with a newline; the list of topics where it is None.

    `language` as for :func:`httptrace.lang.use`; None means the current one. Raises UsageError, with names
    that look alike, where nothing is known of `what`.
    """
    with lang.speaking(lang.current() if language is None else language):
        if what is None:
            return _topics(width, colour).replace("\N{NO-BREAK SPACE}", " ")
        found = reference.find(what)
        lines: list[str] = []
        if not found:
            found, lines = _unregistered(what, width)
        for entry in found:
            lines += ["", *_entry(entry, width, colour)] if lines else _entry(entry, width, colour)
        return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ") + "\n"


def _unregistered(what: str, width: int) -> tuple[list[Entry], list[str]]:
    """The class of a status code that nobody registered, and a line that says so (RFC 9110 §15)."""
    code = what.strip()
    if not (len(code) == 3 and code.isdecimal() and code.isascii() and "1" <= code[0] <= "5"):
        raise UsageError(_unknown(what))
    entry = reference.lookup("status", f"{code[0]}xx")
    text = _("{code} is no registered status code. A client that does not know it treats it as {hundred}.")
    return [entry] if entry else [], wrap(text.format(code=code, hundred=f"{code[0]}00"), width)


def _unknown(what: str) -> str:
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in what)
    close = reference.close_matches(what)
    if not close:
        text = _("explain: nothing is known of {what}; `httptrace explain` lists the topics")
        return text.format(what=shown)
    text = _("explain: nothing is known of {what}; perhaps: {names}")
    return text.format(what=shown, names=", ".join(close))


def _entry(entry: Entry, width: int, colour: bool) -> list[str]:
    lines = _heading(entry, width, colour)
    for paragraph in entry.text().splitlines():
        lines += wrap(paragraph, width, _INDENT)
    rows = [
        (_("Next"), entry.next()),
        (_("Header fields"), ", ".join(entry.fields)),
        (_("File names"), " ".join(f".{extension}" for extension in entry.extensions)),
        (_("Source"), "; ".join([*(f"RFC {rfc}" for rfc in entry.rfc), *filter(None, [entry.source])])),
        (_("See also"), _listed(map(_shown, entry.see))),
    ]
    rows = [row for row in rows if row[1]]
    if entry.sample():
        lines += ["", " " * _INDENT + _style(_("On the wire"), "2", colour)]
        lines += [(" " * (_INDENT + 4) + line).rstrip() for line in entry.sample().splitlines()]
    return [*lines, "", *_table(rows, width, colour)]


def _shown(name: str) -> str:
    """A name to look up next, by its title where it is a term: `explain 三次握手` is understood too."""
    found = [] if lang.current() == "en" else reference.find(name)
    return found[0].title() if found and found[0].kind == "term" else name


def _listed(names: Iterable[str]) -> str:
    """Names in a row; lines break between two of them, behind the dot. What is printed has plain spaces."""
    return "\N{NO-BREAK SPACE}· ".join(name.replace(" ", "\N{NO-BREAK SPACE}") for name in names)


def _heading(entry: Entry, width: int, colour: bool) -> list[str]:
    """The name, what kind of thing it is, and its title: `404 Not Found · status code: 4xx client error`."""
    name, title = entry.name, entry.title()
    if entry.kind == "status" and not name.endswith("xx"):
        group = reference.lookup("status", f"{name[0]}xx")
        phrase = entry.titles[0]
        title = f"{name[0]}xx {group.title()}" if group else ""
        if lang.current() != "en":
            title = f"{entry.title()}（{title}）"
        name = f"{name} {phrase}"
    elif entry.kind == "term":
        name, title = entry.title(), "" if lang.current() == "en" else entry.titles[0]
    kind = _(KIND_NAMES[entry.kind])
    template = _("{name} · {kind}: {title}") if title and title != name else _("{name} · {kind}")
    first, *rest = wrap(template.format(name=name, kind=kind, title=title), width)
    if first.startswith(name):
        first = _style(name, "1", colour) + _style(first[len(name) :], "2", colour)
    return [first, *rest]


def _table(rows: list[tuple[str, str]], width: int, colour: bool) -> list[str]:
    """Labels on the left, texts beside them."""
    column = max((cell_width(label) for label, _text in rows), default=0) + 2
    lines = []
    for label, text in rows:
        first, *rest = wrap(text, width, _INDENT + column)
        lines.append(" " * _INDENT + _style(pad(label, column), "2", colour) + first[_INDENT + column :])
        lines += rest
    return lines


def _topics(width: int, colour: bool) -> str:
    lines = wrap(_("httptrace explain WHAT says what WHAT means. It knows:"), width)
    for kind, names in reference.topics():
        lines += ["", _style(_(_TOPICS[kind]), "1", colour)]
        lines += wrap(_listed(map(_shown, names) if kind == "term" else names), width, _INDENT)
    return "\n".join(lines) + "\n"


def _style(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour and text else text
