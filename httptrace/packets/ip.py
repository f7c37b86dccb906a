"""IPv4 (RFC 791) and IPv6 (RFC 8200) with options, extension headers and fragments, and UDP (RFC 768)."""

from __future__ import annotations

from struct import Struct

from httptrace.packets.cursor import Cursor, Layer, Next, Skipped

IPV4_HEADER = Struct(
    "!BxHHHxBxx4s4s"
)  # version and length, total length, identification, fragment, protocol, addresses
IPV6_HEADER = Struct("!B3xHBx16s16s")  # version, payload length, next header, addresses

#: What the protocol (next header) number says comes next. Those not listed hold no TCP.
PROTOCOLS: dict[int, Layer | Skipped] = {
    1: Skipped.ICMP,
    4: Layer.IP,
    6: Layer.TCP,
    17: Layer.UDP,
    41: Layer.IPV6,
    47: Layer.GRE,
    50: Skipped.ENCRYPTED,
    58: Skipped.ICMP,
    97: Layer.ETHER_IP,
    137: Layer.MPLS,
    143: Layer.ETHERNET,  # RFC 8986 §4.9
}

#: Extension headers that have a next header and a length in words of eight octets, the first not counted.
#: Mobility and HIP headers look alike, but nothing follows them (RFC 6275 §6.1.1, RFC 7401 §5.1).
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, SHIM6 = 0, 43, 44, 51, 60, 140
EXTENSIONS = frozenset({HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, SHIM6})

#: UDP ports that mean a tunnel, as Wireshark 4.0 has them unless told otherwise.
TUNNEL_PORTS: dict[int, Layer] = {
    1701: Layer.L2TP,
    2123: Layer.GTP,
    2152: Layer.GTP,
    3386: Layer.GTP,
    3544: Layer.TEREDO,
    4341: Layer.LISP,
    4754: Layer.GRE,  # RFC 8086
    4789: Layer.VXLAN,
    4790: Layer.VXLAN_GPE,
    5072: Layer.AYIYA,
    5247: Layer.CAPWAP,
    6081: Layer.GENEVE,
    6635: Layer.MPLS,  # RFC 7510
    37008: Layer.TZSP,
}


def ip(cursor: Cursor) -> Next:
    """Either version, as the first four bits say."""
    if not cursor.has(1):
        return cursor.cut(1)
    version = cursor.block[cursor.at] >> 4
    if version == 4:
        return ipv4(cursor)
    return ipv6(cursor) if version == 6 else Skipped.DAMAGED


def ipv4(cursor: Cursor) -> Next:
    """An IPv4 header and its options. A total length of 0 (the hardware will split it) stands for all."""
    at = cursor.at
    if not cursor.has(20):
        return cursor.cut(20)
    fields = IPV4_HEADER.unpack_from(cursor.block, at)
    first, total, identification, fragment, protocol, source, destination = fields
    header = (first & 0x0F) * 4
    if first >> 4 != 4 or header < 20 or 0 < total < header:
        return Skipped.DAMAGED
    if not cursor.has(header):
        return cursor.cut(header)
    if header > 20:
        destination = _routed_to(cursor.block[at + 20 : at + header], destination)
    cursor.source, cursor.destination = source, destination
    captured = (at + total if total else cursor.wire_end) <= cursor.end
    if total:
        cursor.limit(total)
    cursor.at = at + header
    if fragment & 0x3FFF:
        name = b"%c%c%b%b" % (4, protocol, identification.to_bytes(2, "big"), cursor.block[at + 12 : at + 20])
        problem = _fragment(cursor, name, (fragment & 0x1FFF) * 8, bool(fragment & 0x2000), captured)
        if problem is not None:
            return problem
    return upper(cursor, protocol)


def _routed_to(options: bytes, destination: bytes) -> bytes:
    """Where a datagram with these options goes: the end of a source route not used up (RFC 791 §3.1)."""
    place = 0
    while place + 2 < len(options) and options[place]:
        if options[place] == 1:  # no operation
            place += 1
            continue
        kind, length, pointer = options[place : place + 3]
        if length < 2:
            break
        if kind in (131, 137) and length >= 7 and pointer <= length and place + length <= len(options):
            last = place + 3 + (length - 3) // 4 * 4
            return options[last - 4 : last]
        place += length
    return destination


def ipv6(cursor: Cursor) -> Next:
    """An IPv6 header. A payload length of 0 stands for a jumbogram (RFC 2675 §2) or as in IPv4: all."""
    at = cursor.at
    if not cursor.has(40):
        return cursor.cut(40)
    first, payload, following, cursor.source, cursor.destination = IPV6_HEADER.unpack_from(cursor.block, at)
    if first >> 4 != 6:
        return Skipped.DAMAGED
    if payload:
        cursor.limit(40 + payload)
    captured = (at + 40 + payload if payload else cursor.wire_end) <= cursor.end
    cursor.at = at + 40
    return upper(cursor, following, captured)


def upper(cursor: Cursor, protocol: int, captured: bool = True) -> Next:
    """What this protocol number says stands here, extensions passed. `captured`: all of it is there."""
    while protocol in EXTENSIONS:
        if not cursor.has(8):
            return cursor.cut(8)
        block, at = cursor.block, cursor.at
        kind, protocol = protocol, block[at]
        if kind == FRAGMENT:
            offset, name = cursor.number(2), block[at + 4 : at + 8]
            cursor.at += 8
            if offset & 0xFFF9:  # else an atomic fragment (RFC 6946)
                name = b"\x06" + name + cursor.source + cursor.destination
                problem = _fragment(cursor, name, offset & 0xFFF8, bool(offset & 1), captured)
                if problem is not None:
                    return problem
                captured = True
            continue
        length = (block[at + 1] + 2) * 4 if kind == AUTHENTICATION else (block[at + 1] + 1) * 8
        if not cursor.has(length):
            return cursor.cut(length)
        if kind == ROUTING and len(cursor.destination) == 16:  # not where damage put it into IPv4
            cursor.destination = _routing_end(block[at : at + length], cursor.destination)
        cursor.at += length
    return PROTOCOLS.get(protocol, Skipped.OTHER_PROTOCOL)


def _routing_end(header: bytes, destination: bytes) -> bytes:
    """Where a datagram with this routing header goes; TCP's checksum has that address too (RFC 8200 §8.1)."""
    kind, segments_left = header[2], header[3]
    if not segments_left or len(header) < 24:
        return destination
    if kind in (0, 2):
        return header[-16:] if len(header) % 16 == 8 else destination
    if kind == 4:  # segment routing lists the last one first (RFC 8754 §2)
        return header[8:24]
    return destination


def _fragment(cursor: Cursor, name: bytes, offset: int, more: bool, captured: bool) -> Skipped | None:
    """Put a fragment with the others of its datagram; go on in the whole where it was the last one missing.

    A fragment that was not captured to its end cannot make a datagram whole. If it is the first one its
    headers are read as they stand: what was captured of the segment is better than nothing.
    """
    if not captured:
        return Skipped.FRAGMENT if offset else None
    whole = cursor.fragments.add(name, offset, cursor.block[cursor.at : cursor.end], more, cursor.time_ns)
    if whole is None:
        return Skipped.FRAGMENT
    cursor.block, cursor.at, cursor.end, cursor.wire_end = whole, 0, len(whole), len(whole)
    return None


def udp(cursor: Cursor) -> Next:
    """A UDP header, and the tunnel that one of its ports means; the lower port is asked first."""
    if not cursor.has(8):
        return Skipped.UDP
    source, destination, length = cursor.number(0), cursor.number(2), cursor.number(4)
    low, high = (source, destination) if source < destination else (destination, source)
    layer = TUNNEL_PORTS.get(low) or TUNNEL_PORTS.get(high)
    if layer is None or length < 8:
        return Skipped.UDP
    cursor.limit(length)
    cursor.at += 8
    return layer
