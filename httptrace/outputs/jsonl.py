"""The lines of the contract: one JSON object a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from httptrace.model import Body, Exchange, Message, PacketRecord, Request, Response, StreamRecord, Tls

#: Lines are gathered and written in one go; a write each costs as much as the line.
_BATCH = 200


class LineWriter:
    """Writes lines in batches; `write` takes bytes."""

    def __init__(self, write: Callable[[bytes], object], batch: int = _BATCH) -> None:
        self._write = write
        self._batch = batch
        self._lines: list[bytes] = []

    def line(self, line: bytes) -> None:
        """One line, its newline included."""
        self._lines.append(line)
        if len(self._lines) >= self._batch:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._write(b"".join(lines))


def exchange_line(exchange: Exchange) -> bytes:
    """The line of an exchange."""
    timings = exchange.timings
    request, response = exchange.request, exchange.response
    return orjson.dumps(
        {
            "no": exchange.no,
            "stream": exchange.stream,
            "client": {"ip": exchange.client.ip, "port": exchange.client.port},
            "server": {"ip": exchange.server.ip, "port": exchange.server.port},
            "protocol": exchange.protocol,
            "tls": _tls(exchange.tls),
            "h2_stream": exchange.h2_stream,
            "request": _request(request) if request is not None else None,
            "response": _response(response) if response is not None else None,
            "informational": [_response(one) for one in exchange.informational],
            "timings": {
                "connect": _milliseconds(timings.connect),
                "tls": _milliseconds(timings.tls),
                "send": _milliseconds(timings.send),
                "wait": _milliseconds(timings.wait),
                "receive": _milliseconds(timings.receive),
            },
            "notes": [{"code": note.code, "packet": note.packet, "text": note.text} for note in exchange.notes],
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def _milliseconds(ns: int | None) -> float | None:
    return None if ns is None else ns / 1_000_000


def _seconds(ns: int) -> float:
    return ns / 1_000_000_000


def _tls(tls: Tls | None, decrypted: bool = False) -> dict[str, Any] | None:
    if tls is None:
        return None
    values: dict[str, Any] = {"version": tls.version, "cipher": tls.cipher, "sni": tls.sni, "alpn": tls.alpn}
    if decrypted:
        values["decrypted"] = tls.decrypted
    return values


def _body(body: Body) -> dict[str, Any]:
    return {
        "size": body.size,
        "decoded_size": body.decoded_size,
        "sha256": body.sha256,
        "content_type": body.content_type,
        "encoding": body.encoding,
    }


def _rest(message: Message) -> dict[str, Any]:
    return {
        "version": message.version,
        "headers": message.headers,
        "trailers": message.trailers,
        "header_size": message.header_size,
        "body": _body(message.body),
        "first_packet": message.first_packet,
        "last_packet": message.last_packet,
        "time": _seconds(message.time_ns),
        "end_time": _seconds(message.end_time_ns),
        "time_ns": message.time_ns,
        "end_time_ns": message.end_time_ns,
        "complete": message.complete,
    }


def _request(request: Request) -> dict[str, Any]:
    return {"method": request.method, "target": request.target, "url": request.url, **_rest(request)}


def _response(response: Response) -> dict[str, Any]:
    return {"status": response.status, "reason": response.reason, **_rest(response)}


def stream_line(stream: StreamRecord) -> bytes:
    """The line of a connection."""
    client, server = stream.client_side, stream.server_side
    values: dict[str, Any] = {
        "stream": stream.stream,
        "client": {"ip": stream.client.ip, "port": stream.client.port},
        "server": {"ip": stream.server.ip, "port": stream.server.port},
        "first_packet": stream.first_packet,
        "last_packet": stream.last_packet,
        "time": _seconds(stream.time_ns),
        "end_time": _seconds(stream.end_time_ns),
        "handshake": stream.handshake,
        "close": stream.close,
        "rtt_ms": _milliseconds(stream.rtt_ns),
        "client_packets": client.packets,
        "server_packets": server.packets,
        "client_bytes": client.bytes,
        "server_bytes": server.bytes,
        "client_retransmissions": client.retransmissions,
        "server_retransmissions": server.retransmissions,
        "client_out_of_order": client.out_of_order,
        "server_out_of_order": server.out_of_order,
        "client_missing_bytes": client.missing_bytes,
        "server_missing_bytes": server.missing_bytes,
        "client_missing_acked_bytes": client.missing_acked_bytes,
        "server_missing_acked_bytes": server.missing_acked_bytes,
        "application": stream.application,
        "tls": _tls(stream.tls, decrypted=True),
    }
    if stream.analysis is not None:
        values["analysis"] = {"client": stream.analysis[0], "server": stream.analysis[1]}
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


def packet_line(packet: PacketRecord) -> bytes:
    """The line of a TCP packet."""
    return orjson.dumps(
        {
            "packet": packet.packet,
            "stream": packet.stream,
            "time": _seconds(packet.time_ns),
            "from": packet.sender.name.lower(),
            "flags": packet.flags,
            "seq": packet.seq,
            "ack": packet.ack,
            "len": packet.length,
            "window": packet.window,
            "analysis": packet.analysis,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
