"""Keys as they are pressed: a terminal that gives each at once, and is as before when it is left, however that
happens."""

from __future__ import annotations

import os
import select
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

#: What the sequences of a terminal mean (ECMA-48, and the variants that terminals send).
_SEQUENCES = {
    b"A": "up",
    b"B": "down",
    b"C": "right",
    b"D": "left",
    b"H": "home",
    b"F": "end",
    b"1~": "home",
    b"7~": "home",
    b"4~": "end",
    b"8~": "end",
    b"5~": "page-up",
    b"6~": "page-down",
}

#: Single bytes that are no character; Ctrl-D ends the input.
_CONTROLS = {
    b"\r": "enter",
    b"\n": "enter",
    b" ": "space",
    b"\x7f": "backspace",
    b"\x08": "backspace",
    b"\x04": "end-of-input",
}

#: The second character of a key that Windows gives as two.
_WINDOWS = {
    "H": "up",
    "P": "down",
    "K": "left",
    "M": "right",
    "G": "home",
    "O": "end",
    "I": "page-up",
    "Q": "page-down",
}

#: So long an escape sequence may take to come whole; the key Escape is that byte alone.
_ESCAPE_SECONDS = 0.05

#: Bytes of one escape sequence that are looked at.
_LONGEST = 16

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_HOME, _TO_LINE_END, _TO_PAGE_END = "\x1b[H", "\x1b[K", "\x1b[J"


def key_of(data: bytes) -> tuple[str, int]:
    """The first key in what a terminal sent, and how many bytes it took; no bytes while its sequence is not whole."""
    if data[:1] == b"\x1b":
        return _sequence(data)
    if data[:1] in _CONTROLS:
        return _CONTROLS[data[:1]], 1
    if data[0] < 0x80:
        return (chr(data[0]), 1) if data[0] >= 0x20 else ("", 1)
    length = 4 if data[0] >= 0xF0 else 3 if data[0] >= 0xE0 else 2  # a character that stands for nothing here
    return "", min(length, len(data))


def _sequence(data: bytes) -> tuple[str, int]:
    if len(data) == 1:
        return "", 0
    if data[1:2] not in (b"[", b"O"):
        return "escape", 1
    for length in range(2, min(len(data), _LONGEST)):
        if 0x40 <= data[length] <= 0x7E:  # its final byte
            return _SEQUENCES.get(data[2 : length + 1], ""), length + 1
    return ("", 0) if len(data) < _LONGEST else ("", len(data))


def windows_key(getwch: Callable[[], str]) -> str:
    """The next key of a Windows console; `getwch` gives a character as it is pressed."""
    character = getwch()
    if character == "\x03":
        raise KeyboardInterrupt
    if character in ("\x00", "\xe0"):
        return _WINDOWS.get(getwch(), "")
    if character == "\x1b":
        return "escape"
    return key_of(character.encode())[0]


def size() -> tuple[int, int]:
    """Columns and rows of the terminal that stdout is."""
    try:
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        columns, rows = 80, 24
    return columns or 80, rows or 24


class Terminal(ABC):
    """A terminal while pages are shown on it; `draw` gives the current page.

    What was on the screen is pushed up into the scroll-back first, so nothing is lost; the last page stays.
    """

    def __init__(self, draw: Callable[[], list[str]]) -> None:
        self._draw = draw

    def __enter__(self) -> Terminal:
        self._begin()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._leave()

    @abstractmethod
    def key(self) -> str:
        """Show the page, and wait for the next key; empty for one without a meaning, or where only the page's size
        changed."""

    def _begin(self) -> None:
        sys.stdout.write("\n" * (size()[1] - 1) + _HIDE)
        sys.stdout.flush()

    def show(self) -> None:
        """Show the page as it is now."""
        lines = self._draw()
        sys.stdout.write(_HOME + "\n".join(_TO_LINE_END + line for line in lines))
        sys.stdout.flush()

    def _leave(self) -> None:
        """The page stays, without its last row: the shell goes on there."""
        sys.stdout.write("\r" + _TO_LINE_END + _SHOW)
        sys.stdout.flush()


class WindowsTerminal(Terminal):
    """The console of Windows, which tells nothing of its size: a new one is seen with the next key."""

    def __init__(self, draw: Callable[[], list[str]], getwch: Callable[[], str]) -> None:
        super().__init__(draw)
        self._getwch = getwch

    def key(self) -> str:
        self.show()
        return windows_key(self._getwch)


class UnixTerminal(Terminal):
    """A terminal with termios; `keys` is what is typed on. Stopping (Ctrl-Z) and going on, a new size, and the end by
    a signal leave it as it was."""

    def __init__(self, draw: Callable[[], list[str]], keys: int) -> None:
        super().__init__(draw)
        self._keys = keys
        self._read = b""
        self._mode: list[Any] = []
        self._handlers: dict[int, Any] = {}
        self._wake: tuple[int, int] = (-1, -1)
        self._told_before = -1

    def __enter__(self) -> Terminal:
        import termios

        self._mode = termios.tcgetattr(self._keys)
        self._wake = os.pipe()
        for end in self._wake:
            os.set_blocking(end, False)
        for number in (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT):
            self._handlers[number] = signal.signal(number, _noted)
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, _ended)
        # A signal that comes right before the wait for a key must end it too: only this file descriptor tells of it.
        self._told_before = signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
        return super().__enter__()

    def __exit__(self, *what: Any) -> None:
        try:
            super().__exit__(*what)
        finally:
            signal.set_wakeup_fd(self._told_before)
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
            for end in self._wake:
                os.close(end)

    def key(self) -> str:
        self.show()
        while not self._read:
            if not self._more(None):
                return ""
        name, length = key_of(self._read)
        if length == 0:
            name, length = key_of(self._read) if self._more(_ESCAPE_SECONDS) else ("escape", 1)
        self._read = self._read[max(length, 1) :]
        return name

    def _more(self, seconds: float | None) -> bool:
        """Wait for bytes; False where none came, or a signal did."""
        ready, _writable, _odd = select.select([self._keys, self._wake[0]], [], [], seconds)
        if self._wake[0] in ready:
            numbers = os.read(self._wake[0], 64)
            if signal.SIGTSTP in numbers:
                self._stop()
            elif signal.SIGCONT in numbers:
                self._begin()
            return False
        if self._keys not in ready:
            return False
        data = os.read(self._keys, 1024)
        self._read += data or b"\x04"  # the terminal is gone
        return True

    def _begin(self) -> None:
        """A key at a time, unseen; Ctrl-C and Ctrl-Z still make signals."""
        import termios
        import tty

        tty.setcbreak(self._keys, termios.TCSADRAIN)
        super()._begin()

    def _leave(self) -> None:
        import termios

        try:
            super()._leave()
        finally:
            termios.tcsetattr(self._keys, termios.TCSADRAIN, self._mode)

    def _stop(self) -> None:
        """Ctrl-Z: the shell has its terminal back until it says go on."""
        self._leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, _noted)
        self._begin()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The wait for a key ends; what came is read there."""


def _ended(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def terminal(draw: Callable[[], list[str]], keys: int) -> Terminal:
    """The terminal of this system."""
    if sys.platform == "win32":
        from msvcrt import getwch

        os.system("")  # the console learns escape sequences with the first command
        return WindowsTerminal(draw, getwch)
    return UnixTerminal(draw, keys)
