"""Conversations made from seeds, read by httptrace and by tshark, both held against the truth.

httptrace must find the truth, always. tshark is the judge only where the truth says nothing (the
`analysis` of packets, the scaled window); where its exchanges are not the true ones, the reason must be a
known one. `python -m tests.generate out.pcapng SEED` writes the capture of a seed that fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.generate import write
from tests.generate.conversation import NAMES, Batch, Conversation, batch
from tests.generate.truth import Expected, expected
from tests.programs import need

from . import against, compare, ours, tshark

SEEDS = range(300)
SIZE = 75  # conversations of one capture; each costs one run of tshark and three of httptrace

pytestmark = pytest.mark.slow


@dataclass
class Reading:
    """One capture with many conversations, and what was read from it, each on first demand."""

    batch: Batch
    path: Path
    truths: dict[int, Expected]
    found: dict[str, list[ours.Record] | RuntimeError] = field(default_factory=dict)
    seen: dict[int, list[tshark.Seen]] | None = None

    def ours(self, command: str) -> list[ours.Record]:
        if command not in self.found:
            try:
                self.found[command] = ours.command(command, self.path)
            except RuntimeError as error:
                self.found[command] = error
        found = self.found[command]
        if isinstance(found, RuntimeError):
            raise found
        return found

    def tshark(self) -> dict[int, list[tshark.Seen]]:
        if self.seen is None:
            self.seen = against.by_stream(tshark.read(self.path))
        return self.seen

    def of(self, seed: int) -> list[Conversation]:
        return [each for each in self.batch.conversations if each.name.split("-")[0] == str(seed)]


@pytest.fixture(scope="session")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Reading]:
    return {}


@pytest.fixture
def reading(seed: int, readings: dict[int, Reading], tmp_path_factory: pytest.TempPathFactory) -> Reading:
    number = seed // SIZE
    if number not in readings:
        made = batch([each for each in SEEDS if each // SIZE == number])
        path = write.save(tmp_path_factory.mktemp("differential") / f"{number}.pcapng", made.records)
        truths = {each.stream: expected(each) for each in made.conversations}
        readings[number] = Reading(made, path, truths)
    return readings[number]


def seeds() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "seed", [pytest.param(seed, id=f"seed-{seed}-{NAMES[seed % len(NAMES)]}") for seed in SEEDS]
    )


def need_tshark(exactly: tuple[int, int] | None = None) -> None:
    """Skip where there is no tshark, or not of that version, whose answers are known; as for every program, none at
    all is a failure where CI=true."""
    need("tshark")
    version = tshark.version()
    if exactly is not None and (version is None or version[:2] != exactly):
        pytest.skip(f"needs tshark {exactly[0]}.{exactly[1]}, there is {version}")


@seeds()
def test_exchanges_are_the_true_ones(seed: int, reading: Reading) -> None:
    faults = []
    for each in reading.of(seed):
        records = [record for record in reading.ours("list") if record["stream"] == each.stream]
        faults += compare.exchanges(reading.truths[each.stream], records)
    assert not faults, "\n".join(faults)


@seeds()
def test_streams_are_the_true_ones(seed: int, reading: Reading) -> None:
    records = {record["stream"]: record for record in reading.ours("streams")}
    faults = [
        fault
        for each in reading.of(seed)
        for fault in compare.stream(reading.truths[each.stream], records[each.stream])
    ]
    assert not faults, "\n".join(faults)


@seeds()
def test_packets_are_the_true_ones(seed: int, reading: Reading) -> None:
    records = {record["packet"]: record for record in reading.ours("packets")}
    faults = [fault for each in reading.of(seed) for fault in compare.packets(reading.truths[each.stream], records)]
    assert not faults, "\n".join(faults)


@pytest.mark.programs
@seeds()
def test_analysis_and_window_are_those_of_tshark(seed: int, reading: Reading) -> None:
    need_tshark(exactly=(4, 0))
    records = {record["packet"]: record for record in reading.ours("packets")}
    faults = []
    for each in reading.of(seed):
        for packet in reading.tshark()[each.stream]:
            record = records[packet.packet]
            one, other = set(record["analysis"]), packet.analysis
            if one != other:
                faults.append(f"packet {packet.packet}: analysis is {sorted(one)}, tshark has {sorted(other)}")
            if record["window"] != packet.window:
                faults.append(f"packet {packet.packet}: window is {record['window']}, tshark has {packet.window}")
    assert not faults, "\n".join(faults)


@pytest.mark.programs
@seeds()
def test_tshark_finds_the_truth_or_fails_for_a_known_reason(seed: int, reading: Reading) -> None:
    """The generator's own check, and the list of what tshark gets wrong."""
    need_tshark(exactly=(4, 0))
    for each in reading.of(seed):
        found = against.compare(each, reading.truths[each.stream], reading.tshark().get(each.stream, []))
        assert not found.packets, "\n".join(found.packets)
        if deviations := found.exchanges + found.pairs + found.bodies:
            reasons = against.features(each) & against.REASONS.keys()
            assert reasons, "tshark is wrong for a reason that is not known:\n" + "\n".join(deviations)


def test_exchanges_are_numbered_without_gaps_and_in_order(tmp_path: Path) -> None:
    made = batch([seed for seed in SEEDS if NAMES[seed % len(NAMES)] == "undisturbed"][:10])
    records = ours.command("list", write.save(tmp_path / "order.pcapng", made.records))
    assert [record["no"] for record in records] == list(range(1, len(records) + 1))
    begun = [record["request"]["first_packet"] for record in records]
    assert begun == sorted(begun)
