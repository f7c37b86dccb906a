"""Every exception that httptrace raises on purpose, with the exit status it stands for, and the texts they carry.

Odd traffic is never an exception (it is a note, see :mod:`httptrace.notes`). What remains is the caller's mistake,
a damaged capture, and a defect of our own.
"""

from __future__ import annotations

import errno
from typing import Any


class Said(str):
    """A text in English that can be told in another language too: it remembers its template and what fills it in.

    It is a plain text wherever one is wanted. Whoever prints it asks :func:`httptrace.lang.told` for it in the
    reader's language; so the rooms below need not know that there are languages. Values may be such texts themselves.
    """

    __slots__ = ("template", "values")

    def __new__(cls, template: str, /, **values: Any) -> Said:
        said = super().__new__(cls, template.format(**values))
        said.template = template
        said.values = values
        return said

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), self.values

    template: str
    values: dict[str, Any]


class HttptraceError(Exception):
    """Base of all; `exit_status` is what a command ends with when one of these reaches it, `text` what it says."""

    exit_status = 3

    def __init__(self, text: str) -> None:
        # `args` stays what the class was called with, so that every child can be sent to another process.
        self.text = text

    def __str__(self) -> str:
        return str(self.text)


class UsageError(HttptraceError):
    """The arguments are wrong, or a file cannot be opened or is no capture: one line, exit status 2."""

    exit_status = 2


class FileError(UsageError):
    """A file cannot be opened or written, or is no capture; `problem` says why."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(Said("{path}: {problem}", path=path, problem=problem))
        self.path = path
        self.problem = problem


class CaptureError(HttptraceError):
    """The capture is damaged or cut short from `offset` on; what came before it was delivered. Exit status 1.

    `offset` counts bytes from the start of the file after decompression.
    """

    exit_status = 1

    def __init__(self, path: str, offset: int, problem: str) -> None:
        super().__init__(Said("{path}: at byte {offset:,}: {problem}", path=path, offset=offset, problem=problem))
        self.path = path
        self.offset = offset
        self.problem = problem


class WorkerError(HttptraceError):
    """A worker process ended before its work was done, or could not be started: exit status 3."""

    exit_status = 3


#: What systems refuse most, in the words of the C library.
_REFUSALS = {
    errno.EACCES: Said("Permission denied"),
    errno.EIO: Said("Input/output error"),
    errno.EISDIR: Said("Is a directory"),
    errno.EMFILE: Said("Too many open files"),
    errno.ENOENT: Said("No such file or directory"),
    errno.ENOSPC: Said("No space left on device"),
    errno.ENOTDIR: Said("Not a directory"),
    errno.EPERM: Said("Operation not permitted"),
    errno.EPIPE: Said("Broken pipe"),
}


def reason(error: OSError | ValueError) -> str:
    """Why the system refused: what it refuses most can be told in other languages, the rest is in its own words."""
    refusal = _REFUSALS.get(error.errno or 0) if isinstance(error, OSError) else None
    return refusal or getattr(error, "strerror", None) or str(error)


def described(defect: Exception) -> str:
    """What a defect of ours is and where it was met, for the line on stderr."""
    trace = defect.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "?"
    return f"{type(defect).__name__}: {defect} ({place})"
