"""The 1xx responses of a connection, until the final response shows whose they are (RFC 9110 §15.2)."""

from __future__ import annotations

from collections.abc import Callable

from httptrace import limits, notes
from httptrace.exchanges.progress import EARLY_LEFT_OUT_TEXT, MessageProgress, Progress
from httptrace.ledger import Share
from httptrace.limits import Room
from httptrace.model import Response


class EarlyResponses:
    """1xx responses whose final one is still to come. They belong to its exchange; until it is here, they stand with
    the one they seem to answer, so that whoever looks on meanwhile sees them.

    `began(progress, response)` is called when one comes to stand with an exchange; `room` is where those of all
    connections are counted.
    """

    __slots__ = ("_began", "_last", "_left_out", "_messages", "_owner", "_room", "_weight")

    def __init__(self, began: Callable[[Progress, Response], object], room: Room) -> None:
        self._began = began
        self._room = room
        self._weight = 0  # what they take of it
        self._messages: list[MessageProgress] = []
        self._last: MessageProgress | None = None
        self._left_out = 0  # octets of those for which there was no room
        self._owner: Progress | None = None  # whose they seem to be

    def __bool__(self) -> bool:
        return bool(self._messages)

    @property
    def offset(self) -> int | None:
        """Where the first of them begins in the server's stream; None where none was kept."""
        return self._messages[0].start if self._messages else None

    def add(self, message: MessageProgress, seems: Progress | None) -> Progress | None:
        """One was read; `seems`: the exchange that it seems to belong to. Gives the one that all of them stand with."""
        if self._last is None:
            self._owner = seems
        self._last = message
        weight = 2 * message.head_bytes + limits.FIELD * (len(message.record.headers) + 4)
        enough = len(self._messages) >= limits.INFORMATIONAL
        if enough or not self._room.take(weight):
            self._room.refused += enough
            self._left_out += message.head_bytes
            if self._owner is not None:
                self._owner.note(notes.EXCHANGE_LIMIT, message.record.first_packet, EARLY_LEFT_OUT_TEXT)
            return self._owner
        self._weight += weight
        self._messages.append(message)
        if self._owner is not None:
            self._stand_with(self._owner, message)
        return self._owner

    def finish_last(self, complete: bool) -> None:
        """The one that was read last is over."""
        if self._last is not None:
            self._last.finish(complete)

    def settle(self, progress: Progress | None) -> int:
        """The final response is here (None: it will not come): they belong to its exchange.

        Gives the octets of those that belong to none.
        """
        messages, self._messages = self._messages, []
        owner, self._owner = self._owner, None
        if progress is None:
            progress = owner
        octets = self._left_out + sum(message.head_bytes for message in messages)
        if progress is None or progress.finished:
            self._room.give_back(self._weight)
        else:
            progress.weight += self._weight
        if progress is None:
            return octets
        if progress.informational is None:
            progress.informational = Share()
        progress.informational.head += octets
        if self._left_out and owner is not progress:
            assert self._last is not None
            progress.note(notes.EXCHANGE_LIMIT, self._last.record.first_packet, EARLY_LEFT_OUT_TEXT)
        for message in messages:
            if owner is not progress:
                if owner is not None:
                    owner.exchange.informational.remove(_record(message))
                self._stand_with(progress, message)
        return 0

    def _stand_with(self, progress: Progress, message: MessageProgress) -> None:
        progress.exchange.informational.append(_record(message))
        self._began(progress, _record(message))


def _record(message: MessageProgress) -> Response:
    assert isinstance(message.record, Response)
    return message.record
