"""Records of a pcap file, the format of tcpdump (draft-ietf-opsawg-pcap).

A file header of 24 bytes, then records: a header of 16 bytes (seconds, fraction, captured length, length on
the wire) and the captured bytes. The magic tells the byte order and whether fractions are micro- or
nanoseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from httptrace.capture.blocks import NOTHING_YET, Blocks
from httptrace.capture.facts import Interface
from httptrace.errors import FileError, Said
from httptrace.limits import KIB, LARGEST_RECORD
from httptrace.model import Frame

HEADER = 24
RECORD = 16

#: A record may exceed the snap length: super-segments do where `tcpdump -s 65535` counted on segments.
#: libpcap's own largest snap length is where damage begins.
LARGEST_CAPTURED = 256 * KIB

#: The first four bytes: byte order, and nanoseconds in a unit of the fraction.
MAGICS: dict[bytes, tuple[str, int]] = {
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
}


class Layout(NamedTuple):
    """What the file header says. `unit`: nanoseconds in a unit of the fraction."""

    order: str
    unit: int
    snap_length: int
    link_type: int

    @property
    def interface(self) -> Interface:
        return Interface(self.link_type, self.snap_length, None, 1_000_000_000 // self.unit)


def read_header(path: str, head: bytes) -> Layout:
    """The file header, of which `head` holds all 24 bytes. Raises UsageError for versions of the 1990s."""
    order, unit = MAGICS[head[:4]]
    major, minor, snap_length, link_type = Struct(f"{order}4xHH8xII").unpack_from(head)
    # Before 2.3 the two lengths of a record were the other way round; nobody has written that since 1998.
    if major != 2 or minor < 3:
        problem = Said("pcap version {major}.{minor} is not read, only 2.4 is", major=major, minor=minor)
        raise FileError(path, problem)
    # The upper bits of the link type say how long a frame check sequence is, which IP's own length makes
    # needless.
    return Layout(order, unit, snap_length, link_type & 0xFFFF)


def largest_captured(snap_length: int) -> int:
    """Beyond this a captured length is damage."""
    return min(max(snap_length, LARGEST_CAPTURED), LARGEST_RECORD)


def frames(blocks: Blocks, layout: Layout | None) -> Iterator[Frame]:
    """The records behind the file header. Raises CaptureError where one is cut or impossible.

    `layout` is None where the file header itself is cut.
    """
    if layout is None:
        raise blocks.cut(0, blocks.at(0, HEADER), HEADER, Said("the file header"))
    order, unit, snap_length, link_type = layout
    unpack = Struct(f"{order}IIII").unpack_from
    offset = HEADER
    need = RECORD
    while True:
        block = blocks.at(offset, need)
        end = len(block)
        if end < need:
            if blocks.growing:
                yield NOTHING_YET
                continue
            if not end and blocks.broken is None:
                return
            raise blocks.cut(offset, block, need, Said("a record"))
        need = RECORD
        last = end - RECORD
        position = 0
        while position <= last:
            seconds, fraction, captured, wire = unpack(block, position)
            start = position + 16
            stop = start + captured
            if stop > end:
                # A length that fits into a block needs no other check, so this one is off the usual path.
                if captured > largest_captured(snap_length):
                    problem = Said(
                        "the record claims {captured:,} captured bytes, the snap length is {snap_length:,}",
                        captured=captured,
                        snap_length=snap_length,
                    )
                    raise blocks.error(offset + position, problem)
                need = RECORD + captured
                break
            # Some programs write a length on the wire below the captured one.
            yield (
                block,
                start,
                stop,
                wire if wire > captured else captured,
                seconds * 1_000_000_000 + fraction * unit,
                link_type,
            )
            position = stop
        offset += position
