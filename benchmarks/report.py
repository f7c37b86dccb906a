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

from benchmarks.programs import (
    CAPTURE,
    OTHERS,
    TSHARK,
    Program,
    Run,
    httptrace,
    lines_counted,
    requests_counted,
    run,
    start_of,
)
from benchmarks.rounds import Budget, Runs, in_turn
from benchmarks.rows import ADVERSARIAL, FOLDER, ROOT, ROWS, TRAFFIC, Capture, Row, capture
from benchmarks.tables import megabytes, ratio, seconds, table, thousands

SECTIONS = ("start", "ratios", "commands", "growth", "adversarial")

#: What part of the time a section may take; what one leaves over goes to those behind it.
_SHARES = {"start": 0.05, "ratios": 0.65, "commands": 0.75, "growth": 0.9, "adversarial": 1.0}

_FIRST_PAGE = ROOT / "captures" / "first-page.pcap"
_START_ROUNDS = 10
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
        measured: list[Beside] = []
        for row in self._rows(TRAFFIC):
            made = self._capture(row, row.size)
            ours = self._counted(row.name, made)
            with self._output() as output:
                found = in_turn(
                    programs,
                    made.path,
                    self.wanted.rounds,
                    self.budget,
                    self.wanted.jobs is not None,
                    self._told(row.name),
                    lambda program: output if program is TSHARK else None,
                )
                by_name = {runs.program.name: runs for runs in found}
                theirs = requests_counted(output) if TSHARK.name in by_name and by_name[TSHARK.name].usable else None
            measured.append(Beside(row.name, made, by_name, ours, theirs))
        if measured:
            yield from beside_others(measured, [program.name for program in programs])

    def commands(self) -> Iterator[str]:
        """Other commands than `list`, as ratios to it."""
        begin = start_of(self.wanted.command)
        ours = self._ours()
        programs = [
            replace(ours, name="list --format jsonl"),
            Program("list (table)", (*begin, "list", CAPTURE), ours=True),
            Program("streams --format jsonl", (*begin, "streams", CAPTURE, "--format", "jsonl"), ours=True),
            Program("audit --format jsonl", (*begin, "audit", CAPTURE, "--format", "jsonl"), ours=True),
            Program("summary", (*begin, "summary", CAPTURE), ours=True),
            Program("packets --format jsonl", (*begin, "packets", CAPTURE, "--format", "jsonl"), ours=True),
        ]
        lines: list[list[str]] = [[program.name] for program in programs]
        rows = [row for row in self._rows(TRAFFIC) if row.name in ("mixed", "keep-alive", "close")]
        for row in rows:
            made = self._capture(row, row.size)
            found = in_turn(programs, made.path, self._few_rounds, self.budget, each=self._told(row.name))
            for line, runs in zip(lines, found, strict=True):
                line.append(_with_ratio(runs, found[0]))
        if not rows:
            return
        yield "### Commands (× list)\n\n" + table(("", *(row.name for row in rows)), lines)

    def growth(self) -> Iterator[str]:
        """N, 2 N and 4 N packets: twice the packets should be twice the time, and the same memory."""
        lines = []
        for row in self._rows(TRAFFIC):
            sizes = [row.size * times // 2 for times in (1, 2, 4)]
            captures, found = self._sizes(row, sizes)
            if not all(runs.usable for runs in found):
                lines.append([row.name, *["-"] * 6])
                continue
            one, two, four = found
            more = four.memory - two.memory
            connections = captures[2].connections - captures[1].connections
            each = f"{more / connections / 1000:.1f} kB" if row.name == "hold" and connections else "-"
            lines.append(
                [
                    row.name,
                    " / ".join(thousands(made.packets) for made in captures),
                    " / ".join(seconds(runs.wall) for runs in found),
                    f"{two.wall / one.wall:.2f} / {four.wall / two.wall:.2f}",
                    " / ".join(megabytes(runs.memory) for runs in found),
                    f"{more / 1e6:+.0f} MB",
                    each,
                ]
            )
        if not lines:
            return
        headings = ("growth", "packets", "time", "time, 2 N : N", "peak memory", "4 N less 2 N", "an open connection")
        yield "### N, 2 N, 4 N\n\n" + table(headings, lines)

    def adversarial(self) -> Iterator[str]:
        """Shapes made to hurt, at N and 2 N."""
        lines = []
        for row in self._rows(ADVERSARIAL):
            captures, found = self._sizes(row, [row.size, row.size * 2])
            one, two = found
            if not (one.usable and two.usable):
                lines.append([row.name, f"{row.size:,} {row.unit}", *[_time(runs) for runs in found], "-", "-"])
                continue
            twice = f"{two.wall / one.wall:.2f}"
            said = [row.name, f"{row.size:,} {row.unit}", _time(one), _time(two), twice, megabytes(two.memory)]
            lines.append(said)
            self._counted(row.name, captures[0])
        if not lines:
            return
        headings = ("made to hurt", "N", "N", "2 N", "2 N : N", "peak memory at 2 N")
        yield "### Made to hurt\n\n" + table(headings, lines)

    # ------------------------------------------------------------------ what they share

    @property
    def _few_rounds(self) -> int:
        return min(self.wanted.rounds, 2)

    def _ours(self) -> Program:
        program = httptrace(self.wanted.command)
        if self.wanted.jobs is None:
            return program
        return replace(program, command=(*program.command, "--jobs", self.wanted.jobs))

    def _programs(self) -> list[Program]:
        only = self.wanted.only
        return [self._ours(), *(program for program in OTHERS if not only or program.name in only)]

    def _rows(self, among: dict[str, Row]) -> list[Row]:
        times = _FULL if self.wanted.full else 1
        return [
            replace(row, size=(self.wanted.packets or row.size) * times)
            for name, row in among.items()
            if name in self.wanted.rows
        ]

    def _sizes(self, row: Row, sizes: list[int]) -> tuple[list[Capture], list[Runs]]:
        """httptrace on captures of these sizes, in turn."""
        captures = [self._capture(row, size) for size in sizes]
        program = self._ours()
        found = [Runs(program) for _ in sizes]
        tell = self._told(row.name)
        for _ in range(self._few_rounds):
            for made, runs in zip(captures, found, strict=True):
                if not runs.all or (runs.usable and self.budget.allows(runs.median)):
                    one = run(program, made.path, tree=self.wanted.jobs is not None)
                    runs.all.append(one)
                    tell(runs, one)
        return captures, found

    def _capture(self, row: Row, size: int) -> Capture:
        return capture(row, size, self.wanted.folder, self.say)

    def _counted(self, name: str, made: Capture) -> int:
        """The exchanges that httptrace counts; remembered if they are not those that were written."""
        with self._output() as output:
            run(self._ours(), made.path, output=output)
            count = lines_counted(output)
        if count != made.exchanges:
            self.differing.append(f"{name}: {made.exchanges:,} exchanges were written, httptrace counts {count:,}")
        return count

    @contextmanager
    def _output(self) -> Iterator[Path]:
        """A file for what a program says."""
        self.wanted.folder.mkdir(exist_ok=True)
        path = self.wanted.folder / f"output-{os.getpid()}"
        path.touch()
        try:
            yield path
        finally:
            path.unlink()

    def _told(self, where: str) -> Callable[[Runs, Run], object]:
        return lambda runs, one: self.say(f"{where}: {runs.program.name}: {'> ' * one.stopped}{one.wall:.2f} s")


@dataclass(slots=True)
class Beside:
    """A row's runs, and what was counted: by us, and by tshark if it came to an end."""

    name: str
    made: Capture
    runs: dict[str, Runs]
    ours: int
    theirs: int | None


def beside_others(measured: list[Beside], names: list[str]) -> Iterator[str]:
    """The tables of a comparison: times with their ratios, httptrace by itself, counts."""
    times, details, counts = [], [], []
    for one in measured:
        ours = one.runs[names[0]]
        cells = [one.name, f"{one.made.packets:,}", _time(ours)]
        cells += [_with_ratio(one.runs.get(name), ours) for name in names[1:]]
        times.append(cells)
        tshark = one.runs.get(TSHARK.name)
        details.append(
            [
                one.name,
                seconds(ours.median),
                seconds(ours.processor),
                thousands(one.made.packets / ours.wall),
                thousands(one.made.exchanges / ours.wall),
                megabytes(ours.memory),
                megabytes(tshark.memory) if tshark is not None else "-",
            ]
        )
        theirs = "-" if one.theirs is None else f"{one.theirs:,}"
        counts.append([one.name, *(f"{n:,}" for n in (one.made.connections, one.made.exchanges, one.ours)), theirs])
    headings = ("shortest run", "packets", *names[:1], *(f"{name} (× {names[0]})" for name in names[1:]))
    yield "### Beside other programs\n\n" + table(headings, times)
    headings = ("httptrace", "median", "processor", "packets/s", "exchanges/s", "peak memory", "tshark's")
    yield "### httptrace itself\n\n" + table(headings, details)
    headings = ("counted", "connections", "exchanges", "by httptrace", "requests by tshark")
    yield "### Counts\n\n" + table(headings, counts)


def _time(runs: Runs) -> str:
    if runs.stopped:
        return f"> {runs.wall:.0f} s"
    return runs.problem or seconds(runs.wall)


def _with_ratio(runs: Runs | None, ours: Runs) -> str:
    """The shortest run and how many times as long as ours it is; of a stopped one at least so many times."""
    if runs is None:
        return "-"
    if runs.problem or ours.problem:
        return runs.problem or _time(runs)
    return f"{_time(runs)} ({'> ' * runs.stopped}{ratio(runs.wall / ours.wall)})"


def machine(command: Iterable[str]) -> str:
    """One line about where it was measured."""
    versions = [f"Python {platform.python_version()}", f"{os.cpu_count()} processors", platform.system()]
    for program in ("tshark", "tcpflow", "tcpdump"):
        try:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        first = (said.stdout or said.stderr).splitlines()[:1]
        versions += [first[0].replace("(Wireshark) ", "").partition(" (")[0].rstrip(".")] if first else []
    begin = " ".join(start_of(tuple(command))).replace(sys.executable, "python")
    return f"Measured with {', '.join(versions)}; httptrace as `{begin}`.\n"
