"""pcap files: byte orders, resolutions, lengths (draft-ietf-opsawg-pcap)."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from httptrace.capture.facts import Interface
from httptrace.capture.open import open_capture
from httptrace.capture.write import write_pcap
from httptrace.errors import UsageError
from httptrace.limits import BLOCK
from tests.capture.captures import BEGIN, SECOND, as_seen, read, read_to_damage, sample_packets

FORMATS = [
    pytest.param(
        order,
        nanoseconds,
        id=f"{'big' if order else 'little'}-endian-{'nano' if nanoseconds else 'micro'}seconds",
    )
    for order in (False, True)
    for nanoseconds in (False, True)
]


def header(snap_length: int = 65535, link_type: int = 1, version: tuple[int, int] = (2, 4)) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B2C3D4, *version, 0, 0, snap_length, link_type)


def record(seconds: int, fraction: int, packet: bytes, wire: int | None = None, captured: int | None = None) -> bytes:
    captured = len(packet) if captured is None else captured
    return struct.pack("<IIII", seconds, fraction, captured, captured if wire is None else wire) + packet


@pytest.mark.parametrize(("big_endian", "nanoseconds"), FORMATS)
def test_written_packets_come_back(tmp_path: Path, big_endian: bool, nanoseconds: bool) -> None:
    path = str(tmp_path / "it")
    packets = [
        (BEGIN + 123_456_000, b"one"),
        (BEGIN + 5 * SECOND, b""),
        (BEGIN + 4 * SECOND + 999_999_000, b"x" * 99),
    ]
    write_pcap(path, 113, packets, nanoseconds, big_endian=big_endian)
    assert read(path) == as_seen(packets, 113)
    with open_capture(path) as capture:
        assert (capture.kind, capture.size) == ("pcap", Path(path).stat().st_size)
        assert capture.interfaces == [Interface(113, 262_144, None, SECOND if nanoseconds else 1_000_000)]
        assert (capture.secrets, capture.drops) == ([], None)


def test_nanoseconds_are_exact(tmp_path: Path) -> None:
    path = str(tmp_path / "it")
    write_pcap(path, 1, [(BEGIN + 123_456_789, b"x")])
    assert read(path)[0][2] == BEGIN + 123_456_789


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(record(1, 2, b"abc", wire=1500), (b"abc", 1500, SECOND + 2000, 1), id="snap-length-cut-it"),
        pytest.param(record(1, 2, b"abc", wire=2), (b"abc", 3, SECOND + 2000, 1), id="wire-length-below-captured"),
        pytest.param(record(1, 2_000_000, b"a"), (b"a", 1, 3 * SECOND, 1), id="a-million-microseconds-carry-over"),
        pytest.param(record(0xFFFFFFFF, 0, b"a"), (b"a", 1, 0xFFFFFFFF * SECOND, 1), id="seconds-are-unsigned"),
        pytest.param(record(0, 0, b""), (b"", 0, 0, 1), id="all-zero-record-is-an-empty-packet"),
    ],
)
def test_odd_records(tmp_path: Path, content: bytes, expected: tuple[bytes, int, int, int]) -> None:
    path = tmp_path / "it"
    path.write_bytes(header() + content)
    assert read(path) == [expected]


def test_frame_check_sequence_bits_are_no_link_type(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(header(link_type=0x5400_0071) + record(1, 0, b"a"))
    assert read(path)[0][3] == 0x71


@pytest.mark.parametrize(
    ("snap_length", "captured", "accepted"),
    [
        pytest.param(96, 70_000, True, id="super-segment-beyond-the-snap-length"),
        pytest.param(96, 262_144, True, id="as-large-as-libpcap-allows"),
        pytest.param(96, 262_145, False, id="larger-than-libpcap-allows"),
        pytest.param(1_000_000, 900_000, True, id="a-large-snap-length-allows-more"),
        pytest.param(0, 262_145, False, id="snap-length-0-is-libpcaps-bound"),
        pytest.param(0xFFFFFFFF, 256 * 2**20 + 1, False, id="nothing-beyond-the-largest-record"),
    ],
)
def test_captured_length(tmp_path: Path, snap_length: int, captured: int, accepted: bool) -> None:
    path = tmp_path / "it"
    whole = min(captured, 1_000_000)
    path.write_bytes(header(snap_length) + record(1, 0, b"a") + record(2, 0, bytes(whole), captured=captured))
    frames, damage = read_to_damage(path)
    if accepted:
        assert ([len(frame[0]) for frame in frames], damage) == ([1, captured], None)
    else:
        assert len(frames) == 1
        assert damage is not None
        assert damage.offset == 24 + 17
        assert f"claims {captured:,} captured bytes" in damage.problem


def test_records_across_and_beyond_blocks(tmp_path: Path) -> None:
    path = str(tmp_path / "it")
    sizes = [BLOCK - 16, 1, BLOCK, 3 * BLOCK + 5, BLOCK - 17, 2 * BLOCK, 0, 60]
    packets = [(BEGIN + at, bytes([at]) * size) for at, size in enumerate(sizes)]
    write_pcap(path, 1, packets, snaplen=4 * BLOCK)
    assert read(path) == as_seen(packets)


@pytest.mark.parametrize("block_size", [16, 17, 64, 1000])
def test_any_block_size_gives_the_same(tmp_path: Path, block_size: int) -> None:
    path = str(tmp_path / "it")
    packets = sample_packets(100)
    write_pcap(path, 1, packets)
    with open_capture(path, block_size=block_size) as capture:
        frames = [(frame[0][frame[1] : frame[2]], *frame[3:]) for frame in capture.frames()]
        assert frames == as_seen(packets)
        assert capture.bytes_read == Path(path).stat().st_size


def test_a_header_alone_is_an_empty_capture(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(header())
    assert read_to_damage(path) == ([], None)


@pytest.mark.parametrize("version", [(1, 0), (2, 2), (3, 4), (543, 0)])
def test_versions_of_another_layout_are_refused(tmp_path: Path, version: tuple[int, int]) -> None:
    path = tmp_path / "it"
    path.write_bytes(header(version=version) + record(1, 0, b"a"))
    with pytest.raises(UsageError, match=f"version {version[0]}.{version[1]}"):
        open_capture(str(path))


def test_writer_cuts_at_the_snap_length(tmp_path: Path) -> None:
    path = str(tmp_path / "it")
    write_pcap(path, 1, [(BEGIN, b"x" * 100)], snaplen=40)
    assert read(path) == [(b"x" * 40, 100, BEGIN, 1)]
