"""The slow path from a captured frame to its TCP segment: every link type, tag, tunnel, option and fragment.

One step per header, driven by the table below; :mod:`httptrace.packets.cursor` says how steps work together.
The fast path takes what is plain and asks here for all the rest, so both have to agree on what is plain.
"""

from __future__ import annotations

from httptrace.limits import NESTING
from httptrace.packets import ethernet, ip, link, mpls, ppp, tunnels, wireless
from httptrace.packets.cursor import Cursor, Found, Layer, Skipped, Step
from httptrace.packets.fragments import Fragments

#: Octets of a TCP header without which there is no packet: up to the window, as Wireshark has it.
LEAST_OF_TCP = 16

#: Which function passes which header. TCP has none: it is where the way ends.
STEPS: dict[Layer, Step] = {
    Layer.ETHERNET: ethernet.ethernet,
    Layer.ETHERTYPE: ethernet.ethertype,
    Layer.LLC: ethernet.llc,
    Layer.TOKEN_RING: ethernet.token_ring,
    Layer.PPP: ppp.ppp,
    Layer.PPP_SERIAL: ppp.ppp_serial,
    Layer.PPPOE: ppp.pppoe,
    Layer.MULTILINK: ppp.multilink,
    Layer.CISCO_HDLC: ppp.cisco_hdlc,
    Layer.FRAME_RELAY: ppp.frame_relay,
    Layer.COOKED: link.cooked,
    Layer.COOKED_V2: link.cooked_v2,
    Layer.LOOPBACK: link.loopback,
    Layer.OPENBSD_ENCAPSULATED: link.openbsd_encapsulated,
    Layer.PACKET_FILTER_LOG: link.packet_filter_log,
    Layer.NETFILTER_LOG: link.netfilter_log,
    Layer.PER_PACKET_INFORMATION: link.per_packet_information,
    Layer.APPLE_PACKET_TAP: link.apple_packet_tap,
    Layer.WIRELESS: wireless.wireless,
    Layer.WIRELESS_SWAPPED: wireless.wireless_swapped,
    Layer.RADIOTAP: wireless.radiotap,
    Layer.PRISM: wireless.prism,
    Layer.MPLS: mpls.mpls,
    Layer.SERVICE_HEADER: mpls.service_header,
    Layer.IP: ip.ip,
    Layer.IPV6: ip.ipv6,
    Layer.UDP: ip.udp,
    Layer.GRE: tunnels.gre,
    Layer.WCCP: tunnels.wccp,
    Layer.ERSPAN: tunnels.erspan,
    Layer.ERSPAN_TYPE_3: tunnels.erspan_type_3,
    Layer.ETHER_IP: tunnels.ether_ip,
    Layer.VXLAN: tunnels.vxlan,
    Layer.VXLAN_GPE: tunnels.vxlan_gpe,
    Layer.GENEVE: tunnels.geneve,
    Layer.GTP: tunnels.gtp,
    Layer.TEREDO: tunnels.teredo,
    Layer.AYIYA: tunnels.ayiya,
    Layer.L2TP: tunnels.l2tp,
    Layer.CAPWAP: tunnels.capwap,
    Layer.LISP: tunnels.lisp,
    Layer.TZSP: tunnels.tzsp,
}


class Unusual:
    """Finds the TCP segment in any frame. Its only state are the datagrams being put together."""

    def __init__(self) -> None:
        self.fragments = Fragments()

    def find(
        self, link_type: int, block: bytes, start: int, end: int, wire_length: int, time_ns: int
    ) -> Found | Skipped:
        """The TCP segment of the frame `block[start:end]`, or why there is none.

        Of tunnels the innermost segment counts; TCP quoted in an ICMP error is none.
        `wire_length`: octets that the frame had on the wire. Never raises.
        """
        if link_type not in link.LINKS:
            return Skipped.UNKNOWN_LINK
        octets, layer = link.LINKS[link_type]
        cursor = Cursor(block, start + octets, end, start + wire_length, time_ns, self.fragments)
        for _ in range(NESTING):
            following = STEPS[layer](cursor)
            if following is Layer.TCP:
                return segment(cursor)
            if isinstance(following, Skipped):
                return following
            layer = following
        return Skipped.NESTED


def segment(cursor: Cursor) -> Found | Skipped:
    """The TCP segment that begins at the cursor."""
    if not cursor.has(LEAST_OF_TCP):
        return cursor.cut(LEAST_OF_TCP)
    at = cursor.at
    key = cursor.source + cursor.destination + cursor.block[at : at + 4]
    return Found(key, cursor.block, at, cursor.end, cursor.wire_end - at)
