"""`python -m benchmarks`: the table; `cost`, `profile ROW`, `write ROW`, `rows`: the rest."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from benchmarks.cost import costs
from benchmarks.profiling import profile
from benchmarks.programs import OTHERS
from benchmarks.report import SECTIONS, Report, Wanted
from benchmarks.rows import ADVERSARIAL, FOLDER, ROWS, TRAFFIC, capture
from benchmarks.tables import table

_FEWER = ("ratios", "adversarial")  # what is run where only some rows are asked for


def main(arguments: list[str]) -> int:
    """Exit status 1 where httptrace did not count what was written."""
    asked = _parser().parse_args(arguments)
    if asked.profile:
        row = ROWS[asked.profile]
        sys.stdout.write(profile(capture(row, asked.packets or row.size, asked.folder, say).path))
        return 0
    if asked.verb == "cost":
        sys.stdout.write(costs(asked.packets, tuple(shlex.split(asked.cmd)), asked.folder, say, asked.rounds))
        return 0
    if asked.verb == "write":
        for row in (ROWS[name] for name in asked.rows or TRAFFIC):
            made = capture(row, asked.packets or row.size, asked.folder, say)
            sys.stdout.write(f"{made.path}\n")
        return 0
    if asked.verb == "rows":
        lines = [[row.name, f"{row.size:,} {row.unit}", row.says] for row in ROWS.values()]
        sys.stdout.write(table(("row", "size", "what it is"), lines))
        return 0
    return _table(asked)


def _table(asked: argparse.Namespace) -> int:
    rows = asked.rows or list(ROWS)
    wanted = Wanted(
        sections=tuple(asked.sections or (_FEWER if asked.rows else SECTIONS)),
        rows=tuple(rows),
        packets=asked.packets,
        rounds=asked.rounds,
        only=("httptrace", *asked.only) if asked.only else (),
        minutes=None if asked.full else asked.minutes,
        full=asked.full,
        command=tuple(shlex.split(asked.cmd)),
        jobs=asked.jobs,
        folder=asked.folder,
    )
    report = Report(wanted, say)
    for section in report.sections():
        sys.stdout.write(section + "\n")
        sys.stdout.flush()
    for line in report.differing:
        say(f"COUNTS DIFFER: {line}")
    return 1 if report.differing else 0


def say(text: str) -> None:
    """How far it is."""
    sys.stderr.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time and memory of httptrace beside other programs, as Markdown; captures are kept in .bench/.",
    )
    parser.add_argument("verb", nargs="?", choices=("table", "cost", "write", "rows"), default="table")
    parser.add_argument("--profile", metavar="ROW", choices=ROWS, help="where the time of that row goes")
    parser.add_argument("--rows", type=_names(ROWS), metavar="ROW,ROW", help=f"of {', '.join(TRAFFIC | ADVERSARIAL)}")
    parser.add_argument("--sections", type=_names(SECTIONS), metavar="NAME,NAME", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--packets", type=int, metavar="N", help="the size of every row, instead of its own")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each program runs (3)")
    names = ["httptrace", *(program.name for program in OTHERS)]
    parser.add_argument("--only", type=_names(names), default=[], metavar="PROGRAM", help=f"of {', '.join(names)}")
    parser.add_argument("--minutes", type=float, default=10.0, help="fewer rounds where it would take longer (10)")
    parser.add_argument("--full", action="store_true", help="ten times the size, no caps on time")
    parser.add_argument("--cmd", default="", metavar="COMMAND", help="how httptrace is started (this checkout)")
    parser.add_argument("--jobs", metavar="N", help="passed on to httptrace; memory is summed over its processes")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the captures are kept (.bench)")
    return parser


def _names(known: Collection[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        found = [name.strip() for name in text.split(",") if name.strip()]
        for name in found:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no {name!r}")
        return found

    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
