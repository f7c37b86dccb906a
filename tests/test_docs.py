"""The documents say what is so: their commands run, their excerpts are real, both languages say the same."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from httptrace.model import ANALYSIS
from httptrace.notes import NOTES
from tests.documents import (
    CONTRACTS,
    DOCUMENTS,
    FENCE,
    INLINE,
    LESSONS,
    LINK,
    LIVE,
    PIPED,
    READMES,
    ROOT,
    blocks,
    commands,
    every_command,
    excerpts,
    of_live,
    words,
)

LEFT_OUT = "…"  # a line of an excerpt that stands for others


def cases() -> list[object]:
    found = dict.fromkeys(command for document in READMES for command in commands(document))
    return [pytest.param(command, id=command.replace("captures/", "")) for command in found]


@pytest.fixture
def run(capfdbinary, monkeypatch):
    """Run a command line of a document in this process, 80 columns wide; gives its status and its output.

    Standard input is what `echo` puts into a pipe before it, else empty.
    """
    from httptrace import lang
    from httptrace.cli.main import main

    monkeypatch.chdir(ROOT)
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")

    def running(command: str) -> tuple[int, str]:
        capfdbinary.readouterr()
        piped = PIPED.match(command)
        given = io.BytesIO(f"{piped[1]}\n".encode() if piped else b"")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given, encoding="utf-8"))
        status = main(words(command))
        sys.stdout.flush()
        return status, capfdbinary.readouterr().out.decode("utf-8", "replace")

    yield running
    lang.use("en")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_a_command_of_a_document_is_understood(document: Path) -> None:
    """Also those that need root, traffic or a file of the reader's: the verb is there and takes these options."""
    from httptrace import lang
    from httptrace.cli.arguments import VERBS, parse
    from httptrace.errors import UsageError

    wrong = []
    try:
        for command in every_command(document):
            plain = command.replace("SHELL", "bash").replace("[NO]", "1").replace("[", "").replace("]", "")
            behind = plain.removeprefix("httptrace ")
            if behind in VERBS or behind.startswith(("COMMAND", "--")):  # spoken of, not given
                continue
            try:
                parse(words(plain))
            except UsageError as error:
                wrong.append(f"{command}: {error}")
    finally:
        lang.use("en")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("document", READMES, ids=lambda document: document.name)
def test_the_table_of_commands_has_them_all(document: Path) -> None:
    """Every verb has one row, and every option in the row is one of that verb."""
    from httptrace.cli.arguments import VERBS, build

    text = document.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `httptrace ([a-z]+)[^`]*` \| (.*) \|$", text, re.MULTILINE)
    assert sorted(verb for verb, _line in rows) == sorted(VERBS)
    parsers = build()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    for verb, line in rows:
        known = parsers[verb]._option_string_actions  # type: ignore[index]
        named = re.findall(r"`(--?[a-z-]+)", line)
        assert not [option for option in named if option not in known], verb


@pytest.mark.parametrize("document", [*READMES, *LIVE], ids=lambda document: document.name)
def test_what_live_prints_is_in_its_own_words(document: Path) -> None:
    """Its excerpts need root and traffic, so they are held against the texts that live has in that language."""
    texts = live_texts("zh" if "zh" in document.name else "en")
    said = [line.removeprefix("httptrace: ") for line in of_live(document) if line.startswith("httptrace: ")]
    assert said
    for part in (part for line in said for part in line.split(" · ")):
        assert any(text.fullmatch(part) for text in texts), part


def live_texts(language: str) -> list[re.Pattern[str]]:
    """What live can say in a language, as patterns: any text where a text has a place for one."""
    from httptrace.lang.catalogue import read

    texts: list[str] = []
    for message in read():
        if any("live" in path for path, _line in message.locations):
            said = message.id if language == "en" else message.string
            texts += [said] if isinstance(said, str) else said
    parts = [part for text in texts for part in text.split(" · ") if re.sub(r"\W|\{\w+\}", "", part)]
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(part))) for part in parts]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda document: document.name)
def test_a_lesson_can_be_given(lesson: Path, run, tmp_path: Path, monkeypatch) -> None:
    """Its commands run one after the other, from the captures to the marks, and print what stands there."""
    monkeypatch.chdir(tmp_path)
    for kind, text in blocks(lesson):
        command, *shown = text.splitlines()
        if kind == "console":
            _, output = run(command.removeprefix("$ "))
            held(shown, output)
            continue
        for line in text.splitlines():
            if "--grade" in line and not Path("answers.json").exists():
                hand_in(Path("lab.html"))
            if line.startswith("httptrace ") and "mine" not in line:  # a capture of the reader's own
                assert run(line)[0] == 0, line
    assert "1 of " in Path("marked.html").read_text(encoding="utf-8")


def hand_in(sheet: Path) -> None:
    """The file of answers that the sheet would save with one blank filled in."""
    data = dict(re.findall(r' data-(\w+)="([^"]*)"', sheet.read_text(encoding="utf-8")))
    answers = {
        **{name: data[name] for name in ("format", "capture")},
        **{name: int(data[name]) for name in ("version", "stream", "seed")},
        "answers": {"handshake.2.flags": "SYN, ACK"},
    }
    Path("answers.json").write_text(json.dumps(answers), encoding="utf-8")


@pytest.mark.parametrize("command", cases())
def test_a_command_that_names_a_capture_runs(command: str, run, tmp_path: Path, monkeypatch) -> None:
    to_file = " -o " in command
    if to_file:
        (tmp_path / "captures").symlink_to(ROOT / "captures")
        monkeypatch.chdir(tmp_path)
    status, output = run(command)
    assert status == 0
    assert Path(words(command)[-1]).stat().st_size if to_file else output


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        pytest.param(command, shown, id=f"{document.name}-{number}")
        for document in READMES
        for number, (command, shown) in enumerate(excerpts(document), 1)
    ],
)
def test_an_excerpt_is_what_the_command_prints(command: str, shown: list[str], run) -> None:
    _, output = run(command)
    held(shown, output)


def held(shown: list[str], output: str) -> None:
    """Hold an excerpt against what was printed: all of its lines, in their order, what `…` stands for between them."""
    rest = output.splitlines()
    run_of_lines: list[str] = []
    for line in [*shown, LEFT_OUT]:
        if line != LEFT_OUT:
            run_of_lines.append(line)
            continue
        if run_of_lines:
            size = len(run_of_lines)
            places = [at for at in range(len(rest) - size + 1) if rest[at : at + size] == run_of_lines]
            assert places, "not printed, or not in this order:\n" + "\n".join(run_of_lines)
            rest = rest[places[0] + size :]
            run_of_lines = []
    if shown[-1] != LEFT_OUT:
        assert not rest, "more is printed below:\n" + "\n".join(rest)


def test_the_library_example_prints_what_it_says() -> None:
    """In a process of its own, as a reader would run it."""
    kinds = blocks(READMES[0])
    place = next(at for at, block in enumerate(kinds) if block.kind == "python")
    assert kinds[place + 1].kind == "text"
    done = subprocess.run(
        [sys.executable, "-c", kinds[place].text], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == kinds[place + 1].text


def test_the_words_of_the_analysis_stand_in_the_contract_in_their_order() -> None:
    contract = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    words = contract[contract.index("The words: ") :].partition("\n\n")[0]
    assert tuple(dict.fromkeys(re.findall("`([a-z-]+)`", words))) == ANALYSIS


def test_every_note_code_is_in_the_table() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "notes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list(NOTES)


@pytest.mark.parametrize("document", CONTRACTS, ids=lambda document: document.name)
@pytest.mark.parametrize("command", ["list", "streams --analysis", "packets", "audit", "interfaces"])
def test_a_field_that_is_printed_is_in_the_contract(document: Path, command: str, run) -> None:
    verb, *options = command.split()
    files = [] if verb == "interfaces" else ["captures/lost-segment.pcap", "captures/continue-100.pcap"]
    _, output = run(shlex.join(["httptrace", verb, *files, "--format", "jsonl", *options]))
    spans = INLINE.findall(document.read_text(encoding="utf-8"))
    printed = {field for line in output.splitlines() for field in fields(json.loads(line))}
    assert printed
    either_side = {field: re.sub("^(client|server)_", "…_", field) for field in printed}
    assert not [field for field in printed if field not in spans and either_side[field] not in spans]


def fields(value: object) -> Iterator[str]:
    """The names of all members of a JSON value, at any depth."""
    if isinstance(value, dict):
        yield from value
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from fields(inside)


def test_every_limit_of_the_readme_is_in_the_program() -> None:
    """The numbers of the table "Limits" are those of limits.py."""
    from httptrace import limits

    text = READMES[0].read_text(encoding="utf-8").partition("## Limits")[2].partition("\n## ")[0]
    kib, mib = limits.KIB, limits.MIB
    for said in (
        f"{limits.HELD_PER_CONNECTION // mib} MiB a connection (`out-of-order-each`)",
        f"{limits.HELD_IN_ALL // mib} MiB in all (`out-of-order`)",
        f"at most {limits.HELD_PIECES:,} segments",
        f"(`heads`) | {limits.UNFINISHED_HEADS // mib} MiB |",
        f"(`beginnings`) | {limits.BEGINNINGS // mib} MiB |",
        f"(`exchanges`) | {limits.OPEN_EXCHANGES // mib} MiB |",
        f"(`decoders`) | {limits.DECODERS // mib} MiB |",
        f"(`marks`) | {limits.MARKS:,} |",
        f"{limits.GRACE_PACKETS} packets of the connection or {limits.GRACE_NS // 1_000_000} ms",
        f"{limits.OPEN_CONNECTIONS:,}; {limits.CLOSED_CONNECTIONS:,}",
        f"{limits.HEAD // mib} MiB; {limits.CHUNK_LINE // kib} KiB; {limits.TRAILERS // kib} KiB",
        f"| {limits.PIPELINED:,} |",
        f"{limits.DECODED // mib // 1024} GiB; {limits.DECODED_RATIO:,} to 1; {limits.CODINGS} |",
        f"| {limits.KEPT_BODY // mib} MiB |",
        f"| {limits.WAITING_RECORDS // mib} MiB |",
        f"{limits.FRAGMENT_DATAGRAMS:,}, {limits.FRAGMENT_BYTES // mib} MiB, {limits.FRAGMENT_NS // 10**9} s",
        f"| {limits.NESTING} |",
        f"{limits.LIVE_BUFFER // mib} MiB; {limits.LIVE_OUTPUT // mib} MiB; {limits.IDLE_NS // 60 // 10**9} min",
        f"{limits.LESSON_PACKETS:,}; {limits.ANSWERS // mib} MiB",
    ):
        assert said in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_what_a_document_links_to_is_there(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    missing = [target for target in LINK.findall(text) if not (document.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("document", READMES, ids=lambda document: document.name)
def test_a_test_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"`(test_\w+)`", document.read_text(encoding="utf-8")))
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "truth").glob("test_*.py"))
    assert named
    assert not [name for name in named if f"def {name}(" not in source]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_a_module_that_a_document_names_exists(document: Path) -> None:
    folders = [ROOT, ROOT / "httptrace", ROOT / "captures", ROOT / "tests"]
    names = {str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.py")}
    names |= {name.rsplit("/", 1)[-1] for name in names}
    named = re.findall(r"`((?:\w+/)*\w+\.py)`", document.read_text(encoding="utf-8"))
    assert not [name for name in named if name not in names and name != "index.py"]  # which a capture uploads
