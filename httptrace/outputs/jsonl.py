"""The lines of the contract: one JSON object a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.json import Encoder

from httptrace.model import Exchange, PacketRecord, Request, Response, SideMeasures, StreamRecord, Tls
from httptrace.outputs.lines import BodyLine, ExchangeLine, NoteLine, RequestLine, ResponseLine, TimingsLine

#: Lines are gathered and written in one go; a write each costs as much as the line. So many take some 60 kB: what is
#: much larger, the C library takes from the system anew each time, page by page.
_BATCH = 50

#: Nanoseconds, as Any: of ints mypyc makes doubles before it divides, and today's date in ns is too large for that to
#: be exact. So compiled and not, the quotient is the nearest float.
_SECOND: Any = 1_000_000_000
_MILLISECOND: Any = 1_000_000


_json = Encoder().encode


def _encode(record: object) -> bytes:
    """A line: JSON and its newline."""
    return _json(record) + b"\n"


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
    request, response, timings = exchange.request, exchange.response, exchange.timings
    return _encode(
        ExchangeLine(
            exchange.no,
            exchange.stream,
            exchange.client,
            exchange.server,
            exchange.protocol,
            _tls(exchange.tls) if exchange.tls is not None else None,
            exchange.h2_stream,
            _request(request) if request is not None else None,
            _response(response) if response is not None else None,
            [_response(one) for one in exchange.informational] if exchange.informational else [],
            TimingsLine(
                None if timings.connect is None else timings.connect / _MILLISECOND,
                None if timings.tls is None else timings.tls / _MILLISECOND,
                None if timings.send is None else timings.send / _MILLISECOND,
                None if timings.wait is None else timings.wait / _MILLISECOND,
                None if timings.receive is None else timings.receive / _MILLISECOND,
            ),
            [NoteLine(note.code, note.packet, note.text) for note in exchange.notes] if exchange.notes else [],
        )
    )


def _request(request: Request) -> RequestLine:
    # This and the response are written out, not shared: each call here is made for every message of a capture.
    body, begin, end = request.body, request.time_ns, request.end_time_ns
    return RequestLine(
        request.method,
        request.target,
        request.url,
        request.version,
        request.headers,
        request.trailers,
        request.header_size,
        BodyLine(body.size, body.decoded_size, body.sha256, body.content_type, body.encoding),
        request.first_packet,
        request.last_packet,
        begin / _SECOND,
        end / _SECOND,
        begin,
        end,
        request.complete,
    )


def _response(response: Response) -> ResponseLine:
    body, begin, end = response.body, response.time_ns, response.end_time_ns
    return ResponseLine(
        response.status,
        response.reason,
        response.version,
        response.headers,
        response.trailers,
        response.header_size,
        BodyLine(body.size, body.decoded_size, body.sha256, body.content_type, body.encoding),
        response.first_packet,
        response.last_packet,
        begin / _SECOND,
        end / _SECOND,
        begin,
        end,
        response.complete,
    )


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
    return _encode(values)


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
    return _encode(
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
        }
    )
