"""The timings of an exchange, from the packets' times (contract: `timings`)."""

from __future__ import annotations

from httptrace.model import Exchange


def set_timings(exchange: Exchange) -> None:
    """Fill in what the messages' packets show. A response that began before its request ended was waited for 0 ns."""
    timings, request, response = exchange.timings, exchange.request, exchange.response
    if request is not None:
        timings.send = max(request.end_time_ns - request.time_ns, 0)
    if response is not None:
        timings.receive = max(response.end_time_ns - response.time_ns, 0)
        if request is not None:
            timings.wait = max(response.time_ns - request.end_time_ns, 0)
