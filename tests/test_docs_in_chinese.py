"""Every document that people read is there in English and Chinese, and both say the same: outline, commands, names,
numbers, links. What the words between them say, only a reader can tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from httptrace import lang
from httptrace.notes import NOTES
from tests.documents import DOCUMENTS, FENCE, INLINE, ROOT, Block, blocks

CHINESE = ".zh-CN.md"
READ = [
    path for path in DOCUMENTS if path.parent in (ROOT / "docs", ROOT / "captures") or path.name.startswith("README")
]
PAIRS = [(path, path.with_suffix(CHINESE)) for path in DOCUMENTS if path.with_suffix(CHINESE).exists()]
#: These wait for their Chinese version.
ENGLISH_ONLY: set[str] = set()

#: Creative Commons' own page in Chinese.
OF_A_LICENCE = "deed.zh-hans"

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
TARGET = re.compile(r"\]\(([^)]*)\)")
HEADING = re.compile(r"^(#+) +(.*)$", re.MULTILINE)

both = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair[0].relative_to(ROOT)))


class Part(NamedTuple):
    """A heading's level (0 before the first) and the text below it; or a row of a table, without a level."""

    level: int
    text: str


def prose(document: Path) -> str:
    """The text outside of code blocks."""
    return FENCE.sub("", document.read_text(encoding="utf-8"))


def parts(document: Path) -> list[Part]:
    """What two versions of a document are compared by: each section without its tables, and each row of these."""
    found = [Part(0, "")]
    for line in prose(document).splitlines():
        if heading := HEADING.match(line):
            found.append(Part(len(heading[1]), heading[2]))
        elif line.startswith("|") or found[-1].text.startswith("|"):
            found.append(Part(0, line))
        else:
            found[-1] = Part(found[-1].level, f"{found[-1].text}\n{line}")
    return found


def names(part: Part) -> set[str]:
    """Fields, options, codes, commands: whatever is written as code."""
    return {" ".join(span.replace(" --lang zh", "").split()) for span in INLINE.findall(part.text)}


def numbers(part: Part) -> list[str]:
    """The numbers of the words, neither those in code nor those in links."""
    return sorted(NUMBER.findall(TARGET.sub("]", INLINE.sub("", part.text))))


def in_chinese(target: str, document: Path) -> str:
    """What the Chinese version links to where the English one links to this."""
    path, hash_, place = target.partition("#")
    if not path:
        return f"{path}{hash_}{chinese_place(place, document)}"
    there = (document.parent / path).with_suffix(CHINESE)
    return path.removesuffix(".md") + CHINESE if path.endswith(".md") and there.exists() else target


def chinese_place(place: str, document: Path) -> str:
    """The place in the Chinese version that is this one in the English version: the heading with the same number."""
    english, chinese = places(document), places(document.with_suffix(CHINESE))
    return chinese[english.index(place)]


def places(document: Path) -> list[str]:
    """What a link may have behind `#`: the headings as GitHub makes names of them."""
    headings = [heading for _level, heading in HEADING.findall(prose(document))]
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_all_that_people_read_is_in_both_languages() -> None:
    english = [path for path in READ if not path.name.endswith(CHINESE)]
    alone = {str(path.relative_to(ROOT)) for path in english if not path.with_suffix(CHINESE).exists()}
    assert alone == ENGLISH_ONLY
    assert {path for path in READ if path.name.endswith(CHINESE)} == {chinese for _english, chinese in PAIRS}


@both
def test_each_version_leads_to_the_other(pair: tuple[Path, Path]) -> None:
    english, chinese = pair
    assert english.read_text(encoding="utf-8").splitlines()[2] == f"[中文]({chinese.name})"
    assert chinese.read_text(encoding="utf-8").splitlines()[2] == f"[English]({english.name})"


@both
def test_both_have_the_same_outline(pair: tuple[Path, Path]) -> None:
    """The same levels of headings, with as many rows of tables between them, of as many cells each."""
    english, chinese = (
        [
            (part.level, part.text.replace("\\|", "").count("|") if part.text.startswith("|") else 0)
            for part in parts(one)
        ]
        for one in pair
    )
    assert chinese == english


@both
def test_both_have_the_same_code_blocks(pair: tuple[Path, Path]) -> None:
    """Commands and code are the same; only what a command prints is in the reader's language."""
    english, chinese = ([bare(block) for block in blocks(document)] for document in pair)
    assert chinese == english


def bare(block: Block) -> tuple[str, list[str]]:
    """A block's kind, and its lines without the comments behind them; of a command's excerpt only the command."""
    lines = block.text.splitlines()
    if block.kind == "console":
        return block.kind, [lines[0].replace(" --lang zh", "")]
    return block.kind, [re.sub(r"\s+# .*", "", line) for line in lines]


@both
def test_both_have_the_same_names(pair: tuple[Path, Path]) -> None:
    """Fields, options, codes and commands, section by section and row by row."""
    english, chinese = (parts(document) for document in pair)
    for one, other in zip(english, chinese, strict=True):
        assert names(other) == names(one), one.text[:100]


@both
def test_both_have_the_same_numbers(pair: tuple[Path, Path]) -> None:
    english, chinese = (parts(document) for document in pair)
    for one, other in zip(english, chinese, strict=True):
        assert numbers(other) == numbers(one), one.text[:100]


@both
def test_both_have_the_same_links(pair: tuple[Path, Path]) -> None:
    """To the Chinese version of a document where there is one."""
    english, chinese = (TARGET.findall(prose(document))[1:] for document in pair)
    expected = [in_chinese(target, pair[0]) for target in english]
    assert sorted(target.removesuffix(OF_A_LICENCE) for target in chinese) == sorted(expected)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_a_place_that_a_document_links_to_is_there(document: Path) -> None:
    for target in TARGET.findall(prose(document)):
        path, _hash, place = target.partition("#")
        if place and "://" not in target:
            assert place in places(document.parent / path if path else document), target


@pytest.mark.parametrize("code", NOTES)
def test_the_table_of_notes_says_what_explain_says(code: str) -> None:
    """The Chinese table has the words of the program."""
    text = (ROOT / "docs" / f"notes{CHINESE}").read_text(encoding="utf-8")
    cells = re.findall(rf"^\| `{code}` \| ([^|]*) \|", text, re.MULTILINE)
    with lang.speaking("zh"):
        said = lang._(NOTES[code].meaning)
    assert said != NOTES[code].meaning
    assert [cell.startswith(said) for cell in cells] == [True], said
