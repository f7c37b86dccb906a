"""Files that a capture is written to, opened so that no name leads a privileged process astray.

A capture is begun as root and belongs to the user who began it. So a file is opened with that user's rights wherever
they suffice: whatever a name leads to, the user could have written it himself. Only in a directory that is root's own
a file is created with root's rights, and given away. Nothing that stood there before is followed (a symbolic link),
shared (a second name of the file), or taken from someone else. What is created is readable by its owner alone.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

from httptrace.errors import FileError, Said, reason

#: A user and group, by number.
Owner: TypeAlias = tuple[int, int]

_FLAGS = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NEW = _FLAGS | os.O_CREAT | os.O_EXCL
_MODE = 0o600


def open_to_write(path: str, owner: Owner | None) -> int:
    """A descriptor of the file at `path`, new or emptied, which belongs to `owner` (None: to whoever runs this).

    A named pipe and the null device are taken as they are. Raises FileError where the file cannot be had.
    """
    try:
        with acting_as(owner) as other:
            try:
                return _open(path, None, owner)
            except PermissionError:
                if not other:
                    raise
        return _open_in_roots_folder(path, owner)
    except OSError as error:
        raise FileError(path, Said("cannot be written: {problem}", problem=reason(error))) from error
    except ValueError as error:  # a null byte in the name
        raise FileError(repr(path), Said("cannot be written: {problem}", problem=reason(error))) from error


def create_new(path: str, owner: Owner | None) -> int:
    """A descriptor of a new file at `path`. Raises FileExistsError, and any other OSError."""
    with acting_as(owner):
        return os.open(path, _NEW, _MODE)


@contextmanager
def acting_as(owner: Owner | None) -> Iterator[bool]:
    """Root has the rights of `owner` and no others meanwhile; gives whether that made a difference."""
    if owner is None or not hasattr(os, "seteuid") or os.geteuid() != 0 or owner[0] == 0:
        yield False
        return
    group, groups = os.getegid(), os.getgroups()
    try:
        os.setgroups(_groups(owner))
        os.setegid(owner[1])
        os.seteuid(owner[0])
        yield True
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def _groups(owner: Owner) -> list[int]:
    import pwd

    with suppress(KeyError):  # a user of whom the system knows only the number
        return os.getgrouplist(pwd.getpwuid(owner[0]).pw_name, owner[1])
    return [owner[1]]


def _open(path: str, folder: int | None, owner: Owner | None) -> int:
    """The file at `path`; with `folder`, the descriptor of its directory, no other is looked up again."""
    name = path if folder is None else os.path.basename(path)
    with suppress(FileExistsError):
        return os.open(name, _NEW, _MODE, dir_fd=folder)
    before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(before.st_mode):
        raise FileError(path, Said("is a symbolic link, which is not written through: name the file itself"))
    if path == os.devnull:
        return os.open(name, _FLAGS)
    if stat.S_ISFIFO(before.st_mode):
        kind, wait = stat.S_ISFIFO, 0  # until someone reads it
    else:
        kind, wait = stat.S_ISREG, getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(name, _FLAGS | wait, dir_fd=folder)
    try:
        _refuse_what_is_not_ours(path, os.fstat(descriptor), kind(os.fstat(descriptor).st_mode), owner)
        if kind is stat.S_ISREG:
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, _MODE)
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_what_is_not_ours(path: str, status: os.stat_result, fitting: bool, owner: Owner | None) -> None:
    if not fitting:
        raise FileError(path, Said("is no file that a capture can be written to"))
    if hasattr(os, "geteuid") and status.st_uid != (owner[0] if owner is not None else os.geteuid()):
        problem = Said("is there already and belongs to another user: remove it, or choose another name")
        raise FileError(path, problem)
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
        problem = Said("the file has a second name (a hard link): remove it, or choose another name")
        raise FileError(path, problem)


def _open_in_roots_folder(path: str, owner: Owner | None) -> int:
    """The file in a directory where its owner may not create any, with root's rights; the directory must be root's."""
    assert owner is not None
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        status = os.fstat(folder)
        if status.st_uid != 0 or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            problem = Said("cannot be written by the user that the capture is for (number {number})", number=owner[0])
            raise FileError(path, problem)
        descriptor = _open(path, folder, owner)
        os.fchown(descriptor, *owner)
        return descriptor
    finally:
        os.close(folder)
