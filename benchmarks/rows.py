"""The rows of the benchmark, and the captures behind them, written once and kept in `.bench/`."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from benchmarks import adversarial, traffic
from benchmarks.wire import Wire

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".bench"

_GENERATOR = ("content.py", "wire.py", "traffic.py", "adversarial.py")


@dataclass(frozen=True, slots=True)
class Row:
    """A shape of traffic. `size` is what it is written with: packets, or what `unit` says."""

    name: str
    write: Callable[[BinaryIO, int], Wire]
    size: int
    unit: str = "packets"

    @property
    def says(self) -> str:
        """What the shape is, in its first sentence."""
        return (self.write.__doc__ or "").split(". ")[0].split("\n\n")[0].rstrip(".")


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture on disk and the truth about it."""

    path: Path
    packets: int
    connections: int
    exchanges: int
    octets: int


TRAFFIC = {
    row.name: row
    for row in (
        Row("mixed", traffic.mixed, 200_000),
        Row("keep-alive", traffic.keep_alive, 200_000),
        Row("keep-alive-repeating", traffic.keep_alive_repeating, 200_000),
        Row("close", traffic.close, 200_000),
        Row("bulk", traffic.bulk, 120_000),
        Row("lossy", traffic.lossy, 200_000),
        Row("hold", traffic.hold, 200_000),
    )
}

ADVERSARIAL = {
    row.name: row
    for row in (
        Row("one-byte", adversarial.one_byte, 100_000, "segments"),
        Row("slow-head", adversarial.slow_head, 60_000, "segments"),
        Row("reversed", adversarial.reversed_segments, 100_000, "segments"),
        Row("held", adversarial.held_segments, 50_000, "held segments"),
        Row("overlapping", adversarial.overlapping, 20_000, "segments"),
        Row("long-head", adversarial.long_head, 500_000, "lines"),
        Row("long-head-of-hosts", adversarial.long_head_of_hosts, 60_000, "lines"),
        Row("long-head-of-names", adversarial.long_head_of_names, 500_000, "lines"),
        Row("one-byte-chunks", adversarial.one_byte_chunks, 500_000, "chunks"),
    )
}

ROWS = TRAFFIC | ADVERSARIAL


def generator_version() -> str:
    """Changes with the code that writes captures, and with zlib, whose output may differ."""
    digest = hashlib.sha256(zlib.ZLIB_RUNTIME_VERSION.encode())
    for name in _GENERATOR:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:10]


def capture(row: Row, size: int, folder: Path = FOLDER, say: Callable[[str], object] = lambda _: None) -> Capture:
    """The row's capture of that size: the one in the folder, or a new one. Older versions of it are removed."""
    folder.mkdir(exist_ok=True)
    stem = f"{row.name}-{size}"
    path = folder / f"{stem}-{generator_version()}.pcap"
    truth = path.with_suffix(".json")
    if not truth.exists() or not path.exists():
        for older in folder.glob(f"{stem}-??????????.*"):
            older.unlink()
        began = time.perf_counter()
        unfinished = path.with_suffix(f".{os.getpid()}")
        with unfinished.open("wb") as file:
            wire = row.write(file, size)
        unfinished.replace(path)
        known = Capture(path, wire.packets, wire.connections, wire.exchanges, path.stat().st_size)
        truth.write_text(json.dumps({**asdict(known), "path": path.name}) + "\n", encoding="utf-8")
        say(f"{path.name}: {known.packets:,} packets in {time.perf_counter() - began:.1f} s")
    values = json.loads(truth.read_text(encoding="utf-8"))
    return Capture(path, values["packets"], values["connections"], values["exchanges"], values["octets"])
