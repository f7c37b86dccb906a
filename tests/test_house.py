"""The house rules: who may import whom, what a pure folder is, how long a module is, and what stays unimported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "httptrace"
MODULES = sorted(PACKAGE.rglob("*.py"))
EVERY_FILE = [path for folder in ("httptrace", "tests", "captures") for path in sorted((ROOT / folder).rglob("*.py"))]

#: From the wire to the reader; a module imports its own folder and what stands left of it.
ORDER = ("capture", "packets", "tcp", "tls", "http", "exchanges")
PURE = ORDER[1:]
BASE = {"model", "notes", "errors", "limits"}
#: The modules that may join anything; `ledger` holds what two sides of the chain have counted.
JOIN = {"application", "pipeline", "reading", "following", "ledger", "__init__", "__main__"}
JOINING_FOLDERS = {"cli", "workers"}
IMPURE = {"os", "socket", "time", "logging", "sys", "pathlib", "subprocess", "threading", "io", "tempfile"}
HEAVY = (
    "rich scapy dpkt pygments orjson zstandard brotli brotlicffi lz4 jinja2 numpy shtab babel asyncio multiprocessing"
).split()

LONGEST = 400

#: Modules without a test file of their own name, and where they are tested.
TESTED_ELSEWHERE = {
    "httptrace/__main__.py": "tests/test_house.py runs it",
    "httptrace/application.py": "tests/test_pipeline.py: it is the chain's middle",
    "httptrace/errors.py": "records without behaviour; every test that expects one",
    "httptrace/limits.py": "numbers; the test of each bound sets its own",
    "httptrace/model.py": "records without behaviour",
    "httptrace/notes.py": "tests/teach/test_reference.py: every code is explained",
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
        return
    if room in BASE:
        allowed = BASE
    elif room in ORDER:
        allowed = BASE | set(ORDER[: ORDER.index(room) + 1])
        if room != "capture":
            allowed -= {"capture"}
    elif room == "outputs":
        allowed = BASE | {"outputs", "teach", "lang", "ledger"}
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
    wrong = [f"line {line}: {module}" for line, module in imports(path, late=False) if module.split(".")[0] in HEAVY]
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


def mentions(name: str, tests: str) -> bool:
    """Whether a test imports that module."""
    return re.search(rf"\b{re.escape(name)}\b", tests) is not None


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "__init__.py"], ids=name_of)
def test_every_module_has_its_tests(path: Path) -> None:
    """A test file of its name beside the same folders, or tests in that folder that import it."""
    if name_of(path) in TESTED_ELSEWHERE:
        return
    inside = path.relative_to(PACKAGE)
    own = ROOT / "tests" / inside.parent / f"test_{inside.stem.strip('_')}.py"
    if own.exists():
        return
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    folder = ROOT / "tests" / inside.parent
    if len(inside.parts) == 1:
        folder = ROOT / "tests"
    tests = "".join(test.read_text(encoding="utf-8") for test in sorted(folder.rglob("*.py")))
    parent, _, stem = module.rpartition(".")
    assert mentions(module, tests) or re.search(rf"from {parent} import [^\n]*\b{stem}\b", tests), (
        f"no tests/{inside.parent}/test_{inside.stem}.py, and nothing there imports {module}"
    )


def test_the_list_of_exceptions_is_true() -> None:
    for name in TESTED_ELSEWHERE:
        assert (ROOT / name).exists(), name


#: A path of one machine: no other reader has it.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|farm|root|home/\w+|Users/\w+|tmp/lab)\b")


@pytest.mark.parametrize(
    "path",
    [path for path in EVERY_FILE if path != Path(__file__)]
    + [ROOT / "Makefile", ROOT / "pyproject.toml", *sorted(ROOT.rglob("docs/**/*.md")), *sorted(ROOT.glob("*.md"))],
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
    assert not modules & {"rich", "scapy", "dpkt", "pygments", "jinja2", "numpy", "shtab", "babel", "brotli", "zstandard"}
