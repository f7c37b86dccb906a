"""MPLS label stacks, what their payload is guessed to be, and the Network Service Header."""

from __future__ import annotations

from httptrace.packets.cursor import Cursor, Layer, Next, Skipped
from httptrace.packets.ethernet import like_ethernet


def mpls(cursor: Cursor) -> Next:
    """The label stack (RFC 3032 §2.1), then a guess, because no label names its payload.

    IP is known by its version (RFC 4928 §3). Anything else is taken as an Ethernet pseudowire, with a control
    word where the first four bits are 0 (RFC 4385 §3, RFC 4448 §4.6) unless what stands there without one
    makes more sense.
    """
    block, end = cursor.block, cursor.end
    while end - cursor.at >= 4:
        bottom = block[cursor.at + 2] & 1
        cursor.at += 4
        if bottom:
            break
    else:
        return cursor.cut(4)
    if not cursor.has(1):
        return cursor.cut(1)
    nibble = block[cursor.at] >> 4
    if nibble == 4:
        return Layer.IP
    if nibble == 6:
        return Layer.IPV6
    if nibble == 1:  # the associated channel (RFC 5586)
        return Skipped.NOT_IP
    if nibble == 0 and (like_ethernet(cursor, 4) or not like_ethernet(cursor, 0)):
        cursor.at += 4
    return Layer.ETHERNET


#: Next protocol of the Network Service Header and of VXLAN-GPE.
NEXT_PROTOCOL: dict[int, Layer] = {
    1: Layer.IP,
    2: Layer.IPV6,
    3: Layer.ETHERNET,
    4: Layer.SERVICE_HEADER,
    5: Layer.MPLS,
}


def service_header(cursor: Cursor) -> Next:
    """The Network Service Header (RFC 8300 §2.2): its length in words of four octets, its next protocol."""
    if not cursor.has(4):
        return cursor.cut(4)
    length = (cursor.block[cursor.at + 1] & 0x3F) * 4
    following = NEXT_PROTOCOL.get(cursor.block[cursor.at + 3], Skipped.NOT_IP)
    if length < 8:
        return Skipped.DAMAGED
    cursor.at += length
    return following
