"""`httptrace list`: one record an exchange."""

from __future__ import annotations

import argparse
import sys

from httptrace.cli import arguments as common
from httptrace.cli.filters import Filter, Order, add_filters
from httptrace.cli.rows import Rows
from httptrace.cli.run import read_all
from httptrace.exchanges.numbering import InOrder
from httptrace.lang import _, ngettext
from httptrace.model import Exchange
from httptrace.outputs.jsonl import LineWriter, exchange_line
from httptrace.outputs.paint import Paint
from httptrace.pipeline import Analyzer, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    common.add_format(parser, "table", "jsonl", "csv")
    add_filters(parser)
    common.add_language(parser)


def run(arguments: argparse.Namespace) -> int:
    wanted = Filter.from_arguments(arguments)
    order = Order(arguments)
    if arguments.format == "table":
        return _table(arguments.files, wanted, order)
    if arguments.format == "jsonl" and not wanted and order.key is None and order.limit is None:
        return _all_lines(arguments.files)
    return _lines(arguments, wanted, order)


def _all_lines(files: list[str]) -> int:
    """Every exchange as jsonl: the shortest way."""
    writer = LineWriter(sys.stdout.buffer.write)
    order: InOrder[bytes] = InOrder(writer.line, first=1)

    def on_exchange(exchange: Exchange) -> None:
        line = exchange_line(exchange)
        order.add(exchange.no, line, len(line))

    status = read_all(files, lambda _captures: Analyzer(Options(contain=True), on_exchange=on_exchange))
    order.flush()
    writer.flush()
    return status


def _lines(arguments: argparse.Namespace, wanted: Filter, order: Order) -> int:
    """The exchanges asked for, as jsonl or csv."""
    writer = LineWriter(sys.stdout.buffer.write)
    line_of = exchange_line
    if arguments.format == "csv":
        from httptrace.outputs import tabular

        line_of = tabular.exchange_row
        writer.line(tabular.heading())
    rows: Rows[bytes] = Rows(writer.line, order)

    def on_exchange(exchange: Exchange) -> None:
        line = line_of(exchange) if wanted.matches(exchange) else None
        rows.add(exchange, line, 0 if line is None else len(line))

    status = read_all(
        arguments.files,
        lambda _captures: Analyzer(Options(contain=True), on_exchange=on_exchange),
        on_start=wanted.begin,
    )
    rows.finish()
    writer.flush()
    return status


def _table(files: list[str], wanted: Filter, order: Order) -> int:
    """The exchanges asked for, as a table; narrow ones name the connection in a line of its own."""
    from httptrace.outputs import rows as tables

    paint = Paint(common.colour())
    width = common.width()
    clock = _Clock()
    table = tables.exchanges(width, paint, clock.started)
    out = sys.stdout
    between: str | None = None  # the connection that the last line said

    def give(row: tuple[str, str]) -> None:
        nonlocal between
        if between is None:
            out.write(table.heading() + "\n")
        if width < tables.ADDRESSES_FIT and row[0] != between:
            out.write(paint(row[0], "dim") + "\n")
        between = row[0]
        out.write(row[1] + "\n")

    rows: Rows[tuple[str, str]] = Rows(give, order)

    def on_exchange(exchange: Exchange) -> None:
        if wanted.matches(exchange):
            row = f"── {exchange.client} → {exchange.server}", table.row(exchange)
            rows.add(exchange, row, len(row[1]))
        else:
            rows.add(exchange, None, 0)

    analyzer = Analyzer(Options(hash_bodies=False, contain=True), on_exchange=on_exchange)

    def begin(time_ns: int) -> None:
        clock.begin(time_ns)
        wanted.begin(time_ns)

    status = read_all(files, lambda _captures: analyzer, on_start=begin)
    rows.finish()
    for line in _closing(files, rows, analyzer, bool(wanted), order):
        out.write(paint(line, "dim") + "\n")
    return status
