"""The workshop of the catalogue: `python -m httptrace.lang.catalogue extract | compile | missing`.

`extract` reads every text out of the source into httptrace.po: new ones come without a translation,
translations stay, what the source no longer says goes to the file's end as obsolete. `compile` writes the .mo
that programs read. `missing` prints what still has no translation. Babel does the work; only developers need
it.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from httptrace.ledger import KINDS
from httptrace.notes import NOTES

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

PACKAGE = Path(__file__).parent.parent
PO = Path(__file__).parent / "zh" / "LC_MESSAGES" / "httptrace.po"
MO = PO.with_suffix(".mo")

#: Which arguments of a call are texts: all by default; of ngettext the first two; of pgettext the context and
#: the text; of what the rooms below say the template.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "N_": None,
    "note_text": None,
    "Said": (1,),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}

#: A fixed date: a catalogue changes with its texts, not with the day it was extracted.
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

_HEADER = """\
# httptrace in Simplified Chinese. Written and reviewed by hand.
# Renew with `python -m httptrace.lang.catalogue extract`, then `compile`."""
_NOISE = (
    b'"Generated-By',
    b'"Last-Translator',
    b'"Report-Msgid',
    b'"Language-Team',
    b'"POT-',
    b'"PO-Rev',
    b'"Project',
)


def template() -> Catalog:
    """Every text that is to be translated: arguments of `_` and its kin, templates of what is `Said`, meanings of
    note codes, the ledger's kinds.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir

    catalogue = Catalog(project="httptrace", creation_date=_EPOCH)
    found = extract_from_dir(
        str(PACKAGE), method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
    )
    for file, _line, message, comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        catalogue.add(message, locations=[(f"httptrace/{file}", 0)], auto_comments=comments, context=context)
    for note in NOTES.values():
        catalogue.add(note.meaning, locations=[("httptrace/notes.py", 0)], auto_comments=[note.code])
    for meaning in KINDS.values():
        catalogue.add(meaning, locations=[("httptrace/ledger.py", 0)])
    return catalogue


def read() -> Catalog:
    """The catalogue as it stands in httptrace.po; an empty one where there is none yet."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if not PO.exists():
        return Catalog(locale="zh", project="httptrace", creation_date=_EPOCH, revision_date=_EPOCH)
    with PO.open("rb") as file:
        return read_po(file, locale="zh", abort_invalid=True)


def merged() -> Catalog:
    """The catalogue with the texts of the source as they are now, and the translations there are."""
    catalogue = read()
    # Guessing is off: a translation that was guessed from a similar text reads well and says something else.
    catalogue.update(template(), no_fuzzy_matching=True)
    catalogue.fuzzy = False
    return catalogue


def missing(catalogue: Catalog) -> list[str]:
    """The texts of a catalogue that have no translation, or one that is marked as doubtful."""
    left = []
    for message in catalogue:
        translations = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if message.id and (message.fuzzy or not translations or not all(translations)):
            left.append(message.id if isinstance(message.id, str) else message.id[0])
    return left


def po_bytes(catalogue: Catalog) -> bytes:
    """What httptrace.po holds for a catalogue; without line numbers, so that moving code changes nothing."""
    from babel.messages.pofile import write_po

    out = io.BytesIO()
    catalogue.header_comment = _HEADER
    write_po(out, catalogue, width=100, include_lineno=False)
    # Who last ran Babel, and which one, is the history's business; here it would be a change for nothing.
    lines = out.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_NOISE))


def mo_bytes(catalogue: Catalog) -> bytes:
    """What httptrace.mo holds for a catalogue."""
    from babel.messages.mofile import write_mo

    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main(arguments: list[str]) -> int:
    """Run one verb; gives the exit status, 1 where texts are left without a translation."""
    verb = arguments[0] if len(arguments) == 1 else ""
    if verb == "extract":
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_bytes(po_bytes(merged()))
    elif verb == "compile":
        MO.write_bytes(mo_bytes(read()))
    elif verb != "missing":
        print("usage: python -m httptrace.lang.catalogue extract | compile | missing", file=sys.stderr)
        return 2
    untranslated = missing(merged())
    if verb == "missing":
        for text in untranslated:
            print(text)
    print(f"{PO.name}: {len(untranslated)} texts without a translation", file=sys.stderr)
    return 1 if untranslated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
