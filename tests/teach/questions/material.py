"""Captures to ask about, each read twice: as the quiz reads it, and as lines of JSON that other programs read."""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from httptrace.cli.lesson import Reading
from httptrace.cli.main import main
from httptrace.teach.lesson import Lesson
from httptrace.teach.situations.catalogue import SITUATIONS
from tests.teach.situations.reading import capture

ROOT = Path(__file__).parent.parent.parent.parent
COMMITTED = sorted(path.name for path in (ROOT / "captures").iterdir() if path.suffix in (".pcap", ".pcapng"))
EVERY = [*COMMITTED, *SITUATIONS]

_folder = TemporaryDirectory()


@cache
def path_of(name: str) -> str:
    """The file of a committed capture, or of a situation."""
    if name in SITUATIONS:
        path = Path(_folder.name) / f"{name}.pcap"
        path.write_bytes(capture(name))
        return str(path)
    return str(ROOT / "captures" / name)


@cache
def lesson(name: str) -> Lesson:
    """The capture as a lesson."""
    with contextlib.redirect_stderr(io.StringIO()):
        return Reading([path_of(name)]).lesson


@cache
def rows(name: str, verb: str) -> list[dict[str, Any]]:
    """What `httptrace VERB --format jsonl` prints of it."""
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out):
        assert main([verb, path_of(name), "--format", "jsonl"]) == 0
        out.flush()
    return [json.loads(line) for line in out.buffer.getvalue().splitlines()]  # type: ignore[attr-defined]
