"""Cipher suites have the names that IANA gave them."""

from __future__ import annotations

import ssl

import pytest

from httptrace.tls.ciphers import _BLOCKS, _RUNS, CIPHER_SUITES, cipher_name


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(0x0000, "TLS_NULL_WITH_NULL_NULL", id="the-first"),
        pytest.param(0x0005, "TLS_RSA_WITH_RC4_128_SHA", id="rc4"),
        pytest.param(0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", id="mandatory-in-tls-1.1"),
        pytest.param(0x0019, "TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA", id="export"),
        pytest.param(0x002B, "TLS_KRB5_EXPORT_WITH_RC4_40_MD5", id="kerberos"),
        pytest.param(0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA", id="mandatory-in-tls-1.2"),
        pytest.param(0x003A, "TLS_DH_anon_WITH_AES_256_CBC_SHA", id="last-of-the-cbc-block"),
        pytest.param(0x0040, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256", id="cbc-sha256-before-the-break"),
        pytest.param(0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", id="cbc-sha256-behind-the-break"),
        pytest.param(0x0095, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA", id="psk"),
        pytest.param(0x009F, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", id="gcm"),
        pytest.param(0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", id="a-signal"),
        pytest.param(0x1301, "TLS_AES_128_GCM_SHA256", id="tls-1.3-first"),
        pytest.param(0x1305, "TLS_AES_128_CCM_8_SHA256", id="tls-1.3-last"),
        pytest.param(0x5600, "TLS_FALLBACK_SCSV", id="another-signal"),
        pytest.param(0xC014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", id="curves-cbc"),
        pytest.param(0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", id="curves-gcm"),
        pytest.param(0xC022, "TLS_SRP_SHA_DSS_WITH_AES_256_CBC_SHA", id="srp"),
        pytest.param(0xC09B, "TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384", id="camellia"),
        pytest.param(0xC0AB, "TLS_PSK_DHE_WITH_AES_256_CCM_8", id="ccm-spelt-as-registered"),
        pytest.param(0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", id="chacha20"),
        pytest.param(0xD005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", id="the-last"),
        pytest.param(0x0A0A, "0x0a0a", id="grease-has-no-name"),
        pytest.param(0x1300, "0x1300", id="unassigned"),
    ],
)
def test_cipher_name(number: int, name: str) -> None:
    assert cipher_name(number) == name


def test_no_block_covers_another() -> None:
    rows = sum(len(exchanges.split()) * len(ciphers.split()) for _, exchanges, ciphers in _BLOCKS)
    assert len(CIPHER_SUITES) == rows + sum(len(names.split()) for _, names in _RUNS)
    assert len(set(CIPHER_SUITES.values())) == len(CIPHER_SUITES)


def test_whatever_openssl_speaks_has_a_name() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    numbers = {suite["id"] & 0xFFFF for suite in context.get_ciphers()}
    assert {hex(number) for number in numbers if number not in CIPHER_SUITES} == set()
