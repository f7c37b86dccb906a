"""`httptrace list`: one record an exchange."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli.arguments import add_files, add_format
from httptrace.cli.run import read_all
from httptrace.exchanges.numbering import InOrder
from httptrace.model import Exchange
from httptrace.outputs.jsonl import LineWriter, exchange_line
from httptrace.pipeline import Analyzer, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    add_files(parser)
    add_format(parser, "table", "jsonl", "csv")


def run(arguments: argparse.Namespace) -> int:
    writer = LineWriter(sys.stdout.buffer.write)
    order: InOrder[bytes] = InOrder(writer.line, first=1)

    def on_exchange(exchange: Exchange) -> None:
        line = exchange_line(exchange)
        order.add(exchange.no, line, len(line))

    status = read_all(
        arguments.files,
        lambda _captures: Analyzer(Options(contain=True), on_exchange=on_exchange),
    )
    order.flush()
    writer.flush()
    return status
