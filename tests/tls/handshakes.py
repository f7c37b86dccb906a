"""TLS conversations for tests: real ones, held by the ssl module with itself in memory, and some by hand."""

from __future__ import annotations

import functools
import ssl
import tempfile
from pathlib import Path

from httptrace.tls.hello import HelloReader

#: What one side sent at one go: from the client or not, and the bytes.
Piece = tuple[bool, bytes]

NAME = "httptrace.test"

# A key that protects nothing, and its certificate, valid for a hundred years.
_IDENTITY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghnH9xGdxApRLPRfQ
lW/T0rwTH5DTBtUMveKIDNDJupyhRANCAAQu7Letvxp/JoQ6RNyFYISXKWCDgUFw
N2dlWQDDCK9ibFhY9Q5HdxHhJdiJGWoY1legBLMOKw92QKzxJ81FrcBp
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUNI4/GVTDfE45KMearZpqVfMS7FQwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOaHR0cHRyYWNlLnRlc3QwIBcNMjYxMTIzMDk1OTEyWhgPMjEy
NjEwMzAwOTU5MTJaMBkxFzAVBgNVBAMMDmh0dHB0cmFjZS50ZXN0MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAELuy3rb8afyaEOkTchWCElylgg4FBcDdnZVkAwwiv
YmxYWPUOR3cR4SXYiRlqGNZXoASzDisPdkCs8SfNRa3AaaNTMFEwHQYDVR0OBBYE
FKaA5MCVY5r1/jf4fClSz5s2PGxDMB8GA1UdIwQYMBaAFKaA5MCVY5r1/jf4fClS
z5s2PGxDMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgbQKYYXMp
2yB46duPxnC4HWSUyJNgaQl6Z6P75VrpcEkCIQD4m7Zz8mHkCqT6Q4gvU/yGrKhN
Qzxa/C6i1rMIwJ5G8w==
-----END CERTIFICATE-----
"""


def _context(
    side: int, version: ssl.TLSVersion, ciphers: str | None, alpn: list[str], curve: str | None
) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    if side == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "identity.pem")
            path.write_text(_IDENTITY)
            context.load_cert_chain(path)
    context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    if alpn:
        context.set_alpn_protocols(alpn)
    if curve:
        context.set_ecdh_curve(curve)
    return context


class _Talk:
    """Two ends in memory, and what went between them."""

    def __init__(
        self, client: ssl.SSLContext, server: ssl.SSLContext, name: str | None, session: ssl.SSLSession | None
    ) -> None:
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.pieces: list[Piece] = []
        self._outs = (ssl.MemoryBIO(), ssl.MemoryBIO())
        self._ins = (down, up)
        self.client = client.wrap_bio(down, self._outs[0], server_hostname=name, session=session)
        self.server = server.wrap_bio(up, self._outs[1], server_side=True)

    def carry(self) -> None:
        """Bring what each side has written to the other."""
        for side in (0, 1):
            octets = self._outs[side].read()
            if octets:
                self.pieces.append((side == 0, octets))
                self._ins[1 - side].write(octets)

    def shake_hands(self) -> None:
        left = [self.client, self.server]
        while left:
            for end in list(left):
                try:
                    end.do_handshake()
                    left.remove(end)
                except ssl.SSLWantReadError:
                    pass
                self.carry()

    def say(self, words: bytes, answer: bytes) -> None:
        self.client.write(words)
        self.carry()
        assert self.server.read(len(words)) == words
        self.server.write(answer)
        self.carry()
        assert self.client.read(len(answer)) == answer


@functools.cache
def conversation(
    version: ssl.TLSVersion,
    *,
    ciphers: str | None = None,
    name: str | None = NAME,
    offered: tuple[str, ...] = (),
    accepted: tuple[str, ...] = (),
    curve: str | None = None,
    resumed: bool = False,
) -> tuple[Piece, ...]:
    """The handshake, then a request and a response. `resumed`: the second connection of that session."""
    client = _context(ssl.PROTOCOL_TLS_CLIENT, version, ciphers, list(offered), None)
    server = _context(ssl.PROTOCOL_TLS_SERVER, version, ciphers, list(accepted), curve)
    session = None
    for _ in range(2 if resumed else 1):
        talk = _Talk(client, server, name, session)
        talk.shake_hands()
        talk.say(b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n")
        session = talk.client.session
    assert talk.client.session_reused == resumed
    return tuple(talk.pieces)


def read(pieces: tuple[Piece, ...] | list[Piece]) -> HelloReader:
    """A reader that was fed these; the time is the place in the list, from 1."""
    reader = HelloReader()
    for time_ns, (from_client, octets) in enumerate(pieces, 1):
        reader.data(from_client, octets, time_ns)
    return reader


def learned(reader: HelloReader) -> tuple[object, ...]:
    """Everything a reader tells."""
    return (reader.tls, reader.first_hello_ns, reader.handshake_end_ns, reader.done)


def sized(width: int, content: bytes) -> bytes:
    """A vector: its length in `width` octets, and itself."""
    return len(content).to_bytes(width, "big") + content


def record(kind: int, fragment: bytes, version: int = 0x0303) -> bytes:
    return bytes((kind,)) + version.to_bytes(2, "big") + sized(2, fragment)


def extension(kind: int, content: bytes) -> bytes:
    return kind.to_bytes(2, "big") + sized(2, content)


def server_name(name: bytes, kind: int = 0) -> bytes:
    return extension(0, sized(2, bytes((kind,)) + sized(2, name)))


def client_hello(extensions: bytes | None = b"", version: int = 0x0303) -> bytes:
    """The message, without a record; None: not even the length of the extensions."""
    body = (
        version.to_bytes(2, "big") + bytes(32) + sized(1, bytes(32)) + sized(2, b"\x0a\x0a\x13\x01") + sized(1, b"\0")
    )
    body += b"" if extensions is None else sized(2, extensions)
    return b"\x01" + sized(3, body)


def server_hello(
    cipher: int, extensions: bytes | None = b"", version: int = 0x0303, random: bytes = bytes(32)
) -> bytes:
    """The message, without a record; None: not even the length of the extensions."""
    body = version.to_bytes(2, "big") + random + sized(1, bytes(32)) + cipher.to_bytes(2, "big") + b"\0"
    body += b"" if extensions is None else sized(2, extensions)
    return b"\x02" + sized(3, body)
