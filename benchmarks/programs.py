"""The programs that are compared, each as a whole process, and what one run of it took."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rows import FOLDER, ROOT

#: Stands in a command for the capture, and for a folder that is made before the run and removed behind it.
CAPTURE, FOLDER_FOR_OUTPUT = "{capture}", "{folder}"

_MEASURED = Path(__file__).with_name("measured.py")


@dataclass(frozen=True, slots=True)
class Program:
    """A command with its name in the tables. `ours` runs without a limit."""

    name: str
    command: tuple[str, ...]
    ours: bool = False

    @property
    def present(self) -> bool:
        return shutil.which(self.command[0]) is not None


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took: seconds, bytes. `stopped`: at the limit, so that `wall` is a lower bound."""

    wall: float
    processor: float
    memory: int
    status: int
    problem: str = ""

    @property
    def stopped(self) -> bool:
        return self.status == -1


def httptrace(command: Sequence[str] = ()) -> Program:
    """httptrace itself, `list --format jsonl`; `command`: how it is started, where that is not from this checkout."""
    return Program("httptrace", (*start_of(command), "list", CAPTURE, "--format", "jsonl"), ours=True)


def start_of(command: Sequence[str]) -> tuple[str, ...]:
    """How httptrace is started."""
    return tuple(command) or (sys.executable, "-m", "httptrace")


TSHARK = Program(
    "tshark",
    (
        *("tshark", "-n", "-r", CAPTURE, "-Y", "http", "-T", "fields", "-e", "frame.number"),
        *("-e", "http.request.method", "-e", "http.request.uri", "-e", "http.response.code"),
    ),
)
OTHERS = (
    TSHARK,
    Program("tcpflow -a", ("tcpflow", "-a", "-r", CAPTURE, "-o", FOLDER_FOR_OUTPUT)),
    Program("tcpflow", ("tcpflow", "-r", CAPTURE, "-o", FOLDER_FOR_OUTPUT)),
    Program("tcpdump", ("tcpdump", "-r", CAPTURE, "-w", "/dev/null")),
)


def run(program: Program, capture: Path, limit: float = 0, tree: bool = False, output: Path | None = None) -> Run:
    """Run it once, its standard output thrown away or put into a file. What it writes elsewhere is removed, untimed."""
    with _folder(program) as folder:
        values = {CAPTURE: str(capture), FOLDER_FOR_OUTPUT: folder}
        command = [values.get(part, part) for part in program.command]
        # `python -m httptrace` finds the checkout by the folder it runs in; another command brings its own.
        environment = dict(os.environ)
        # As installed: compiled once, where it was run or installed first.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if output is not None:
            environment["MEASURED_OUTPUT"] = str(output)
        said = subprocess.run(
            [sys.executable, "-I", "-S", str(_MEASURED), str(limit), str(int(tree)), *command],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
            cwd=ROOT,
        )
    if said.returncode:
        return Run(0.0, 0.0, 0, 127, said.stderr.strip().rpartition("\n")[2])
    wall, user, system, memory, status = said.stdout.split()
    problem = said.stderr.strip().rpartition("\n")[2] if status not in ("0", "-1") else ""
    return Run(float(wall), float(user) + float(system), int(memory), int(status), problem)


def requests_counted(output: Path) -> int:
    """How many requests tshark's lines hold; a packet with several has them with commas between."""
    count = 0
    with output.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            columns = line.rstrip("\n").split("\t")
            if len(columns) > 1 and columns[1]:
                count += columns[1].count(",") + 1
    return count


def lines_counted(output: Path) -> int:
    """How many lines the file has."""
    with output.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


@contextmanager
def _folder(program: Program) -> Iterator[str]:
    """A folder for what the program writes, if it does."""
    if FOLDER_FOR_OUTPUT not in program.command:
        yield ""
        return
    FOLDER.mkdir(exist_ok=True)
    folder = tempfile.mkdtemp(prefix="output-", dir=FOLDER)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
