"""The timings of an exchange, from the packets' times (contract: `timings`)."""

from __future__ import annotations

from httptrace.model import Exchange


def set_timings(exchange: Exchange) -> None:
    """Fill in what the messages' packets show. A response that began before its request ended was waited for 0 ns."""
    timings, request, response = exchange.timings, exchange.request, exchange.response
    if request is not None:
        took = request.end_time_ns - request.time_ns
        timings.send = took if took > 0 else 0  # a clock may have been set back
    if response is not None:
        took = response.end_time_ns - response.time_ns
        timings.receive = took if took > 0 else 0
        if request is not None:
            took = response.time_ns - request.end_time_ns
            timings.wait = took if took > 0 else 0
