"""Captures that are still being written, followed like `tail -F` follows a log.

A name stays what is followed: where another file takes its place, or the file is emptied and written anew, reading goes
on with what is there now. A pattern ('dir/*.pcap') is looked at again and again, so that rotated files follow each
other, whether their names are new each time (tcpdump -G, -C) or come round again (-W). All of it is one capture:
connections span files. Whatever is there is given at once, by time; what is cut at the end of a file is waited for.

tcpdump -z gzip puts NAME.gz in the place of a file that is over. Where a file was not seen at all, because it came and
went between two looks, that is read instead.
"""

from __future__ import annotations

import glob
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from heapq import heappop, heappush

from httptrace import limits
from httptrace.capture.blocks import NOTHING_YET
from httptrace.capture.compression import COMPRESSIONS
from httptrace.capture.growing import GrowingFile, open_plain
from httptrace.capture.merge import HELD_OPEN, Captures
from httptrace.capture.refused import Refused
from httptrace.capture.waiting import LOOK, Waiting
from httptrace.errors import CaptureError, FileError, Said
from httptrace.model import Frame

#: Files that are looked at every time; older ones, and names that are new, as often as a small share of time allows.
_RECENT = 100
_SHARE = 20

#: What compressing puts behind a name; bzip2's files are not read, and that is said.
_ENDINGS = (*(compression.ending for compression in COMPRESSIONS), ".bz2")

#: Said where a file is gone of which something was not read.
_LOST = Said("was removed before all of it was read: packets are missing")

#: Later than any time of a packet.
_NEVER = 2**64


class Followed(Captures):
    """Captures that grow, read as one. `frames` ends when `waiting` is over, or where nothing more can come.

    `say` is told in a line, at once, what befalls a file: that it was replaced, that it is damaged.
    """

    damage_said = True

    def __init__(self, paths: Sequence[str], waiting: Waiting, say: Callable[[str], object]) -> None:
        """Raises FileError where a path is no capture, or none that can be followed."""
        super().__init__([])
        self.paths = list(paths)
        self.size = None
        self._wait = waiting
        self._say = say
        self._patterns = [path for path in paths if is_pattern(path)]
        self._files: dict[str, GrowingFile] = {}  # by path, the newest last
        self._refused = Refused(say)
        self._over: dict[str, None] = {}  # names that were followed and are gone, the latest last
        self._compressed: dict[str, set[str]] = {}  # by pattern: copies that are there, and need no reading
        self._held: deque[GrowingFile] = deque()  # those that keep a descriptor
        self._ready: list[tuple[int, int, GrowingFile]] = []  # a heap by time
        self._begun = 0
        self._next_scan = 0.0
        try:
            for path in paths:
                if path not in self._patterns and path not in self._files:
                    self._files[path] = self._open_file(path, named=True)
            self._scan()
            self._next_scan = 0.0  # all that is there is looked at first of all
        except BaseException:
            self.close()
            raise
        for pattern in self._patterns:
            if not glob.glob(pattern):
                self._say(Said("{path}: no such file yet; waiting for one", path=pattern))

    def frames(self) -> Iterator[Frame]:
        """Every packet as it comes; of what is there already, in time order. When waiting is over there is one last
        look, and what it finds is given."""
        over = False
        while True:
            while self._ready:
                _, _, file = heappop(self._ready)
                yield from self._frames_of(file, self._ready[0][0] if self._ready else _NEVER)
            if over or (not self._patterns and all(file.hopeless for file in self._files.values())):
                return
            over = self._wait.over
            self._look(everywhere=over)
            if not self._ready and not over:
                self._wait.look_again()

    def close(self) -> None:
        super().close()
        for file in self._files.values():
            file.finish()
        for _, _, file in self._ready:
            file.finish()

    # ------------------------------------------------------------------ reading

    def _frames_of(self, file: GrowingFile, limit: int) -> Iterator[Frame]:
        """The packets that a file has now, up to the time at which it is another file's turn."""
        file.ready = False
        try:
            frame, file.pending = file.pending or next(file.frames, None), None
            while frame is not None and frame is not NOTHING_YET:
                if frame[4] > file.time:
                    file.time = frame[4]
                    if frame[4] > limit:
                        file.pending = frame
                        self._its_turn(file)
                        return
                yield frame
                frame = next(file.frames, None)
        except CaptureError as error:
            self._damaged(file, error)
            return
        if frame is None:
            file.finish()
        elif file.last:
            self._read_to_its_end(file)

    def _its_turn(self, file: GrowingFile) -> None:
        if not file.ready:
            file.ready = True
            heappush(self._ready, (file.time, file.order, file))

    def _read_to_its_end(self, file: GrowingFile) -> None:
        """What is cut at the end of a file that grows no more stays cut."""
        file.last = True
        if file.blocks is None or file.done:
            file.finish()
            return
        file.blocks.growing = False
        self._its_turn(file)

    def _damaged(self, file: GrowingFile, error: CaptureError) -> None:
        """Nothing more can be read of a file, unless it is only that it was written anew meanwhile."""
        try:
            if not file.last and file.written_anew():
                self._begin_anew(file)
                return
        except CaptureError:
            pass  # it cannot even be looked at
        self._give_up(file, error)

    def _give_up(self, file: GrowingFile, error: CaptureError | FileError) -> None:
        file.finish()
        file.hopeless = True
        if not isinstance(error, CaptureError):
            error = CaptureError(file.path, 0, error.problem)
        self._damage.append(error)
        self._say(error.text)

    # ------------------------------------------------------------------ looking

    def _look(self, everywhere: bool) -> None:
        """Look for files that are new or other ones than before, and only then for what all hold: where a file is
        rotated, the one before was complete by the time the new one was there."""
        everywhere = everywhere or time.monotonic() >= self._next_scan
        if everywhere:
            self._scan()
        for look in (self._look_who_it_is, self._look_for_more):
            files = list(self._files.values())
            for file in files if everywhere else files[-_RECENT:]:
                look(file)

    def _scan(self) -> None:
        begun, worked = time.monotonic(), time.thread_time()
        self._refused.make_room()
        for pattern in self._patterns:
            matched = set(glob.glob(pattern))
            copy = f"{pattern}.*"
            new = [path for path in sorted(matched - self._files.keys()) if not _is_copy(path, copy)]
            for path in new:
                if self._refused.is_new(path):
                    self._add(path, named=False)
            # Only behind the files: a copy is whole when its file is gone, and comes by time before the next file.
            copies = {path for path in glob.glob(copy) if _is_copy(path, copy)}
            for path in new:
                known = path in self._files or path in self._refused or os.path.lexists(path)
                if not known and copies.isdisjoint(path + ending for ending in _ENDINGS):
                    self._tell(path, _LOST)
            self._look_for_copies(pattern, matched, copies)
        now = time.monotonic()
        # Time that others had the processor for is not work: on a busy machine files come and go meanwhile.
        self._next_scan = now + max(LOOK, now - begun, _SHARE * (time.thread_time() - worked))

    def _look_for_copies(self, pattern: str, matched: set[str], copies: set[str]) -> None:
        """Read the copies of files that were never seen themselves. `matched`: what the pattern found."""
        first = pattern not in self._compressed
        before: list[str] = []
        for path in sorted(copies - self._compressed.get(pattern, set())):
            plain = os.path.splitext(path)[0]
            if path in self._files or plain in self._files or plain in self._over or plain in self._refused:
                continue
            if os.path.lexists(plain):
                copies.remove(path)  # it may still be being written: the next look decides
            elif not first or plain in matched:
                if not self._add(path, named=False, compressed=True) and not os.path.lexists(path):
                    self._tell(plain, _LOST)
            elif self._refused.is_new(path):
                if path in matched:
                    self._add(path, named=False)
                else:
                    before.append(path)
        self._compressed[pattern] = copies
        if before:
            problem = Said(
                "not read, because compressed before this began: {count:,} (the last is {name})",
                count=len(before),
                name=before[-1],
            )
            self._tell(pattern, problem)

    def _add(self, path: str, named: bool, compressed: bool = False) -> bool:
        """Follow the file that has that name now; gives whether there is one. `compressed`: it is whole."""
        try:
            file = self._open_file(path, named, compressed)
        except FileError as error:
            self._refused.add(path, named, error)
            return False
        self._files.pop(path, None)
        self._files[path] = file
        if file.pending is not None:
            self._its_turn(file)
        return True

    def _open_file(self, path: str, named: bool, compressed: bool = False) -> GrowingFile:
        """Raises FileError."""
        raw = open_plain(path)
        file = GrowingFile(path, named, self._begun, raw)
        self._begun += 1
        try:
            if compressed:
                file.begin_compressed(self.facts)
            else:
                file.begin(self.facts)
        except CaptureError as error:
            raw.close()
            raise FileError(path, error.problem) from error
        except FileError:
            raw.close()
            raise
        self._held.append(file)
        if len(self._held) > HELD_OPEN:
            self._held.popleft().raw.close()
        return file

    def _look_who_it_is(self, file: GrowingFile) -> None:
        try:
            status = os.stat(file.path)
        except OSError:
            self._gone(file)
            return
        if (status.st_dev, status.st_ino) != file.identity:
            self._replaced(file)
        elif status.st_size < file.size or (not self._is_as_before(file, status) and self._written_anew(file)):
            self._begin_anew(file)

    def _written_anew(self, file: GrowingFile) -> bool:
        try:
            return file.blocks is not None and not file.done and file.written_anew()
        except CaptureError as error:
            self._damaged(file, error)
            return False

    @staticmethod
    def _is_as_before(file: GrowingFile, status: os.stat_result) -> bool:
        return (status.st_size, status.st_mtime_ns) == (file.size, file.changed_ns)

    def _look_for_more(self, file: GrowingFile) -> None:
        try:
            status = os.stat(file.path)
        except OSError:
            return
        same = (status.st_dev, status.st_ino) == file.identity and status.st_size >= file.size
        if same and not file.last and not self._is_as_before(file, status):
            self._grown(file, status.st_size, status.st_mtime_ns)

    def _grown(self, file: GrowingFile, size: int, changed_ns: int) -> None:
        """It was written to, and is at least as large as before."""
        file.size, file.changed_ns = size, changed_ns
        try:
            if file.blocks is None:
                file.begin(self.facts)
            if file.blocks is None:
                return
            file.blocks.available = size
            if not file.primed:
                file.prime()
        except CaptureError as error:
            self._damaged(file, error)
        except FileError as error:
            self._give_up(file, error)
        else:
            if file.primed:
                self._its_turn(file)

    def _begin_anew(self, file: GrowingFile) -> None:
        """It was emptied, and what is written to it now is another capture."""
        if file.unread and not file.done:
            self._tell(file.path, Said("was written anew before all of it was read: packets are missing"))
        elif file.named:
            self._tell(file.path, Said("was emptied; going on with what is written to it now"))
        pending = file.pending
        file.finish()
        if pending is not None:
            file.pending = pending
            self._its_turn(file)
        self._come_back(file)

    def _replaced(self, file: GrowingFile) -> None:
        """Another file has its name."""
        if file.named:
            there = Said("is there again; going on with that")
            other = Said("was replaced by another file; going on with that")
            self._tell(file.path, there if file.identity is None else other)
        self._leave(file)
        self._come_back(file)

    def _gone(self, file: GrowingFile) -> None:
        """Nothing has its name any more."""
        if file.identity is None:
            return
        file.identity = None
        self._leave(file)
        if file.named:
            self._tell(file.path, Said("was removed; waiting for it to come back"))
        else:
            del self._files[file.path]
            self._over[file.path] = None
            if len(self._over) > limits.FOLLOWED_NAMES:
                del self._over[next(iter(self._over))]

    def _tell(self, path: str, what: str) -> None:
        self._say(Said("{path}: {problem}", path=path, problem=what))

    def _leave(self, file: GrowingFile) -> None:
        """Read the rest of a file that has lost its name."""
        if file.done or file.last:
            return
        size = file.raw.held_size()
        if size is None:
            if file.unread:
                self._tell(file.path, _LOST)
            file.finish()
            return
        file.size = size
        try:
            if file.blocks is None:  # tcpdump writes a short file only when it is over, and -z takes it away at once
                file.begin(self.facts)
        except (CaptureError, FileError) as error:
            self._give_up(file, error)
            return
        self._read_to_its_end(file)

    def _come_back(self, file: GrowingFile) -> None:
        """Follow what has the name of that file now; where it cannot be followed, wait for the next."""
        if not self._add(file.path, file.named) and file.named:
            file.identity = self._refused.identity(file.path)
            file.last = True


def is_pattern(path: str) -> bool:
    """Whether a name stands for others: it has *, ? or [, and no file is called so."""
    return glob.has_magic(path) and not os.path.lexists(path)


def _is_copy(path: str, pattern: str) -> bool:
    """Whether it is called as a compressed copy of a file would be; `pattern`: of any copies."""
    return path.endswith(_ENDINGS) and fnmatch(path, pattern)
