"""The quick part of the differential test: httptrace against the truth, in this process, without other
programs."""

from __future__ import annotations

import pytest

from tests.generate import write
from tests.generate.conversation import NAMES, Batch, batch
from tests.generate.truth import expected

from . import compare, ours

SEEDS = range(1000, 1020)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[Batch, list[ours.Record]]:
    made = batch(list(SEEDS))
    path = write.save(tmp_path_factory.mktemp("quick") / "quick.pcapng", made.records)
    return made, ours.exchanges(path)


@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed-{seed}-{NAMES[seed % len(NAMES)]}") for seed in SEEDS])
def test_exchanges_are_the_true_ones(seed: int, read: tuple[Batch, list[ours.Record]]) -> None:
    made, records = read
    for each in made.conversations:
        if each.name.split("-")[0] == str(seed):
            found = [record for record in records if record["stream"] == each.stream]
            faults = compare.exchanges(expected(each), found)
            assert not faults, "\n".join(faults)
