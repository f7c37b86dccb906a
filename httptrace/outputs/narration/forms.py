"""Form fields and files in a request's body, in words: what was filled in, and what was uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from httptrace.lang import _, ngettext
from httptrace.model import Message
from httptrace.outputs import forms, mediatype, multipart
from httptrace.outputs.narration.kinds import media_type
from httptrace.outputs.narration.wording import clean, join, listed, octets, say

#: Fields that are named in a sentence, and fields that are listed one by one.
_NAMED, _LISTED = 6, 40

#: Characters of a name and of a value.
_NAME, _VALUE = 40, 120

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Item:
    """One field of a form; with a file where `file_name` is set. `whole`: all of it was kept."""

    name: str
    value: str
    size: int
    file_name: str | None = None
    content_type: str = ""
    whole: bool = True


def is_form(message: Message) -> bool:
    """Whether the body is declared to be a form."""
    return media_type(message) in (URLENCODED, MULTIPART)


def items(message: Message) -> list[Item]:
    """The fields of a form in the order sent; none where the body is no form, or was not kept."""
    content, kind = message.body.content, media_type(message)
    if not content:
        return []
    if kind == URLENCODED:
        charset = mediatype.parse(message.body.content_type)[1].get("charset")
        pairs = islice(forms.fields(content, charset), _LISTED + 1)
        return [Item(clean(name, _NAME), clean(value, _VALUE), len(value)) for name, value in pairs]
    if kind != MULTIPART:
        return []
    boundary = mediatype.parse(message.body.content_type)[1].get("boundary")
    found = multipart.parts(content, boundary)
    return [_item(part) for part in found[0][: _LISTED + 1]] if found else []


def _item(part: multipart.Part) -> Item:
    name = clean(part.name or "?", _NAME)
    kind = clean(part.value("content-type") or "", _NAME)
    if part.file_name is not None:
        return Item(name, "", len(part.content), clean(part.file_name, _VALUE), kind, part.closed)
    text = part.content[: 4 * _VALUE].decode("utf-8", "replace")
    return Item(name, clean(text, _VALUE), len(part.content), None, kind, part.closed)


def form_said(message: Message) -> str:
    """One or two sentences on a form: the names of its fields, and its files."""
    found = items(message)
    fields = [item for item in found if item.file_name is None]
    files = [item for item in found if item.file_name is not None]
    said = []
    if fields:
        names = listed([item.name for item in fields[:_NAMED]]) + (" …" if len(fields) > _NAMED else "")
        count = len(fields)
        if count > _LISTED:
            said.append(say(_("It fills in more than {most} fields: {names}."), most=_LISTED, names=names))
        else:
            text = ngettext("It fills in {count} field: {names}.", "It fills in {count} fields: {names}.", count)
            said.append(say(text, count=count, names=names))
    if files:
        names = listed([_file(item) for item in files[:_NAMED]]) + (" …" if len(files) > _NAMED else "")
        text = ngettext("It brings {count} file: {names}.", "It brings {count} files: {names}.", len(files))
        said.append(say(text, count=len(files), names=names))
    return join(said)


def _file(item: Item) -> str:
    size = octets(item.size)
    if not item.whole:
        size = _("more than {size}").format(size=size)
    return _("{name} ({size})").format(name=item.file_name or "?", size=size)


def form_rows(message: Message) -> list[str]:
    """A line for each field: its name and its value, or the file."""
    found = items(message)
    lines = []
    for item in found[:_LISTED]:
        if item.file_name is None:
            lines.append(f"{item.name} = {item.value}")
        elif item.content_type:
            lines.append(
                _("{name}: the file {file}, {type}").format(name=item.name, file=_file(item), type=item.content_type)
            )
        else:
            lines.append(_("{name}: the file {file}").format(name=item.name, file=_file(item)))
    if len(found) > _LISTED:
        lines.append("…")
    return lines
