"""What live capture says of itself: the status, changes of interfaces, the closing summary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from httptrace.capture.live.source import Change, Counters
from httptrace.lang import _, ngettext
from httptrace.outputs.amounts import brief_duration, brief_size
from httptrace.outputs.safe import safe


@dataclass(slots=True)
class State:
    """How things stand, as the loop that reads leaves them for whoever asks."""

    packets: int = 0
    exchanges: int = 0
    connections: int = 0
    open: int = 0  # connections that have not ended
    fill: float = 0.0
    dropped: int = 0
    freezes: int = 0
    snapped: int = 0
    left_out: int = 0
    unsaved: int = 0  # packets that the reader of a pipe did not take
    bounds: int = 0  # times that a bound on memory was reached
    draining: bool = False


class Status:
    """The status line: rates since the last one, and what was lost so far."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._before = (0, 0)
        self._then = 0.0

    def line(self, now: float) -> str:
        """The line at this moment (any clock in seconds)."""
        state = self._state
        passed = max(now - self._then, 0.001) if self._then else 0.0
        packets, exchanges = state.packets, state.exchanges
        rates = [
            (new - old) / passed if passed else 0.0 for new, old in zip((packets, exchanges), self._before, strict=True)
        ]
        self._before, self._then = (packets, exchanges), now
        parts = [
            _("{rate} packets/s").format(rate=amount(rates[0])),
            _("{rate} exchanges/s").format(rate=amount(rates[1])),
            _open_ones(state),
            _("buffer {percent} %").format(percent=f"{state.fill * 100:.0f}"),
            _("{count} dropped").format(count=f"{state.dropped:,}"),
        ]
        if state.freezes:
            parts.append(_("ring full: {count}").format(count=f"{state.freezes:,}"))
        if state.snapped:
            parts.append(_("cut: {count}").format(count=f"{state.snapped:,}"))
        if state.bounds:
            parts.append(_("memory bounds reached: {count}").format(count=f"{state.bounds:,}"))
        if state.left_out:
            parts.append(_("{count} lines left out").format(count=f"{state.left_out:,}"))
        if state.unsaved:
            parts.append(_("{count} packets not saved").format(count=f"{state.unsaved:,}"))
        if state.draining:
            parts.insert(0, _("reading what is left; once more ends at once"))
        return " · ".join(parts)


def totals(state: State) -> str:
    """What SIGUSR1 prints: counts since the capture began."""
    return " · ".join(
        [
            ngettext("{count} packet", "{count} packets", state.packets).format(count=f"{state.packets:,}"),
            ngettext("{count} exchange", "{count} exchanges", state.exchanges).format(count=f"{state.exchanges:,}"),
            ngettext("{count} connection", "{count} connections", state.connections).format(
                count=f"{state.connections:,}"
            ),
            _open_ones(state),
            _("buffer {percent} %").format(percent=f"{state.fill * 100:.0f}"),
            _("{count} dropped").format(count=f"{state.dropped:,}"),
        ]
    )


def _open_ones(state: State) -> str:
    return ngettext("{count} open connection", "{count} open connections", state.open).format(count=f"{state.open:,}")


def amount(rate: float) -> str:
    """A rate in at most three digits: `7`, `940`, `12.3k`."""
    if rate < 999.5:
        return f"{rate:.0f}"
    for unit in ("k", "M"):
        rate /= 1000
        if rate < 99.95:
            return f"{rate:.1f}{unit}"
        if rate < 999.5 or unit == "M":
            break
    return f"{rate:.0f}{unit}"


def change(what: Change) -> str:
    """One line about an interface."""
    name = safe(what.name)
    if what.kind == "down":
        return _("{name} went down; captured again when it comes up").format(name=name)
    if what.kind == "up":
        return _("{name} is up again").format(name=name)
    if what.kind == "gone":
        return _("{name} is gone; captured again when it returns").format(name=name)
    if what.kind == "renamed":
        return _("{name} is now called {new}").format(name=name, new=safe(what.new))
    return _("{name} is back").format(name=name)


@dataclass(frozen=True, slots=True)
class Ended:
    """What the closing summary is made of."""

    interfaces: str
    filter: str
    seconds: float
    state: State
    counters: Counters
    doubles: int
    expired: int
    size: int
    seen: int  # exchanges, before the filters of `list`
    files: int
    written: int  # packets in them
    unsaved: int = 0  # packets that the reader of a pipe did not take


def closing(ended: Ended) -> Iterator[str]:
    """The closing summary, a fact a line."""
    state, counters = ended.state, ended.counters
    yield _("{time} on {interfaces}, filter: {filter}").format(
        time=brief_duration(round(ended.seconds * 1e9)), interfaces=safe(ended.interfaces), filter=safe(ended.filter)
    )
    line = [
        ngettext("{count} packet", "{count} packets", state.packets).format(count=f"{state.packets:,}"),
        ngettext("{count} connection", "{count} connections", state.connections).format(count=f"{state.connections:,}"),
        ngettext("{count} exchange", "{count} exchanges", ended.seen).format(count=f"{ended.seen:,}"),
    ]
    if state.exchanges != ended.seen:
        line.append(_("{count} of them as asked for").format(count=f"{state.exchanges:,}"))
    yield " · ".join(line)
    if counters.dropped:
        share = 100 * counters.dropped / max(counters.received, 1)
        yield ngettext(
            "the kernel dropped {count} packet ({share} %): exchanges may be missing or have gaps",
            "the kernel dropped {count} packets ({share} %): exchanges may be missing or have gaps",
            counters.dropped,
        ).format(count=f"{counters.dropped:,}", share=f"{share:.2g}")
        yield _("a larger --buffer (now {size}) or a narrower filter loses less").format(size=brief_size(ended.size))
    else:
        yield _("the kernel dropped nothing")
    unread = counters.received - counters.dropped - state.packets - ended.doubles
    if unread > 0:
        yield ngettext(
            "{count} packet was received and not looked at any more",
            "{count} packets were received and not looked at any more",
            unread,
        ).format(count=f"{unread:,}")
    if counters.freezes:
        yield ngettext("the ring was full {count} time", "the ring was full {count} times", counters.freezes).format(
            count=f"{counters.freezes:,}"
        )
    if counters.snapped:
        yield ngettext(
            "{count} packet was larger than fits, and was cut",
            "{count} packets were larger than fits, and were cut",
            counters.snapped,
        ).format(count=f"{counters.snapped:,}")
    if ended.doubles:
        yield ngettext(
            "{count} packet passed a second interface and was counted once",
            "{count} packets passed a second interface and were counted once",
            ended.doubles,
        ).format(count=f"{ended.doubles:,}")
    if ended.expired:
        yield ngettext(
            "{count} connection was silent for long and was ended early",
            "{count} connections were silent for long and were ended early",
            ended.expired,
        ).format(count=f"{ended.expired:,}")
    if state.left_out:
        yield ngettext(
            "{count} line was left out, because the output did not take it in time",
            "{count} lines were left out, because the output did not take them in time",
            state.left_out,
        ).format(count=f"{state.left_out:,}")
    if ended.files:
        packets = ngettext("{count} packet", "{count} packets", ended.written).format(count=f"{ended.written:,}")
        yield ngettext("{packets} saved in {count} file", "{packets} saved in {count} files", ended.files).format(
            packets=packets, count=f"{ended.files:,}"
        )
    if ended.unsaved:
        yield ngettext(
            "{count} packet was not saved, because the output did not take it in time",
            "{count} packets were not saved, because the output did not take them in time",
            ended.unsaved,
        ).format(count=f"{ended.unsaved:,}")
