"""The 1xx responses of a connection, until the final response shows whose they are (RFC 9110 §15.2)."""

from __future__ import annotations

from collections.abc import Callable

from httptrace.exchanges.progress import MessageProgress, Progress
from httptrace.ledger import Share
from httptrace.model import Response


class EarlyResponses:
    """1xx responses whose final one is still to come. They belong to its exchange; until it is here, they stand with
    the one they seem to answer, so that whoever looks on meanwhile sees them.

    `began(progress, response)` is called when one comes to stand with an exchange.
    """

    __slots__ = ("_began", "_messages", "_owner")

    def __init__(self, began: Callable[[Progress, Response], object]) -> None:
        self._began = began
        self._messages: list[MessageProgress] = []
        self._owner: Progress | None = None  # whose they seem to be

    def __bool__(self) -> bool:
        return bool(self._messages)

    @property
    def offset(self) -> int:
        """Where the first of them begins in the server's stream; there must be one."""
        return self._messages[0].start

    @property
    def last(self) -> MessageProgress:
        """The one that was read last; there must be one."""
        return self._messages[-1]

    def add(self, message: MessageProgress, seems: Progress | None) -> Progress | None:
        """One was read; `seems`: the exchange that it seems to belong to. Gives the one that all of them stand with."""
        if not self._messages:
            self._owner = seems
        self._messages.append(message)
        if self._owner is not None:
            self._stand_with(self._owner, message)
        return self._owner

    def settle(self, progress: Progress | None) -> int:
        """The final response is here (None: it will not come): they belong to its exchange.

        Gives the octets of those that belong to none.
        """
        messages, self._messages = self._messages, []
        owner, self._owner = self._owner, None
        if progress is None:
            progress = owner
        homeless = 0
        for message in messages:
            if progress is None:
                homeless += message.head_bytes
                continue
            if progress.informational is None:
                progress.informational = Share()
            progress.informational.head += message.head_bytes
            if owner is not progress:
                if owner is not None:
                    owner.exchange.informational.remove(_record(message))
                self._stand_with(progress, message)
        return homeless

    def _stand_with(self, progress: Progress, message: MessageProgress) -> None:
        progress.exchange.informational.append(_record(message))
        self._began(progress, _record(message))


def _record(message: MessageProgress) -> Response:
    assert isinstance(message.record, Response)
    return message.record
