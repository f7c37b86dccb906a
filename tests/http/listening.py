"""A listener that writes down what a reader says of one direction, in a form that does not depend on how the bytes
were cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from httptrace.http.events import MessageEnd, RequestHead, ResponseHead
from httptrace.http.framing import Framing, request_framing, response_framing
from httptrace.http.readers import RequestReader, ResponseReader
from httptrace.limits import Room
from httptrace.model import At, Direction, End

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


@dataclass
class Seen:
    """One message as the listener met it."""

    start: tuple[Any, ...]
    fields: list[tuple[str, str]]
    head_size: int
    offset: int
    whole: bool
    content: bytes = b""
    missing: int = 0
    end: int | None = None  # the offset behind it
    complete: bool | None = None
    truncated_by: str | None = None
    trailers: list[tuple[str, str]] = field(default_factory=list)
    chunks: int = 0
    framing_bytes: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def octets(self) -> int:
        """Captured octets of the message."""
        return self.head_size + len(self.content) + self.framing_bytes


class Listener:
    """Takes what a reader of requests or of responses says. `method`: of the requests that the responses answer."""

    def __init__(self, method: str | None = "GET", agrees: bool = True, bare: bool = False) -> None:
        self.heads = Room(1 << 30)
        self.method = method
        self.answers_agree = agrees
        self.bare = bare
        self.messages: list[Seen] = []
        self.reading: Seen | None = None
        self.start_lines = 0
        self.passed = 0  # octets that went through the door, not accounted for yet
        self.spent: dict[str, int] = {}
        self.gaps: list[tuple[int, int, bool]] = []
        self.faults: list[tuple[str, str]] = []  # said while no message was there

    def start_line(self, sender: Direction, informational: bool) -> None:
        self.start_lines += 1

    def request_head(self, head: RequestHead) -> Framing:
        self._began(Seen((head.method, head.target, head.version), head.fields, head.size, head.offset, head.whole))
        self._say(head.faults)
        return self._framing(request_framing(head.version, head.by_name))

    def response_head(self, head: ResponseHead) -> Framing:
        self._began(Seen((head.status, head.reason, head.version), head.fields, head.size, head.offset, head.whole))
        self._say(head.faults)
        return self._framing(response_framing(self.method, head.status, head.version, head.by_name))

    def takes_over(self, data: bytes, at: At) -> bool:
        return False

    def _began(self, message: Seen) -> None:
        assert self.reading is None, "a message begins inside another"
        self.reading = message
        self.messages.append(message)

    def _say(self, texts: list[str]) -> None:
        self.messages[-1].faults += [("bad-framing", text) for text in texts]

    def _framing(self, framing: Framing) -> Framing:
        self.messages[-1].faults += list(framing.faults)
        return framing

    def content(self, sender: Direction, data: bytes, at: At) -> None:
        assert self.reading is not None
        assert type(data) is bytes
        self.reading.content += data

    def content_door(self, sender: Direction) -> Callable[[bytes], object] | None:
        assert self.reading is not None
        return self._through_the_door

    def _through_the_door(self, data: bytes) -> None:
        assert self.reading is not None
        assert data
        self.reading.content += data
        self.passed += len(data)

    def content_passed(self, sender: Direction, count: int, at: At) -> None:
        assert count == self.passed, "what went through the door is not what was accounted for"
        assert at[0] > 0
        self.passed = 0

    def content_gap(self, sender: Direction, length: int, at: At) -> None:
        assert self.reading is not None
        self.reading.missing += length

    def message_end(self, sender: Direction, at: At, offset: int, end: MessageEnd) -> None:
        message, self.reading = self.reading, None
        assert message is not None, "a message ends that never began"
        message.end, message.complete, message.truncated_by = offset, end.complete, end.truncated_by
        message.trailers, message.chunks, message.framing_bytes = end.trailers, end.chunks, end.framing_bytes

    def stream_gap(self, sender: Direction, start: int, end: int, lost_message: bool) -> None:
        assert start < end
        self.gaps.append((start, end, lost_message))

    def fault(self, sender: Direction, code: str, packet: int, template: str, values: dict[str, object]) -> None:
        faults = self.messages[-1].faults if self.messages else self.faults
        if (code, template) not in faults:
            faults.append((code, template))

    def agrees(self, sender: Direction, at: At, offset: int) -> bool:
        return self.answers_agree

    def request_waits(self) -> bool:
        return True

    def expects_bare_content(self) -> bool:
        return self.bare

    def bytes_spent(self, sender: Direction, kind: str, count: int) -> None:
        assert count >= 0
        self.spent[kind] = self.spent.get(kind, 0) + count

    # ------------------------------------------------------------------ what a test looks at

    @property
    def starts(self) -> list[tuple[Any, ...]]:
        return [message.start for message in self.messages]

    @property
    def octets(self) -> int:
        """Where all captured octets went."""
        return sum(message.octets for message in self.messages) + sum(self.spent.values())


Piece = bytes | int | End


def listen(*pieces: Piece, sender: Direction = CLIENT, **about: Any) -> Listener:
    """Feed bytes, gaps (a number) and ends to a reader, a packet each; gives its listener."""
    listener = Listener(**about)
    reader = (RequestReader if sender is CLIENT else ResponseReader)(listener)
    for packet, piece in enumerate(pieces, 1):
        at: At = (packet, packet * 1000, 0)
        if isinstance(piece, End):
            reader.end(piece, at)
        elif isinstance(piece, int):
            reader.gap(piece, at)
        elif 0 < len(piece) < reader.bulk:  # as the tracker does
            reader.bulk -= len(piece)
            reader.bulk_at = at
            reader.take(piece)
        elif piece:
            reader.data(piece, at)
    return listener
