"""The house rules: who may import whom, what a pure folder is, how long a module is, and what stays unimported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "httptrace"
MODULES = sorted(PACKAGE.rglob("*.py"))
EVERY_FILE = [path for folder in ("httptrace", "tests", "captures") for path in sorted((ROOT / folder).rglob("*.py"))]

#: From the wire to the reader; a module imports its own folder and what stands left of it.
ORDER = ("capture", "packets", "tcp", "tls", "http", "exchanges")
PURE = ORDER[1:]
BASE = {"model", "notes", "errors", "limits", "ledger"}
#: The modules that may join anything.
JOIN = {
    "application",
    "carrier",
    "crowd",
    "pipeline",
    "reading",
    "records",
    "selection",
    "following",
    "sinks",
    "__init__",
    "__main__",
}
JOINING_FOLDERS = {"cli", "workers"}  # nobody imports cli but itself, and what starts it
STARTS_CLI = {"cli", "__main__"}
IMPURE = {"os", "socket", "time", "logging", "sys", "pathlib", "subprocess", "threading", "io", "tempfile"}
HEAVY = [
    "rich",
    "scapy",
    "dpkt",
    "pygments",
    "msgspec",
    "zstandard",
    "brotli",
    "brotlicffi",
    "lz4",
    "zlib_ng",
    "jinja2",
    "numpy",
    "shtab",
    "babel",
    "asyncio",
    "multiprocessing",
]

#: What every output of JSON needs anyway.
NOT_LATE = {"msgspec"}

LONGEST = 400

#: Modules without a test file of their own name, by pattern, and where their tests are.
TESTED_ELSEWHERE = {
    "httptrace/__main__.py": "tests/test_house.py",
    "httptrace/application.py": "tests/test_pipeline.py",
    "httptrace/carrier.py": "tests/test_pipeline.py",
    "httptrace/errors.py": "tests/test_reading.py",
    "httptrace/following.py": "tests/cli/test_follow.py",
    "httptrace/ledger.py": "tests/test_corpus.py",
    "httptrace/model.py": "tests/test_pipeline.py",
    "httptrace/notes.py": "tests/teach/test_reference.py",
    "httptrace/records.py": "tests/test_pipeline.py",
    "httptrace/selection.py": "tests/cli/test_filters.py",
    "httptrace/sinks.py": "tests/test_pipeline.py",
    "httptrace/capture/blocks.py": "tests/capture/test_damage.py",
    "httptrace/capture/facts.py": "tests/capture/test_open.py",
    "httptrace/capture/growing.py": "tests/capture/test_follow.py",
    "httptrace/capture/write.py": "tests/test_reading.py",
    "httptrace/capture/live/libpcap.py": "tests/capture/live/test_fallback.py",
    "httptrace/capture/live/opening.py": "tests/capture/live/test_fallback.py",
    "httptrace/capture/live/source.py": "tests/capture/live/test_fallback.py",
    "httptrace/cli/*.py": "tests/cli/test_list.py",
    "httptrace/cli/verbs/*.py": "tests/cli/test_list.py",
    "httptrace/exchanges/brotli.py": "tests/exchanges/test_coding.py",
    "httptrace/exchanges/engines.py": "tests/exchanges/test_coding.py",
    "httptrace/exchanges/lzw.py": "tests/exchanges/test_coding.py",
    "httptrace/exchanges/zstd.py": "tests/exchanges/test_coding.py",
    "httptrace/exchanges/passing.py": "tests/exchanges/test_plain.py",
    "httptrace/exchanges/taking.py": "tests/exchanges/test_plain.py",
    "httptrace/exchanges/conversation.py": "tests/exchanges/test_dialogue.py",
    "httptrace/exchanges/folding.py": "tests/exchanges/test_sleeping.py",
    "httptrace/exchanges/informational.py": "tests/exchanges/test_dialogue.py",
    "httptrace/exchanges/progress.py": "tests/exchanges/test_dialogue.py",
    "httptrace/exchanges/timing.py": "tests/exchanges/test_dialogue.py",
    "httptrace/http/door.py": "tests/http/test_http1.py",
    "httptrace/http/grammar.py": "tests/http/test_http1.py",
    "httptrace/http/events.py": "tests/http/test_http1.py",
    "httptrace/http/heads.py": "tests/http/test_http1.py",
    "httptrace/http/readers.py": "tests/http/test_http1.py",
    "httptrace/http/seeking.py": "tests/exchanges/test_gaps_anywhere.py",
    "httptrace/tcp/shortcuts.py": "tests/tcp/test_tracker.py",
    "httptrace/lang/numbers.py": "tests/cli/test_numbers.py",
    "httptrace/outputs/*.py": "tests/outputs/test_walkthrough.py",
    "httptrace/outputs/narration/*.py": "tests/outputs/test_walkthrough.py",
    "httptrace/outputs/survey/*.py": "tests/cli/test_summary.py",
    "httptrace/outputs/worksheet/*.py": "tests/outputs/worksheet/test_page.py",
    "httptrace/teach/lesson.py": "tests/cli/test_quiz.py",
    "httptrace/teach/questions/*.py": "tests/teach/questions/test_every_question.py",
    "httptrace/teach/situations/*.py": "tests/teach/situations/test_catalogue.py",
    "httptrace/teach/worksheet/*.py": "tests/teach/worksheet/test_building.py",
    "httptrace/packets/*.py": "tests/packets/test_unusual.py",
    "httptrace/workers/standin.py": "tests/workers/test_worker.py",
    "httptrace/workers/work.py": "tests/workers/test_worker.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """The folder of a module inside the package, or the module's own name where it stands at the top."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


def imports(path: Path, late: bool = True) -> Iterator[tuple[int, str]]:
    """(line, module) of every import; those only for the type checker are left out, and with `late` unset those
    inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    in_functions = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types or (not late and id(node) in in_functions):
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 or "tests" in path.parts, f"{name_of(path)}:{node.lineno}: say the whole name"
            yield node.lineno, node.module or ""
            if node.module == "httptrace" or node.module in {f"httptrace.{room}" for room in ORDER}:
                for alias in node.names:
                    yield node.lineno, f"{node.module}.{alias.name}"


def rooms_imported(path: Path) -> Iterator[tuple[int, str]]:
    for line, module in imports(path):
        if module.startswith("httptrace."):
            yield line, module.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    room = room_of(path)
    if room in JOIN or room in JOINING_FOLDERS:
        wrong = [f"line {line}" for line, other in rooms_imported(path) if other == "cli" and room not in STARTS_CLI]
        assert not wrong, f"{name_of(path)} may not import cli in {wrong}"
        return
    if room in BASE:
        allowed = BASE
    elif room in ORDER:
        allowed = BASE | set(ORDER[: ORDER.index(room) + 1])
        if room != "capture":
            allowed -= {"capture"}
    elif room == "outputs":
        allowed = BASE | {"outputs", "teach", "lang"}
    else:
        assert room in ("teach", "lang"), f"{room} has no place in the house"
        allowed = BASE | {room, "lang"}
    wrong = [f"line {line}: {other}" for line, other in rooms_imported(path) if other not in allowed]
    assert not wrong, f"{name_of(path)} may not import {wrong}"


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(path) in (*PURE, *BASE)], ids=name_of)
def test_the_core_is_pure(path: Path) -> None:
    wrong = [f"line {line}: {module}" for line, module in imports(path) if module.split(".")[0] in IMPURE]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong += [
        f"line {node.lineno}: {node.func.id}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "open", "input")
    ]
    assert not wrong, name_of(path)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_heavy_libraries_are_imported_late(path: Path) -> None:
    wrong = [
        f"line {line}: {module}"
        for line, module in imports(path, late=False)
        if module.split(".")[0] in set(HEAVY) - NOT_LATE
    ]
    assert not wrong, name_of(path)


@pytest.mark.parametrize("path", EVERY_FILE, ids=name_of)
def test_no_module_is_longer_than_a_sitting(path: Path) -> None:
    length = len(path.read_text(encoding="utf-8").splitlines())
    assert length <= LONGEST, f"{name_of(path)} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    if path.name == "__init__.py" and not path.read_text(encoding="utf-8").strip():
        return
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "no docstring"


def own_test(path: Path) -> Path:
    inside = path.relative_to(PACKAGE)
    return ROOT / "tests" / inside.parent / f"test_{inside.stem.strip('_')}.py"


NAMED = [path for path in MODULES if path.name != "__init__.py"]


@pytest.mark.parametrize("path", NAMED, ids=name_of)
def test_every_module_has_its_tests(path: Path) -> None:
    listed = any(fnmatch(name_of(path), pattern) for pattern in TESTED_ELSEWHERE)
    assert own_test(path).exists() or listed, f"neither {name_of(own_test(path))} nor a line in TESTED_ELSEWHERE"


@pytest.mark.parametrize(("pattern", "test"), TESTED_ELSEWHERE.items(), ids=str)
def test_what_is_tested_elsewhere_is_tested_there(pattern: str, test: str) -> None:
    assert (ROOT / test).exists()
    alone = [path for path in NAMED if fnmatch(name_of(path), pattern) and not own_test(path).exists()]
    assert alone, f"{pattern} is not needed"


#: A path of one machine: no other reader has it.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|farm|root|home/\w+|Users/\w+|tmp/lab)\b")


@pytest.mark.parametrize(
    "path",
    [path for path in EVERY_FILE if path != Path(__file__)]
    + [ROOT / "Makefile", ROOT / "pyproject.toml", *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))],
    ids=name_of,
)
def test_no_path_of_this_machine(path: Path) -> None:
    found = MACHINE_PATHS.findall(path.read_text(encoding="utf-8"))
    assert not found, name_of(path)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["-c", "import httptrace"], id="import"),
        pytest.param(["-m", "httptrace", "--version"], id="version"),
    ],
)
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        check=True,
        timeout=60,
        cwd=ROOT,
    )
    lines = done.stderr.decode().splitlines()
    modules = {line.rpartition("|")[2].strip().split(".")[0] for line in lines if line.startswith("import time:")}
    assert "httptrace" in modules, "the list is there"
    assert not modules & set(HEAVY)


def test_the_exchanges_of_a_capture_need_nothing_heavy() -> None:
    """Reading imports a coding's library only where a body has that coding."""
    program = "import sys, httptrace; list(httptrace.read('captures/first-page.pcap')); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60, cwd=ROOT)
    modules = {name.split(".")[0] for name in done.stdout.decode().split()}
    assert not modules & {
        "rich",
        "scapy",
        "dpkt",
        "pygments",
        "jinja2",
        "numpy",
        "shtab",
        "babel",
        "brotli",
        "zstandard",
    }
