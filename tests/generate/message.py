"""A message as it is sent, in parts, so that what a lost byte destroys can be told from where it stood."""

from __future__ import annotations

from dataclasses import dataclass, field

from httptrace.model import Direction, Field

#: What a part of a message is. "data" is content (behind the transfer coding); "start", "fields", "size" (a
#: chunk-size line with the line end that closes the chunk before it) and "end" (last chunk, trailer section)
#: are framing.
START, FIELDS, DATA, SIZE, END = "start", "fields", "data", "size", "end"


@dataclass(slots=True)
class Sent:
    """One message as its sender wrote it, with everything a reader must find out about it."""

    sender: Direction
    version: str
    parts: list[tuple[str, bytes]]
    headers: list[Field]
    trailers: list[Field]
    content: bytes  # decoded: what size and hash of the contract are about
    body: bytes  # behind the transfer coding, before any content coding is undone
    framing: str = "none"  # none, length, chunked, close
    method: str = ""
    target: str = ""
    url: str | None = None
    status: int | None = None
    reason: str | None = None
    encoding: str | None = None
    content_type: str | None = None
    announced: bool = False  # a body was announced (Expect) and never sent
    opaque_coding: bool = False  # the transfer coding hides the content: lost bytes cannot be counted in `body`
    start: int = 0  # of its first byte, in what its sender sent
    informational: list[Sent] = field(default_factory=list)

    @property
    def wire(self) -> bytes:
        return b"".join(data for _, data in self.parts)

    @property
    def head_size(self) -> int:
        return sum(len(data) for kind, data in self.parts if kind in (START, FIELDS))

    @property
    def size(self) -> int:
        return sum(len(data) for _, data in self.parts)

    def ranges(self) -> list[tuple[str, int, int]]:
        """(kind, first offset, offset behind) of each part, in what the sender sent."""
        found, at = [], self.start
        for kind, data in self.parts:
            found.append((kind, at, at + len(data)))
            at += len(data)
        return found


@dataclass(slots=True)
class Spoken:
    """A request and its response (with the 1xx before it)."""

    request: Sent
    response: Sent


@dataclass(slots=True)
class Dialogue:
    """What the two sides of one connection say, in turns: (sender, bytes), in the order of cause and
    effect."""

    exchanges: list[Spoken]
    turns: list[tuple[Direction, bytes]]
    features: set[str] = field(default_factory=set)
    behind: tuple[bytes, bytes] = (
        b"",
        b"",
    )  # bytes of each side that are no HTTP (another protocol, after a 101)

    def sent_by(self, sender: Direction) -> bytes:
        return b"".join(data for who, data in self.turns if who is sender)

    def place(self) -> None:
        """Give every message its offset in what its sender sent; each side's messages go out in order."""
        at = [0, 0]
        for spoken in self.exchanges:
            for message in (spoken.request, *spoken.response.informational, spoken.response):
                message.start = at[message.sender]
                at[message.sender] += message.size
