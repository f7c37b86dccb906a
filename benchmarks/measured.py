"""Runs one program to its end and says what it took: `python -I -S measured.py LIMIT TREE PROGRAM ARGUMENT...`

A process of its own, and a small one: what the system calls a child's peak memory begins with that of the process
that started it, so it shows nothing below the 9 MB or so of this one. Imports nothing that takes room.

Prints one line: wall seconds, processor seconds in user code and in the kernel, peak memory in bytes, exit status
(-1: stopped at LIMIT seconds, 0 being no limit). Processor seconds are those of the whole tree, where parents waited
for their children. Peak memory is that of the largest process; with TREE = 1 the resident sizes of all living processes
are summed every 20 ms (pages that they share count in each), and the greatest sum is said where it is larger.
"""

import os
import signal
import sys
import time

_TICK = 0.02


def _resident(pid: int) -> int:
    """Bytes that a process and everything it started hold now."""
    total = 0
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            total = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                total += sum(_resident(int(child)) for child in file.read().split())
    except OSError:  # it ended meanwhile
        pass
    return total


def main(arguments: list[str]) -> None:
    """Run the program; its output goes where this one's standard error does not: nowhere, or to MEASURED_OUTPUT."""
    limit, tree, program = float(arguments[0]), arguments[1] == "1", arguments[2:]
    output = os.environ.get("MEASURED_OUTPUT", os.devnull)
    stopped = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopped
        stopped = True
        os.killpg(pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    opened = [(os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)]
    began = time.perf_counter()
    pid = os.posix_spawnp(program[0], program, os.environ, file_actions=opened, setpgroup=0)
    if limit:
        signal.setitimer(signal.ITIMER_REAL, limit)
    summed = 0
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG if tree else 0)
        if done:
            break
        summed = max(summed, _resident(pid))
        time.sleep(_TICK)
    wall = time.perf_counter() - began
    signal.setitimer(signal.ITIMER_REAL, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    code = -1 if stopped else os.waitstatus_to_exitcode(status) & 0xFF
    print(wall, usage.ru_utime, usage.ru_stime, max(usage.ru_maxrss * unit, summed), code)


if __name__ == "__main__":
    main(sys.argv[1:])
