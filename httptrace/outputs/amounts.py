"""Sizes, spans of time and addresses as a table's cell shows them: short, and of about the same length."""

from __future__ import annotations

from datetime import UTC, datetime

from httptrace.model import Endpoint, Exchange
from httptrace.outputs.safe import legible, legible_ends
from httptrace.outputs.wrap import cell_width, shorten

#: What stands in a cell for something that is not known.
UNKNOWN = "–"


def begins(exchange: Exchange) -> int:
    """When an exchange begins: the time of its first packet, in ns."""
    first = exchange.request or exchange.response
    assert first is not None, "an exchange has at least one side"
    return first.time_ns


def took(exchange: Exchange) -> int | None:
    """From the first byte of the request to the last of the response, in ns; None where either is missing."""
    request, response = exchange.request, exchange.response
    if request is None or response is None:
        return None
    return max(response.end_time_ns - request.time_ns, 0)


def brief_duration(ns: int | None) -> str:
    """A span of time in three digits and its unit: `8.4 ms`, `215 ms`, `2.31 s`."""
    if ns is None:
        return UNKNOWN
    if ns < 99_950:
        return f"{ns / 1e3:.0f} µs" if ns else "0 ms"
    if ns < 99_950_000:
        return f"{ns / 1e6:.1f} ms"
    if ns < 999_500_000:
        return f"{ns / 1e6:.0f} ms"
    if ns < 99_950_000_000:
        return f"{ns / 1e9:.2f} s" if ns < 9_995_000_000 else f"{ns / 1e9:.1f} s"
    return f"{ns / 1e9:.0f} s"


def brief_size(octets: int | None) -> str:
    """An amount of bytes in at most three digits and its unit: `812 B`, `5.5 kB`, `21 MB`."""
    if octets is None:
        return UNKNOWN
    if octets < 1000:
        return f"{octets} B"
    amount = float(octets)
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 9.95:
            return f"{amount:.1f} {unit}"
        if amount < 999.5:
            return f"{amount:.0f} {unit}"
    return f"{amount / 1000:.0f} PB"


def seconds(ns: int, digits: int = 3) -> str:
    """Seconds since the capture began."""
    return f"{ns / 1e9:.{digits}f}"


def iso(ns: int) -> str:
    """A moment as ISO 8601 in UTC, exact to the nanosecond."""
    whole, rest = divmod(ns, 1_000_000_000)
    try:
        moment = datetime.fromtimestamp(whole, UTC)
    except (ValueError, OverflowError, OSError):  # damaged captures claim years beyond 9999
        return ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def endpoint(end: Endpoint, width: int) -> str:
    """An address and its port in at most `width` cells; the port stays whole."""
    text = str(end)
    if len(text) <= width:
        return text
    port = f"…:{end.port}"
    return text[: max(1, width - len(port))] + port


def middle(text: str, width: int) -> str:
    """`text` in at most `width` cells, its middle left out: both ends of a URL tell something."""
    if cell_width(text) <= width:
        return text
    if width < 12:
        return shorten(text, width)
    head = shorten(text, width // 2 + 1)
    tail, used = [], cell_width(head)
    for character in reversed(text):
        used += cell_width(character)
        if used > width:
            break
        tail.append(character)
    return head + "".join(reversed(tail))


def short_url(exchange: Exchange, longest: int) -> str:
    """The URL without `http://`, which it nearly always begins with; the target where no host is known."""
    request = exchange.request
    if request is None:
        return UNKNOWN
    url = request.url if request.url is not None else request.target
    url = url.removeprefix("http://")
    if len(url) > 4 * longest + 8:  # a target may be a MiB: what cannot be shown need not be cleaned
        return middle(legible_ends(url, 2 * longest + 4), longest)
    return middle(legible(url), longest)
