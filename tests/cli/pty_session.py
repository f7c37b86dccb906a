"""A program on a terminal of its own: what it shows, what is typed, how it leaves the terminal."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
from typing import Any

from tests.cli.command import ROOT

#: So long an answer may take before the test fails; a passing one never waits for it.
_PATIENCE = 10.0

HTTPTRACE = [sys.executable, "-m", "httptrace"]


def resize(terminal: int, columns: int, rows: int) -> None:
    """Give a terminal another size; whoever runs on it is told."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Session:
    """A command whose standard input and output are a new terminal, which is its controlling one."""

    def __init__(
        self, *command: str, columns: int = 80, rows: int = 24, stdin: int | None = None, **environment: str
    ) -> None:
        self.master, self.slave = os.openpty()
        resize(self.master, columns, rows)
        self.mode: list[Any] = termios.tcgetattr(self.slave)
        self.seen = ""
        slave = self.slave

        def take_terminal() -> None:
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            command,
            stdin=slave if stdin is None else stdin,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            start_new_session=True,
            preexec_fn=take_terminal,
            env={**kept, "TERM": "xterm", "LC_ALL": "C.UTF-8", **environment},
        )

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_what: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def wait_for(self, text: str) -> str:
        """Read until the text was shown; gives all that was shown up to it, and goes on behind it."""
        while text not in self.seen:
            self._read()
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def ended(self) -> int:
        """The exit status, once it has ended; what it shows until then is read."""
        waits = 0
        while self.process.poll() is None:
            if select.select([self.master], [], [], 0.05)[0]:
                self._read()
            waits += 1
            assert waits < _PATIENCE / 0.05, f"it does not end behind {self.seen[-2000:]!r}"
        while select.select([self.master], [], [], 0)[0]:
            self._read()
        return self.process.returncode

    def restored(self) -> bool:
        """Whether the terminal is as it was."""
        return termios.tcgetattr(self.slave) == self.mode

    def _read(self) -> None:
        ready, _writable, _odd = select.select([self.master], [], [], _PATIENCE)
        assert ready, f"nothing more came behind {self.seen[-2000:]!r}"
        self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
