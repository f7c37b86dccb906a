"""`walk --step`: one entry a key, or a line where keys do not come from a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from httptrace.cli import arguments as common
from httptrace.cli.keys import size, terminal
from httptrace.cli.run import complain
from httptrace.lang import _
from httptrace.outputs.stepper import COMMANDS, Stepper
from httptrace.outputs.steps import Script

#: Packets that are told in full beforehand, so that one can step back and forth.
MOST_PACKETS = 20_000


def step(files: list[str], script: Script, again: Callable[[], Script] | None = None) -> int:
    """Go through a walk; `again` lays it out for the terminal's new width."""
    if not script.steps:
        return 0
    if "-" in files or sys.stdin is None:
        with _controlling_terminal() as keys:
            if keys is not None and _shows_pages():
                return _pages(script, keys, again)
        return _all(script, _("the capture comes through standard input, and there is no terminal for keys"))
    if not sys.stdin.isatty():
        return _lines(script)
    if not sys.stdout.isatty():
        return _all(script, _("the output is no terminal"))
    if not _shows_pages():
        return _lines(script)
    return _pages(script, sys.stdin.fileno(), again)


def _shows_pages() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def _controlling_terminal() -> Iterator[int | None]:
    """What keys can be read from where standard input is something else."""
    try:
        keys = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        yield None
        return
    try:
        yield keys
    finally:
        os.close(keys)


def _pages(script: Script, keys: int, again: Callable[[], Script] | None) -> int:
    """A page a step, on a terminal."""
    columns, rows = size()
    stepper = Stepper(script, colour=common.colour(), width=columns, height=rows)

    def page() -> list[str]:
        nonlocal columns
        now, rows = size()
        if now != columns and again is not None:
            stepper.replace(again())
        columns = now
        stepper.resize(now, rows)
        return stepper.page()

    with terminal(page, keys) as screen:
        while not stepper.done:
            stepper.press(screen.key())
        screen.show()
    return 0


def _lines(script: Script) -> int:
    """A command a line; the end of input ends it."""
    stepper = Stepper(script, colour=common.colour())
    _print(stepper.block())
    if sys.stdin.isatty():
        print(_("Commands: {commands}").format(commands=COMMANDS), flush=True)
    for line in sys.stdin:
        _print(stepper.command(line))
        if stepper.done:
            break
    return 0


def _all(script: Script, reason: str) -> int:
    """Every step, where none can be waited for."""
    complain(_("{reason}: all steps are printed").format(reason=reason))
    stepper = Stepper(script, colour=common.colour())
    _print(stepper.block())
    for _step in script.steps[1:]:
        _print(stepper.command(""))
    return 0


def _print(lines: list[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()
