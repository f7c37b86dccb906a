"""Several capture files read as one, in time order: rotated files, or captures that overlap.

Each file gives its packets in its own order, whatever their times say; what is merged by time is the latest
time each file has reached, so a file that is not quite sorted stays as it is. Of packets with the same time
and bytes, as many count as the file with the most of them holds: overlapping files hold a packet twice, one
file never does.

A file is opened when the merge reaches its first packet, so a thousand rotated files are open one after the
other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

from httptrace.capture.facts import Described, Facts
from httptrace.capture.open import Capture, is_file, open_capture
from httptrace.capture.waiting import Waiting
from httptrace.errors import CaptureError, FileError, Said, UsageError
from httptrace.limits import BLOCK, KIB, MERGED_BLOCKS, SAME_TIME
from httptrace.model import Frame

#: Files that keep a descriptor while they are merged; further ones are opened anew for each block. A process
#: has 256 descriptors on macOS.
HELD_OPEN = 100

#: However many files are merged, the blocks of each are no smaller.
_SMALLEST_BLOCK = 16 * KIB

#: Later than any time of a packet.
_NEVER = 2**64

#: What is read of a file in order to know its first time.
_PEEK = 4 * KIB


class _Doubles:
    """The packets of one time that were given out, so that another file's copies of them are told."""

    def __init__(self) -> None:
        self._given: dict[tuple[int, bytes], int] = {}  # how many of this packet
        self._seen: dict[tuple[int, int, bytes], int] = {}  # how many of this packet in the file of this index
        self._bytes = 0
        self.forgot = False

    def clear(self) -> None:
        self._given.clear()
        self._seen.clear()
        self._bytes = 0

    def holds(self, index: int, frame: Frame) -> bool:
        """Whether this packet of file `index` was given out already, as that of another file."""
        block, start, end, _, time_ns, _ = frame
        data = block[start:end]
        seen = self._seen.get((index, time_ns, data), 0) + 1
        given = self._given.get((time_ns, data), 0)
        self._seen[index, time_ns, data] = seen
        if seen <= given:
            return True
        self._given[time_ns, data] = given + 1
        self._bytes += end - start + 500  # the bytes, and what two rows of tables take
        if self._bytes > SAME_TIME:
            self.clear()
            self.forgot = True
        return False


class Captures(Described):
    """Captures read as one. `damage` fills while `frames` goes on; the first of it is raised at the end."""

    damage_said = False  # whether whoever looks on was told of damage when it was met

    def __init__(self, paths: Sequence[str], waiting: Waiting | None = None) -> None:
        """`waiting`: told where a pipe has to be waited for."""
        self.paths = list(paths)
        self._for_pipes = waiting
        self.facts = Facts()
        self.duplicates = 0  # packets dropped because another file held them too
        self.size: int | None = 0  # bytes on disk, None where a pipe is among them
        self._damage: list[CaptureError] = []
        self._open: dict[int, Capture] = {}
        self._bytes_closed = 0
        self._waiting: list[tuple[int, int]] = []  # first time and index of plain files, the earliest last
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        alone = len(self.paths) == 1
        for index, path in enumerate(self.paths):
            if alone or not is_file(path):
                capture = self._open[index] = open_capture(path, self.facts, waiting=self._for_pipes)
                size = capture.size
            else:
                first, size = _peek(path)
                self._waiting.append((first, index))
            self.size = None if self.size is None or size is None else self.size + size
        self._waiting.sort(reverse=True)

    @property
    def damage(self) -> list[CaptureError]:
        """The damage of each file, in the order it was met."""
        return self._damage + [capture.damage for capture in self._open.values() if capture.damage is not None]

    @property
    def bytes_read(self) -> int:
        """Bytes read of all files as they are on disk."""
        return self._bytes_closed + sum(capture.bytes_read for capture in self._open.values())

    def frames(self) -> Iterator[Frame]:
        """Every packet, in time order. A damaged file ends early, the others go on; its error comes last."""
        if len(self.paths) == 1:
            return self._open[0].frames()
        return self._merge()

    def _merge(self) -> Iterator[Frame]:
        heap: list[tuple[int, int, Frame, Iterator[Frame]]] = []  # time reached, index, next packet, those behind
        waiting = self._waiting
        doubles = _Doubles()
        tied = -_NEVER  # the time that several files share, for which `doubles` holds
        for index in list(self._open):
            self._start(index, heap)
        while heap or waiting:
            while waiting and (not heap or waiting[-1][0] <= heap[0][0]):
                self._start(waiting.pop()[1], heap)
            if not heap:
                continue
            time, index, frame, frames = heappop(heap)
            limit = min(heap[0][0] if heap else _NEVER, waiting[-1][0] if waiting else _NEVER)
            if time in (limit, tied):
                if time != tied:
                    tied = time
                    doubles.clear()
                if doubles.holds(index, frame):
                    self.duplicates += 1
                else:
                    yield frame
                limit = -_NEVER  # one packet at a time
            else:
                yield frame
            try:
                for frame in frames:
                    if frame[4] > time:
                        time = frame[4]
                    if time >= limit:
                        heappush(heap, (time, index, frame, frames))
                        break
                    yield frame
                else:
                    self._finish(index)
            except CaptureError:
                self._finish(index)
        if doubles.forgot:
            self.facts.remarks.append(
                Said(
                    "more than {most:,} bytes of packets share a time: some doubles may have been counted",
                    most=SAME_TIME,
                )
            )
        if self._damage:
            raise self._damage[0]

    def _start(self, index: int, heap: list[tuple[int, int, Frame, Iterator[Frame]]]) -> None:
        """Open a file that the merge has reached."""
        capture = self._open.get(index)
        if capture is None:
            count = len(self._open) + 1
            size = min(BLOCK, max(_SMALLEST_BLOCK, MERGED_BLOCKS // count))
            try:
                capture = open_capture(self.paths[index], self.facts, count <= HELD_OPEN, size)
            except UsageError as error:  # it was there before
                problem = Said("changed since it was opened: {problem}", problem=error.text)
                self._damage.append(CaptureError(self.paths[index], 0, problem))
                return
            self._open[index] = capture
        frames = capture.frames()
        try:
            frame = next(frames, None)
        except CaptureError:
            frame = None
        if frame is None:
            self._finish(index)
        else:
            heappush(heap, (frame[4], index, frame, frames))

    def _finish(self, index: int) -> None:
        capture = self._open.pop(index)
        if capture.damage is not None:
            self._damage.append(capture.damage)
        self._bytes_closed += capture.bytes_read
        capture.close()

    def close(self) -> None:
        for capture in self._open.values():
            capture.close()

    def __enter__(self) -> Captures:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_captures(paths: Sequence[str], waiting: Waiting | None = None) -> Captures:
    """The captures at `paths` ("-" is standard input), to be read as one. `waiting`: told where a pipe has to be
    waited for.

    Raises UsageError where one of them is no capture at all.
    """
    if not paths:
        raise UsageError(Said("no capture was named"))
    if list(paths).count("-") > 1:
        raise FileError("-", Said("standard input can be read only once"))
    return Captures(paths, waiting)


def _peek(path: str) -> tuple[int, int | None]:
    """The time of a file's first packet and the file's size; one without a packet comes before all others."""
    with open_capture(path, Facts(), block_size=_PEEK) as capture:
        try:
            frame = next(capture.frames(), None)
        except CaptureError:
            frame = None
        return (-_NEVER if frame is None else frame[4]), capture.size
