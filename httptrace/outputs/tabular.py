"""Exchanges as CSV (RFC 4180), for spreadsheets: one flat row each, the main fields of the contract.

Text off the wire is made harmless, so a cell is always one line, and a cell that a spreadsheet would take for a formula
(one that begins with = + - or @) gets an apostrophe before it, which spreadsheets take for "this is text". So the
values are not always byte for byte those of the wire; jsonl has them exact.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from httptrace.model import Exchange, Message
from httptrace.outputs.amounts import begins, iso, took
from httptrace.outputs.safe import safe

_MESSAGE = (
    "version",
    "header_size",
    "body_size",
    "decoded_size",
    "content_type",
    "encoding",
    "sha256",
    "first_packet",
    "last_packet",
    "time_ns",
    "end_time_ns",
    "complete",
)

COLUMNS = (
    "no",
    "stream",
    "time",
    "time_ns",
    "client_ip",
    "client_port",
    "server_ip",
    "server_port",
    "protocol",
    "tls_version",
    "tls_sni",
    "h2_stream",
    "method",
    "target",
    "url",
    "status",
    "reason",
    "informational",
    *(f"{side}_{name}" for side in ("request", "response") for name in _MESSAGE),
    "connect_ms",
    "tls_ms",
    "send_ms",
    "wait_ms",
    "receive_ms",
    "duration_ms",
    "notes",
)

_FORMULA = ("=", "+", "-", "@")


def heading() -> bytes:
    """The line of column names."""
    return _line(COLUMNS)


def exchange_row(exchange: Exchange) -> bytes:
    """The line of an exchange, its newline included."""
    request, response, timings = exchange.request, exchange.response, exchange.timings
    time_ns = begins(exchange)
    tls = exchange.tls
    cells: list[str | int | float | None] = [
        exchange.no,
        exchange.stream,
        iso(time_ns),
        time_ns,
        exchange.client.ip,
        exchange.client.port,
        exchange.server.ip,
        exchange.server.port,
        exchange.protocol,
        None if tls is None else tls.version,
        None if tls is None else _text(tls.sni),
        exchange.h2_stream,
        None if request is None else _text(request.method),
        None if request is None else _text(request.target),
        None if request is None else _text(request.url),
        None if response is None else response.status,
        None if response is None else _text(response.reason),
        " ".join(str(one.status) for one in exchange.informational),
        *_message(request),
        *_message(response),
    ]
    spans = (timings.connect, timings.tls, timings.send, timings.wait, timings.receive, took(exchange))
    cells += [None if ns is None else ns / 1_000_000 for ns in spans]
    cells.append(" ".join(note.code for note in exchange.notes))
    return _line(cells)


def _message(message: Message | None) -> list[str | int | None]:
    if message is None:
        return [None] * len(_MESSAGE)
    body = message.body
    return [
        message.version,
        message.header_size,
        body.size,
        body.decoded_size,
        _text(body.content_type),
        _text(body.encoding),
        body.sha256,
        message.first_packet,
        message.last_packet,
        message.time_ns,
        message.end_time_ns,
        "true" if message.complete else "false",
    ]


def _text(text: str | None) -> str | None:
    if text is None:
        return None
    text = safe(text)
    return "'" + text if text.lstrip(" ").startswith(_FORMULA) else text


def _line(cells: Iterable[object]) -> bytes:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()
