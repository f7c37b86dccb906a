"""Writes the expected ladders anew: `python -m tests.cli.golden`. What changed is reviewed as a diff."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.command import CAPTURES, ROOT

HERE = Path(__file__).parent


def path_of(name: str, language: str) -> Path:
    """Where the expected ladder of a capture stands."""
    return HERE / f"{name}.ladder.{language}.txt"


def main() -> None:
    """Run the command for every capture in both languages."""
    for capture in sorted(CAPTURES.glob("*.pcap*")):
        for language in ("en", "zh"):
            command = ["-m", "httptrace", "walk", f"captures/{capture.name}", "--ladder", "--all-streams"]
            done = subprocess.run(
                [sys.executable, *command, "--lang", language], check=True, capture_output=True, cwd=ROOT
            )
            path_of(capture.name, language).write_bytes(done.stdout)


if __name__ == "__main__":
    main()
