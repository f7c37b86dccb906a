"""What the HTTP layer tells the next one: a handful of events a message, each knowing where it was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from httptrace.http.framing import Framing
from httptrace.limits import Room
from httptrace.model import At, Direction, Field


@dataclass(slots=True)
class MessageHead:
    """A start line and its header section (RFC 9112 §2.1).

    `size`: octets from the start line's first byte to the end of the empty line. `offset`: where the message begins in
    its direction's stream. `whole`: the empty line was seen.
    """

    version: str
    fields: list[Field]
    by_name: dict[str, str]
    size: int
    first: At
    last: At
    offset: int
    whole: bool = True
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RequestHead(MessageHead):
    """RFC 9112 §3."""

    method: str = ""
    target: str = ""


@dataclass(slots=True)
class ResponseHead(MessageHead):
    """RFC 9112 §4. HTTP/0.9 answers have neither status nor reason."""

    status: int | None = None
    reason: str | None = None

    @property
    def informational(self) -> bool:
        """Whether the final response is still to come (RFC 9110 §15.2); 101 is final."""
        return self.status is not None and 100 <= self.status < 200 and self.status != 101


class Listener(Protocol):
    """What takes the events of one connection's two directions."""

    @property
    def heads(self) -> Room:
        """Where the octets of unfinished heads are counted, over all connections."""

    def takes_over(self, data: bytes, at: At) -> bool:
        """The client begins to say something, between messages; whether another takes it, and all that follows."""

    def start_line(self, sender: Direction, informational: bool) -> None:
        """A start line is complete, its head is not yet: the exchange exists from here on."""

    def request_head(self, head: RequestHead) -> Framing:
        """A request begins; how its content ends."""

    def response_head(self, head: ResponseHead) -> Framing:
        """A response begins; how its content ends, which depends on the request it answers."""

    def content(self, sender: Direction, data: bytes, at: At) -> None:
        """Octets of content, the transfer coding undone as far as chunks go."""

    def content_door(self, sender: Direction) -> Callable[[bytes], object] | None:
        """What takes content without further questions, if anything may."""

    def content_passed(self, sender: Direction, count: int, at: At) -> None:
        """So many octets of content went through that door, the last of them seen at `at`."""

    def content_gap(self, sender: Direction, length: int, at: At) -> None:
        """Octets of content that were never captured."""

    def message_end(self, sender: Direction, at: At, offset: int, end: MessageEnd) -> None:
        """The message is over; `offset` is where the next byte of the direction stands."""

    def stream_gap(self, sender: Direction, start: int, end: int, lost_message: bool) -> None:
        """Bytes `start` to `end` of the direction are missing between messages (or their rest is). `lost_message`:
        at least one whole start line must have stood there."""

    def fault(self, sender: Direction, code: str, packet: int, template: str, values: dict[str, object]) -> None:
        """Something to note about the message at hand."""

    def agrees(self, sender: Direction, at: At, offset: int) -> bool:
        """Whether a start line at this place can be true, by what the other direction confirmed."""

    def request_waits(self) -> bool:
        """Whether a captured request has no response yet."""

    def expects_bare_content(self) -> bool:
        """Whether a response may come without a head, as in HTTP/0.9."""

    def bytes_spent(self, sender: Direction, kind: str, count: int) -> None:
        """For the ledger: where captured bytes went that belong to no message."""


@dataclass(slots=True)
class MessageEnd:
    """How a message ended: whole (`complete`), cut short by `truncated_by`, or with holes in it."""

    complete: bool
    trailers: list[Field] = field(default_factory=list)
    chunks: int = 0
    truncated_by: str | None = None
    framing_bytes: int = 0
