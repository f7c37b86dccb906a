"""`httptrace streams`: one record a TCP connection."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli.arguments import add_files, add_format
from httptrace.cli.run import read_all
from httptrace.exchanges.numbering import InOrder
from httptrace.lang import _
from httptrace.model import StreamRecord
from httptrace.outputs.jsonl import LineWriter, stream_line
from httptrace.pipeline import Analyzer, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_format(parser, "table", "jsonl")
    parser.add_argument(
        "--analysis", action="store_true", help=_("also count Wireshark's tcp.analysis words on each side")
    )


def run(arguments: argparse.Namespace) -> int:
    writer = LineWriter(sys.stdout.buffer.write)
    order: InOrder[bytes] = InOrder(writer.line, first=0)

    def on_stream(stream: StreamRecord) -> None:
        line = stream_line(stream)
        order.add(stream.stream, line, len(line))

    status = read_all(
        arguments.files,
        lambda _captures: Analyzer(
            Options(hash_bodies=False, analysis=arguments.analysis, contain=True), on_stream=on_stream
        ),
    )
    order.flush()
    writer.flush()
    return status
