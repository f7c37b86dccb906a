"""Runs a command in this process, as the `httptrace` script would."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from httptrace.cli.main import main

ROOT = Path(__file__).parent.parent.parent
CAPTURES = ROOT / "captures"


@dataclass(frozen=True)
class Result:
    """What a command gave: exit status, bytes of stdout, text of stderr."""

    status: int
    stdout: bytes
    err: str

    @property
    def text(self) -> str:
        return self.stdout.decode()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]


class Command:
    """Calls of one test; `COLUMNS` is the width of its tables."""

    def __init__(self, capture: Any, monkeypatch: Any) -> None:
        self._capture = capture
        self._monkeypatch = monkeypatch
        for name in ("COLUMNS", "LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.chdir(ROOT)  # what is printed must not depend on where the project lies

    def __call__(self, *arguments: object, columns: int | None = None) -> Result:
        """Run it; a capture of this project is given by its bare name."""
        if columns is not None:
            self._monkeypatch.setenv("COLUMNS", str(columns))
        self._capture.readouterr()
        status = main([named(str(argument)) for argument in arguments])
        sys.stdout.flush()
        out, err = self._capture.readouterr()
        return Result(status, out, err.decode())

    def as_terminal(self) -> None:
        """From here on stdout is a terminal that shows colours."""
        self._monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        self._monkeypatch.setattr(os, "environ", {**os.environ, "TERM": "xterm", "COLUMNS": "80"})
        self._monkeypatch.delenv("NO_COLOR", raising=False)


def named(argument: str) -> str:
    return f"captures/{argument}" if argument.endswith((".pcap", ".pcapng")) and "/" not in argument else argument
