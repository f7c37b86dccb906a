"""`httptrace list`: one record an exchange."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from httptrace.cli import arguments as common
from httptrace.cli.filters import add_filters, given_filters
from httptrace.cli.following import Follow
from httptrace.cli.octets import json_writer
from httptrace.cli.rows import Clock, Rows, ordered
from httptrace.cli.run import behind, read_all, read_shared
from httptrace.errors import UsageError, WorkerError
from httptrace.lang import _, ngettext
from httptrace.limits import Bounds
from httptrace.model import Exchange
from httptrace.outputs.jsonl import LineWriter, exchange_line
from httptrace.outputs.paint import Paint
from httptrace.outputs.wrap import in_rows
from httptrace.pipeline import Analyzer, Options
from httptrace.selection import Filter, Order

if TYPE_CHECKING:
    from httptrace.workers.work import Work


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    common.add_format(parser, "table", "jsonl", "csv")
    common.add_follow(parser)
    common.add_jobs(parser)
    add_filters(parser)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    wanted = Filter.of(vars(arguments))
    order = Order(vars(arguments))
    follow = Follow.from_arguments(arguments)
    if follow is not None and order.key is not None:
        raise UsageError(_("--sort needs all exchanges first, and --follow gives each as it ends"))
    jobs = common.jobs(arguments)
    if arguments.format == "table":
        return _table(arguments, wanted, order, follow, jobs)
    if jobs == 1 and arguments.format == "jsonl" and not wanted and order.key is None and order.limit is None:
        return _all_lines(arguments.files, arguments.bounds, follow)
    return _lines(arguments, wanted, order, follow, jobs)


def _all_lines(files: list[str], bounds: Bounds, follow: Follow | None) -> int:
    """Every exchange as jsonl: the shortest way."""
    writer = LineWriter(json_writer())
    order = ordered(writer.line, 1, follow is not None, bounds)

    def on_exchange(exchange: Exchange) -> None:
        line = exchange_line(exchange)
        order.add(exchange.no, line, len(line))

    analyzer = Analyzer(Options(contain=True, bounds=bounds), on_exchange=on_exchange)
    status = read_all(files, lambda _captures: analyzer, on_pause=writer.flush, follow=follow, orders=[order])
    order.flush()
    writer.flush()
    return status


def _lines(arguments: argparse.Namespace, wanted: Filter, order: Order, follow: Follow | None, jobs: int) -> int:
    """The exchanges asked for, as jsonl or csv."""
    writer = LineWriter(json_writer())
    line_of = exchange_line
    if arguments.format == "csv":
        from httptrace.outputs import tabular

        line_of = tabular.exchange_row
        writer.line(tabular.heading())
    rows: Rows[bytes] = Rows(writer.line, order, arguments.bounds, follow is not None)
    options = Options(contain=True, bounds=arguments.bounds)

    def on_exchange(exchange: Exchange) -> None:
        line = line_of(exchange) if wanted.matches(exchange) else None
        rows.add(exchange, line, 0 if line is None else len(line))

    def on_row(number: int | None, row: Any) -> None:
        from httptrace.workers.rows import numbered

        assert number is not None
        if row is None:
            rows.add_row(number, None, None, 0)
        else:
            line = numbered(row[1], number)
            rows.add_row(number, row[0], line, len(line))

    def alone(told: int = 0) -> Analyzer:
        return Analyzer(options, on_exchange=behind(told, on_exchange))

    if jobs > 1:
        work = _work(arguments, True)
        try:
            status, _analyzer = read_shared(
                arguments.files, jobs, work, options, on_row, alone, wanted.begin, orders=[rows]
            )
        except WorkerError:
            writer.flush()
            raise
    else:
        status = read_all(
            arguments.files,
            lambda _captures: alone(),
            on_start=wanted.begin,
            on_pause=writer.flush,
            follow=follow,
            orders=[rows],
        )
    rows.finish()
    writer.flush()
    return status


def _work(arguments: argparse.Namespace, hash_bodies: bool) -> Work:
    """What workers are asked for."""
    from httptrace.workers.work import Work

    filters = given_filters(arguments)
    return Work(
        "list", arguments.format, filters, common.width(), common.colour(), hash_bodies, asdict(arguments.bounds)
    )


def _table(arguments: argparse.Namespace, wanted: Filter, order: Order, follow: Follow | None, jobs: int) -> int:
    """The exchanges asked for, as a table."""
    clock = Clock()
    table = _Table(clock)
    rows: Rows[_Row] = Rows(table.give, order, arguments.bounds, follow is not None)
    options = Options(hash_bodies=False, contain=True, bounds=arguments.bounds)

    def begin(time_ns: int) -> None:
        clock.begin(time_ns)
        wanted.begin(time_ns)

    def on_exchange(exchange: Exchange) -> None:
        row = table.row(exchange) if wanted.matches(exchange) else None
        rows.add(exchange, row, 0 if row is None else len(row.line))

    def on_row(number: int | None, row: Any) -> None:
        from httptrace.workers.rows import numbered_cell

        assert number is not None
        if row is None:
            rows.add_row(number, None, None, 0)
        else:
            key, line, between, noted = row
            line = numbered_cell(line, number)
            rows.add_row(number, key, _Row(number, between, noted, line), len(line))

    def alone(told: int = 0) -> Analyzer:
        return Analyzer(options, on_exchange=behind(told, on_exchange))

    if jobs > 1:
        work = _work(arguments, False)
        status, analyzer = read_shared(arguments.files, jobs, work, options, on_row, alone, begin, orders=[rows])
    else:
        analyzer = alone()
        status = read_all(arguments.files, lambda _captures: analyzer, on_start=begin, follow=follow, orders=[rows])
    rows.finish()
    table.close(_closing(arguments.files, table, rows.added, analyzer))
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
        from httptrace.outputs.rows import between

        return _Row(exchange.no, between(exchange), bool(exchange.notes), self._table.row(exchange))

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
