"""Captures as bytes: the two file formats, written field by field.

scapy builds the packets, but its file writers choose the byte order of the machine and differ between
versions; a committed capture has to come out the same everywhere.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

ETHERNET = 1
SNAP_LENGTH = 262_144

type_and_length = struct.Struct("<II")


def pcap(frames: Sequence[tuple[int, bytes]]) -> bytes:
    """A classic capture file, little-endian, microseconds, of Ethernet frames `(time_us, frame)`."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAP_LENGTH, ETHERNET)]
    for time_us, frame in frames:
        seconds, microseconds = divmod(time_us, 1_000_000)
        parts.append(struct.pack("<IIII", seconds, microseconds, len(frame), len(frame)))
        parts.append(frame)
    return b"".join(parts)


def pcapng(frames: Sequence[tuple[int, bytes]], *, interface: str, comment: str) -> bytes:
    """A pcapng file of frames `(time_us, frame)`: one section, one interface that counts nanoseconds."""
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(1, comment.encode()) + _option(0, b"")
    description = (
        struct.pack("<HHI", ETHERNET, 0, SNAP_LENGTH)
        + _option(2, interface.encode())
        + _option(9, b"\x09")  # if_tsresol: 10 to the minus 9
        + _option(0, b"")
    )
    parts = [_block(0x0A0D0D0A, section), _block(1, description)]
    for time_us, frame in frames:
        high, low = divmod(time_us * 1_000, 1 << 32)
        parts.append(_block(6, struct.pack("<IIIII", 0, high, low, len(frame), len(frame)) + _padded(frame)))
    return b"".join(parts)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _block(block_type: int, body: bytes) -> bytes:
    length = len(body) + 12
    return type_and_length.pack(block_type, length) + body + struct.pack("<I", length)
