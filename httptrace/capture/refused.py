"""Files that cannot be followed: why is said once of each, and which file it was is remembered.

How many files lie where a pattern looks is not ours to bound, so how many of them are remembered is. Those beyond are
passed over in silence, and that is said.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from httptrace import limits
from httptrace.errors import FileError, Said


class Refused:
    """The names of such files. `say` is told in a line why one is refused."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._files: dict[str, tuple[int, int]] = {}  # by path: which file that was, by device and number
        self._unnamed = False  # whether it was said that there are more

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def identity(self, path: str) -> tuple[int, int] | None:
        """Which file had that name when it was refused; None where none was."""
        return self._files.get(path)

    def is_new(self, path: str) -> bool:
        """Whether what a pattern matches is a plain file that was not refused already."""
        try:
            status = os.stat(path)
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and self._files.get(path) != (status.st_dev, status.st_ino)

    def add(self, path: str, named: bool, error: FileError) -> None:
        """Say why the file is refused. `named`: by itself, not by a pattern; there are few of these."""
        if not named and path not in self._files and len(self._files) >= limits.FOLLOWED_NAMES:
            if not self._unnamed:
                self._unnamed = True
                count = len(self._files)
                self._say(Said("{count:,} files cannot be followed; those beyond are not named", count=count))
            return
        if named or os.path.lexists(path):
            self._say(error.text)
        try:
            status = os.stat(path)
            self._files[path] = status.st_dev, status.st_ino
        except OSError:
            pass

    def make_room(self) -> None:
        """Forget what is gone, where as many are remembered as may be."""
        if len(self._files) >= limits.FOLLOWED_NAMES:
            self._files = {path: identity for path, identity in self._files.items() if os.path.lexists(path)}
