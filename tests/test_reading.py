"""`httptrace.read`: what its documentation says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import httptrace
from httptrace.errors import CaptureError, UsageError
from tests.build import conversation, get, ok

PATH = Path("captures") / "keep-alive.pcap"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return conversation(get("/a"), ok(b"one"), get("/b"), ok(b"two"), get("/c"), ok(b"three")).save(tmp_path / "a.pcap")


def test_exchanges_come_in_order_of_their_numbers(capture: Path) -> None:
    exchanges = list(httptrace.read(capture))
    assert [one.no for one in exchanges] == [1, 2, 3]
    assert [one.request and one.request.target for one in exchanges] == ["/a", "/b", "/c"]


def test_a_path_may_be_a_string(capture: Path) -> None:
    assert len(list(httptrace.read(str(capture)))) == 3


def test_several_files_are_one_capture_in_time_order(tmp_path: Path) -> None:
    late = conversation(get("/late"), ok(), start_ns=2 * 10**18, client=("192.0.2.9", 9)).save(tmp_path / "1.pcap")
    early = conversation(get("/early"), ok(), start_ns=10**18).save(tmp_path / "2.pcap")
    exchanges = list(httptrace.read(late, early))
    assert [(one.no, one.stream, one.request and one.request.target) for one in exchanges] == [
        (1, 0, "/early"),
        (2, 1, "/late"),
    ]


@pytest.mark.parametrize("keep", [0, 2, 100])
def test_bodies_are_kept_where_they_are_asked_for(capture: Path, keep: int) -> None:
    bodies = [one.response.body.content for one in httptrace.read(capture, keep_bodies=keep) if one.response]
    assert bodies == ([None] * 3 if not keep else [body[:keep] for body in (b"one", b"two", b"three")])


def test_no_hash_where_none_is_wanted(capture: Path) -> None:
    for hashed in (True, False):
        for one in httptrace.read(capture, hash_bodies=hashed):
            assert one.response
            assert (one.response.body.sha256 is not None) is hashed


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="not-there"),
        pytest.param(b"", id="0-bytes"),
        pytest.param(b"no capture " * 9, id="no-capture"),
    ],
)
def test_what_is_no_capture_is_a_usage_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.pcap"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError):
        list(httptrace.read(path))


def test_everything_before_the_damage_is_given_first(capture: Path) -> None:
    whole = capture.read_bytes()
    capture.write_bytes(whole[:-30])
    reading = httptrace.read(capture)
    assert [next(reading).no for _ in range(3)] == [1, 2, 3]
    with pytest.raises(CaptureError) as raised:
        next(reading)
    assert raised.value.offset <= len(whole)
    assert str(capture) in str(raised.value)


def test_an_empty_capture_has_no_exchanges(tmp_path: Path, capture: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(capture.read_bytes()[:24])
    assert list(httptrace.read(path)) == []


def test_exchanges_are_given_while_the_capture_is_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A capture of any size takes bounded memory: the first exchanges come long before its end."""
    turns = [turn for number in range(3_000) for turn in (get(f"/{number}"), ok(b"x"))]
    path = conversation(*turns).save(tmp_path / "long.pcap")
    finished: list[int] = []
    monkeypatch.setattr("httptrace.pipeline.Analyzer.finish", lambda self: finished.append(1))
    reading = httptrace.read(path)
    assert [next(reading).no for _ in range(1_000)] == list(range(1, 1_001))
    assert not finished


def test_standard_input(capture: Path) -> None:
    program = "import httptrace; print(len(list(httptrace.read('-'))))"
    done = subprocess.run(
        [sys.executable, "-c", program], input=capture.read_bytes(), capture_output=True, check=True, timeout=60
    )
    assert done.stdout.strip() == b"3"


def test_reading_twice_gives_the_same() -> None:
    assert list(httptrace.read(PATH)) == list(httptrace.read(PATH))
