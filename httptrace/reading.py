"""The library's door: captures in, exchanges out."""

from __future__ import annotations

import os
from collections.abc import Iterator

from httptrace.capture.merge import open_captures
from httptrace.exchanges.numbering import InOrder
from httptrace.limits import STANDARD, Bounds
from httptrace.model import Exchange
from httptrace.pipeline import Analyzer, Options

#: About what an exchange takes in memory beside the bodies that are kept.
_EXCHANGE_BYTES = 4_096


def read(
    *paths: str | os.PathLike[str], keep_bodies: int = 0, hash_bodies: bool = True, bounds: Bounds = STANDARD
) -> Iterator[Exchange]:
    """The exchanges of one capture, or of several read as one in time order, in order of their numbers.

    `keep_bodies`: decoded octets of each body to keep in `body.content` (0: none); `hash_bodies`: whether
    `body.sha256` is wanted; `bounds`: how much may be kept in memory. A path may be "-" for standard input.

    Raises :class:`httptrace.errors.UsageError` where a file cannot be opened or is no capture, and, after the last
    exchange, :class:`httptrace.errors.CaptureError` where a capture is damaged or cut short: everything before the
    damage was given by then.
    """
    ready: list[Exchange] = []
    order: InOrder[Exchange] = InOrder(ready.append, first=1, bound=bounds.waiting)
    analyzer = Analyzer(
        Options(keep_bodies=keep_bodies, hash_bodies=hash_bodies, bounds=bounds),
        on_exchange=lambda exchange: order.add(exchange.no, exchange, _size(exchange)),
    )
    with open_captures([os.fspath(path) for path in paths]) as captures:
        damage = None
        try:
            for _ in analyzer.feed(captures.frames()):
                yield from ready
                ready.clear()
        except Exception as error:
            damage = error
        analyzer.finish()
        order.flush()
        yield from ready
        if damage is not None:
            raise damage


def _size(exchange: Exchange) -> int:
    """About the octets an exchange takes while it waits for one before it."""
    messages = [message for message in (exchange.request, exchange.response) if message is not None]
    bodies = sum(len(message.body.content or b"") + len(message.body.raw or b"") for message in messages)
    return _EXCHANGE_BYTES + bodies
