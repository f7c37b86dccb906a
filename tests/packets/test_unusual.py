"""The same segment is found in every link type and tunnel, whole, cut anywhere, padded or damaged."""

from __future__ import annotations

import random

import pytest

from httptrace.limits import NESTING
from httptrace.packets.cursor import Found, Layer, Skipped
from httptrace.packets.link import LINKS
from httptrace.packets.unusual import STEPS, Unusual
from tests.packets import frames
from tests.packets.frames import CASES, SEGMENT, Case

EACH = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])


def find(link: int, frame: bytes, wire_length: int | None = None) -> Found | Skipped:
    return Unusual().find(link, frame, 0, len(frame), len(frame) if wire_length is None else wire_length, 0)


def bytes_of(found: Found | Skipped) -> bytes:
    assert isinstance(found, Found), found
    return found.block[found.tcp_at : found.end]


@EACH
def test_the_segment_is_found(case: Case) -> None:
    found = find(case.link, case.frame)
    assert bytes_of(found) == SEGMENT
    assert isinstance(found, Found)
    assert (found.key, found.length) == (case.key, len(SEGMENT))


@EACH
def test_where_the_frame_stands_in_its_block_does_not_matter(case: Case) -> None:
    block = b"\x45" * 7 + case.frame + b"\x60" * 64
    found = Unusual().find(case.link, block, 7, 7 + len(case.frame), len(case.frame), 0)
    assert bytes_of(found) == SEGMENT


BOUNDED = [case for case in CASES if "length-" not in case.name]  # the others do not say where the packet ends


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in BOUNDED])
def test_padding_is_no_payload(case: Case) -> None:
    found = find(case.link, case.frame + bytes(9))
    assert bytes_of(found) == SEGMENT
    assert isinstance(found, Found)
    assert found.length == len(SEGMENT)


@EACH
def test_a_cut_frame_gives_what_was_captured(case: Case) -> None:
    whole = find(case.link, case.frame)
    assert isinstance(whole, Found)
    for captured in range(len(case.frame)):
        found = find(case.link, case.frame[:captured], len(case.frame))
        if captured < whole.tcp_at + 16:
            assert isinstance(found, Skipped)
        else:
            assert bytes_of(found) == SEGMENT[: captured - whole.tcp_at]
            assert isinstance(found, Found)
            assert (found.key, found.length) == (case.key, len(SEGMENT))


@pytest.mark.parametrize("seed", range(8))
def test_damage_raises_nothing(seed: int) -> None:
    generator = random.Random(seed)
    unusual = Unusual()
    for case in CASES:
        for _ in range(12):
            frame = bytearray(case.frame)
            for _ in range(generator.choice((1, 1, 2, 8))):
                frame[generator.randrange(len(frame))] = generator.choice(
                    (0, 1, 4, 6, 0x45, 0xFF, generator.randrange(256))
                )
            if generator.random() < 0.3:
                del frame[generator.randrange(len(frame)) :]
            link = case.link if generator.random() < 0.9 else generator.choice(list(LINKS))
            found = unusual.find(link, bytes(frame), 0, len(frame), generator.randrange(2000), 0)
            if isinstance(found, Found):
                assert 0 <= found.tcp_at <= found.end - 16
                assert found.end <= len(found.block)
                assert found.length >= found.end - found.tcp_at
                assert len(found.key) in (12, 36)


@pytest.mark.parametrize("link", LINKS)
def test_noise_raises_nothing(link: int) -> None:
    generator = random.Random(link)
    for length in range(0, 120, 3):
        assert find(link, generator.randbytes(length)) is not None
        assert find(link, bytes(length)) is not None


def test_every_layer_has_its_step() -> None:
    assert set(STEPS) == set(Layer) - {Layer.TCP}


def test_every_link_type_has_a_case() -> None:
    assert {case.link for case in CASES} == set(LINKS)


@pytest.mark.parametrize(("levels", "found"), [(NESTING - 3, True), (NESTING, False), (2000, False)])
def test_tunnels_in_tunnels_are_followed_so_far(levels: int, found: bool) -> None:
    header = frames.ipv4(b"", 4, len=0)
    frame = frames.ethernet(0x0800, header * levels + frames.V4)
    assert isinstance(find(1, frame), Found) is found
    if not found:
        assert find(1, frame) is Skipped.NESTED


IPV4, IPV6 = frames.V4, frames.V6
SKIPPED = [
    pytest.param(147, frames.ETHERNET, Skipped.UNKNOWN_LINK, id="link-type-nobody-knows"),
    pytest.param(192, b"\0\0\x08\0\x93\0\0\0" + IPV4, Skipped.UNKNOWN_LINK, id="link-type-inside-ppi"),
    pytest.param(1, frames.ethernet(0x0806, bytes(28)), Skipped.NOT_IP, id="arp"),
    pytest.param(1, frames.ethernet(38, b"\x42\x42\x03" + bytes(35)), Skipped.NOT_IP, id="spanning-tree"),
    pytest.param(1, frames.ethernet(0x8863, b"\x11\xa7\0\1\0\0"), Skipped.NOT_IP, id="pppoe-discovery"),
    pytest.param(50, b"\xff\x03\xc0\x21" + bytes(8), Skipped.NOT_IP, id="ppp-link-control"),
    pytest.param(50, b"\xff\x03\x00\x3d\x80\0\0\1\0\x21" + IPV4, Skipped.FRAGMENT, id="ppp-multilink-part"),
    pytest.param(258, b"\x6c\0\0\0\0\0\0\0\1\0\0\0" + bytes(96), Skipped.NOT_IP, id="pktap-without-packet"),
    pytest.param(105, frames.wireless(0x80, 0, 24, bytes(30)), Skipped.NOT_IP, id="wlan-beacon"),
    pytest.param(105, frames.wireless(0xC8, 1, 26, bytes(30)), Skipped.NOT_IP, id="wlan-data-without-data"),
    pytest.param(105, frames.wireless(0x08, 0x41, 24, frames.LLC), Skipped.ENCRYPTED, id="wlan-protected"),
    pytest.param(105, frames.wireless(0x08, 0x05, 24, frames.LLC), Skipped.FRAGMENT, id="wlan-fragment"),
    pytest.param(1, frames.ethernet(0x88E5, b"\x0c" + bytes(60)), Skipped.ENCRYPTED, id="macsec-encrypted"),
    pytest.param(1, frames.ethernet(0x8847, b"\0\1\1\x40\x10\0\0\x21" + bytes(20)), Skipped.NOT_IP, id="mpls-channel"),
    pytest.param(1, frames.outer(50, bytes(40)), Skipped.ENCRYPTED, id="esp"),
    pytest.param(1, frames.QUOTED, Skipped.ICMP, id="tcp-quoted-in-icmp"),
    pytest.param(1, frames.outer(132, bytes(40)), Skipped.OTHER_PROTOCOL, id="sctp"),
    pytest.param(
        1,
        frames.ethernet(0x86DD, frames.ipv6(b"\x06" + bytes(7) + SEGMENT, 135)),
        Skipped.OTHER_PROTOCOL,
        id="mobility-carries-nothing",
    ),
    pytest.param(1, frames.ethernet(0x86DD, frames.ipv6(b"", 59)), Skipped.OTHER_PROTOCOL, id="ipv6-no-next-header"),
    pytest.param(1, frames.udp(53, IPV4), Skipped.UDP, id="udp"),
    pytest.param(1, frames.udp(6343, bytes(28) + frames.ETHERNET), Skipped.UDP, id="sflow-samples"),
    pytest.param(1, frames.udp(2152, b"\x30\x01\0\0" + bytes(8)), Skipped.UDP, id="gtp-echo"),
    pytest.param(1, frames.udp(3544, b"\x50" + bytes(40)), Skipped.UDP, id="teredo-port-other-payload"),
    pytest.param(1, frames.udp(1701, b"\xc8\x02" + bytes(10)), Skipped.UDP, id="l2tp-control"),
    pytest.param(1, frames.udp(5247, b"\x01" + bytes(30)), Skipped.ENCRYPTED, id="capwap-dtls"),
    pytest.param(1, frames.udp(6081, b"\x40\0\x08\0" + bytes(4) + IPV4), Skipped.UDP, id="geneve-other-version"),
    pytest.param(228, frames.ipv4(ihl=4), Skipped.DAMAGED, id="ipv4-header-too-short"),
    pytest.param(228, frames.ipv4(len=12), Skipped.DAMAGED, id="ipv4-total-shorter-than-header"),
    pytest.param(228, frames.ipv4(len=35), Skipped.DAMAGED, id="tcp-header-shorter-than-to-the-window"),
    pytest.param(228, b"\x50" + IPV4[1:], Skipped.DAMAGED, id="ip-of-no-known-version"),
    pytest.param(229, IPV4, Skipped.DAMAGED, id="ipv6-of-another-version"),
    pytest.param(1, frames.ETHERNET[:20], Skipped.DAMAGED, id="frame-ends-in-the-header"),
    pytest.param(239, b"\x02\0\0\0\x03\0\1\0" + bytes(20), Skipped.DAMAGED, id="nflog-length-too-small"),
]


@pytest.mark.parametrize(("link", "frame", "reason"), SKIPPED)
def test_what_is_skipped_and_why(link: int, frame: bytes, reason: Skipped) -> None:
    assert find(link, frame) is reason


def test_a_cut_header_is_told_from_a_damaged_one() -> None:
    assert find(1, frames.ETHERNET[:40], len(frames.ETHERNET)) is Skipped.SNAPPED
    assert find(1, frames.ETHERNET[:40], 40) is Skipped.DAMAGED


def test_an_ipv6_routing_header_in_ipv4_leaves_its_addresses() -> None:
    routed = b"\x06\x02\x00\x01" + bytes(20) + SEGMENT
    found = find(1, frames.ethernet(0x0800, frames.ipv4(routed, 43)))
    assert isinstance(found, Found)
    assert found.key == frames.KEY


def test_what_was_on_the_wire_bounds_the_length() -> None:
    beyond = frames.ethernet(0x0800, frames.ipv4(len=9000))
    found = find(1, beyond, len(beyond) + 100)
    assert isinstance(found, Found)
    assert found.length == len(SEGMENT) + 100
    assert bytes_of(found) == SEGMENT


@pytest.mark.parametrize(
    ("source", "destination", "inside"),
    [
        pytest.param(4789, 50000, True, id="from-the-tunnel-port"),
        pytest.param(50000, 4789, True, id="to-the-tunnel-port"),
        pytest.param(50000, 8472, False, id="another-port"),
    ],
)
def test_either_port_means_the_tunnel(source: int, destination: int, inside: bool) -> None:
    payload = b"\x08" + bytes(7) + frames.ETHERNET
    header = b"".join(number.to_bytes(2, "big") for number in (source, destination, 8 + len(payload), 0))
    assert isinstance(find(1, frames.outer(17, header + payload)), Found) is inside
