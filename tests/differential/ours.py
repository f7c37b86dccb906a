"""httptrace as a reader: by its commands, as other programs call it, or in this process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from tests.build import Capture

Record = dict[str, Any]


def command(name: str, path: Path, *more: str) -> list[Record]:
    """What `httptrace NAME PATH --format jsonl` prints; anything but a clean end is an error."""
    line = [sys.executable, "-m", "httptrace", name, str(path), "--format", "jsonl", *more]
    done = subprocess.run(line, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def as_record(exchange: Any) -> Record:
    """An exchange as :func:`httptrace.read` gives it, in the contract's words."""
    record: Record = to_builtins(exchange, builtin_types=(bytes,))
    for note, made in zip(record["notes"], exchange.notes, strict=True):
        note["text"] = made.text
    return record


def exchanges(path: Path) -> list[Record]:
    """The exchanges of a capture on disk, read in this process, in order of `no`."""
    import httptrace

    return sorted((as_record(exchange) for exchange in httptrace.read(path)), key=lambda record: int(record["no"]))


def read(capture: Capture) -> list[Record]:
    """The exchanges of a capture that a test has built."""
    with tempfile.TemporaryDirectory() as folder:
        return exchanges(capture.save(Path(folder) / "built.pcap"))
