"""The worker processes of a run: started, spoken to, ended, and never waited for in vain.

A worker is a fresh interpreter, the same way on every platform: nothing is inherited but its two pipes and stderr.
Where a worker dies, reading its answer meets the end of the pipe, and that is an error that names it. One that is
stopped is ended after a while, so that it is the same. Where the reading process dies, a worker meets the end of its
own pipe and ends too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from httptrace.errors import WorkerError, reason
from httptrace.lang import _, told
from httptrace.workers.channel import Sender, pack, receive
from httptrace.workers.events import READ_ALONE, SIGN, Answer, Event, Part
from httptrace.workers.rooms import ReadAlone
from httptrace.workers.watchdog import Watchdog
from httptrace.workers.work import Work

#: Run by a fresh interpreter; its arguments are the folders that modules come from.
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from httptrace.workers.worker import serve; serve()"


class Crew:
    """Some workers; a context manager, behind which none of them is left."""

    def __init__(self, work: Work, jobs: int) -> None:
        self.jobs = jobs
        self._work = work
        self._processes: list[subprocess.Popen[bytes]] = []
        self._senders: list[Sender] = []
        self._watchdog = Watchdog()

    def __enter__(self) -> Crew:
        try:
            for number in range(self.jobs):
                self._start(number)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end()

    def _start(self, number: int) -> None:
        options: dict[str, Any] = {}
        if os.name == "nt":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP  # type: ignore[attr-defined]
        else:
            options["start_new_session"] = True
        # Ctrl-C in a terminal goes to the reading process alone, which ends its workers without a word.
        try:
            process = subprocess.Popen(
                # -I and -S: what this process imports from is told, so nothing has to be looked for again.
                [sys.executable, "-I", "-S", "-c", _PROGRAM, *_import_path()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                **options,
            )
        except OSError as error:
            raise WorkerError(
                _("worker {number} of {jobs} cannot be started: {problem}").format(
                    number=number + 1, jobs=self.jobs, problem=told(reason(error))
                )
            ) from error
        assert process.stdin is not None
        self._senders.append(Sender(process.stdin.fileno()))
        self._processes.append(process)
        self._senders[number].send(pack({**self._work.settings(), "number": number, "jobs": self.jobs}))

    def send(self, rounds: Sequence[list[Event]]) -> None:
        """A round: what each worker has to read. Never blocks."""
        for sender, events in zip(self._senders, rounds, strict=True):
            sender.send(pack(events))

    def receive(self) -> list[Answer]:
        """The answers to the oldest round that was not answered yet. Blocks. Raises WorkerError and ReadAlone."""
        return [self._answer(number) for number in range(self.jobs)]

    def _answer(self, number: int) -> Answer:
        process = self._processes[number]
        assert process.stdout is not None
        found: Part = ([], [], [])
        self._watchdog.waiting_for(process)
        while isinstance(answer := receive(process.stdout), tuple) or answer is SIGN:
            self._watchdog.heard()
            if isinstance(answer, tuple):
                for kept, part in zip(found, answer, strict=True):
                    kept += part
        self._watchdog.waiting_for(None)
        if isinstance(answer, list):
            return (*found, answer)
        if answer is READ_ALONE:
            raise ReadAlone
        values = {"number": number + 1, "jobs": self.jobs, "pid": process.pid}
        if isinstance(answer, str):
            text = _("worker {number} of {jobs} failed, please report it: {what}; what it had to read is missing")
            raise WorkerError(text.format(**values, what=answer))
        text = _("worker {number} of {jobs} (process {pid}) {ended}; what it had to read is missing")
        ended = self._watchdog.reason(process) or _how_it_ended(process.wait())
        raise WorkerError(text.format(**values, ended=ended))

    def end(self) -> None:
        """End all of them. They hold nothing that would be lost: no file, no terminal, no answer still wanted."""
        self._watchdog.end()
        for process in self._processes:
            process.kill()
        for process, sender in zip(self._processes, self._senders, strict=True):
            process.wait()
            sender.finish()  # before its descriptor becomes another file's
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()
        self._processes, self._senders = [], []


def _how_it_ended(status: int) -> str:
    if status < 0:
        import signal

        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = str(-status)
        return _("was ended by signal {name}").format(name=name)
    return _("ended with status {status}").format(status=status)


def _import_path() -> list[str]:
    """Where this process imports from, and where it has httptrace from (an editable install may know that alone)."""
    package = str(Path(__file__).parent.parent.parent)
    path = [folder or os.getcwd() for folder in sys.path]
    return path if package in path else [*path, package]
