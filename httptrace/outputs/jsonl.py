"""The lines of the contract: one JSON object a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from httptrace.model import Exchange, PacketRecord, Request, Response, SideMeasures, StreamRecord, Tls

#: Lines are gathered and written in one go; a write each costs as much as the line.
_BATCH = 200

#: Nanoseconds, as Any: of ints mypyc makes doubles before it divides, and today's date in ns is too large for that to
#: be exact. So compiled and not, the quotient is the nearest float.
_SECOND: Any = 1_000_000_000
_MILLISECOND: Any = 1_000_000


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


def stored_line(line: bytes) -> bytes:
    """The same line, in as much memory as it is long: orjson leaves each in the buffer it was written in, of 16 KiB."""
    return bytes(memoryview(line))


def exchange_line(exchange: Exchange) -> bytes:
    """The line of an exchange."""
    timings, client, server = exchange.timings, exchange.client, exchange.server
    return orjson.dumps(
        {
            "no": exchange.no,
            "stream": exchange.stream,
            "client": {"ip": client.ip, "port": client.port},
            "server": {"ip": server.ip, "port": server.port},
            "protocol": exchange.protocol,
            "tls": _tls(exchange.tls) if exchange.tls is not None else None,
            "h2_stream": exchange.h2_stream,
            "request": _request(exchange.request) if exchange.request is not None else None,
            "response": _response(exchange.response) if exchange.response is not None else None,
            "informational": [_response(one) for one in exchange.informational] if exchange.informational else [],
            "timings": {
                "connect": None if timings.connect is None else timings.connect / _MILLISECOND,
                "tls": None if timings.tls is None else timings.tls / _MILLISECOND,
                "send": None if timings.send is None else timings.send / _MILLISECOND,
                "wait": None if timings.wait is None else timings.wait / _MILLISECOND,
                "receive": None if timings.receive is None else timings.receive / _MILLISECOND,
            },
            "notes": [{"code": note.code, "packet": note.packet, "text": note.text} for note in exchange.notes]
            if exchange.notes
            else [],
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def _request(request: Request) -> dict[str, Any]:
    # This and the response are written out, not shared: each call here is made for every message of a capture.
    body, begin, end = request.body, request.time_ns, request.end_time_ns
    return {
        "method": request.method,
        "target": request.target,
        "url": request.url,
        "version": request.version,
        "headers": request.headers,
        "trailers": request.trailers,
        "header_size": request.header_size,
        "body": {
            "size": body.size,
            "decoded_size": body.decoded_size,
            "sha256": body.sha256,
            "content_type": body.content_type,
            "encoding": body.encoding,
        },
        "first_packet": request.first_packet,
        "last_packet": request.last_packet,
        "time": begin / _SECOND,
        "end_time": end / _SECOND,
        "time_ns": begin,
        "end_time_ns": end,
        "complete": request.complete,
    }


def _response(response: Response) -> dict[str, Any]:
    body, begin, end = response.body, response.time_ns, response.end_time_ns
    return {
        "status": response.status,
        "reason": response.reason,
        "version": response.version,
        "headers": response.headers,
        "trailers": response.trailers,
        "header_size": response.header_size,
        "body": {
            "size": body.size,
            "decoded_size": body.decoded_size,
            "sha256": body.sha256,
            "content_type": body.content_type,
            "encoding": body.encoding,
        },
        "first_packet": response.first_packet,
        "last_packet": response.last_packet,
        "time": begin / _SECOND,
        "end_time": end / _SECOND,
        "time_ns": begin,
        "end_time_ns": end,
        "complete": response.complete,
    }


def _milliseconds(ns: int | None) -> float | None:
    return None if ns is None else ns / _MILLISECOND


def _seconds(ns: int) -> float:
    seconds: float = ns / _SECOND
    return seconds


def _tls(tls: Tls | None, decrypted: bool = False) -> dict[str, Any] | None:
    if tls is None:
        return None
    values: dict[str, Any] = {"version": tls.version, "cipher": tls.cipher, "sni": tls.sni, "alpn": tls.alpn}
    if decrypted:
        values["decrypted"] = tls.decrypted
    return values


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
    if stream.measures is not None:
        values["measures"] = {"client": _measures(stream.measures[0]), "server": _measures(stream.measures[1])}
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


def _measures(side: SideMeasures) -> dict[str, Any]:
    return {
        "round_trips": side.round_trips,
        "rtt_min_ms": _milliseconds(side.rtt_min_ns),
        "rtt_mean_ms": _milliseconds(side.rtt_mean_ns),
        "rtt_max_ms": _milliseconds(side.rtt_max_ns),
        "in_flight": side.in_flight,
        "mss": side.mss,
        "window_scale": side.window_scale,
        "sack_permitted": side.sack_permitted,
    }


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
