"""A pcap file written (draft-ietf-opsawg-pcap), for tests and demonstrations."""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct
from typing import BinaryIO

_MAGIC = {True: 0xA1B23C4D, False: 0xA1B2C3D4}  # nanoseconds or not


def write_pcap(
    file: str | BinaryIO,
    link_type: int,
    packets: Iterable[tuple[int, bytes]],
    nanoseconds: bool = True,
    snaplen: int = 262_144,
    big_endian: bool = False,
) -> None:
    """Write packets, each its time in ns and its bytes, to a path or an open file, cut at `snaplen`.

    Without `nanoseconds` times are rounded down to microseconds.
    """
    if isinstance(file, str):
        with open(file, "wb") as opened:
            write_pcap(opened, link_type, packets, nanoseconds, snaplen, big_endian)
        return
    order = ">" if big_endian else "<"
    file.write(Struct(f"{order}IHHiIII").pack(_MAGIC[nanoseconds], 2, 4, 0, 0, snaplen, link_type))
    record = Struct(f"{order}IIII").pack
    for time_ns, packet in packets:
        seconds, fraction = divmod(time_ns, 1_000_000_000)
        captured = packet[:snaplen]
        file.write(record(seconds, fraction if nanoseconds else fraction // 1000, len(captured), len(packet)))
        file.write(captured)
