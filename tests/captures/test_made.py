"""The committed captures are what their scripts write, hold together, and have their rows in both READMEs."""

from __future__ import annotations

import gzip
import re
import struct

import pytest

from captures.first_page import LADDER, MATERIAL, picture
from captures.make import SCRIPTS, written
from tests.captures.reading import CAPTURES, frames, packets

COMMITTED = sorted(path.name for path in CAPTURES.iterdir() if path.suffix in {".pcap", ".pcapng"})
REAL = [name for name in COMMITTED if name.startswith("real-")]
ROW = re.compile(r"^\| `(?P<name>[\w-]+\.pcap(?:ng)?)` \|.*\| (?P<packets>\d+) \|$", re.MULTILINE)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_writes_the_committed_bytes(name: str) -> None:
    assert written(name) == (CAPTURES / name).read_bytes()


def test_every_capture_is_made_or_recorded() -> None:
    assert sorted([*SCRIPTS, *REAL]) == COMMITTED
    assert len(REAL) >= 2


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readme_has_a_row_for_each_with_its_packets(readme: str) -> None:
    text = (CAPTURES / readme).read_text(encoding="utf-8")
    rows = {match["name"]: int(match["packets"]) for match in ROW.finditer(text)}
    assert rows == {name: len(frames(name)) for name in COMMITTED}


@pytest.mark.parametrize("name", [name for name in COMMITTED if name != "real-http-server.pcap"])
def test_checksums_hold(name: str) -> None:
    # On the loopback the system leaves checksums open: real-http-server.pcap has them wrong, as it should.
    assert [packet.number for packet in packets(name) if not packet.checksums_hold] == []


@pytest.mark.parametrize("name", COMMITTED)
def test_time_goes_forward_and_files_stay_small(name: str) -> None:
    times = [time for time, _ in frames(name)]
    assert times == sorted(times)
    assert (CAPTURES / name).stat().st_size < 30_000


@pytest.mark.parametrize("name", SCRIPTS)
def test_frames_reach_the_least_length_where_they_come_in(name: str) -> None:
    incoming = [
        frame
        for packet, (_, frame) in zip(packets(name), frames(name), strict=True)
        if not packet.target.endswith((":80", ":81", ":8080"))
    ]
    assert min(map(len, incoming)) >= 60


def test_packed_page_is_the_page() -> None:
    packed = (MATERIAL / "first-page.html.gz").read_bytes()
    assert gzip.decompress(packed) == (MATERIAL / "first-page.html").read_bytes()


def test_picture_is_a_jpeg_of_its_size() -> None:
    content = picture()
    assert content.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    assert content.endswith(b"\xff\xd9")
    frame_header = content.index(b"\xff\xc0")
    assert struct.unpack_from(">HH", content, frame_header + 5) == (8 * len(LADDER), 8 * len(LADDER[0]))
