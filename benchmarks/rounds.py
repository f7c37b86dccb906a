"""Programs in turn: A B C, A B C, so that a slow minute of the machine hits all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.programs import Program, Run, run


@dataclass(slots=True)
class Runs:
    """All runs of one program on one capture."""

    program: Program
    all: list[Run] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        return any(one.stopped for one in self.all)

    @property
    def problem(self) -> str:
        """What went wrong, in a few words; empty where nothing did."""
        return next((one.problem or f"exit status {one.status}" for one in self.all if one.status > 0), "")

    @property
    def usable(self) -> bool:
        return bool(self.all) and not self.stopped and not self.problem

    @property
    def wall(self) -> float:
        """The shortest run in seconds; of a stopped program how long it was let run."""
        return min(one.wall for one in self.all)

    @property
    def median(self) -> float:
        return statistics.median(one.wall for one in self.all)

    @property
    def processor(self) -> float:
        return min(one.processor for one in self.all)

    @property
    def memory(self) -> int:
        return max(one.memory for one in self.all)


@dataclass(slots=True)
class Budget:
    """How long all of it may take; without `seconds` as long as it needs."""

    seconds: float | None
    limit: float = 60.0  # for one run of a program that is not ours
    began: float = field(default_factory=time.monotonic)

    def allows(self, expected: float) -> bool:
        """Whether a run that takes about so long still fits."""
        return self.seconds is None or time.monotonic() - self.began + expected <= self.seconds

    def limit_of(self, program: Program) -> float:
        """Seconds after which a run is stopped; 0 for never."""
        return 0 if program.ours or self.seconds is None else self.limit


def in_turn(
    programs: Sequence[Program],
    capture: Path,
    rounds: int,
    budget: Budget,
    tree: bool = False,
    each: Callable[[Runs, Run], object] = lambda _runs, _run: None,
    outputs: Callable[[Program], Path | None] = lambda _: None,
) -> list[Runs]:
    """Run each program `rounds` times in turn. A program that was stopped or failed is not run again, and one that no
    longer fits into the budget has fewer rounds, but at least one."""
    found = [Runs(program) for program in programs if program.present]
    for _ in range(rounds):
        for runs in found:
            if runs.all and not (runs.usable and budget.allows(runs.median)):
                continue
            program = runs.program
            one = run(program, capture, budget.limit_of(program), tree and program.ours, outputs(program))
            runs.all.append(one)
            each(runs, one)
    return found
