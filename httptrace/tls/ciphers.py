"""The names of the TLS cipher suites, as IANA registers them.

The registry was filled block by block: each RFC took a run of numbers and put its ciphers in it once for
every key exchange. So the table is kept as it grew, a block a row, and unfolded once at import.
"""

from __future__ import annotations

_PLAIN_SIX = "RSA DH_DSS DH_RSA DHE_DSS DHE_RSA DH_anon"  # the order of the CBC blocks
_AEAD_SIX = "RSA DHE_RSA DH_RSA DHE_DSS DH_DSS DH_anon"  # the order of the GCM blocks
_CURVES = "ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA"
_PSKS = "PSK DHE_PSK RSA_PSK"

#: First number, key exchanges, ciphers: numbers count through all ciphers of the first key exchange, then
#: of the next.
_BLOCKS: tuple[tuple[int, str, str], ...] = (
    # SSL 3.0 and TLS 1.0, the export suites among them (RFC 2246, RFC 6101)
    (0x0000, "NULL", "NULL_NULL"),
    (0x0001, "RSA", "NULL_MD5 NULL_SHA"),
    (0x0003, "RSA_EXPORT", "RC4_40_MD5"),
    (0x0004, "RSA", "RC4_128_MD5 RC4_128_SHA"),
    (0x0006, "RSA_EXPORT", "RC2_CBC_40_MD5"),
    (0x0007, "RSA", "IDEA_CBC_SHA"),
    (0x0008, "RSA_EXPORT", "DES40_CBC_SHA"),
    (0x0009, "RSA", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x000B, "DH_DSS_EXPORT", "DES40_CBC_SHA"),
    (0x000C, "DH_DSS", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x000E, "DH_RSA_EXPORT", "DES40_CBC_SHA"),
    (0x000F, "DH_RSA", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x0011, "DHE_DSS_EXPORT", "DES40_CBC_SHA"),
    (0x0012, "DHE_DSS", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x0014, "DHE_RSA_EXPORT", "DES40_CBC_SHA"),
    (0x0015, "DHE_RSA", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x0017, "DH_anon_EXPORT", "RC4_40_MD5"),
    (0x0018, "DH_anon", "RC4_128_MD5"),
    (0x0019, "DH_anon_EXPORT", "DES40_CBC_SHA"),
    (0x001A, "DH_anon", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    # Kerberos (RFC 2712)
    (0x001E, "KRB5", "DES_CBC_SHA 3DES_EDE_CBC_SHA RC4_128_SHA IDEA_CBC_SHA"),
    (0x0022, "KRB5", "DES_CBC_MD5 3DES_EDE_CBC_MD5 RC4_128_MD5 IDEA_CBC_MD5"),
    (
        0x0026,
        "KRB5_EXPORT",
        "DES_CBC_40_SHA RC2_CBC_40_SHA RC4_40_SHA DES_CBC_40_MD5 RC2_CBC_40_MD5 RC4_40_MD5",
    ),
    # AES in CBC mode (RFC 3268, RFC 5246), the others of that kind, pre-shared keys (RFC 4279, RFC 4785,
    # RFC 5487)
    (0x002C, _PSKS, "NULL_SHA"),
    (0x002F, _PLAIN_SIX, "AES_128_CBC_SHA"),
    (0x0035, _PLAIN_SIX, "AES_256_CBC_SHA"),
    (0x003B, "RSA", "NULL_SHA256 AES_128_CBC_SHA256 AES_256_CBC_SHA256"),
    (0x003E, "DH_DSS DH_RSA DHE_DSS", "AES_128_CBC_SHA256"),
    (0x0041, _PLAIN_SIX, "CAMELLIA_128_CBC_SHA"),
    (0x0067, "DHE_RSA", "AES_128_CBC_SHA256"),
    (0x0068, "DH_DSS DH_RSA DHE_DSS DHE_RSA", "AES_256_CBC_SHA256"),
    (0x006C, "DH_anon", "AES_128_CBC_SHA256 AES_256_CBC_SHA256"),
    (0x0084, _PLAIN_SIX, "CAMELLIA_256_CBC_SHA"),
    (0x008A, _PSKS, "RC4_128_SHA 3DES_EDE_CBC_SHA AES_128_CBC_SHA AES_256_CBC_SHA"),
    (0x0096, _PLAIN_SIX, "SEED_CBC_SHA"),
    (0x009C, _AEAD_SIX, "AES_128_GCM_SHA256 AES_256_GCM_SHA384"),
    (0x00A8, _PSKS, "AES_128_GCM_SHA256 AES_256_GCM_SHA384"),
    (0x00AE, _PSKS, "AES_128_CBC_SHA256 AES_256_CBC_SHA384 NULL_SHA256 NULL_SHA384"),
    (0x00BA, _PLAIN_SIX, "CAMELLIA_128_CBC_SHA256"),
    (0x00C0, _PLAIN_SIX, "CAMELLIA_256_CBC_SHA256"),
    # Elliptic curves (RFC 8422, RFC 5289, RFC 5489) and SRP (RFC 5054)
    (
        0xC001,
        "ECDH_ECDSA ECDHE_ECDSA ECDH_RSA ECDHE_RSA ECDH_anon",
        "NULL_SHA RC4_128_SHA 3DES_EDE_CBC_SHA AES_128_CBC_SHA AES_256_CBC_SHA",
    ),
    (0xC01A, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "3DES_EDE_CBC_SHA"),
    (0xC01D, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "AES_128_CBC_SHA"),
    (0xC020, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "AES_256_CBC_SHA"),
    (0xC023, _CURVES, "AES_128_CBC_SHA256 AES_256_CBC_SHA384"),
    (0xC02B, _CURVES, "AES_128_GCM_SHA256 AES_256_GCM_SHA384"),
    (0xC033, "ECDHE_PSK", "RC4_128_SHA 3DES_EDE_CBC_SHA AES_128_CBC_SHA AES_256_CBC_SHA"),
    (0xC037, "ECDHE_PSK", "AES_128_CBC_SHA256 AES_256_CBC_SHA384 NULL_SHA NULL_SHA256 NULL_SHA384"),
    # ARIA (RFC 6209) and Camellia (RFC 6367)
    (0xC03C, _PLAIN_SIX, "ARIA_128_CBC_SHA256 ARIA_256_CBC_SHA384"),
    (0xC048, _CURVES, "ARIA_128_CBC_SHA256 ARIA_256_CBC_SHA384"),
    (0xC050, _AEAD_SIX, "ARIA_128_GCM_SHA256 ARIA_256_GCM_SHA384"),
    (0xC05C, _CURVES, "ARIA_128_GCM_SHA256 ARIA_256_GCM_SHA384"),
    (0xC064, _PSKS, "ARIA_128_CBC_SHA256 ARIA_256_CBC_SHA384"),
    (0xC06A, _PSKS, "ARIA_128_GCM_SHA256 ARIA_256_GCM_SHA384"),
    (0xC070, "ECDHE_PSK", "ARIA_128_CBC_SHA256 ARIA_256_CBC_SHA384"),
    (0xC072, _CURVES, "CAMELLIA_128_CBC_SHA256 CAMELLIA_256_CBC_SHA384"),
    (0xC07A, _AEAD_SIX, "CAMELLIA_128_GCM_SHA256 CAMELLIA_256_GCM_SHA384"),
    (0xC086, _CURVES, "CAMELLIA_128_GCM_SHA256 CAMELLIA_256_GCM_SHA384"),
    (0xC08E, _PSKS, "CAMELLIA_128_GCM_SHA256 CAMELLIA_256_GCM_SHA384"),
    (0xC094, f"{_PSKS} ECDHE_PSK", "CAMELLIA_128_CBC_SHA256 CAMELLIA_256_CBC_SHA384"),
    # CCM (RFC 6655, RFC 7251); the registry really says PSK_DHE for two of them
    (0xC09C, "RSA DHE_RSA", "AES_128_CCM AES_256_CCM"),
    (0xC0A0, "RSA DHE_RSA", "AES_128_CCM_8 AES_256_CCM_8"),
    (0xC0A4, "PSK DHE_PSK", "AES_128_CCM AES_256_CCM"),
    (0xC0A8, "PSK PSK_DHE", "AES_128_CCM_8 AES_256_CCM_8"),
    (0xC0AC, "ECDHE_ECDSA", "AES_128_CCM AES_256_CCM AES_128_CCM_8 AES_256_CCM_8"),
    (0xC0B0, "ECCPWD", "AES_128_GCM_SHA256 AES_256_GCM_SHA384 AES_128_CCM_SHA256 AES_256_CCM_SHA384"),
    # GOST (RFC 9189, RFC 9367)
    (0xC100, "GOSTR341112_256", "KUZNYECHIK_CTR_OMAC MAGMA_CTR_OMAC 28147_CNT_IMIT"),
    (0xC103, "GOSTR341112_256", "KUZNYECHIK_MGM_L MAGMA_MGM_L KUZNYECHIK_MGM_S MAGMA_MGM_S"),
    # ChaCha20 (RFC 7905) and the last pre-shared ones (RFC 8442)
    (0xCCA8, "ECDHE_RSA ECDHE_ECDSA DHE_RSA PSK ECDHE_PSK DHE_PSK RSA_PSK", "CHACHA20_POLY1305_SHA256"),
    (0xD001, "ECDHE_PSK", "AES_128_GCM_SHA256 AES_256_GCM_SHA384 AES_128_CCM_8_SHA256"),
    (0xD005, "ECDHE_PSK", "AES_128_CCM_SHA256"),
)

#: Names without a key exchange: TLS 1.3 (RFC 8446 §B.4, RFC 8998, RFC 9150) and the signals that are no
#: suites.
_RUNS: tuple[tuple[int, str], ...] = (
    (0x00C6, "SM4_GCM_SM3 SM4_CCM_SM3"),
    (0x00FF, "EMPTY_RENEGOTIATION_INFO_SCSV"),
    (
        0x1301,
        "AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_CCM_SHA256",
    ),
    (0x1305, "AES_128_CCM_8_SHA256"),
    (0x1306, "AEGIS_256_SHA512 AEGIS_128L_SHA256"),
    (0x5600, "FALLBACK_SCSV"),
    (0xC0B4, "SHA256_SHA256 SHA384_SHA384"),
)


def _unfolded() -> dict[int, str]:
    names: dict[int, str] = {}
    for first, key_exchanges, ciphers in _BLOCKS:
        suites = [f"{exchange}_WITH_{cipher}" for exchange in key_exchanges.split() for cipher in ciphers.split()]
        names.update((first + place, f"TLS_{suite}") for place, suite in enumerate(suites))
    for first, suites_of_run in _RUNS:
        names.update((first + place, f"TLS_{suite}") for place, suite in enumerate(suites_of_run.split()))
    return names


CIPHER_SUITES = _unfolded()


def cipher_name(number: int) -> str:
    """The IANA name of a cipher suite, its number as "0x1234" where the registry has none."""
    return CIPHER_SUITES.get(number) or f"0x{number:04x}"
