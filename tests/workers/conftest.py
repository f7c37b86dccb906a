"""What the tests of workers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from httptrace.workers import crew, sharing
from tests.cli.command import Command, Result
from tests.workers.local import LocalCrew

#: Numbers of workers besides none.
JOBS = (2, 3, 7)


@pytest.fixture
def command(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs commands in the project's folder."""
    return Command(capfdbinary, monkeypatch)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> type[LocalCrew]:
    """Workers are objects of this process, and rounds are small, so that a small capture has many."""
    monkeypatch.setattr(crew, "Crew", LocalCrew)
    monkeypatch.setattr(sharing, "ROUND_EVENTS", 8)
    monkeypatch.setattr(LocalCrew, "rounds", 0)
    monkeypatch.setattr(LocalCrew, "largest", 0)
    monkeypatch.setattr(LocalCrew, "most_under_way", 0)
    return LocalCrew


@pytest.fixture
def same(command: Command) -> Callable[..., Result]:
    """Runs a command with one process and with workers: status, stdout and stderr are the same. Gives the first."""

    def run(*arguments: object, jobs: tuple[int, ...] = JOBS, columns: int | None = None) -> Result:
        one = command(*arguments, columns=columns)
        for number in jobs:
            several = command(*arguments, "--jobs", number, columns=columns)
            assert several.stdout == one.stdout, f"{number} workers"
            assert (several.status, several.err) == (one.status, one.err), f"{number} workers"
        return one

    return run


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Any, str], Path]:
    """Writes a generated capture."""
    from tests.generate.write import save as write

    def saved(records: Any, name: str) -> Path:
        path = tmp_path / name
        write(path, records)
        return path

    return saved
