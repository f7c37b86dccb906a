"""Several captures as one: order, doubles, damage, and how many files are open."""

from __future__ import annotations

import gzip
import io
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from httptrace.capture import merge
from httptrace.capture.merge import open_captures
from httptrace.errors import CaptureError, UsageError
from tests.capture.captures import Section, Seen, as_seen, sample_packets, save, seen

Packets = list[tuple[int, bytes]]
Save = Callable[..., list[str]]


@pytest.fixture
def files(tmp_path: Path) -> Save:
    def write(*captures: Packets) -> list[str]:
        return [save(tmp_path / f"{index}.pcap", packets) for index, packets in enumerate(captures)]

    return write


def read_all(paths: list[str]) -> tuple[list[Seen], int]:
    with open_captures(paths) as captures:
        frames = [seen(frame) for frame in captures.frames()]
        assert captures.bytes_read == captures.size == sum(os.path.getsize(path) for path in paths)
        assert captures.damage == []
        return frames, captures.duplicates


def times(*values: int) -> Packets:
    """Packets of these times, told apart by the order they stand in."""
    return [(value, f"{value}/{at}".encode()) for at, value in enumerate(values)]


@pytest.mark.parametrize(
    ("captures", "order", "duplicates"),
    [
        pytest.param([[(3, b"c")], [(1, b"a"), (2, b"b")]], b"abc", 0, id="rotated-files-named-in-any-order"),
        pytest.param([[(1, b"a"), (3, b"c")], [(2, b"b"), (4, b"d")]], b"abcd", 0, id="interleaved"),
        pytest.param([[(1, b"x"), (1, b"y")], [(1, b"z")]], b"xyz", 0, id="one-time-in-the-order-of-the-files"),
        pytest.param([[(1, b"a"), (2, b"b")], [(2, b"b"), (3, b"c")]], b"abc", 1, id="overlap-counts-once"),
        pytest.param([[(1, b"a"), (1, b"a")], [(2, b"b")]], b"aab", 0, id="one-file-may-repeat-itself"),
        pytest.param([[(1, b"a"), (1, b"a")], [(1, b"a")]], b"aa", 1, id="as-many-as-the-fuller-file-holds"),
        pytest.param([[(1, b"a")], [(1, b"a"), (1, b"a")]], b"aa", 1, id="whichever-comes-first"),
        pytest.param([[(1, b"a")], [(1, b"a")], [(1, b"a")]], b"a", 2, id="three-files"),
        pytest.param([[(1, b"a")], [(2, b"a")]], b"aa", 0, id="same-bytes-at-another-time"),
        pytest.param([[(1, b"a"), (5, b"e"), (2, b"b")], [(3, b"c"), (6, b"f")]], b"acebf", 0, id="unsorted-file"),
        pytest.param(
            [[(1, b"a"), (4, b"d"), (3, b"c"), (5, b"e")], [(4, b"d"), (3, b"c"), (5, b"e")]],
            b"adce",
            3,
            id="overlap-of-unsorted-files",
        ),
        pytest.param([[], [(1, b"a")], []], b"a", 0, id="files-without-packets"),
    ],
)
def test_order_and_doubles(files: Save, captures: list[Packets], order: bytes, duplicates: int) -> None:
    frames, dropped = read_all(files(*captures))
    assert b"".join(frame[0] for frame in frames) == order
    assert dropped == duplicates


@pytest.mark.parametrize("seed", range(30))
def test_overlapping_slices_of_one_capture_are_that_capture(files: Save, seed: int) -> None:
    rng = random.Random(seed)
    whole = [(rng.choice((at, at // 5 * 5)), rng.randbytes(3)) for at in range(100)]
    whole.sort(key=lambda packet: packet[0])
    cuts = sorted(rng.sample(range(100), 4))
    ends = [min(100, cut + rng.randint(0, 10)) for cut in cuts] + [100]
    slices = [whole[begin:end] for begin, end in zip([0, *cuts], ends, strict=True)]
    frames, duplicates = read_all(files(*slices))
    # Of one time, the order of the files decides, which is that of the capture.
    assert sorted(frames) == sorted(as_seen(whole))
    assert [frame[2] for frame in frames] == [time for time, _ in whole]
    assert duplicates == sum(map(len, slices)) - 100


def test_one_damaged_file_among_several(files: Save) -> None:
    paths = files(times(1, 4, 7), times(2, 5, 8), times(3, 6, 9))
    for at in (1, 2):
        content = Path(paths[at]).read_bytes()
        Path(paths[at]).write_bytes(content[: -1 if at == 1 else 30])
    frames: list[int] = []
    with open_captures(paths) as captures:
        with pytest.raises(CaptureError) as caught:
            frames.extend(frame[4] for frame in captures.frames())
        assert frames == [1, 2, 4, 5, 7]
        assert [error.path for error in captures.damage] == [paths[2], paths[1]]
        assert caught.value is captures.damage[0]
        assert captures.bytes_read == captures.size


def test_one_damaged_file_alone(files: Save) -> None:
    (path,) = files(times(1, 2))
    Path(path).write_bytes(Path(path).read_bytes()[:-1])
    with open_captures([path]) as captures:
        with pytest.raises(CaptureError) as caught:
            list(captures.frames())
        assert captures.damage == [caught.value]


def test_no_capture_among_several(files: Save, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with pytest.raises(UsageError, match="text: is no capture"):
        open_captures([*files(times(1)), str(tmp_path / "text")])


def test_arguments() -> None:
    with pytest.raises(UsageError, match="no capture was named"):
        open_captures([])
    with pytest.raises(UsageError, match="only once"):
        open_captures(["-", "-"])


def test_standard_input_among_files(files: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = files(times(1, 3), times(2, 4))

    class Stdin:
        buffer = io.BytesIO(gzip.compress(Path(second).read_bytes()))

    monkeypatch.setattr(sys, "stdin", Stdin)
    with open_captures([first, "-"]) as captures:
        assert [frame[4] for frame in captures.frames()] == [1, 2, 3, 4]
        assert captures.size is None


def test_a_file_that_vanishes(files: Save) -> None:
    paths = files(times(1), times(2))
    with open_captures(paths) as captures:
        os.remove(paths[1])
        with pytest.raises(CaptureError, match="changed since it was opened"):
            list(captures.frames())


def test_facts_of_all_files(tmp_path: Path) -> None:
    section = Section()
    paths = []
    for at in (1, 2):
        paths.append(str(tmp_path / f"{at}.pcapng"))
        blocks = [section.secrets(b"key %d" % at), section.interface(1, at), section.statistics(0, at)]
        Path(paths[-1]).write_bytes(section.header() + b"".join(blocks) + section.enhanced(at, b"a"))
    with open_captures(paths) as captures:
        secrets = captures.secrets
        assert len(list(captures.frames())) == 2
        assert secrets == [b"key 1", b"key 2"]
        assert ([interface.snap_length for interface in captures.interfaces], captures.drops) == ([1, 2], 3)


def test_rotated_files_are_open_one_after_the_other(files: Save) -> None:
    packets = sample_packets(300)
    paths = files(*(packets[at : at + 10] for at in range(0, 300, 10)))
    random.Random(1).shuffle(paths)
    with open_captures(paths) as captures:
        frames = []
        for frame in captures.frames():
            frames.append(seen(frame))
            assert len(captures._open) <= 1
    assert frames == as_seen(packets)


@pytest.mark.parametrize("held", [0, 3], ids=["none-held-open", "some-held-open"])
def test_more_files_at_a_time_than_are_held_open(files: Save, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(merge, "HELD_OPEN", held)
    packets = sample_packets(300)
    paths = files(*(packets[at::20] for at in range(20)))
    frames, _ = read_all(paths)
    assert frames == as_seen(packets)


def test_doubles_remembered_are_bounded(files: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge, "SAME_TIME", 2000)
    packets = [(1, bytes([at]) * 9) for at in range(50)]
    with open_captures(files(packets, packets)) as captures:
        assert len(list(captures.frames())) + captures.duplicates == 100
        assert len(captures.facts.remarks) == 1
