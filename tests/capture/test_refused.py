"""Files that cannot be followed: said once of each, and no more of them remembered than the bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from httptrace import limits
from httptrace.capture.refused import Refused
from httptrace.errors import FileError
from tests.capture.captures import as_seen, sample_packets
from tests.capture.test_follow import Reader, nothing, pcap


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


def texts(folder: Path, count: int) -> list[str]:
    """Files that are no captures."""
    paths = [folder / f"{number}.txt" for number in range(count)]
    for path in paths:
        path.write_text("no capture")
    return [str(path) for path in paths]


def refuse(refused: Refused, paths: list[str], named: bool = False) -> None:
    for path in paths:
        refused.add(path, named, FileError(path, "is no capture"))


@pytest.mark.parametrize("bound", [1, 3, 6])
def test_beyond_the_bound_nothing_is_remembered_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: int
) -> None:
    monkeypatch.setattr(limits, "FOLLOWED_NAMES", bound)
    said: list[str] = []
    refused, paths = Refused(said.append), texts(tmp_path, 6)
    refuse(refused, paths)
    refuse(refused, paths[bound:])
    assert [path in refused for path in paths] == [number < bound for number in range(6)]
    beyond = [f"{bound} files cannot be followed; those beyond are not named"] if bound < 6 else []
    assert said == [f"{path}: is no capture" for path in paths[:bound]] + beyond


def test_a_file_named_by_itself_is_always_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FOLLOWED_NAMES", 1)
    refused, paths = Refused(lambda _line: None), texts(tmp_path, 2)
    refuse(refused, paths, named=True)
    assert all(refused.identity(path) == (Path(path).stat().st_dev, Path(path).stat().st_ino) for path in paths)


@pytest.mark.parametrize(("bound", "left"), [(2, [1]), (3, [0, 1])])
def test_what_is_gone_is_forgotten_where_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: int, left: list[int]
) -> None:
    monkeypatch.setattr(limits, "FOLLOWED_NAMES", bound)
    refused, paths = Refused(lambda _line: None), texts(tmp_path, 2)
    refuse(refused, paths)
    Path(paths[0]).unlink()
    refused.make_room()
    assert [number for number in range(2) if paths[number] in refused] == left


def test_another_file_of_that_name_is_new(tmp_path: Path) -> None:
    refused, (path, other) = Refused(lambda _line: None), texts(tmp_path, 2)
    refuse(refused, [path])
    assert not refused.is_new(path)
    Path(other).replace(path)
    assert refused.is_new(path)


def test_more_than_the_bound_beside_a_capture_that_is_followed(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FOLLOWED_NAMES", 2)
    texts(tmp_path, 5)
    packets = sample_packets(3)
    (tmp_path / "a.pcap").write_bytes(pcap(packets))
    assert reader([f"{tmp_path}/*"], *[nothing] * 5) == as_seen(packets)
    assert len(reader.said) == 3
    assert reader.said[2] == "2 files cannot be followed; those beyond are not named"
