"""What other readers of captures say of the same files: dpkt and scapy."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import dpkt
import pytest

from httptrace.capture.write import write_pcap
from tests.capture.captures import Section, mixed_pcapng, read, sample_packets

PACKETS = [(time_ns // 1000 * 1000, packet or b"x") for time_ns, packet in sample_packets(60)]


def pcap(path: Path, big_endian: bool, nanoseconds: bool) -> None:
    write_pcap(str(path), 1, PACKETS, nanoseconds, snaplen=150, big_endian=big_endian)


def pcapng(path: Path, order: str) -> None:
    section = Section(order)
    packets = [section.enhanced(time_ns // 1000, packet) for time_ns, packet in PACKETS]
    path.write_bytes(section.header() + section.interface(1, 65535) + b"".join(packets))


FILES = [
    pytest.param(lambda path: pcap(path, False, False), id="pcap-little-micro"),
    pytest.param(lambda path: pcap(path, False, True), id="pcap-little-nano"),
    pytest.param(lambda path: pcap(path, True, False), id="pcap-big-micro"),
    pytest.param(lambda path: pcap(path, True, True), id="pcap-big-nano"),
    pytest.param(lambda path: pcapng(path, "<"), id="pcapng-little"),
    pytest.param(lambda path: pcapng(path, ">"), id="pcapng-big"),
]


@pytest.mark.parametrize("write", FILES)
def test_dpkt_reads_the_same(tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "it"
    write(path)
    with path.open("rb") as file:
        theirs = [(bytes(packet), round(time * 1_000_000)) for time, packet in dpkt.pcap.UniversalReader(file)]
    assert [(packet, time_ns // 1000) for packet, _, time_ns, _ in read(path)] == theirs


@pytest.mark.parametrize("write", FILES)
def test_scapy_reads_the_same(tmp_path: Path, write) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "it"
    write(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.utils import RawPcapReader
    theirs = []
    with RawPcapReader(str(path)) as reader:
        for packet, about in reader:
            of_packet: Any = about  # one of two named tuples
            if hasattr(of_packet, "tshigh"):
                time_ns = (of_packet.tshigh << 32 | of_packet.tslow) * 1_000_000_000 // of_packet.tsresol
            else:
                time_ns = of_packet.sec * 1_000_000_000 + of_packet.usec * (1 if reader.nano else 1000)
            theirs.append((packet, of_packet.wirelen, time_ns))
    assert [frame[:3] for frame in read(path)] == theirs


@pytest.mark.parametrize("order", ["<", ">"])
def test_scapy_finds_the_same_packets_among_other_blocks(tmp_path: Path, order: str) -> None:
    path = tmp_path / "it"
    path.write_bytes(mixed_pcapng(order))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.utils import RawPcapReader

        with RawPcapReader(str(path)) as reader:
            theirs = [packet for packet, _ in reader]
    assert [frame[0] for frame in read(path)] == theirs
