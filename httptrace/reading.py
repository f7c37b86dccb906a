"""The library's door: captures in, exchanges out."""

from __future__ import annotations

import os
from collections.abc import Iterator

from httptrace.capture.merge import open_captures
from httptrace.exchanges.numbering import InOrder
from httptrace.model import Exchange
from httptrace.pipeline import Analyzer, Options

#: About what an exchange takes in memory; the bound on waiting records needs a size for each.
_EXCHANGE_BYTES = 4_096


def read(*paths: str | os.PathLike[str], keep_bodies: int = 0, hash_bodies: bool = True) -> Iterator[Exchange]:
    """The exchanges of one capture, or of several read as one in time order, in order of their numbers.

    `keep_bodies`: decoded octets of each body to keep in `body.content` (0: none); `hash_bodies`: whether
    `body.sha256` is wanted. A path may be "-" for standard input.

    Raises :class:`httptrace.errors.UsageError` where a file cannot be opened or is no capture, and, after the last
    exchange, :class:`httptrace.errors.CaptureError` where a capture is damaged or cut short: everything before the
    damage was given by then.
    """
    ready: list[Exchange] = []
    order: InOrder[Exchange] = InOrder(ready.append, first=1)
    analyzer = Analyzer(
        Options(keep_bodies=keep_bodies, hash_bodies=hash_bodies),
        on_exchange=lambda exchange: order.add(exchange.no, exchange, _EXCHANGE_BYTES),
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
