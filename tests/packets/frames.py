"""Frames that all carry one and the same TCP segment, in every link type and every tunnel that is known.

The usual layers come from scapy; what it does not have, or has under other defaults, is written in octets.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_LSRR
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.l2 import GRE, Dot1AD, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

SOURCE, DESTINATION = "192.0.2.1", "198.51.100.2"
SOURCE6, DESTINATION6 = "2001:db8::1", "2001:db8::2"
ELSEWHERE, ELSEWHERE6 = "203.0.113.9", "2001:db8::9"
PORTS = (49152, 80)
PAYLOAD = b"GET / HTTP/1.1\r\n\r\n"

SEGMENT = bytes(TCP(sport=PORTS[0], dport=PORTS[1], seq=5, ack=7, flags="PA", chksum=1) / PAYLOAD)
KEY = bytes((192, 0, 2, 1, 198, 51, 100, 2)) + struct.pack("!HH", *PORTS)
KEY6 = bytes.fromhex("20010db8" + "00" * 11 + "01" + "20010db8" + "00" * 11 + "02") + struct.pack("!HH", *PORTS)


def ipv4(payload: bytes | Packet = SEGMENT, protocol: int = 6, **fields: Any) -> bytes:
    return bytes(IP(src=SOURCE, dst=DESTINATION, proto=protocol, **fields) / payload)


def ipv6(payload: bytes | Packet = SEGMENT, following: int = 6, **fields: Any) -> bytes:
    return bytes(IPv6(src=SOURCE6, dst=DESTINATION6, nh=following, **fields) / payload)


ETHER = Ether(src="02:00:00:00:00:02", dst="02:00:00:00:00:01")


def ethernet(kind: int, payload: bytes) -> bytes:
    return bytes.fromhex("020000000001020000000002") + struct.pack("!H", kind) + payload


def outer(protocol: int, payload: bytes) -> bytes:
    """An IPv4 packet between other addresses: the outside of a tunnel."""
    return ethernet(0x0800, bytes(IP(src=ELSEWHERE, dst=ELSEWHERE, proto=protocol) / Raw(payload)))


def udp(port: int, payload: bytes) -> bytes:
    return outer(17, bytes(UDP(sport=50000, dport=port, chksum=1, len=8 + len(payload)) / Raw(payload)))


def snap(kind: int, payload: bytes) -> bytes:
    return bytes.fromhex("aaaa03000000") + struct.pack("!H", kind) + payload


def gre(kind: int, payload: bytes, **fields: Any) -> bytes:
    return outer(47, bytes(GRE(proto=kind, **fields) / Raw(payload)))


def wireless(first: int, second: int, header: int, payload: bytes) -> bytes:
    return bytes((first, second)) + bytes(header - 2) + payload


class Case(NamedTuple):
    """A frame, and the key of the segment it carries."""

    name: str
    link: int
    frame: bytes
    key: bytes = KEY


V4, V6 = ipv4(), ipv6()
ETHERNET = ethernet(0x0800, V4)
LLC = snap(0x0800, V4)
VIA = IPv6ExtHdrRouting(type=0, addresses=[ELSEWHERE6, DESTINATION6], segleft=2, nh=6)
AUTHENTICATION = bytes.fromhex("0604000000000001000000010123456789abcdef01234567")
INTER_SWITCH = (
    bytes.fromhex("01000c000000020000000002") + struct.pack("!H12x", 16 + len(ETHERNET)) + ETHERNET + bytes(4)
)

LINKS = [
    Case("ethernet", 1, ETHERNET),
    Case("ethernet-ipv6", 1, ethernet(0x86DD, V6), KEY6),
    Case("ethernet-802.3-snap", 1, ethernet(len(LLC), LLC)),
    Case("ethernet-802.3-llc-ip", 1, ethernet(len(V4) + 3, b"\x06\x06\x03" + V4)),
    Case("ethernet-ipv4-type-ipv6-inside", 1, ethernet(0x0800, V6), KEY6),
    Case("raw-12", 12, V4),
    Case("raw-14", 14, V6, KEY6),
    Case("raw-101-ipv4", 101, V4),
    Case("raw-101-ipv6", 101, V6, KEY6),
    Case("ipv4-228", 228, V4),
    Case("ipv6-229", 229, V6, KEY6),
    Case("cooked", 113, struct.pack("!HHH8xH", 0, 1, 6, 0x0800) + V4),
    Case("cooked-vlan", 113, struct.pack("!HHH8xHHH", 0, 1, 6, 0x8100, 5, 0x0800) + V4),
    Case("cooked-llc", 113, struct.pack("!HHH8xH", 0, 1, 6, 4) + LLC),
    Case("cooked-ppp", 113, struct.pack("!HHH8xH", 0, 512, 0, 7) + b"\x00\x21" + V4),
    Case("cooked-gre", 113, struct.pack("!HHH8xH", 0, 778, 0, 0x86DD) + V6, KEY6),
    Case("cooked-v2", 276, struct.pack("!HxxIHBB8x", 0x86DD, 3, 1, 0, 6) + V6, KEY6),
    Case("null-little", 0, struct.pack("<I", 2) + V4),
    Case("null-big", 0, struct.pack(">I", 2) + V4),
    *(Case(f"null-family-{family}", 0, struct.pack("<I", family) + V6, KEY6) for family in (10, 23, 24, 28, 30)),
    Case("null-ethertype", 0, struct.pack(">I", 0x0800) + V4),
    Case("null-ppp", 0, b"\xff\x03\x00\x21" + V4),
    Case("loop", 108, struct.pack(">I", 24) + V6, KEY6),
    Case("ppp", 9, b"\x00\x21" + V4),
    Case("ppp-address-control", 9, b"\xff\x03\x00\x57" + V6, KEY6),
    Case("ppp-compressed-protocol", 50, b"\xff\x03\x21" + V4),
    Case("ppp-multilink-whole", 50, b"\xff\x03\x00\x3d\xc0\x00\x00\x01\x00\x21" + V4),
    Case("ppp-bridged", 50, b"\xff\x03\x00\x31\x00\x01" + ETHERNET),
    Case("ppp-serial-cisco", 50, b"\x0f\x00\x08\x00" + V4),
    Case("ppp-mpls", 50, b"\xff\x03\x02\x81\x00\x01\x01\x40" + V4),
    Case("ppp-direction", 204, b"\x01\xff\x03\x00\x21" + V4),
    Case("ppp-ether", 51, struct.pack("!BBHH", 0x11, 0, 9, 2 + len(V4)) + b"\x00\x21" + V4),
    Case("cisco-hdlc", 104, b"\x0f\x00\x08\x00" + V4),
    Case("cisco-hdlc-ipv6", 104, b"\x8f\x00\x86\xdd" + V6, KEY6),
    Case("cisco-hdlc-direction", 205, b"\x00\x0f\x00\x08\x00" + V4),
    Case("frame-relay-nlpid", 107, b"\x18\x41\x03\xcc" + V4),
    Case("frame-relay-ipv6", 107, b"\x18\x41\x03\x8e" + V6, KEY6),
    Case("frame-relay-snap", 107, b"\x18\x41\x03\x00\x80\x00\x00\x00\x08\x00" + V4),
    Case("frame-relay-cisco", 107, b"\x18\x41\x08\x00" + V4),
    Case("frame-relay-direction", 206, b"\x00\x18\x41\x03\xcc" + V4),
    Case("nflog-little", 239, struct.pack("<BBHHHIHH", 2, 0, 0, 8, 1, 0, 4 + len(V4), 9) + V4),
    Case("nflog-big", 239, struct.pack(">BBHHHIHH", 10, 0, 0, 8, 1, 0, 4 + len(V6), 9) + V6, KEY6),
    Case("nflog-odd-field", 239, struct.pack("<BBHHHIHH", 2, 0, 0, 5, 10, 0, 4 + len(V4), 9) + V4),
    Case("llc", 100, LLC),
    Case("fddi", 10, bytes([0x50]) + bytes(12) + LLC),
    Case("token-ring", 6, bytes([0x10, 0x40]) + bytes(12) + LLC),
    Case(
        "token-ring-routed",
        6,
        bytes([0x10, 0x40]) + bytes(6) + b"\x80" + bytes(5) + b"\x06\x30\0\1\0\2" + LLC,
    ),
    Case("firewire", 138, bytes(16) + b"\x08\x00" + V4),
    Case("mpls", 219, b"\x00\x01\x01\x40" + V4),
    Case("enc", 109, struct.pack("<III", 2, 1, 0) + V4),
    Case("pflog", 117, bytes([61, 30]) + bytes(62) + V6, KEY6),
    Case("ppi", 192, struct.pack("<BBHI", 0, 0, 12, 1) + bytes(4) + ETHERNET),
    Case("pktap", 258, struct.pack("<III", 108, 1, 1) + bytes(96) + ETHERNET),
    Case("wlan", 105, wireless(0x08, 0x01, 24, LLC)),
    Case("wlan-bridge", 105, wireless(0x08, 0x03, 30, LLC)),
    Case("wlan-qos", 105, wireless(0x88, 0x02, 26, LLC)),
    Case("wlan-qos-ht-control", 105, wireless(0x88, 0x82, 30, LLC)),
    Case(
        "wlan-aggregated",
        105,
        wireless(0x88, 0x02, 24, b"\x80\x00" + bytes(12) + struct.pack("!H", len(LLC)) + LLC),
    ),
    Case("radiotap", 127, struct.pack("<BBHI", 0, 0, 8, 0) + wireless(0x08, 0x01, 24, LLC)),
    Case(
        "radiotap-padded",
        127,
        struct.pack("<BBHIQB", 0, 0, 17, 3, 0, 0x20) + wireless(0x88, 0x02, 28, LLC),
    ),
    Case(
        "radiotap-two-presence-words",
        127,
        struct.pack("<BBHIIB", 0, 0, 13, 0x80000002, 0, 0x20) + wireless(0x88, 0x02, 28, LLC),
    ),
    Case("prism-little", 119, struct.pack("<II", 0x44, 144) + bytes(136) + wireless(0x08, 0x01, 24, LLC)),
    Case("prism-big", 119, struct.pack(">II", 0x44, 144) + bytes(136) + wireless(0x08, 0x01, 24, LLC)),
    Case("avs", 163, struct.pack(">II", 0x80211001, 64) + bytes(56) + wireless(0x08, 0x01, 24, LLC)),
]

TAGS = [
    Case("inter-switch-link", 1, INTER_SWITCH),
    Case("vlan", 1, bytes(ETHER / Dot1Q(vlan=5, type=0x0800) / V4)),
    Case("qinq", 1, bytes(ETHER / Dot1AD(vlan=5, type=0x8100) / Dot1Q(vlan=6, type=0x0800) / V4)),
    Case("vlan-9100-9200", 1, ethernet(0x9100, b"\x00\x05\x92\x00\x00\x06\x08\x00" + V4)),
    Case("vlan-802.3", 1, ethernet(0x8100, struct.pack("!HH", 5, len(LLC)) + LLC)),
    Case("e-tag", 1, ethernet(0x893F, bytes(6) + b"\x08\x00" + V4)),
    Case("vn-tag", 1, ethernet(0x8926, bytes(4) + b"\x08\x00" + V4)),
    Case("cisco-metadata", 1, ethernet(0x8909, b"\x01\x01\x00\x01\x00\x09\x08\x00" + V4)),
    Case("r-tag", 1, ethernet(0xF1C1, bytes(4) + b"\x08\x00" + V4)),
    Case("hsr", 1, ethernet(0x892F, b"\x10\x00\x00\x01\x08\x00" + V4)),
    Case("i-tag", 1, ethernet(0x88E7, bytes(4) + ETHERNET)),
    Case("macsec-signed", 1, ethernet(0x88E5, b"\x00\x00\x00\x00\x00\x01\x08\x00" + V4 + bytes(16))),
    Case(
        "macsec-signed-sci",
        1,
        ethernet(0x88E5, b"\x20\x00\x00\x00\x00\x01" + bytes(8) + b"\x08\x00" + V4 + bytes(16)),
    ),
    Case("mpls-ipv4", 1, ethernet(0x8847, b"\x00\x01\x00\x40\x00\x02\x01\x40" + V4)),
    Case("mpls-ipv6", 1, ethernet(0x8848, b"\x00\x01\x01\x40" + V6), KEY6),
    Case("mpls-ethernet", 1, ethernet(0x8847, b"\x00\x01\x01\x40" + ETHERNET)),
    Case("mpls-ethernet-control-word", 1, ethernet(0x8847, b"\x00\x01\x01\x40\x00\x00\x00\x07" + ETHERNET)),
    Case("pppoe", 1, ethernet(0x8864, struct.pack("!BBHHH", 0x11, 0, 9, 2 + len(V4), 0x21) + V4)),
    Case("bridged", 1, ethernet(0x6558, ETHERNET)),
    Case("service-header", 1, ethernet(0x894F, b"\x0f\xc2\x02\x01" + bytes(4) + V4)),
]

DATAGRAMS = [
    Case("ipv4-options", 1, ethernet(0x0800, ipv4(options=b"\x94\x04\x00\x00"))),
    Case(
        "ipv4-source-route",
        1,
        ethernet(
            0x0800,
            bytes(
                IP(
                    src=SOURCE,
                    dst=ELSEWHERE,
                    proto=6,
                    options=IPOption_LSRR(routers=[ELSEWHERE, DESTINATION]),
                )
                / SEGMENT
            ),
        ),
    ),
    Case("ipv4-total-length-0", 1, ethernet(0x0800, ipv4(len=0))),
    Case("ipv4-total-length-beyond", 1, ethernet(0x0800, ipv4(len=9000))),
    Case("ipv4-authentication", 1, ethernet(0x0800, ipv4(AUTHENTICATION + SEGMENT, 51))),
    Case("ipv6-payload-length-0", 1, ethernet(0x86DD, ipv6(plen=0)), KEY6),
    Case("ipv6-hop-by-hop", 1, ethernet(0x86DD, ipv6(IPv6ExtHdrHopByHop(nh=6) / SEGMENT, 0)), KEY6),
    Case("ipv6-destination", 1, ethernet(0x86DD, ipv6(IPv6ExtHdrDestOpt(nh=6) / SEGMENT, 60)), KEY6),
    Case(
        "ipv6-routing-0",
        1,
        ethernet(0x86DD, bytes(IPv6(src=SOURCE6, dst=ELSEWHERE6, nh=43) / VIA / SEGMENT)),
        KEY6,
    ),
    Case(
        "ipv6-segment-routing",
        1,
        ethernet(
            0x86DD,
            bytes(IPv6(src=SOURCE6, dst=ELSEWHERE6, nh=43))[:4]
            + struct.pack("!H", 40 + len(SEGMENT))
            + bytes((43, 64))
            + KEY6[:16]
            + bytes(16)
            + b"\x06\x04\x04\x01\x01\x00\x00\x00"
            + KEY6[16:32]
            + bytes(16)
            + SEGMENT,
        ),
        KEY6,
    ),
    Case("ipv6-atomic-fragment", 1, ethernet(0x86DD, ipv6(IPv6ExtHdrFragment(nh=6, id=3) / SEGMENT, 44)), KEY6),
    Case("ipv6-authentication", 1, ethernet(0x86DD, ipv6(AUTHENTICATION + SEGMENT, 51)), KEY6),
    Case("ipv6-shim6", 1, ethernet(0x86DD, ipv6(b"\x06\x00\x80" + bytes(5) + SEGMENT, 140)), KEY6),
]

OPTION = b"\x01\x02\x00\x09\x00\x00\x00\x00"
TUNNELS = [
    Case("ip-in-ip", 1, outer(4, V4)),
    Case("6in4", 1, outer(41, V6), KEY6),
    Case("4in6", 1, ethernet(0x86DD, ipv6(V4, 4))),
    Case("mpls-in-ip", 1, outer(137, b"\x00\x01\x01\x40" + V4)),
    Case("ethernet-in-ip", 1, outer(143, ETHERNET)),
    Case("ether-ip", 1, outer(97, b"\x30\x00" + ETHERNET)),
    Case("gre", 1, gre(0x0800, V4)),
    Case("gre-ipv6", 1, gre(0x86DD, V6), KEY6),
    Case("gre-key-sequence", 1, gre(0x0800, V4, key_present=1, seqnum_present=1, key=1, sequence_number=2)),
    Case("gre-checksum", 1, gre(0x0800, V4, chksum_present=1)),
    Case("gre-routing", 1, outer(47, b"\x40\x00\x08\x00" + bytes(4) + b"\x08\x00\x00\x04" + bytes(8) + V4)),
    Case("gre-bridged", 1, gre(0x6558, ETHERNET)),
    Case("gre-mpls", 1, gre(0x8847, b"\x00\x01\x01\x40" + V4)),
    Case("gre-pptp", 1, outer(47, b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\x03\x00\x21" + V4)),
    Case("gre-erspan-1", 1, gre(0x88BE, ETHERNET)),
    Case("gre-erspan-2", 1, gre(0x88BE, b"\x10\x00" + bytes(6) + ETHERNET, seqnum_present=1, sequence_number=1)),
    Case(
        "gre-erspan-3",
        1,
        gre(0x22EB, b"\x20\x00" + bytes(10) + ETHERNET, seqnum_present=1, sequence_number=1),
    ),
    Case(
        "gre-erspan-3-subheader",
        1,
        gre(0x22EB, b"\x20\x00" + bytes(9) + b"\1" + bytes(8) + ETHERNET, seqnum_present=1),
    ),
    Case("gre-aruba", 1, gre(0x8210, wireless(0x08, 0x01, 24, LLC))),
    Case("gre-wccp", 1, gre(0x883E, V4)),
    Case("gre-wccp-2", 1, gre(0x883E, b"\x00\x01\x02\x03" + V4)),
    Case("gre-service-header", 1, gre(0x894F, b"\x0f\xc2\x02\x03" + bytes(4) + ETHERNET)),
    Case("gre-in-udp", 1, udp(4754, b"\x00\x00\x08\x00" + V4)),
    Case("mpls-in-udp", 1, udp(6635, b"\x00\x01\x01\x40" + V4)),
    Case("vxlan", 1, udp(4789, bytes(VXLAN(vni=7)) + ETHERNET)),
    Case("vxlan-gpe-ipv6", 1, udp(4790, b"\x0c\x00\x00\x02\x00\x00\x07\x00" + V6), KEY6),
    Case(
        "vxlan-gpe-service-header",
        1,
        udp(4790, b"\x0c\x00\x00\x04\x00\x00\x07\x00\x0f\xc2\x02\x01" + bytes(4) + V4),
    ),
    Case("geneve-bridged", 1, udp(6081, b"\x00\x00\x65\x58\x00\x00\x07\x00" + ETHERNET)),
    Case("geneve-options", 1, udp(6081, b"\x02\x00\x08\x00\x00\x00\x07\x00" + OPTION + V4)),
    Case("gtp", 1, udp(2152, struct.pack("!BBHI", 0x30, 255, len(V4), 1) + V4)),
    Case("gtp-sequence", 1, udp(2152, struct.pack("!BBHIHBB", 0x32, 255, 4 + len(V6), 1, 7, 0, 0) + V6), KEY6),
    Case(
        "gtp-extensions",
        1,
        udp(
            2152,
            struct.pack("!BBHIHBB", 0x34, 255, 16 + len(V4), 1, 7, 0, 0x85)
            + b"\x01\x00\x00\xc0\x02"
            + bytes(6)
            + b"\x00"
            + V4,
        ),
    ),
    Case("gtp-ethernet", 1, udp(2152, struct.pack("!BBHI", 0x30, 255, len(ETHERNET), 1) + ETHERNET)),
    Case("gtp-0", 1, udp(3386, struct.pack("!BBHI12x", 0x1E, 255, len(V4), 1) + V4)),
    Case("teredo", 1, udp(3544, V6), KEY6),
    Case(
        "teredo-indications",
        1,
        udp(3544, b"\x00\x01\x02\x03" + bytes(14) + b"\x00\x00" + bytes(6) + V6),
        KEY6,
    ),
    Case("ayiya", 1, udp(5072, b"\x41\x52\x11\x29" + bytes(4) + bytes(16) + bytes(20) + V6), KEY6),
    Case("l2tp", 1, udp(1701, b"\x00\x02\x00\x01\x00\x01\xff\x03\x00\x21" + V4)),
    Case(
        "l2tp-all-fields",
        1,
        udp(1701, struct.pack("!HHHHHHH", 0x4A02, 20 + len(V4), 1, 1, 0, 0, 2) + b"\0\0\xff\x03\x00\x21" + V4),
    ),
    Case("capwap-ethernet", 1, udp(5247, b"\x00\x10\x02\x00" + bytes(4) + ETHERNET)),
    Case("capwap-wireless", 1, udp(5247, b"\x00\x10\x03\x00" + bytes(4) + wireless(0x01, 0x08, 24, LLC))),
    Case("lisp", 1, udp(4341, bytes(8) + V6), KEY6),
    Case("tzsp-ethernet", 1, udp(37008, b"\x01\x00\x00\x01\x00\x0a\x01\x07\x01" + ETHERNET)),
    Case("tzsp-wireless", 1, udp(37008, b"\x01\x00\x00\x12\x01" + wireless(0x08, 0x01, 24, LLC))),
    Case(
        "vxlan-in-vlan-in-gre",
        1,
        gre(0x6558, ethernet(0x8100, b"\x00\x05" + udp(4789, b"\x08" + bytes(7) + ETHERNET)[12:])),
    ),
]

CASES = LINKS + TAGS + DATAGRAMS + TUNNELS

QUOTED = outer(1, bytes(ICMP(type=3, code=1)) + V4)
