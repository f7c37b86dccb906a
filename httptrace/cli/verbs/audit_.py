"""`httptrace audit`: the ledger, where every captured byte went."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import Any

from httptrace.cli import arguments as common
from httptrace.cli.octets import json_writer
from httptrace.cli.run import complain, read_all, read_shared
from httptrace.errors import WorkerError
from httptrace.lang import _, told
from httptrace.ledger import DirectionLedger, Share
from httptrace.model import Exchange
from httptrace.outputs import audit
from httptrace.outputs.jsonl import LineWriter
from httptrace.pipeline import Analyzer, Auditor, Options


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    common.add_format(parser, "table", "jsonl")
    common.add_jobs(parser)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    auditing = _Auditing(arguments.format == "jsonl")
    options = Options(hash_bodies=False, contain=True, bounds=arguments.bounds)
    jobs = common.jobs(arguments)
    if jobs > 1:
        status, analyzer = auditing.share(arguments, options, jobs)
    else:
        analyzer = Analyzer(options, audit=auditing)
        status = read_all(arguments.files, lambda _captures: analyzer)
    return auditing.close(analyzer) or status


class _Auditing:
    """Prints the ledgers as they are closed, and sums them up."""

    def __init__(self, jsonl: bool) -> None:
        self._writer = LineWriter(json_writer())
        self._jsonl = jsonl
        self._table = audit.ledgers(common.width())
        self._total = DirectionLedger()
        self._problems = 0
        if not jsonl:
            self._print(self._table.heading() + "\n")

    def share(self, arguments: argparse.Namespace, options: Options, jobs: int) -> tuple[int, Analyzer]:
        """Read with workers, which send back lines of exchanges and ledgers of directions."""
        from httptrace.workers.rows import ledger_of, numbered
        from httptrace.workers.work import Work

        def on_row(number: int | None, row: Any) -> None:
            if number is None:
                self.direction(ledger_of(row))
            elif self._jsonl:
                self._writer.line(numbered(row, number))

        def alone(told: int) -> Analyzer:
            return Analyzer(options, audit=_Behind(told, self))

        try:
            work = Work("audit", arguments.format, {}, bounds=asdict(arguments.bounds))
            return read_shared(arguments.files, jobs, work, options, on_row, alone, audit=self)
        except WorkerError:
            self._writer.flush()
            raise

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        if self._jsonl:
            self._writer.line(audit.exchange_line(exchange, client, server))

    def direction(self, ledger: DirectionLedger) -> None:
        self._total.add(ledger)
        if self._jsonl:
            self._writer.line(audit.direction_line(ledger))
        elif ledger.captured or ledger.problems or ledger.span:
            self._print(self._table.row(ledger) + "\n")
        for problem in ledger.problems:
            self._problems += 1
            complain(
                _("the ledger of stream {stream} ({sender}) does not balance, please report it: {problem}").format(
                    stream=ledger.stream,
                    sender=_(ledger.sender.name.lower()) if ledger.sender is not None else "",
                    problem=told(problem),
                )
            )

    def close(self, analyzer: Analyzer) -> int:
        """Print the total; exit status 3 where something does not balance."""
        decoder = analyzer.decoder
        if self._total.captured != decoder.captured_bytes or self._total.wire != decoder.wire_bytes:
            self._problems += 1
            complain(
                _(
                    "the ledger does not balance, please report it: "
                    "decode counted {decoded:,} bytes, the streams {streams:,}"
                ).format(decoded=decoder.captured_bytes, streams=self._total.captured)
            )
        # Exchanges are those of the whole capture; both of their directions were added up.
        self._total.exchanges = analyzer.exchanges
        if self._jsonl:
            self._writer.line(audit.total_line(self._total, decoder.packets, decoder.tcp_packets, decoder.skipped))
        else:
            self._print(self._table.row(self._total) + "\n")
            skipped = decoder.skipped.most_common()
            page = audit.closing(self._total, decoder.packets, decoder.tcp_packets, skipped, common.width())
            self._print("\n" + page)
        self._writer.flush()
        return 3 if self._problems else 0

    def _print(self, text: str) -> None:
        encoding = sys.stdout.encoding or "utf-8"
        self._writer.line(text.encode(encoding, "backslashreplace"))


class _Behind:
    """Tells an auditor what it is told, but for the first so many things: it knows them."""

    def __init__(self, count: int, auditor: Auditor) -> None:
        self._count = count
        self._auditor = auditor

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        if self._is_new():
            self._auditor.exchange(exchange, client, server)

    def direction(self, ledger: DirectionLedger) -> None:
        if self._is_new():
            self._auditor.direction(ledger)

    def _is_new(self) -> bool:
        if self._count:
            self._count -= 1
            return False
        return True
