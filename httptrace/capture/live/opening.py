"""The best way to capture that this system has, or the one that was asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from httptrace.capture.live.filters import compile_filter
from httptrace.capture.live.ring import Ring
from httptrace.capture.live.source import Source, UnavailableError
from httptrace.errors import Said
from httptrace.limits import LIVE_BUFFER

#: Their names, the best first.
SOURCES = ("ring", "libpcap", "scapy")


def open_source(
    interfaces: Sequence[str],
    expression: str,
    size: int = LIVE_BUFFER,
    promiscuous: bool = False,
    way: str | None = None,
) -> Source:
    """A running capture of these interfaces (`any`: all) through a filter in tcpdump's language.

    `way`: one of SOURCES, None for the first that works. Raises NotAllowedError, NoInterfaceError, FilterError, and
    UnavailableError where none works.
    """
    problems: Said | None = None
    for name in SOURCES if way is None else (way,):
        if name == "ring" and way is None and not sys.platform.startswith("linux"):
            continue
        try:
            return _open(name, interfaces, expression, size, promiscuous)
        except UnavailableError as error:
            problem = Said("{way}: {problem}", way=name, problem=error.text)
            problems = problem if problems is None else Said("{before}; {problem}", before=problems, problem=problem)
    raise UnavailableError(problems or "")


def _open(name: str, interfaces: Sequence[str], expression: str, size: int, promiscuous: bool) -> Source:
    if name == "ring":
        return Ring(interfaces, compile_filter(expression).program, size, promiscuous)
    from httptrace.capture.live import fallback

    kind = fallback.PcapSource if name == "libpcap" else fallback.ScapySource
    return kind(interfaces, expression, size, promiscuous)
