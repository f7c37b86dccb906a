"""A capture file, whatever it is called: its compression and its format are told by their magic alone."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from typing import BinaryIO

from httptrace.capture import pcap, pcapng
from httptrace.capture.blocks import Blocks, FileBlocks, RawFile, SourceError, StreamBlocks
from httptrace.capture.compression import Decompressed, is_compressed
from httptrace.capture.facts import Described, Facts
from httptrace.capture.waiting import Waiting
from httptrace.errors import CaptureError, FileError, Said, reason
from httptrace.limits import BLOCK
from httptrace.model import Frame

#: What is certainly something else, by its first bytes, and what it is.
REFUSED = (
    (b"\xa1\xb2\xcd\x34", Said("a pcap file of Kuznetzov's modified libpcap")),
    (b"\x34\xcd\xb2\xa1", Said("a pcap file of Kuznetzov's modified libpcap")),
    (b"\xa1\xb2\x34\xcd", Said("a pcap file of a modified libpcap (magic a1b234cd)")),
    (b"\xcd\x34\xb2\xa1", Said("a pcap file of a modified libpcap (magic a1b234cd)")),
    (b"\xa1\x2b\x3c\x4d", Said("a Navtel capture")),
    (b"\x4d\x3c\x2b\xa1", Said("a Navtel capture")),
    (b"snoop\0\0\0", Said("a snoop capture (RFC 1761)")),
    (b"btsnoop\0", Said("a Bluetooth snoop capture")),
    (b"GMBU", Said("a Microsoft Network Monitor 2 capture")),
    (b"RTSS", Said("a Microsoft Network Monitor 1 capture")),
    (b"TRSNIFF data    \x1a", Said("a Sniffer capture")),
    (b"XCP\0", Said("a NetXray or Windows Sniffer capture")),
    (b"\x7fver", Said("an OmniPeek capture")),
    (b"iptrace ", Said("an AIX iptrace capture")),
    (b"BZh", Said("compressed with bzip2")),
    (b"PK\x03\x04", Said("a ZIP archive")),
    (b"7z\xbc\xaf\x27\x1c", Said("a 7-Zip archive")),
    (b"\x1f\x9d", Said("compressed with compress")),
    (b"\x02\x21\x4c\x18", Said("compressed with lz4's legacy format")),
)

READABLE = Said("pcap and pcapng are read, also compressed with gzip, zstd, xz or lz4")


class _Pipe:
    """A stream that cannot be sought: standard input, a named pipe."""

    def __init__(self, stream: BinaryIO, waiting: Waiting | None) -> None:
        self.taken = 0
        self._stream = stream
        self._waiting = waiting
        # What is there already, instead of waiting until `size` bytes are.
        self._read = getattr(stream, "read1", stream.read)

    def read(self, size: int) -> bytes:
        if self._waiting is not None:
            self._waiting.for_input(self._stream)
        try:
            data: bytes = self._read(size)
        except (OSError, ValueError) as error:  # ValueError: closed under us
            raise SourceError(Said("reading failed: {problem}", problem=reason(error))) from error
        self.taken += len(data)
        return data


class Capture(Described):
    """One open capture. Its packets come from `frames`, once; what else is known grows meanwhile."""

    def __init__(
        self, kind: str, blocks: Blocks, layout: pcap.Layout | None, facts: Facts, file: RawFile | BinaryIO
    ) -> None:
        """`kind`: pcap or pcapng. `layout`: of a pcap file whose header is whole."""
        self.path = blocks.path
        self.kind = kind
        self.size = file.size if isinstance(file, RawFile) else None  # bytes on disk
        self.facts = facts
        self._blocks = blocks
        self._layout = layout
        self._file = file
        if layout is not None:
            facts.add_interface(layout.interface)

    @property
    def bytes_read(self) -> int:
        """Bytes read of the file as it is on disk, so before decompression."""
        return self._blocks.bytes_read

    @property
    def damage(self) -> CaptureError | None:
        """The error that ended `frames`."""
        return self._blocks.damage

    def frames(self) -> Iterator[Frame]:
        """Every packet in the order of the file. Raises CaptureError at damage, behind all before it."""
        if self.kind == "pcapng":
            return pcapng.Reader(self._blocks, self.facts).frames()
        return pcap.frames(self._blocks, self._layout)

    def close(self) -> None:
        self._blocks.close()
        if self.path != "-":
            self._file.close()

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_capture(
    path: str,
    facts: Facts | None = None,
    hold: bool = True,
    block_size: int = BLOCK,
    waiting: Waiting | None = None,
) -> Capture:
    """The capture at `path`, or on standard input where it is "-". Raises FileError where there is none.

    `facts`: where to put what the file says beside packets, if several files share it. `hold` false: a plain
    file is opened anew for every block. `waiting`: told where a pipe has to be waited for.
    """
    file = _open(path, hold)
    try:
        blocks, head = blocks_of(path, file, block_size, waiting)
        return capture_of(blocks, head, facts or Facts(), file)
    except BaseException:
        if path != "-":
            file.close()
        raise


def capture_of(blocks: Blocks, head: bytes, facts: Facts, file: RawFile | BinaryIO) -> Capture:
    """The capture that begins with `head` (as much of a pcap file's header as there is). Raises FileError."""
    magic = head[:4]
    if magic not in pcap.MAGICS and magic != pcapng.MAGIC:
        raise FileError(blocks.path, _what_it_is(head, blocks))
    layout = None
    if magic in pcap.MAGICS and len(head) >= pcap.HEADER:
        layout = pcap.read_header(blocks.path, head)
    return Capture("pcapng" if magic == pcapng.MAGIC else "pcap", blocks, layout, facts, file)


def blocks_of(path: str, file: RawFile | BinaryIO, size: int, waiting: Waiting | None) -> tuple[Blocks, bytes]:
    """The bytes of the file, decompressed where they need it, and the first of them. Raises FileError."""
    if isinstance(file, RawFile):
        source: RawFile | _Pipe = file
        plain: Blocks = FileBlocks(path, file, size)
    else:
        source = _Pipe(file, waiting)
        plain = StreamBlocks(path, source, size=size)
    head = plain.at(0, pcap.HEADER)
    if not head:
        raise FileError(path, plain.broken or Said("is empty (0 bytes), so no capture"))
    if not is_compressed(head):
        return plain, head
    if isinstance(file, RawFile):
        unpacked = StreamBlocks(path, Decompressed(file), size=size)
    else:
        unpacked = StreamBlocks(path, Decompressed(source, head), size=size)
    return unpacked, unpacked.at(0, pcap.HEADER)


def is_file(path: str) -> bool:
    """Whether `path` is a plain file, which can be opened again."""
    try:
        return path != "-" and stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _open(path: str, hold: bool) -> RawFile | BinaryIO:
    if path == "-":
        stream = getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise FileError(path, Said("there is no standard input"))
        if stream.isatty():
            raise FileError(path, Said("standard input is a terminal; a capture comes by a pipe or `<`"))
        opened: BinaryIO = stream
        return opened
    try:
        if os.path.isdir(path):
            raise FileError(path, Said("is a directory"))
        if not is_file(path):
            return open(path, "rb")
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise FileError(path, Said("cannot be opened: {problem}", problem=reason(error))) from error
    except ValueError as error:  # a null byte in the name
        raise FileError(repr(path), Said("cannot be opened: {problem}", problem=reason(error))) from error
    return RawFile(path, descriptor, hold)


def _what_it_is(head: bytes, blocks: Blocks) -> str:
    """Why a file that begins with `head` is not read."""
    for magic, name in REFUSED:
        if head.startswith(magic):
            return Said("is {name}, which is not read; {readable}", name=name, readable=READABLE)
    if blocks.broken is not None:
        return Said("is no capture that can be read: {problem}", problem=blocks.broken)
    if not head:
        return Said("is compressed and holds nothing, so no capture")
    return Said("is no capture (it begins with {head}); {readable}", head=head[:4].hex(" "), readable=READABLE)
