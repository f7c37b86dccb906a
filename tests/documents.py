"""The project's documents, as the tests read them: their code blocks, commands, excerpts and links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
LESSONS = (ROOT / "docs" / "teaching.md", ROOT / "docs" / "teaching.zh-CN.md")
LIVE = (ROOT / "docs" / "live.md", ROOT / "docs" / "live.zh-CN.md")
CONTRACTS = (ROOT / "docs" / "contract.md", ROOT / "docs" / "contract.zh-CN.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "captures").glob("*.md")])

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
INLINE = re.compile(r"`([^`]+)`")
PIPED = re.compile(r"echo (\S+) \| ")


class Block(NamedTuple):
    """A code block: what it is, and its text."""

    kind: str
    text: str


def blocks(document: Path) -> list[Block]:
    return [Block(kind, text) for kind, text in FENCE.findall(document.read_text(encoding="utf-8"))]


def excerpts(document: Path) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines shown below it."""
    for kind, text in blocks(document):
        if kind == "console":
            command, *shown = text.splitlines()
            assert command.startswith("$ "), f"{document.name}: a console block begins with a command"
            if not command.startswith("$ sudo "):
                yield command[2:], shown


def of_live(document: Path) -> list[str]:
    """What stands below the commands that need root and traffic."""
    found = [text.splitlines() for kind, text in blocks(document) if kind == "console"]
    return [line for command, *shown in found if command.startswith("$ sudo ") for line in shown]


def commands(document: Path) -> list[str]:
    """The httptrace commands that name a capture of this project."""
    lines = [line.removeprefix("$ ") for kind, text in blocks(document) for line in text.splitlines() if kind != "text"]
    return [line for line in lines if line.startswith("httptrace ") and "captures/" in line]


def words(command: str) -> list[str]:
    """The arguments of a command line, what a shell would do before and behind it left out."""
    return shlex.split(re.split(r"[|>#]", PIPED.sub("", command))[0])[1:]


def every_command(document: Path) -> list[str]:
    """All httptrace commands of a document, whatever they need, in code blocks and in sentences."""
    text = document.read_text(encoding="utf-8")
    lines = INLINE.findall(FENCE.sub("", text))
    for kind, block in blocks(document):
        lines += {"console": block.splitlines()[:1], "sh": block.splitlines()}.get(kind, [])
    found = [line[line.index("httptrace ") :].replace("\\|", "|") for line in lines if "httptrace " in line]
    return list(dict.fromkeys(found))
