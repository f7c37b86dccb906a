"""Captures on disk: pcap in its four forms, pcapng with an interface for every link type."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Record:
    """One captured frame. `length` is its length on the wire, more than len(data) where the snap length
    cut it."""

    time_ns: int
    link_type: int
    data: bytes
    length: int


def pcap(records: list[Record], *, order: str = "<", nanoseconds: bool = False, snaplen: int = 262_144) -> bytes:
    """A pcap file (one link type); `order` is the byte order as :mod:`struct` has it."""
    link_type = records[0].link_type if records else 1
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    out = [struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, snaplen, link_type)]
    for record in records:
        if record.link_type != link_type:
            raise ValueError("a pcap file has one link type")
        seconds, rest = divmod(record.time_ns, 1_000_000_000)
        fraction = rest if nanoseconds else rest // 1000
        out += [struct.pack(f"{order}IIII", seconds, fraction, len(record.data), record.length), record.data]
    return b"".join(out)


def block(order: str, kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = 12 + len(body)
    return struct.pack(f"{order}II", kind, size) + body + struct.pack(f"{order}I", size)


def pcapng(records: list[Record], *, order: str = "<") -> bytes:
    """A pcapng file in nanoseconds, each link type an interface of its own, described when it is first
    needed."""
    out = [block(order, 0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1))]
    interfaces: dict[int, int] = {}
    for record in records:
        number = interfaces.get(record.link_type)
        if number is None:
            number = interfaces[record.link_type] = len(interfaces)
            options = struct.pack(f"{order}HHB3xHH", 9, 1, 9, 0, 0)  # if_tsresol 10^-9, end of options
            out.append(block(order, 1, struct.pack(f"{order}HHI", record.link_type, 0, 262_144) + options))
        high, low = record.time_ns >> 32, record.time_ns & 0xFFFF_FFFF
        head = struct.pack(f"{order}IIIII", number, high, low, len(record.data), record.length)
        out.append(block(order, 6, head + record.data))
    return b"".join(out)


def save(path: Path, records: list[Record]) -> Path:
    """Write a capture, its form by the name's suffix."""
    path.write_bytes(pcapng(records) if path.suffix == ".pcapng" else pcap(records))
    return path
