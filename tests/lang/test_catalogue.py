"""The Chinese catalogue is whole: every text of the source, translated, with the same placeholders."""

from __future__ import annotations

import ast
import gettext
import io
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from httptrace.lang import catalogue

SPOKEN = {"_", "N_", "ngettext", "pgettext", "note_text", "Said"}


@pytest.fixture(scope="module")
def merged() -> catalogue.Catalog:
    return catalogue.merged()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def texts(catalog: catalogue.Catalog) -> Iterator[tuple[str, list[str]]]:
    """Each msgid (the plural one, where there are two) with its translations."""
    for message in catalog:
        if message.id:
            many = message.id if isinstance(message.id, str) else message.id[1]
            yield many, [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_every_text_has_a_translation(merged: catalogue.Catalog) -> None:
    assert catalogue.missing(merged) == []


def test_nothing_is_fuzzy() -> None:
    assert [message.id for message in catalogue.read() if message.id and message.fuzzy] == []


def test_placeholders_are_the_same(merged: catalogue.Catalog) -> None:
    wrong = [
        many for many, forms in texts(merged) for form in forms if form and placeholders(form) != placeholders(many)
    ]
    assert wrong == []


def test_the_compiled_file_is_the_written_one() -> None:
    def entries(data: bytes) -> dict[object, str]:
        read = gettext.GNUTranslations(io.BytesIO(data))._catalog  # type: ignore[attr-defined]
        return {key: value for key, value in read.items() if key}

    expected = entries(catalogue.mo_bytes(catalogue.read()))
    assert entries(catalogue.MO.read_bytes()) == expected, "run: python -m httptrace.lang.catalogue compile"


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted(catalogue.PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPOKEN:
                yield path, node


def test_texts_are_written_whole() -> None:
    """A text put together before it is looked up is in no catalogue: `_(f"{n} bytes")`, `_("a" + b)`."""

    def formatted(argument: ast.expr) -> bool:
        return (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Attribute)
            and isinstance(argument.func.value, ast.Constant)
        )

    wrong = [
        f"{path.name}:{node.lineno}"
        for path, node in calls()
        for argument in node.args
        if isinstance(argument, ast.JoinedStr | ast.BinOp) or formatted(argument)
    ]
    assert wrong == []


def test_extract_keeps_translations_and_drops_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "httptrace"
    source.mkdir()
    (source / "one.py").write_text(
        'a = _("kept") + pgettext("flow", "window") + N_("new") + ngettext("{n} byte", "{n} bytes", n)\n',
        encoding="utf-8",
    )
    po = tmp_path / "httptrace.po"
    po.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "kept"\nmsgstr "保留"\n\nmsgid "gone"\nmsgstr "消失"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(catalogue, "PACKAGE", source)
    monkeypatch.setattr(catalogue, "PO", po)
    monkeypatch.setattr(catalogue, "NOTES", {})
    monkeypatch.setattr(catalogue, "KINDS", {})
    monkeypatch.setattr(catalogue, "MO", tmp_path / "httptrace.mo")
    assert catalogue.main(["extract"]) == 1
    written = po.read_text(encoding="utf-8")
    assert 'msgid "kept"\nmsgstr "保留"' in written
    assert '#~ msgid "gone"' in written
    assert set(catalogue.missing(catalogue.read())) == {"{n} byte", "window", "new"}
    assert catalogue.main(["compile"]) == 1
    with (tmp_path / "httptrace.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("kept") == "保留"


def test_an_unknown_verb_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogue.main(["translate"]) == 2
    assert "usage" in capsys.readouterr().err
