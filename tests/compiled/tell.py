"""`python tell.py FILE...` reads every capture with every command; a line each: what was asked, status, hash of the
output. The package is the one on PYTHONPATH."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile

from httptrace.cli.main import main

COMMANDS = (
    ("list", "--format", "jsonl"),
    ("list",),
    ("streams", "--format", "jsonl"),
    ("packets", "--format", "jsonl"),
    ("audit",),
    ("summary",),
    ("walk", "--why"),
)


def told(command: tuple[str, ...], path: str) -> str:
    """What that prints, on stdout and stderr."""
    with tempfile.TemporaryFile() as out:
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
        try:
            status: object = main([command[0], path, *command[1:]])
        except SystemExit as left:
            status = left.code
        sys.stdout.flush()
        sys.stderr.flush()
        size = out.seek(0, 2)
        out.seek(0)
        return f"{status} {size} {hashlib.sha256(out.read()).hexdigest()}"


with os.fdopen(os.dup(1), "w") as report:
    for path in sys.argv[1:]:
        for command in COMMANDS:
            print(" ".join(command), os.path.basename(path), told(command, path), file=report)
