"""httptrace: from a packet capture to the HTTP conversation that happened.

>>> import httptrace
>>> for exchange in httptrace.read("captures/first-page.pcap"):
...     print(exchange.request.method, exchange.response.status)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httptrace.reading import read

__version__ = "0.1.0"
__all__ = ["__version__", "read"]


def __getattr__(name: str) -> object:
    """`read` is imported when it is first used, so that `httptrace --version` costs nothing."""
    if name == "read":
        from httptrace.reading import read

        return read
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
