"""The numbers of the whole capture that the report's last tab shows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from httptrace.model import Exchange, StreamRecord
from httptrace.outputs.amounts import took
from httptrace.outputs.report import bounds
from httptrace.outputs.report.detail import clean

#: How many names of a table are listed, and how many exchanges are named as the slowest and the largest.
_LISTED = 12
_GREATEST = 5


class Statistics:
    """Counts as exchanges and connections end. What a filter leaves out is not counted among the exchanges."""

    def __init__(self) -> None:
        self._methods: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._hosts: Counter[str] = Counter()
        self._spoken: Counter[str] = Counter()
        self._ports: Counter[str] = Counter()
        self._slowest: list[tuple[int, int]] = []
        self._largest: list[tuple[int, int]] = []
        self._times: list[int] = []
        self._exchanges = 0
        self._unanswered = 0
        self.connections = 0
        self.request_bytes = self.response_bytes = 0
        self.retransmissions = self.out_of_order = self.missing = self.missing_acked = 0
        self.begun: int | None = None
        self.ended = 0

    def exchange(self, exchange: Exchange) -> None:
        """An exchange is over."""
        self._exchanges += 1
        request, response = exchange.request, exchange.response
        if request is not None:
            _count(self._methods, request.method[:40])
            _count(self._hosts, (request.value("Host") or "")[:200])
            self.request_bytes += request.body.size
        if response is None or response.status is None:
            self._unanswered += response is None
        else:
            _count(self._statuses, str(response.status))
            _count(self._types, (response.body.content_type or "").partition(";")[0].strip().lower()[:100])
            self.response_bytes += response.body.size
            _keep(self._largest, response.body.size, exchange.no)
        time_ns = took(exchange)
        if time_ns is not None:
            _keep(self._slowest, time_ns, exchange.no)
            if len(self._times) < bounds.TIMES:
                self._times.append(time_ns)

    def connection(self, record: StreamRecord) -> None:
        """A connection is over."""
        self.connections += 1
        _count(self._spoken, record.application)
        _count(self._ports, str(record.server.port))
        for side in (record.client_side, record.server_side):
            self.retransmissions += side.retransmissions
            self.out_of_order += side.out_of_order
            self.missing += side.missing_bytes
            self.missing_acked += side.missing_acked_bytes
        self.begun = record.time_ns if self.begun is None else min(self.begun, record.time_ns)
        self.ended = max(self.ended, record.end_time_ns)

    def numbers(self) -> dict[str, Any]:
        """What the page shows."""
        times = sorted(self._times)
        return {
            "exchanges": self._exchanges,
            "connections": self.connections,
            "unanswered": self._unanswered,
            "duration": 0 if self.begun is None else self.ended - self.begun,
            "requestBytes": self.request_bytes,
            "responseBytes": self.response_bytes,
            "retransmissions": self.retransmissions,
            "outOfOrder": self.out_of_order,
            "missing": self.missing,
            "missingAcked": self.missing_acked,
            "median": times[len(times) // 2] if times else None,
            "slow": times[len(times) * 95 // 100] if times else None,
            "methods": _listed(self._methods),
            "statuses": _listed(self._statuses),
            "types": _listed(self._types),
            "hosts": _listed(self._hosts),
            "spoken": _listed(self._spoken),
            "ports": _listed(self._ports),
            "slowest": _greatest(self._slowest),
            "largest": _greatest(self._largest),
        }


def _count(counter: Counter[str], name: str) -> None:
    if name in counter or len(counter) < bounds.NAMES:
        counter[name] += 1


def _keep(greatest: list[tuple[int, int]], value: int, no: int) -> None:
    """Keep at least the greatest."""
    greatest.append((value, no))
    if len(greatest) > 8 * _GREATEST:
        greatest.sort(key=lambda one: (-one[0], one[1]))
        del greatest[_GREATEST:]


def _greatest(kept: list[tuple[int, int]]) -> list[list[int]]:
    ordered = sorted(kept, key=lambda one: (-one[0], one[1]))
    return [[no, value] for value, no in ordered[:_GREATEST] if value]


def _listed(counter: Counter[str]) -> list[list[Any]]:
    listed: list[list[Any]] = [[clean(name, 200), count] for name, count in counter.most_common(_LISTED)]
    rest = sum(counter.values()) - sum(count for _name, count in listed)
    return [*listed, [None, rest]] if rest else listed
