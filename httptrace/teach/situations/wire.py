"""A TCP segment as a card sees it: Ethernet II, IPv4 (RFC 791) and TCP (RFC 9293 §3.1), with its checksums."""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack

#: The link type that these frames have (LINKTYPE_ETHERNET).
ETHERNET = 1

#: Ethernet's least frame without its checksum.
LEAST_FRAME = 60

_IPV4, _TCP = 0x0800, 6
_FIN, _SYN, _RST, _PSH, _ACK, _URG, _ECE, _CWR = (1 << bit for bit in range(8))
_BITS = {"F": _FIN, "S": _SYN, "R": _RST, "P": _PSH, "A": _ACK, "U": _URG, "E": _ECE, "C": _CWR}


@dataclass(frozen=True, slots=True)
class Station:
    """One end of the wire: its addresses, and the time to live that its packets have where they are captured."""

    mac: str
    ip: str
    port: int
    ttl: int


def frame(
    source: Station,
    target: Station,
    *,
    identification: int,
    seq: int,
    ack: int,
    flags: str,
    window: int,
    options: bytes = b"",
    payload: bytes = b"",
    padded: bool = False,
) -> bytes:
    """One segment from `source` to `target`. `flags` are letters as in `packets`; `options` fill whole words of 32
    bits. `padded`: to Ethernet's least length, as a frame that comes in is."""
    bits = sum(_BITS[letter] for letter in flags)
    offset = (20 + len(options)) // 4
    head = pack("!HHIIBBHHH", source.port, target.port, seq, ack, offset << 4, bits, window, 0, 0) + options
    addresses = _address(source.ip) + _address(target.ip)
    pseudo = addresses + pack("!BBH", 0, _TCP, len(head) + len(payload))
    segment = head[:16] + pack("!H", checksum(pseudo + head + payload)) + head[18:] + payload
    total, do_not_fragment = 20 + len(segment), 0x4000
    plain = pack("!BBHHHBBH", 0x45, 0, total, identification, do_not_fragment, source.ttl, _TCP, 0) + addresses
    packet = plain[:10] + pack("!H", checksum(plain)) + plain[12:] + segment
    whole = _hardware(target.mac) + _hardware(source.mac) + pack("!H", _IPV4) + packet
    return whole.ljust(LEAST_FRAME, b"\0") if padded else whole


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def syn_options(mss: int, scale: int | None) -> bytes:
    """The options of a SYN: MSS, SACK permitted and, unless None, window scale (RFC 7323 §2.2)."""
    options = pack("!BBH", 2, 4, mss) + bytes((1, 1, 4, 2))
    return options if scale is None else options + bytes((1, 3, 3, scale))


def sack_option(runs: list[tuple[int, int]]) -> bytes:
    """The SACK option for runs of bytes (absolute edges) held behind a hole; three fit (RFC 2018 §3)."""
    if not runs:
        return b""
    edges = b"".join(pack("!II", *run) for run in runs[:3])
    return bytes((1, 1, 5, 2 + len(edges))) + edges


def _address(ip: str) -> bytes:
    return bytes(int(part) for part in ip.split("."))


def _hardware(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))
