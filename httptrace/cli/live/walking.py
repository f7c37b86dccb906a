"""`live --walk`: one connection after the other, told as it happens."""

from __future__ import annotations

from collections.abc import Callable

from httptrace.cli import arguments as common
from httptrace.limits import CANDIDATE_PACKETS, CANDIDATE_PACKETS_EACH
from httptrace.model import GapGivenUp, Happening, PacketRecord
from httptrace.outputs.walkthrough import Walkthrough
from httptrace.pipeline import Analyzer
from httptrace.records import stream_record
from httptrace.selection import Filter
from httptrace.tcp.connection import Connection

#: How long the ACK of the second FIN is waited for.
_LAST_WORD_NS = 1_000_000_000


class LiveWalk:
    """Tells the first connection that shows an exchange asked for; when that one is closed, the next that does."""

    analyzer: Analyzer

    def __init__(self, write: Callable[[str], None], source: str, file: str, wanted: Filter) -> None:
        self._write = write
        self._source = source
        self._file = file
        self._wanted = wanted
        self._told: Walkthrough | None = None
        self._connection: Connection | None = None
        self._stream = -1
        self._closed_ns: int | None = None  # when both directions had ended
        self._candidates: dict[int, list[tuple[PacketRecord, list[Happening]]]] = {}
        self._kept = 0

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        """A packet, with what it made happen."""
        if self._told is not None and record.stream == self._stream:
            self._told.packet(record, happenings)
            self._end_where_closed(record)
            return
        if self._closed_ns is not None and record.time_ns - self._closed_ns > _LAST_WORD_NS:
            self._finish([])
        kept = self._candidates.setdefault(record.stream, [])
        if len(kept) < CANDIDATE_PACKETS_EACH:
            kept.append((record, happenings))
            self._kept += 1
        if self._told is None and self._is_asked_for(happenings):
            self._begin(record.stream)
        elif self._kept > CANDIDATE_PACKETS:
            self._kept -= len(self._candidates.pop(next(iter(self._candidates))))

    def _is_asked_for(self, happenings: list[Happening]) -> bool:
        return any(self._wanted.matches(one.exchange) for one in happenings if not isinstance(one, GapGivenUp))

    def _begin(self, stream: int) -> None:
        kept = self._candidates.pop(stream)
        self._kept -= len(kept)
        self._connection = self.analyzer.connection(stream)
        ends = stream_record(self._connection)
        if self._stream >= 0:
            self._write("\n")
        self._stream = stream
        self._told = Walkthrough(
            self._write,
            file=self._source,
            named=self._file,
            client=ends.client,
            server=ends.server,
            stream=stream,
            known=None,
            width=common.width(),
            colour=common.colour(),
        )
        for record, happenings in kept:
            self._told.packet(record, happenings)
        self._end_where_closed(kept[-1][0])

    def _end_where_closed(self, record: PacketRecord) -> None:
        """Both directions have ended: behind the ACK of the second FIN the next connection may be told."""
        assert self._connection is not None
        if not self._connection.parked:
            return
        if self._connection.reset or self._closed_ns is not None:
            self._finish([])
        else:
            self._closed_ns = record.time_ns

    def _finish(self, happenings: list[Happening]) -> None:
        assert self._told is not None
        assert self._connection is not None
        self._told.closing(self._stream, happenings)
        self._told.finish(stream_record(self._connection))
        self._told = self._connection = self._closed_ns = None
        for stream, kept in list(self._candidates.items()):
            if any(self._is_asked_for(happened) for _record, happened in kept):
                self._begin(stream)
                return

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        """A connection is over, for the end of the capture or for its silence."""
        kept = self._candidates.pop(stream, None)
        if kept is not None:
            self._kept -= len(kept)
        if self._told is not None and stream == self._stream and self._connection is not None:
            self._finish(happenings)
