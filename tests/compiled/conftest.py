"""The compiled package, built once as `make compiled` builds it, unpacked where no source of it lies."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.programs import IN_EARNEST, need

ROOT = Path(__file__).parent.parent.parent

#: What pip says where it cannot get what building takes.
NO_REGISTRY = re.compile(r"No matching distribution found for ([\w-]+)")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled package in it; skips, and says what is missing, where it cannot be built here."""
    need(shlex.split(sysconfig.get_config_var("CC") or "cc")[0])
    room = tmp_path_factory.mktemp("compiled")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(room), str(ROOT)]
    environment = {**os.environ, "HTTPTRACE_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    built = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    missing = NO_REGISTRY.search(built.stderr)
    if missing is not None and not IN_EARNEST:
        pytest.skip(f"{missing[1]} is not to be had here, and building takes it")
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = room.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(room / "package")
    return room / "package"
