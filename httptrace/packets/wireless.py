"""IEEE 802.11 data frames, and the headers that capture programs put before them."""

from __future__ import annotations

from httptrace.packets.cursor import Cursor, Layer, Next, Skipped

TO_DS, FROM_DS, MORE_FRAGMENTS, PROTECTED, ORDER = 0x01, 0x02, 0x04, 0x40, 0x80

#: The first four octets of the newer of the two headers that are called Prism (the "AVS" one).
AVS = 0x80211000


def wireless(cursor: Cursor) -> Next:
    """A data frame (IEEE 802.11 §9.3.2), which carries LLC; other kinds and encrypted ones are skipped."""
    if not cursor.has(2):
        return cursor.cut(2)
    return _frame(cursor, cursor.block[cursor.at], cursor.block[cursor.at + 1])


def wireless_swapped(cursor: Cursor) -> Next:
    """The same with the two octets of frame control swapped."""
    if not cursor.has(2):
        return cursor.cut(2)
    return _frame(cursor, cursor.block[cursor.at + 1], cursor.block[cursor.at])


def _frame(cursor: Cursor, kind: int, flags: int, alignment: int = 0) -> Next:
    """Pass the header; where the radio pads it, `alignment` is 3 (to four octets)."""
    if kind & 0x0F != 0x08 or kind & 0x40:  # not version 0 and data, or data without data
        return Skipped.NOT_IP
    header = 30 if flags & TO_DS and flags & FROM_DS else 24
    aggregated = False
    if not cursor.has(header + 2):
        return cursor.cut(header + 2)
    if flags & MORE_FRAGMENTS or cursor.block[cursor.at + 22] & 0x0F:
        return Skipped.FRAGMENT
    if kind & 0x80:  # quality of service
        aggregated = bool(cursor.block[cursor.at + header] & 0x80)
        header += 2
        if flags & ORDER:  # high throughput control
            header += 4
    if flags & PROTECTED:
        return Skipped.ENCRYPTED
    cursor.at += (header + alignment) & ~alignment
    if aggregated:  # the first of the frames in an A-MSDU: addresses and length (§9.3.2.2)
        if not cursor.has(14):
            return cursor.cut(14)
        length = cursor.number(12)
        cursor.at += 14
        cursor.limit(length)
    return Layer.LLC


def radiotap(cursor: Cursor) -> Next:
    """The radiotap header: version, pad, length and presence words, all little-endian; then the frame.

    Of its fields only the flags matter: they stand first, or behind the 8 octets of the timestamp, and say
    whether the
    802.11 header is padded to four octets.
    """
    if not cursor.has(8):
        return cursor.cut(8)
    block, start = cursor.block, cursor.at
    length = int.from_bytes(block[start + 2 : start + 4], "little")
    if length < 8:
        return Skipped.DAMAGED
    if not cursor.has(length + 2):
        return cursor.cut(length + 2)
    presence = block[start + 4]
    place = 4
    while place + 8 <= length and block[start + place + 3] & 0x80:  # another presence word follows
        place += 4
    place += 4
    if presence & 1:  # the timestamp, aligned to its own size
        place = ((place + 7) & ~7) + 8
    flags = block[start + place] if presence & 2 and place < length else 0
    cursor.at += length
    kind, control = block[cursor.at], block[cursor.at + 1]
    return _frame(cursor, kind, control, 3 if flags & 0x20 else 0)


def prism(cursor: Cursor) -> Next:
    """The Prism header, its length in the byte order of the machine, or the AVS header in network order."""
    if not cursor.has(8):
        return cursor.cut(8)
    length = cursor.number(4, 4)
    if cursor.number(0, 4) & 0xFFFFF000 != AVS and length > 0xFFFF:
        length = int.from_bytes(cursor.block[cursor.at + 4 : cursor.at + 8], "little")
    if length < 8:
        return Skipped.DAMAGED
    cursor.at += length
    return Layer.WIRELESS
