"""Compiled and not, httptrace gives the same: its output to the byte, and what its tests say of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled.test_sources import MODULES
from tests.generate import write
from tests.generate.conversation import batch
from tests.test_corpus import OWN, PEERS, needs_corpus

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent

pytestmark = [pytest.mark.slow, pytest.mark.programs]

#: Tests that put a class or a function of theirs in the place of one of ours, or count calls: neither sees into
#: compiled code.
FROM_INSIDE = (
    "tests/tcp/test_handshake.py::test_an_ack_that_completes_it_late_confirms_what_was_said_meanwhile[the-long-way]",
    "tests/tcp/test_handshake.py::test_a_syn_ack_behind_acks_of_later_bytes_takes_nothing_back[the-long-way]",
    "tests/tcp/test_tracker.py::test_the_fast_path_leaves_what_the_slow_path_leaves",
    "tests/tcp/test_tracker.py::test_time_that_passes_between_packets_changes_nothing",
    "tests/tcp/test_tracker.py::test_a_later_copy_is_held_against_the_first",
    "tests/tcp/test_inorder.py::test_the_loop_calls_the_tracker_only_where_it_must",
)


def told(package: Path, captures: list[Path]) -> list[str]:
    """What that package makes of the captures, a line for each command."""
    environment = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_ALL", "LANGUAGE")}
    environment |= {"PYTHONPATH": str(package), "COLUMNS": "100"}
    command = [sys.executable, str(HERE / "tell.py"), *map(str, captures)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=HERE, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout.splitlines()


def assert_the_same(compiled: Path, captures: list[Path]) -> None:
    pure, fast = (told(package, captures) for package in (ROOT, compiled))
    assert len(pure) > len(captures)
    assert [line for line in fast if line not in pure] == []
    assert fast == pure


def test_the_modules_are_compiled(compiled: Path) -> None:
    names = [path.removesuffix(".py").replace("/", ".") for path in MODULES]
    program = f"import importlib; print(*[importlib.import_module(name).__file__ for name in {names!r}])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=compiled, check=True)
    files = done.stdout.split()
    assert len(files) == len(MODULES)
    assert [file for file in files if file.endswith(".py") or not file.startswith(str(compiled))] == []


@pytest.mark.parametrize("made", [True, False], ids=["compiled", "pure"])
def test_the_version_says_so(compiled: Path, made: bool) -> None:
    command = [sys.executable, "-m", "httptrace", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=compiled if made else ROOT, check=True)
    assert done.stdout.rstrip().endswith(", compiled") is made


def test_our_captures_are_told_to_the_same_byte(compiled: Path) -> None:
    assert_the_same(compiled, OWN)


def test_disturbed_conversations_are_told_to_the_same_byte(compiled: Path, tmp_path: Path) -> None:
    paths = [
        write.save(tmp_path / f"{first}.pcapng", batch(list(range(first, first + 20))).records)
        for first in (3000, 3020, 3040)
    ]
    assert_the_same(compiled, paths)


@pytest.mark.corpus
@needs_corpus
def test_the_corpus_is_told_to_the_same_byte(compiled: Path) -> None:
    assert_the_same(compiled, [path for path in PEERS if path.stat().st_size < 100_000])


def test_workers_share_compiled_work(compiled: Path, tmp_path: Path) -> None:
    path = write.save(tmp_path / "shared.pcapng", batch(list(range(3100, 3120))).records)
    environment = {**os.environ, "PYTHONPATH": str(compiled)}
    outputs = [
        subprocess.run(
            [sys.executable, "-m", "httptrace", "list", str(path), "--format", "jsonl", *jobs],
            capture_output=True,
            env=environment,
            cwd=tmp_path,
            check=True,
        ).stdout
        for jobs in ([], ["--jobs", "2"])
    ]
    assert outputs[0].count(b"\n") > 20
    assert outputs[0] == outputs[1]


def test_the_tests_of_what_is_compiled_pass(compiled: Path, tmp_path: Path) -> None:
    room = tmp_path / "room"
    shutil.copytree(compiled, room)
    for folder in ("tests", "captures"):
        shutil.copytree(ROOT / folder, room / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", room)
    folders = ("tcp", "http", "exchanges", "packets", "capture/test_follow.py", "test_pipeline.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"]
    command += ["-m", "not programs and not slow and not corpus", *(f"tests/{folder}" for folder in folders)]
    command += [f"--deselect={test}" for test in FROM_INSIDE]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=room, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr


def test_without_a_compiler_building_says_how_to_do_without(compiled: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    environment = {**os.environ, "HTTPTRACE_COMPILE": "1", "CC": str(tmp_path / "no-compiler")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode != 0
    assert "httptrace could not be compiled" in done.stderr
    assert "install it without HTTPTRACE_COMPILE=1" in done.stderr
    assert "Traceback" not in done.stderr
