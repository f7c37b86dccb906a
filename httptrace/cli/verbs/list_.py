"""`httptrace list`: one record an exchange."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from httptrace.cli import arguments as common
from httptrace.cli.filters import Filter, Order, add_filters
from httptrace.cli.octets import json_writer
from httptrace.cli.rows import Clock, Rows
from httptrace.cli.run import read_all
from httptrace.exchanges.numbering import InOrder
from httptrace.lang import _, ngettext
from httptrace.limits import Bounds
from httptrace.model import Exchange
from httptrace.outputs.jsonl import LineWriter, exchange_line
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import in_rows
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
        return _table(arguments, wanted, order)
    if arguments.format == "jsonl" and not wanted and order.key is None and order.limit is None:
        return _all_lines(arguments.files, arguments.bounds)
    return _lines(arguments, wanted, order)


def _all_lines(files: list[str], bounds: Bounds) -> int:
    """Every exchange as jsonl: the shortest way."""
    writer = LineWriter(json_writer())
    order: InOrder[bytes] = InOrder(writer.line, first=1, bound=bounds.waiting)

    def on_exchange(exchange: Exchange) -> None:
        line = exchange_line(exchange)
        order.add(exchange.no, line, len(line))

    analyzer = Analyzer(Options(contain=True, bounds=bounds), on_exchange=on_exchange)
    status = read_all(files, lambda _captures: analyzer, orders=[order])
    order.flush()
    writer.flush()
    return status


def _lines(arguments: argparse.Namespace, wanted: Filter, order: Order) -> int:
    """The exchanges asked for, as jsonl or csv."""
    writer = LineWriter(json_writer())
    line_of = exchange_line
    if arguments.format == "csv":
        from httptrace.outputs import tabular

        line_of = tabular.exchange_row
        writer.line(tabular.heading())
    rows: Rows[bytes] = Rows(writer.line, order, arguments.bounds)

    def on_exchange(exchange: Exchange) -> None:
        line = line_of(exchange) if wanted.matches(exchange) else None
        rows.add(exchange, line, 0 if line is None else len(line))

    status = read_all(
        arguments.files,
        lambda _captures: Analyzer(Options(contain=True, bounds=arguments.bounds), on_exchange=on_exchange),
        on_start=wanted.begin,
        orders=[rows],
    )
    rows.finish()
    writer.flush()
    return status


def _table(arguments: argparse.Namespace, wanted: Filter, order: Order) -> int:
    """The exchanges asked for, as a table."""
    files, bounds = arguments.files, arguments.bounds
    clock = Clock()
    table = _Table(clock)
    rows: Rows[_Row] = Rows(table.give, order, bounds)

    def begin(time_ns: int) -> None:
        clock.begin(time_ns)
        wanted.begin(time_ns)

    def on_exchange(exchange: Exchange) -> None:
        row = table.row(exchange) if wanted.matches(exchange) else None
        rows.add(exchange, row, 0 if row is None else len(row.line))

    analyzer = Analyzer(Options(hash_bodies=False, contain=True, bounds=bounds), on_exchange=on_exchange)
    status = read_all(files, lambda _captures: analyzer, on_start=begin, orders=[rows])
    rows.finish()
    table.close(_closing(files, table, rows.added, analyzer))
    return status


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table, and what the lines between need to know of its exchange."""

    no: int
    between: str
    noted: bool
    line: str


class _Table:
    """Writes the table; a narrow one names the connection in a line of its own wherever it changes."""

    def __init__(self, clock: Clock) -> None:
        from httptrace.outputs.rows import ADDRESSES_FIT, exchanges

        self._paint = Paint(common.colour())
        self._table = exchanges(common.width(), self._paint, clock.started)
        self._names_connections = common.width() < ADDRESSES_FIT
        self._between: str | None = None
        self.given = 0
        self.first = self.first_noted = 0  # numbers of exchanges, 0: there was none

    def row(self, exchange: Exchange) -> _Row:
        between = f"── {exchange.client} → {exchange.server}"
        return _Row(exchange.no, between, bool(exchange.notes), self._table.row(exchange))

    def give(self, row: _Row) -> None:
        if not self.given:
            sys.stdout.write(self._table.heading() + "\n")
        if self._names_connections and row.between != self._between:
            self._between = row.between
            sys.stdout.write(self._paint(row.between, "dim") + "\n")
        sys.stdout.write(row.line + "\n")
        self.given += 1
        self.first = self.first or row.no
        if row.noted:
            self.first_noted = self.first_noted or row.no

    def close(self, parts: list[str]) -> None:
        for line in in_rows(parts, common.width()):
            sys.stdout.write(self._paint(line, "dim") + "\n")


def _closing(files: list[str], table: _Table, seen: int, analyzer: Analyzer) -> list[str]:
    """What stands below the table: how many there were, and how to get deeper."""
    if not seen:
        connections = analyzer.tracker.connections
        said = ngettext("no HTTP in {count} TCP connection", "no HTTP in {count} TCP connections", connections)
        return [said.format(count=f"{connections:,}"), f"httptrace summary {common.as_typed(files)}"]
    if not table.given:
        said = ngettext(
            "the only exchange is not what was asked for", "none of {count} exchanges is what was asked for", seen
        )
        return [said.format(count=f"{seen:,}")]
    said = ngettext("{count} exchange", "{count} exchanges", table.given).format(count=f"{table.given:,}")
    if table.given < seen:
        said = _("{count} of the {seen} exchanges read").format(count=f"{table.given:,}", seen=f"{seen:,}")
    parts = [said]
    if table.first_noted:
        parts.append(_("! has notes"))
    parts.append(f"httptrace show {common.as_typed(files)} {table.first_noted or table.first}")
    return parts
