"""Every exception that httptrace raises on purpose, with the exit status it stands for.

Odd traffic is never an exception (it is a note, see :mod:`httptrace.notes`). What remains is the caller's mistake,
a damaged capture, and a defect of our own.
"""

from __future__ import annotations


class HttptraceError(Exception):
    """Base of all; `exit_status` is what a command ends with when one of these reaches it."""

    exit_status = 3


class UsageError(HttptraceError):
    """The arguments are wrong, or a file cannot be opened or is no capture: one line, exit status 2."""

    exit_status = 2


class CaptureError(HttptraceError):
    """The capture is damaged or cut short from `offset` on; what came before it was delivered. Exit status 1.

    `offset` counts bytes from the start of the file after decompression.
    """

    exit_status = 1

    def __init__(self, path: str, offset: int, problem: str) -> None:
        super().__init__(f"{path}: at byte {offset:,}: {problem}")
        self.path = path
        self.offset = offset
        self.problem = problem


class WorkerError(HttptraceError):
    """A worker process ended before its work was done, or could not be started: exit status 3."""

    exit_status = 3
