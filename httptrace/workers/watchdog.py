"""Whoever waits for a worker never waits in vain: one that is stopped, or gives no sign of life, is ended.

Then what is read from it meets the end of its pipe, as with one that died, and the error says why. Looks are counted,
not time: while this process is stopped itself (Ctrl-Z), or the machine sleeps, nobody looks, so nothing counts.
"""

from __future__ import annotations

import subprocess
from enum import Enum, auto
from pathlib import Path
from threading import Event, Thread

from httptrace.lang import _
from httptrace.limits import WORKER_SILENT, WORKER_STOPPED

#: Seconds between two looks.
LOOK = 1.0


class Found(Enum):
    """Why a worker was ended."""

    STOPPED = auto()
    SILENT = auto()


class Watchdog:
    """Looks after the worker that is waited for, from a thread of its own."""

    def __init__(self) -> None:
        self._awaited: subprocess.Popen[bytes] | None = None
        self._looks = 0  # since it was heard of
        self._stopped = 0  # how many of them, the last ones, found it stopped
        self._found: dict[int, Found] = {}  # of those that were ended, by process
        self._over = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def waiting_for(self, process: subprocess.Popen[bytes] | None) -> None:
        """This process has to answer from here on; None: nobody has to."""
        self.heard()
        self._awaited = process

    def heard(self) -> None:
        """It gave a sign of life."""
        self._looks = self._stopped = 0

    def reason(self, process: subprocess.Popen[bytes]) -> str | None:
        """Why that process was ended from here, if it was."""
        found = self._found.get(process.pid)
        if found is None:
            return None
        if found is Found.STOPPED:
            return _("was stopped and did not go on for {seconds} s").format(seconds=WORKER_STOPPED)
        return _("gave no sign of life for {seconds} s").format(seconds=WORKER_SILENT)

    def end(self) -> None:
        """Nobody is waited for any more."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(LOOK):
            process = self._awaited
            if process is not None and (found := self._look(process)) is not None:
                self._found[process.pid] = found
                process.kill()

    def _look(self, process: subprocess.Popen[bytes]) -> Found | None:
        """Why it has been waited for long enough, if so."""
        self._looks += 1
        self._stopped = self._stopped + 1 if is_stopped(process.pid) else 0
        if self._stopped * LOOK >= WORKER_STOPPED:
            return Found.STOPPED
        if self._looks * LOOK >= WORKER_SILENT:
            return Found.SILENT
        return None


def is_stopped(pid: int) -> bool:
    """Whether the system says that a process is stopped, as by SIGSTOP. Only Linux says it where it costs nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[:1] == [b"T"]
    except OSError:
        return False
