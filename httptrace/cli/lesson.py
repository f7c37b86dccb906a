"""A capture read for a lesson: its connections with their packets and exchanges, from its beginning."""

from __future__ import annotations

import argparse

from msgspec.structs import replace

from httptrace import limits
from httptrace.capture.merge import Captures
from httptrace.cli.run import StopReading, read_all
from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.lang.numbers import whole_number
from httptrace.limits import STANDARD, Bounds
from httptrace.model import Direction, Exchange, PacketRecord, StreamRecord
from httptrace.pipeline import Analyzer, Options
from httptrace.records import stream_record
from httptrace.teach.lesson import Lesson, Talk


class Reading:
    """Reads as many packets as a lesson needs. `lesson` has them, `status` is the exit status."""

    def __init__(self, files: list[str], streams: list[int] | None = None, bounds: Bounds = STANDARD) -> None:
        self._bounds = bounds
        self._packets: dict[int, list[PacketRecord]] = {}
        self._exchanges: dict[int, list[Exchange]] = {}
        self._records: dict[int, StreamRecord] = {}
        self._wanted = set(streams or ())
        self._streams = 0
        self._count = 0
        self._cut = False
        self._analyzer: Analyzer | None = None
        self.status = read_all(files, self._make)
        self.lesson = self._lesson()
        for number in sorted(self._wanted):
            if number not in self._packets:
                raise UsageError(_no_such_stream(number, self._streams))

    def _make(self, _captures: Captures) -> Analyzer:
        self._analyzer = Analyzer(
            Options(hash_bodies=False, contain=True, bounds=self._bounds),
            on_packet=self._packet,
            on_exchange=lambda exchange: self._exchanges.setdefault(exchange.stream, []).append(exchange),
            on_stream=self._closed,
        )
        return self._analyzer

    def _packet(self, record: PacketRecord) -> None:
        self._streams = max(self._streams, record.stream + 1)
        if self._wanted and record.stream not in self._wanted:
            return
        if self._count == limits.LESSON_PACKETS:
            self._cut = True
            raise StopReading
        self._count += 1
        self._packets.setdefault(record.stream, []).append(record)

    def _closed(self, record: StreamRecord) -> None:
        self._records[record.stream] = record

    def _lesson(self) -> Lesson:
        talks = []
        for stream, packets in sorted(self._packets.items()):
            record = self._records.get(stream)
            cut = record is None
            if record is None:  # reading stopped while it was open
                assert self._analyzer is not None
                record = stream_record(self._analyzer.connection(stream))
            turned = [
                packet if packet.sender is sender else replace(packet, sender=sender)
                for packet in packets
                for sender in (Direction.CLIENT if packet.side == record.client_index else Direction.SERVER,)
            ]
            exchanges = sorted(self._exchanges.get(stream, ()), key=lambda one: one.no)
            talks.append(Talk(record, turned, exchanges, cut))
        return Lesson(talks, self._cut)


def streams_of(arguments: argparse.Namespace) -> list[int]:
    """The numbers given with --stream. Raises UsageError."""
    numbers = []
    for value in arguments.stream:
        number = whole_number(value)
        if number is None:
            raise UsageError(_("--stream {value}: a number").format(value=value))
        numbers.append(number)
    return numbers


def _no_such_stream(stream: int, count: int) -> str:
    if not count:
        return _("there is no TCP connection in this capture; httptrace summary says what is")
    return _("there is no stream {stream}; this capture has {count:,}, counted from 0").format(
        stream=stream, count=count
    )
