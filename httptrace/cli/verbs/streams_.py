"""`httptrace streams`: one record a TCP connection."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import Any

from httptrace.cli import arguments as common
from httptrace.cli.following import Follow
from httptrace.cli.octets import json_writer
from httptrace.cli.rows import ordered
from httptrace.cli.run import behind, read_all, read_shared
from httptrace.errors import UsageError, WorkerError
from httptrace.lang import _, ngettext
from httptrace.limits import Bounds
from httptrace.model import StreamRecord
from httptrace.outputs.jsonl import LineWriter, stream_line
from httptrace.pipeline import Analyzer, Options
from httptrace.workers.work import Work


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    common.add_format(parser, "table", "jsonl")
    parser.add_argument(
        "--analysis", action="store_true", help=_("also count Wireshark's tcp.analysis words on each side (jsonl)")
    )
    common.add_follow(parser)
    common.add_jobs(parser)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    follow = Follow.from_arguments(arguments)
    jobs = common.jobs(arguments)
    if arguments.analysis and arguments.format != "jsonl":
        raise UsageError(_("--analysis goes with --format jsonl; the table has no room for it"))
    if arguments.format == "jsonl":
        return _lines(arguments, follow, jobs)
    return _table(arguments.files, arguments.bounds, follow, jobs)


def _work(format: str, bounds: Bounds) -> Work:
    """What workers are asked for."""
    return Work("streams", format, {}, common.width(), common.colour(), bounds=asdict(bounds))


def _lines(arguments: argparse.Namespace, follow: Follow | None, jobs: int) -> int:
    options = Options(hash_bodies=False, analysis=arguments.analysis, contain=True, bounds=arguments.bounds)
    writer = LineWriter(json_writer())
    order = ordered(writer.line, 0, follow is not None, arguments.bounds)

    def on_stream(stream: StreamRecord) -> None:
        line = stream_line(stream)
        order.add(stream.stream, line, len(line))

    def on_row(_number: int | None, row: Any) -> None:
        number, line, _troubled, _is_http = row
        order.add(number, line, len(line))

    def alone(told: int = 0) -> Analyzer:
        return Analyzer(options, on_stream=behind(told, on_stream))

    if jobs > 1:
        work = _work("jsonl", arguments.bounds)
        try:
            status, _analyzer = read_shared(arguments.files, jobs, work, options, on_row, alone, orders=[order])
        except WorkerError:
            writer.flush()
            raise
    else:
        status = read_all(
            arguments.files,
            lambda _captures: alone(),
            on_pause=writer.flush,
            follow=follow,
            orders=[order],
        )
    order.flush()
    writer.flush()
    return status


def _table(files: list[str], bounds: Bounds, follow: Follow | None, jobs: int) -> int:
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

    order = ordered(give, 0, follow is not None, bounds)

    def on_stream(stream: StreamRecord) -> None:
        add(stream.stream, table.row(stream), rows.troubled(stream), stream.application.startswith("http/"))

    def add(number: int, line: str, had_trouble: bool, is_http: bool) -> None:
        nonlocal troubled, first_http
        troubled += had_trouble
        if is_http and (first_http is None or number < first_http):
            first_http = number
        order.add(number, line, len(line))

    options = Options(hash_bodies=False, contain=True, bounds=bounds)

    def on_row(_number: int | None, row: Any) -> None:
        add(*row)

    def alone(told: int = 0) -> Analyzer:
        return Analyzer(options, on_stream=behind(told, on_stream))

    if jobs > 1:
        work = _work("table", bounds)
        status, _analyzer = read_shared(files, jobs, work, options, on_row, alone, clock.begin, orders=[order])
    else:
        status = read_all(
            files,
            lambda _captures: alone(),
            on_start=clock.begin,
            follow=follow,
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
