"""Frames: a segment in IP, in whatever carries IP, each way named in `LINKS`, `TUNNELS` and `NETWORKS`.

A conversation picks one of each. Everything is written out here by hand, so that nothing is read back by
the program that wrote it."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

IPV4, IPV6, TCP, UDP = 0x0800, 0x86DD, 6, 17
MAC = bytes.fromhex("020000000001020000000002")


@dataclass(slots=True)
class Path:
    """The addresses of a conversation and what its packets are wrapped in."""

    client: str = "192.0.2.1"
    server: str = "198.51.100.1"
    client_port: int = 40000
    server_port: int = 80
    link: str = "ethernet"
    tunnel: str = "none"
    network: str = "plain"
    padding: bool = True  # Ethernet fills short frames to 60 bytes
    identification: dict[int, int] = field(default_factory=lambda: {0: 0})

    @property
    def version(self) -> int:
        return 6 if ":" in self.client else 4

    @property
    def link_type(self) -> int:
        return LINKS[self.link][0]


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address: str) -> bytes:
    return ipaddress.ip_address(address).packed


def tcp_header(
    source: str,
    target: str,
    ports: tuple[int, int],
    seq: int,
    ack: int,
    flags: int,
    window: int,
    options: bytes,
    payload: bytes,
) -> bytes:
    """A TCP segment with its checksum (RFC 9293 §3.1)."""
    options += b"\0" * (-len(options) % 4)
    offset = (20 + len(options)) // 4 << 12
    header = (
        struct.pack("!HHIIHHHH", *ports, seq & 0xFFFF_FFFF, ack & 0xFFFF_FFFF, offset | flags, window, 0, 0) + options
    )
    one, two = packed(source), packed(target)
    length = len(header) + len(payload)
    pseudo = one + two + (struct.pack("!BBH", 0, TCP, length) if len(one) == 4 else struct.pack("!II", length, TCP))
    total = checksum(pseudo + header + payload)
    return header[:16] + struct.pack("!H", total) + header[18:] + payload


def ipv4(
    source: str,
    target: str,
    protocol: int,
    payload: bytes,
    *,
    options: bytes = b"",
    ident: int = 0,
    fragment: int = 0,
) -> bytes:
    options += b"\0" * (-len(options) % 4)
    size = 20 + len(options)
    header = struct.pack("!BBHHHBBH", 0x40 | size // 4, 0, size + len(payload), ident, fragment, 64, protocol, 0)
    header += packed(source) + packed(target) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ipv6(
    source: str, target: str, protocol: int, payload: bytes, extensions: bytes = b"", first: int | None = None
) -> bytes:
    """`extensions` are whole headers whose last names `protocol`; `first` is the number of the first of
    them."""
    following = protocol if first is None else first
    return (
        struct.pack("!IHBB", 0x6000_0000, len(extensions) + len(payload), following, 64)
        + packed(source)
        + packed(target)
        + extensions
        + payload
    )


def udp(ports: tuple[int, int], payload: bytes) -> bytes:
    return struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload


# -- the network layer: one datagram, or its fragments -------------------------------------------------------


def datagrams(path: Path, source: str, target: str, segment: bytes) -> list[bytes]:
    """The IP packets that carry one segment, in the order in which they are sent."""
    path.identification[0] = ident = (path.identification[0] + 1) & 0xFFFF
    if path.version == 4:
        options = b"\x94\x04\x00\x00\x01\x01" if path.network == "options" else b""
        if path.network not in ("fragments", "fragments-back") or len(segment) < 80:
            return [ipv4(source, target, TCP, segment, options=options, ident=ident, fragment=0x4000)]
        step = max(len(segment) // 3 // 8 * 8, 24)
        pieces = []
        for at in range(0, len(segment), step):
            more = 0x2000 if at + step < len(segment) else 0
            part = segment[at : at + step]
            pieces.append(ipv4(source, target, TCP, part, options=options, ident=ident, fragment=more | at // 8))
        return pieces[::-1] if path.network == "fragments-back" else pieces
    if path.network == "options":  # hop-by-hop, destination options, routing
        extensions = struct.pack("!BB", 60, 0) + b"\x01\x04\0\0\0\0" + struct.pack("!BB", TCP, 0) + b"\x01\x04\0\0\0\0"
        return [ipv6(source, target, TCP, segment, extensions, 0)]
    if path.network not in ("fragments", "fragments-back") or len(segment) < 80:
        return [ipv6(source, target, TCP, segment)]
    step = max(len(segment) // 3 // 8 * 8, 24)
    pieces = []
    for at in range(0, len(segment), step):
        more = at + step < len(segment)
        extension = struct.pack("!BBHI", TCP, 0, at | more, ident)
        pieces.append(ipv6(source, target, TCP, segment[at : at + step], extension, 44))
    return pieces[::-1] if path.network == "fragments-back" else pieces


# -- tunnels: a datagram in a datagram -----------------------------------------------------------------------

OUTER = ("203.0.113.1", "203.0.113.2")


def ether_type(datagram: bytes) -> int:
    return IPV4 if datagram[0] >> 4 == 4 else IPV6


def inner_ethernet(datagram: bytes) -> bytes:
    return MAC + struct.pack("!H", ether_type(datagram)) + datagram


def gre(datagram: bytes) -> bytes:
    """RFC 2784 with key and sequence number (RFC 2890)."""
    return ipv4(*OUTER, 47, struct.pack("!HHII", 0x3000, ether_type(datagram), 7, 1) + datagram)


def vxlan(datagram: bytes) -> bytes:
    return ipv4(*OUTER, UDP, udp((50000, 4789), struct.pack("!II", 0x0800_0000, 42 << 8) + inner_ethernet(datagram)))


def geneve(datagram: bytes) -> bytes:
    options = struct.pack("!HBBI", 0x0102, 3, 1, 0xABCDEF01)
    return ipv4(
        *OUTER,
        UDP,
        udp(
            (50000, 6081),
            struct.pack("!BBHI", len(options) // 4, 0, 0x6558, 42 << 8) + options + inner_ethernet(datagram),
        ),
    )


def teredo(datagram: bytes) -> bytes:
    """RFC 4380: IPv6 in UDP to port 3544, with an origin indication in front."""
    origin = struct.pack("!HHI", 0, 0x1234, 0xC0000201)
    return ipv4(*OUTER, UDP, udp((50000, 3544), origin + datagram))


def ip_in_ip(datagram: bytes) -> bytes:
    return ipv4(*OUTER, 4 if datagram[0] >> 4 == 4 else 41, datagram)


def ip_in_ipv6(datagram: bytes) -> bytes:
    return ipv6("2001:db8:ffff::1", "2001:db8:ffff::2", 4 if datagram[0] >> 4 == 4 else 41, datagram)


TUNNELS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda datagram: datagram,
    "gre": gre,
    "vxlan": vxlan,
    "geneve": geneve,
    "teredo": teredo,
    "ip-in-ip": ip_in_ip,
    "ip-in-ipv6": ip_in_ipv6,
}

# -- link layers ---------------------------------------------------------------------------------------------


def ethernet(datagram: bytes) -> bytes:
    return MAC + struct.pack("!H", ether_type(datagram)) + datagram


def vlan(datagram: bytes) -> bytes:
    return MAC + struct.pack("!HHH", 0x8100, 5, ether_type(datagram)) + datagram


def qinq(datagram: bytes) -> bytes:
    return MAC + struct.pack("!HHHHH", 0x88A8, 100, 0x8100, 5, ether_type(datagram)) + datagram


def mpls(datagram: bytes) -> bytes:
    """Two labels; the second has the bottom-of-stack bit (RFC 3032)."""
    return MAC + struct.pack("!HII", 0x8847, 1000 << 12 | 64, 2000 << 12 | 0x100 | 64) + datagram


def ppp_protocol(datagram: bytes) -> int:
    return 0x0021 if ether_type(datagram) == IPV4 else 0x0057


def pppoe(datagram: bytes) -> bytes:
    return MAC + struct.pack("!HBBHHH", 0x8864, 0x11, 0, 9, len(datagram) + 2, ppp_protocol(datagram)) + datagram


def ppp(datagram: bytes) -> bytes:
    return struct.pack("!BBH", 0xFF, 0x03, ppp_protocol(datagram)) + datagram


def cooked(datagram: bytes) -> bytes:
    return struct.pack("!HHH6s2xH", 4, 1, 6, MAC[:6], ether_type(datagram)) + datagram


def cooked_second(datagram: bytes) -> bytes:
    return struct.pack("!HHIHBB6s2x", ether_type(datagram), 0, 2, 1, 4, 6, MAC[:6]) + datagram


def family(datagram: bytes) -> int:
    return 2 if ether_type(datagram) == IPV4 else 30


#: name: (LINKTYPE_ number, what stands before the datagram)
LINKS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "ethernet": (1, ethernet),
    "vlan": (1, vlan),
    "qinq": (1, qinq),
    "mpls": (1, mpls),
    "pppoe": (1, pppoe),
    "ppp": (9, ppp),
    "raw": (101, lambda datagram: datagram),
    "raw-ip": (228, lambda datagram: datagram),
    "sll": (113, cooked),
    "sll2": (276, cooked_second),
    "null-little": (0, lambda datagram: struct.pack("<I", family(datagram)) + datagram),
    "null-big": (0, lambda datagram: struct.pack(">I", family(datagram)) + datagram),
    "loop": (108, lambda datagram: struct.pack(">I", family(datagram)) + datagram),
}


def frames(path: Path, source: str, target: str, segment: bytes) -> list[bytes]:
    """The frames that carry one TCP segment."""
    found = []
    for datagram in datagrams(path, source, target, segment):
        frame = LINKS[path.link][1](TUNNELS[path.tunnel](datagram))
        if path.padding and path.link_type == 1:
            frame += b"\0" * (60 - len(frame))
        found.append(frame)
    return found
