"""How a dialogue takes up a plain conversation where it stands, and gives it back between two exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httptrace.exchanges.conversation import NEITHER, replaced
from httptrace.exchanges.folding import FoldingUp
from httptrace.exchanges.passing import PassingContent
from httptrace.exchanges.progress import MessageProgress, Progress, WholeMessage
from httptrace.http.grammar import START
from httptrace.http.http1 import MessageReader
from httptrace.http.readers import RequestReader, ResponseReader
from httptrace.model import At, Direction, Exchange, Message, Timings

if TYPE_CHECKING:
    from httptrace.exchanges.plain import PlainDialogue, PlainRequests

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


class TakingUp(FoldingUp):
    """The part of a dialogue that knows :class:`httptrace.exchanges.plain.PlainDialogue`."""

    __deletable__ = ("requests", "responses")  # mypyc asks to be told; see :meth:`Dialogue.let_go`

    requests: RequestReader
    responses: ResponseReader

    def take_up(self, plain: PlainDialogue, requests: PlainRequests) -> None:
        """Be where that conversation is: between two exchanges, or inside of one."""
        self.version, self.versions_differ = plain.version, plain.versions_differ
        self._last = [plain.number, plain.last_answered]
        self.waiting.read_up_to = plain.next_response
        self.requests.offset, self.responses.offset = plain.next_request, plain.next_response
        request, response = plain.request, plain.response
        if request is None:
            return
        host, number = self.host, plain.number
        assert number is not None
        timings = Timings(plain.connect)
        exchange = Exchange(
            *(number, host.stream, host.client, host.server, request.version),
            *(request, response, [], timings, []),
        )
        progress = self._open[number] = Progress(exchange, plain.start, plain.confirmed)
        if requests.reader is None:
            progress.request = WholeMessage(plain.start, request.header_size, request.body.size)
            progress.request_over = True
        else:
            progress.request = self._inside(progress, request, CLIENT, plain.start, requests)
        if response is None:
            self.waiting.add(progress)
        else:
            progress.response = self._inside(progress, response, SERVER, plain.next_response, plain)

    def _inside(
        self, progress: Progress, record: Message, sender: Direction, start: int, passing: PassingContent
    ) -> MessageProgress:
        """Be inside the content of that message."""
        message = MessageProgress(record, passing.reader, None, start, record.header_size, passing.at)
        message.body_bytes = record.body.size
        self._messages = replaced(self._messages, sender, message)
        self._reading = replaced(self._reading, sender, progress)
        content_at, chunked = start + record.header_size, passing.chunked
        reader: MessageReader = self.requests if sender is CLIENT else self.responses
        reader.offset = content_at + record.body.size + (0 if chunked is None else chunked.framing_bytes)
        reader.inside(passing.left, chunked, content_at)
        return message

    def takes_over(self, data: bytes, at: At) -> bool:
        """The client begins to say something; whether that is told to a plain conversation, as all that follows."""
        waiting, requests, responses = self.waiting, self.requests, self.responses
        if (
            self._open
            or waiting
            or responses.state is not START
            or requests.resynced
            or responses.resynced
            or waiting.responses_lost is not None
            or waiting.read_up_to != responses.offset
            or self._early is not None
            or self._overlaps is not None
            or self._reserved != NEITHER
            or self._faults != NEITHER
        ):
            return False
        return self.host.resume(data, at)

    def hand_on(self, plain: PlainDialogue) -> None:
        """Let that conversation be where this dialogue is: between two exchanges."""
        plain.next_request, plain.next_response = self.requests.offset, self.responses.offset
        plain.version, plain.versions_differ = self.version, self.versions_differ
        plain.number, plain.last_answered = self._last
