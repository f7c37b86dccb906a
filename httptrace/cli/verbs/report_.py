"""`httptrace report`: exchanges, packets and bytes as one HTML file that a browser opens."""

from __future__ import annotations

import argparse
import os
import sys

from httptrace.application import Application
from httptrace.capture.merge import Captures
from httptrace.cli import arguments as common
from httptrace.cli import written
from httptrace.cli.filters import add_filters
from httptrace.cli.rows import Clock
from httptrace.cli.run import complain, read_all
from httptrace.errors import UsageError
from httptrace.exchanges.progress import MessageProgress, Progress, WholeMessage
from httptrace.lang import _, ngettext
from httptrace.lang.numbers import whole_number
from httptrace.limits import Bounds
from httptrace.outputs.amounts import brief_size
from httptrace.outputs.report.gather import Gathering, Place
from httptrace.outputs.report.page import Captured, page
from httptrace.packets.decode import Segment
from httptrace.pipeline import Analyzer, Options
from httptrace.selection import Filter


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    written.add_output(
        parser, _("the file to write (default: the first FILE's name with .html, here); - is standard output")
    )
    add_filters(parser, order=False)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    wanted = Filter.of(vars(arguments))
    streams = _streams(arguments.stream)
    output = arguments.output or _name(arguments.files[0])
    if output == "-" and sys.stdout.isatty():
        raise UsageError(_("a report is no text for a terminal: send it to a file (-o FILE) or a pipe"))
    written.check(output, arguments.force)
    clock = Clock()
    gathering = Gathering(clock.started, wanted.matches if wanted else None, streams)
    made: list[_Reporter] = []

    def make(_captures: Captures) -> Analyzer:
        made.append(_Reporter(gathering, arguments.bounds))
        return made[0]

    def begin(time_ns: int) -> None:
        clock.begin(time_ns)
        wanted.begin(time_ns)

    status = read_all(arguments.files, make, on_start=begin)
    analyzer = made[0]
    captured = Captured(
        " ".join(os.path.basename(file) for file in arguments.files[:4]) + (" …" if len(arguments.files) > 4 else ""),
        common.as_typed(arguments.files),
        analyzer.decoder.packets,
        analyzer.decoder.tcp_packets,
        dict(analyzer.decoder.skipped),
        analyzer.tracker.connections,
        analyzer.exchanges,
        clock.started(),
    )
    content = b"".join(page(gathering, captured))
    written.write(output, content, arguments.force)
    _say(output, len(content), gathering, analyzer, bool(wanted))
    return status


def _streams(values: list[str]) -> frozenset[int] | None:
    """The connections asked for by number, or None; what is no number the filter complains about."""
    numbers = frozenset(number for value in values if (number := whole_number(value)) is not None)
    return numbers or None


def _name(file: str) -> str:
    """The report's name where none was given: the capture's, in the current folder."""
    if file == "-":
        return "report.html"
    name = os.path.basename(file)
    for ending in (".gz", ".zst", ".xz", ".lz4"):
        name = name.removesuffix(ending)
    return (os.path.splitext(name)[0] or "report") + ".html"


def _say(output: str, octets: int, gathering: Gathering, analyzer: Analyzer, filtered: bool) -> None:
    """One line about what was written, and what is to be known before it is opened."""
    if not analyzer.tracker.connections:
        complain(_("no TCP connection in this capture: the report only says what there was instead"))
    elif not analyzer.exchanges:
        complain(_("no HTTP in this capture: the report shows its connections, and says what there was instead"))
    elif not gathering.rows and filtered:
        complain(_("none of the {count} exchanges is what was asked for").format(count=f"{analyzer.exchanges:,}"))
    if output != "-":
        said = ngettext(
            "{file} written: {exchanges} exchange, {size}; open it in a browser",
            "{file} written: {exchanges} exchanges, {size}; open it in a browser",
            len(gathering.rows),
        )
        complain(said.format(file=output, exchanges=f"{len(gathering.rows):,}", size=brief_size(octets)))


class _Reporter(Analyzer):
    """An analyzer that tells the gathering each packet's bytes, and where in them the messages lie."""

    def __init__(self, gathering: Gathering, bounds: Bounds) -> None:
        super().__init__(
            Options(contain=True, analysis=True, bounds=bounds),
            on_stream=gathering.stream,
            observer=gathering,
            taker=gathering.taker,
        )
        self._gathering = gathering

    def _watch(self, segment: Segment, packet: int, time_ns: int) -> None:
        self._gathering.payload = segment.payload
        super()._watch(segment, packet, time_ns)

    def exchange_over(self, application: Application, progress: Progress) -> None:
        super().exchange_over(application, progress)
        exchange = progress.exchange
        self._gathering.exchange_over(
            exchange,
            _place(progress.request) if exchange.request is not None else None,
            _place(progress.response) if exchange.response is not None else None,
        )


def _place(message: MessageProgress | WholeMessage | None) -> Place | None:
    return (message.start, message.end) if message is not None else None
