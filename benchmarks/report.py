"""What is compared, section by section, as Markdown. Timings are said, never judged; counts are checked."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.programs import CAPTURE, OTHERS, Program, Run, httptrace, lines_counted, requests_counted, run, start_of
from benchmarks.rounds import Budget, Runs, in_turn
from benchmarks.rows import ADVERSARIAL, FOLDER, ROOT, ROWS, TRAFFIC, Capture, Row, capture
from benchmarks.tables import megabytes, ratio, seconds, table, thousands

SECTIONS = ("start", "ratios", "commands", "growth", "adversarial")

#: What part of the time a section may take; what one leaves over goes to those behind it.
_SHARES = {"start": 0.05, "ratios": 0.65, "commands": 0.75, "growth": 0.9, "adversarial": 1.0}

_FIRST_PAGE = ROOT / "captures" / "first-page.pcap"
_START_ROUNDS = 10
_GROWTH_ROWS = ("mixed", "keep-alive", "close", "lossy", "bulk", "hold")
_FULL = 10  # times the size


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run of the benchmark is asked for."""

    sections: tuple[str, ...] = SECTIONS
    rows: tuple[str, ...] = tuple(ROWS)
    packets: int | None = None
    rounds: int = 3
    only: tuple[str, ...] = ()
    minutes: float | None = 10.0  # None: no caps
    full: bool = False
    command: tuple[str, ...] = ()
    jobs: str | None = None
    folder: Path = FOLDER


@dataclass(slots=True)
class Report:
    """Measures, and gives its Markdown section by section. `differing`: what was not counted as it is."""

    wanted: Wanted
    say: Callable[[str], object] = lambda _: None
    differing: list[str] = field(default_factory=list)
    budget: Budget = field(default_factory=lambda: Budget(None))

    def sections(self) -> Iterator[str]:
        """Every section asked for."""
        wanted = self.wanted
        whole = None if wanted.minutes is None else wanted.minutes * 60
        self.budget = Budget(whole)
        yield machine(wanted.command)
        makers = {
            "start": self.start,
            "ratios": self.ratios,
            "commands": self.commands,
            "growth": self.growth,
            "adversarial": self.adversarial,
        }
        for name in SECTIONS:
            if name in wanted.sections:
                self.budget.seconds = None if whole is None else whole * _SHARES[name]
                yield from makers[name]()

    # ------------------------------------------------------------------ sections

    def start(self) -> Iterator[str]:
        """How long it takes until something is said, as ratios to an interpreter that does nothing."""
        begin = start_of(self.wanted.command)
        programs = [
            Program("python -c pass", (sys.executable, "-c", "pass"), ours=True),
            Program("httptrace --version", (*begin, "--version"), ours=True),
            Program("httptrace --help", (*begin, "--help"), ours=True),
            Program("httptrace walk first-page.pcap", (*begin, "walk", CAPTURE), ours=True),
        ]
        found = in_turn(programs, _FIRST_PAGE, _START_ROUNDS, Budget(None), each=self._told("start"))
        bare = found[0].wall
        lines = [
            [runs.program.name, f"{runs.wall * 1000:.0f} ms", f"{runs.median * 1000:.0f} ms", ratio(runs.wall / bare)]
            for runs in found
        ]
        yield "### Start\n\n" + table(("", "minimum", "median", "to bare Python"), lines)

    def ratios(self) -> Iterator[str]:
        """Every everyday row beside the other programs."""
        programs = self._programs()
        times, details, counts = [], [], []
        for row in self._rows(TRAFFIC):
            with self._truth(row, row.size) as (made, output, ours_counted):
                found = in_turn(
                    programs,
                    made.path,
                    self.wanted.rounds,
                    self.budget,
                    self.wanted.jobs is not None,
                    self._told(row.name),
                    lambda program: output if program.name == "tshark" else None,
                )
                by_name = {runs.program.name: runs for runs in found}
                times.append([row.name, *_beside(made, by_name, [program.name for program in programs])])
                details.append([row.name, *_details(made, by_name["httptrace"])])
                tshark = by_name.get("tshark")
                told = f"{requests_counted(output):,}" if tshark is not None and tshark.usable else "-"
                counts.append([row.name, f"{made.connections:,}", f"{made.exchanges:,}", f"{ours_counted:,}", told])
        names = [program.name for program in programs]
        headings = ("capture", "packets", names[0], *(f"{name} (× {names[0]})" for name in names[1:]))
        yield "### Time beside other programs (shortest of the rounds)\n\n" + table(headings, times)
        headings = ("httptrace", "minimum", "median", "processor", "packets/s", "exchanges/s", "peak memory", "tshark")
        with_tshark = [
            [*line, memory] for line, memory in zip(details, self._tshark_memory(times, names), strict=True)
        ]
        yield "### httptrace itself\n\n" + table(headings, with_tshark)
        headings = ("counts", "connections", "exchanges written", "by httptrace", "requests by tshark")
        yield "### Counts\n\n" + table(headings, counts)
