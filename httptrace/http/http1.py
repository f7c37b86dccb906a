"""HTTP/1 as an observer reads it: one reader a direction, bytes and gaps in, events out (RFC 9112).

The theory. A direction is a row of messages: a head, its content, the next head. A reader is in one of these states:

    START     between messages; empty lines are passed over (RFC 9112 §2.2)
    HEAD      a start line was begun, the empty line is not here yet
    LENGTH    so many octets of content to come
    CLOSE     content until the direction ends
    CHUNK...  in the chunked coding: see :mod:`httptrace.http.chunked`
    LOST      bytes are missing, or what came is no HTTP: look for the next start line
    OPAQUE    a tunnel, another protocol: nothing is read any more

A gap inside counted or until-close content is stepped over; anywhere else it leads to LOST. An endpoint would refuse
there; an observer goes on at the next start line that the other direction's acknowledgements allow.
"""

from __future__ import annotations

from httptrace import limits, notes
from httptrace.http import syntax
from httptrace.http.chunked import ChunkedContent
from httptrace.http.events import Listener, MessageEnd, MessageHead, ResponseHead
from httptrace.http.framing import BY_CHUNKS, BY_CLOSE, BY_LENGTH, BY_TUNNEL, Framing
from httptrace.http.grammar import CHUNKED, CLOSE, HEAD, LENGTH, LOST, OPAQUE, START
from httptrace.http.heads import CUT_TEXTS, NO_ROOM, RESYNCED_TEXT, UnfinishedHead
from httptrace.http.seeking import Seeker
from httptrace.model import At, Direction, End

_NOWHERE: At = (0, 0, 0)
_FIN, _RESET = End.FIN, End.RESET

#: More than any direction brings.
_ENDLESS = 1 << 62


class MessageReader(Seeker):
    """One direction of an HTTP/1 connection. Subclasses know the start line."""

    # First values of what many a direction never needs.
    remaining = 0
    chunked: ChunkedContent | None = None
    complete = True
    unknown_request = False  # the response being announced answers a request that is not captured
    _may_skip_content = False
    _content_at = 0

    def __init__(self, listener: Listener, offset: int = 0) -> None:
        super().__init__()
        self.listener = listener
        self.state = START
        self.offset = offset  # of the next byte in the direction's stream

    # ------------------------------------------------------------------ Sink

    def data(self, data: bytes, at: At) -> None:
        """The next bytes of the direction."""
        begin, end, self.segment = 0, len(data), data
        if self.state is START:
            begin = self.plain(data, 0, at)
            if not begin:
                self.headless(data, at)
        else:
            if self.opened:
                self._shut()
            if self._may_skip_content:
                self._may_skip_content = False
                if self.find_start(data, 0) == 0 and self._skips_content(at):
                    self._message_over(at, self.offset, MessageEnd(complete=self.sender is Direction.SERVER))
        while begin < end:
            state = self.state
            if state is START:
                begin = self._start(data, begin, end, at)
            elif state is LENGTH:
                begin = self._counted(data, begin, end, at)
            elif state is HEAD:
                begin = self._head(data, begin, end, at)
            elif state is CHUNKED:
                begin = self._chunked(data, begin, end, at)
            elif state is CLOSE:
                self.listener.content(self.sender, data[begin:] if begin else data, at)
                begin = end
            elif state is LOST:
                begin = self._look(data, begin, end, at)
            else:
                self.listener.bytes_spent(self.sender, "tunnel", end - begin)
                begin = end
        self.offset, self.segment = self.offset + end, b""
        state = self.state
        if state is START or self._may_skip_content:
            return
        if state is LENGTH or state is CLOSE or state is CHUNKED:
            self._open()

    def _skips_content(self, at: At) -> bool:
        """Whether a start line came in place of content: a request's was refused, a response may answer HEAD."""
        if self.sender is Direction.CLIENT:
            return True
        listener, offset = self.listener, self.offset
        return offset == self._content_at and listener.request_waits() and listener.agrees(self.sender, at, offset)

    def _open(self) -> None:
        """Open the side door for the content that is known to come."""
        bulk = _ENDLESS
        if self.state is LENGTH:
            bulk = self.remaining
        elif self.chunked is not None:
            bulk = self.chunked.data_left
        self.open_door(bulk, self.listener.content_door(self.sender))

    def _shut(self) -> None:
        """Shut the side door, and account for what went through it."""
        passed = self.shut_door()
        if not passed:
            return
        self.offset += passed
        self.listener.content_passed(self.sender, passed, self.bulk_at)
        if self.state is LENGTH:
            self.remaining -= passed
        elif self.chunked is not None:
            self.chunked.data_left -= passed

    def gap(self, length: int, at: At) -> None:
        """Bytes that were never captured."""
        if self.opened:
            self._shut()
        start = self.offset
        self.offset += length
        state = self.state
        if state is LENGTH:
            within = min(length, self.remaining)
            self.complete = False
            self.listener.content_gap(self.sender, within, at)
            self.remaining -= within
            if not self.remaining:
                self._message_over(at, start + within, MessageEnd(complete=False))
                if length > within:
                    self._lose(start + within, self.offset, lost_message=True)
        elif state is CLOSE:
            self.complete = False
            self.listener.content_gap(self.sender, length, at)
        elif state is CHUNKED:
            assert self.chunked is not None
            self.complete = False
            if self.chunked.gap(length):
                self.listener.content_gap(self.sender, length, at)
                return
            self.listener.content_gap(self.sender, length, at)
            self._message_over(at, start, self._chunked_end(complete=False))
            self._lose(start, self.offset, lost_message=False)
        elif state is HEAD:
            announced = self._head_cut(notes.CONTENT_GAP)
            self._lose(start, self.offset, lost_message=not announced)
        elif state is START:
            self._lose(start, self.offset, lost_message=True)
        elif state is LOST:
            self._searching().gap()
            self.listener.stream_gap(self.sender, start, self.offset, False)

    def end(self, reason: End, at: At) -> None:
        """The direction ends: content that runs until the close is whole, everything else is cut."""
        if self.opened:
            self._shut()
        state = self.state
        if state is HEAD:
            self._head_cut(notes.TRUNCATED)
        elif state is CLOSE:
            whole = reason is _FIN and self.complete
            cut = None if reason is _FIN else reason.value
            self._message_over(at, self.offset, MessageEnd(whole, truncated_by=cut))
        elif state is LENGTH:
            self._message_over(at, self.offset, MessageEnd(False, truncated_by=reason.value))
        elif state is CHUNKED:
            ending = self._chunked_end(complete=False)
            ending.truncated_by = reason.value
            self._message_over(at, self.offset, ending)
        elif state is LOST:
            self._say_skipped()
        if reason is not _RESET:
            self.state = OPAQUE
        elif self.state is not OPAQUE:  # what was on its way may still come, even a new request
            self._lose(self.offset, self.offset, lost_message=False)

    def hand_over(self) -> None:
        """From here on another protocol is spoken; what was begun stays unfinished."""
        if self.opened:
            self._shut()
        if self._unfinished is not None:
            self._head_cut(notes.TRUNCATED)  # its exchange exists, and has its number, since its start line
        elif self.state is LOST:
            self._say_skipped()
        elif self.state is LENGTH:
            self._message_over(_NOWHERE, self.offset, MessageEnd(complete=False))
        elif self.state is CHUNKED:
            self._message_over(_NOWHERE, self.offset, self._chunked_end(complete=False))
        self.state = OPAQUE

    def give_up(self) -> None:
        """Nothing more is read: let go of what is counted over all connections."""
        self._no_more_head()
        if self.chunked is not None:
            self.chunked.let_go()

    def inside(self, remaining: int, chunked: ChunkedContent | None, content_at: int) -> None:
        """Go on inside content that began at `content_at`: in these chunks, or so many octets of it are to come."""
        self.state = LENGTH if chunked is None else CHUNKED
        self._content_at, self.remaining, self.chunked = content_at, remaining, chunked

    def refused(self) -> None:
        """The content announced with Expect was declined: what comes next may be a new request instead of it."""
        if self.opened:
            self._shut()
        self._may_skip_content = self.state in (LENGTH, CHUNKED)

    # ------------------------------------------------------------------ content

    def _counted(self, data: bytes, begin: int, end: int, at: At) -> int:
        size = end - begin
        if size < self.remaining:
            self.remaining -= size
            self.listener.content(self.sender, data[begin:] if begin else data, at)
            return end
        until = begin + self.remaining
        self.remaining = 0
        self.listener.content(self.sender, data[begin:until], at)
        self._look_behind(at, self.offset + until)
        self._message_over(at, self.offset + until, MessageEnd(self.complete))
        return until

    def _chunked(self, data: bytes, begin: int, end: int, at: At) -> int:
        chunked = self.chunked
        assert chunked is not None
        listener, sender = self.listener, self.sender
        begin = chunked.feed(data, begin, end, lambda piece: listener.content(sender, piece, at))
        self.chunks_read(at, begin)
        return begin

    def chunks_read(self, at: At, taken: int = 0) -> None:
        """Look at what came of reading chunks, up to so many octets behind `offset`."""
        chunked, offset = self.chunked, self.offset + taken
        assert chunked is not None
        for fault in chunked.take_faults():
            self.listener.fault(self.sender, fault.code, at[0], fault.text, {})
        if chunked.broken:
            self._message_over(at, offset, self._chunked_end(complete=False))
            self._lose(offset, offset, lost_message=False)
        elif chunked.done:
            self._look_behind(at, offset)
            self._message_over(at, offset, self._chunked_end(complete=self.complete))

    def _chunked_end(self, complete: bool) -> MessageEnd:
        chunked = self.chunked
        assert chunked is not None
        chunked.let_go()
        return MessageEnd(complete, chunked.trailers or [], chunked.chunks, None, chunked.framing_bytes)

    def _message_over(self, at: At, offset: int, end: MessageEnd) -> None:
        self._may_skip_content = False
        self.state = START
        self.chunked = None
        self.complete = True
        self.listener.message_end(self.sender, at, offset, end)

    # ------------------------------------------------------------------ heads

    def _start(self, data: bytes, begin: int, end: int, at: At) -> int:
        """Between messages: pass over empty lines, or a load balancer's words; then a head or something else begins."""
        if not self.offset and not begin and (behind := syntax.behind_proxy_header(data, 0)):
            self.listener.bytes_spent(self.sender, "resync", behind)
            begin = behind
        while begin < end and (data[begin] == 13 or data[begin] == 10):
            begin += 1
            self.listener.bytes_spent(self.sender, "framing", 1)
        if begin == end:
            return end
        taken = self.plain(data, begin, at)
        if taken:
            return taken
        found = syntax.head_end(data, begin, begin)
        if found >= 0 and found - begin <= limits.HEAD and self.could_start(data[begin : begin + 64]):
            return self._complete_head(data[begin:found], at, at, self.offset + begin, found)
        self._begin_head(b"", at, self.offset + begin)
        return self._head(data, begin, end, at)

    def _head(self, data: bytes, begin: int, end: int, at: At) -> int:
        """A head that comes in several pieces, or what only looks like one."""
        unfinished = self._unfinished
        assert unfinished is not None
        octets = unfinished.octets
        known = len(octets)
        found = unfinished.extend(data[begin:end] if begin else data, at)
        if not self.could_start(bytes(octets[:64])):
            return self._not_a_head(unfinished, known, begin)
        if (found if found >= 0 else len(octets)) > limits.HEAD:
            taken = begin + limits.HEAD - known
            del octets[limits.HEAD :]
            self._head_cut(notes.HEAD_LIMIT)
            self._lose(self.offset + taken, self.offset + taken, lost_message=False)
            return taken
        if found >= 0:
            self._no_more_head()
            taken = begin + found - known
            return self._complete_head(bytes(octets[:found]), unfinished.first, at, unfinished.offset, taken)
        line = unfinished.first_line(known)
        if line is not None:
            ending = self.headless_end(bytes(octets))
            if ending:  # a request of HTTP/0.9 is its line
                self._no_more_head()
                self.simple_message(bytes(octets[:ending]), unfinished.first, at, unfinished.offset)
                return begin - known + ending
            head = self.read_start_line(line)
            if head is None:
                return self._not_a_head(unfinished, known, begin)
            informational = isinstance(head, ResponseHead) and head.informational
            self.listener.start_line(self.sender, informational)
        if not unfinished.counts_in(self.listener.heads):
            self._head_cut(notes.HEAD_LIMIT, NO_ROOM)
            self._lose(self.offset + end, self.offset + end, lost_message=False)
        return end

    def _not_a_head(self, unfinished: UnfinishedHead, known: int, begin: int) -> int:
        """What stands where a message should begin is no start line: search, from its first byte on."""
        self._no_more_head()
        self._say_unreadable(unfinished.first)
        self._lose(unfinished.offset, unfinished.offset, False, bytes(unfinished.octets[:known]), unfinished.first)
        return begin

    def _complete_head(self, octets: bytes, first: At, last: At, offset: int, taken: int) -> int:
        """A head with its empty line; gives `taken`, where the content begins in the data at hand."""
        text = octets.decode("latin-1")
        lines, clean = syntax.split_lines(text)
        head = self.read_start_line(lines[0])
        if head is None:
            ending = self.headless_end(octets)
            if ending:
                self.simple_message(octets[:ending], first, last, offset)
                return taken - (len(octets) - ending)
            self._say_unreadable(first)
            line = self.find_start(octets, 1)
            if line > 0:  # other bytes stand before it
                self.listener.bytes_spent(self.sender, "resync", line)
                return self._complete_head(octets[line:], first, last, offset + line, taken)
            self.listener.bytes_spent(self.sender, "resync", len(octets))
            self._lose(offset, offset, lost_message=False)
            return taken
        head.fields, head.by_name, faults = syntax.parse_fields(lines[1:-2])
        head.faults += faults
        if not clean:
            head.faults.append(syntax.BARE_LF)
        head.size, head.first, head.last, head.offset = len(octets), first, last, offset
        framing = self._announce(head)
        self._begin_content(framing, last, offset + len(octets))
        return taken

    def _announce(self, head: MessageHead) -> Framing:
        framing = self.announce(head)
        if self.resynced:
            self.resynced = False
            self.listener.fault(self.sender, notes.RESYNCED, head.first[0], RESYNCED_TEXT, {})
        return framing

    def _begin_content(self, framing: Framing, at: At, offset: int) -> None:
        self.complete = True
        self._content_at = offset
        self._may_skip_content, self.unknown_request = self.unknown_request, False
        kind = framing.kind
        if kind is BY_LENGTH and framing.length:
            self.state = LENGTH
            self.remaining = framing.length
        elif kind is BY_CHUNKS:
            self.state = CHUNKED
            self.chunked = ChunkedContent(self.listener.heads)
        elif kind is BY_CLOSE:
            self.state = CLOSE
        elif kind is BY_TUNNEL:
            self._message_over(at, offset, MessageEnd(True))
            self.state = OPAQUE
        else:
            self._look_behind(at, offset)
            self._message_over(at, offset, MessageEnd(True))

    def _head_cut(self, code: str, text: str = "") -> bool:
        """A head without its end counts as far as it goes, if its start line is there; gives whether it is."""
        unfinished = self._unfinished
        assert unfinished is not None
        self._no_more_head()
        self.state = START
        head = unfinished.cut_short(self.read_start_line)
        if head is None:
            self.listener.bytes_spent(self.sender, "unknown", len(unfinished.octets))
            return False
        self._announce(head)
        values: dict[str, object] = {"most": limits.HEAD} if code == notes.HEAD_LIMIT else {}
        self.listener.fault(self.sender, code, head.last[0], text or CUT_TEXTS[code], values)
        reason = "head" if code == notes.TRUNCATED else None
        self._message_over(head.last, head.offset + head.size, MessageEnd(False, truncated_by=reason))
        return True

    def _begin_head(self, octets: bytes, first: At, offset: int) -> None:
        self._unfinished = UnfinishedHead(octets, first, offset)
        self.state = HEAD
