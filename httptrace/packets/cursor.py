"""The words that all of the slow path shares: what is found, why not, and the cursor that walks the headers.

Every header has a function that takes the cursor standing at it, moves the cursor behind it and says which
`Layer` stands there, or why there is no TCP (`Skipped`). None calls another for what it contains, so a frame
of tunnels in tunnels costs no stack, and :mod:`httptrace.packets.unusual` has the one table from layer to
function.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple, TypeAlias

from httptrace.packets.fragments import Fragments


class Found(NamedTuple):
    """A TCP segment, and where it stands.

    `key`: source address, destination address, source port, destination port, as on the wire: 12 bytes for
    IPv4, 36 for IPv6. `block` holds the segment (the frame's own block, or a datagram put together from
    fragments), whose TCP header begins at `tcp_at` and whose captured bytes end at `end`, padding excluded.
    `length`: octets of TCP header and payload on the wire, more than `end - tcp_at` where the snap length cut
    them. At least the first 16 octets of the TCP header (to the window) are there; that the header ends
    within the segment is not checked.
    """

    key: bytes
    block: bytes
    tcp_at: int
    end: int
    length: int


class Skipped(Enum):
    """Why a frame gives no TCP segment; the audit counts each."""

    NOT_IP = "not IP"
    UDP = "UDP"
    ICMP = "ICMP"
    OTHER_PROTOCOL = "other IP protocol"
    ENCRYPTED = "encrypted below TCP"
    FRAGMENT = "part of an incomplete datagram"
    DAMAGED = "damaged header"
    SNAPPED = "cut before the end of the headers"
    UNKNOWN_LINK = "unknown link type"
    NESTED = "too many headers in headers"


class Layer(Enum):
    """What may begin at the cursor."""

    ETHERNET = auto()
    ETHERTYPE = auto()  # two octets that name what follows them, VLAN tags included
    LLC = auto()
    PPP = auto()
    PPP_SERIAL = auto()
    PPPOE = auto()
    MULTILINK = auto()
    CISCO_HDLC = auto()
    FRAME_RELAY = auto()
    COOKED = auto()
    COOKED_V2 = auto()
    LOOPBACK = auto()
    OPENBSD_ENCAPSULATED = auto()
    PACKET_FILTER_LOG = auto()
    NETFILTER_LOG = auto()
    PER_PACKET_INFORMATION = auto()
    APPLE_PACKET_TAP = auto()
    TOKEN_RING = auto()
    WIRELESS = auto()
    WIRELESS_SWAPPED = auto()  # frame control with its octets swapped, as access controllers send it
    RADIOTAP = auto()
    PRISM = auto()
    MPLS = auto()
    SERVICE_HEADER = auto()
    IP = auto()  # of either version, as its first four bits say
    IPV6 = auto()
    TCP = auto()
    UDP = auto()
    GRE = auto()
    WCCP = auto()
    ERSPAN = auto()
    ERSPAN_TYPE_3 = auto()
    ETHER_IP = auto()
    VXLAN = auto()
    VXLAN_GPE = auto()
    GENEVE = auto()
    GTP = auto()
    TEREDO = auto()
    AYIYA = auto()
    L2TP = auto()
    CAPWAP = auto()
    LISP = auto()
    TZSP = auto()


class Cursor:
    """A place in a captured frame, and what bounds it.

    `end` is where the captured bytes end, `wire_end` where they ended on the wire (as far as the headers
    passed so far say): `wire_end >= end`. `source` and `destination` are the addresses of the innermost IP
    header passed.
    """

    __slots__ = ("at", "block", "destination", "end", "fragments", "source", "time_ns", "wire_end")

    def __init__(self, block: bytes, at: int, end: int, wire_end: int, time_ns: int, fragments: Fragments) -> None:
        self.block = block
        self.at = at
        self.end = end
        self.wire_end = wire_end if wire_end > end else end
        self.time_ns = time_ns
        self.fragments = fragments
        self.source = b""
        self.destination = b""

    def has(self, octets: int) -> bool:
        """Whether that many octets were captured from here on."""
        return self.end - self.at >= octets

    def cut(self, octets: int) -> Skipped:
        """Why that many octets are not here: not captured, or never sent."""
        return Skipped.SNAPPED if self.wire_end - self.at >= octets else Skipped.DAMAGED

    def number(self, offset: int, octets: int = 2) -> int:
        """The unsigned number, in network order, `offset` octets from here; the caller knows it is there."""
        return int.from_bytes(self.block[self.at + offset : self.at + offset + octets], "big")

    def limit(self, length: int) -> None:
        """A header says that it and what it carries are `length` octets from here; what follows is padding.

        A length beyond the frame changes nothing: what was on the wire is what the frame held.
        """
        wire_end = self.at + length
        if wire_end < self.wire_end:
            self.wire_end = wire_end
            if wire_end < self.end:
                self.end = wire_end


Next: TypeAlias = Layer | Skipped
Step: TypeAlias = Callable[[Cursor], Next]
