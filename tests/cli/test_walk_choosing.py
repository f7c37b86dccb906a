"""Which connection `walk` tells, and that it says so where there is none, where none has HTTP, where no packet is in
the range: of files, of large files, of pipes."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest

from httptrace.cli.verbs import walk_
from tests.build import Capture, conversation, get, ok, together
from tests.generate import write


@pytest.fixture
def piped(httptrace, monkeypatch):
    """`walk -` of these bytes."""

    def walk(data: bytes, *options: str) -> Any:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        return httptrace("walk", "-", *options)

    return walk


def other(length: int = 100, **more: Any) -> Capture:
    """A connection that speaks something else than HTTP."""
    return conversation(b"\x00" * length, b"\x01" * length, client=("192.0.2.9", 45000), **more)


def page(**more: Any) -> Capture:
    return conversation(get("/page"), ok(b"x" * 3000), **more)


def entries(text: str) -> list[str]:
    """What is told from the line of the stream to the last number; a file's columns are as wide as its numbers."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return lines[next(place for place, line in enumerate(lines) if line.startswith("stream ")) : lines.index("", 6)]


@pytest.mark.parametrize(
    "options",
    [[], ["--all-streams"], ["--all-streams", "--ladder"], ["--all-streams", "--step"], ["--stream", "0"]],
    ids=" ".join,
)
def test_no_connection_at_all(httptrace, piped, tmp_path, options: list[str]) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(write.pcap([]))
    result = httptrace("walk", path, *options)
    assert (result.status, result.text) == (2, "")
    assert "there is no TCP connection in this capture" in result.err
    if not set(options) & {"--all-streams", "--step"}:
        assert piped(path.read_bytes(), *options).err == result.err


def test_a_pipe_without_http_tells_its_first_connection(httptrace, piped, tmp_path) -> None:
    capture = together(other(), other(300, server=("198.51.100.7", 99), start_ns=1_800_000_000_000_000_000))
    result = piped(capture.pcap())
    file = httptrace("walk", capture.save(tmp_path / "other.pcap"))
    assert result.status == file.status == 0
    assert entries(result.text) == entries(file.text)
    assert [line.split()[0] for line in entries(result.text) if line.startswith("No")][:3] == ["No1", "No2", "No3"]
    assert "The connection in numbers" in result.text
    assert result.err == file.err
    assert "no connection with HTTP; this is the first one" in result.err


@pytest.mark.parametrize("first_is_open", [True, False], ids=["first-stays-open", "first-closes"])
def test_http_behind_another_connection_is_found(piped, first_is_open: bool) -> None:
    first = other(closing="none" if first_is_open else "fin", start_ns=1_600_000_000_000_000_000)
    result = piped(together(first, page(start_ns=1_600_000_009_000_000_000)).pcap())
    assert (result.status, result.err) == (0, "")
    assert "client 192.0.2.1:40000" in result.text
    assert "192.0.2.9" not in result.text
    assert len([line for line in result.lines if line.startswith("No")]) > 5
    assert "The connection in numbers" in result.text


def test_a_long_first_connection_is_not_kept(httptrace, monkeypatch, tmp_path) -> None:
    """What is held of connections without HTTP has a bound; what was let go of is not told as if it were whole."""
    monkeypatch.setattr(walk_.limits, "READ_FIRST", 0)
    monkeypatch.setattr(walk_, "CANDIDATE_PACKETS", 8)
    path = other(20_000).save(tmp_path / "long.pcap")
    result = httptrace("walk", path)
    assert (result.status, result.text) == (2, "")
    assert "no connection with HTTP in this capture; httptrace summary says what is there" in result.err
    assert httptrace("walk", path, "--stream", "0").status == 0


def test_filters_that_match_nothing(piped) -> None:
    result = piped(page().pcap(), "--status", "404")
    assert (result.status, result.text) == (2, "")
    assert "no connection has an exchange that the filters let through" in result.err


def test_packets_before_the_request_of_a_pipe(piped) -> None:
    """The range ends before anything shows that this is HTTP."""
    result = piped(page().pcap(), "--packets", "2-3")
    numbers = [line.split()[0] for line in result.lines if line.startswith("No")]
    assert (result.status, result.err, numbers) == (0, "", ["No2", "No3"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--packets", "100-200"], "--packets 100-200: it has No1 to No11", id="behind-its-last"),
        pytest.param(["--packets", "100-"], "--packets 100-: it has No1 to No11", id="without-an-end"),
        pytest.param(
            ["--stream", "1", "--packets", "1-3"], "--packets 1-3: it has No12 to No22", id="before-its-first"
        ),
    ],
)
def test_no_packet_in_the_range(httptrace, piped, tmp_path, options: list[str], said: str) -> None:
    capture = together(page(), page(client=("192.0.2.5", 50000), start_ns=1_800_000_000_000_000_000))
    assert len(capture.records) % 2 == 0
    half = len(capture.records) // 2
    said = said.replace("11", str(half)).replace("12", str(half + 1)).replace("22", str(2 * half))
    for result in (httptrace("walk", capture.save(tmp_path / "two.pcap"), *options), piped(capture.pcap(), *options)):
        assert result.status == 0
        assert not [line for line in result.lines if line.startswith("No") and line[2].isdigit()]
        assert f"none of its packets is in {said}" in result.err


def test_both_languages_say_it(httptrace) -> None:
    result = httptrace("walk", "first-page.pcap", "--packets", "100-200", "--lang", "zh")
    assert "--packets 100-200 里没有它的数据包：它的数据包是 No1 到 No19" in result.err
