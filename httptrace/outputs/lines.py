"""The lines of an exchange as the contract prints them: a class for each object, its fields in the contract's order.

Made anew for each line from a record of :mod:`httptrace.model`. A structure is made and written in less than half of
the time of a dict that is spelt out, and says what stands in a line and of which type it is.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from httptrace.model import Endpoint, Field


class BodyLine(Struct, gc=False):
    """The content of a message."""

    size: int
    decoded_size: int
    sha256: str | None
    content_type: str | None
    encoding: str | None


class RequestLine(Struct, gc=False):
    """A request."""

    method: str
    target: str
    url: str | None
    version: str
    headers: list[Field]
    trailers: list[Field]
    header_size: int
    body: BodyLine
    first_packet: int
    last_packet: int
    time: float
    end_time: float
    time_ns: int
    end_time_ns: int
    complete: bool


class ResponseLine(Struct, gc=False):
    """A response, final or 1xx."""

    status: int | None
    reason: str | None
    version: str
    headers: list[Field]
    trailers: list[Field]
    header_size: int
    body: BodyLine
    first_packet: int
    last_packet: int
    time: float
    end_time: float
    time_ns: int
    end_time_ns: int
    complete: bool


class TimingsLine(Struct, gc=False):
    """Milliseconds, null where unknown."""

    connect: float | None
    tls: float | None
    send: float | None
    wait: float | None
    receive: float | None


class NoteLine(Struct, gc=False):
    """What an attentive analyst would point out."""

    code: str
    packet: int
    text: str


class ExchangeLine(Struct, gc=False):
    """A request, its response, and what is known of both."""

    no: int
    stream: int
    client: Endpoint
    server: Endpoint
    protocol: str
    tls: dict[str, Any] | None
    h2_stream: int | None
    request: RequestLine | None
    response: ResponseLine | None
    informational: list[ResponseLine]
    timings: TimingsLine
    notes: list[NoteLine]
