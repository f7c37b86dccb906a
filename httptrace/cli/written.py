"""Files that a command makes: to a path, or to standard output for `-`; one that is there stays unless --force."""

from __future__ import annotations

import argparse
import os
import sys

from httptrace.errors import FileError, UsageError, reason
from httptrace.lang import _


def add_output(parser: argparse.ArgumentParser, what: str) -> None:
    """-o FILE and --force; `what` is the help of the former."""
    parser.add_argument("-o", "--output", metavar="FILE", help=what)
    parser.add_argument("--force", action="store_true", help=_("write over a file that is there"))


def check(path: str, force: bool) -> None:
    """Before any work: whether the path may be written; a device or a pipe may. Raises UsageError."""
    if path != "-" and not force and os.path.lexists(path) and not _is_special(path):
        raise UsageError(_("{path} is there already; --force writes over it").format(path=path))


def write(path: str, content: bytes, force: bool) -> None:
    """Write all of it, or nothing: a full disk leaves no half a file. Raises UsageError."""
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    check(path, force)
    try:
        if _is_special(path):
            _into(path, content)
        else:
            _in_place_of(os.path.realpath(path), content)  # --force writes through a link, it does not take its place
    except OSError as error:
        raise FileError(path, reason(error)) from error


def _is_special(path: str) -> bool:
    """Whether it is neither a file nor a folder: /dev/null, /dev/stdout, a named pipe."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _in_place_of(path: str, content: bytes) -> None:
    beside = f"{path}.{os.getpid()}.part"
    try:
        _into(beside, content)
        os.replace(beside, path)
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)


def _into(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
