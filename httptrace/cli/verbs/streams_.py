"""`httptrace streams`: one record a TCP connection."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli import arguments as common
from httptrace.cli.octets import json_writer
from httptrace.cli.run import read_all
from httptrace.exchanges.numbering import InOrder
from httptrace.lang import _, ngettext
from httptrace.limits import Bounds
from httptrace.model import StreamRecord
from httptrace.outputs.jsonl import LineWriter, stream_line
from httptrace.pipeline import Analyzer, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    common.add_format(parser, "table", "jsonl")
    parser.add_argument(
        "--analysis", action="store_true", help=_("also count Wireshark's tcp.analysis words on each side (jsonl)")
    )
    common.add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    return _lines(arguments) if arguments.format == "jsonl" else _table(arguments.files, arguments.bounds)


def _lines(arguments: argparse.Namespace) -> int:
    writer = LineWriter(json_writer())
    order: InOrder[bytes] = InOrder(writer.line, first=0, bound=arguments.bounds.waiting)

    def on_stream(stream: StreamRecord) -> None:
        line = stream_line(stream)
        order.add(stream.stream, line, len(line))

    status = read_all(
        arguments.files,
        lambda _captures: Analyzer(
            Options(hash_bodies=False, analysis=arguments.analysis, contain=True, bounds=arguments.bounds),
            on_stream=on_stream,
        ),
        orders=[order],
    )
    order.flush()
    writer.flush()
    return status


def _table(files: list[str], bounds: Bounds) -> int:
    from httptrace.cli.rows import Clock
    from httptrace.outputs import rows
    from httptrace.outputs.paint import Paint
    from httptrace.outputs.wrap import in_rows

    clock = Clock()
    paint = Paint(common.colour())
    table = rows.streams(common.width(), paint, clock.started)
    count = troubled = 0
    first_http: int | None = None

    def give(line: str) -> None:
        nonlocal count
        if not count:
            sys.stdout.write(table.heading() + "\n")
        count += 1
        sys.stdout.write(line + "\n")

    order: InOrder[str] = InOrder(give, first=0, bound=bounds.waiting)

    def on_stream(stream: StreamRecord) -> None:
        nonlocal troubled, first_http
        line = table.row(stream)
        troubled += rows.troubled(stream)
        if stream.application.startswith("http/") and (first_http is None or stream.stream < first_http):
            first_http = stream.stream
        order.add(stream.stream, line, len(line))

    status = read_all(
        files,
        lambda _captures: Analyzer(Options(hash_bodies=False, contain=True, bounds=bounds), on_stream=on_stream),
        on_start=clock.begin,
        orders=[order],
    )
    order.flush()
    parts = [
        ngettext("{count} TCP connection", "{count} TCP connections", count).format(count=f"{count:,}")
        if count
        else _("no TCP connection in this capture")
    ]
    if troubled:
        parts.append(_("! bytes came again, or are missing"))
    if first_http is not None:
        parts.append(f"httptrace walk {common.as_typed(files)} --stream {first_http}")
    elif count:
        parts.append(f"httptrace summary {common.as_typed(files)}")
    for row in in_rows(parts, common.width()):
        sys.stdout.write(paint(row, "dim") + "\n")
    return status
