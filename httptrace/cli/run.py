"""What every command that reads captures shares: opening, progress, damage, the exit status."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from httptrace.capture.merge import Captures, open_captures
from httptrace.cli.bounds import Ordered, reached
from httptrace.errors import CaptureError
from httptrace.lang import _
from httptrace.model import Frame
from httptrace.outputs.safe import safe

if TYPE_CHECKING:
    from httptrace.pipeline import Analyzer


class StopReading(BaseException):
    """A command has all that it asked for; the rest of the capture need not be read."""


def read_all(
    paths: list[str],
    make: Callable[[Captures], Analyzer],
    progress: bool = True,
    on_start: Callable[[int], object] | None = None,
    orders: Iterable[Ordered] = (),
) -> int:
    """Open the captures, feed all of them through the analyzer that `make` builds, and give the exit status.

    `on_start` is told the time of the first packet (ns) before anything comes of it. `orders`: what puts records in
    order, asked at the end whether it could.

    Progress goes to stderr where that is a terminal. Damage is said there with its file and offset, after everything
    before it was given out: exit status 1. A defect of ours is said too: exit status 3.
    """
    _calm_the_collector()
    with open_captures(paths) as captures:
        analyzer = make(captures)
        status = 0
        try:
            frames = _with_progress(captures, progress)
            if on_start is not None:
                frames = _announced(frames, on_start)
            for _packet in analyzer.feed(frames):
                pass
        except StopReading:
            for remark in reached(analyzer, orders):
                complain(remark)
            return 0
        except CaptureError as error:
            status = error.exit_status
        with suppress(StopReading):
            analyzer.finish()
        for damage in captures.damage:
            complain(str(damage))
            status = damage.exit_status
        for remark in (*captures.facts.remarks, *reached(analyzer, orders)):
            complain(remark)
    for defect in analyzer.defects:
        complain(_("a defect of httptrace, please report it: {what}").format(what=defect))
        status = 3
    return status


def _calm_the_collector() -> None:
    """What the modules made stays anyway, and what a capture makes is freed without the collector: look less often."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)


def complain(text: str) -> None:
    """One line on stderr."""
    print(f"httptrace: {safe(text)}", file=sys.stderr)


def _with_progress(captures: Captures, wanted: bool) -> Iterable[Frame]:
    """The frames, with a progress bar on stderr where someone is looking and it takes long."""
    if not wanted or not sys.stderr.isatty():
        return captures.frames()
    from httptrace.cli.progress import watched

    return watched(captures)


def _announced(frames: Iterable[Frame], on_start: Callable[[int], object]) -> Iterable[Frame]:
    """The same frames, once the time of the first has been told."""
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        return ()
    on_start(first[4])
    return chain((first,), frames)
