"""Bodies shown as what they are: text indented, forms and parts as tables, anything else as a short summary.

What it is, the Content-Type says; the bytes are asked only where that is absent or says nothing (RFC 9110
§8.3), and where they plainly are no text although it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from hashlib import sha256 as sha256_of
from itertools import islice

from httptrace.lang import _
from httptrace.outputs import binary, forms, indent, mediatype, minified, multipart
from httptrace.outputs.safe import safe
from httptrace.outputs.sections import HexDump, Section, Summary, Table, Text

#: Fields of a form that are listed, and characters of a cell.
FIELDS = 1_000
CELL = 1_000

#: Bytes of a text part (no file) that the table of parts shows.
_PART_VALUE = 4 * CELL

#: Longer texts are shown as they were sent: nobody reads them, and indenting takes about a µs a token.
_INDENTED = 4 * 1024 * 1024


class Kind(Enum):
    """What a body is, as far as showing it goes; the value is the highlighter's word for it."""

    JSON = "json"
    XML = "xml"
    HTML = "html"
    JAVASCRIPT = "javascript"
    CSS = "css"
    FORM = "form"
    MULTIPART = "multipart"
    TEXT = "text"
    BINARY = "binary"


_TYPES = {
    "application/json": Kind.JSON,
    "text/json": Kind.JSON,
    "application/x-json": Kind.JSON,
    "application/x-ndjson": Kind.JSON,
    "application/ndjson": Kind.JSON,
    "application/jsonl": Kind.JSON,
    "application/xml": Kind.XML,
    "text/xml": Kind.XML,
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
    "text/javascript": Kind.JAVASCRIPT,
    "application/javascript": Kind.JAVASCRIPT,
    "application/x-javascript": Kind.JAVASCRIPT,
    "text/x-javascript": Kind.JAVASCRIPT,
    "application/ecmascript": Kind.JAVASCRIPT,
    "text/ecmascript": Kind.JAVASCRIPT,
    "text/css": Kind.CSS,
    "application/x-www-form-urlencoded": Kind.FORM,
    "application/http": Kind.TEXT,
    "application/x-mpegurl": Kind.TEXT,
    "application/vnd.apple.mpegurl": Kind.TEXT,
}
_SUFFIXES = {"+json": Kind.JSON, "+xml": Kind.XML}
_TREES = {"multipart": Kind.MULTIPART, "text": Kind.TEXT, "message": Kind.TEXT}
_NEVER_TEXT = frozenset(("image", "audio", "video", "font", "model"))

#: Bytes that no text contains (the MIME sniffing standard's "binary data bytes"), looked for in the first
#: KiB.
_BINARY_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_SNIFFED = 1024

_LOOKS = (
    (re.compile(rb"""\s*+(?:\{\s*+["}]|\[\s*+(?:[\[{"\]\d-]|true|false|null))"""), Kind.JSON),
    (re.compile(rb"\s*+<\?xml", re.I), Kind.XML),
    (
        re.compile(rb"\s*+(?:<!--.{0,500}?-->\s*+)?<(?:!doctype html|html|head|body|title|meta)\b", re.I | re.S),
        Kind.HTML,
    ),
    (re.compile(rb"\s*+<(?:!DOCTYPE |[A-Za-z_][\w.-]*+(?::[\w.-]++)?+(?:\s++[\w:.-]++=|\s*+/?>))"), Kind.XML),
)


def recognise(content: bytes, content_type: str | None) -> Kind:
    """What the body is: by its type where that says something, else by its first bytes."""
    essence, _parameters = mediatype.parse(content_type)
    tree, slash, subtype = essence.partition("/")
    kind = _TYPES.get(essence) or _SUFFIXES.get(essence[essence.rfind("+") :]) if slash else None
    kind = kind or (_TREES.get(tree) if slash else None)
    if kind is Kind.MULTIPART:
        return kind
    if kind is not None:
        return Kind.BINARY if _is_no_text(content) else kind
    if tree in _NEVER_TEXT and subtype:
        return Kind.BINARY
    return _sniffed(content)


def _is_binary(content: bytes) -> bool:
    head = content[:_SNIFFED]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16 has zeros and is text
        return False
    return bool(_BINARY_BYTES.search(head)) and not _is_unmarked_utf16(head)


def _is_no_text(content: bytes) -> bool:
    """Whether bytes that are declared as text are none: a stray control character is not enough for that."""
    head = content[:_SNIFFED]
    if not _is_binary(content):
        return False
    return len(_BINARY_BYTES.findall(head)) * 20 > len(head) or binary.format_name(content) is not None


def _is_unmarked_utf16(head: bytes) -> bool:
    """Whether nearly every second byte is zero and no other: ASCII in UTF-16, without a byte order mark."""
    half = len(head) // 2
    zeros = head[: half * 2 : 2].count(0), head[1 : half * 2 : 2].count(0)
    return half > 1 and min(zeros) == 0 and max(zeros) >= half * 0.9


def _sniffed(content: bytes) -> Kind:
    head = content[:_SNIFFED].removeprefix(b"\xef\xbb\xbf")
    if _is_binary(content) or binary.format_name(content):
        return Kind.BINARY
    for looks, kind in _LOOKS:
        if looks.match(head):
            return kind
    return Kind.TEXT


def describe(
    content: bytes, content_type: str | None, total: int | None = None, sha256: str | None = None
) -> list[Section]:
    """How to show a body: `content` is what was kept of it, decoded; `total` its decoded size where that is
    more.

    `sha256` (hex) of all of it, where it is known. An empty body has no sections. Never raises for odd
    content.
    """
    if not content:
        return []
    total = len(content) if total is None else max(total, len(content))
    whole = total == len(content)
    kind = recognise(content, content_type)
    parameters = mediatype.parse(content_type)[1]
    sections: list[Section] | None = None
    if kind is Kind.MULTIPART:
        sections = _multipart(content, parameters.get("boundary"))
        if sections is None:
            kind = _sniffed(content)
    if kind is Kind.FORM:
        sections = _form(content, parameters.get("charset"))
    elif kind is Kind.BINARY:
        if sha256 is None and whole:
            sha256 = sha256_of(content).hexdigest()
        return _summary(content, content_type, total, sha256)
    if sections is None:
        sections = [_text(kind, content, parameters.get("charset"))]
    if not whole:
        sections.append(
            Summary(((_("shown"), _("the first {kept} of {total} bytes").format(**_sizes(content, total))),))
        )
    return sections


def _sizes(content: bytes, total: int) -> dict[str, str]:
    return {"kept": f"{len(content):,}", "total": f"{total:,}"}


def _text(kind: Kind, content: bytes, charset: str | None) -> Text:
    head = content[:_SNIFFED]
    if charset is None and _is_unmarked_utf16(head):
        charset = "utf-16-be" if head[0] == 0 else "utf-16-le"
    text, _codec = mediatype.decode(content, charset)
    shown: str | None = None
    if len(text) <= _INDENTED:
        match kind:
            case Kind.JSON:
                shown = indent.json(text)
            case Kind.XML:
                shown = indent.xml(text)
            case Kind.HTML:
                shown = indent.html(text)
            case Kind.JAVASCRIPT | Kind.CSS:
                shown = minified.broken(text, script=kind is Kind.JAVASCRIPT)
    return Text(kind.value, safe(text if shown is None else shown, keep_newlines=True))


def _summary(content: bytes, content_type: str | None, total: int, sha256: str | None) -> list[Section]:
    pairs = [(_("type"), _cell(content_type) if content_type else _("not declared"))]
    name = binary.format_name(content)
    if name:
        size = binary.dimensions(content)
        pairs.append((_("format"), f"{name}, {size[0]} × {size[1]}" if size else name))
    pairs.append((_("size"), _("{total} bytes").format(total=f"{total:,}")))
    if sha256:
        pairs.append(("SHA-256", sha256))
    return [Summary(tuple(pairs)), HexDump(binary.hex_lines(content))]


def _form(content: bytes, charset: str | None) -> list[Section]:
    fields = forms.fields(content, charset)
    rows = tuple((_cell(name), _cell(value)) for name, value in islice(fields, FIELDS))
    sections: list[Section] = [Table((_("field"), _("value")), rows)]
    if next(fields, None) is not None:
        sections.append(_more(FIELDS))
    return sections


def _more(listed: int) -> Summary:
    return Summary(((_("shown"), _("the first {listed}, there are more").format(listed=f"{listed:,}")),))


def _multipart(content: bytes, boundary: str | None) -> list[Section] | None:
    found = multipart.parts(content, boundary)
    if found is None:
        return None
    parts, more = found
    rows: list[tuple[str, ...]] = []
    for number, part in enumerate(parts, 1):
        rows.append(_part_row(str(number), part))
        inner_type = part.value("content-type")
        if mediatype.parse(inner_type)[0].startswith("multipart/"):
            rows += islice(_nested_rows(number, part, inner_type), max(0, multipart.PARTS - len(rows)))
    columns = (_("part"), _("name"), _("file"), _("type"), _("size"), _("other fields"), _("value"))
    sections: list[Section] = [Table(*_without_empty(columns, rows))]
    if more:
        sections.append(_more(multipart.PARTS))
    return sections


def _nested_rows(number: int, part: multipart.Part, content_type: str | None) -> Iterator[tuple[str, ...]]:
    """The parts of a part, one level down."""
    inner = multipart.parts(part.content, mediatype.parse(content_type)[1].get("boundary"))
    for inner_number, inner_part in enumerate(inner[0] if inner else (), 1):
        yield _part_row(f"{number}.{inner_number}", inner_part)


def _part_row(number: str, part: multipart.Part) -> tuple[str, ...]:
    content_type = part.value("content-type")
    others = [
        f"{name}: {value}"
        for name, value in part.headers
        if name.lower() not in ("content-disposition", "content-type")
    ]
    size = f"{len(part.content):,}" if part.closed else _("{size}, cut").format(size=f"{len(part.content):,}")
    value = ""
    kind = recognise(part.content, content_type or "text/plain")  # RFC 7578 §4.4
    if part.file_name is None and kind not in (Kind.BINARY, Kind.MULTIPART):
        charset = mediatype.parse(content_type)[1].get("charset")
        value = mediatype.decode(part.content[:_PART_VALUE], charset)[0]
    texts = (part.name or "", part.file_name or "", content_type or "", size, "; ".join(others), value)
    return (number, *map(_cell, texts))


def _without_empty(
    columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The table without the columns in which no row has anything."""
    rows = tuple(rows)
    used = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    return tuple(columns[i] for i in used), tuple(tuple(row[i] for i in used) for row in rows)


def _cell(text: str) -> str:
    """Text for a cell: one line, harmless, of bounded length."""
    if len(text) <= CELL:
        return safe(text)
    return safe(text[:CELL]) + "… " + _("({length} characters)").format(length=f"{len(text):,}")
