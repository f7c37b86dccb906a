"""Tunnels: GRE and its relatives, and those in UDP. What is not as its UDP port promises is plain UDP."""

from __future__ import annotations

from httptrace.packets.cursor import Cursor, Layer, Next, Skipped
from httptrace.packets.ethernet import by_ethertype, like_ethernet
from httptrace.packets.ip import upper
from httptrace.packets.mpls import NEXT_PROTOCOL

#: What GRE's protocol type says comes next: fewer EtherTypes than in Ethernet, and some of its own.
GRE_PROTOCOLS: dict[int, Layer] = {
    0x0800: Layer.IP,
    0x86DD: Layer.IPV6,
    0x6558: Layer.ETHERNET,
    0x6400: Layer.ETHERNET,
    0x8847: Layer.MPLS,
    0x8848: Layer.MPLS,
    0x880B: Layer.PPP,  # PPTP
    0x894F: Layer.SERVICE_HEADER,
    0x883E: Layer.WCCP,
    0x88BE: Layer.ERSPAN,
    0x22EB: Layer.ERSPAN_TYPE_3,
} | dict.fromkeys(range(0x8200, 0x8380, 0x10), Layer.WIRELESS)  # Aruba's access points, a number for each queue

CHECKSUM, ROUTING, KEY, SEQUENCE, ACKNOWLEDGEMENT = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080


def gre(cursor: Cursor) -> Next:
    """Generic routing encapsulation (RFC 2784, RFC 2890; RFC 1701 for routing), also PPTP's (RFC 2637)."""
    if not cursor.has(4):
        return cursor.cut(4)
    flags, protocol = cursor.number(0), cursor.number(2)
    length = 4
    length += 4 if flags & (CHECKSUM | ROUTING) else 0
    length += 4 if flags & KEY else 0
    length += 4 if flags & SEQUENCE else 0
    length += 4 if flags & 7 == 1 and flags & ACKNOWLEDGEMENT else 0
    cursor.at += length
    while (
        flags & ROUTING
    ):  # source route entries: address family, offset, length; one of family 0 and length 0 ends them
        if not cursor.has(4):
            return cursor.cut(4)
        family, entry = cursor.number(0), cursor.block[cursor.at + 3]
        cursor.at += 4 + entry
        if family == 0 and entry == 0:
            break
    if protocol == 0x88BE and not flags & SEQUENCE:
        return Layer.ETHERNET  # the first type of ERSPAN has no header
    return GRE_PROTOCOLS.get(protocol, Skipped.OTHER_PROTOCOL)


def wccp(cursor: Cursor) -> Next:
    """A packet redirected by WCCP: since version 2 four octets stand before its IP header."""
    if cursor.has(1) and cursor.block[cursor.at] >> 4 != 4:
        cursor.at += 4
    return Layer.IP


def erspan(cursor: Cursor) -> Next:
    """The second type of ERSPAN: version 1 and eight octets in all."""
    if not cursor.has(8):
        return cursor.cut(8)
    if cursor.block[cursor.at] >> 4 != 1:
        return Skipped.OTHER_PROTOCOL
    cursor.at += 8
    return Layer.ETHERNET


def erspan_type_3(cursor: Cursor) -> Next:
    """The third type of ERSPAN: version 2, twelve octets or twenty as the last bit says, a kind of frame."""
    if not cursor.has(12):
        return cursor.cut(12)
    version, kind = cursor.block[cursor.at] >> 4, cursor.block[cursor.at + 10] >> 2 & 0x1F
    cursor.at += 20 if cursor.block[cursor.at + 11] & 1 else 12
    if version != 2 or kind not in (0, 2):
        return Skipped.OTHER_PROTOCOL
    return Layer.IP if kind == 2 else Layer.ETHERNET


def ether_ip(cursor: Cursor) -> Next:
    """Ethernet in IP (RFC 3378 §3): a version and twelve bits of nothing, which some set to 0 all."""
    cursor.at += 2
    return Layer.ETHERNET


def vxlan(cursor: Cursor) -> Next:
    """VXLAN (RFC 7348 §5): eight octets, whose flags are not asked, and an Ethernet frame."""
    if not cursor.has(8):
        return Skipped.UDP
    cursor.at += 8
    return Layer.ETHERNET


def vxlan_gpe(cursor: Cursor) -> Next:
    """VXLAN with a next protocol in its fourth octet."""
    if not cursor.has(8):
        return Skipped.UDP
    following = NEXT_PROTOCOL.get(cursor.block[cursor.at + 3], Skipped.UDP)
    cursor.at += 8
    return following


def geneve(cursor: Cursor) -> Next:
    """Geneve (RFC 8926 §3.4): version 0, length of the options in words of four octets, an EtherType."""
    if not cursor.has(8) or cursor.block[cursor.at] & 0xC0:
        return Skipped.UDP
    kind = cursor.number(2)
    cursor.at += 8 + (cursor.block[cursor.at] & 0x3F) * 4
    return by_ethertype(cursor, kind) if kind > 0x0600 else Skipped.UDP


def gtp(cursor: Cursor) -> Next:
    """GTP-U (3GPP TS 29.281 §5.1), version 1 or 0, where it carries a user's packet (message type 255)."""
    if not cursor.has(8) or cursor.block[cursor.at + 1] != 0xFF:
        return Skipped.UDP
    flags, length = cursor.block[cursor.at], cursor.number(2)
    if flags >> 5 == 0:
        header = 20
    elif flags >> 4 == 3:  # version 1, and not GTP'
        header = 8
    else:
        return Skipped.UDP
    cursor.limit(header + length)
    cursor.at += header
    if flags >> 5 and flags & 7:  # sequence number, N-PDU number, kind of the first extension header
        if not cursor.has(4):
            return cursor.cut(4)
        kind = cursor.block[cursor.at + 3] if flags & 4 else 0
        cursor.at += 4
        while kind:  # an extension header: its length in words of four octets first, the kind of the next one last
            length = cursor.block[cursor.at] * 4 if cursor.has(1) else 4
            if length == 0:
                return Skipped.DAMAGED
            if not cursor.has(length):
                return cursor.cut(length)
            kind = cursor.block[cursor.at + length - 1]
            cursor.at += length
    if not cursor.has(1):
        return Skipped.UDP
    first = cursor.block[cursor.at]
    if 0x45 <= first <= 0x4E:
        return Layer.IP
    if first >> 4 == 6:
        return Layer.IPV6
    return Layer.ETHERNET if like_ethernet(cursor, 0) else Skipped.UDP


def teredo(cursor: Cursor) -> Next:
    """Teredo (RFC 4380 §5.1.1): IPv6 behind an authentication and an origin indication, both optional."""
    if cursor.has(4) and cursor.number(0) == 1:
        cursor.at += 13 + cursor.block[cursor.at + 2] + cursor.block[cursor.at + 3]
    if cursor.has(2) and cursor.number(0) == 0:
        cursor.at += 8
    if not cursor.has(1) or cursor.block[cursor.at] >> 4 != 6:
        return Skipped.UDP
    return Layer.IPV6


def ayiya(cursor: Cursor) -> Next:
    """AYIYA: lengths of identity and signature, operation (1 is forward), next header, epoch."""
    if not cursor.has(8):
        return Skipped.UDP
    identity, signature, operation, following = cursor.block[cursor.at : cursor.at + 4]
    if operation & 0x0F != 1:
        return Skipped.UDP
    cursor.at += 8 + (1 << (identity >> 4)) + (signature >> 4) * 4
    return upper(cursor, following)


def l2tp(cursor: Cursor) -> Next:
    """A data message of L2TP version 2 (RFC 2661 §3.1), which carries PPP."""
    if not cursor.has(6):
        return Skipped.UDP
    flags = cursor.number(0)
    if flags & 0x8000 or flags & 0x000F != 2:
        return Skipped.UDP
    if flags & 0x4000:
        cursor.limit(cursor.number(2))
        cursor.at += 2
    cursor.at += 6
    cursor.at += 4 if flags & 0x0800 else 0
    if flags & 0x0200:
        if not cursor.has(2):
            return cursor.cut(2)
        cursor.at += 2 + cursor.number(0)
    return Layer.PPP_SERIAL


def capwap(cursor: Cursor) -> Next:
    """A data packet of CAPWAP (RFC 5415 §4.3): Ethernet or, where the T bit says so, IEEE 802.11."""
    if not cursor.has(8):
        return Skipped.UDP
    word = cursor.number(0, 4)
    if word >> 24 & 0x0F == 1:  # DTLS
        return Skipped.ENCRYPTED
    if word & 0x08:  # keep-alive
        return Skipped.UDP
    if word & 0x80:
        return Skipped.FRAGMENT
    cursor.at += (word >> 19 & 0x1F) * 4
    return Layer.WIRELESS_SWAPPED if word & 0x100 else Layer.ETHERNET


def lisp(cursor: Cursor) -> Next:
    """LISP data (RFC 9300 §5.1): eight octets, then IP."""
    if not cursor.has(9) or cursor.block[cursor.at + 8] >> 4 not in (4, 6):
        return Skipped.UDP
    cursor.at += 8
    return Layer.IP


#: Kinds of frame that TZSP carries.
TZSP_KINDS: dict[int, Layer] = {1: Layer.ETHERNET, 18: Layer.WIRELESS, 119: Layer.PRISM, 127: Layer.RADIOTAP}


def tzsp(cursor: Cursor) -> Next:
    """TaZmen Sniffer Protocol: version 1, type, kind of frame, tags (0 pads, 1 ends), the frame."""
    if not cursor.has(4) or cursor.block[cursor.at] != 1:
        return Skipped.UDP
    following = TZSP_KINDS.get(cursor.number(2), Skipped.UDP)
    cursor.at += 4
    while cursor.has(1):
        tag = cursor.block[cursor.at]
        if tag == 1:
            cursor.at += 1
            return following
        if tag == 0:
            cursor.at += 1
        elif cursor.has(2):
            cursor.at += 2 + cursor.block[cursor.at + 1]
        else:
            break
    return cursor.cut(1)
