"""`httptrace FILE...`: the walkthrough where the capture has one connection with HTTP, else the summary."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, BinaryIO

from httptrace import limits
from httptrace.cli import arguments as common
from httptrace.cli.verbs import summary_, walk_
from httptrace.selection import Filter

_STANDARD_INPUT = "-"


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    if _STANDARD_INPUT not in arguments.files:
        return _look(arguments, again=True)
    with _small_input() as small:
        return _look(arguments, again=small)


def _look(arguments: argparse.Namespace, again: bool) -> int:
    """The summary's pass, and what it shows decides. `again`: whether the captures can be read a second time."""
    reading = summary_.Reading(arguments.files, Filter(), arguments.bounds)
    status = reading.read(stop_for_one=again)
    if not again or reading.only_stream is None:
        reading.print()
        return status
    if _STANDARD_INPUT in arguments.files:
        sys.stdin.buffer.seek(0)
    return walk_.run(_walk_arguments(arguments, reading.only_stream))


def _walk_arguments(arguments: argparse.Namespace, stream: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    walk_.arguments(parser)
    given = ["--stream", str(stream)]
    if arguments.lang:
        given += ["--lang", arguments.lang]
    walk = parser.parse_args([*given, "--", *arguments.files])
    walk.bounds = arguments.bounds
    return walk


@contextmanager
def _small_input() -> Iterator[bool]:
    """Standard input that can be read twice, where it is small; gives whether it is."""
    plain = sys.stdin
    source: BinaryIO | None = getattr(plain, "buffer", None)
    if source is None or source.isatty():
        yield False
        return
    head = source.read(limits.READ_FIRST + 1)
    small = len(head) <= limits.READ_FIRST
    buffer: Any = io.BytesIO(head) if small else _Rest(head, source)
    sys.stdin = SimpleNamespace(buffer=buffer)
    try:
        yield small
    finally:
        sys.stdin = plain


class _Rest:
    """A stream of which the first bytes were read already."""

    def __init__(self, head: bytes, source: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._read = getattr(source, "read1", source.read)

    def isatty(self) -> bool:
        return False

    def read(self, size: int) -> bytes:
        """What is there, at most `size` bytes."""
        data: bytes = self._head.read(size) or self._read(size)
        return data
