"""A worker that is stopped, or says nothing, is an error that names it; whoever only paused goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from httptrace.errors import WorkerError
from httptrace.workers import watchdog
from httptrace.workers.crew import Crew
from httptrace.workers.watchdog import Watchdog, is_stopped
from httptrace.workers.work import Work
from tests.build import conversation, get, ok, together
from tests.cli.command import ROOT

WORK = Work("list", "jsonl", {"sort": None, "limit": None, "since": None, "until": None})

linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to find the workers")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow one another at once, and few are enough."""
    monkeypatch.setattr(watchdog, "LOOK", 0.02)
    monkeypatch.setattr(watchdog, "WORKER_STOPPED", 0.2)
    monkeypatch.setattr(watchdog, "WORKER_SILENT", 20)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that says nothing."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


@linux
def test_the_system_says_who_is_stopped(sleeper: subprocess.Popen[bytes]) -> None:
    assert not is_stopped(sleeper.pid)
    sleeper.send_signal(signal.SIGSTOP)
    os.waitpid(sleeper.pid, os.WUNTRACED)
    assert is_stopped(sleeper.pid)
    sleeper.send_signal(signal.SIGCONT)
    os.waitpid(sleeper.pid, os.WCONTINUED)
    assert not is_stopped(sleeper.pid)
    assert not is_stopped(2**30), "there is no such process"


@linux
@pytest.mark.usefixtures("quick")
def test_a_stopped_worker_is_an_error_that_names_it() -> None:
    with Crew(WORK, 2) as crew:
        victim = crew._processes[1]
        os.kill(victim.pid, signal.SIGSTOP)
        crew.send([[], []])
        said = f"worker 2 of 2 .process {victim.pid}. was stopped and did not go on for 0.2 s; what it had to read"
        with pytest.raises(WorkerError, match=said):
            crew.receive()


@linux
def test_a_worker_that_goes_on_in_time_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "LOOK", 0.02)
    with Crew(WORK, 1) as crew:
        process = crew._processes[0]
        os.kill(process.pid, signal.SIGSTOP)
        crew.send([[]])
        Timer(0.2, process.send_signal, [signal.SIGCONT]).start()
        assert crew.receive() == [([], [], [], [0] * 5)]


def test_a_silent_worker_is_ended_too(monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[bytes]) -> None:
    """As where the system does not say who is stopped, or a worker hangs."""
    monkeypatch.setattr(watchdog, "LOOK", 0.01)
    monkeypatch.setattr(watchdog, "WORKER_SILENT", 0.05)
    dog = Watchdog()
    dog.waiting_for(sleeper)
    assert sleeper.wait(timeout=60) != 0
    dog.end()
    assert dog.reason(sleeper) == "gave no sign of life for 0.05 s"


def test_looks_count_anew_with_every_sign(sleeper: subprocess.Popen[bytes]) -> None:
    dog = Watchdog()
    dog.end()
    for _ in range(3):
        dog.heard()
        assert [dog._look(sleeper) for _ in range(59)] == [None] * 59
    assert dog._look(sleeper) is not None


def test_nobody_is_looked_at_who_need_not_answer(
    monkeypatch: pytest.MonkeyPatch, sleeper: subprocess.Popen[bytes]
) -> None:
    """A worker may be idle as long as this process waits for the disk, or for a terminal."""
    looks: list[object] = []
    monkeypatch.setattr(watchdog, "LOOK", 0.001)
    monkeypatch.setattr(Watchdog, "_look", lambda _self, process: looks.append(process))
    dog = Watchdog()
    dog.waiting_for(None)
    dog._over.wait(0.05)
    assert not looks
    dog.waiting_for(sleeper)
    while not looks:
        pass
    dog.end()


#: httptrace, but that it looks often; the worker of that number is stopped before it has anything to read.
_STOPS = """
import os, signal, sys
from httptrace.cli.main import main
from httptrace.workers import crew, watchdog
watchdog.LOOK, watchdog.WORKER_STOPPED = 0.05, 1
proper = crew.Crew.__enter__
def enter(self):
    found = proper(self)
    os.kill(self._processes[int(sys.argv[1])].pid, signal.SIGSTOP)
    return found
if sys.argv[1] != "none":
    crew.Crew.__enter__ = enter
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Several rounds of work."""
    return together(
        *(
            conversation(
                *(turn for count in range(60) for turn in (get(f"/{place}/{count}"), ok(b"x" * 900))),
                client=("192.0.2.1", 40_000 + place),
            )
            for place in range(20)
        )
    ).save(tmp_path_factory.mktemp("watchdog") / "capture.pcap")


@linux
@pytest.mark.parametrize("verb", [("list", "--format", "jsonl"), ("streams",), ("audit", "--lang", "zh")])
def test_a_run_with_a_stopped_worker(capture: Path, verb: tuple[str, ...]) -> None:
    program = [sys.executable, "-c", _STOPS, "2", verb[0], str(capture), *verb[1:], "--jobs", "3"]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == 3
    said = done.stderr.decode()
    assert said.count("\n") == 1
    assert ("第 3 个工作进程（共 3 个，进程号 " if "zh" in verb else "worker 3 of 3 (process ") in said
    assert ("被停住" if "zh" in verb else "was stopped and did not go on for 1 s") in said


@linux
def test_a_run_that_is_stopped_and_goes_on(capture: Path) -> None:
    """As with Ctrl-Z and fg: what stands still with the reading process is no time. Its output is not taken at first,
    so that it is in the middle when it is stopped."""
    program = [sys.executable, "-c", _STOPS, "none", "list", str(capture), "--format", "jsonl", "--jobs", "2"]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        first = run.stdout.readline()
        workers = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        for pid in (run.pid, *map(int, workers)):
            os.kill(pid, signal.SIGSTOP)
        signal.sigtimedwait([], 1.5)
        for pid in (run.pid, *map(int, workers)):
            os.kill(pid, signal.SIGCONT)
        assert run.stderr is not None
        rest, err = run.stdout.read(), run.stderr.read()
    assert (run.returncode, err) == (0, b"")
    assert (first + rest).count(b"\n") == 1_200
