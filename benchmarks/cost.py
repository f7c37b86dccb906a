"""What a packet, an exchange and a connection cost, in microseconds, and what each step of the chain adds.

Whole runs give the first table: a capture and one of twice its size, whose difference leaves start-up out. Bulk has
hardly anything but packets; what keep-alive takes beyond its packets is its exchanges; what close takes beyond both
is its connections. The second table runs the chain in this process, a step longer each time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.programs import httptrace, run
from benchmarks.rows import TRAFFIC, Capture, capture
from benchmarks.tables import table


def costs(
    packets: int | None, command: tuple[str, ...], folder: Path, say: Callable[[str], object], rounds: int = 3
) -> str:
    """Both tables."""
    captures: dict[str, list[Capture]] = {}
    for name in ("bulk", "keep-alive", "close", "mixed"):
        row = TRAFFIC[name]
        size = packets or row.size
        captures[name] = [capture(row, size // 2, folder, say), capture(row, size, folder, say)]
    whole = _whole(captures, command, rounds)
    steps = [[name, *_steps(found[1], rounds)] for name, found in captures.items()]
    headings = ("µs a packet, in all", *(name for name, _ in _STEPS))
    return f"{whole}\n{table(headings, steps)}"


def _whole(captures: dict[str, list[Capture]], command: tuple[str, ...], rounds: int) -> str:
    """From whole runs: what one more packet, exchange and connection cost."""
    program = httptrace(command)
    shortest: dict[Path, float] = {}
    for _ in range(rounds):
        for found in captures.values():
            for made in found:
                wall = run(program, made.path).wall
                shortest[made.path] = min(shortest.get(made.path, wall), wall)

    def more(name: str) -> tuple[float, int, int, int]:
        """Microseconds, packets, exchanges and connections that the larger capture has more."""
        small, large = captures[name]
        return (
            (shortest[large.path] - shortest[small.path]) * 1e6,
            large.packets - small.packets,
            large.exchanges - small.exchanges,
            large.connections - small.connections,
        )

    time_taken, packets, _, _ = more("bulk")
    packet = time_taken / packets
    time_taken, packets, exchanges, _ = more("keep-alive")
    exchange = (time_taken - packets * packet) / exchanges
    time_taken, packets, exchanges, connections = more("close")
    connection = (time_taken - packets * packet - exchanges * exchange) / connections
    lines = [
        ["a packet in order, inside a body", f"{packet:.2f} µs"],
        ["an exchange, its two packets not counted", f"{exchange:.1f} µs"],
        ["a connection, its packets and exchange not counted", f"{connection:.1f} µs"],
    ]
    time_taken, packets, exchanges, _ = more("mixed")
    lines.append(["a packet of the mixed row, everything counted", f"{time_taken / packets:.2f} µs"])
    return table(("one more", "costs"), lines)


# ---------------------------------------------------------------------- step by step, in this process


def _nothing(*_arguments: Any, **_named: Any) -> None:
    pass


def _walk(path: str) -> None:
    from httptrace.capture.merge import open_captures

    with open_captures([path]) as captures:
        for _ in captures.frames():
            pass


def _decode(path: str) -> None:
    from httptrace.capture.merge import open_captures
    from httptrace.packets.decode import Decoder

    with open_captures([path]) as captures:
        _exhaust(Decoder().run(captures.frames(), _nothing))


def _track(path: str) -> None:
    from httptrace.capture.merge import open_captures
    from httptrace.packets.decode import Decoder
    from httptrace.tcp.connection import Connection
    from httptrace.tcp.tracker import Tracker

    class Ignored:
        bulk = 0  # never inside a long body

        def data(self, data: bytes, at: object) -> None:
            pass

        gap = end = data

    ignored = Ignored()

    def opened(connection: Connection) -> None:
        for half in connection.sides:
            half.sink = ignored  # type: ignore[assignment]

    tracker = Tracker(opened, _nothing, _nothing)
    with open_captures([path]) as captures:
        _exhaust(Decoder().run(captures.frames(), tracker.segment))


def _analyze(path: str, hashed: bool = False, lines: bool = False) -> None:
    from httptrace.capture.merge import open_captures
    from httptrace.outputs.jsonl import exchange_line
    from httptrace.pipeline import Analyzer, Options

    analyzer = Analyzer(Options(hash_bodies=hashed), on_exchange=exchange_line if lines else None)
    with open_captures([path]) as captures:
        _exhaust(analyzer.feed(captures.frames()))
    analyzer.finish()


def _exhaust(iterable: Iterable[object]) -> None:
    for _ in iterable:
        pass


_STEPS: tuple[tuple[str, Callable[[str], None]], ...] = (
    ("records", _walk),
    ("+ decode", _decode),
    ("+ TCP", _track),
    ("+ HTTP, exchanges", _analyze),
    ("+ SHA-256", lambda path: _analyze(path, hashed=True)),
    ("+ JSON", lambda path: _analyze(path, hashed=True, lines=True)),
)


def _steps(made: Capture, rounds: int) -> list[str]:
    """Microseconds a packet with each step added, the shortest of the rounds."""
    shortest = [float("inf")] * len(_STEPS)
    for _ in range(rounds):
        for place, (_, step) in enumerate(_STEPS):
            began = time.perf_counter()
            step(os.fspath(made.path))
            shortest[place] = min(shortest[place], time.perf_counter() - began)
    return [f"{value / made.packets * 1e6:.2f}" for value in shortest]
