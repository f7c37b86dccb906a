"""`httptrace packets`: one record a TCP packet."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli.arguments import add_files, add_format
from httptrace.cli.run import read_all
from httptrace.outputs.jsonl import LineWriter, packet_line
from httptrace.pipeline import Analyzer, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_format(parser, "table", "jsonl")


def run(arguments: argparse.Namespace) -> int:
    writer = LineWriter(sys.stdout.buffer.write)
    status = read_all(
        arguments.files,
        lambda _captures: Analyzer(
            Options(hash_bodies=False, contain=True), on_packet=lambda packet: writer.line(packet_line(packet))
        ),
    )
    writer.flush()
    return status
