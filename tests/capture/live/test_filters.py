"""Filters: which expressions are compiled here, and what their programs let through."""

from __future__ import annotations

from ipaddress import ip_address
from struct import pack

import pytest

from httptrace.capture.live import filters
from httptrace.capture.live.filters import NOTHING, Simple, before, compile_filter, expression, parse
from httptrace.capture.live.source import FilterError
from tests.capture.live.machine import accepts

TCP, UDP = 6, 17


def ipv4(source="10.0.0.1", destination="10.0.0.2", ports=(1234, 80), protocol=TCP, fragment=0, options=b""):
    body = pack("!HH", *ports) + bytes(16)
    size = 20 + len(options)
    head = pack("!BBHHHBBH", 0x40 | size // 4, 0, size + len(body), 7, fragment, 64, protocol, 0)
    return head + ip_address(source).packed + ip_address(destination).packed + options + body


def ipv6(
    source="fd00::1", destination="fd00::2", ports=(1234, 80), protocol=TCP, extensions=(), jumbo=False, fragment=None
):
    body = pack("!HH", *ports) + bytes(16)
    following = protocol
    if fragment is not None:
        body = pack("!BBHI", following, 0, fragment, 9) + body
        following = 44
    for kind, octets in reversed(extensions):
        body = bytes([following, octets // 8 - 1]) + bytes(octets - 2) + body
        following = kind
    head = pack("!IHBB", 0x6000_0000, 0 if jumbo else len(body), following, 64)
    return head + ip_address(source).packed + ip_address(destination).packed + body


HOP_BY_HOP, ROUTING, DESTINATION = (0, 8), (43, 24), (60, 16)

PASSES = [
    ("tcp", ipv4(), True),
    ("tcp", ipv4(protocol=UDP), False),
    ("tcp", ipv4(fragment=0x2001), True),
    ("tcp", ipv6(), True),
    ("tcp", ipv6(protocol=UDP), False),
    ("tcp", ipv6(extensions=[HOP_BY_HOP], jumbo=True), True),
    ("tcp", ipv6(extensions=[HOP_BY_HOP, DESTINATION]), True),
    ("tcp", ipv6(protocol=UDP, extensions=[HOP_BY_HOP, DESTINATION]), False),
    ("tcp", ipv6(fragment=0), True),
    ("tcp", ipv6(fragment=0x100, protocol=UDP), False),
    ("tcp", b"\x00\x01\x08\x00" + bytes(40), False),
    ("tcp", b"", False),
    ("tcp port 80", ipv4(), True),
    ("tcp port 80", ipv4(ports=(80, 1234)), True),
    ("tcp port 80", ipv4(ports=(1234, 81)), False),
    ("tcp port 80", ipv4(options=bytes(12)), True),
    ("tcp port 80", ipv4(options=bytes(12), ports=(80, 5)), True),
    ("tcp port 80", ipv4(options=bytes(12), ports=(4, 5)), False),
    ("tcp port 80", ipv4(protocol=UDP), False),
    ("tcp port 80", ipv4(ports=(4, 5), fragment=1), True),
    ("tcp port 80", ipv4(ports=(4, 5), fragment=0x2000), False),
    ("tcp port 80", ipv6(), True),
    ("tcp port 80", ipv6(ports=(80, 9)), True),
    ("tcp port 80", ipv6(ports=(8, 9)), False),
    ("tcp port 80", ipv6(extensions=[HOP_BY_HOP], jumbo=True), True),
    ("tcp port 80", ipv6(extensions=[HOP_BY_HOP], jumbo=True, ports=(8, 9)), False),
    ("tcp port 80", ipv6(extensions=[HOP_BY_HOP, ROUTING]), True),
    ("tcp port 80", ipv6(extensions=[DESTINATION, ROUTING], ports=(8, 9)), False),
    ("tcp port 80", ipv6(fragment=0), True),
    ("tcp port 80", ipv6(fragment=0, ports=(8, 9)), False),
    ("tcp port 80", ipv6(fragment=0x100, ports=(8, 9)), True),
    ("tcp port 80", ipv6(fragment=0, extensions=[HOP_BY_HOP]), True),
    ("port 80", ipv4(protocol=UDP), True),
    ("port 80", ipv6(protocol=UDP, ports=(8, 9)), False),
    ("tcp and (port 80 or port 443)", ipv4(ports=(443, 5)), True),
    ("tcp and (port 80 or port 443)", ipv4(ports=(444, 5)), False),
    ("tcp and host 10.0.0.2", ipv4(), True),
    ("tcp and host 10.0.0.2", ipv4("10.0.0.2", "10.0.0.3"), True),
    ("tcp and host 10.0.0.2", ipv4("10.0.0.4", "10.0.0.3"), False),
    ("tcp and host 10.0.0.2", ipv6(), False),
    ("tcp and host fd00::2", ipv6(), True),
    ("tcp and host fd00::2", ipv6("fd00::2", "fd00::7"), True),
    ("tcp and host fd00::2", ipv6("fd00::3", "fd00::2:2"), False),
    ("tcp and host fd00::2", ipv4(), False),
    ("host 10.0.0.2 and port 80", ipv4(), True),
    ("host 10.0.0.2 and port 80", ipv4(ports=(1, 2)), False),
    ("port 80 and (host 10.0.0.9 or host fd00::2)", ipv6(), True),
    ("port 80 and (host 10.0.0.9 or host fd00::2)", ipv4(), False),
]


@pytest.mark.parametrize(("text", "packet", "passes"), PASSES, ids=[f"{n}-{row[0]}" for n, row in enumerate(PASSES)])
def test_what_the_programs_let_through(text, packet, passes):
    compiled = compile_filter(text)
    assert compiled.maker == "httptrace"
    assert accepts(compiled.program, packet) is passes


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        ("tcp", Simple((6,))),
        ("tcp port 80", Simple((6,), (80,))),
        ("(tcp) and (port 80)", Simple((6,), (80,))),
        ("tcp port 80 or 443", Simple((6,), (80, 443))),
        ("tcp port 80 or tcp port 443", Simple((6,), (80, 443))),
        ("tcp && host 10.0.0.1", Simple((6,), (), (ip_address("10.0.0.1"),))),
        ("port 80", Simple((6, 17, 132), (80,))),
    ],
)
def test_what_is_understood_here(text, simple):
    assert parse(text) == simple


@pytest.mark.parametrize(
    "text",
    [
        *("", "udp", "not port 22", "tcp[tcpflags] & tcp-syn != 0", "port http", "host example.com", "host 10.0.0.1"),
        *(
            "tcp port 80 or udp port 53",
            "port 80 or host 10.0.0.1",
            "tcp and port 80 or port 81",
            "port 80 and port 81",
        ),
        *("tcp port", "port 99999", "port 80 or", "(tcp", "tcp)", "tcp and ()", "((tcp))", "tcp port 80 81"),
        *("port 80 and port 81", "tcp !"),
        *("tcp and (port 80 or tcp)", "src port 80", "tcp or port 80", "port 1 or tcp port 2", "tcp and tcp port 80 |"),
        " or ".join(f"tcp port {port}" for port in range(1, 40)),
    ],
)
def test_what_is_left_to_libpcap(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("given", "ports", "whole"),
    [
        ("", (), "tcp"),
        ("udp", (), "udp"),
        ("", (80,), "tcp port 80"),
        ("", (80, 81), "tcp and (port 80 or port 81)"),
        ("host a or host b", (80,), "(host a or host b) and (port 80)"),
        ("  not   port 22 ", (), "not port 22"),
    ],
)
def test_the_whole_expression(given, ports, whole):
    assert expression(given, ports) == whole


ASKED = {0: 0x0800, 4: 0, 8: 3, 28: 1}


@pytest.mark.parametrize(
    ("interfaces", "known", "passes"),
    [
        pytest.param((), ASKED, True, id="any"),
        pytest.param((), ASKED | {0: 0x86DD}, True, id="ipv6"),
        pytest.param((), ASKED | {0: 0x0806}, False, id="arp"),
        pytest.param((), ASKED | {4: 4}, True, id="on its way out"),
        pytest.param((), ASKED | {4: 4, 28: 772}, False, id="on its way out of a loopback"),
        pytest.param((), ASKED | {28: 772}, True, id="into a loopback"),
        pytest.param((3,), ASKED, True, id="its interface"),
        pytest.param((1, 2, 3), ASKED, True, id="one of its interfaces"),
        pytest.param((1, 2), ASKED, False, id="another interface"),
        pytest.param((1, 3), ASKED | {4: 4, 28: 772}, False, id="its interface, a loopback's way out"),
    ],
)
def test_what_is_always_asked(interfaces, known, passes):
    program = before(compile_filter("tcp").program, interfaces)
    assert accepts(program, ipv4(), known) is passes
    assert not accepts(program, ipv4(protocol=UDP), known)


def test_nothing_passes_nothing():
    assert not accepts(NOTHING, ipv4())


def test_the_jumps_of_the_largest_program_fit():
    ports = tuple(range(filters._MOST))
    hosts = tuple(ip_address(f"fd00::{number}") for number in range(1, filters._MOST + 1))
    for simple in (Simple((6, 17, 132), ports, hosts), Simple((6, 17, 132), ports)):
        program = filters._build(simple)
        assert accepts(program, ipv6(ports=(5, 60_000)))
        assert not accepts(program, ipv6(ports=(50_000, 60_000)))


def test_a_null_never_reaches_libpcap():
    with pytest.raises(FilterError, match="NUL"):
        compile_filter("udp\0")
