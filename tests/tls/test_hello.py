"""What real handshakes show in the clear, whole, in pieces, from one side only, and damaged."""

from __future__ import annotations

import random
import ssl
from typing import Any

import pytest

from httptrace.model import Tls
from httptrace.tls.hello import HelloReader
from tests.tls.handshakes import NAME, Piece, conversation, learned, read

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

#: What is talked: how, what of it shows, and which pieces begin and end the handshake (from 1).
TALKS = [
    pytest.param(
        (TLS_1_3, {"offered": ("h2", "http/1.1"), "accepted": ("h2",)}),
        Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", NAME, None),
        (1, 3),
        id="tls-1.3-hides-alpn",
    ),
    pytest.param(
        (TLS_1_3, {"curve": "secp384r1"}),
        Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", NAME, None),
        (1, 5),
        id="tls-1.3-hello-retry-request",
    ),
    pytest.param(
        (TLS_1_3, {"resumed": True}),
        Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", NAME, None),
        (1, 3),
        id="tls-1.3-resumed",
    ),
    pytest.param(
        (TLS_1_3, {"name": None}),
        Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", None, None),
        (1, 3),
        id="tls-1.3-without-name",
    ),
    pytest.param(
        (
            TLS_1_2,
            {
                "ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256",
                "offered": ("h2", "http/1.1"),
                "accepted": ("http/1.1",),
            },
        ),
        Tls("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", NAME, "http/1.1"),
        (1, 4),
        id="tls-1.2-shows-the-chosen-alpn",
    ),
    pytest.param(
        (TLS_1_2, {"ciphers": "ECDHE-ECDSA-CHACHA20-POLY1305", "offered": ("h2",)}),
        Tls("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", NAME, None),
        (1, 4),
        id="tls-1.2-an-offer-is-no-choice",
    ),
    pytest.param(
        (TLS_1_2, {"ciphers": "ECDHE-ECDSA-AES256-SHA", "resumed": True}),
        Tls("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", NAME, None),
        (1, 3),
        id="tls-1.2-resumed-the-client-finishes-last",
    ),
    pytest.param(
        (TLS_1_2, {"ciphers": "AECDH-AES128-SHA:@SECLEVEL=0", "name": "例え.test"}),
        Tls("TLSv1.2", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "xn--r8jz45g.test", None),
        (1, 4),
        id="tls-1.2-name-as-sent",
    ),
]


def pieces_of(how: Any) -> tuple[Piece, ...]:
    return conversation(how[0], **how[1])


@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
def test_a_real_handshake(how: Any, tls: Tls, span: tuple[int, int]) -> None:
    pieces = pieces_of(how)
    assert learned(read(pieces)) == (tls, *span, True)
    assert not read(pieces[: span[1] - 1]).done


@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
def test_byte_by_byte_is_the_same(how: Any, tls: Tls, span: tuple[int, int]) -> None:
    reader = HelloReader()
    for time_ns, (from_client, octets) in enumerate(pieces_of(how), 1):
        for octet in octets:
            reader.data(from_client, bytes((octet,)), time_ns)
    assert learned(reader) == (tls, *span, True)


@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
@pytest.mark.parametrize("seed", range(5))
def test_any_split_is_the_same(how: Any, tls: Tls, span: tuple[int, int], seed: int) -> None:
    chance = random.Random(seed)
    reader = HelloReader()
    for time_ns, (from_client, octets) in enumerate(pieces_of(how), 1):
        cuts = sorted(chance.choices(range(len(octets)), k=5))
        for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
            reader.data(from_client, octets[start:end], time_ns)
    assert learned(reader) == (tls, *span, True)


@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
def test_only_the_client_is_seen(how: Any, tls: Tls, span: tuple[int, int]) -> None:
    reader = read([piece for piece in pieces_of(how) if piece[0]])
    assert reader.tls == Tls(sni=tls.sni)
    assert (reader.first_hello_ns, reader.handshake_end_ns) == (1, None)


@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
def test_only_the_server_is_seen(how: Any, tls: Tls, span: tuple[int, int]) -> None:
    reader = read([piece for piece in pieces_of(how) if not piece[0]])
    assert reader.tls == Tls(tls.version, tls.cipher, None, tls.alpn)
    assert (reader.first_hello_ns, reader.handshake_end_ns) == (None, None)


@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
def test_the_capture_begins_behind_the_handshake(how: Any, tls: Tls, span: tuple[int, int]) -> None:
    pieces = [piece for time_ns, piece in enumerate(pieces_of(how), 1) if time_ns > span[1]]
    assert read(pieces).tls == Tls()
    assert read(pieces).handshake_end_ns is None


@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
def test_cut_anywhere_it_tells_nothing_wrong(how: Any, tls: Tls, span: tuple[int, int]) -> None:
    """Both what the capture's end leaves, and what a hole to the end of the direction leaves."""
    pieces = pieces_of(how)
    for cut_piece, (from_client, octets) in enumerate(pieces):
        for cut in range(0, len(octets), 1 if cut_piece < 2 else 13):
            for gap in (0, len(octets) - cut):
                reader = read(pieces[:cut_piece])
                reader.data(from_client, octets[:cut], cut_piece + 1)
                if gap:
                    reader.gap(from_client, gap)
                assert reader.tls.version in (None, tls.version)
                assert reader.tls.cipher in (None, tls.cipher)
                assert reader.tls.sni in (None, tls.sni)
                assert reader.tls.alpn in (None, tls.alpn)
                assert reader.first_hello_ns in (None, 1)
                assert reader.handshake_end_ns in (None, span[1])


@pytest.mark.parametrize("snap", [60, 200, 300])
@pytest.mark.parametrize(("how", "tls", "span"), TALKS)
def test_a_snap_length_hides_only_what_it_cuts(how: Any, tls: Tls, span: tuple[int, int], snap: int) -> None:
    """Every segment (of 1,000 octets at most) loses what is behind its first octets."""
    reader = HelloReader()
    for time_ns, (from_client, octets) in enumerate(pieces_of(how), 1):
        for start in range(0, len(octets), 1000):
            segment = octets[start : start + 1000]
            reader.data(from_client, segment[:snap], time_ns)
            if len(segment) > snap:
                reader.gap(from_client, len(segment) - snap)
    assert reader.first_hello_ns == 1
    assert reader.tls.sni in (None, tls.sni)
    if snap >= 200:
        assert reader.tls.cipher == tls.cipher


@pytest.mark.parametrize("seed", range(40))
def test_damage_never_raises(seed: int) -> None:
    chance = random.Random(seed)
    for how in (TALKS[chance.randrange(len(TALKS))].values[0] for _ in range(10)):
        reader = HelloReader()
        for time_ns, (from_client, octets) in enumerate(pieces_of(how), 1):
            damaged = bytearray(octets)
            for _ in range(chance.choice((0, 1, 2, 10))):
                damaged[chance.randrange(len(damaged))] = chance.choice((0, 1, 2, 3, 22, 0xFF, chance.randrange(256)))
            start, end = sorted(chance.choices(range(len(damaged)), k=2))
            if chance.random() < 0.2:
                reader.data(from_client, bytes(damaged[:start]), time_ns)
                reader.gap(from_client, max(1, end - start + chance.choice((0, 0, 5, -5))))
                reader.data(from_client, bytes(damaged[end:]), time_ns)
            else:
                reader.data(from_client, bytes(damaged), time_ns)
        assert reader.tls.decrypted is False


@pytest.mark.parametrize("seed", range(10))
def test_what_is_no_tls_ends_soon_and_tells_nothing(seed: int) -> None:
    chance = random.Random(seed)
    noise = [(bool(number % 2), b"\x00" + chance.randbytes(500)) for number in range(20)]
    assert learned(read(noise)) == (Tls(), None, None, True)
