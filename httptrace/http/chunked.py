"""The chunked transfer coding, undone as it passes (RFC 9112 §7.1).

    chunked-body   = *chunk last-chunk trailer-section CRLF
    chunk          = chunk-size [ chunk-ext ] CRLF chunk-data CRLF

The reader is in one of four places: in a size line, in chunk data, in the line end behind it, in the trailers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto

from httptrace import limits, notes
from httptrace.http import syntax
from httptrace.http.framing import Fault
from httptrace.limits import Room
from httptrace.model import Field
from httptrace.notes import note_text

#: chunk-size [ BWS ] [ chunk-ext ], with the blanks that real servers leave behind it.
_SIZE_LINE = re.compile(rb"(0*[0-9A-Fa-f]{1,15})[ \t]*(;[^\r\n]*)?")


NO_ROOM = note_text("more unfinished lines waited than are kept; the message is read no further")


class Place(Enum):
    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILERS = auto()


#: Taken from the class once: there, Python 3.11 needs 0.1 µs to find one, and these are asked for in every chunk.
SIZE, DATA, DATA_END, TRAILERS = Place


#: A size line without extensions.
_PLAIN_SIZE = re.compile(rb"([0-9A-Fa-f]{1,7})\r\n").match


class ChunkedContent:
    """The content of one message. `done`: the last chunk and its trailers were read; `broken`: it cannot be read on."""

    __slots__ = (
        "_counted",
        "_faults",
        "_heads",
        "_line",
        "_place",
        "broken",
        "chunks",
        "data_left",
        "done",
        "framing_bytes",
        "trailers",
    )

    def __init__(self, heads: Room | None = None) -> None:
        self._heads = heads  # where lines that wait for their end are counted, over all connections
        self._counted = 0  # octets taken of it
        self._place = SIZE
        self.data_left = 0  # of the chunk being read
        self._line = b""  # an unfinished size line, or the trailer section so far
        self._faults: tuple[Fault, ...] = ()
        self.chunks = 0
        self.framing_bytes = 0  # octets of size lines, line ends and trailers
        self.trailers: list[Field] | None = None
        self.done = False
        self.broken = False

    def feed(self, data: bytes, begin: int, end: int, content: Callable[[bytes], None]) -> int:
        """Read on; `content` gets the chunk data. Gives where the body ended, or where reading stopped, or `end`."""
        while begin < end and not self.done and not self.broken:
            place = self._place
            if place is DATA:
                size = min(self.data_left, end - begin)
                content(data[begin : begin + size])
                begin += size
                self.data_left -= size
                if not self.data_left:
                    self._place = DATA_END
            elif place is SIZE:
                if not self._line:
                    begin = self._whole_chunks(data, begin, content)
                begin = self._size_line(data, begin, end) if begin < end else end
            elif place is DATA_END:
                begin = self._data_end(data, begin)
            else:
                begin = self._trailer_section(data, begin, end)
        return begin

    def _whole_chunks(self, data: bytes, begin: int, content: Callable[[bytes], None]) -> int:
        """Chunks that lie whole in the data and look as servers write them; gives where the first other one begins."""
        pieces: list[bytes] = []
        while (size_line := _PLAIN_SIZE(data, begin)) is not None:
            first = size_line.end()
            size = int(size_line[1], 16)
            behind = first + size
            if not size or data[behind : behind + 2] != b"\r\n":
                break
            pieces.append(data[first:behind])
            self.framing_bytes += first - begin + 2
            begin = behind + 2
        if pieces:
            self.chunks += len(pieces)
            content(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        return begin

    def let_go(self) -> None:
        """No line waits for its end any more."""
        if self._counted and self._heads is not None:
            self._heads.give_back(self._counted)
        self._counted = 0

    def _keep(self, line: bytes) -> None:
        """Keep an unfinished line, or trailer section, if there is room for it."""
        self._line = line
        more = len(line) - self._counted
        if self._heads is None or self._heads.take(more):
            self._counted += more
        else:
            self._fault(NO_ROOM, notes.HEAD_LIMIT)
            self.broken = True

    def gap(self, length: int) -> bool:
        """Bytes are missing; whether they all lay inside one chunk's data."""
        if self._place is not DATA or length > self.data_left:
            return False
        self.data_left -= length
        if not self.data_left:
            self._place = DATA_END
        return True

    @property
    def plain(self) -> bool:
        """Whether no rule was broken, as far as it was read, and no trailers came."""
        return not self._faults and not self.trailers and not self.broken

    def take_faults(self) -> tuple[Fault, ...]:
        """The rules broken since the last call."""
        faults, self._faults = self._faults, ()
        return faults

    def _fault(self, text: str, code: str = notes.BAD_FRAMING) -> None:
        fault = Fault(code, text)
        if fault not in self._faults:
            self._faults = (*self._faults, fault)

    def _size_line(self, data: bytes, begin: int, end: int) -> int:
        at = data.find(b"\n", begin, end)
        if at < 0:
            self._keep(self._line + data[begin:end])
            self.framing_bytes += end - begin
            if len(self._line) > limits.CHUNK_LINE:
                self._fault(note_text("a chunk-size line is longer than any server sends (RFC 9112 §7.1)"))
                self.broken = True
            return end
        line = self._line + data[begin:at] if self._line else data[begin:at]
        if self._line:
            self._line = b""
            self.let_go()
        if line.endswith(b"\r"):
            line = line[:-1]
        else:
            self._fault(note_text("a chunk-size line ends in LF without CR (RFC 9112 §7.1)"))
        match = _SIZE_LINE.fullmatch(line.strip(b" \t"))
        if match is None:
            self._fault(note_text("a chunk size is no hexadecimal number (RFC 9112 §7.1)"))
            self.broken = True
            return begin
        if line[:1] in (b" ", b"\t"):
            self._fault(note_text("blanks stand before a chunk size (RFC 9112 §7.1)"))
        self.framing_bytes += at + 1 - begin
        self.data_left = int(match[1], 16)
        if self.data_left:
            self.chunks += 1
            self._place = DATA
        else:
            self._place = TRAILERS
        return at + 1

    def _data_end(self, data: bytes, begin: int) -> int:
        """The CRLF behind chunk data."""
        octet = data[begin]
        if octet == 10:
            if self._line != b"\r":
                self._fault(note_text("chunk data ends in LF without CR (RFC 9112 §7.1)"))
            self._line = b""
            self._place = SIZE
        elif octet == 13 and not self._line:
            self._line = b"\r"
        else:
            self._fault(note_text("chunk data is not followed by CRLF (RFC 9112 §7.1)"))
            self.broken = True
            return begin
        self.framing_bytes += 1
        return begin + 1

    def _trailer_section(self, data: bytes, begin: int, end: int) -> int:
        if not self._line and data[begin : begin + 2] == b"\r\n":  # no trailers, nearly always
            self.framing_bytes += 2
            self.done = True
            return begin + 2
        known = len(self._line)
        whole = self._line + data[begin:end]
        if whole[:1] == b"\n":
            found = 1
        elif whole[:2] == b"\r\n":
            found = 2
        else:
            found = syntax.head_end(whole, 0, known - 3)
        if found < 0:
            if len(whole) > limits.TRAILERS:
                self._fault(note_text("the trailer section is longer than httptrace keeps"))
                self.broken = True
            self.framing_bytes += end - begin
            self._keep(whole)
            return end
        self._line = b""
        self.let_go()
        self.framing_bytes += found - known
        lines, clean = syntax.split_lines(whole[:found].decode("latin-1"))
        head = syntax.parse_fields([line for line in lines if line])
        self.trailers = head.fields
        if not clean:
            self._fault(syntax.BARE_LF)
        for text in head.faults:
            self._fault(text)
        self.done = True
        return begin + found - known
