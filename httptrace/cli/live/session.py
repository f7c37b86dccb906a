"""One live capture, from its first packet to the closing summary: the loop that reads."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from types import FrameType
from typing import Any, Protocol

from httptrace.capture.live.doubles import Doubles
from httptrace.capture.live.losses import Losses
from httptrace.capture.live.source import ANY, Source
from httptrace.cli.live.output import Output
from httptrace.cli.live.wording import State, change, totals
from httptrace.cli.run import StopReading
from httptrace.errors import CaptureError
from httptrace.lang import told
from httptrace.limits import IDLE_NS
from httptrace.model import Frame
from httptrace.outputs.safe import safe
from httptrace.pipeline import Analyzer

#: Seconds between looks at what is no packet: interfaces, the clock, connections that are silent.
_TICK = 0.25
_EXPIRE_EVERY_NS = 10_000_000_000
#: Packets' time that runs so much faster than ours was set forward (or the machine slept).
_STEP_NS = 30_000_000_000
#: The most that a packet takes from its time stamp to us, on an idle wire.
_ON_THE_WAY_NS = 100_000_000
_SNAP_LENGTH = 262_144


class Files(Protocol):
    """What saves packets (:class:`httptrace.capture.rotate.CaptureFiles`)."""

    packets: int
    files: int
    left_out: int

    def interface(self, name: str, link_type: int, snap_length: int) -> int: ...

    def packet(self, interface: int, time_ns: int, data: bytes, length: int) -> None: ...

    def statistics(self, interface: int, received: int, dropped: int) -> None: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Signals:
    """SIGINT and SIGTERM ask for the end, a second one ends at once; SIGUSR1 asks for the status.

    A signal is noticed at once: `wake` becomes readable.
    """

    def __init__(self) -> None:
        self.wake, self._waker = os.pipe()
        if os.name == "posix":  # elsewhere pipes cannot be waited for, and waits are short
            os.set_blocking(self.wake, False)
            os.set_blocking(self._waker, False)
        self.asked_to_end = False
        self.asked_for_status = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        for name in ("SIGINT", "SIGTERM", "SIGUSR1"):
            if hasattr(signal, name):
                number = getattr(signal, name)
                self._before[number] = signal.signal(number, self._came)
        return self

    def __exit__(self, *_problem: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        os.close(self.wake)
        os.close(self._waker)

    def _came(self, number: int, _frame: FrameType | None) -> None:
        if number == getattr(signal, "SIGUSR1", None):
            self.asked_for_status = True
        elif self.asked_to_end:
            os._exit(130)  # whatever hangs, a terminal perhaps: it does not hold us
        else:
            self.asked_to_end = True
        self.nudge()

    def end(self) -> None:
        """Ask for the end, as a signal would."""
        self.asked_to_end = True
        self.nudge()

    def nudge(self) -> None:
        """End the present wait."""
        with suppress(OSError):  # full of them, or closed by now
            if os.name == "posix":
                os.write(self._waker, b"!")

    def heard(self) -> None:
        """The wait has ended: the next one waits again."""
        with suppress(BlockingIOError):
            if os.name == "posix":
                os.read(self.wake, 4096)


class Session:
    """Reads a source into an analyzer until it is told to end."""

    def __init__(
        self,
        source: Source,
        analyzer: Analyzer,
        signals: Signals,
        output: Output,
        state: State,
        names: list[str],
        losses: Losses,
        files: Files | None,
        on_start: Callable[[int], object],
        seconds: float | None,
        ends_with_files: bool = False,
    ) -> None:
        """`on_start` is told the time of the first packet; `seconds`: the longest it may take; `ends_with_files`: there
        is nothing else to do where saving stops."""
        self.doubles = Doubles()
        self.expired = 0
        self.file_problem: CaptureError | None = None
        self._source = source
        self._analyzer = analyzer
        self._signals = signals
        self._output = output
        self._state = state
        self._names = names
        self._losses = losses
        self._files = files
        self._on_start: Callable[[int], object] | None = on_start
        self._seconds = seconds
        self._ends_with_files = ends_with_files
        self._numbers: dict[tuple[int, int], int] = {}  # interface and link type to the file's number for it
        self._counted_ns = time.time_ns()
        self._expire_at = 0
        self._seen_ns = self._seen_clock = 0
        self._several = ANY in names or len(names) > 1
        if self._several or files is not None:
            source.watch = self._watch
        if files is not None:
            # What is counted, is counted for all of them together.
            self._number = files.interface(",".join(names), 101, _SNAP_LENGTH)

    def run(self) -> None:
        """Read until the end is asked for, then what is left. Returns early where a listener wants no more."""
        try:
            with suppress(StopReading):
                self._read_until_told()
                self._read_what_is_left()
                self._analyzer.finish()
            self._look()
        finally:
            if self._files is not None:
                self._save(self._files.close)

    # ------------------------------------------------------------------ the loop

    def _read_until_told(self) -> None:
        source, signals = self._source, self._signals
        end = time.monotonic() + self._seconds if self._seconds is not None else float("inf")
        tick = 0.0
        while not signals.asked_to_end:
            now = time.monotonic()
            if now >= end:
                return
            if now >= tick:
                tick = now + _TICK
                self._look()
                self._analyzer.pass_time(self._seen_ns)
            clock = time.monotonic_ns()
            if source.wait(min(_TICK, end - now), signals.wake):
                self._read()
            elif self._seen_ns:
                # Nothing is there, so everything older than that has been read.
                self._analyzer.pass_time(self._seen_ns + clock - self._seen_clock - _ON_THE_WAY_NS)
            signals.heard()
            if signals.asked_for_status:
                signals.asked_for_status = False
                self._look()
                self._output.say(f"httptrace: {totals(self._state)}")

    def _read_what_is_left(self) -> None:
        self._state.draining = True
        time.sleep(self._source.stop())
        while self._read():
            self._look()

    def _read(self) -> bool:
        """Analyze what can be read at once; whether there was anything."""
        source = self._source
        frames = source.take()
        if frames is None:
            self._flush()
            return False
        if self._on_start is not None:
            frames = self._announced(frames)
        try:
            for _packet in self._analyzer.feed(frames):
                pass
        finally:  # also where --count is reached among them
            packets = self._state.packets = self._analyzer.decoder.packets
        source.relieve()
        self._count()
        self._losses.mark(packets, source.last_ns)
        self._expire(source.last_ns)
        return True

    def _expire(self, now_ns: int) -> None:
        """Now and then, forget connections that are silent for long, by the time of packets.

        Where the clock was set forward everything looks silent: then nobody is judged until that long has passed
        again. Set back, it only takes longer.
        """
        clock = time.monotonic_ns()
        if self._seen_ns and now_ns - self._seen_ns > clock - self._seen_clock + _STEP_NS:
            self._expire_at = now_ns + IDLE_NS
        elif now_ns < self._seen_ns - _STEP_NS:
            self._expire_at = now_ns
        self._seen_ns, self._seen_clock = now_ns, clock
        if now_ns >= self._expire_at:
            self._expire_at = now_ns + _EXPIRE_EVERY_NS
            self.expired += self._analyzer.expire(now_ns - IDLE_NS)

    def _announced(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames; the time of the first is told before anything comes of it."""
        walk = iter(frames)
        for first in walk:
            if self._on_start is not None:
                self._on_start(first[4])
                self._on_start = None
            yield from chain((first,), walk)

    def _count(self) -> None:
        """What was lost, and when: between the last time it was asked and now, by the clock that stamps packets."""
        now = time.time_ns()
        dropped = self._source.count()
        if dropped:
            self._losses.dropped(min(self._counted_ns, now), now, dropped)
        self._counted_ns = now

    def _look(self) -> None:
        """Look at what is no packet."""
        for what in self._source.look_around():
            self._output.say(f"httptrace: {change(what)}")
        self._count()
        state, counters = self._state, self._source.counters
        tracker = self._analyzer.tracker
        state.connections, state.open = tracker.connections, tracker.open_connections
        state.fill = self._source.fill()
        state.dropped, state.freezes, state.snapped = counters.dropped, counters.freezes, counters.snapped
        state.left_out = self._output.left_out
        state.bounds = tracker.store_full + tracker.closed_early
        if self._files is not None:
            files = self._files
            self._flush()  # only then it is known what a pipe did not take
            self._save(lambda: files.statistics(self._number, counters.received, counters.dropped))
            self._flush()
            state.unsaved = files.left_out

    def _flush(self) -> None:
        if self._files is not None:
            self._save(self._files.flush)

    # ------------------------------------------------------------------ each packet, where it must be looked at

    def _watch(
        self,
        block: bytes,
        start: int,
        end: int,
        length: int,
        time_ns: int,
        link: int,
        interface: int,
        loopback: bool,
    ) -> bool:
        """Whether a packet counts; those that do are saved."""
        if self._several and not loopback and self.doubles.seen(block, start, time_ns, link, interface):
            return False
        if self._files is not None:
            number = self._numbers.get((interface, link))
            if number is None:
                number = self._numbers[interface, link] = self._described(interface, link)
            try:
                self._files.packet(number, time_ns, block[start:end], length)
            except CaptureError as problem:
                self._stop_saving(problem)
        return True

    def _described(self, interface: int, link: int) -> int:
        """The file's number for an interface, whose first packet this is."""
        assert self._files is not None
        if not self._several and link == 101:
            return self._number
        return self._files.interface(self._source.interface_name(interface), link, _SNAP_LENGTH)

    def _save(self, do: Callable[[], object]) -> None:
        try:
            do()
        except CaptureError as problem:
            self._stop_saving(problem)

    def _stop_saving(self, problem: CaptureError) -> None:
        """The file takes no more; what is seen is analyzed further."""
        if self.file_problem is None:
            self.file_problem = problem
            self._output.say(f"httptrace: {safe(told(problem.text))}")
            if self._ends_with_files:
                self._signals.end()
        self._files = None
