"""The two readers of an HTTP/1 connection: what a request line and a status line look like, and HTTP/0.9."""

from __future__ import annotations

from typing import ClassVar, cast

from httptrace.http import syntax
from httptrace.http.events import MessageEnd, MessageHead, RequestHead, ResponseHead
from httptrace.http.framing import Framing
from httptrace.http.grammar import START
from httptrace.http.http1 import MessageReader
from httptrace.http.plain import head_at
from httptrace.model import At, Direction

_NOWHERE: At = (0, 0, 0)


class RequestReader(MessageReader):
    """The client's direction (RFC 9112 §3)."""

    sender: ClassVar = Direction.CLIENT

    def data(self, data: bytes, at: At) -> None:
        if self.state is not START or not self.listener.takes_over(data, at):
            super().data(data, at)

    def plain(self, data: bytes, begin: int, at: At) -> int:
        parts = head_at(data, begin, syntax.PLAIN_REQUEST)
        if parts is None:
            return 0
        (method, target, version), fields, by_name, size = parts
        head = RequestHead(version, fields, by_name, size, at, at, self.offset + begin, True, [], method, target)
        self._begin_content(self._announce(head), at, self.offset + begin + size)
        return begin + size

    def could_start(self, octets: bytes) -> bool:
        if octets.startswith(_USUAL_STARTS):
            return True
        word = octets.split(b"\n", 1)[0].replace(b"\t", b" ").split(b" ", 1)[0].rstrip(b"\r")
        return bool(word) and len(word) <= 32 and word.isascii() and word[:1].isalpha() and not word.strip(_TCHARS)

    def read_start_line(self, line: str) -> MessageHead | None:
        match = syntax.REQUEST_LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            return None
        method, target, version = match.groups()
        faults = syntax.version_faults(version)
        return RequestHead(version, [], {}, 0, _NOWHERE, _NOWHERE, 0, True, faults, method, target)

    def headless_end(self, octets: bytes) -> int:
        line, newline, _ = octets.partition(b"\n")
        if newline and syntax.SIMPLE_REQUEST.fullmatch(line.rstrip(b"\r").decode("latin-1")):
            return len(line) + 1
        return 0

    def simple_message(self, line: bytes, first: At, last: At, offset: int) -> None:
        match = syntax.SIMPLE_REQUEST.fullmatch(line.rstrip(b"\r\n").decode("latin-1"))
        assert match is not None
        head = RequestHead("HTTP/0.9", [], {}, len(line), first, last, offset, True, [], match[1], match[2])
        self._announce(head)
        self._message_over(last, offset + len(line), MessageEnd(True))
        self._lose(offset + len(line), offset + len(line), lost_message=False)  # one request a connection

    def find_start(self, octets: bytes, place: int) -> int:
        if octets.find(b"HTTP/", place) < 0:
            return -1
        match = syntax.REQUEST_START.search(octets, place)
        return match.start(1) if match else -1

    def announce(self, head: MessageHead) -> Framing:
        return self.listener.request_head(cast(RequestHead, head))


class ResponseReader(MessageReader):
    """The server's direction (RFC 9112 §4)."""

    sender: ClassVar = Direction.SERVER

    def plain(self, data: bytes, begin: int, at: At) -> int:
        parts = head_at(data, begin, syntax.PLAIN_STATUS)
        if parts is None:
            return 0
        (version, status, reason), fields, by_name, size = parts
        head = ResponseHead(version, fields, by_name, size, at, at, self.offset + begin, True, [], int(status), reason)
        self._begin_content(self._announce(head), at, self.offset + begin + size)
        return begin + size

    def could_start(self, octets: bytes) -> bool:
        return octets[:5] == b"HTTP/"[: len(octets)] or octets[:4] == b"ICY "[: len(octets)]

    def read_start_line(self, line: str) -> MessageHead | None:
        match = syntax.STATUS_LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            return None
        version, status, reason = match.groups()
        faults = syntax.version_faults(version)
        return ResponseHead(
            version, [], {}, 0, _NOWHERE, _NOWHERE, 0, True, faults, int(status), (reason or "").strip(" \t\r")
        )

    def find_start(self, octets: bytes, place: int) -> int:
        if octets.find(b"HTTP/1.", place) < 0:
            return -1
        match = syntax.STATUS_START.search(octets, place)
        return match.start() if match else -1

    def headless(self, data: bytes, at: At) -> None:
        if data[:1] != b"H" and self.listener.expects_bare_content():
            head = ResponseHead("HTTP/0.9", [], {}, 0, at, at, self.offset)
            self._begin_content(self._announce(head), at, self.offset)

    def announce(self, head: MessageHead) -> Framing:
        return self.listener.response_head(cast(ResponseHead, head))


_USUAL_STARTS = (b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"DELETE ")

_TCHARS = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
