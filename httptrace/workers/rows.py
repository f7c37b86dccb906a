"""From records to what a worker sends back: rows that lack nothing but their number.

A row is made where its exchange was read, because making it costs a good part of reading it. The number is given by
the reading process; a row carries 0 in its place, and that is the first 0 in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from httptrace.ledger import DirectionLedger, Share
from httptrace.model import Direction, Exchange, StreamRecord
from httptrace.outputs import jsonl
from httptrace.outputs.paint import Paint
from httptrace.selection import Filter, Order
from httptrace.workers.work import Work


class ExchangeRows:
    """The rows of `list`, of the exchanges asked for."""

    def __init__(self, work: Work) -> None:
        self._filter = Filter.of(work.filters)
        self._key = Order(work.filters).key
        self._time_ns = 0
        self._between: Callable[[Exchange], str] | None = None
        self._line: Callable[[Exchange], bytes | str] = jsonl.exchange_line
        if work.format == "csv":
            from httptrace.outputs.tabular import exchange_row

            self._line = exchange_row
        elif work.format == "table":
            from httptrace.outputs import rows

            self._line = rows.exchanges(work.width, Paint(work.colour), lambda: self._time_ns).row
            self._between = rows.between

    def begin(self, time_ns: int) -> None:
        """The capture's first packet was seen at that time."""
        self._time_ns = time_ns
        self._filter.begin(time_ns)

    def row(self, exchange: Exchange) -> tuple[Any, ...] | None:
        """(sort key, line), in a table also the line between and whether it has notes. None: not asked for."""
        if not self._filter.matches(exchange):
            return None
        key = self._key(exchange) if self._key is not None else None
        exchange.no = 0
        if self._between is None:
            return key, self._line(exchange)
        return key, self._line(exchange), self._between(exchange), bool(exchange.notes)


class StreamRows:
    """The rows of `streams`."""

    def __init__(self, work: Work) -> None:
        self._time_ns = 0
        self._line: Callable[[StreamRecord], bytes | str] = jsonl.stream_line
        if work.format == "table":
            from httptrace.outputs import rows

            self._line = rows.streams(work.width, Paint(work.colour), lambda: self._time_ns).row

    def begin(self, time_ns: int) -> None:
        """The capture's first packet was seen at that time."""
        self._time_ns = time_ns

    def row(self, stream: StreamRecord) -> tuple[Any, ...]:
        """(stream, line, had trouble, is HTTP)"""
        from httptrace.outputs.rows import troubled

        return stream.stream, self._line(stream), troubled(stream), stream.application.startswith("http/")


def exchange_shares(exchange: Exchange, client: Share, server: Share) -> bytes:
    """The audit's line of an exchange."""
    from httptrace.outputs import audit

    exchange.no = 0
    return audit.exchange_line(exchange, client, server)


def numbered(row: bytes, number: int) -> bytes:
    """The line with its number in it."""
    return row.replace(b"0", b"%d" % number, 1)


def numbered_cell(row: str, number: int) -> str:
    """The row of a table with its number in it: that cell stands to the right, and grows where it has to."""
    place = row.index("0") + 1
    return str(number).rjust(place) + row[place:]


def plain_ledger(ledger: DirectionLedger) -> tuple[Any, ...]:
    """A ledger as it travels."""
    messages = ledger.messages
    return (
        ledger.stream,
        ledger.sender.value if ledger.sender is not None else None,
        ledger.wire,
        ledger.captured,
        ledger.exchanges,
        (messages.head, messages.body, messages.framing),
        ledger.kinds,
        ledger.retransmitted,
        ledger.ignored,
        ledger.late,
        ledger.span,
        ledger.unique,
        ledger.missing_acked,
        ledger.missing_unacked,
    )


def ledger_of(plain: tuple[Any, ...]) -> DirectionLedger:
    """The ledger that :func:`plain_ledger` took apart."""
    stream, sender, wire, captured, exchanges, messages, *others = plain
    sender = Direction(sender) if sender is not None else None
    return DirectionLedger(stream, sender, wire, captured, exchanges, Share(*messages), *others)
