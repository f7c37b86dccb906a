"""Compressed captures: whole, in several members, cut, damaged, and hostile ones."""

from __future__ import annotations

import gzip
import io
import lzma
import random
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import lz4.frame
import pytest
import zstandard

from httptrace.capture.blocks import SourceError
from httptrace.capture.compression import Decompressed
from httptrace.capture.open import open_capture
from httptrace.capture.write import write_pcap
from httptrace.errors import CaptureError, UsageError
from httptrace.limits import KIB, MIB
from tests.capture.captures import Seen, as_seen, mixed_pcapng, mutate, read, read_to_damage, sample_packets


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)


def lz4_frame(content: bytes) -> bytes:
    return bytes(lz4.frame.compress(content, content_checksum=True))


Compress = Callable[[bytes], bytes]
COMPRESSIONS = [
    pytest.param(gzip.compress, id="gzip"),
    pytest.param(zstd, id="zstd"),
    pytest.param(lzma.compress, id="xz"),
    pytest.param(lz4_frame, id="lz4"),
]
every_compression = pytest.mark.parametrize("compress", COMPRESSIONS)
SKIPPABLE = struct.pack("<II", 0x184D2A53, 9) + b"skip this"


def pcap_of(packets: list[tuple[int, bytes]]) -> bytes:
    file = io.BytesIO()
    write_pcap(file, 1, packets)
    return file.getvalue()


PACKETS = sample_packets(300)
PCAP = pcap_of(PACKETS)


class Pieces:
    """A source that gives at most `size` bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self.taken = 0
        self._content = content
        self._size = size

    def read(self, size: int) -> bytes:
        piece = self._content[self.taken : self.taken + min(size, self._size)]
        self.taken += len(piece)
        return piece


@every_compression
def test_whole(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "it"
    path.write_bytes(compress(PCAP))
    assert read(path) == as_seen(PACKETS)
    with open_capture(str(path)) as capture:
        assert len(list(capture.frames())) == 300
        assert capture.bytes_read == capture.size == path.stat().st_size


@every_compression
def test_pcapng(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "it"
    path.write_bytes(compress(mixed_pcapng()))
    assert [frame[0] for frame in read(path)] == [b"first", b"second!!", b"third", b""]


@every_compression
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_any_split_of_several_members(compress: Compress, size: int) -> None:
    content = compress(PCAP[:1000]) + bytes(4) + compress(b"") + compress(PCAP[1000:])
    source = Decompressed(Pieces(content, size))
    assert b"".join(iter(lambda: source.read(333), b"")) == PCAP


@pytest.mark.parametrize("compress", COMPRESSIONS[1:4:2])
def test_skippable_frames(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "it"
    path.write_bytes(SKIPPABLE + compress(PCAP[:99]) + SKIPPABLE * 2 + compress(PCAP[99:]) + SKIPPABLE)
    assert read(path) == as_seen(PACKETS)


def drain(source: Decompressed) -> bytes:
    """All that a source gives before it breaks."""
    decoded = bytearray()
    with suppress(SourceError):
        while piece := source.read(100_000):
            decoded += piece
    return bytes(decoded)


def test_a_cut_stream_gives_all_that_zlib_can_decode() -> None:
    content = gzip.compress(bytes(600 * KIB))
    for length in range(20, len(content)):
        expected = zlib.decompressobj(wbits=31).decompress(content[:length])
        assert drain(Decompressed(Pieces(content[:length], 64 * 1024))) == expected


def test_many_tiny_members() -> None:
    content = gzip.compress(b"") * 5000 + gzip.compress(b"x")
    source = Decompressed(Pieces(content, 64 * 1024))
    assert source.read(99) == b"x"
    assert source.taken == len(content)


@every_compression
def test_cut_anywhere_gives_a_prefix(tmp_path: Path, compress: Compress) -> None:
    packets = sample_packets(8, longest=30)
    content = compress(pcap_of(packets))
    path = tmp_path / "it"
    lengths = []
    for length in range(1, len(content)):
        path.write_bytes(content[:length])
        try:
            frames, damage = read_to_damage(path)
        except UsageError:
            frames = []
        else:
            assert damage is not None
            assert "cut short" in damage.problem
        assert frames == as_seen(packets)[: len(frames)]
        lengths.append(len(frames))
    assert lengths == sorted(lengths)
    assert lengths[-1] == 8  # but for the last byte of its trailer it is whole


@every_compression
def test_a_wrong_check_sum_costs_no_packet(tmp_path: Path, compress: Compress) -> None:
    content = bytearray(compress(PCAP))
    # gzip, zstd and lz4 end with it (gzip's length behind it); in xz it stands before the index.
    at = {gzip.compress: -8, lzma.compress: -12 - 12 - 8}.get(compress, -4)
    content[at] ^= 1
    path = tmp_path / "it"
    path.write_bytes(content)
    frames, damage = read_to_damage(path)
    assert frames == as_seen(PACKETS)
    assert damage is not None
    assert "is damaged" in damage.problem
    assert damage.offset == len(PCAP)


@every_compression
def test_something_else_behind_it(tmp_path: Path, compress: Compress) -> None:
    path = tmp_path / "it"
    path.write_bytes(compress(PCAP) + b"trailing garbage")
    frames, damage = read_to_damage(path)
    assert frames == as_seen(PACKETS)
    assert damage is not None
    assert "74 72 61 69" in damage.problem
    assert damage.offset == len(PCAP)


@every_compression
@pytest.mark.parametrize("content", [b"", b"no capture at all, but text"], ids=["nothing", "text"])
def test_what_is_inside_is_no_capture(tmp_path: Path, compress: Compress, content: bytes) -> None:
    path = tmp_path / "it"
    path.write_bytes(compress(content))
    with pytest.raises(UsageError, match="no capture"):
        open_capture(str(path))


@pytest.mark.parametrize(
    "magic", [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\x00", b"\x04\x22\x4d\x18", SKIPPABLE[:4]]
)
def test_compressed_garbage(tmp_path: Path, magic: bytes) -> None:
    path = tmp_path / "it"
    path.write_bytes(magic + random.Random(1).randbytes(400))
    with pytest.raises(UsageError, match="no capture"):
        open_capture(str(path))


@every_compression
@pytest.mark.parametrize("seed", range(20))
def test_mutations_raise_only_ours(tmp_path: Path, compress: Compress, seed: int) -> None:
    path = tmp_path / "it"
    path.write_bytes(mutate(seed, compress(PCAP)))
    with suppress(UsageError):
        read_to_damage(path)


@every_compression
def test_what_expands_a_thousandfold_is_read_in_pieces(compress: Compress) -> None:
    source = Decompressed(Pieces(compress(bytes(16 * MIB)), 64 * 1024))
    total = 0
    while piece := source.read(100_000):
        assert len(piece) <= 100_000
        assert len(source._rest) <= 33 * MIB
        total += len(piece)
    assert total == 16 * MIB


def test_damage_in_the_middle_of_a_large_member(tmp_path: Path) -> None:
    """Too large to be decoded again: what the damaged piece held is lost, not what came before."""
    packets = sample_packets(4000, longest=400)
    content = bytearray(gzip.compress(pcap_of(packets), 1))
    at = len(content) - 20_000
    content[at : at + 8] = b"\xff" * 8
    path = tmp_path / "it"
    path.write_bytes(content)
    frames: list[Seen] = []
    with open_capture(str(path)) as capture, pytest.raises(CaptureError):
        frames.extend((frame[0][frame[1] : frame[2]], *frame[3:]) for frame in capture.frames())
    assert len(content) > 300_000
    assert len(frames) > 3800
    assert frames[:3800] == as_seen(packets)[:3800]
