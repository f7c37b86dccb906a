"""The reference corpus of the peers' captures, where it stands beside the project; and every capture's ledger."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from httptrace.capture.merge import open_captures
from httptrace.errors import CaptureError
from httptrace.ledger import DirectionLedger, Share
from httptrace.model import Exchange
from httptrace.pipeline import Analyzer
from tests.programs import IN_EARNEST

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"
OWN = sorted(path for path in (ROOT / "captures").iterdir() if path.suffix in (".pcap", ".pcapng"))
PEERS = sorted(path for path in CORPUS.glob("*") if path.suffix not in (".json", ".md")) if CORPUS.is_dir() else []

#: With CI=true a shared folder without its corpus is a fault, not a reason to skip.
EXPECTED = bool(PEERS) or (IN_EARNEST and SHARED.is_dir())

needs_corpus = pytest.mark.skipif(not EXPECTED, reason="the reference corpus does not stand beside the project")


class Books:
    """Keeps the ledgers that do not balance, and the sum of what was captured."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.captured = 0

    def exchange(self, exchange: Exchange, client: Share, server: Share) -> None:
        assert client.total >= 0
        assert server.total >= 0

    def direction(self, ledger: DirectionLedger) -> None:
        self.captured += ledger.captured
        self.wrong += [f"stream {ledger.stream} {ledger.sender!r}: {problem}" for problem in ledger.problems]


def audited(path: Path) -> tuple[Books, Analyzer]:
    books = Books()
    analyzer = Analyzer(audit=books)
    with open_captures([str(path)]) as captures:
        try:
            for _ in analyzer.feed(captures.frames()):
                pass
        except CaptureError:
            pass  # what came before the damage has to balance as well
    analyzer.finish()
    return books, analyzer


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_the_ledger_of_every_capture_here_balances(path: Path) -> None:
    books, analyzer = audited(path)
    assert not books.wrong
    assert books.captured == analyzer.decoder.captured_bytes


@pytest.mark.corpus
@needs_corpus
def test_the_ledger_of_every_capture_of_the_corpus_balances() -> None:
    assert PEERS
    wrong = []
    for path in PEERS:
        books, analyzer = audited(path)
        wrong += [f"{path.name}: {problem}" for problem in books.wrong]
        if books.captured != analyzer.decoder.captured_bytes:
            wrong.append(f"{path.name}: decode counted {analyzer.decoder.captured_bytes}, streams {books.captured}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.corpus
@needs_corpus
def test_the_corpus_is_read_as_its_answers_say() -> None:
    command = [
        sys.executable,
        str(SHARED / "tools" / "fidelity.py"),
        "--cmd",
        f"{sys.executable} -m httptrace",
        "--without-h2",
        "--except",
        str(ROOT / "docs" / "disagreements.txt"),
        str(CORPUS),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_ledger_balances_where_the_ack_of_a_fin_comes_before_the_fin(tmp_path: Path) -> None:
    from tests.build import conversation, get, ok

    whole = conversation(get("/a"), ok(b"1"))
    last = len(whole.segments)
    path = tmp_path / "swapped.pcap"
    conversation(get("/a"), ok(b"1"), swap=[(last - 1, last)]).save(path)
    books, _ = audited(path)
    assert not books.wrong


def test_the_ledger_balances_where_an_ack_jumps_beyond_a_fin(tmp_path: Path) -> None:
    from tests.build import ACK, CLIENT, FIN, SERVER, conversation, get, ok, segment

    path = tmp_path / "jump.pcap"
    jump = [(5, segment(SERVER, 100, flags=FIN | ACK)), (5, segment(CLIENT, 37, ack=1_000_000))]
    conversation(get("/a"), ok(b"1"), closing="none", insert=jump).save(path)
    books, _ = audited(path)
    assert not books.wrong
