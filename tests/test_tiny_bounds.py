"""Bounds as small as can be: nothing is counted twice or lost, and what was taken is given back."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from httptrace.capture.merge import open_captures
from httptrace.errors import CaptureError
from httptrace.ledger import DirectionLedger, Share
from httptrace.limits import KIB, Bounds, Rooms
from httptrace.model import Exchange
from httptrace.pipeline import Analyzer, Options
from tests.build import Capture
from tests.generate.conversation import batch

CAPTURES = Path(__file__).parent.parent / "captures"


class Balance:
    """Takes the ledger."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        """Counted in the directions."""

    def direction(self, ledger: DirectionLedger) -> None:
        self.problems += ledger.problems


TINY = Bounds(*(1, 2_000, 1_000, 4, 0, 4_000, 1, 300, 300, 64 * KIB, 2))
NOTHING = Bounds(*(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0))


@pytest.mark.parametrize("bounds", [TINY, NOTHING], ids=["tiny", "nothing"])
@pytest.mark.parametrize("path", sorted(CAPTURES.glob("*.pcap*")), ids=lambda path: path.name)
def test_the_ledger_balances_whatever_the_bounds(path: Path, bounds: Bounds) -> None:
    balance = Balance()
    analyzer = Analyzer(Options(bounds=bounds), audit=balance)
    with open_captures([str(path)]) as captures:
        with suppress(CaptureError):
            for _ in analyzer.feed(captures.frames()):
                pass
        analyzer.finish()
    assert balance.problems == []
    assert all(getattr(analyzer.rooms, name).left == getattr(Rooms(bounds), name).left for name in Rooms.__slots__)


@pytest.mark.parametrize("seed", range(12), ids=lambda seed: f"seed-{seed}")
def test_the_ledger_of_disturbed_conversations_balances_whatever_the_bounds(seed: int) -> None:
    made = batch(list(range(30 * seed, 30 * seed + 30)))
    for bounds in (TINY, NOTHING):
        balance = Balance()
        analyzer = Analyzer(Options(bounds=bounds), audit=balance)
        for _ in analyzer.feed(Capture(made).frames()):
            pass
        analyzer.finish()
        assert balance.problems == []
        assert all(getattr(analyzer.rooms, name).left == getattr(Rooms(bounds), name).left for name in Rooms.__slots__)
