"""What can be captured here, and addresses as the system gives them."""

from __future__ import annotations

import socket
import sys

import pytest

from httptrace.capture.live import interfaces as module
from httptrace.capture.live.interfaces import address, interfaces, may_capture


def test_this_machine_has_a_loopback_with_its_address():
    (loopback,) = [one for one in interfaces() if one.loopback]
    assert loopback.index > 0
    assert not loopback.up or "127.0.0.1" in loopback.addresses


def test_their_order_is_that_of_their_numbers():
    numbers = [one.index for one in interfaces()]
    assert numbers == sorted(numbers)


def own(family: int, rest: bytes) -> bytes:
    """A socket address of this system."""
    head = family.to_bytes(2, sys.byteorder) if sys.platform == "linux" else bytes([16, family])
    return head + rest


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        pytest.param(own(socket.AF_INET, b"\0\0" + bytes([192, 0, 2, 7]) + bytes(8)), "192.0.2.7", id="ipv4"),
        pytest.param(
            own(socket.AF_INET6, bytes(6) + bytes.fromhex("20010db8") + bytes(11) + b"\7"), "2001:db8::7", id="6"
        ),
        pytest.param(own(17, bytes(14)), None, id="hardware"),
    ],
)
def test_addresses(octets, text):
    assert address(octets[:16], lambda size: octets[:size]) == text


@pytest.mark.parametrize(("refused", "expected"), [(False, True), (True, False)])
def test_whether_this_user_may(monkeypatch, refused, expected):
    class Socket:
        def __init__(self, *_arguments):
            if refused:
                raise PermissionError(1, "Operation not permitted")

        def close(self):
            pass

    monkeypatch.setattr(module.socket, "AF_PACKET", 17, raising=False)
    monkeypatch.setattr(module.socket, "SOCK_DGRAM", 2)
    monkeypatch.setattr(module.socket, "socket", Socket)
    assert may_capture() is expected
