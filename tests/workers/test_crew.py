"""Worker processes: they give what one process gives, and whatever happens to one, nobody hangs and nobody is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from httptrace.errors import WorkerError
from httptrace.workers.crew import Crew
from httptrace.workers.work import Work
from tests.build import conversation, get, ok, together
from tests.cli.command import ROOT, Command

WORK = Work("list", "jsonl", {"sort": None, "limit": None, "since": None, "until": None})

linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to find the workers")


def gone(pid: int) -> bool:
    """Whether no such process is running any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than is read before the first answers are asked for."""
    return together(
        *(
            conversation(
                *(turn for count in range(60) for turn in (get(f"/{place}/{count}"), ok(b"x" * 2_000))),
                client=("192.0.2.1", 40_000 + place),
            )
            for place in range(20)
        )
    ).save(tmp_path_factory.mktemp("crew") / "capture.pcap")


# ---------------------------------------------------------------------- what comes out


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("list", "--format", "jsonl"), id="list"),
        pytest.param(("list", "--format", "table", "--lang", "zh", "--status", "2xx"), id="list-table"),
        pytest.param(("list", "--format", "jsonl", "--limit", "3"), id="limit"),
        pytest.param(("streams", "--format", "jsonl", "--analysis"), id="streams"),
        pytest.param(("audit", "--format", "jsonl"), id="audit"),
    ],
)
def test_processes_give_what_one_gives(command: Command, capture: Path, arguments: tuple[str, ...]) -> None:
    one = command(arguments[0], capture, *arguments[1:])
    two = command(arguments[0], capture, *arguments[1:], "--jobs", "2")
    assert (two.status, two.err) == (one.status, one.err)
    assert two.stdout == one.stdout


def test_a_run_from_another_folder(capture: Path, tmp_path: Path) -> None:
    """Workers import what this process imports, and nothing that lies about where it was started."""
    for name in ("httptrace", "msgspec"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the current folder')")
    program = "import sys; sys.path.remove(''); from httptrace.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "list", str(capture), "--format", "jsonl", "--jobs", "2"],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1_200


@pytest.mark.parametrize(
    ("value", "said"),
    [("0", "a number from 1 to 64"), ("65", "1 to 64"), ("-1", "1 to 64"), ("two", "or auto")],
)
def test_numbers_that_are_none(command: Command, value: str, said: str) -> None:
    result = command("list", "first-page.pcap", "--jobs", value)
    assert result.status == 2
    assert said in result.err


# ---------------------------------------------------------------------- what may happen to a worker


def test_a_worker_killed_at_the_very_start() -> None:
    with Crew(WORK, 2) as crew:
        victim = crew._processes[1]
        victim.kill()
        crew.send([[], []])
        with pytest.raises(WorkerError, match=f"worker 2 of 2 .process {victim.pid}. was ended by signal SIGKILL"):
            crew.receive()


def test_a_worker_killed_while_it_is_written_to() -> None:
    """It reads nothing, so writing to it has filled the pipe and stands still when it dies."""
    with Crew(WORK, 2) as crew:
        victim = crew._processes[0]
        os.kill(victim.pid, signal.SIGSTOP)
        for _ in range(4):
            crew.send([[(0, -1, "x" * 3_000_000)], []])
        victim.kill()
        with pytest.raises(WorkerError, match="worker 1 of 2"):
            crew.receive()
    assert not crew._processes


def test_a_worker_that_fails_says_how() -> None:
    with Crew(Work("no such verb", "jsonl", {}), 1) as crew, pytest.raises(WorkerError, match=r"failed.*KeyError"):
        crew.receive()


def test_a_worker_that_cannot_be_started(
    command: Command, capture: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    result = command("list", capture, "--jobs", "2")
    assert result.status == 3
    assert "worker 1 of 2 cannot be started" in result.err


def test_a_crew_leaves_nobody_behind() -> None:
    with Crew(WORK, 3) as crew:
        processes = list(crew._processes)
    assert all(process.returncode is not None for process in processes)


#: httptrace, but that a pipe is read with two workers: so a test can hold it in the middle of a capture.
_WITH_A_PIPE = """
import sys
from httptrace.cli import arguments
from httptrace.cli.main import main
arguments.jobs = lambda _given: 2
sys.exit(main(["list", "-", "--format", "jsonl"]))
"""


class Run:
    """httptrace reading from a pipe that the test holds, with workers."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WITH_A_PIPE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
        )
        self.workers: list[int] = []
        while len(self.workers) < 2:
            assert self.process.poll() is None
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
            self.workers = [int(pid) for pid in children.split()]

    def write(self, data: bytes) -> None:
        stdin: IO[bytes] | None = self.process.stdin
        assert stdin is not None
        stdin.write(data)
        stdin.flush()

    def end(self) -> tuple[int, bytes]:
        """Wait for the end, which closes the pipe too; gives status and stderr."""
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@pytest.fixture
def run() -> Iterator[Run]:
    started = Run()
    yield started
    started.process.kill()
    started.process.communicate()


@linux
@pytest.mark.parametrize("when", ["before-the-first-packet", "half-way"])
def test_a_worker_killed_in_a_run(run: Run, capture: Path, when: str) -> None:
    data = capture.read_bytes()
    half = len(data) // 2 if when == "half-way" else 0
    run.write(data[:half])
    os.kill(run.workers[1], signal.SIGKILL)
    try:
        run.write(data[half:])
    except BrokenPipeError:  # it has noticed already
        pass
    status, err = run.end()
    assert status == 3
    assert f"httptrace: worker 2 of 2 (process {run.workers[1]}) was ended by signal SIGKILL".encode() in err
    assert err.count(b"\n") == 1
    assert all(gone(pid) for pid in run.workers)


@linux
def test_interrupting_ends_all(run: Run, capture: Path) -> None:
    """Ctrl-C in a terminal goes to the whole process group; nobody says a word."""
    run.write(capture.read_bytes()[:100_000])
    os.killpg(run.process.pid, signal.SIGINT)
    status, err = run.end()
    assert (status, err) == (130, b"")
    assert all(gone(pid) for pid in run.workers)


@linux
def test_workers_end_when_the_reader_is_killed(run: Run, capture: Path) -> None:
    run.write(capture.read_bytes()[:100_000])
    run.process.kill()
    run.process.wait(timeout=60)
    for _ in range(6_000):
        if all(gone(pid) for pid in run.workers):
            return
        signal.sigtimedwait([], 0.01)
    raise AssertionError("a worker is left")


@linux
def test_a_reader_of_the_output_that_leaves(capture: Path) -> None:
    """`| head` ends everything with status 0."""
    program = f"{sys.executable} -m httptrace list {capture} --format jsonl --jobs 2 | head -1"
    done = subprocess.run(["sh", "-c", program], cwd=ROOT, capture_output=True, timeout=60)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""
