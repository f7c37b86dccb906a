"""What a live capture saves: pcapng, in one file or in a row of them, of which the last few are kept.

Packets are put together in one buffer, block behind block, and written from there: one copy of each, and one call of
the system for many. Where files are rotated they are named as dumpcap names them (name_00001_20260101120000.pcapng).
A new one is begun by what the packets say, their size or their time, never by a clock, so no file is empty but the
first of a quiet line. Each is a whole capture: it describes all interfaces anew, and its statistics count from its own
beginning, so that the counts of several add up.

A pipe is written to by a thread: where its reader stands still, packets wait in memory. Beyond a bound they are left
out, counted, and said to be dropped in the statistics.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections import deque
from collections.abc import Callable
from struct import Struct

import httptrace
from httptrace.capture.create import Owner, create_new, open_to_write
from httptrace.capture.queued import QueuedWriter, write_all
from httptrace.capture.write import interface_description, interface_statistics, section_header
from httptrace.errors import CaptureError, FileError, Said, reason
from httptrace.limits import KIB, LIVE_BUFFER

#: Bytes that are put together before they are written. More would leave the processor's cache.
_BUFFER = 256 * KIB

#: An Enhanced Packet Block's type, total length, interface, halves of the time (upper first), captured and wire length.
_ENHANCED = Struct("<7I").pack_into
_ENHANCED_HEAD = 28
_ENHANCED_LEAST = 32
#: The end of a block's padding, and its length once more.
_TAIL = Struct("<II").pack_into

#: Names that are tried where one is taken already.
_ATTEMPTS = 1_000

_STATISTICS = len(interface_statistics(0, 0, 0, 0, 0))
_NEVER = 2**64


class _Interface:
    """An interface as every file describes it, and what its statistics said last."""

    def __init__(self, description: bytes) -> None:
        self.description = description
        self.counted: tuple[int, int] | None = None  # received and dropped, since the capture began
        self.before = (0, 0)  # the same when this file began
        self.written: tuple[int, int] | None = None  # what this file says


class CaptureFiles:
    """Takes the packets of a capture and saves them at `path`; "-" is standard output.

    `rotate`: the largest size of a file in bytes, `every_ns`: the longest time of packets in one; with either, names
    are made of `path`. `keep`: how many files stay, the oldest are removed. `filter`: what was captured, in tcpdump's
    language. `owner`: the user and group whose the files are; they are opened with their rights (None: with those of
    whoever runs this). `waiting`: bytes that may wait for the reader of a pipe.

    Raises FileError where nothing can be saved there, then and later CaptureError where writing stops (the disk is
    full): everything before is whole, and nothing that comes behind is taken any more.
    """

    def __init__(
        self,
        path: str,
        *,
        rotate: int | None = None,
        every_ns: int | None = None,
        keep: int | None = None,
        filter: str = "",
        owner: Owner | None = None,
        waiting: int = LIVE_BUFFER,
    ) -> None:
        self.path = path  # of the file that is written now
        self.packets = 0  # taken so far, in all files
        self.left_out = 0  # of them, because the reader of a pipe did not take them
        self.files = 0  # begun so far
        self._rotates = rotate is not None or every_ns is not None
        self._largest = _NEVER if rotate is None else rotate
        self._every_ns = every_ns
        self._keep = keep
        self._filter = filter
        self._owner = owner
        self._template = path
        self._kept: deque[tuple[str, tuple[int, int]]] = deque()  # name and identity of what this run made
        self._interfaces: list[_Interface] = []
        self._buffer = bytearray(2 * _BUFFER)
        self._at = 0  # end of what the buffer holds
        self._room = 0  # up to where it may be filled
        self._written = 0  # bytes of this file
        self._begun_ns = 0  # when this file began
        self._until_ns = 0  # a packet of that time or later is for the next file; 0 until there is one
        self._in_file = 0  # `packets` when this file began
        self._last_ns = 0  # time of the last packet
        self._header = _header()
        self._descriptor: int | None = None
        self._waiting = waiting
        self._is_pipe = False
        self._queue: QueuedWriter | None = None  # of a pipe, from the first packet on
        self._queued = 0  # `packets` when something was put there last
        self._descriptions: list[bytes] = []  # those in the buffer: they are never left out
        self._refuse(rotate, every_ns, keep)
        self._open()

    def _refuse(self, rotate: int | None, every_ns: int | None, keep: int | None) -> None:
        for value in (rotate, every_ns, keep):
            if value is not None and value < 1:
                raise FileError(self._template, Said("files are rotated and kept by numbers from 1 on"))
        if self._template == "-" and (self._rotates or keep is not None):
            problem = Said("standard output is one file: it is neither rotated nor are files of it kept")
            raise FileError(self._template, problem)
        if keep is not None and not self._rotates:
            raise FileError(self._template, Said("files are kept where they are rotated, by size or time"))

    # ------------------------------------------------------------------ what is taken

    def interface(self, name: str, link_type: int, snap_length: int) -> int:
        """Describe an interface; gives the number that its packets name."""
        description = interface_description(name, link_type, snap_length, self._filter)
        self._interfaces.append(_Interface(description))
        self._descriptions.append(description)
        self._append(description)
        self._room = 0  # less of it is left for packets
        return len(self._interfaces) - 1

    def packet(self, interface: int, time_ns: int, data: bytes | bytearray | memoryview, length: int) -> None:
        """A packet; `length` is its length on the wire. Its bytes are copied."""
        captured = len(data)
        total = captured + 35 & ~3
        at = self._at
        end = at + total
        if end > self._room or time_ns >= self._until_ns:
            self._make_room(total, time_ns)
            at = self._at
            end = at + total
        buffer = self._buffer
        # The padding lies under the tail's first half, and the head and the data above that.
        _TAIL(buffer, end - 8, 0, total)
        _ENHANCED(buffer, at, 6, total, interface, time_ns >> 32, time_ns & 0xFFFF_FFFF, captured, length)
        buffer[at + _ENHANCED_HEAD : at + _ENHANCED_HEAD + captured] = data
        self._at = end
        self._last_ns = time_ns
        self.packets += 1

    def statistics(self, interface: int, received: int, dropped: int) -> None:
        """What an interface has received and dropped since the capture began; packets that were dropped since it was
        asked last are written down with the time, for whoever finds a gap there."""
        one = self._interfaces[interface]
        drops_before = one.counted[1] if one.counted is not None else 0
        if interface == 0:  # there is no better one for them
            dropped += self.left_out
        one.counted = received, dropped
        if dropped > drops_before:
            self._append(self._statistics_of(interface, time.time_ns()))
            self._room = 0

    def flush(self) -> None:
        """Write all that was taken, so that who reads the file now finds it there."""
        if self._at:
            self._write()
        if self._last_ns < self._begun_ns and self.packets > self._in_file:
            self._measure_from(self._last_ns)  # the clock was set back; the file would last for hours

    def close(self) -> None:
        """Write what is left and the statistics; nothing is taken any more."""
        queue, self._queue = self._queue, None
        self._is_pipe = False  # what is left is written here, as soon as the reader takes it
        if queue is not None:
            self._writing(queue.finish)
            for one in self._interfaces:
                one.written = None  # it may have been left out
        if self._descriptor is not None:
            self._end_file()

    # ------------------------------------------------------------------ the files

    def _make_room(self, total: int, time_ns: int) -> None:
        """Write what the buffer holds, or go on to the next file, until a block of that size fits."""
        begins = self.packets == self._in_file
        size = self._written + self._at + total + self._reserve()
        late = time_ns >= self._until_ns and not begins
        if self._descriptor is not None and (late or (size > self._largest and not begins)):
            self._end_file()
            self._open(time_ns)
            begins = True
        if begins:
            self._measure_from(time_ns)
        if self._at + total > _BUFFER:
            self._write()
        left = self._largest - self._written - self._reserve()
        self._room = max(min(_BUFFER, left), self._at + total)
        if self._room > len(self._buffer):
            self._buffer.extend(bytes(self._room - len(self._buffer)))

    def _reserve(self) -> int:
        """Bytes of a file that are left for statistics: those of its end, and those of drops before."""
        return 2 * _STATISTICS * len(self._interfaces)

    def _measure_from(self, time_ns: int) -> None:
        """The file's time begins with that of a packet."""
        self._begun_ns = time_ns
        self._until_ns = _NEVER if self._every_ns is None else time_ns + self._every_ns

    def _open(self, time_ns: int | None = None) -> None:
        """Begin a file; `time_ns`: of its first packet, if there is one."""
        first = time_ns is None
        self._begun_ns = time.time_ns() if time_ns is None else time_ns
        self._written = 0
        self._in_file = self.packets
        if self._template == "-":
            self._descriptor = _standard_output()
        elif not self._rotates:
            self._descriptor = open_to_write(self._template, self._owner)
        else:
            self._remove_oldest()
            try:
                self.path, self._descriptor = self._create()
            except (OSError, ValueError) as error:
                if first:
                    raise self._no_files_here(reason(error)) from error
                problem = Said("the next file cannot be created: {problem}", problem=reason(error))
                raise CaptureError(self._template, 0, problem) from error
            status = os.fstat(self._descriptor)
            self._kept.append((self.path, (status.st_dev, status.st_ino)))
        self.files += 1
        kind = os.fstat(self._descriptor).st_mode
        self._is_pipe = stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)
        for one in self._interfaces:
            one.before = one.counted or (0, 0)
            one.written = None
        self._append(self._header)
        for one in self._interfaces:
            self._append(one.description)
        if first:
            self._write()  # whoever follows the file finds a capture

    def _create(self) -> tuple[str, int]:
        """The next name that is free, and its file."""
        stem, extension = os.path.splitext(self._template)
        stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(self._begun_ns // 1_000_000_000))
        for number in range(self.files + 1, self.files + _ATTEMPTS):
            name = f"{stem}_{number:05}_{stamp}{extension}"
            try:
                return name, create_new(name, self._owner)
            except FileExistsError:
                continue
        raise OSError(errno.EEXIST, Said("all names like {name} are taken", name=name))

    def _no_files_here(self, problem: str) -> FileError:
        there = Said("files cannot be created there: {problem}", problem=problem)
        if self._owner is not None:
            there = Said(
                "files cannot be created there by the user who runs the capture (number {number}): {problem}",
                number=self._owner[0],
                problem=problem,
            )
        advice = Said(
            "{problem}; "
            "rotated files need a directory that allows it, or a capture that stays root (--no-drop-privileges)",
            problem=there,
        )
        return FileError(os.path.dirname(self._template) or ".", advice)

    def _remove_oldest(self) -> None:
        """Remove files of this run, so that with the next one there are as many as shall be kept."""
        while self._keep is not None and len(self._kept) >= self._keep:
            name, identity = self._kept.popleft()
            try:
                status = os.stat(name, follow_symlinks=False)
                if (status.st_dev, status.st_ino) == identity:
                    os.unlink(name)
            except FileNotFoundError:
                pass  # someone else did
            except OSError as error:
                problem = Said("the oldest file cannot be removed: {problem}", problem=reason(error))
                raise CaptureError(name, 0, problem) from error

    def _end_file(self) -> None:
        """Write the statistics of every interface that has some, and close the file."""
        now = time.time_ns()
        for number, one in enumerate(self._interfaces):
            if one.counted is not None and one.written != one.counted:
                self._append(self._statistics_of(number, now))
        self._write()
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and self._template != "-":
            os.close(descriptor)

    def _statistics_of(self, interface: int, now_ns: int) -> bytes:
        one = self._interfaces[interface]
        assert one.counted is not None
        one.written = one.counted
        received, dropped = (max(0, count - before) for count, before in zip(one.counted, one.before, strict=True))
        return interface_statistics(interface, min(self._begun_ns, now_ns), now_ns, received, dropped)

    # ------------------------------------------------------------------ bytes

    def _append(self, block: bytes) -> None:
        if self._at + len(block) > len(self._buffer):
            self._write()
        self._buffer[self._at : self._at + len(block)] = block
        self._at += len(block)

    def _write(self) -> None:
        """Write the buffer. Raises CaptureError where that does not work; the file then ends with a whole block."""
        size, self._at, self._room = self._at, 0, 0
        descriptor = self._descriptor
        if descriptor is None:
            return  # writing has stopped
        with memoryview(self._buffer)[:size] as piece:
            if self._is_pipe and self.packets:
                self._writing(lambda: self._put(descriptor, bytes(piece)))
            else:
                self._writing(lambda: write_all(descriptor, piece))
        self._written += size

    def _put(self, descriptor: int, piece: bytes) -> None:
        """Let the thread write it; without room only what the packets behind it cannot do without."""
        if self._queue is None:
            # Begun with the first packet: by then the process has the rights that it keeps, and a thread has them too.
            self._queue = QueuedWriter(descriptor, self._waiting)
        if not self._queue.put(piece):
            self.left_out += self.packets - self._queued
            self._queue.put(b"".join(self._descriptions), within=False)
        self._queued = self.packets
        self._descriptions.clear()

    def _writing(self, do: Callable[[], object]) -> None:
        try:
            do()
        except BrokenPipeError:
            self._descriptor = None
            raise
        except OSError as error:
            if self._descriptor is not None:
                self._stop(self._descriptor)
            problem = Said("writing stopped: {problem}; everything before is kept", problem=reason(error))
            raise CaptureError(self.path, self._written, problem) from error

    def _stop(self, descriptor: int) -> None:
        """Take back what was written of a block in part, and write no more."""
        self._descriptor = None
        if self._template == "-":
            return
        try:
            os.ftruncate(descriptor, self._written)
        except OSError:
            pass  # a pipe
        os.close(descriptor)


def _header() -> bytes:
    system = os.uname() if hasattr(os, "uname") else None
    if system is None:
        return section_header("", sys.platform, f"httptrace {httptrace.__version__}")
    return section_header(system.machine, f"{system.sysname} {system.release}", f"httptrace {httptrace.__version__}")


def _standard_output() -> int:
    if sys.stdout is None or sys.stdout.isatty():
        raise FileError("-", Said("a capture is no text for a terminal: send it to a file or a pipe"))
    sys.stdout.flush()
    return sys.stdout.fileno()
