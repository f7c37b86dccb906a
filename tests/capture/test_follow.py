"""Captures that grow: every packet once and in order, whatever the files' sizes, names and fates."""

from __future__ import annotations

import gzip
import io
import os
import random
import types
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from httptrace.capture import follow
from httptrace.capture.follow import Followed, is_pattern
from httptrace.capture.waiting import LOOK, Waiting
from httptrace.capture.write import write_pcap
from httptrace.errors import UsageError
from httptrace.lang import speaking, told
from tests.capture.captures import BEGIN, Section, Seen, as_seen, mixed_pcapng, sample_packets, seen

Packets = list[tuple[int, bytes]]
Step = Callable[[], object]


class Script(Waiting):
    """Instead of waiting, does what others do meanwhile; reading ends behind the last step."""

    def __init__(self, *steps: Step) -> None:
        super().__init__(lambda: None)
        self.now = 0.0
        self.worked = 0.0
        self.steps = list(steps)

    def look_again(self) -> None:
        if self.steps:
            self.steps.pop(0)()
            self.now += 10 * LOOK
        else:
            self.stop()

    @property
    def clocks(self) -> types.SimpleNamespace:
        """What stands for `time`."""
        return types.SimpleNamespace(monotonic=lambda: self.now, thread_time=lambda: self.worked)


class Reader:
    """Follows paths through a script."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.said: list[str] = []
        self.damage: list[str] = []

    def __call__(self, paths: list[Path | str], *steps: Step) -> list[Seen]:
        self.script = script = Script(*steps)
        self._monkeypatch.setattr(follow, "time", script.clocks)
        with Followed([str(path) for path in paths], script, self.say) as captures:
            frames = [seen(frame) for frame in captures.frames()]
            assert script.steps == [], "reading ended before the script"
            self.damage = [str(error) for error in captures.damage]
        return frames

    def say(self, line: str) -> None:
        """Keep a line; in Chinese it has to be another one."""
        with speaking("zh"):
            assert told(line) != line, "this is said in English alone"
        self.said.append(line)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


def pcap(packets: Packets) -> bytes:
    file = io.BytesIO()
    write_pcap(file, 1, packets)
    return file.getvalue()


def pcapng(packets: Packets) -> bytes:
    section = Section()
    blocks = [section.enhanced(time_ns, packet) + section.custom(b"between") for time_ns, packet in packets]
    return section.header() + section.interface(1, 0, {9: b"\x09"}) + b"".join(blocks)


def append(path: Path, data: bytes) -> Step:
    def step() -> None:
        with path.open("ab") as file:
            file.write(data)

    return step


def nothing() -> None:
    """A look that finds everything as it was."""


# ---------------------------------------------------------------------- one file


@pytest.mark.parametrize("content", [pcap, pcapng], ids=["pcap", "pcapng"])
@pytest.mark.parametrize("seed", range(8))
def test_a_file_that_grows_by_any_pieces(tmp_path: Path, reader: Reader, seed: int, content) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(seed)
    packets = sample_packets(60, seed)
    data = content(packets)
    cuts = sorted(rng.randrange(len(data)) for _ in range(rng.choice((1, 10, 200))))
    path = tmp_path / "it"
    path.touch()
    steps = [append(path, data[low:high]) for low, high in pairwise([0, *cuts, len(data)])]
    assert reader([path], *steps, nothing) == as_seen(packets)
    assert (reader.said, reader.damage) == ([], [])


def test_byte_by_byte_every_kind_of_block(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "it"
    path.touch()
    data = mixed_pcapng()
    whole = tmp_path / "whole"
    whole.write_bytes(data)
    frames = reader([path], *(append(path, data[at : at + 1]) for at in range(len(data))))
    assert frames == reader([whole])
    assert len(frames) == 4


def test_each_packet_is_given_as_soon_as_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Reader
) -> None:
    path = tmp_path / "it"
    packets = [(BEGIN, b"first"), (BEGIN + 1, b"second")]
    data = pcap(packets)
    path.write_bytes(data[:-3])
    given: list[list[bytes]] = []
    frames: list[bytes] = []

    def look() -> None:
        given.append(list(frames))

    script = Script(look, append(path, data[-3:-1]), look, append(path, data[-1:]), look)
    monkeypatch.setattr(follow, "time", script.clocks)
    with Followed([str(path)], script, reader.say) as captures:
        for frame in captures.frames():
            frames.append(seen(frame)[0])  # noqa: PERF401  # each as it comes
    assert given == [[b"first"], [b"first"], [b"first", b"second"]]


def test_a_record_cut_at_the_end_is_no_damage(tmp_path: Path, reader: Reader) -> None:
    packets = sample_packets(3)
    path = tmp_path / "it"
    path.write_bytes(pcap(packets)[:-1])
    assert reader([path], nothing) == as_seen(packets)[:2]
    assert (reader.said, reader.damage) == ([], [])


def test_damage_is_said_once_and_ends_a_file(tmp_path: Path, reader: Reader) -> None:
    packets = sample_packets(3)
    path = tmp_path / "it"
    path.write_bytes(pcap(packets) + b"\xff" * 16)
    assert reader([path]) == as_seen(packets)  # no step is needed: nothing more can come
    assert len(reader.said) == 1
    assert reader.said == reader.damage
    assert "the record claims" in reader.said[0]


# ---------------------------------------------------------------------- a file that is another one now


def test_emptied_and_written_anew(tmp_path: Path, reader: Reader) -> None:
    first, second = sample_packets(5, 1), sample_packets(3, 2)
    path = tmp_path / "it"
    path.write_bytes(pcap(first))
    frames = reader([path], lambda: path.write_bytes(pcap(second)[:30]), append(path, pcap(second)[30:]))
    assert frames == as_seen(first) + as_seen(second)
    assert reader.said == [f"{path}: was emptied; going on with what is written to it now"]


def test_written_anew_and_already_larger(tmp_path: Path, reader: Reader) -> None:
    first, second = sample_packets(3, 1), sample_packets(50, 2)
    path = tmp_path / "it"
    path.write_bytes(pcap(first))
    assert reader([path], lambda: path.write_bytes(pcap(second))) == as_seen(first) + as_seen(second)
    assert len(reader.said) == 1


def test_written_anew_before_all_was_read(tmp_path: Path, reader: Reader) -> None:
    first, second = sample_packets(3, 1), sample_packets(50, 2)
    path = tmp_path / "it"
    path.write_bytes(pcap(first)[:-1])
    assert reader([path], lambda: path.write_bytes(pcap(second))) == as_seen(first)[:2] + as_seen(second)
    assert reader.said == [f"{path}: was written anew before all of it was read: packets are missing"]


@pytest.mark.parametrize("gone_between", [False, True], ids=["at-once", "gone-for-a-while"])
def test_replaced_by_another_file(tmp_path: Path, reader: Reader, gone_between: bool) -> None:
    first, second = sample_packets(8)[:5], sample_packets(8)[5:]
    path, other = tmp_path / "it", tmp_path / "other"
    path.write_bytes(pcap(first)[:-1])
    other.write_bytes(pcap(second))

    def finish_and_replace() -> None:
        append(path, pcap(first)[-1:])()  # what came since the last look is still read
        if gone_between:
            path.unlink()
        else:
            os.replace(other, path)

    steps = [lambda: os.replace(other, path), nothing] if gone_between else [nothing]
    assert reader([path], finish_and_replace, *steps) == as_seen(first) + as_seen(second)
    assert [line.removeprefix(f"{path}: ") for line in reader.said] == (
        ["was removed; waiting for it to come back", "is there again; going on with that"]
        if gone_between
        else ["was replaced by another file; going on with that"]
    )


def test_replaced_by_what_is_no_capture(tmp_path: Path, reader: Reader) -> None:
    first, second = sample_packets(5, 1), sample_packets(3, 2)
    path, other, third = tmp_path / "it", tmp_path / "other", tmp_path / "third"
    path.write_bytes(pcap(first))
    other.write_text("no capture at all")
    third.write_bytes(pcap(second))
    frames = reader([path], lambda: os.replace(other, path), nothing, lambda: os.replace(third, path))
    assert frames == as_seen(first) + as_seen(second)
    assert "is no capture" in reader.said[1]


def test_a_cut_file_that_was_replaced_is_damage(tmp_path: Path, reader: Reader) -> None:
    first, second = sample_packets(5, 1), sample_packets(3, 2)
    path, other = tmp_path / "it", tmp_path / "other"
    path.write_bytes(pcap(first)[:-1])
    other.write_bytes(pcap(second))
    assert reader([path], lambda: os.replace(other, path), nothing) == as_seen(first)[:4] + as_seen(second)
    assert "the file ends inside a record" in reader.damage[0]


# ---------------------------------------------------------------------- rotated files


@pytest.mark.parametrize("keep", [None, 1, 3], ids=["all-kept", "one-name", "three-names-in-turn"])
@pytest.mark.parametrize("seed", range(6))
def test_rotated_files(tmp_path: Path, reader: Reader, seed: int, keep: int | None) -> None:
    """As tcpdump -C writes them, and with -W, where names come round again."""
    rng = random.Random(seed)
    packets = sample_packets(120, seed)
    steps: list[Step] = []
    number = done = 0
    while done < len(packets):
        count = rng.randint(1, 20)
        path = tmp_path / f"cap{number if keep is None else number % keep}.pcap"
        data = pcap(packets[done : done + count])
        cuts = [0, *sorted(rng.randrange(1, len(data)) for _ in range(rng.randint(0, 4))), len(data)]
        steps.append(lambda path=path, data=data[: cuts[1]]: path.write_bytes(data))  # type: ignore[misc]
        steps += [append(path, data[low:high]) for low, high in pairwise(cuts[1:])]
        done += count
        number += 1
    assert reader([f"{tmp_path}/*.pcap"], *steps) == as_seen(packets)
    assert reader.damage == []
    assert reader.said == [f"{tmp_path}/*.pcap: no such file yet; waiting for one"]


@pytest.mark.parametrize("recent", [1, 100])
def test_what_is_there_already_comes_by_time_whatever_the_names(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, recent: int
) -> None:
    monkeypatch.setattr(follow, "_RECENT", recent)
    packets = sample_packets(100)
    for at in range(10):
        (tmp_path / f"{(7 * at) % 10}.pcap").write_bytes(pcap(packets[10 * at : 10 * at + 10]))
    path = tmp_path / "next.pcap"
    more = [(time_ns + 10**12, packet) for time_ns, packet in packets]
    assert reader([f"{tmp_path}/*.pcap"], append(path, pcap(more))) == as_seen(packets) + as_seen(more)


def test_the_end_of_a_file_comes_before_the_file_behind_it(tmp_path: Path, reader: Reader) -> None:
    packets = sample_packets(10)
    first, second = tmp_path / "z.pcap", tmp_path / "a.pcap"
    first.write_bytes(pcap(packets[:5])[:-1])

    def rotate() -> None:
        append(first, pcap(packets[:5])[-1:])()
        second.write_bytes(pcap(packets[5:]))

    assert reader([f"{tmp_path}/*"], rotate) == as_seen(packets)


def test_two_files_that_grow_at_the_same_time(tmp_path: Path, reader: Reader) -> None:
    packets = sample_packets(20)
    paths = [tmp_path / "eth0", tmp_path / "eth1"]
    pieces = [pcap([packet]) for packet in packets]
    for path, piece in zip(paths, pieces, strict=False):
        path.write_bytes(piece)
    steps = [append(paths[at % 2], piece[24:]) for at, piece in enumerate(pieces) if at > 1]
    assert reader(list(paths), *steps) == as_seen(packets)


@pytest.mark.parametrize("held", [1, 3], ids=["one-held-open", "three-held-open"])
def test_few_files_are_held_open(tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(follow, "HELD_OPEN", held)
    packets = sample_packets(60)
    for at in range(12):
        (tmp_path / f"{at:02}").write_bytes(pcap(packets[5 * at : 5 * at + 5]))
    descriptors: list[int] = []
    count = lambda: descriptors.append(len(os.listdir("/proc/self/fd")))  # noqa: E731
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None
    steps = [nothing] if before is None else [count]
    remove = [lambda: [path.unlink() for path in tmp_path.iterdir()], nothing]
    assert reader([f"{tmp_path}/*"], *steps, *remove) == as_seen(packets)
    assert before is None or descriptors[0] <= before + held + 1
    assert reader.said == []


def test_a_rotated_file_that_is_removed_is_read_to_its_end(tmp_path: Path, reader: Reader) -> None:
    packets = sample_packets(10)
    path = tmp_path / "it.pcap"
    path.write_bytes(pcap(packets)[:-1])

    def finish_and_remove() -> None:
        append(path, pcap(packets)[-1:])()
        path.unlink()

    assert reader([f"{tmp_path}/*"], finish_and_remove, nothing) == as_seen(packets)
    assert (reader.said, reader.damage) == ([], [])


def test_what_else_lies_there_is_said_once(tmp_path: Path, reader: Reader) -> None:
    packets = sample_packets(3)
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.txt").write_text("hello world")
    (tmp_path / "b.gz").write_bytes(gzip.compress(pcap(packets)))
    (tmp_path / "c.pcap").write_bytes(pcap(packets))
    assert reader([f"{tmp_path}/*"], nothing, nothing) == as_seen(packets)
    assert len(reader.said) == 2
    assert "a.txt: is no capture" in reader.said[0]
    assert "b.gz: is compressed, and only what is written plainly can be followed" in reader.said[1]


# ---------------------------------------------------------------------- what cannot be followed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "cannot be opened", id="missing"),
        pytest.param(b"hello world", "is no capture", id="text"),
        pytest.param(gzip.compress(b"x"), "is compressed", id="compressed"),
    ],
)
def test_refused_at_once(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "it"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        Followed([str(path)], Script(), print)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no plain file"):
        Followed([str(tmp_path)], Script(), print)
    with pytest.raises(UsageError, match="cannot be opened"):
        Followed(["a\0b"], Script(), print)


def test_an_empty_file_that_becomes_no_capture(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "it"
    path.touch()
    assert reader([path], append(path, b"hello world")) == []
    assert "is no capture" in reader.damage[0]


def test_patterns(tmp_path: Path) -> None:
    (tmp_path / "[it]").touch()
    assert not is_pattern(str(tmp_path / "[it]"))  # a file that is called so
    assert is_pattern(str(tmp_path / "*.pcap"))
    assert not is_pattern("it.pcap")
