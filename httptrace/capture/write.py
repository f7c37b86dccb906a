"""Captures written: a pcap file in one call, for tests and demonstrations, and the blocks of a pcapng file."""

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


# ---------------------------------------------------------------------- blocks of pcapng (draft-ietf-opsawg-pcapng §4)

_OPTION = Struct("<HH").pack
_END_OF_OPTIONS = bytes(4)
_BYTE_ORDER_MAGIC = 0x1A2B3C4D
_UNKNOWN_LENGTH = -1

#: Time stamps in units of 10⁻⁹ s (the option if_tsresol).
_NANOSECONDS = 9


def section_header(hardware: str, system: str, application: str) -> bytes:
    """A Section Header Block: what the capture was taken on and with."""
    options = _options((2, hardware.encode()), (3, system.encode()), (4, application.encode()))
    return _block(0x0A0D0D0A, Struct("<IHHq").pack(_BYTE_ORDER_MAGIC, 1, 0, _UNKNOWN_LENGTH) + options)


def interface_description(name: str, link_type: int, snap_length: int, filter: str) -> bytes:
    """An Interface Description Block, its clock in nanoseconds. `filter`: in tcpdump's language, "" for none."""
    options = [(2, name.encode()), (9, bytes([_NANOSECONDS]))]
    if filter:
        options.append((11, b"\0" + filter.encode()))  # 0: a filter string of libpcap
    return _block(1, Struct("<HHI").pack(link_type, 0, snap_length) + _options(*options))


def interface_statistics(interface: int, begun_ns: int, time_ns: int, received: int, dropped: int) -> bytes:
    """An Interface Statistics Block: the packets that an interface received and dropped from `begun_ns` to `time_ns`.

    Its length does not depend on the values.
    """
    count = Struct("<Q").pack
    options = _options((2, _time(begun_ns)), (3, _time(time_ns)), (4, count(received)), (5, count(dropped)))
    return _block(5, Struct("<I").pack(interface) + _time(time_ns) + options)


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return Struct("<II").pack(kind, length) + body + Struct("<I").pack(length)


def _options(*options: tuple[int, bytes]) -> bytes:
    """The options that have a value; one that is too long is cut."""
    packed = [
        _OPTION(code, len(value)) + value + bytes(-len(value) % 4) for code, full in options if (value := full[:65_535])
    ]
    return b"".join(packed) + _END_OF_OPTIONS


def _time(time_ns: int) -> bytes:
    """A time stamp: its upper half comes first, in either byte order."""
    return Struct("<II").pack(time_ns >> 32 & 0xFFFF_FFFF, time_ns & 0xFFFF_FFFF)
