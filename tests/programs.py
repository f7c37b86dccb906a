"""Programs that tests talk to: without one its tests skip and say so, except where CI=true, which promises them all."""

from __future__ import annotations

import os
import shutil

import pytest

IN_EARNEST = os.environ.get("CI") == "true"


def find(program: str) -> str | None:
    """Where the program is; None where it is missing and may be."""
    path = shutil.which(program)
    if path is None and IN_EARNEST:
        pytest.fail(f"{program} is not installed, and CI=true (sh tests/programs.sh)")
    return path


def need(program: str) -> str:
    """Where the program is; skips the test where it is missing and may be."""
    path = find(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path
