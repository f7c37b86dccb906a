"""`--jobs auto`: workers where they were measured to gain, and nowhere else."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from httptrace.cli import arguments
from httptrace.workers import auto
from tests.build import START_NS, conversation, get, ok, together
from tests.cli.command import CAPTURES, Command


@pytest.fixture(autouse=True)
def three_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1, 2}, raising=False)
    monkeypatch.setattr(auto, "PACKETS", 2_500)


@pytest.fixture(scope="module")
def small_exchanges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,006 packets, two an exchange."""
    capture = conversation(*(turn for count in range(1_500) for turn in (get(f"/{count}"), ok())))
    return capture.save(tmp_path_factory.mktemp("auto") / "small.pcap")


@pytest.fixture(scope="module")
def long_body(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three thousand packets of one response."""
    return conversation(get("/"), ok(b"x" * 4_400_000)).save(tmp_path_factory.mktemp("auto") / "long.pcap")


def test_many_small_exchanges_gain(small_exchanges: Path) -> None:
    assert auto.jobs_that_gain([str(small_exchanges)]) == 2


def test_a_connection_for_each_exchange_does_not(tmp_path: Path) -> None:
    short = (
        conversation(get("/"), ok(), client=("192.0.2.1", 20_000 + count), start_ns=START_NS + count * 10**9)
        for count in range(500)
    )
    path = together(*short).save(tmp_path / "short.pcap")
    assert auto.jobs_that_gain([str(path)]) == 1


def test_a_long_body_does_not(long_body: Path) -> None:
    assert auto.jobs_that_gain([str(long_body)]) == 1


@pytest.mark.parametrize(("packets", "jobs"), [(2_900, 2), (3_100, 1)])
def test_a_short_capture_does_not(
    small_exchanges: Path, packets: int, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto, "PACKETS", packets)
    assert auto.jobs_that_gain([str(small_exchanges)]) == jobs


@pytest.mark.parametrize("processors", [{0}, {0, 1}], ids=["one", "two"])
def test_too_few_processors_do_not(
    processors: set[int], small_exchanges: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: processors)
    assert auto.jobs_that_gain([str(small_exchanges)]) == 1


@pytest.mark.parametrize("kind", ["missing", "no-capture", "pipe", "a-few-packets", "cut"])
def test_what_cannot_be_looked_at_is_read_alone(kind: str, small_exchanges: Path, tmp_path: Path) -> None:
    path = tmp_path / kind
    if kind == "no-capture":
        path.write_bytes(b"nothing of the kind" * 1_000)
    elif kind == "cut":
        path.write_bytes(small_exchanges.read_bytes()[:5_000])
    elif kind == "a-few-packets":
        path = CAPTURES / "first-page.pcap"
    assert auto.jobs_that_gain(["-" if kind == "pipe" else str(path)]) == 1


def test_a_compressed_capture_is_looked_at_too(small_exchanges: Path, tmp_path: Path) -> None:
    """What it holds is known by its size on disk, which is less: so it is read alone rather too often."""
    path = tmp_path / "small.pcap.gz"
    path.write_bytes(gzip.compress(small_exchanges.read_bytes(), 0))
    assert auto.jobs_that_gain([str(path)]) == 2


def test_the_argument(command: Command, small_exchanges: Path) -> None:
    assert arguments.jobs(arguments.parse(["list", str(small_exchanges), "--jobs", "auto"])) == 2
    assert arguments.jobs(arguments.parse(["list", str(small_exchanges), "--jobs", "5"])) == 5
    assert arguments.jobs(arguments.parse(["list", str(small_exchanges)])) == 1
    alone, shared = (command("list", small_exchanges, "--format", "jsonl", *more) for more in ((), ("--jobs", "auto")))
    assert shared.stdout == alone.stdout
