"""What a live capture saves: pcapng that reads back as it was, files that rotate, disks that are full."""

from __future__ import annotations

import errno
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from httptrace.capture import rotate
from httptrace.capture.merge import open_captures
from httptrace.capture.rotate import CaptureFiles
from httptrace.errors import CaptureError, UsageError
from httptrace.limits import KIB
from tests.capture.captures import BEGIN, SECOND, Seen, as_seen, sample_packets, seen
from tests.programs import need

NAME = re.compile(r"it_(\d{5})_\d{14}\.pcapng")


def read(*paths: Path | str) -> list[Seen]:
    with open_captures([str(path) for path in paths]) as captures:
        return [seen(frame) for frame in captures.frames()]


def write(files: CaptureFiles, packets: list[tuple[int, bytes]], interface: int = 0) -> None:
    for time_ns, packet in packets:
        files.packet(interface, time_ns, memoryview(packet), len(packet))


def made(folder: Path) -> list[Path]:
    """The files of a run that rotated, in order; nothing else is there."""
    paths = sorted(folder.iterdir())
    assert all(NAME.fullmatch(path.name) for path in paths), paths
    return paths


# ---------------------------------------------------------------------- one file


@pytest.mark.parametrize("longest", [0, 5, 200, 70_000], ids=["empty", "short", "usual", "super-segments"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_written_reads_back(tmp_path: Path, seed: int, longest: int) -> None:
    packets = sample_packets(60 if longest > 1000 else 2000, seed, longest)
    path = tmp_path / "it.pcapng"
    files = CaptureFiles(str(path))
    files.interface("eth0", 101, 262_144)
    write(files, packets)
    files.close()
    assert read(path) == as_seen(packets, link_type=101)
    assert (files.packets, files.files, files.path) == (len(packets), 1, str(path))


def test_a_packet_larger_than_the_buffer(tmp_path: Path) -> None:
    packets = [(BEGIN, b"a" * 3), (BEGIN + 1, random.Random(1).randbytes(700 * KIB)), (BEGIN + 2, b"b")]
    files = CaptureFiles(str(tmp_path / "it"))
    files.interface("eth0", 1, 0)
    write(files, packets)
    files.close()
    assert read(tmp_path / "it") == as_seen(packets)


def test_padding_is_zero_whatever_was_in_the_buffer(tmp_path: Path) -> None:
    files = CaptureFiles(str(tmp_path / "it"))
    files.interface("eth0", 1, 0)
    write(files, [(BEGIN, b"\xff" * 4096)])
    files.flush()
    for length in range(1, 9):
        write(files, [(BEGIN, b"\xee" * length)])
        files.flush()
        block = (tmp_path / "it").read_bytes()[-(length + 35 & ~3) :]
        assert block[28:-4] == b"\xee" * length + bytes(-length % 4)
    files.close()


def test_what_a_file_says_of_its_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate.time, "time_ns", lambda: BEGIN + SECOND)
    files = CaptureFiles(str(tmp_path / "it"), filter="tcp port 80 or host 互联网")
    first = files.interface("eth0", 101, 262_144)
    second = files.interface("无线", 113, 0)
    files.packet(second, BEGIN, b"cut", 1500)
    files.statistics(first, 10, 0)
    files.statistics(second, 9, 4)
    files.statistics(second, 20, 7)
    files.close()
    content = (tmp_path / "it").read_bytes()
    with open_captures([str(tmp_path / "it")]) as captures:
        assert [seen(frame) for frame in captures.frames()] == [(b"cut", 1500, BEGIN, 113)]
        assert [(one.name, one.link_type, one.snap_length, one.resolution) for one in captures.interfaces] == [
            ("eth0", 101, 262_144, SECOND),
            ("无线", 113, 0, SECOND),
        ]
        assert captures.drops == 7
    assert b"httptrace " in content
    assert "\0tcp port 80 or host 互联网".encode() in content


def test_drops_are_written_down_when_they_happen(tmp_path: Path) -> None:
    files = CaptureFiles(str(tmp_path / "it"))
    files.interface("eth0", 1, 0)
    for dropped in (0, 3, 3, 5):
        files.statistics(0, 100, dropped)
        files.packet(0, BEGIN, b"x", 1)
    files.close()
    content = (tmp_path / "it").read_bytes()
    assert content.count(b"\x05\0\0\0\x4c\0\0\0") == 2  # with 3, and with 5, which is also how it ended


def test_what_was_flushed_is_there_while_writing_goes_on(tmp_path: Path) -> None:
    packets = sample_packets(20)
    files = CaptureFiles(str(tmp_path / "it"))
    assert read(tmp_path / "it") == []
    files.interface("eth0", 1, 0)
    write(files, packets[:10])
    files.flush()
    assert read(tmp_path / "it") == as_seen(packets[:10])
    write(files, packets[10:])
    files.close()
    files.close()
    assert read(tmp_path / "it") == as_seen(packets)


# ---------------------------------------------------------------------- several files


@pytest.mark.parametrize("seed", range(10))
def test_rotated_by_size(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    packets = sample_packets(rng.randint(1, 600), seed)
    largest = rng.choice((1000, 4096, 50_000))
    files = CaptureFiles(str(tmp_path / "it.pcapng"), rotate=largest)
    files.interface("eth0", 1, 0)
    for at, packet in enumerate(packets):
        write(files, [packet])
        if rng.random() < 0.05:
            files.flush()
        if rng.random() < 0.02:
            files.statistics(0, at, at // 20)
    files.close()
    paths = made(tmp_path)
    assert [int(NAME.fullmatch(path.name)[1]) for path in paths] == list(range(1, files.files + 1))
    assert all(path.stat().st_size <= largest for path in paths)
    assert all(path.stat().st_size > largest - 600 for path in paths[:-1])  # none ends early
    assert read(*paths) == as_seen(packets)
    assert [frame for path in paths for frame in read(path)] == as_seen(packets)  # each is a capture of its own


def test_rotated_by_time(tmp_path: Path) -> None:
    times = [0, 1, 9, 10, 11, 35, 36, 44, 45]
    files = CaptureFiles(str(tmp_path / "it.pcapng"), every_ns=10 * SECOND)
    files.interface("eth0", 1, 0)
    write(files, [(BEGIN + at * SECOND, b"x") for at in times])
    files.close()
    begun = [[(frame[2] - BEGIN) // SECOND for frame in read(path)] for path in made(tmp_path)]
    assert begun == [[0, 1, 9], [10, 11], [35, 36, 44], [45]]


def test_a_clock_that_is_set_back_does_not_stretch_a_file(tmp_path: Path) -> None:
    files = CaptureFiles(str(tmp_path / "it.pcapng"), every_ns=10 * SECOND)
    files.interface("eth0", 1, 0)
    write(files, [(BEGIN, b"a"), (BEGIN - 3600 * SECOND, b"b")])
    files.flush()
    write(files, [(BEGIN - 3595 * SECOND, b"c"), (BEGIN - 3589 * SECOND, b"d")])
    files.close()
    assert [[frame[0] for frame in read(path)] for path in made(tmp_path)] == [[b"a", b"b", b"c"], [b"d"]]


def test_a_packet_larger_than_a_file_has_one_of_its_own(tmp_path: Path) -> None:
    packets = [(BEGIN + at, bytes([at]) * (5000 if at % 2 else 10)) for at in range(6)]
    files = CaptureFiles(str(tmp_path / "it.pcapng"), rotate=1000)
    files.interface("eth0", 1, 0)
    write(files, packets)
    files.close()
    assert [len(read(path)) for path in made(tmp_path)] == [1] * 6
    assert read(*made(tmp_path)) == as_seen(packets)


@pytest.mark.parametrize("keep", [1, 2, 5])
def test_only_the_last_are_kept(tmp_path: Path, keep: int) -> None:
    packets = sample_packets(300)
    files = CaptureFiles(str(tmp_path / "it.pcapng"), rotate=4096, keep=keep)
    files.interface("eth0", 1, 0)
    for packet in packets:
        write(files, [packet])
        assert len(made(tmp_path)) <= keep
    files.close()
    last = read(*made(tmp_path))
    assert len(made(tmp_path)) == keep < files.files
    assert last == as_seen(packets)[-len(last) :]


def test_only_files_of_this_run_are_removed(tmp_path: Path) -> None:
    earlier = tmp_path / "it_00001_20200101000000.pcapng"
    earlier.write_bytes(b"of an earlier run")
    files = CaptureFiles(str(tmp_path / "it.pcapng"), rotate=500, keep=1)
    files.interface("eth0", 1, 0)
    write(files, [(BEGIN, b"x" * 400)])
    os.replace(earlier, files.path)  # somebody's own file has the name now
    mine = Path(files.path)
    write(files, [(BEGIN + at, b"x" * 400) for at in range(3)])
    files.close()
    assert mine.read_bytes() == b"of an earlier run"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate.time, "strftime", lambda *_: "20260101120000")
    taken = tmp_path / "it_00001_20260101120000.pcapng"
    taken.symlink_to(tmp_path / "elsewhere")
    files = CaptureFiles(str(tmp_path / "it.pcapng"), rotate=500)
    files.close()
    assert files.path.endswith("it_00002_20260101120000.pcapng")
    assert not (tmp_path / "elsewhere").exists()


def test_statistics_of_rotated_files_add_up(tmp_path: Path) -> None:
    files = CaptureFiles(str(tmp_path / "it.pcapng"), rotate=1000)
    files.interface("eth0", 1, 0)
    for at in range(20):
        write(files, [(BEGIN + at, b"x" * 100)])
        files.statistics(0, at + 1, at // 3)
    files.close()
    assert len(made(tmp_path)) > 3
    with open_captures([str(path) for path in made(tmp_path)]) as captures:
        list(captures.frames())
        assert captures.drops == 19 // 3


# ---------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("path", "options", "words"),
    [
        pytest.param("-", {"rotate": 1000}, "neither rotated", id="standard-output-rotated"),
        pytest.param("-", {"keep": 2}, "neither rotated", id="standard-output-kept"),
        pytest.param("it", {"keep": 2}, "where they are rotated", id="kept-but-not-rotated"),
        pytest.param("it", {"rotate": 0}, "from 1 on", id="nothing-at-a-time"),
        pytest.param("missing/it", {}, "cannot be written: No such file", id="no-directory"),
        pytest.param("missing/it", {"rotate": 1000}, "files cannot be created there", id="no-directory-for-many"),
        pytest.param("i\0t", {}, "null", id="null-byte"),
        pytest.param("i\0t", {"rotate": 1000}, "null", id="null-byte-in-many"),
    ],
)
def test_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, options: dict[str, int], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=words) as caught:
        CaptureFiles(path, **options)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def full_after(bytes_left: int) -> Callable[[int, bytes], int]:
    """`os.write` of a disk that has so much room, and takes a part of what does not fit."""
    plain = os.write

    def write_some(descriptor: int, data: bytes) -> int:
        nonlocal bytes_left
        if not bytes_left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = plain(descriptor, data[:bytes_left])
        bytes_left -= done
        return done

    return write_some


def test_a_full_disk_ends_the_file_with_a_whole_packet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packets = sample_packets(1000)
    path = tmp_path / "it"
    files = CaptureFiles(str(path))
    files.interface("eth0", 1, 0)
    monkeypatch.setattr(rotate.os, "write", full_after(30_000))

    def go_on() -> None:
        for packet in packets:
            write(files, [packet])
            files.flush()

    with pytest.raises(CaptureError, match="No space left on device") as caught:
        go_on()
    kept = read(path)
    assert kept == as_seen(packets)[: len(kept)]
    assert len(kept) > 100
    assert (caught.value.path, caught.value.offset) == (str(path), path.stat().st_size)
    write(files, packets)  # whoever goes on analysing is not stopped
    files.flush()
    files.statistics(0, 1, 1)
    files.close()
    assert read(path) == kept


def test_a_reader_who_leaves_is_a_broken_pipe() -> None:
    program = """
import os, sys
from httptrace.capture.rotate import CaptureFiles
read_end, write_end = os.pipe()
os.dup2(write_end, 1)
files = CaptureFiles("-")
os.close(read_end)
files.interface("eth0", 1, 0)
files.packet(0, 0, b"x", 1)
try:
    files.flush()
    files.close()
except BrokenPipeError:
    sys.exit(42)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 42


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_whose_reader_stands_still_loses_packets_and_says_so(tmp_path: Path) -> None:
    """What there is no room for is left out and counted as dropped; no description of an interface is ever among it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    files = CaptureFiles(str(path), waiting=700 * KIB)
    files.interface("eth0", 1, 0)
    packet = bytes(1_000)
    for number in range(2_000):
        files.packet(0, BEGIN + number, packet, 1_000)
    files.flush()
    second = files.interface("late0", 101, 0)
    for number in range(1_000):
        files.packet(second, BEGIN + SECOND + number, packet, 1_000)
    files.flush()
    files.statistics(0, 3_000, 2)
    files.flush()
    assert 0 < files.left_out < 3_000
    assert files.packets == 3_000
    os.set_blocking(reading, True)
    with ThreadPoolExecutor() as other, open(reading, "rb") as whole:
        content = other.submit(whole.read)
        files.packet(second, BEGIN + 2 * SECOND, packet, 1_000)
        files.close()
        (tmp_path / "read").write_bytes(content.result())
    with open_captures([str(tmp_path / "read")]) as captures:
        frames = list(captures.frames())
        assert captures.drops == 2 + files.left_out
    assert len(frames) == 3_001 - files.left_out
    assert frames[-1][4] == BEGIN + 2 * SECOND
    assert frames[-1][5] == 101, "its interface is known"


@pytest.mark.programs
def test_capinfos_and_tshark_read_the_same(tmp_path: Path) -> None:
    capinfos, tshark = need("capinfos"), need("tshark")
    packets = [(time_ns + 7, packet or b"x") for time_ns, packet in sample_packets(200, longest=1500)]
    path = str(tmp_path / "it.pcapng")
    files = CaptureFiles(path, filter="tcp port 80")
    files.interface("eth0", 101, 262_144)
    write(files, packets)
    files.statistics(0, 205, 5)
    files.close()
    said = subprocess.run([capinfos, "-M", path], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "nanoseconds (9)" in said
    assert re.search(r"Capture application: +httptrace \d", said)
    assert re.search(r"Name = eth0\n.*", said)
    assert "Filter string = tcp port 80" in said
    assert re.search(r"Number of packets: +200\n", said)
    assert re.search(r"Number of stat entries = 1\n", said)
    fields = ["-T", "fields", "-e", "frame.time_epoch", "-e", "frame.cap_len", "-e", "frame.len"]
    command = [tshark, "-n", "-r", path, *fields, "-o", "frame.generate_epoch_time:TRUE"]
    rows = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    assert [row.split("\t") for row in rows] == [
        [f"{time_ns // SECOND}.{time_ns % SECOND:09}", str(len(packet)), str(len(packet))]
        for time_ns, packet in packets
    ]
