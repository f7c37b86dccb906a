"""A dialogue as plain values, and back: for the time in which nothing but content comes (see `sleeping.py`)."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeAlias

from httptrace.exchanges.body import BodyReader, Digest
from httptrace.exchanges.conversation import NEITHER, Conversation, replaced
from httptrace.exchanges.progress import MessageProgress, Progress, WholeMessage
from httptrace.model import At, Body, Direction, Exchange, Note, Request, Response, Timings

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER

#: Nothing but tuples, lists and dicts of numbers and strings.
Plain: TypeAlias = tuple[Any, ...]

_BODY, _REQUEST, _RESPONSE = Body.__struct_fields__, Request.__struct_fields__, Response.__struct_fields__
_BODY_AT = _REQUEST.index("body")


def _getter(names: tuple[str, ...]) -> attrgetter[Plain]:
    """What gives a message's values: its own, the body left out, then the body's."""
    return attrgetter(*(name for name in names if name != "body"), *(f"body.{name}" for name in _BODY))


_of_request, _of_response = _getter(_REQUEST), _getter(_RESPONSE)
_of_timings = attrgetter(*Timings.__struct_fields__)
_of_note = attrgetter(*Note.__struct_fields__)
_FLAGS = ("waited", "request_over", "pipelined", "expects_continue", "weight")
_of_progress = attrgetter("start", "confirmed", *_FLAGS)
_of_asked = attrgetter("start", "head_bytes", "body_bytes", "end")
_of_message = attrgetter("start", "head_bytes", "body_bytes", "lost")


def _arguments(values: Plain, names: tuple[str, ...]) -> list[Any]:
    """The arguments of the record that has these values."""
    own = len(names) - 1
    return [*values[:_BODY_AT], Body(*values[own:]), *values[_BODY_AT:own]]


class FoldingUp(Conversation):
    """The part of a dialogue that folds it up, and takes up one that was folded."""

    def fold(self, before: int) -> tuple[Plain, MessageProgress | None] | None:
        """All that this dialogue knows, and the response that is being read, if one is: its hash, and where its content
        was seen last, are no plain values. None where not exactly one exchange is open, where something came of it in
        packet `before` or later, and where there is more to it than usual: a decoder, 1xx responses, differing bytes.
        """
        if len(self._open) != 1:
            return None
        (progress,) = self._open.values()
        asked, message = progress.request, self._messages[SERVER]
        request, response = progress.exchange.request, progress.exchange.response
        if message is not None:
            silent = message.last[0] < before and message is progress.response and message.plain and not self.waiting
        elif request is not None and response is None:
            silent = request.last_packet < before and len(self.waiting) == 1 and self.waiting.front() is progress
        else:
            silent = False
        if (
            not silent
            or self._messages[CLIENT] is not None
            or self._reserved != NEITHER
            or self._faults != NEITHER
            or self._early is not None
            or self._overlaps is not None
            or progress.informational is not None
            or (asked is not None and asked.framing_bytes)
        ):
            return None
        exchange, reader = progress.exchange, message.reader if message is not None else None
        return (
            (self.version, self.versions_differ, self._last, self.waiting.place),
            (
                exchange.no,
                exchange.protocol,
                _of_timings(exchange.timings),
                [_of_note(note) for note in exchange.notes],
            ),
            _of_progress(progress),
            None if request is None else _of_request(request),
            None if asked is None else _of_asked(asked),
            None if response is None else _of_response(response),
            None if message is None else _of_message(message),
            None if reader is None else (reader.prefix, reader.gap_seen),
        ), message

    def unfold(self, values: Plain, digest: Digest | None, last: At | None) -> None:
        """Be what these values say; `digest`, `last`: of the response that is being read."""
        known, of_exchange, of_progress, of_request, of_asked, of_response, of_message, of_reader = values
        self.version, self.versions_differ, self._last, self.waiting.place = known
        number, protocol, timings, found = of_exchange
        request = Request(*_arguments(of_request, _REQUEST)) if of_request is not None else None
        response = Response(*_arguments(of_response, _RESPONSE)) if of_response is not None else None
        host, notes, spans = self.host, [Note(*note) for note in found], Timings(*timings)
        exchange = Exchange(
            number, host.stream, host.client, host.server, protocol, request, response, [], spans, notes
        )
        start, confirmed, *flags = of_progress
        progress = Progress(exchange, start, confirmed)
        for name, value in zip(_FLAGS, flags, strict=True):
            setattr(progress, name, value)
        if of_asked is not None:
            *place, end = of_asked
            progress.request = WholeMessage(*place)
            progress.request.end = end
        self._open[number] = progress
        if response is None:
            self.waiting.take_back(progress)
            return
        reader = BodyReader(response.body, [], 0, False)
        reader.digest = digest
        reader.prefix, reader.gap_seen = of_reader
        assert last is not None
        start, head_bytes, body_bytes, lost = of_message
        message = MessageProgress(response, reader, None, start, head_bytes, last)
        message.body_bytes, message.lost = body_bytes, lost
        progress.response = message
        self._messages = replaced(self._messages, SERVER, message)
        self._reading = replaced(self._reading, SERVER, progress)
