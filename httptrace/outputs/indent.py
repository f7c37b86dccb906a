"""Structured text indented for reading: nothing but white space is changed, so numbers, order and doubles
stay as sent.

Each function gives the new text, or None where it is not sure: then the text is better shown as it was sent.
All of them work on tokens, none builds a tree or expands an entity, and all are linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STEP = "  "

#: Deeper levels are not indented further: a million brackets must not become a million indentations.
_DEEPEST = 40

#: Indenting may make a text this much longer; what grows more was made to.
_GROWTH = 4
_ALWAYS = 64 * 1024

_JSON_TOKEN = re.compile(
    r'\s*+(?:("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))|([\[{])(\s*+[\]}])?|([\]}])|([,:])|([^\s"\[\]{},:]++))',
    re.S,
)
_JSON_SCALAR = re.compile(r"-?\d[\d.eE+-]*|true|false|null")
_JSON_PIECE = re.compile(r"-?[\d.eE+-]*|t(r(ue?)?)?|f(a(l(se?)?)?)?|n(ull?)?")


class _Lines:
    """Output under construction, with a bound on its growth."""

    def __init__(self, size: int) -> None:
        self.parts: list[str] = []
        self.room = _GROWTH * size + _ALWAYS

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.room -= len(text)

    def line(self, depth: int) -> None:
        self.add("\n" + _STEP * min(depth, _DEEPEST))


def json(text: str) -> str | None:
    """JSON with one member or element a line (RFC 8259); several values one after another (NDJSON) as well.

    A text that breaks off (a body that was cut) is indented up to there.
    """
    text = text.strip(" \t\r\n\ufeff\x1e")
    out = _Lines(len(text))
    opened: list[str] = []
    at, before = 0, ""  # the kind of token before: a value, "[", ",", ":" or nothing
    while at < len(text):
        found = _JSON_TOKEN.match(text, at)
        if found is None:
            break
        at = found.end()
        string, opening, empty, closing, mark, other = found.groups()
        if out.room < 0 or (other and not _is_scalar(other, last=at == len(text))):
            return None
        if closing or mark == ",":
            if not opened or before in (",", ":") or (mark and before == "["):
                return None
        elif mark:
            if before != "value" or opened[-1:] != ["{"]:
                return None
        elif before == "value":
            if opened:
                return None
            out.line(0)  # the next text of NDJSON
        if closing:
            if opened.pop() + closing not in ("[]", "{}"):
                return None
            out.line(len(opened))
            out.add(closing)
            before = "value"
        elif mark:
            if mark == ",":
                out.add(",")
                out.line(len(opened))
            else:
                out.add(": ")
            before = mark
        elif empty:
            if opening + empty.strip() not in ("[]", "{}"):
                return None
            out.add(opening + empty.strip())
            before = "value"
        elif opening:
            out.add(opening)
            opened.append(opening)
            out.line(len(opened))
            before = "["
        else:
            out.add(string or other)
            before = "value"
    return "".join(out.parts) if out.parts else None


def _is_scalar(text: str, last: bool) -> bool:
    return bool(_JSON_SCALAR.fullmatch(text) or (last and _JSON_PIECE.fullmatch(text)))


#: A tag; quoted values may hold ">" but no "<", so that a missing quote costs no more than the next tag.
_TAG = re.compile(r"""<(/?)([^\s<>"'/!?]++)[^<>"']*+(?:"[^"<]*+"[^<>"']*+|'[^'<]*+'[^<>"']*+)*+>""")

_SECTIONS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"))
_SUBSET_END = re.compile(r"\]\s*>")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: HTML elements without an end tag (HTML §13.1.2); those whose content is no markup or whose white space
#: counts.
_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_RAW = _names("script style pre textarea title noscript svg")

#: Elements that stand in running text: no line is broken at them.
_INLINE = _names(
    "a abbr acronym b bdi bdo big br button cite code data del dfn em font i img input ins kbd label mark "
    "q s samp select small span strike strong sub sup time tt u var wbr"
)

#: Elements that the next of their kind ends (HTML §13.1.2.4); `p` is ended by any block.
_UNCLOSED = _names("li dt dd option tr td th p")


def xml(text: str) -> str | None:
    """XML with one tag a line; an element that holds nothing but text stays on its line."""
    return _markup(text, html=False)


def html(text: str) -> str | None:
    """HTML with one block a line; running text, scripts, styles and preformatted text stay as sent."""
    return _markup(text, html=True)


def _markup(text: str, html: bool) -> str | None:
    out = _Lines(len(text))
    opened: list[str] = []
    known: dict[str, int] = {}  # how often each name is in `opened`
    line = ""  # what the line ends with: nothing, "open" (a start tag), "text", "block" (anything else)
    for kind, name, token in _tokens(text.strip(), html):
        if out.room < 0:
            return None
        if kind == "text":
            words = " ".join(token.split()) if html else token.strip()
            if not words:
                if html and line == "text" and token:
                    out.add(" ")
                continue
            if line == "block":
                out.line(len(opened))
            elif line == "text" and html and token[0].isspace():
                out.add(" ")
            out.add(words + " " * (html and token[-1].isspace()))
            line = "text"
        elif html and name in _INLINE:
            if line == "block":
                out.line(len(opened))
            out.add(token)
            line = "text"
        elif kind == "close":
            if not known.get(name):
                if not html:
                    return None
                if line == "block":
                    out.line(len(opened))
                out.add(token)
                line = "block"
                continue
            depth = len(opened)
            while True:
                last = opened.pop()
                known[last] -= 1
                if last == name:
                    break
                if not html:
                    return None
            if line == "block" or len(opened) != depth - 1:
                out.line(len(opened))
            out.add(token)
            line = "block"
        else:
            if html and opened and (opened[-1] == "p" or (opened[-1] == name and name in _UNCLOSED)):
                known[opened.pop()] -= 1  # its end tag was left out
            if out.parts:
                out.line(len(opened))
            out.add(token)
            line = "block"
            if kind == "open" and not (html and name in _VOID):
                opened.append(name)
                known[name] = known.get(name, 0) + 1
                line = "open"
    return "".join(out.parts) if out.parts else None


def _tokens(text: str, html: bool) -> Iterator[tuple[str, str, str]]:
    """Kind (open, close, empty, text, other), element name, and the token as sent."""
    at, size = 0, len(text)
    while at < size:
        start = text.find("<", at)
        if start < 0:
            start = size
        if start > at:
            yield "text", "", text[at:start]
            at = start
            continue
        tag = _TAG.match(text, at)
        if tag is None:
            end = _section_end(text, at)
            yield ("text" if end == at + 1 else "other"), "", text[at:end]
            at = end
            continue
        name = tag[2].lower() if html else tag[2]
        at = tag.end()
        if tag[1]:
            yield "close", name, tag[0]
        elif html and name in _RAW:
            closing = re.compile(rf"</{re.escape(name)}\s*+>", re.I).search(text, at)
            end = closing.end() if closing else size
            yield "other", name, tag[0] + text[at:end]
            at = end
        else:
            yield ("empty" if tag[0].endswith("/>") else "open"), name, tag[0]


def _section_end(text: str, at: int) -> int:
    """Where a comment, CDATA section, instruction or declaration that starts at `at` ends; else one character
    on.
    """
    for start, end in _SECTIONS:
        if text.startswith(start, at):
            found = text.find(end, at + len(start))
            return found + len(end) if found >= 0 else len(text)
    if text.startswith("<!", at):
        found = text.find(">", at)
        subset = text.find("[", at, found) if found >= 0 else -1
        if subset >= 0:  # a DTD inside: shown, never read
            closed = _SUBSET_END.search(text, subset)
            return closed.end() if closed else len(text)
        return found + 1 if found >= 0 else len(text)
    return at + 1
