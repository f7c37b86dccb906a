"""One HTTP/1 connection as its exchanges: takes the readers' events, gives out records (RFC 9112 §9)."""

from __future__ import annotations

from collections.abc import Callable

from httptrace import notes
from httptrace.exchanges import progress as making
from httptrace.exchanges.conversation import Host, replaced
from httptrace.exchanges.informational import EarlyResponses
from httptrace.exchanges.progress import MessageProgress, Progress, type_note
from httptrace.exchanges.taking import TakingUp
from httptrace.exchanges.url import effective_url
from httptrace.http.events import MessageEnd, MessageHead, RequestHead, ResponseHead
from httptrace.http.framing import BY_TUNNEL, Framing, request_framing, response_framing
from httptrace.http.readers import RequestReader, ResponseReader
from httptrace.limits import Room
from httptrace.model import At, Direction, Exchange, Note, Request, Response, Timings

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER

#: What is read here; whatever else a start line says, it is read as the last of them.
_PROTOCOLS = ("HTTP/0.9", "HTTP/1.0", "HTTP/1.1")


class Dialogue(TakingUp):
    """The listener of both readers of one connection. Read `response_head` first: it joins the two sides."""

    def __init__(
        self, host: Host, mid_stream: bool, readers: tuple[RequestReader, ResponseReader] | None = None
    ) -> None:
        super().__init__(host, mid_stream)
        self.requests, self.responses = readers or (RequestReader(self), ResponseReader(self))

    # ------------------------------------------------------------------ heads

    def start_line(self, sender: Direction, informational: bool) -> None:
        """A start line whose head is still to come: its exchange takes its number now."""
        if sender is CLIENT:
            self._reserved = replaced(self._reserved, CLIENT, self.host.new_number())
        elif not self.waiting and not informational:  # no request can be meant: causality says so
            self._reserved = replaced(self._reserved, SERVER, self.host.new_number())

    def request_head(self, head: RequestHead) -> Framing:
        """A request begins."""
        framing = request_framing(head.version, head.by_name)
        url = effective_url(head.method, head.target, head.by_name.get("host"), False)
        progress = self._new_exchange(CLIENT, head)
        progress.expects_continue = "expect" in head.by_name
        request = making.request_record(head, url)
        progress.exchange.request = request
        progress.request = self._begin(progress, CLIENT, request, head, framing)
        size, fields, packet = head.size, len(head.fields), head.first[0]
        if self.waiting:
            room = self._pipelines(progress, size, fields, packet)
        elif not (room := self._counts(progress, size, fields, packet)):
            self.waiting.given_up_at_once(progress.start)
        if room:
            self.waiting.add(progress)
        else:
            self._strip(request)
            self._give_up_response(progress)
        self._say_faults(progress, CLIENT, head, framing)
        if self.host.told:
            self.host.message_began(progress.exchange, CLIENT, None)
        return framing

    def response_head(self, head: ResponseHead) -> Framing:
        """A response begins: find the request it answers, which decides how its content ends."""
        status = head.status
        if head.informational:
            return self._informational_head(head)
        # Where 1xx responses go before it, the row of responses begins with the first of them.
        early = self._early.offset if self._early is not None else None
        offset = head.offset if early is None else early
        progress, unanswered = (
            (None, []) if self._reserved[SERVER] is not None else self.waiting.take(offset, head.first[2])
        )
        for earlier in unanswered:
            self._give_up_response(earlier)
        if progress is None:
            self.responses.unknown_request = True
            progress = self._new_exchange(SERVER, head)
            progress.request_over = True
            if self.waiting.given_up:
                progress.note(notes.EXCHANGE_LIMIT, head.first[0], making.RESPONSE_ALONE_TEXT)
            else:
                progress.note(notes.NO_REQUEST, head.first[0], making.NO_REQUEST_TEXT)
        if self._early is not None:
            self.settle_early(progress)
        request = progress.exchange.request
        method = request.method if request is not None else None
        framing = response_framing(method, status, head.version, head.by_name)
        response = making.response_record(head)
        progress.exchange.response = response
        progress.response = self._begin(progress, SERVER, response, head, framing)
        if not self._counts(progress, head.size, len(head.fields), head.first[0]):
            self._strip(response)
            self._strip(request)
        self._say_faults(progress, SERVER, head, framing)
        if self.host.told:
            self.host.message_began(progress.exchange, SERVER, None)
        if framing.kind is BY_TUNNEL:
            self._switch(head)
        elif progress.expects_continue and not progress.request_over:
            self.requests.refused()
        return framing

    def _informational_head(self, head: ResponseHead) -> Framing:
        """A 1xx response: the final one is still to come and decides whose it is."""
        framing = response_framing(None, head.status, head.version, head.by_name)
        message = making.begun(making.response_record(head), head, framing)
        seems = None if self._early is not None else self.waiting.peek(head.offset, head.first[2])
        if self._early is None:
            self._early = EarlyResponses(self._informational_began, self.host.rooms.exchanges)
        owner = self._early.add(message, seems)
        if owner is not None:
            self._say_faults(owner, SERVER, head, framing)
        return framing

    def _informational_began(self, progress: Progress, response: Response) -> None:
        if self.host.told:
            self.host.message_began(progress.exchange, SERVER, response)

    def _new_exchange(self, side: Direction, head: MessageHead) -> Progress:
        number = self._reserved[side]
        if number is None:
            number = self.host.new_number()
        else:
            self._reserved = replaced(self._reserved, side, None)
        host = self.host
        timings = Timings(self._connect_time(head.version))
        protocol = head.version if head.version in _PROTOCOLS else _PROTOCOLS[-1]
        exchange = Exchange(number, host.stream, host.client, host.server, protocol, None, None, [], timings, [])
        start, confirmed = (head.offset, head.first[2]) if side is CLIENT else (head.first[2], head.offset)
        progress = Progress(exchange, start, confirmed)
        self._open[number] = progress
        return progress

    def _begin(
        self,
        progress: Progress,
        sender: Direction,
        record: Request | Response,
        head: MessageHead,
        framing: Framing,
    ) -> MessageProgress:
        host, number = self.host, progress.exchange.no
        message = making.begun(record, head, framing, host.keeps(number), host.hash_bodies, host.rooms.decoders)
        if message.reader is not None:
            message.reader.take = host.taker(number, sender)
        self._messages = replaced(self._messages, sender, message)
        self._reading = replaced(self._reading, sender, progress)
        self._last[sender] = number
        return message

    def _say_faults(self, progress: Progress, sender: Direction, head: MessageHead, framing: Framing) -> None:
        before = self._faults[sender]
        if before is not None:
            self._faults = replaced(self._faults, sender, None)
            progress.note(before.code, before.packet, before.template, before.values)
        for text in head.faults:
            progress.note(notes.BAD_FRAMING, head.first[0], text)
        for fault in framing.faults:
            progress.note(fault.code, head.first[0], fault.text)

    def _switch(self, head: ResponseHead) -> None:
        """CONNECT or Upgrade succeeded: another protocol follows on both sides (RFC 9110 §7.8, §9.3.6)."""
        upgrade = head.by_name.get("upgrade", "").lower()
        protocol = "tunnel"
        if head.status == 101:
            protocol = "websocket" if "websocket" in upgrade else "http/2" if "h2c" in upgrade else "tunnel"
        self.requests.hand_over()
        self.host.switched(protocol)

    # ------------------------------------------------------------------ content and ends

    def content(self, sender: Direction, data: bytes, at: At) -> None:
        """Content of the message that this side is in."""
        message = self._messages[sender]
        if message is not None:
            message.content(data, at)

    def content_door(self, sender: Direction) -> Callable[[bytes], object] | None:
        """What takes the content of the message that this side is in."""
        message = self._messages[sender]
        return message.door if message is not None else None

    def content_passed(self, sender: Direction, count: int, at: At) -> None:
        """Content went through that door."""
        message = self._messages[sender]
        assert message is not None
        message.passed(count, at)

    def content_gap(self, sender: Direction, length: int, at: At) -> None:
        """Octets of content were never captured."""
        message = self._messages[sender]
        if message is not None:
            message.gap(length)

    def message_end(self, sender: Direction, at: At, offset: int, end: MessageEnd) -> None:
        """The message that this side is in is over."""
        progress, message = self._reading[sender], self._messages[sender]
        if progress is None:  # a 1xx response is nothing but its head
            if sender is SERVER and self._early is not None:
                self._early.finish_last(end.complete)
            return
        assert message is not None
        message.end = offset
        self._close_message(progress, message, sender, at, end)
        self._reading = replaced(self._reading, sender, None)
        self._messages = replaced(self._messages, sender, None)
        if sender is CLIENT:
            progress.request_over = True
        else:
            progress.response_over = True
            self.waiting.read_up_to = offset
        if self.host.told:
            self.host.message_ended(progress.exchange, sender)
        if progress.request_over and progress.response_over:
            self._finish(progress)

    def _close_message(
        self, progress: Progress, message: MessageProgress, sender: Direction, at: At, end: MessageEnd
    ) -> None:
        record = message.record
        trailers = sum(len(name) + len(value) for name, value in end.trailers)
        if end.trailers and self._counts(progress, trailers, len(end.trailers), at[0]):
            record.trailers = end.trailers
        record.body.chunks = end.chunks
        message.framing_bytes += end.framing_bytes
        if end.complete and record.body.framing == "chunked":
            message.last = at  # the last chunk and the trailers are no content
        for code, template, values in message.finish(end.complete):
            progress.note(code, record.last_packet, template, values)
        if message.lost:
            counts = {"lost": message.lost, "declared": record.body.declared, "size": record.body.size}
            progress.note(notes.CONTENT_GAP, record.last_packet, making.GAP_TEXTS[record.body.framing], counts)
        if end.truncated_by is not None and not (sender is CLIENT and self._was_refused(progress)):
            progress.note(notes.TRUNCATED, record.last_packet, making.TRUNCATED_TEXTS[end.truncated_by][sender])
        self._say_overlaps(progress, message, sender)
        if sender is SERVER and message.reader is not None and record.body.size:
            assert isinstance(record, Response)
            note = type_note(record, message.reader.prefix)
            if note is not None:
                progress.note(note.code, note.packet, note.template, note.values)

    def _was_refused(self, progress: Progress) -> bool:
        """The client asked first (Expect) and was told not to send its content (RFC 9110 §10.1.1)."""
        return progress.expects_continue and progress.response is not None and not progress.request_size

    @property
    def heads(self) -> Room:
        """Where unfinished heads are counted."""
        return self.host.rooms.heads

    def give_up(self) -> None:
        """Nothing more is read here: let go of what is counted over all connections."""
        for message in self._messages:
            if message is not None:
                message.give_up()
        for reader in (self.requests, self.responses):
            reader.give_up()
        self.settle_early(None)
        self._forget_overlaps()
        self.host.rooms.exchanges.give_back(sum(progress.weight for progress in self._open.values()))
        self.let_go()

    def let_go(self) -> None:
        """Cut the circles with the readers, and theirs."""
        self.requests.let_go()
        self.responses.let_go()
        del self.requests, self.responses

    # ------------------------------------------------------------------ gaps, faults, questions of the readers

    def stream_gap(self, sender: Direction, start: int, end: int, lost_message: bool) -> None:
        """Bytes are missing between messages."""
        if sender is CLIENT:
            self.waiting.lost_requests(start, int(lost_message))
        else:
            self.settle_early(None)  # their final response may be among what is missing
            self.waiting.lost_responses(int(lost_message))

    def fault(self, sender: Direction, code: str, packet: int, template: str, values: dict[str, object]) -> None:
        """A note on the message this side is in, or was in last; where that was told already, on the next one."""
        progress = self._reading[sender]
        if progress is None:
            if self._last[sender] is None and self.waiting.unclean:
                return  # the end of a message from before the capture, or from a hole
            number = self._last[sender] or self._last[1 - sender]
            progress = self._open.get(number) if number is not None else None
        if progress is not None:
            progress.note(code, packet, template, values)
        elif self._faults[sender] is None:
            self._faults = replaced(self._faults, sender, Note(code, packet, template, values))

    def agrees(self, sender: Direction, at: At, offset: int) -> bool:
        """Whether a start line found by a search can be true."""
        if sender is CLIENT:
            return True
        return self.waiting.could_answer(offset, at[2]) or (not self.waiting and self._alone())

    def request_waits(self) -> bool:
        """Whether a captured request has no response yet."""
        return bool(self.waiting.requests())

    def _alone(self) -> bool:
        """Whether responses are seen without any requests: one direction only, or before the first request."""
        return self._last[CLIENT] is None

    def expects_bare_content(self) -> bool:
        """Whether a response may come without a head, as in HTTP/0.9."""
        front = self.waiting.front()
        if front is None or front.exchange.request is None:
            return False
        return front.exchange.request.version == "HTTP/0.9"

    def bytes_spent(self, sender: Direction, kind: str, count: int) -> None:
        """Captured bytes that belong to no message."""
        self.host.spent(sender, kind, count)
