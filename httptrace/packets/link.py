"""Link types: what stands at the start of a captured frame, and the headers of captures that are on no wire.

The numbers are those of tcpdump's LINKTYPE_ registry. Those not listed give no TCP.
"""

from __future__ import annotations

from struct import Struct

from httptrace.packets.cursor import Cursor, Layer, Next, Skipped
from httptrace.packets.ethernet import by_ethertype
from httptrace.packets.tunnels import GRE_PROTOCOLS

#: LINKTYPE_ number: how many octets to pass, and what stands behind them.
LINKS: dict[int, tuple[int, Layer]] = {
    0: (0, Layer.LOOPBACK),
    1: (0, Layer.ETHERNET),
    6: (0, Layer.TOKEN_RING),
    9: (0, Layer.PPP_SERIAL),
    10: (13, Layer.LLC),  # FDDI: frame control and two addresses
    12: (0, Layer.IP),  # raw IP has three numbers, because DLT_RAW differs between systems
    14: (0, Layer.IP),
    50: (0, Layer.PPP_SERIAL),
    51: (0, Layer.PPPOE),
    100: (0, Layer.LLC),  # ATM (RFC 2684)
    101: (0, Layer.IP),
    104: (0, Layer.CISCO_HDLC),
    105: (0, Layer.WIRELESS),
    107: (0, Layer.FRAME_RELAY),
    108: (0, Layer.LOOPBACK),
    109: (0, Layer.OPENBSD_ENCAPSULATED),
    113: (0, Layer.COOKED),
    117: (0, Layer.PACKET_FILTER_LOG),
    119: (0, Layer.PRISM),
    127: (0, Layer.RADIOTAP),
    138: (16, Layer.ETHERTYPE),  # IP over FireWire: two addresses of eight octets
    163: (0, Layer.PRISM),
    192: (0, Layer.PER_PACKET_INFORMATION),
    204: (1, Layer.PPP_SERIAL),  # these three begin with an octet for the direction
    205: (1, Layer.CISCO_HDLC),
    206: (1, Layer.FRAME_RELAY),
    219: (0, Layer.MPLS),
    228: (0, Layer.IP),
    229: (0, Layer.IPV6),
    239: (0, Layer.NETFILTER_LOG),
    258: (0, Layer.APPLE_PACKET_TAP),
    276: (0, Layer.COOKED_V2),
}

#: The kinds of frame that Linux cooked captures give numbers below those of EtherTypes.
COOKED_KINDS: dict[int, Layer] = {3: Layer.ETHERNET, 4: Layer.LLC, 7: Layer.PPP}

#: The hardware type of a GRE tunnel's end: the protocol is one of GRE's.
HARDWARE_GRE = 778

#: Address families: IPv4 is 2 everywhere; IPv6 is 24 (NetBSD, OpenBSD), 28 (FreeBSD), 30 (macOS), 10 (Linux),
#: 23 (Windows).
FAMILIES: dict[int, Layer] = {2: Layer.IP} | dict.fromkeys((10, 23, 24, 28, 30), Layer.IPV6)

#: A field of a netfilter log: its length, these four octets included, and its type; which type is the packet.
LITTLE_FIELD, BIG_FIELD = Struct("<HH"), Struct(">HH")
PAYLOAD = 9


def cooked(cursor: Cursor) -> Next:
    """Linux cooked capture: packet type, hardware type, address of up to eight octets, protocol."""
    return _cooked(cursor, hardware=2, protocol=14, header=16)


def cooked_v2(cursor: Cursor) -> Next:
    """Its second version: protocol first, then among others the interface and the hardware type."""
    return _cooked(cursor, hardware=8, protocol=0, header=20)


def _cooked(cursor: Cursor, hardware: int, protocol: int, header: int) -> Next:
    if not cursor.has(header):
        return cursor.cut(header)
    device, kind = cursor.number(hardware), cursor.number(protocol)
    cursor.at += header
    if device == HARDWARE_GRE:
        return GRE_PROTOCOLS.get(kind, Skipped.NOT_IP)
    if kind < 0x0600:
        return COOKED_KINDS.get(kind, Skipped.NOT_IP)
    return by_ethertype(cursor, kind)


def loopback(cursor: Cursor) -> Next:
    """The loopback header of BSD: the address family in the byte order of the machine, or network order.

    Some systems write PPP's first octets or an EtherType here.
    """
    return _family(cursor, 4)


def openbsd_encapsulated(cursor: Cursor) -> Next:
    """What OpenBSD's `enc` interface gives: address family, security parameters index, flags."""
    return _family(cursor, 12)


def _family(cursor: Cursor, header: int) -> Next:
    if not cursor.has(header):
        return cursor.cut(header)
    if cursor.number(0) == 0xFF03:
        return Layer.PPP
    family = cursor.number(0, 4)
    if family > 0xFFFF:
        family = int.from_bytes(cursor.block[cursor.at : cursor.at + 4], "little")
    cursor.at += header
    if 0x0600 <= family <= 0xFFFF:
        return by_ethertype(cursor, family)
    return FAMILIES.get(family, Skipped.NOT_IP)


def packet_filter_log(cursor: Cursor) -> Next:
    """The log of OpenBSD's packet filter: length of its header (rounded up to words), address family."""
    if not cursor.has(2):
        return cursor.cut(2)
    length, family = cursor.block[cursor.at], cursor.block[cursor.at + 1]
    cursor.at += (length + 3) & ~3
    return FAMILIES.get(family, Skipped.NOT_IP)


def netfilter_log(cursor: Cursor) -> Next:
    """Linux netfilter log: address family, version 0, resource; then fields of length, type and value.

    Lengths and types are in the byte order of the machine that captured. The first field is a short one: its
    length, read the wrong way round, would be a long one.
    """
    if not cursor.has(8):
        return cursor.cut(8)
    block, family = cursor.block, cursor.block[cursor.at]
    cursor.at += 4
    first = int.from_bytes(block[cursor.at : cursor.at + 2], "little")
    fields = LITTLE_FIELD if 4 <= first <= 0xFF else BIG_FIELD
    while cursor.has(4):
        length, kind = fields.unpack_from(block, cursor.at)
        if length < 4:
            return Skipped.DAMAGED
        if kind == PAYLOAD:
            cursor.limit(length)
            cursor.at += 4
            return FAMILIES.get(family, Skipped.NOT_IP)
        cursor.at += (length + 3) & ~3
    return cursor.cut(4)


def per_packet_information(cursor: Cursor) -> Next:
    """The PPI header: version, flags, length, and the link type of what follows it, little-endian."""
    if not cursor.has(8):
        return cursor.cut(8)
    block, at = cursor.block, cursor.at
    length = int.from_bytes(block[at + 2 : at + 4], "little")
    return _linked(cursor, length, 8, int.from_bytes(block[at + 4 : at + 8], "little"))


def apple_packet_tap(cursor: Cursor) -> Next:
    """Apple's pktap header: length, record type (1 is a packet), link type of what follows, little-endian."""
    if not cursor.has(12):
        return cursor.cut(12)
    length, record, link = (
        int.from_bytes(cursor.block[cursor.at + place : cursor.at + place + 4], "little") for place in (0, 4, 8)
    )
    return _linked(cursor, length, 12, link) if record == 1 else Skipped.NOT_IP


def _linked(cursor: Cursor, length: int, least: int, link: int) -> Next:
    """What a frame of that link type begins with, `length` octets from here."""
    if length < least:
        return Skipped.DAMAGED
    if link not in LINKS:
        return Skipped.UNKNOWN_LINK
    octets, layer = LINKS[link]
    cursor.at += length + octets
    return layer
