"""Captures read by dpkt, so that neither their builder nor httptrace judges them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dpkt

CAPTURES = Path(__file__).parents[2] / "captures"

FLAG_LETTERS = ((dpkt.tcp.TH_SYN, "S"), (dpkt.tcp.TH_FIN, "F"), (dpkt.tcp.TH_RST, "R"))


@dataclass(frozen=True)
class Seen:
    """A packet as dpkt sees it; `seq` and `ack` relative, `flags` of S, F, R, A and P in that order."""

    number: int
    time: float
    source: str
    target: str
    flags: str
    seq: int
    ack: int | None
    payload: bytes
    window: int
    checksums_hold: bool


def frames(name: str) -> list[tuple[float, bytes]]:
    """The capture's frames with their times."""
    with (CAPTURES / name).open("rb") as file:
        reader = dpkt.pcapng.Reader(file) if name.endswith(".pcapng") else dpkt.pcap.Reader(file)
        return [(float(time), bytes(frame)) for time, frame in reader]


def packets(name: str) -> list[Seen]:
    """The packets of a capture, their numbers relative to the first that each side of a connection shows."""
    first: dict[tuple[str, str], int] = {}
    seen = []
    for number, (time, frame) in enumerate(frames(name), 1):
        network = dpkt.ethernet.Ethernet(frame).data
        tcp = network.data
        source = f"{dpkt.utils.inet_to_str(network.src)}:{tcp.sport}"
        target = f"{dpkt.utils.inet_to_str(network.dst)}:{tcp.dport}"
        first.setdefault((source, target), tcp.seq)
        ack = None
        if tcp.flags & dpkt.tcp.TH_ACK:
            ack = (tcp.ack - first.get((target, source), tcp.ack)) & 0xFFFF_FFFF
        letters = "".join(letter for bit, letter in FLAG_LETTERS if tcp.flags & bit)
        letters += "A" if tcp.flags & dpkt.tcp.TH_ACK else ""
        letters += "P" if tcp.flags & dpkt.tcp.TH_PUSH else ""
        relative = (tcp.seq - first[source, target]) & 0xFFFF_FFFF
        seen.append(
            Seen(
                number,
                time,
                source,
                target,
                letters,
                relative,
                ack,
                tcp.data,
                tcp.win,
                _checksums_hold(network),
            )
        )
    return seen


def _checksums_hold(network: dpkt.ip.IP | dpkt.ip6.IP6) -> bool:
    """Whether header and segment sum up to zero with their checksums in place (RFC 1071)."""
    if isinstance(network, dpkt.ip.IP):
        header = network.pack_hdr()
        whole = bytes(network)[: network.len]
        if dpkt.in_cksum(header) != 0:
            return False
        segment = whole[network.hl * 4 :]
    else:
        segment = bytes(network)[40 : 40 + network.plen]
    pseudo = network.src + network.dst + len(segment).to_bytes(4, "big") + (6).to_bytes(4, "big")
    return bool(dpkt.in_cksum(pseudo + segment) == 0)
