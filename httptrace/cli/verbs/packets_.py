"""`httptrace packets`: one record a TCP packet."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli import arguments as common
from httptrace.cli.following import Follow
from httptrace.cli.octets import json_writer
from httptrace.cli.run import read_all
from httptrace.lang import _
from httptrace.limits import Bounds
from httptrace.model import PacketRecord
from httptrace.outputs.jsonl import LineWriter, packet_line
from httptrace.pipeline import Analyzer, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    common.add_format(parser, "table", "jsonl")
    common.add_follow(parser)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    follow = Follow.from_arguments(arguments)
    give = _lines if arguments.format == "jsonl" else _table
    return give(arguments.files, arguments.bounds, follow)


def _lines(files: list[str], bounds: Bounds, follow: Follow | None) -> int:
    writer = LineWriter(json_writer())
    status = read_all(
        files,
        lambda _captures: Analyzer(
            Options(hash_bodies=False, contain=True, bounds=bounds),
            on_packet=lambda packet: writer.line(packet_line(packet)),
        ),
        on_pause=writer.flush,
        follow=follow,
    )
    writer.flush()
    return status


def _table(files: list[str], bounds: Bounds, follow: Follow | None) -> int:
    from httptrace.cli.rows import Clock
    from httptrace.outputs import rows
    from httptrace.outputs.paint import Paint
    from httptrace.outputs.wrap import in_rows

    clock = Clock()
    paint = Paint(common.colour())
    table = rows.packets(common.width(), paint, clock.started)
    count = 0

    def on_packet(packet: PacketRecord) -> None:
        nonlocal count
        if not count:
            sys.stdout.write(table.heading() + "\n")
        count += 1
        sys.stdout.write(table.row(packet) + "\n")

    status = read_all(
        files,
        lambda _captures: Analyzer(Options(hash_bodies=False, contain=True, bounds=bounds), on_packet=on_packet),
        on_start=clock.begin,
        follow=follow,
    )
    if not count:
        said = _("no TCP packet in this capture")
        for row in in_rows([said, f"httptrace summary {common.as_typed(files)}"], common.width()):
            sys.stdout.write(paint(row, "dim") + "\n")
    return status
