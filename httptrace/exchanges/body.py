"""The content of one message as it passes: counted, decoded, hashed, and kept only where a command shows it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Protocol

from httptrace.exchanges.coding import Decoder, decoder
from httptrace.exchanges.engines import SLICE
from httptrace.limits import Room
from httptrace.model import Body

#: Decoded octets that the checks look at (what a file begins with).
PREFIX = 64

#: Coded octets of the side door that are gathered before they are decoded: a call for each segment costs more
#: than the decoding. With one more segment they are still no more than a slice.
GATHERED = SLICE // 2


def let_pass(data: bytes) -> None:
    """What takes content that nobody wants to see."""


class Digest(Protocol):
    """A hash of octets, as :mod:`hashlib` makes it."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


class BodyReader:
    """Fills a :class:`Body`. `keep`: decoded octets to keep at most; `hashed`: whether anyone wants the hash.

    `take`, where it is set before the first octets come, is given the decoded content as it passes.
    """

    __slots__ = (
        "_content",
        "_decoder",
        "_keep",
        "_raw",
        "_waiting",
        "_waiting_size",
        "body",
        "digest",
        "gap_seen",
        "prefix",
        "take",
    )

    def __init__(self, body: Body, codings: list[str], keep: int, hashed: bool, decoders: Room | None = None) -> None:
        self.body = body
        self._decoder: Decoder | None = decoder(codings, room=decoders) if codings else None
        self.digest: Digest | None = sha256() if hashed else None  # of what was decoded so far
        self._keep = keep
        self._waiting: list[bytes] | None = None  # coded octets that came through the door and are not decoded yet
        self._waiting_size = 0
        if keep:  # one buffer each: a body may come in pieces of one octet
            self._content, self._raw = bytearray(), bytearray()
        self.take: Callable[[bytes], object] | None = None
        self.prefix = b""
        self.gap_seen = False

    def feed(self, data: bytes) -> None:
        """The next octets of content, the transfer coding undone."""
        self.body.size += len(data)
        if self._keep and len(self._raw) < self._keep:
            self._raw += data[: self._keep - len(self._raw)]
        if self._decoder is None:
            self._take(data)
        else:
            if self._waiting:
                self._decode_waiting()
            self._decode(data)

    @property
    def plain(self) -> bool:
        """Whether it does nothing but count and hash."""
        return self._decoder is None and not self._keep and self.take is None

    @property
    def door(self) -> Callable[[bytes], object] | None:
        """What takes further octets without counting them; None where each has to be looked at."""
        if self._keep or self.take is not None or len(self.prefix) < PREFIX:
            return None
        if self._decoder is not None:
            return self._gather if self._decoder.may_gather else self._decode
        return self.digest.update if self.digest is not None else let_pass

    def passed(self, count: int) -> None:
        """So many octets went through the door."""
        self.body.size += count
        if self._decoder is None:
            self.body.decoded_size += count

    def _decode(self, data: bytes) -> None:
        assert self._decoder is not None
        for piece in self._decoder.feed(data):
            self._take(piece)

    def _gather(self, data: bytes) -> None:
        if self._waiting is None:
            self._waiting = []
        self._waiting.append(data)
        self._waiting_size += len(data)
        if self._waiting_size >= GATHERED:
            self._decode_waiting()

    def _decode_waiting(self) -> None:
        coded = b"".join(self._waiting or ())
        self._waiting = None
        self._waiting_size = 0
        self._decode(coded)

    def gap(self) -> None:
        """Octets are missing here: a coding can be undone up to here only."""
        self.gap_seen = True
        if self._decoder is not None:
            if self._waiting:
                self._decode_waiting()
            self._decoder.gap()

    def finish(self, cut: bool) -> tuple[str, str, dict[str, str]] | None:
        """The message is over; gives the note that the decoding earned, if any."""
        note = None
        if self._decoder is not None:
            if self._waiting:
                self._decode_waiting()
            for piece in self._decoder.finish(cut or self.gap_seen):
                self._take(piece)
            note = self._decoder.note()
            self._decoder = None
        body = self.body
        if self.digest is not None and body.decoded_size:
            body.sha256 = self.digest.hexdigest()
        if self._keep:
            body.content, body.raw = bytes(self._content), bytes(self._raw)
        return note

    def give_up(self) -> None:
        """It is read no further: let go of what the decoder takes."""
        if self._decoder is not None:
            self._decoder.let_go()

    def _take(self, piece: bytes) -> None:
        body = self.body
        if len(self.prefix) < PREFIX:
            self.prefix += piece[: PREFIX - len(self.prefix)]
        body.decoded_size += len(piece)
        if self.digest is not None:
            self.digest.update(piece)
        if self.take is not None:
            self.take(piece)
        if self._keep and len(self._content) < self._keep:
            self._content += piece[: self._keep - len(self._content)]
