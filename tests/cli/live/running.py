"""`httptrace live` as a process of its own, in the server's namespace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from msgspec.json import decode

from tests.network import Network

ROOT = Path(__file__).parent.parent.parent.parent


class Live:
    """A running capture. What it prints goes to files, so that nothing here has to keep up with it."""

    def __init__(self, net: Network, folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self._out, self._err = folder / "live.out", folder / "live.err"
        own = {name: value for name, value in os.environ.items() if name not in ("SUDO_UID", "SUDO_GID")}
        own |= {"PYTHONPATH": str(ROOT), "LANG": "C", **(environment or {})}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # `ip netns exec` becomes the command, so this is the process that captures.
            self.process = subprocess.Popen(
                net.at_server(sys.executable, "-m", "httptrace", "live", *arguments),
                stdout=out,
                stderr=err,
                env=own,
            )
        self.wait_for("capturing on")

    @property
    def err(self) -> str:
        return self._err.read_text()

    def wait_for(self, text: str, seconds: float = 20) -> None:
        """Until stderr says that."""
        end = time.monotonic() + seconds
        while text not in self.err:
            assert self.process.poll() is None, self.err
            assert time.monotonic() < end, f"never said {text!r}: {self.err}"
            time.sleep(0.02)

    def lines(self) -> list[dict[str, Any]]:
        """What was printed so far, as jsonl."""
        return [decode(line) for line in self._out.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]

    def wait_for_lines(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """Until that many lines are there."""
        end = time.monotonic() + seconds
        while self._out.read_bytes().count(b"\n") < count:
            assert time.monotonic() < end, f"{self._out.read_bytes().count(10)} lines of {count}: {self.err}"
            time.sleep(0.02)
        return self.lines()

    def stop(self, how: int = signal.SIGINT, seconds: float = 60) -> list[dict[str, Any]]:
        """Ask for the end and wait for it; what was printed."""
        self.process.send_signal(how)
        assert self.process.wait(seconds) == 0, self.err
        return self.lines()

    def raw(self) -> bytes:
        """What was printed so far."""
        return self._out.read_bytes()


def without_loss(live: Live) -> None:
    """The kernel dropped nothing, and everything it counted was looked at."""
    assert "the kernel dropped nothing" in live.err, live.err
    assert "not looked at" not in live.err, live.err
    assert "left out" not in live.err, live.err
    assert "defect" not in live.err, live.err
