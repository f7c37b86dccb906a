"""What the benchmark's writer says of a capture is what stands in it, and httptrace finds all of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from benchmarks.rows import ROWS, TRAFFIC, Capture, Row, capture, generator_version
from httptrace import read
from httptrace.capture.merge import open_captures
from httptrace.model import Exchange
from httptrace.pipeline import Analyzer

SIZE = {"mixed": 1_500, "lossy": 6_000, "overlapping": 60, "slow-head": 2_000}
USUAL_SIZE = 600


def made(row: Row, folder: Path) -> Capture:
    return capture(row, SIZE.get(row.name, USUAL_SIZE), folder)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_truth_is_what_httptrace_counts(row: Row, tmp_path: Path) -> None:
    truth = made(row, tmp_path)
    exchanges: list[Exchange] = []
    analyzer = Analyzer(on_exchange=exchanges.append)
    with open_captures([str(truth.path)]) as captures:
        for _ in analyzer.feed(captures.frames()):
            pass
    analyzer.finish()
    assert (analyzer.decoder.packets, analyzer.tracker.connections, len(exchanges)) == (
        truth.packets,
        truth.connections,
        truth.exchanges,
    )
    assert truth.exchanges
    assert truth.octets == truth.path.stat().st_size


@pytest.mark.parametrize("name", [name for name in ROWS if name not in ("lossy", "hold")])
def test_nothing_is_odd_where_nothing_is_missing(name: str, tmp_path: Path) -> None:
    exchanges = list(read(made(ROWS[name], tmp_path).path))
    assert [note.text for exchange in exchanges for note in exchange.notes] == []
    assert all(exchange.request is not None and exchange.request.complete for exchange in exchanges)
    assert all(exchange.response is not None and exchange.response.complete for exchange in exchanges)


def test_hold_leaves_every_second_response_open(tmp_path: Path) -> None:
    exchanges = list(read(made(TRAFFIC["hold"], tmp_path).path))
    complete = [exchange.response.complete for exchange in exchanges if exchange.response is not None]
    assert complete.count(True) == complete.count(False) == len(exchanges) // 2


def test_lossy_shows_its_losses(tmp_path: Path) -> None:
    codes = {note.code for exchange in read(made(TRAFFIC["lossy"], tmp_path).path) for note in exchange.notes}
    assert "content-gap" in codes


@pytest.mark.parametrize("name", ["mixed", "keep-alive", "close", "hold"])
def test_no_two_heads_are_alike(name: str, tmp_path: Path) -> None:
    exchanges = list(read(made(TRAFFIC[name], tmp_path).path))
    for field in ("cookie", "etag"):
        values = [
            message.value(field)
            for exchange in exchanges
            for message in (exchange.request, exchange.response)
            if message is not None and message.value(field) is not None
        ]
        assert len(values) == len(set(values)) > 10, field
    targets = [exchange.request.target for exchange in exchanges if exchange.request is not None]
    assert len(set(targets)) == len(targets)


def test_repeating_heads_are_alike(tmp_path: Path) -> None:
    exchanges = list(read(made(TRAFFIC["keep-alive-repeating"], tmp_path).path))
    assert len({str(exchange.request.headers) for exchange in exchanges if exchange.request is not None}) == 1
    assert len({str(exchange.response.headers) for exchange in exchanges if exchange.response is not None}) == 1


def test_mixed_has_what_pages_are_made_of(tmp_path: Path) -> None:
    exchanges = list(read(capture(TRAFFIC["mixed"], 6_000, tmp_path).path))
    responses = [exchange.response for exchange in exchanges if exchange.response is not None]
    assert {response.status for response in responses} == {200, 201, 302, 304}
    assert {"gzip", None} == {response.body.encoding for response in responses}
    assert {"none", "length", "chunked"} == {response.body.framing for response in responses}
    assert {exchange.request.method for exchange in exchanges if exchange.request is not None} == {"GET", "POST"}
    hashes = [response.body.sha256 for response in responses if response.body.size]
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_same_octets_each_time(row: Row) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    size = min(SIZE.get(row.name, USUAL_SIZE), 600)
    row.write(first, size)
    row.write(second, size)
    assert first.getvalue() == second.getvalue()


@pytest.mark.parametrize("name", [*TRAFFIC, "one-byte", "slow-head"])
def test_sizes_are_about_what_was_asked_for(name: str, tmp_path: Path) -> None:
    truth = capture(ROWS[name], 6_000, tmp_path)
    assert 6_000 <= truth.packets <= 14_000  # connections that were begun are finished


def test_a_capture_is_written_once_a_version(tmp_path: Path) -> None:
    row = TRAFFIC["close"]
    older = tmp_path / "close-600-0123456789.pcap"
    older.touch()
    first = capture(row, 600, tmp_path)
    written = first.path.stat().st_mtime_ns
    assert not older.exists()
    assert generator_version() in first.path.name
    assert capture(row, 600, tmp_path) == first
    assert first.path.stat().st_mtime_ns == written
