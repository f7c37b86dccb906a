"""What hellos say, rule by rule, and when a handshake is over: with hellos written by hand."""

from __future__ import annotations

import hashlib

import pytest

from httptrace.limits import LARGEST_HELLO
from httptrace.model import Tls
from httptrace.tls.hello import LONGEST_NAME, WAITED_RECORDS, HelloReader
from tests.tls.handshakes import (
    Piece,
    client_hello,
    extension,
    learned,
    read,
    record,
    server_hello,
    server_name,
    sized,
)

CLIENT, SERVER = True, False

CHOSEN_1_3 = extension(43, b"\x03\x04")
GREASE = extension(0x0A0A, b"\x00")
RETRY = hashlib.sha256(b"HelloRetryRequest").digest()

ASKED = record(22, client_hello(server_name(b"a.test")), 0x0301)
ANSWERED_1_2 = record(22, server_hello(0xC02F, extension(16, sized(2, sized(1, b"h2")))))
ANSWERED_1_3 = record(22, server_hello(0x1301, CHOSEN_1_3))
RETRIED = record(22, server_hello(0x1301, CHOSEN_1_3, random=RETRY))
CERTIFICATE = record(22, b"\x0b" + sized(3, bytes(3000)))
CCS = record(20, b"\x01")
FINISHED = record(22, b"\x9a" * 40)
DATA = record(23, b"\x9a" * 53)

AGREED_1_2 = Tls("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "a.test", "h2")
AGREED_1_3 = Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", "a.test", None)


@pytest.mark.parametrize(
    ("extensions", "name"),
    [
        pytest.param(server_name(b"a.test"), "a.test", id="a-name"),
        pytest.param(GREASE + extension(5, b"") + server_name(b"a.test"), "a.test", id="behind-grease"),
        pytest.param(server_name(b"xn--r8jz45g.test"), "xn--r8jz45g.test", id="idna-as-sent"),
        pytest.param(server_name("ü\0\n".encode("latin-1")), "ü\0\n", id="a-character-an-octet"),
        pytest.param(server_name(b"a" * 300), "a" * LONGEST_NAME, id="bounded"),
        pytest.param(server_name(b""), None, id="an-empty-name"),
        pytest.param(server_name(b"a.test", kind=1), None, id="a-name-of-another-kind"),
        pytest.param(extension(0, b""), None, id="an-empty-extension"),
        pytest.param(extension(0, b"\x00\x09\x00\x00\xffa.test"), None, id="a-name-longer-than-its-place"),
        pytest.param(b"\x00\x00\x00\xff\x00", None, id="an-extension-longer-than-its-place"),
        pytest.param(b"\x00\x00\x00", None, id="half-an-extension"),
        pytest.param(b"", None, id="no-extension"),
        pytest.param(None, None, id="not-even-their-length"),
    ],
)
def test_server_name(extensions: bytes | None, name: str | None) -> None:
    reader = read([(CLIENT, record(22, client_hello(extensions)))])
    assert reader.tls == Tls(sni=name)
    assert reader.first_hello_ns == 1


@pytest.mark.parametrize(
    ("hello", "tls"),
    [
        pytest.param(server_hello(5, None, 0x0300), Tls("SSLv3", "TLS_RSA_WITH_RC4_128_SHA"), id="ssl-3.0"),
        pytest.param(server_hello(0x2F, b"", 0x0301), Tls("TLSv1.0", "TLS_RSA_WITH_AES_128_CBC_SHA"), id="tls-1.0"),
        pytest.param(server_hello(0x2F, b"", 0x0302), Tls("TLSv1.1", "TLS_RSA_WITH_AES_128_CBC_SHA"), id="tls-1.1"),
        pytest.param(server_hello(0x3C), Tls("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA256"), id="tls-1.2"),
        pytest.param(server_hello(0x1302, CHOSEN_1_3), Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384"), id="tls-1.3"),
        pytest.param(
            server_hello(0x1302, extension(43, b"\x7f\x1c")),
            Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384"),
            id="a-draft-of-tls-1.3",
        ),
        pytest.param(
            server_hello(0x1302, CHOSEN_1_3, random=RETRY),
            Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384"),
            id="hello-retry-request",
        ),
        pytest.param(server_hello(0xFEFE), Tls("TLSv1.2", "0xfefe"), id="a-suite-without-name"),
        pytest.param(
            server_hello(0x3C, extension(16, b"\x00\x03\x02h2")),
            Tls("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA256", alpn="h2"),
            id="alpn",
        ),
        pytest.param(
            server_hello(0x3C, extension(16, b"\x00\x03\x09h2")),
            Tls("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
            id="alpn-longer-than-its-place",
        ),
        pytest.param(
            server_hello(0x1301, extension(16, b"\x00\x03\x02h2") + CHOSEN_1_3),
            Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256"),
            id="alpn-has-no-place-in-tls-1.3",
        ),
        pytest.param(server_hello(0x3C, version=0x1303), Tls(), id="a-version-of-no-tls"),
        pytest.param(b"\x02" + sized(3, b"\x03\x03" + bytes(20)), Tls(), id="too-short-for-a-suite"),
        pytest.param(
            b"\x00\x00\x00\x00" + server_hello(0x3C, None)[:-1] + b"\0",
            Tls("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
            id="behind-a-hello-request",
        ),
        pytest.param(client_hello(server_name(b"a.test")), Tls(), id="a-client-hello-of-the-server"),
    ],
)
def test_server_hello(hello: bytes, tls: Tls) -> None:
    assert read([(SERVER, record(22, hello))]).tls == tls
    in_tiny_records = b"".join(record(22, bytes((octet,))) for octet in hello)
    if hello[0]:
        assert read([(SERVER, in_tiny_records)]).tls == tls


@pytest.mark.parametrize(
    ("pieces", "tls", "span"),
    [
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2 + CERTIFICATE), (CLIENT, CCS + FINISHED), (CLIENT, DATA),
             (SERVER, CCS), (SERVER, FINISHED), (SERVER, DATA)],
            AGREED_1_2, (1, 6), id="false-start",
        ),
        pytest.param(
            [(CLIENT, ASKED + CCS), (CLIENT, DATA), (SERVER, ANSWERED_1_3 + CCS + DATA), (CLIENT, DATA)],
            AGREED_1_3, (1, 4), id="early-data",
        ),
        pytest.param(
            [(CLIENT, ASKED + CCS), (CLIENT, DATA), (SERVER, RETRIED + CCS), (CLIENT, DATA), (CLIENT, ASKED),
             (SERVER, ANSWERED_1_3 + DATA), (CLIENT, DATA)],
            AGREED_1_3, (1, 7), id="early-data-that-is-refused-by-a-retry",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_3), (CLIENT, DATA)], AGREED_1_3, (1, 3), id="no-middlebox-mode",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2 + CCS + FINISHED),
             (CLIENT, record(21, b"\x02\x2a") + CCS + FINISHED)],
            AGREED_1_2, (1, None), id="a-fatal-alert-ends-it",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, record(21, b"\x01\x70") + ANSWERED_1_2 + CCS + FINISHED), (CLIENT, CCS),
             (SERVER, record(21, b"\x02" * 26)), (CLIENT, FINISHED)],
            AGREED_1_2, (1, 5), id="a-warning-does-not-nor-what-is-encrypted",
        ),
        pytest.param(
            [(CLIENT, bytes.fromhex("802b 01 0301 0012 0000 0010") + bytes(34)),
             (SERVER, record(22, server_hello(5, None, 0x0301))),
             (CLIENT, CCS + FINISHED), (SERVER, CCS + FINISHED)],
            Tls("TLSv1.0", "TLS_RSA_WITH_RC4_128_SHA"), (1, 4), id="a-client-hello-of-ssl-2.0-shape",
        ),
        pytest.param(
            [(SERVER, record(23, bytes(40), 0x0301))],
            Tls("TLSv1.0"), (None, None), id="mid-stream-records-of-tls-1.0-tell-it",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, record(23, bytes(40), 0x0301))],
            Tls("TLSv1.0", sni="a.test"), (1, None), id="without-server-hello-no-end",
        ),
        pytest.param(
            [(SERVER, DATA)], Tls(), (None, None), id="mid-stream-records-of-tls-1.2-may-be-1.3",
        ),
        pytest.param(
            [(CLIENT, CCS + record(22, client_hello(server_name(b"a.test")))), (SERVER, DATA)],
            Tls(), (None, None), id="what-is-encrypted-is-no-hello",
        ),
        pytest.param(
            [(CLIENT, ASKED), *[(CLIENT, DATA)] * WAITED_RECORDS],
            Tls(sni="a.test"), (1, None), id="a-server-that-is-not-seen-is-not-waited-for",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, b"HTTP/1.1 400 Bad Request\r\n\r\n")],
            Tls(sni="a.test"), (1, None), id="the-server-speaks-no-tls",
        ),
    ],
)  # fmt: skip
def test_when_it_is_over(pieces: list[Piece], tls: Tls, span: tuple[int | None, int | None]) -> None:
    assert learned(read(pieces)) == (tls, *span, True)
    assert not read(pieces[:-1]).done or pieces[-1] == (SERVER, DATA)


@pytest.mark.parametrize(
    ("steps", "tls", "end"),
    [
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2 + CERTIFICATE[:99]), (SERVER, len(CERTIFICATE) - 99),
             (CLIENT, CCS + FINISHED), (SERVER, CCS + FINISHED)],
            AGREED_1_2, 5, id="inside-the-certificate",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2), (SERVER, len(CERTIFICATE)), (CLIENT, CCS + FINISHED),
             (SERVER, CCS + FINISHED), (CLIENT, DATA)],
            AGREED_1_2, 4, id="a-whole-certificate",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2), (CLIENT, 60), (SERVER, CCS + FINISHED), (SERVER, DATA)],
            AGREED_1_2, 4, id="the-client-is-lost",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_3), (SERVER, 2000), (CLIENT, DATA)],
            AGREED_1_3, 4, id="tls-1.3-the-server-is-lost",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_3), (CLIENT, 2000)],
            AGREED_1_3, None, id="tls-1.3-the-client-is-lost",
        ),
        pytest.param(
            [(CLIENT, ASKED[:6]), (CLIENT, len(ASKED) - 6), (CLIENT, record(22, ASKED[6:])), (SERVER, 2000)],
            Tls(), None, id="behind-the-first-octet-of-a-hello",
        ),
        pytest.param([(CLIENT, ASKED), (SERVER, 2000)], Tls(sni="a.test"), None, id="no-server-hello"),
        pytest.param(
            [(CLIENT, 200), (SERVER, ANSWERED_1_3)],
            Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256"), None, id="no-client-hello",
        ),
        pytest.param(
            [(CLIENT, 200), (SERVER, ANSWERED_1_2)],
            Tls("TLSv1.2", AGREED_1_2.cipher, alpn="h2"), None, id="no-client-hello-of-tls-1.2",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2 + CCS + FINISHED), (CLIENT, CCS + b"\x15\x03\x03\0\x1a\2\2"),
             (CLIENT, 24), (CLIENT, FINISHED)],
            AGREED_1_2, 5, id="inside-an-encrypted-alert",
        ),
        pytest.param([(SERVER, 200), (CLIENT, ASKED)], Tls(sni="a.test"), None, id="the-client-is-read-late"),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2), (CLIENT, 60), (SERVER, 60)],
            AGREED_1_2, None, id="both-are-lost",
        ),
        pytest.param(
            [(CLIENT, ASKED[:-1]), (CLIENT, 1), (SERVER, 2000)], Tls(), None, id="the-end-of-the-name",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_2[:80]), (SERVER, len(ANSWERED_1_2) - 80), (SERVER, CCS + DATA)],
            Tls(None, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "a.test"), None, id="the-end-of-the-server-hello",
        ),
        pytest.param(
            [(CLIENT, ASKED), (SERVER, ANSWERED_1_3[:80]), (SERVER, len(ANSWERED_1_3) - 80), (CLIENT, DATA)],
            AGREED_1_3, 4, id="the-end-of-a-tls-1.3-server-hello",
        ),
    ],
)  # fmt: skip
def test_holes(steps: list[tuple[bool, bytes | int]], tls: Tls, end: int | None) -> None:
    reader = HelloReader()
    for time_ns, (from_client, step) in enumerate(steps, 1):
        if isinstance(step, int):
            reader.gap(from_client, step)
        else:
            reader.data(from_client, step, time_ns)
    assert (reader.tls, reader.handshake_end_ns) == (tls, end)
    assert reader.done


def test_the_later_finished_ends_it_though_it_was_read_first() -> None:
    reader = read([(CLIENT, ASKED), (SERVER, ANSWERED_1_2 + CCS)])
    reader.data(CLIENT, CCS + FINISHED, 9)
    reader.data(SERVER, FINISHED, 8)  # was behind a hole that a packet filled late
    assert (reader.handshake_end_ns, reader.done) == (9, True)


def test_a_hello_in_many_records_begins_with_the_first() -> None:
    octets = client_hello(server_name(b"a.test"))
    reader = read([(CLIENT, record(22, bytes((octet,)))) for octet in octets])
    assert octets.count(b"\x01") > 1
    assert (reader.tls.sni, reader.first_hello_ns) == ("a.test", 1)


def test_a_hello_beyond_the_bound_is_not_kept() -> None:
    message = client_hello(extension(21, bytes(LARGEST_HELLO)) + server_name(b"a.test"))
    reader = HelloReader()
    for start in range(0, len(message), 100):
        reader.data(CLIENT, record(22, message[start : start + 100]), 1)
        assert len(reader._client.hello) <= 100
    assert (reader.tls, reader.first_hello_ns) == (Tls(), 1)


def test_a_hello_within_the_bound_may_be_long() -> None:
    message = client_hello(extension(21, bytes(LARGEST_HELLO - 1000)) + server_name(b"a.test"))
    records = b"".join(record(22, message[start : start + 100]) for start in range(0, len(message), 100))
    assert read([(CLIENT, records)]).tls.sni == "a.test"
