"""A progress bar for long reads, on stderr, with the rate and the time that is left."""

from __future__ import annotations

import time
from collections.abc import Iterator

from httptrace.capture.merge import Captures
from httptrace.lang import _
from httptrace.model import Frame

#: Reads shorter than this show nothing.
_PATIENCE = 1.0
#: How many packets pass between looks at the clock.
_STRIDE = 4_096


def watched(captures: Captures) -> Iterator[Frame]:
    """The frames of the captures; a bar appears when reading them takes more than a second."""
    begun = time.monotonic()
    frames = captures.frames()
    for count, frame in enumerate(frames, 1):
        yield frame
        if not count % _STRIDE and time.monotonic() - begun > _PATIENCE:
            yield from _with_bar(captures, frames, count)
            return


def _with_bar(captures: Captures, frames: Iterator[Frame], count: int) -> Iterator[Frame]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bar = Progress(
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn(_("{task.fields[packets]:,} packets")),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=captures.size, completed=captures.bytes_read, packets=count)
        for frame in frames:
            yield frame
            count += 1
            if not count % _STRIDE:
                bar.update(task, completed=captures.bytes_read, packets=count)
