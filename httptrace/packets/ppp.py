"""PPP and its carriers, and the two other framings of serial lines: Cisco HDLC and frame relay."""

from __future__ import annotations

from httptrace.packets.cursor import Cursor, Layer, Next, Skipped

#: PPP protocol numbers (RFC 1661 §2). Those not listed carry no IP, or carry it compressed.
PROTOCOLS: dict[int, Layer] = {
    0x0021: Layer.IP,
    0x0057: Layer.IPV6,
    0x0281: Layer.MPLS,
    0x0283: Layer.MPLS,
    0x003D: Layer.MULTILINK,
}

#: Network layer protocol identifiers in frame relay (RFC 2427 §3).
NETWORK_LAYER: dict[int, Layer] = {0xCC: Layer.IP, 0x8E: Layer.IPV6, 0xCF: Layer.PPP}

BRIDGED = 0x0031


def ppp_serial(cursor: Cursor) -> Next:
    """PPP in HDLC-like framing (RFC 1662 §3.1), or Cisco HDLC, which captures of serial lines mix with it."""
    if not cursor.has(2):
        return cursor.cut(2)
    return Layer.CISCO_HDLC if cursor.block[cursor.at] in (0x0F, 0x8F) else ppp(cursor)


def ppp(cursor: Cursor) -> Next:
    """A PPP frame, its address and control octets there or left out, its protocol in two octets or one."""
    if cursor.has(2) and cursor.block[cursor.at] == 0xFF:  # no protocol begins so
        cursor.at += 2
    if not cursor.has(2):
        return cursor.cut(2)
    protocol = cursor.block[cursor.at]
    if protocol & 1:  # protocol field compression (RFC 1661 §6.5)
        cursor.at += 1
    else:
        protocol = cursor.number(0)
        cursor.at += 2
    if protocol == BRIDGED:
        return _bridged(cursor)
    return PROTOCOLS.get(protocol, Skipped.NOT_IP)


def _bridged(cursor: Cursor) -> Next:
    """A bridged frame (RFC 3518 §4.2): flags, the kind of medium (1 is Ethernet), the frame."""
    if not cursor.has(2):
        return cursor.cut(2)
    medium = cursor.block[cursor.at + 1]
    cursor.at += 2
    return Layer.ETHERNET if medium == 1 else Skipped.NOT_IP


def multilink(cursor: Cursor) -> Next:
    """A PPP Multilink fragment (RFC 1990 §3) that is beginning and end at once; others are skipped."""
    if not cursor.has(4):
        return cursor.cut(4)
    if cursor.block[cursor.at] & 0xC0 != 0xC0:
        return Skipped.FRAGMENT
    cursor.at += 4
    return Layer.PPP


def pppoe(cursor: Cursor) -> Next:
    """A PPPoE session (RFC 2516 §4): version, type, code, session, length."""
    if not cursor.has(6):
        return cursor.cut(6)
    length = cursor.number(4)
    cursor.at += 6
    cursor.limit(length)
    return Layer.PPP


def cisco_hdlc(cursor: Cursor) -> Next:
    """Address, control, then an EtherType."""
    cursor.at += 2
    return Layer.ETHERTYPE


def frame_relay(cursor: Cursor) -> Next:
    """A Q.922 address (its last octet is odd), then what RFC 2427 §3 has, or Cisco's EtherType."""
    block, limit = cursor.block, min(cursor.end, cursor.at + 4)
    while cursor.at < limit and not block[cursor.at] & 1:
        cursor.at += 1
    cursor.at += 1
    if not cursor.has(2):
        return cursor.cut(2)
    if block[cursor.at] != 0x03:
        return Layer.ETHERTYPE
    cursor.at += 1
    if block[cursor.at] == 0:  # padding to an even place
        cursor.at += 1
        if not cursor.has(1):
            return cursor.cut(1)
    identifier = block[cursor.at]
    cursor.at += 1
    if identifier != 0x80:
        return NETWORK_LAYER.get(identifier, Skipped.NOT_IP)
    if not cursor.has(3):
        return cursor.cut(3)
    organization = cursor.number(0, 3)
    cursor.at += 3
    return Layer.ETHERTYPE if organization == 0 else Skipped.NOT_IP
