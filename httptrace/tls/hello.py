"""What a TLS connection shows before encryption begins: who was asked for, and what was agreed on.

The theory. The client opens with a ClientHello, the server answers with a ServerHello, and from there it
depends:

    TLS 1.2 and before (RFC 5246 §7.3)                 TLS 1.3 (RFC 8446 §2)
    the rest of the handshake in the clear, then       everything behind the ServerHello is encrypted
    each side: ChangeCipherSpec, and its Finished      and travels as application data; a
    as the one encrypted handshake record              ChangeCipherSpec means nothing (§D.4)

A server of TLS 1.3 that wants another key share answers first with a HelloRetryRequest, which has the shape
of a ServerHello, and the client with a second ClientHello (RFC 8446 §4.1.4). Values of the GREASE kind (RFC
8701) are only ever offers, and offers are not read, except for the name.
"""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.limits import LARGEST_HELLO
from httptrace.model import Tls
from httptrace.tls.ciphers import cipher_name
from httptrace.tls.records import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    CLIENT_HELLO,
    HANDSHAKE,
    SERVER_HELLO,
    SSL2_HELLO,
    Record,
    RecordReader,
)

#: The longest server name (RFC 1035 §2.3.4: 255 octets on the wire, dots and all); what goes on is no name.
LONGEST_NAME = 255

#: Records of application data that are waited through for the end of the handshake. Early data (0-RTT) and
#: False Start make it a few; a connection of which one side was not captured would otherwise be read to its
#: end for nothing.
WAITED_RECORDS = 64

_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1.0", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
_TLS_1_3 = "TLSv1.3"
_DRAFTS_OF_1_3 = 0x7F  # the drafts were 0x7f00 and their number, spoken by browsers in 2017 and 2018

_HELLO_REQUEST = 0
_FATAL = 2
_SERVER_NAME = 0
_ALPN = 16
_SUPPORTED_VERSIONS = 43

#: The random value that makes a ServerHello a HelloRetryRequest: SHA-256 of that word (RFC 8446 §4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


class _ShortError(Exception):
    """A hello ends before the field that was to be read. Stays in this module."""


class _Fields:
    """A hello read field by field; :class:`_ShortError` where it has no more."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._place = 0

    def take(self, length: int) -> bytes:
        start = self._place
        if length > len(self._octets) - start:
            raise _ShortError
        self._place = start + length
        return self._octets[start : self._place]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def vector(self, width: int) -> bytes:
        """What stands behind a length of `width` octets (RFC 8446 §3.4)."""
        return self.take(self.number(width))

    def extensions(self) -> Iterator[tuple[int, bytes]]:
        """The extensions to the end, type and content. The length before them says nothing new."""
        if self._place == len(self._octets):
            return  # SSL 3.0 and some of TLS 1.0 have none, not even their length
        self.take(2)
        while self._place < len(self._octets):
            yield self.number(2), self.vector(2)


class _Side:
    """One direction: its records, and its hello while that is being put together."""

    def __init__(self) -> None:
        self.records = RecordReader()
        self.hello = bytearray()
        self.hello_open = True  # a hello may still come
        self.protected = False  # its ChangeCipherSpec was seen
        self.finished = False


class HelloReader:
    """What both directions of one TLS connection show before encryption begins.

    Fed in order with each side's bytes, until `done`. `tls` is filled as the hellos are read: what the
    server chose (only the name is the client's word). In TLS 1.3 `alpn` stays None, because the server's
    choice is encrypted. A ClientHello may carry an outer name for an encrypted inner one (ECH); then the
    outer one is shown.

    `first_hello_ns` is the first octet of the first ClientHello. `handshake_end_ns` is the last octet of
    the handshake:

    - up to TLS 1.2, of the later Finished. Where one was not captured, of the last handshake or
      ChangeCipherSpec record before the server's first application data;
    - in TLS 1.3, of the client's first encrypted record behind the ServerHello, which is its Finished. It
      is a little early where the client shows a certificate in records of their own, or was still sending
      early data;
    - None where the ServerHello was not seen, so that neither is known.
    """

    def __init__(self) -> None:
        self.tls = Tls()
        self.first_hello_ns: int | None = None
        self.handshake_end_ns: int | None = None
        self.done = False
        self._client = _Side()
        self._server = _Side()
        self._retried = False
        self._agreed = False  # the ServerHello was seen, and is no HelloRetryRequest
        self._last_handshake_ns = 0
        self._waited = 0

    def data(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """The next bytes of a side, carried by a packet of that time."""
        if not self.done:
            side = self._client if from_client else self._server
            self._read(side, side.records.data(data, time_ns))

    def gap(self, from_client: bool, length: int) -> None:
        """That many bytes of a side were never captured."""
        if not self.done:
            side = self._client if from_client else self._server
            self._read(side, side.records.gap(length))

    @property
    def kept(self) -> int:
        """Octets that wait for what comes next, until `done`."""
        return sum(side.records.kept + len(side.hello) for side in (self._client, self._server))

    def give_up(self) -> None:
        """Read no further, and keep nothing but what is known by now."""
        self.done = True
        del self._client, self._server

    def _read(self, side: _Side, records: list[Record]) -> None:
        for record in records:
            if record.type == APPLICATION_DATA:
                self._application_data(side, record)
            elif record.type == ALERT:
                # Two octets, level and description (RFC 8446 §6); encrypted it has more.
                self.done = record.complete and len(record.fragment) == 2 and record.fragment[0] == _FATAL
            elif record.type in (HANDSHAKE, CHANGE_CIPHER_SPEC, SSL2_HELLO):
                self._handshake(side, record)
            if self.done:
                return
        self.done = self._nothing_left()

    def _handshake(self, side: _Side, record: Record) -> None:
        self._last_handshake_ns = max(self._last_handshake_ns, record.last_ns)
        if record.type == SSL2_HELLO:
            if side is self._client:
                self.first_hello_ns = record.first_ns
            side.hello_open = False
        elif record.type == CHANGE_CIPHER_SPEC:
            side.protected = True
            # What follows in this direction is encrypted, unless this is TLS 1.3 and its ServerHello is
            # still to come.
            side.hello_open = side.hello_open and self._retried
        elif side.hello_open:
            self._collect(side, record)
        elif side.protected:  # in TLS 1.3 only a client's second hello, so never both sides
            side.finished = True
            if self._client.finished and self._server.finished:
                self._end(self._last_handshake_ns)

    def _application_data(self, side: _Side, record: Record) -> None:
        side.hello_open = False
        self._waited += 1
        if self.tls.version is None and record.version < 0x0303:
            self.tls.version = _VERSIONS.get(record.version)  # up to TLS 1.1 the records of a connection tell it, too
        if self.tls.version == _TLS_1_3:
            if side is self._client and self._agreed:
                self._end(record.last_ns)
        elif side is self._server or self._server.records.lost:
            # The server sends none before the handshake is over; a client may, before the server's Finished
            # (RFC 7918).
            self._end(self._last_handshake_ns)
        if self._waited >= WAITED_RECORDS:
            self.done = True

    def _nothing_left(self) -> bool:
        """Whether directions that can be read no further leave nothing to learn from the others."""
        client, server = self._client, self._server
        waits_for_end = self._agreed and self.first_hello_ns is not None
        if client.records.lost and server.records.lost:
            return True
        if server.records.lost:
            return not client.hello_open and not waits_for_end
        if client.records.lost:  # who alone ends a handshake of TLS 1.3
            return not server.hello_open and not (waits_for_end and self.tls.version != _TLS_1_3)
        return False

    def _end(self, time_ns: int) -> None:
        self.done = True
        if self._agreed and self.first_hello_ns is not None and self.tls.version is not None:
            self.handshake_end_ns = time_ns

    def _collect(self, side: _Side, record: Record) -> None:
        """Put a hello together from the records it is spread over, and read it once whole or holed."""
        if side is self._client and not side.hello and record.fragment[:1] == bytes((CLIENT_HELLO,)):
            self.first_hello_ns = record.first_ns
        side.hello += record.fragment
        while side.hello_open and len(side.hello) >= 4:
            length = int.from_bytes(side.hello[1:4], "big")
            whole = 4 + length <= len(side.hello)
            if whole and side.hello[0] == _HELLO_REQUEST:
                del side.hello[: 4 + length]
                continue
            expected = CLIENT_HELLO if side is self._client else SERVER_HELLO
            if side.hello[0] != expected or length > LARGEST_HELLO:
                side.hello_open = False  # the capture began behind it, or it is none
            elif whole or not record.complete:
                body = bytes(side.hello[4 : 4 + length])
                side.hello_open = False
                if side is self._client:
                    self._client_hello(body)
                else:
                    self._server_hello(body, whole)
                if side.hello_open:
                    del side.hello[: 4 + length]
                    continue
            break
        if not record.complete:
            side.hello_open = False
        if not side.hello_open:
            side.hello.clear()

    def _client_hello(self, body: bytes) -> None:
        """Version, random, session, cipher suites, compression, extensions (RFC 8446 §4.1.2)."""
        fields = _Fields(body)
        try:
            fields.take(2 + 32)
            fields.vector(1)
            fields.vector(2)
            fields.vector(1)
            for kind, content in fields.extensions():
                if kind == _SERVER_NAME:
                    self.tls.sni = _server_name(content)
                    return
        except _ShortError:
            return

    def _server_hello(self, body: bytes, whole: bool) -> None:
        """Version, random, session, cipher suite, compression, extensions (RFC 8446 §4.1.3)."""
        fields = _Fields(body)
        try:
            version = fields.number(2)
            if version >> 8 != 3:
                return  # it only looked like a hello
            retry = fields.take(32) == _RETRY
            fields.vector(1)
            suite = fields.number(2)
            self._retried = self._retried or retry
            self._agreed = not retry
            self._server.hello_open = retry and whole
            self.tls.cipher = cipher_name(suite)
            if version < 0x0303 or whole or suite >> 8 == 0x13:
                # 1.2 may be what 1.3 writes here; where the extensions are cut away, the suite may tell.
                self.tls.version = _TLS_1_3 if suite >> 8 == 0x13 else _VERSIONS.get(version)
            fields.take(1)
            for kind, content in fields.extensions():
                if kind == _SUPPORTED_VERSIONS and len(content) == 2:
                    draft = content[0] == _DRAFTS_OF_1_3
                    self.tls.version = _TLS_1_3 if draft else _VERSIONS.get(int.from_bytes(content, "big"))
                elif kind == _ALPN:
                    self.tls.alpn = _protocol_name(content)
        except _ShortError:
            pass
        if self.tls.version == _TLS_1_3:
            self.tls.alpn = None  # its place is in the EncryptedExtensions; here it would be a mistake


def _server_name(content: bytes) -> str | None:
    """The host name of a server_name extension (RFC 6066 §3), one character an octet."""
    names = _Fields(content)
    try:
        names.take(2)
        while True:
            kind, name = names.number(1), names.vector(2)
            if kind == 0:
                return name[:LONGEST_NAME].decode("latin-1") or None
    except _ShortError:
        return None


def _protocol_name(content: bytes) -> str | None:
    """The one name of a server's ALPN extension (RFC 7301 §3.1), one character an octet."""
    names = _Fields(content)
    try:
        names.take(2)
        return names.vector(1).decode("latin-1") or None
    except _ShortError:
        return None
