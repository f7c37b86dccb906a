"""Where the time of `list --format jsonl` goes, function by function and step by step."""

from __future__ import annotations

import os
import pstats
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from benchmarks.rows import ROOT

_COLUMNS = 110


def profile(capture: Path, most: int = 30) -> str:
    """The functions with the most time of their own. The profiler makes calls dearer than they are: trust the order
    of what is called equally often, not the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "profile")
        command = (sys.executable, "-m", "cProfile", "-o", file, "-m", "httptrace", "list", str(capture))
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        subprocess.run(
            (*command, "--format", "jsonl"), stdout=subprocess.DEVNULL, env=environment, check=True, cwd=ROOT
        )
        said = StringIO()
        stats = pstats.Stats(file, stream=said)
        stats.sort_stats("tottime").print_stats(most)
    lines = [line.replace(f"{ROOT}{os.sep}", "") for line in said.getvalue().splitlines() if line.strip()]
    return "\n".join(line[:_COLUMNS] for line in lines if "profile" not in line) + "\n"
