"""`httptrace walk`: one connection told packet by packet."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from heapq import merge
from typing import TypeAlias

from msgspec.structs import replace

from httptrace import limits
from httptrace.capture.merge import Captures
from httptrace.cli import arguments as common
from httptrace.cli.choosing import no_such_stream, none_in_range, others_line, packet_range, streams_asked
from httptrace.cli.filters import add_filters
from httptrace.cli.following import Follow
from httptrace.cli.run import StopReading, complain, read_all
from httptrace.cli.step import MOST_PACKETS, step
from httptrace.cli.telling import Teller, Tellers, gaps
from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.limits import CANDIDATE_PACKETS, FORM, FORMS
from httptrace.model import Direction, Exchange, GapGivenUp, Happening, PacketRecord, StreamRecord
from httptrace.outputs.ladder.party import Drawn
from httptrace.outputs.narration.forms import is_form
from httptrace.outputs.narration.story import Known
from httptrace.outputs.steps import Script
from httptrace.pipeline import Analyzer, Options
from httptrace.records import stream_record
from httptrace.selection import Filter


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    parser.add_argument("--all-streams", action="store_true", help=_("every connection, one after the other"))
    parser.add_argument("--packets", metavar="A-B", help=_("tell only these packets; what came before still counts"))
    parser.add_argument("--all", action="store_true", help=_("one entry a packet, nothing folded"))
    parser.add_argument(
        "--ladder", action="store_true", help=_("as a sequence diagram; several --stream, --all-streams: side by side")
    )
    parser.add_argument("--step", action="store_true", help=_("one entry a key: on, back, open; ? lists the keys"))
    parser.add_argument("--why", action="store_true", help=_("below each entry the reasons: numbers, states, rules"))
    parser.add_argument("--headers", action="store_true", help=_("the header fields, each with what it is for"))
    parser.add_argument("--absolute", action="store_true", help=_("sequence numbers as they went over the wire"))
    add_filters(parser, order=False)
    common.add_follow(parser)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    wanted = Filter.of(vars(arguments))
    packets = packet_range(arguments.packets)
    if arguments.all_streams and arguments.stream:
        raise UsageError(_("--all-streams and --stream exclude each other"))
    if arguments.ladder and not arguments.step and (arguments.why or arguments.headers):
        complain(_("a ladder has no room for --why and --headers; add --step, or leave --ladder out"))
    follow = Follow.from_arguments(arguments)
    if follow is not None:
        if arguments.all_streams:
            raise UsageError(_("--follow tells one connection as it goes, not --all-streams"))
        if arguments.step:
            raise UsageError(_("--step turns pages of what is there, --follow waits for more: one of them"))
        return _AsItComes(arguments, wanted, packets, follow).run()
    size = sum(os.path.getsize(path) for path in arguments.files if os.path.isfile(path))
    piped = any(not os.path.isfile(path) for path in arguments.files)
    if arguments.all_streams or (size <= limits.READ_FIRST and not piped):
        return _ReadFirst(arguments, wanted, packets).run()
    return _AsItComes(arguments, wanted, packets).run()


#: A packet and what it made happen.
_Happened: TypeAlias = tuple[PacketRecord, list[Happening]]


@dataclass
class _Told:
    """What was gathered of one connection."""

    packets: list[_Happened] = field(default_factory=list)
    closing: list[Happening] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    record: StreamRecord | None = None


class _ReadFirst:
    """A small capture is read whole, so that headings can say how things end."""

    def __init__(self, arguments: argparse.Namespace, wanted: Filter, packets: range | None) -> None:
        self._arguments = arguments
        self._wanted = wanted
        self._packets = packets
        self._told: dict[int, _Told] = {}
        self._analyzer: Analyzer | None = None
        self._kept = 0
        self._forms = 0  # bytes of them that are kept

    def run(self) -> int:
        status = read_all(self._arguments.files, self._analyze)
        chosen = self._choose()
        if not self._arguments.step:
            self._tell_all(chosen)
            self._say_others(chosen)
            self._say_none(chosen)
            return status
        wanted = range(sys.maxsize) if self._packets is None else self._packets
        if sum(record.packet in wanted for one in chosen for record, _ in self._told[one].packets) > MOST_PACKETS:
            raise UsageError(
                _("more than {most:,} packets cannot be stepped through at once; choose with --packets").format(
                    most=MOST_PACKETS
                )
            )
        return step(self._arguments.files, self._script(chosen), lambda: self._script(chosen)) or status

    def _analyze(self, _captures: Captures) -> Analyzer:
        self._analyzer = Analyzer(
            Options(hash_bodies=False, contain=True, keep_bodies=FORM, bounds=self._arguments.bounds),
            on_exchange=self._exchange,
            on_stream=self._closed,
            observer=self,
        )
        return self._analyzer

    def _exchange(self, exchange: Exchange) -> None:
        """Of bodies only forms are told; the others are not kept."""
        for message in (exchange.request, exchange.response):
            if message is None:
                continue
            body = message.body
            form = message is exchange.request and is_form(message)
            self._forms += len(body.content or b"") if form else 0
            body.raw = None
            if not form or self._forms > FORMS:
                body.content = None
        self._of(exchange.stream).exchanges.append(exchange)

    def _of(self, stream: int) -> _Told:
        return self._told.setdefault(stream, _Told())

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        self._of(record.stream).packets.append((record, happenings))
        self._kept += 1
        if self._kept > limits.GATHERED_PACKETS:
            raise UsageError(
                _("more than {most:,} packets cannot be told at once; choose with --stream").format(
                    most=limits.GATHERED_PACKETS
                )
            )

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        self._of(stream).closing = happenings

    def _closed(self, record: StreamRecord) -> None:
        self._of(record.stream).record = record

    def _choose(self) -> list[int]:
        told = self._told
        if self._arguments.all_streams and told:
            return sorted(told)
        asked = streams_asked(self._arguments)
        if asked:
            missing = [number for number in asked if number not in told]
            if missing:
                raise UsageError(no_such_stream(missing[0], len(told)))
            return asked
        records = [one.record.time_ns for one in told.values() if one.record is not None]
        self._wanted.begin(min(records, default=0))
        for stream in sorted(told):
            if any(self._wanted.matches(exchange) for exchange in told[stream].exchanges):
                return [stream]
        if self._wanted:
            raise UsageError(_("no connection has an exchange that the filters let through"))
        if not told:
            raise UsageError(_("there is no TCP connection in this capture; httptrace summary says what is"))
        complain(_("no connection with HTTP; this is the first one (httptrace summary says what else there is)"))
        return [min(told)]

    def _known(self, stream: int) -> tuple[StreamRecord, Known]:
        """A connection's record, and what is known of it and of the capture."""
        told, analyzer = self._told[stream], self._analyzer
        record = told.record
        assert record is not None
        assert analyzer is not None
        decoder = analyzer.decoder
        told.exchanges.sort(key=lambda exchange: exchange.no)
        known = Known(decoder.packets, len(self._told), analyzer.exchanges, self._took, record, told.exchanges)
        return record, known

    @cached_property
    def _took(self) -> int:
        """From the first packet of any connection to the last, in ns."""
        records = [one.record for one in self._told.values() if one.record is not None]
        return max(one.end_time_ns for one in records) - min(one.time_ns for one in records)

    def _packets_of(self, stream: int, record: StreamRecord) -> list[_Happened]:
        """A connection's packets, with the final word on who sent them."""
        settled = []
        for packet, happenings in self._told[stream].packets:
            sender = Direction.CLIENT if packet.side == record.client_index else Direction.SERVER
            settled.append((packet if packet.sender is sender else replace(packet, sender=sender), happenings))
        return settled

    def _script(self, chosen: list[int]) -> Script:
        """The steps of the connections, laid out for the terminal as it is now."""
        return self._tell_all(chosen).script()

    def _tell_all(self, chosen: list[int]) -> Tellers:
        """Tell the connections one after the other, or draw them side by side in the order of the capture."""
        tellers = Tellers(self._arguments, self._packets)
        connections = []
        for stream in chosen:
            record, known = self._known(stream)
            own = self._packets_of(stream, record)
            drawn = Drawn(stream, record.client, record.server, known, gaps(own, self._told[stream].closing))
            connections.append((record, own, drawn))
        if self._arguments.ladder:
            teller = tellers.side_by_side([drawn for _record, _own, drawn in connections])
            self._tell([record for record, _own, _drawn in connections], [own for _r, own, _d in connections], teller)
            return tellers
        for record, own, drawn in connections:
            if drawn.stream != chosen[0] and not self._arguments.step:
                sys.stdout.write("\n")
            self._tell([record], [own], tellers.one(drawn))
        return tellers

    def _tell(self, records: list[StreamRecord], packets: list[list[_Happened]], teller: Teller) -> None:
        """All packets of these connections, each connection's end behind its last."""
        last = {record.last_packet: record.stream for record in records}
        for packet, happenings in merge(*packets, key=lambda each: each[0].packet):
            teller.packet(packet, happenings)
            if packet.packet in last:
                teller.closing(last[packet.packet], self._told[last[packet.packet]].closing)
        for record in records:
            teller.finish(record)

    def _say_none(self, chosen: list[int]) -> None:
        """That --packets let none of them through, where it did not."""
        numbers = sorted(record.packet for one in chosen for record, _happened in self._told[one].packets)
        if self._packets is not None and not any(number in self._packets for number in numbers):
            complain(none_in_range(numbers[0], numbers[-1], self._packets))

    def _say_others(self, chosen: list[int]) -> None:
        others = [stream for stream in sorted(self._told) if stream not in chosen]
        if not others:
            return
        with_http = [stream for stream in others if self._told[stream].exchanges]
        sys.stdout.write("\n" + others_line(len(others), with_http) + "\n")
        if self._arguments.ladder:
            sys.stdout.write(_("Side by side: --all-streams") + "\n")


class _AsItComes:
    """A large capture, or one from a pipe, is told while it is read."""

    def __init__(
        self, arguments: argparse.Namespace, wanted: Filter, packets: range | None, follow: Follow | None = None
    ) -> None:
        self._arguments = arguments
        self._wanted = wanted
        self._packets = packets
        self._follow = follow
        self._tellers = Tellers(arguments, packets, streamed=True)
        asked = streams_asked(arguments)
        if len(asked) > 1:
            raise UsageError(_("a large capture is told one connection at a time; give one --stream"))
        self._chosen: int | None = asked[0] if asked else None
        self._walkthrough: Teller | None = None
        self._candidates: dict[int, list[_Happened]] = {}
        self._held = 0
        self._count = 0
        self._streams = 0
        self._finished: StreamRecord | None = None
        self._begun = False
        self._first: int | None = None  # told where none has HTTP, unless it is too long to be kept
        self._first_closing: list[Happening] = []
        self._span: list[int] = []  # the first and the last packet of the chosen connection
        self._analyzer: Analyzer | None = None

    def run(self) -> int:
        status = read_all(self._arguments.files, self._analyze, follow=self._follow)
        if self._walkthrough is None:
            if self._follow is not None:  # nothing came; that is no mistake
                complain(_("no connection with HTTP came by"))
                return status
            if self._chosen is not None:
                raise UsageError(no_such_stream(self._chosen, self._streams))
            self._tell_the_first()
        if self._packets is not None and not self._count:
            complain(none_in_range(self._span[0], self._span[-1], self._packets))
        if self._arguments.step:
            return step(self._arguments.files, self._tellers.script()) or status
        return status

    def _tell_the_first(self) -> None:
        """The first connection, where none has HTTP."""
        if self._wanted:
            raise UsageError(_("no connection has an exchange that the filters let through"))
        if not self._streams:
            raise UsageError(_("there is no TCP connection in this capture; httptrace summary says what is"))
        if self._first is None or self._finished is None:
            raise UsageError(_("no connection with HTTP in this capture; httptrace summary says what is there"))
        complain(_("no connection with HTTP; this is the first one (httptrace summary says what else there is)"))
        self._chosen = self._first
        for record, happenings in self._candidates[self._first]:
            self._told(record, happenings)
        self._close(self._first_closing)

    def _analyze(self, _captures: Captures) -> Analyzer:
        self._analyzer = Analyzer(
            Options(hash_bodies=False, contain=True, bounds=self._arguments.bounds),
            on_stream=self._closed,
            observer=self,
        )
        return self._analyzer

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        if self._count and self._packets is not None and record.packet >= self._packets.stop:
            assert self._walkthrough is not None
            assert self._chosen is not None
            self._walkthrough.closing(self._chosen, [])  # the run that was being folded
            raise StopReading
        if self._chosen is not None:
            if record.stream == self._chosen:
                self._told(record, happenings)
            return
        if not self._begun:
            self._begun = True
            self._wanted.begin(record.time_ns)
            self._first = record.stream
        kept = self._candidates.setdefault(record.stream, [])
        kept.append((record, happenings))
        self._held += 1
        if any(self._wanted.matches(one.exchange) for one in happenings if not isinstance(one, GapGivenUp)):
            self._chosen = record.stream
            self._finished = None
            self._candidates = {}
            for earlier, happened in kept:
                self._told(earlier, happened)
        elif self._held > CANDIDATE_PACKETS:
            self._let_go()

    def _let_go(self) -> None:
        """Forget the oldest candidate; the very first only where nothing else is held."""
        oldest = next((stream for stream in self._candidates if stream != self._first), self._first)
        assert oldest is not None
        self._held -= len(self._candidates.pop(oldest))
        if oldest == self._first:
            self._first = None

    def _told(self, record: PacketRecord, happenings: list[Happening]) -> None:
        if self._walkthrough is None:
            assert self._analyzer is not None
            ends = self._finished
            if ends is None or ends.stream != record.stream:
                ends = stream_record(self._analyzer.connection(record.stream))
            self._walkthrough = self._tellers.one(Drawn(record.stream, ends.client, ends.server))
        self._walkthrough.packet(record, happenings)
        self._span[1:] = [record.packet]
        self._count += self._packets is None or record.packet in self._packets
        if self._arguments.step and self._count == MOST_PACKETS:
            self._walkthrough.closing(record.stream, [])  # the run that was being folded
            complain(_("only the first {most:,} packets of it; choose others with --packets").format(most=MOST_PACKETS))
            raise StopReading

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        self._streams += 1
        if stream == self._first and self._chosen is None:
            self._first_closing = happenings
            return
        kept = self._candidates.pop(stream, None)
        if kept is not None:
            self._held -= len(kept)
        if stream == self._chosen and self._walkthrough is not None:
            self._close(happenings)
            if self._arguments.stream:
                raise StopReading

    def _close(self, happenings: list[Happening]) -> None:
        """Tell the end of the chosen connection."""
        assert self._walkthrough is not None
        assert self._chosen is not None
        self._walkthrough.closing(self._chosen, happenings)
        if self._finished is not None:
            self._walkthrough.finish(self._finished)

    def _closed(self, record: StreamRecord) -> None:
        if record.stream == (self._first if self._chosen is None else self._chosen):
            self._finished = record
