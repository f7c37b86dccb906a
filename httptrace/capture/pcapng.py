"""Blocks of a pcapng file, the format of Wireshark (draft-ietf-opsawg-pcapng).

Every block is: type, total length, body, total length again, all in the byte order of its section. A Section
Header Block opens a section, forgets the interfaces before it and may change the byte order. Packets stand in
Enhanced (the usual), Simple and the obsolete Packet Blocks; what is neither needed nor known is stepped over.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from struct import Struct

from httptrace.capture.blocks import NOTHING_YET, Blocks
from httptrace.capture.facts import Facts, Interface
from httptrace.errors import CaptureError, Said
from httptrace.limits import INTERFACES, LARGEST_RECORD
from httptrace.model import Frame

MAGIC = b"\x0a\x0d\x0d\x0a"  # the Section Header Block's type, the same in both byte orders
BYTE_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}

LEAST = 12  # bytes of a block: its type, and its length twice
LEAST_ENHANCED = 32
NANOSECONDS = 1_000_000_000

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
OBSOLETE_PACKET = 2
SIMPLE_PACKET = 3
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10

#: The blocks that are read, each with its name and its least total length. All others are stepped over.
READ = {
    SECTION_HEADER: ("Section Header Block", 28),
    INTERFACE_DESCRIPTION: ("Interface Description Block", 20),
    OBSOLETE_PACKET: ("Packet Block", 32),
    SIMPLE_PACKET: ("Simple Packet Block", 16),
    INTERFACE_STATISTICS: ("Interface Statistics Block", 24),
    ENHANCED_PACKET: ("Enhanced Packet Block", LEAST_ENHANCED),
    DECRYPTION_SECRETS: ("Decryption Secrets Block", 20),
}

TLS_KEY_LOG = 0x544C534B
OPTION_NAME = 2
OPTION_DROPPED = 5
OPTION_RESOLUTION = 9
OPTION_OFFSET = 14

#: Times are kept within 64 bits of nanoseconds (1677 to 2262), whatever a clock claims.
LATEST = 2**63 - 1
EARLIEST = -(2**63)

#: A clock: up to which upper half of a time the bounds above hold, nanoseconds of a tick as numerator and
#: denominator, nanoseconds to add, and the interface's link type and snap length. A plain tuple, because it
#: is taken apart for every packet.
Clock = tuple[int, int, int, int, int, int]


class Reader:
    """Walks the blocks of one file and yields its packets; what else it learns goes to `facts`."""

    def __init__(self, blocks: Blocks, facts: Facts) -> None:
        self._blocks = blocks
        self._facts = facts
        self._clocks: list[Clock] = []  # of this section's interfaces
        self._section = 0
        self._set_order("<")

    def _set_order(self, order: str) -> None:
        self._order = order
        self._word = Struct(f"{order}I").unpack_from
        self._lengths = Struct(f"{order}II").unpack_from
        # type, total length, interface, upper and lower half of the time, captured and wire length
        self._enhanced = Struct(f"{order}IIIIIII").unpack_from
        # interface, drops, upper and lower half of the time, captured and wire length
        self._obsolete = Struct(f"{order}8xHHIIII").unpack_from

    def frames(self) -> Iterator[Frame]:
        """The packets of all sections. Raises CaptureError where a block is cut or impossible."""
        blocks = self._blocks
        time_ns = 0  # Simple Packet Blocks have none of their own and take that of the packet before
        offset = 0
        need = LEAST
        while True:
            block = blocks.at(offset, need)
            end = len(block)
            if end < need:
                if blocks.growing:
                    yield NOTHING_YET
                    continue
                if not end and blocks.broken is None:
                    return
                raise blocks.cut(offset, block, need, self._name(block))
            need = LEAST
            position = 0
            last = end - LEAST_ENHANCED
            unpack, word, clocks = self._enhanced, self._word, self._clocks
            current = -1  # the interface whose clock stands in the locals
            highest = numerator = denominator = base = link_type = 0
            while position + LEAST <= end:
                if position <= last:
                    kind, total, number, high, low, captured, wire = unpack(block, position)
                    behind = position + total
                    if number != current and number < len(clocks):
                        highest, numerator, denominator, base, link_type, _ = clocks[number]
                        current = number
                    if (
                        kind == ENHANCED_PACKET
                        and behind <= end
                        and captured + LEAST_ENHANCED <= total
                        and not total & 3
                        and number == current
                        and high <= highest
                        and word(block, behind - 4)[0] == total
                    ):
                        time_ns = (high << 32 | low) * numerator + base
                        if denominator != 1:
                            time_ns = (high << 32 | low) * numerator // denominator + base
                        start = position + 28
                        yield (
                            block,
                            start,
                            start + captured,
                            wire if wire > captured else captured,
                            time_ns,
                            link_type,
                        )
                        position = behind
                        continue
                kind, total = self._measure(block, position, offset + position)
                if position + total > end:
                    if kind in READ:
                        need = total
                    else:
                        while not self._step_over(offset + position, total):
                            yield NOTHING_YET
                        position += total
                    break
                frame = self._read(kind, block, position, total, offset + position, time_ns)
                if frame is not None:
                    time_ns = frame[4]
                    yield frame
                unpack, word, clocks = self._enhanced, self._word, self._clocks
                current = -1
                position += total
            offset += position

    def _measure(self, block: bytes, position: int, offset: int) -> tuple[int, int]:
        """Type and total length of the block at `position`; a section header sets the byte order first."""
        if block.startswith(MAGIC, position):
            magic = block[position + 8 : position + 12]
            if magic not in BYTE_ORDERS:
                problem = Said(
                    "a section's byte-order magic is 1a2b3c4d or its reverse, not {magic}", magic=magic.hex()
                )
                raise self._blocks.error(offset + 8, problem)
            self._set_order(BYTE_ORDERS[magic])
        kind, total = self._lengths(block, position)
        least = READ[kind][1] if kind in READ else LEAST
        if total < least or total & 3:
            problem = Said(
                "{block}: its length is a multiple of 4 and at least {least}, not {total:,}",
                block=_called(kind),
                least=least,
                total=total,
            )
            raise self._blocks.error(offset, problem)
        if total > LARGEST_RECORD and kind in READ:
            problem = Said("{block}: it claims {total:,} bytes", block=_called(kind), total=total)
            raise self._blocks.error(offset, problem)
        return kind, total

    def _name(self, block: bytes) -> str:
        """What the block that begins there is called, for the message that it is cut."""
        if len(block) < 4:
            return Said("a block")
        kind = SECTION_HEADER if block.startswith(MAGIC) else self._word(block)[0]
        if kind not in READ:
            return Said("a block of type {kind}", kind=kind)
        name = READ[kind][0]
        return Said("an {block}", block=name) if name[0] in "EIO" else Said("a {block}", block=name)

    def _step_over(self, offset: int, total: int) -> bool:
        """Check the second length of a block that is not needed, without reading what stands between; gives whether
        that is there yet."""
        trailer = self._blocks.at(offset + total - 4, 4)
        if len(trailer) < 4:
            if self._blocks.growing:
                return False
            if self._blocks.broken is not None:
                raise self._blocks.error(self._blocks.end, self._blocks.broken)
            problem = Said("the file ends inside a block that claims {total:,} bytes", total=total)
            raise self._blocks.error(offset, problem)
        self._check_trailer(self._word(trailer)[0], total, offset)
        return True

    def _check_trailer(self, trailer: int, total: int, offset: int) -> None:
        if trailer != total:
            problem = Said(
                "a block ends with its length once more: {total:,} expected, {trailer:,} found",
                total=total,
                trailer=trailer,
            )
            raise self._blocks.error(offset + total - 4, problem)

    def _read(self, kind: int, block: bytes, position: int, total: int, offset: int, time_ns: int) -> Frame | None:
        """A block that is whole in memory and that the fast path left; its packet, if it is one.

        `time_ns`: of the packet before.
        """
        behind = position + total
        self._check_trailer(self._word(block, behind - 4)[0], total, offset)
        if kind == SECTION_HEADER:
            self._open_section(block, position, offset)
        elif kind == INTERFACE_DESCRIPTION:
            self._add_interface(block, position, behind, offset)
        elif kind == INTERFACE_STATISTICS:
            number = self._word(block, position + 8)[0]
            for code, value in self._options(block, position + 20, behind - 4):
                if code == OPTION_DROPPED and len(value) == 8:
                    dropped = Struct(f"{self._order}Q").unpack(value)[0]
                    self._facts.set_drops(self._blocks.path, self._section, number, dropped)
        elif kind == DECRYPTION_SECRETS:
            secrets_kind, length = self._lengths(block, position + 8)
            if length > total - 20:
                problem = Said("{length:,} bytes of secrets in a block of {total:,}", length=length, total=total)
                raise self._blocks.error(offset + 12, problem)
            if secrets_kind == TLS_KEY_LOG:
                self._facts.add_secrets(self._blocks.path, block[position + 16 : position + 16 + length])
        elif kind == ENHANCED_PACKET:
            _, _, number, high, low, captured, wire = self._enhanced(block, position)
            return self._frame(block, position + 28, behind, offset, (number, high << 32 | low, captured, wire))
        elif kind == OBSOLETE_PACKET:
            number, _, high, low, captured, wire = self._obsolete(block, position)
            return self._frame(block, position + 28, behind, offset, (number, high << 32 | low, captured, wire))
        elif kind == SIMPLE_PACKET:
            return self._simple_frame(block, position, behind, offset, time_ns)
        return None

    def _open_section(self, block: bytes, position: int, offset: int) -> None:
        major = Struct(f"{self._order}H").unpack_from(block, position + 12)[0]
        if major != 1:
            raise self._blocks.error(offset + 12, Said("pcapng version 1 expected, {major} found", major=major))
        self._section += 1
        self._clocks = []

    def _add_interface(self, block: bytes, position: int, behind: int, offset: int) -> None:
        if len(self._clocks) == INTERFACES:
            problem = Said("more than {most:,} interfaces in a section", most=INTERFACES)
            raise self._blocks.error(offset, problem)
        link_type = Struct(f"{self._order}H").unpack_from(block, position + 8)[0]
        snap_length = self._word(block, position + 12)[0]
        name = None
        resolution = 1_000_000
        base = 0
        for code, value in self._options(block, position + 16, behind - 4):
            if code == OPTION_NAME:
                name = value.rstrip(b"\0").decode("utf-8", "replace")
            elif code == OPTION_RESOLUTION and len(value) == 1:
                exponent = value[0] & 0x7F
                resolution = 2**exponent if value[0] & 0x80 else 10**exponent
            elif code == OPTION_OFFSET and len(value) == 8:
                base = Struct(f"{self._order}q").unpack(value)[0] * NANOSECONDS
        divisor = gcd(NANOSECONDS, resolution)
        numerator, denominator = NANOSECONDS // divisor, resolution // divisor
        highest = ((LATEST - base) * denominator // numerator >> 32) - 1 if base >= EARLIEST else -1
        self._clocks.append((highest, numerator, denominator, base, link_type, snap_length))
        self._facts.add_interface(Interface(link_type, snap_length, name, resolution))

    def _options(self, block: bytes, position: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Code and value of each option up to the end-of-options (code 0), or one that does not fit."""
        unpack = Struct(f"{self._order}HH").unpack_from
        while position + 4 <= end:
            code, length = unpack(block, position)
            position += 4
            if code == 0 or position + length > end:
                return
            yield code, block[position : position + length]
            position += length + (-length & 3)

    def _frame(self, block: bytes, start: int, behind: int, offset: int, head: tuple[int, int, int, int]) -> Frame:
        """The frame of an Enhanced or obsolete Packet Block. `head`: interface, ticks, captured, wire."""
        number, ticks, captured, wire = head
        if captured > behind - 4 - start:
            raise self._no_room(offset, captured, behind - 4 - start)
        if number >= len(self._clocks):
            raise self._blocks.error(offset, self._unknown_interface(number))
        _, numerator, denominator, base, link_type, _ = self._clocks[number]
        time_ns = min(max(ticks * numerator // denominator + base, EARLIEST), LATEST)
        return block, start, start + captured, max(wire, captured), time_ns, link_type

    def _simple_frame(self, block: bytes, position: int, behind: int, offset: int, time_ns: int) -> Frame:
        """The frame of a Simple Packet Block: of interface 0, cut at its snap length, without a time."""
        if not self._clocks:
            raise self._blocks.error(offset, self._unknown_interface(0))
        *_, link_type, snap_length = self._clocks[0]
        wire = self._word(block, position + 8)[0]
        captured = min(wire, snap_length) if snap_length else wire
        start = position + 12
        if captured > behind - 4 - start:
            raise self._no_room(offset, captured, behind - 4 - start)
        return block, start, start + captured, wire, time_ns, link_type

    def _no_room(self, offset: int, captured: int, room: int) -> CaptureError:
        problem = Said(
            "{captured:,} captured bytes in a packet block that has room for {room:,}", captured=captured, room=room
        )
        return self._blocks.error(offset, problem)

    def _unknown_interface(self, number: int) -> str:
        return Said(
            "a packet of interface {number}, but the section has described {count}",
            number=number,
            count=len(self._clocks),
        )


def _called(kind: int) -> str:
    """What a block of that type is called."""
    return READ[kind][0] if kind in READ else Said("block of type {kind}", kind=kind)
