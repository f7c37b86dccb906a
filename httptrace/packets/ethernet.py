"""Ethernet, the tags between its addresses and what it carries, IEEE 802.2 and the EtherTypes.

EtherTypes are IANA's "IEEE 802 Numbers"; a tag is a few octets followed by another EtherType.
"""

from __future__ import annotations

from httptrace.packets.cursor import Cursor, Layer, Next, Skipped

#: What an EtherType says comes next. Those not listed carry no IP.
ETHERTYPES: dict[int, Layer] = {
    0x0800: Layer.IP,
    0x86DD: Layer.IPV6,
    0x8847: Layer.MPLS,
    0x8848: Layer.MPLS,  # upstream-assigned labels, once called multicast (RFC 5332)
    0x8864: Layer.PPPOE,
    0x880B: Layer.PPP,
    0x6558: Layer.ETHERNET,  # transparent Ethernet bridging
    0x894F: Layer.SERVICE_HEADER,
}

#: Tags: how many octets stand between the tag's EtherType and the next one.
TAGS: dict[int, int] = {
    0x8100: 2,  # IEEE 802.1Q
    0x88A8: 2,  # IEEE 802.1ad
    0x9100: 2,  # older double tags
    0x9200: 2,
    0x893F: 6,  # E-Tag of IEEE 802.1BR
    0x8926: 4,  # VN-Tag
    0x8909: 6,  # Cisco metadata
    0xF1C1: 4,  # R-Tag of IEEE 802.1CB
    0x892F: 4,  # HSR
    0x88E7: 16,  # I-Tag of IEEE 802.1ah, and the inner addresses
}

MACSEC = 0x88E5

#: How the destination in Cisco's Inter-Switch Link begins: a header of 26 octets, then Ethernet.
INTER_SWITCH = (bytes.fromhex("01000c0000"), bytes.fromhex("03000c0000"))

#: Up to here the field is the length of an IEEE 802.3 frame, which LLC follows.
LONGEST_802_3 = 1500


def ethernet(cursor: Cursor) -> Next:
    """Two addresses, then an EtherType, or a length and LLC."""
    if not cursor.has(14):
        return cursor.cut(14)
    if cursor.block[cursor.at : cursor.at + 5] in INTER_SWITCH:
        cursor.limit(14 + cursor.number(12))
        cursor.at += 26
        return Layer.ETHERNET
    cursor.at += 12
    length = cursor.number(0)
    if length > LONGEST_802_3:
        return ethertype(cursor)
    cursor.at += 2
    cursor.limit(length)
    return Layer.LLC


def ethertype(cursor: Cursor) -> Next:
    """An EtherType stands here: what it names, behind any number of tags."""
    if not cursor.has(2):
        return cursor.cut(2)
    kind = cursor.number(0)
    cursor.at += 2
    return by_ethertype(cursor, kind)


def by_ethertype(cursor: Cursor, kind: int) -> Next:
    """What an EtherType that was read elsewhere says stands here."""
    while kind in TAGS or kind == MACSEC:
        if kind == MACSEC:
            problem = _macsec(cursor)
            if problem is not None:
                return problem
        else:
            cursor.at += TAGS[kind]
        if not cursor.has(2):
            return cursor.cut(2)
        kind = cursor.number(0)
        cursor.at += 2
    if kind <= LONGEST_802_3:  # the length of a tagged IEEE 802.3 frame
        cursor.limit(kind)
        return Layer.LLC
    return ETHERTYPES.get(kind, Skipped.NOT_IP)


def _macsec(cursor: Cursor) -> Skipped | None:
    """Pass the SecTAG of a frame that is signed and not encrypted (IEEE 802.1AE §9)."""
    if not cursor.has(6):
        return cursor.cut(6)
    control = cursor.block[cursor.at]
    if control & 0x8C:  # another version, encrypted, or changed text
        return Skipped.ENCRYPTED
    cursor.at += 14 if control & 0x20 else 6
    return None


def like_ethernet(cursor: Cursor, offset: int) -> bool:
    """Whether an Ethernet frame `offset` octets from here would have an EtherType we know, or ARP's."""
    if not cursor.has(offset + 14):
        return False
    kind = cursor.number(offset + 12)
    return kind in ETHERTYPES or kind in TAGS or kind == 0x0806


def llc(cursor: Cursor) -> Next:
    """IEEE 802.2 logical link control: IP over SNAP (RFC 1042), IP's own access point, or bridging."""
    if not cursor.has(3):
        return cursor.cut(3)
    destination, source, control = cursor.block[cursor.at : cursor.at + 3]
    if control & 0xEF != 0x03:  # not unnumbered information
        return Skipped.NOT_IP
    cursor.at += 3
    if destination == 0x06:
        return Layer.IP
    if destination != 0xAA or source != 0xAA:
        return Skipped.NOT_IP
    if not cursor.has(5):
        return cursor.cut(5)
    organization = cursor.number(0, 3)
    cursor.at += 3
    if organization in (
        0x000000,
        0x0000F8,
    ):  # an EtherType follows; the second is the bridge-tunnel encapsulation
        return ethertype(cursor)
    if organization == 0x0080C2 and cursor.number(0) in (0x0001, 0x0007):  # bridged Ethernet (RFC 2427 §4.2)
        cursor.at += 2
        return Layer.ETHERNET
    return Skipped.NOT_IP


def token_ring(cursor: Cursor) -> Next:
    """Access and frame control, two addresses, and the route that the source's first bit announces."""
    if not cursor.has(15):
        return cursor.cut(15)
    routed = cursor.block[cursor.at + 8] & 0x80
    cursor.at += 14
    if routed:
        cursor.at += cursor.block[cursor.at] & 0x1F
    return Layer.LLC
