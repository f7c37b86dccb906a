"""Which exchanges are asked for: what `--host`, `--status 5xx`, `--slower 500ms` mean, in every command.

It is made from what was typed, as plain values, so that a worker can make the same. Different options must all hold; of
one option that is given several times, any. Numbers stay those of the whole capture, so a filtered row's number is the
one that `show` takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.lang.numbers import whole_number
from httptrace.model import Exchange
from httptrace.notes import NOTES
from httptrace.outputs.amounts import begins, took
from httptrace.outputs.mediatype import parse
from httptrace.outputs.safe import legible, spelt_out

Test: TypeAlias = Callable[[Exchange], bool]
Key: TypeAlias = Callable[[Exchange], "int | str"]

#: What --sort takes. Amounts come with the greatest first, everything else rises.
SORT_KEYS: dict[str, Key] = {
    "no": lambda exchange: exchange.no,
    "time": begins,
    "duration": lambda exchange: took(exchange) or 0,
    "wait": lambda exchange: exchange.timings.wait or 0,
    "size": lambda exchange: exchange.response.body.size if exchange.response else 0,
    "upload": lambda exchange: exchange.request.body.size if exchange.request else 0,
    "status": lambda exchange: (exchange.response.status or 0) if exchange.response else 0,
    "method": lambda exchange: exchange.request.method if exchange.request else "",
    "host": lambda exchange: host_of(exchange) or "",
    "url": lambda exchange: _url(exchange) or "",
    "type": lambda exchange: parse(exchange.response.body.content_type)[0] if exchange.response else "",
}
GREATEST_FIRST = frozenset(("duration", "wait", "size", "upload"))

_SPAN = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(us|µs|ms|s|min|m|h)?", re.IGNORECASE)
#: Longer spans are slips of the hand, and more than a number of nanoseconds holds.
_LONGEST_SPAN = 20
_UNITS = {"us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "min": 60e9, "h": 3600e9}


class Filter:
    """The exchanges asked for. False where all are. `begin` must be told the time of the capture's first packet
    before the first question."""

    def __init__(self, tests: Iterable[Test] = (), since: Moment | None = None, until: Moment | None = None) -> None:
        self._tests = list(tests)
        self._since, self._until = since, until
        if since is not None:
            self._tests.append(lambda exchange: begins(exchange) >= since.time_ns)
        if until is not None:
            self._tests.append(lambda exchange: begins(exchange) < until.time_ns)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Filter:
        """The filter that these values ask for, by the names of the options; others are passed over. Raises
        UsageError."""
        tests = [make(given[name]) for name, make in _MAKERS.items() if given.get(name)]
        return cls(tests, _moment("--since", given.get("since")), _moment("--until", given.get("until")))

    def __bool__(self) -> bool:
        return bool(self._tests)

    def begin(self, time_ns: int) -> None:
        """The capture's first packet was seen at that time."""
        for moment in (self._since, self._until):
            if moment is not None:
                moment.begin(time_ns)

    def matches(self, exchange: Exchange) -> bool:
        """Whether an exchange is asked for."""
        return all(test(exchange) for test in self._tests)


class Moment:
    """A time of the capture: absolute, or relative to its first packet."""

    def __init__(self, time_ns: int, relative: bool) -> None:
        self.time_ns = time_ns
        self._relative = relative

    def begin(self, time_ns: int) -> None:
        """The capture's first packet was seen at that time."""
        if self._relative:
            self.time_ns += time_ns
            self._relative = False


class Order:
    """What `--sort` and `--limit` ask for; the values as with :meth:`Filter.of`. Raises UsageError."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.limit = self._limit(given["limit"])
        self.key: Key | None = None
        self.falling = False
        self.by_number = False  # the key is the exchange's number
        sort: str | None = given["sort"]
        if sort is not None:
            name, colon, direction = sort.partition(":")
            if name not in SORT_KEYS or (colon and direction not in ("asc", "desc")):
                raise UsageError(
                    _("--sort {value}: one of {keys}, perhaps with :asc or :desc").format(
                        value=sort, keys=", ".join(SORT_KEYS)
                    )
                )
            self.key = SORT_KEYS[name]
            self.by_number = name == "no"
            self.falling = direction == "desc" if colon else name in GREATEST_FIRST

    @staticmethod
    def _limit(value: str | None) -> int | None:
        if value is None:
            return None
        if not whole_number(value):
            raise UsageError(_("--limit {value}: a number from 1 on").format(value=value))
        return int(value)


def host_of(exchange: Exchange) -> str | None:
    """The host an exchange was with, in lower case and without its port."""
    request = exchange.request
    if request is None:
        return exchange.tls.sni.lower() if exchange.tls is not None and exchange.tls.sni else None
    if request.url is not None:
        authority = request.url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
    else:
        authority = request.target if request.method == "CONNECT" else request.value("Host") or ""
    host, bracket, _rest = authority.partition("]")
    return (host + bracket if bracket else authority.partition(":")[0]).lower() or None


def _url(exchange: Exchange) -> str | None:
    request = exchange.request
    if request is None:
        return None
    return request.url if request.url is not None else request.target


def _glob(pattern: str) -> Callable[[str], bool]:
    """A test for text as a whole, where * stands for anything and ? for one character."""
    from fnmatch import translate

    # fnmatch's brackets are turned off: those of an IPv6 address are meant as they stand.
    expression = re.compile(translate(pattern.replace("[", "[[]")), re.IGNORECASE)
    return lambda text: expression.match(text) is not None


def _hosts(values: Sequence[str]) -> Test:
    patterns = [_glob(value) for value in values]

    def test(exchange: Exchange) -> bool:
        host = host_of(exchange)
        return host is not None and any(pattern(host) for pattern in patterns)

    return test


def _methods(values: Sequence[str]) -> Test:
    wanted = {value.upper() for value in values}
    return lambda exchange: exchange.request is not None and exchange.request.method.upper() in wanted


def _statuses(values: Sequence[str]) -> Test:
    ranges: list[tuple[int, int]] = []
    none = False
    for value in (one.strip().lower() for text in values for one in text.split(",")):
        if value == "none":
            none = True
        elif re.fullmatch(r"[1-9]xx", value):
            ranges.append((int(value[0]) * 100, int(value[0]) * 100 + 99))
        elif found := re.fullmatch(r"([1-9]\d\d)(?:-([1-9]\d\d))?", value, re.ASCII):
            ranges.append((int(found[1]), int(found[2] or found[1])))
        else:
            raise UsageError(_("--status {value}: 404, 5xx, 400-499 or none").format(value=value))

    def test(exchange: Exchange) -> bool:
        status = exchange.response.status if exchange.response is not None else None
        if status is None:
            return none
        return any(low <= status <= high for low, high in ranges)

    return test


def _urls(values: Sequence[str]) -> Test:
    patterns = [_glob(value if "*" in value else f"*{value}*") for value in values]

    def test(exchange: Exchange) -> bool:
        url = _url(exchange)
        if url is None:
            return False
        forms = {url, shown := legible(url), spelt_out(shown)}  # as it was sent, and as people read it
        return any(pattern(form) for pattern in patterns for form in forms)

    return test


def _types(values: Sequence[str]) -> Test:
    patterns: list[Callable[[str], bool]] = []
    for value in values:
        if "/" in value:
            patterns.append(_glob(value if value.rpartition("/")[2] else value + "*"))
        else:  # image, html, json: the first half, the second, or the structured suffix (RFC 6839)
            patterns += [_glob(f"{value}/*"), _glob(f"*/{value}"), _glob(f"*/*+{value}")]

    def test(exchange: Exchange) -> bool:
        for message in (exchange.request, exchange.response):
            if message is not None and message.body.content_type:
                essence = parse(message.body.content_type)[0]
                if any(pattern(essence) for pattern in patterns):
                    return True
        return False

    return test


def _slower(value: str) -> Test:
    least = span(value)
    if least is None:
        raise UsageError(_("--slower {value}: a time such as 500ms or 2s").format(value=value))

    def test(exchange: Exchange) -> bool:
        time_ns = took(exchange)
        return time_ns is not None and time_ns >= least

    return test


def _notes(values: Sequence[str]) -> Test:
    for value in values:
        if value not in NOTES:
            raise UsageError(
                _("--note {value}: no such code; there are {codes}").format(value=value, codes=", ".join(NOTES))
            )
    wanted = set(values)
    return lambda exchange: any(note.code in wanted for note in exchange.notes)


def _ips(values: Sequence[str]) -> Test:
    from ipaddress import ip_address, ip_network

    networks = []
    for value in values:
        try:
            networks.append(ip_network(value.strip("[]"), strict=False))
        except ValueError:
            raise UsageError(_("--ip {value}: an address or a network").format(value=value)) from None

    def test(exchange: Exchange) -> bool:
        ends = [ip_address(exchange.client.ip), ip_address(exchange.server.ip)]
        return any(end in network for network in networks for end in ends)

    return test


def _ports(values: Sequence[str]) -> Test:
    wanted = _numbers("--port", values, 65_535, _("{option} {value}: a port, 0 to 65535"))
    return lambda exchange: exchange.client.port in wanted or exchange.server.port in wanted


def _streams(values: Sequence[str]) -> Test:
    wanted = _numbers("--stream", values, None, _("{option} {value}: a number"))
    return lambda exchange: exchange.stream in wanted


def _numbers(option: str, values: Sequence[str], largest: int | None, complaint: str) -> set[int]:
    numbers = set()
    for value in values:
        number = whole_number(value)
        if number is None or (largest is not None and number > largest):
            raise UsageError(complaint.format(option=option, value=value))
        numbers.add(number)
    return numbers


def span(text: str) -> int | None:
    """A span of time in ns; a bare number is in seconds."""
    found = _SPAN.fullmatch(text.strip()) if len(text) <= _LONGEST_SPAN else None
    return round(float(found[1]) * _UNITS[(found[2] or "s").lower()]) if found else None


def _moment(option: str, text: str | None) -> Moment | None:
    if text is None:
        return None
    relative = span(text.strip().removeprefix("+"))
    if relative is not None:
        return Moment(relative, relative=True)
    from datetime import UTC, datetime, timedelta

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            _("{option} {value}: seconds such as 1.5, or a time such as 2016-06-28T02:15:07").format(
                option=option, value=text
            )
        ) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return Moment((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000, relative=False)


_MAKERS: dict[str, Callable[..., Test]] = {
    "host": _hosts,
    "method": _methods,
    "status": _statuses,
    "url": _urls,
    "type": _types,
    "slower": _slower,
    "note": _notes,
    "ip": _ips,
    "port": _ports,
    "stream": _streams,
}

#: The options that these values come from.
NAMES = (*_MAKERS, "since", "until", "sort", "limit")
