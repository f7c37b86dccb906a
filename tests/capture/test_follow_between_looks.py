"""Rotated files that come and go between two looks: their compressed copies are read, or it is said what is missing."""

from __future__ import annotations

import glob
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import pytest
import zstandard

from httptrace import limits
from httptrace.capture import follow
from tests.capture.captures import Seen, as_seen, sample_packets
from tests.capture.test_follow import Packets, Reader, Step, append, nothing, pcap

COMPRESSORS = {
    ".gz": gzip.compress,
    ".zst": zstandard.compress,
    ".xz": lzma.compress,
    ".lz4": lz4.frame.compress,
}
MISSING = "was removed before all of it was read: packets are missing"


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


@pytest.fixture
def packets() -> Packets:
    return sample_packets(30)


def copy_of(path: Path, data: bytes, ending: str = ".gz") -> Path:
    """The compressed copy of a file with that content."""
    copy = path.with_name(path.name + ending)
    copy.write_bytes(COMPRESSORS[ending](data))
    return copy


def each(*steps: Step) -> Step:
    """All of them between the same two looks."""
    return lambda: [step() for step in steps]


def listed(monkeypatch: pytest.MonkeyPatch, besides: Callable[[str], object]) -> None:
    """`besides` is done with the pattern behind each listing."""
    real = glob.glob

    def listing(pattern: str) -> list[str]:
        paths = real(pattern)
        besides(pattern)
        return paths

    monkeypatch.setattr(follow.glob, "glob", listing)


def lines(reader: Reader) -> list[str]:
    return [line for line in reader.said if "no such file yet" not in line]


# ---------------------------------------------------------------------- never seen


@pytest.mark.parametrize("pattern", ["*.pcap", "*.pcap*"])
@pytest.mark.parametrize("ending", COMPRESSORS)
def test_a_file_that_was_never_seen_is_read_from_its_copy(
    tmp_path: Path, reader: Reader, packets: Packets, ending: str, pattern: str
) -> None:
    first, second, third = (tmp_path / f"{number}.pcap" for number in range(3))
    rotate = each(
        lambda: copy_of(second, pcap(packets[10:20]), ending),
        lambda: third.write_bytes(pcap(packets[20:])),
    )
    frames = reader([f"{tmp_path}/{pattern}"], lambda: first.write_bytes(pcap(packets[:10])), rotate, nothing, nothing)
    assert frames == as_seen(packets)
    assert (lines(reader), reader.damage) == ([], [])


def test_one_that_was_compressed_before_the_last_look_is_read(tmp_path: Path, reader: Reader, packets: Packets) -> None:
    frames = reader([f"{tmp_path}/*.pcap"], lambda: copy_of(tmp_path / "it.pcap", pcap(packets)))
    assert (frames, lines(reader)) == (as_seen(packets), [])


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        pytest.param("it.pcap.bz2", b"BZh91AY&SY", "is compressed with bzip2, which is not read", id="bzip2"),
        pytest.param("it.pcap.gz", gzip.compress(b"no capture"), "is no capture", id="no-capture"),
        pytest.param("it.pcap.gz", b"", "is empty", id="empty"),
    ],
)
def test_a_copy_that_cannot_be_read_is_named_once(
    tmp_path: Path, reader: Reader, name: str, data: bytes, words: str
) -> None:
    assert reader([f"{tmp_path}/*.pcap"], lambda: (tmp_path / name).write_bytes(data), nothing, nothing) == []
    assert [words in line and name in line for line in lines(reader)] == [True]


def test_a_copy_that_is_cut_is_damage(tmp_path: Path, reader: Reader, packets: Packets) -> None:
    cut = gzip.compress(pcap(packets))[:-300]
    frames = reader([f"{tmp_path}/*.pcap"], lambda: (tmp_path / "it.pcap.gz").write_bytes(cut), nothing)
    assert 0 < len(frames) < len(packets)
    assert frames == as_seen(packets)[: len(frames)]
    assert lines(reader) == reader.damage
    assert "the gzip stream is cut short" in reader.damage[0]


def test_its_packets_come_by_time_though_its_copy_is_there_last(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, packets: Packets
) -> None:
    """Its name was still listed when the next file was there, and only then it was compressed."""
    first, second = tmp_path / "1.pcap", tmp_path / "2.pcap"

    def compress(pattern: str) -> None:
        if first.exists() and pattern.endswith(".pcap"):
            first.unlink()
            copy_of(first, pcap(packets[:10]))

    listed(monkeypatch, compress)
    both = each(lambda: first.write_bytes(pcap(packets[:10])), lambda: second.write_bytes(pcap(packets[10:])))
    assert reader([f"{tmp_path}/*.pcap"], both, nothing) == as_seen(packets)
    assert lines(reader) == []


@pytest.mark.parametrize("at_once", [True, False], ids=["at-the-first-look", "later"])
def test_a_name_that_was_listed_and_is_gone_is_said(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, packets: Packets, at_once: bool
) -> None:
    path = tmp_path / "it.pcap"
    listed(monkeypatch, lambda _pattern: path.unlink(missing_ok=True))
    write: Step = lambda: path.write_bytes(pcap(packets))  # noqa: E731
    if at_once:
        write()
    assert reader([f"{tmp_path}/*.pcap"], nothing if at_once else write, nothing) == []
    assert lines(reader) == [f"{path}: {MISSING}"]


def test_a_copy_that_was_listed_and_is_gone_is_said(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, packets: Packets
) -> None:
    path = tmp_path / "it.pcap"
    copy = f"{path}.gz"
    listed(monkeypatch, lambda pattern: pattern.endswith(".*") and Path(copy).unlink(missing_ok=True))
    assert reader([f"{tmp_path}/*.pcap"], lambda: copy_of(path, pcap(packets)), nothing) == []
    assert lines(reader) == [f"{path}: {MISSING}"]


# ---------------------------------------------------------------------- seen, so read once


@pytest.mark.parametrize("pattern", ["*.pcap", "*.pcap*"])
@pytest.mark.parametrize("remembered", [1, 10_000])
def test_copies_of_what_was_followed_are_left_alone(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, packets: Packets, remembered: int, pattern: str
) -> None:
    monkeypatch.setattr(limits, "FOLLOWED_NAMES", remembered)
    steps: list[Step] = []
    for number in range(3):
        path, data = tmp_path / f"{number}.pcap", pcap(packets[10 * number : 10 * number + 10])
        copy = path.with_name(f"{path.name}.gz")
        packed = gzip.compress(data)
        steps += [append(path, data), append(copy, packed[:20]), append(copy, packed[20:]), path.unlink]
    assert reader([f"{tmp_path}/{pattern}"], *steps, nothing) == as_seen(packets)
    assert (lines(reader), reader.damage) == ([], [])


def test_a_copy_may_come_when_its_file_is_gone_already(tmp_path: Path, reader: Reader, packets: Packets) -> None:
    path = tmp_path / "it.pcap"
    steps = [append(path, pcap(packets)), path.unlink, nothing, lambda: copy_of(path, pcap(packets)), nothing]
    assert reader([f"{tmp_path}/*.pcap"], *steps) == as_seen(packets)
    assert lines(reader) == []


def test_what_was_compressed_before_is_counted_and_not_read(tmp_path: Path, reader: Reader, packets: Packets) -> None:
    for number in range(3):
        copy_of(tmp_path / f"{number}.pcap", pcap(packets))
    (tmp_path / "folder.pcap.gz").mkdir()
    (tmp_path / "it.pcap").write_bytes(pcap(packets))
    copy_of(tmp_path / "it.pcap", pcap(packets))  # which is being compressed
    assert reader([f"{tmp_path}/*.pcap"], nothing, nothing) == as_seen(packets)
    last = tmp_path / "2.pcap.gz"
    assert lines(reader) == [
        f"{tmp_path}/*.pcap: not read, because compressed before this began: 3 (the last is {last})"
    ]


# ---------------------------------------------------------------------- how often


def looked(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packets: Packets, *, works: bool
) -> list[Seen]:
    """A file lives from one look to the next, where each listing takes 0.1 s, of the processor or of others' work."""

    def besides(_pattern: str) -> None:
        reader.script.now += 0.1
        reader.script.worked += 0.1 * works

    path = tmp_path / "it.pcap"
    steps = [nothing, append(path, pcap(packets)), path.unlink, nothing]
    listed(monkeypatch, besides)
    return reader([f"{tmp_path}/*.pcap"], *steps)


def test_a_busy_machine_is_no_reason_to_look_less_often(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, packets: Packets
) -> None:
    assert looked(reader, monkeypatch, tmp_path, packets, works=False) == as_seen(packets)


def test_listings_that_are_much_work_are_made_seldom(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, packets: Packets
) -> None:
    assert looked(reader, monkeypatch, tmp_path, packets, works=True) == []
