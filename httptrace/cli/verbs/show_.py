"""`httptrace show`: one exchange whole, or the bytes of one of its messages."""

from __future__ import annotations

import argparse
import os
import sys

from httptrace import limits
from httptrace.cli import arguments as common
from httptrace.cli import extract
from httptrace.cli.filters import add_filters
from httptrace.cli.rows import Clock, Rows
from httptrace.cli.run import StopReading, read_all
from httptrace.errors import UsageError
from httptrace.lang import _
from httptrace.lang.numbers import whole_number
from httptrace.limits import Bounds
from httptrace.model import Direction, Exchange
from httptrace.outputs.exchange import View, page
from httptrace.outputs.paint import Paint
from httptrace.outputs.sections import Section, render_plain, renderables
from httptrace.pipeline import Analyzer, Options
from httptrace.selection import Filter, Order

#: Where many exchanges are shown, each body gets at least so much.
_LEAST_KEPT = 64 * limits.KIB


def arguments(parser: argparse.ArgumentParser) -> None:
    common.add_files(parser)
    parser.add_argument(
        "no",
        metavar="NO",
        nargs="?",
        help=_(
            "number of the exchange, as list prints it; without one, the first that the options below choose, "
            "or the only one"
        ),
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--headers", action="store_true", help=_("the heads only"))
    what.add_argument(
        "--body",
        action="store_true",
        help=_("write the decoded body to stdout: of the response, where there is none of the request"),
    )
    what.add_argument(
        "--raw", action="store_true", help=_("write the message to stdout as it was sent, head and body, undecoded")
    )
    side = parser.add_mutually_exclusive_group()
    side.add_argument("--request", action="store_true", help=_("only the request"))
    side.add_argument("--response", action="store_true", help=_("only the response"))
    add_filters(parser)
    common.add_language(parser)
    common.add_bounds(parser)


def run(arguments: argparse.Namespace) -> int:
    files, number = _with_number(arguments)
    wanted, order = Filter.of(vars(arguments)), Order(vars(arguments))
    choosing = bool(wanted or order.key is not None or order.limit is not None)
    if number is not None and choosing:
        raise UsageError(_("{no} says which exchange already: leave out the options that choose one").format(no=number))
    if number is not None:
        numbers = [number]
    elif choosing:
        numbers = _chosen(files, wanted, order, arguments.bounds)
    else:
        numbers = _only(files, arguments.bounds)
    side = Direction.CLIENT if arguments.request else Direction.SERVER if arguments.response else None
    if arguments.body or arguments.raw:
        if len(numbers) > 1:
            raise UsageError(_("--body and --raw write one message: leave --limit out"))
        return (extract.body if arguments.body else extract.raw)(files, numbers[0], side, arguments.bounds)
    return _pages(files, numbers, side, not arguments.headers, arguments.bounds)


def _with_number(arguments: argparse.Namespace) -> tuple[list[str], int | None]:
    """The files, and the number that stands behind them; a file whose name is a number is written ./3."""
    files: list[str] = arguments.files
    if len(files) > 1 and (number := whole_number(files[-1])) is not None:
        return files[:-1], number
    return files, None


def _only(files: list[str], bounds: Bounds) -> list[int]:
    """The number of the one exchange that the capture has. Raises UsageError where it is not known to have one."""
    which = _("which exchange? httptrace list {files} numbers them").format(files=common.as_typed(files))
    if "-" in files:  # it cannot be read twice
        raise UsageError(which)
    if len(files) > 1 and not os.path.exists(files[-1]):
        raise UsageError(
            _("{word} is neither a file nor the number of an exchange; httptrace list {files} numbers them").format(
                word=files[-1], files=common.as_typed(files[:-1])
            )
        )
    numbers: list[int] = []

    def on_exchange(exchange: Exchange) -> None:
        numbers.append(exchange.no)
        if len(numbers) > 1:
            raise StopReading

    analyzer = Analyzer(Options(hash_bodies=False, contain=True, bounds=bounds), on_exchange=on_exchange)
    read_all(files, lambda _captures: analyzer)
    if not numbers:
        raise extract.not_found(1, analyzer)
    if len(numbers) > 1:
        raise UsageError(which)
    return numbers


def _chosen(files: list[str], wanted: Filter, order: Order, bounds: Bounds) -> list[int]:
    """The numbers of the exchanges that the filters choose."""
    if "-" in files:
        raise UsageError(_("standard input cannot be read twice: give the exchange's number, or a file"))
    order.limit = order.limit or 1
    numbers: list[int] = []
    rows: Rows[int] = Rows(numbers.append, order, bounds)
    analyzer = Analyzer(
        Options(hash_bodies=False, contain=True, bounds=bounds),
        on_exchange=lambda one: rows.add(one, one.no if wanted.matches(one) else None, 100),
    )
    read_all(files, lambda _captures: analyzer, on_start=wanted.begin)
    rows.finish()
    if not numbers:
        raise UsageError(
            _("none of the {count} exchanges is what was asked for").format(count=f"{analyzer.exchanges:,}")
        )
    return numbers


def _pages(files: list[str], numbers: list[int], side: Direction | None, bodies: bool, bounds: Bounds) -> int:
    """Show these exchanges, in this order."""
    found: dict[int, Exchange] = {}
    clock = Clock()

    def on_exchange(exchange: Exchange) -> None:
        if exchange.no in wanted:
            found[exchange.no] = exchange
            if len(found) == len(wanted):
                raise StopReading

    wanted = frozenset(numbers)
    keep = max(limits.KEPT_BODY // len(numbers), _LEAST_KEPT) if bodies else 0
    analyzer = Analyzer(
        Options(keep_bodies=keep, keep_only=wanted, contain=True, bounds=bounds), on_exchange=on_exchange
    )
    status = read_all(files, lambda _captures: analyzer, on_start=clock.begin)
    for index, number in enumerate(numbers):
        if number not in found:
            raise extract.not_found(number, analyzer)
        if index:
            sys.stdout.write("\n")
        view = View(
            common.width(),
            Paint(common.colour()),
            clock.started(),
            side is not Direction.SERVER,
            side is not Direction.CLIENT,
            bodies,
        )
        _write(found[number], view)
    return status


def _write(exchange: Exchange, view: View) -> None:
    for part in page(exchange, view):
        if isinstance(part, str):
            sys.stdout.write(part + "\n")
        elif view.paint.colour:
            _write_highlighted(part, view)
        else:
            sys.stdout.write(render_plain(part) + "\n")


def _write_highlighted(sections: list[Section], view: View) -> None:
    from rich.console import Console

    console = Console(file=sys.stdout, width=view.width, highlight=False)
    for shown in renderables(sections):
        console.print(shown)
