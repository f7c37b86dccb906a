"""What an application runs on, as it sees it: a connection with its two directions and their ends."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from httptrace.model import Endpoint, Sink


class CarrierSide(Protocol):
    """One direction of a carrier; the application attaches what reads it."""

    sink: Sink


class Carrier(Protocol):
    """What an application runs on: a :class:`httptrace.tcp.connection.Connection`, or what stands in for one."""

    stream: int
    keys: tuple[bytes, bytes]
    first_syn: int | None
    rtt_ns: int | None
    evidence: int | None  # set by the application

    @property
    def sides(self) -> tuple[CarrierSide, CarrierSide]:
        """Both directions, in order of who was seen first."""

    @property
    def client(self) -> int:
        """Index of the client's side, from the best evidence so far."""


@lru_cache(maxsize=1_024)
def _address(octets: bytes) -> str:
    """An address as text; kept, for a host has many connections."""
    if len(octets) == 4:
        return f"{octets[0]}.{octets[1]}.{octets[2]}.{octets[3]}"
    from ipaddress import IPv6Address  # a millisecond, for few captures

    return str(IPv6Address(octets))


def endpoint(key: bytes) -> Endpoint:
    """The sender of packets with this key."""
    return Endpoint(_address(key[: (len(key) - 4) // 2]), int.from_bytes(key[-4:-2], "big"))


@lru_cache(maxsize=256)
def kept_endpoint(address: bytes, port: bytes) -> Endpoint:
    """A server, kept once: many connections have the same."""
    return endpoint(address * 2 + port * 2)
