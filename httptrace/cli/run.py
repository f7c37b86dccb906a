"""What every command that reads captures shares: opening, progress, damage, the exit status."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from httptrace.capture.merge import Captures
from httptrace.capture.waiting import Stopped, Waiting
from httptrace.cli.bounds import Ordered, reached
from httptrace.cli.following import Follow, ended_by_signals, feed, opened
from httptrace.errors import CaptureError
from httptrace.lang import _, told
from httptrace.model import Frame
from httptrace.outputs.safe import safe

if TYPE_CHECKING:
    from httptrace.pipeline import Analyzer, Auditor, Options
    from httptrace.workers.work import Work


Record = TypeVar("Record")


class StopReading(BaseException):
    """A command has all that it asked for; the rest of the capture need not be read."""


def read_all(
    paths: list[str],
    make: Callable[[Captures], Analyzer],
    progress: bool = True,
    on_start: Callable[[int], object] | None = None,
    on_pause: Callable[[], object] | None = None,
    follow: Follow | None = None,
    orders: Iterable[Ordered] = (),
) -> int:
    """Open the captures, feed all of them through the analyzer that `make` builds, and give the exit status.

    `on_start` is told the time of the first packet (ns) before anything comes of it. `on_pause` is called, and stdout
    flushed, whenever the next packet has to be waited for. `follow`: files are followed as they grow. `orders`: what
    puts records in order, asked at the end whether it could.

    Progress goes to stderr where that is a terminal. Damage is said there with its file and offset, after everything
    before it was given out: exit status 1. A defect of ours is said too: exit status 3.
    """
    calm_the_collector()

    def pause() -> None:
        if on_pause is not None:
            on_pause()
        sys.stdout.flush()

    waiting = Waiting(pause, follow.seconds if follow is not None else None)
    with ended_by_signals(waiting, follow), opened(paths, waiting, follow, complain) as captures:
        analyzer = make(captures)
        status = 0
        try:
            frames = _with_progress(captures, progress and follow is None)
            if on_start is not None:
                frames = _announced(frames, on_start)
            feed(analyzer, frames, follow)
        except StopReading:
            for remark in reached(analyzer, orders):
                complain(remark)
            return 0
        except Stopped:
            pass
        except CaptureError as error:
            status = error.exit_status
        with suppress(StopReading):
            analyzer.finish()
        for damage in captures.damage:
            if not captures.damage_said:
                complain(damage.text)
            status = damage.exit_status
        for remark in (*captures.facts.remarks, *reached(analyzer, orders)):
            complain(remark)
    for defect in analyzer.defects:
        complain(_("a defect of httptrace, please report it: {what}").format(what=told(defect)))
        status = 3
    return status


def read_shared(
    paths: list[str],
    workers: int,
    work: Work,
    options: Options,
    on_row: Callable[[int | None, Any], object],
    alone: Callable[[int], Analyzer],
    on_start: Callable[[int], object] | None = None,
    audit: Auditor | None = None,
    orders: Iterable[Ordered] = (),
) -> tuple[int, Analyzer]:
    """As :func:`read_all`, with so many worker processes above TCP; gives the analyzer of this process too.

    `on_row` is told what the workers made of each record (:mod:`httptrace.workers.rows`), in the order in which one
    process would have met them, with the number of its exchange. Raises WorkerError.

    Where a bound over all connections may have been reached above TCP, which records it concerns is known to one
    process alone. So the captures, which must be files, are read again from the start by the analyzer that `alone`
    makes, whose listeners pass over as many records as were told already: those are the same. `on_start` is told twice.
    """
    from httptrace.workers.crew import Crew
    from httptrace.workers.rooms import ReadAlone
    from httptrace.workers.sharing import SharingAnalyzer

    told = 0

    def on_counted(number: int | None, row: Any) -> None:
        nonlocal told
        told += 1
        on_row(number, row)

    def read_with_workers() -> tuple[int, Analyzer]:
        with Crew(work, workers) as crew:
            shared = SharingAnalyzer(options, crew, on_counted, whole_streams=work.verb != "list", audit=audit)

            def begin(time_ns: int) -> None:
                shared.begin(time_ns)
                if on_start is not None:
                    on_start(time_ns)

            return read_all(paths, lambda _captures: shared, on_start=begin, orders=orders), shared

    with suppress(ReadAlone):
        return read_with_workers()
    if sys.stderr.isatty():  # where it would look as if reading did not end
        complain(_("a bound over all connections is near: reading again from the start, in one process"))
    gc.unfreeze()
    gc.collect()  # what the first reading held goes before the second holds as much
    analyzer = alone(told)
    return read_all(paths, lambda _captures: analyzer, on_start=on_start, orders=orders), analyzer


def behind(count: int, listener: Callable[[Record], object]) -> Callable[[Record], object]:
    """The listener, to which the first so many records are not told: it knows them."""
    if not count:
        return listener

    def tell(record: Record) -> None:
        nonlocal count
        if count:
            count -= 1
        else:
            listener(record)

    return tell


def calm_the_collector() -> None:
    """What the modules made stays anyway, and what a capture makes is freed without the collector: look less often."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)


def complain(text: str) -> None:
    """One line on stderr, in the reader's language. Where stderr takes no more, what goes to stdout goes on."""
    with suppress(OSError):
        print(f"httptrace: {safe(told(text))}", file=sys.stderr)


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
