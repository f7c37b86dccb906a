"""Damaged captures: everything before the damage comes, then one error that says where and what."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import pytest

from httptrace.capture.open import open_capture
from httptrace.capture.write import write_pcap
from httptrace.errors import CaptureError, UsageError
from tests.capture.captures import (
    Section,
    as_seen,
    mixed_pcapng,
    mutate,
    read,
    read_to_damage,
    sample_packets,
)


def small_pcap(big_endian: bool) -> bytes:
    file = io.BytesIO()
    write_pcap(file, 1, sample_packets(6, longest=40), big_endian=big_endian)
    return file.getvalue()


SMALL = {
    "pcap-little": small_pcap(False),
    "pcap-big": small_pcap(True),
    "pcapng-little": mixed_pcapng("<"),
    "pcapng-big": mixed_pcapng(">"),
}
every_format = pytest.mark.parametrize("name", SMALL)


@every_format
def test_cut_at_every_byte(tmp_path: Path, name: str) -> None:
    content = SMALL[name]
    path = tmp_path / "it"
    path.write_bytes(content)
    whole = read(path)
    clean = 0
    for length in range(len(content)):
        path.write_bytes(content[:length])
        if length < 4:
            with pytest.raises(UsageError):
                open_capture(str(path))
            continue
        frames, damage = read_to_damage(path)
        assert frames == whole[: len(frames)]
        if damage is None:
            clean += 1
        else:
            assert damage.offset <= length
            assert "ends inside" in damage.problem
    assert clean == (6 if name.startswith("pcap-") else 10)  # the ends of its records or blocks, but the last


@every_format
@pytest.mark.parametrize("seed", range(100))
def test_mutations_raise_only_ours(tmp_path: Path, name: str, seed: int) -> None:
    path = tmp_path / "it"
    path.write_bytes(mutate(seed, SMALL[name]))
    with suppress(UsageError):
        for data, wire, time_ns, link_type in read_to_damage(path)[0]:
            assert 0 <= len(data) <= wire < 2**32
            assert -(2**63) <= time_ns < 2**63
            assert 0 <= link_type < 65536


@pytest.mark.parametrize(
    ("length", "offset", "problem"),
    [
        pytest.param(10, 0, "the file header: 24 bytes expected, 10 there", id="file-header"),
        pytest.param(24 + 7, 24, "a record: 16 bytes expected, 7 there", id="record-header"),
        pytest.param(24 + 16 + 3, 24, "a record: 21 bytes expected, 19 there", id="record-body"),
        pytest.param(24 + 21 + 1, 24 + 21, "a record: 16 bytes expected, 1 there", id="second-record"),
    ],
)
def test_where_a_pcap_is_cut(tmp_path: Path, length: int, offset: int, problem: str) -> None:
    path = tmp_path / "it"
    write_pcap(str(path), 1, [(1, b"hello")] * 2)
    path.write_bytes(path.read_bytes()[:length])
    frames, damage = read_to_damage(path)
    assert frames == as_seen([(1, b"hello")])[: max(0, length - 24) // 21]
    assert damage is not None
    assert (damage.path, damage.offset) == (str(path), offset)
    assert damage.problem == f"the file ends inside {problem}"


LITTLE = Section("<")
BEGIN = LITTLE.header() + LITTLE.interface() + LITTLE.enhanced(1, b"good")
HEADER = LITTLE.header()
PACKET = LITTLE.enhanced(2, b"12345678")
ODD = PACKET[:4] + LITTLE.pack("I", 41) + PACKET[8:-4] + b"9" + LITTLE.pack("I", 41)


def with_word(block: bytes, at: int, value: int) -> bytes:
    """The block with another 32-bit word at `at`."""
    return block[:at] + LITTLE.pack("I", value) + block[at + 4 :]


@pytest.mark.parametrize(
    ("block", "at", "problem"),
    [
        pytest.param(with_word(PACKET, 4, 0), 0, "at least 32, not 0", id="length-0"),
        pytest.param(with_word(PACKET, 4, 8), 0, "at least 32, not 8", id="length-below-12"),
        pytest.param(with_word(PACKET, 4, 42), 0, "a multiple of 4", id="length-no-multiple-of-4"),
        pytest.param(ODD, 0, "a multiple of 4 and at least 32, not 41", id="both-lengths-no-multiple-of-4"),
        pytest.param(with_word(PACKET, 4, 28), 0, "at least 32, not 28", id="length-below-its-kind"),
        pytest.param(with_word(PACKET, 4, 0x7FFFFFFC), 0, "claims 2,147,483,644 bytes", id="length-absurd"),
        pytest.param(with_word(PACKET, 36, 44), 36, "40 expected, 44 found", id="second-length-differs"),
        pytest.param(with_word(LITTLE.custom(), 20, 4), 20, "24 expected, 4 found", id="custom-second-length-differs"),
        pytest.param(
            with_word(PACKET, 8, 1), 0, "interface 1, but the section has described 1", id="no-such-interface"
        ),
        pytest.param(
            with_word(PACKET, 20, 9),
            0,
            "9 captured bytes in a packet block that has room for 8",
            id="captured",
        ),
        pytest.param(with_word(LITTLE.simple(b"1234"), 8, 5), 0, "room for 4", id="simple-packet-captured"),
        pytest.param(with_word(LITTLE.obsolete(1, b"1234"), 20, 5), 0, "room for 4", id="obsolete-packet-captured"),
        pytest.param(with_word(LITTLE.secrets(b"1234"), 12, 5), 12, "5 bytes of secrets", id="secrets-length"),
        pytest.param(with_word(HEADER, 8, 7), 8, "byte-order magic", id="unknown-byte-order"),
        pytest.param(with_word(HEADER, 12, 2), 12, "version 1 expected, 2 found", id="unknown-version"),
        pytest.param(LITTLE.header() + PACKET, 28, "has described 0", id="packet-without-interface"),
        pytest.param(
            LITTLE.header() + LITTLE.simple(b"a"), 28, "has described 0", id="simple-packet-without-interface"
        ),
        pytest.param(with_word(LITTLE.custom(), 4, 4000), 0, "ends inside a block that claims 4,000", id="custom-cut"),
        pytest.param(PACKET[:30], 0, "ends inside an Enhanced Packet Block: 40 bytes", id="packet-cut"),
    ],
)
def test_damaged_block(tmp_path: Path, block: bytes, at: int, problem: str) -> None:
    path = tmp_path / "it"
    path.write_bytes(BEGIN + block + LITTLE.enhanced(3, b"behind") * (not problem.startswith("ends inside")))
    frames, damage = read_to_damage(path)
    assert [frame[0] for frame in frames] == [b"good"]
    assert damage is not None
    assert problem in damage.problem
    assert damage.offset == len(BEGIN) + at


@pytest.mark.parametrize("order", ["<", ">"])
def test_an_interface_too_many(tmp_path: Path, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httptrace.capture.pcapng.INTERFACES", 2)
    section = Section(order)
    path = tmp_path / "it"
    path.write_bytes(section.header() + section.interface() * 3)
    assert read_to_damage(path)[1] is not None


def test_damage_is_kept_and_raised(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(SMALL["pcap-little"][:-1])
    with open_capture(str(path)) as capture:
        assert capture.damage is None
        with pytest.raises(CaptureError) as caught:
            list(capture.frames())
        assert capture.damage is caught.value
