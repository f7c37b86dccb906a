"""TLS records: what one direction of a TLS connection is cut into, and how such a direction is recognised.

    type (1)  version (2)  length (2)  fragment (length)                                         RFC 8446 §5.1

Type and length are never encrypted, so a direction can be cut into records without keys. The version tells
little: TLS 1.3 writes 1.2 there (and 1.0 or 1.2 in its first ClientHello). Before TLS 1.2 a client could
open with a ClientHello of SSL 2.0's shape (RFC 5246 §E.2): two octets of length with the top bit set, no
record around it.
"""

from __future__ import annotations

from dataclasses import dataclass

CHANGE_CIPHER_SPEC = 20
ALERT = 21
HANDSHAKE = 22
APPLICATION_DATA = 23
HEARTBEAT = 24
SSL2_HELLO = 0x80  # no type on the wire: our mark for a ClientHello of SSL 2.0's shape

CLIENT_HELLO = 1
SERVER_HELLO = 2

HEADER = 5

#: The longest fragment: 2**14 octets and what encryption may add, which is most in TLS 1.2 (RFC 5246 §6.2.3).
#: It is also what bounds a `RecordReader`: it keeps no more than one record.
LARGEST_FRAGMENT = 2**14 + 2048

#: The shortest fragment of encrypted data: TLS 1.3's type octet and the shortest authentication tag (RFC
#: 6655).
_SHORTEST_ENCRYPTED = 9

#: An alert in the clear has two octets; encrypted it gains a nonce, a MAC and at most 256 octets of padding.
_LARGEST_ALERT = 2 + 16 + 48 + 256

#: Header, then the lengths of cipher specs (multiples of three), session id (none or 16), challenge (16 to
#: 32): RFC 5246 §E.2.
_SSL2_HEADER = 11


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Not `complete` where bytes were never captured; `fragment` is what stands before them."""

    type: int
    version: int
    fragment: bytes
    first_ns: int  # when its first header octet was seen
    last_ns: int  # when its last octet was seen
    complete: bool = True


class RecordReader:
    """Cuts one direction into records, keeping one at most; `lost` once the next one's place is unknown."""

    def __init__(self) -> None:
        self.lost = False
        self._buffer = bytearray()
        self._beyond = 0  # octets of this record from its first hole on: counted, not kept
        self._first_ns = 0
        self._last_ns = 0
        self._at_start = True

    def data(self, data: bytes, time_ns: int) -> list[Record]:
        """The records that these bytes complete."""
        records: list[Record] = []
        if self.lost or not data:
            return records
        if not self._buffer:
            self._first_ns = time_ns
        self._last_ns = time_ns
        if self._beyond:
            rest = self._size() - len(self._buffer) - self._beyond
            self._beyond += min(rest, len(data))
            if len(data) < rest:
                return records
            records.append(self._cut(0, self._size()))
            self._buffer.clear()
            self._beyond = 0
            data = data[rest:]
            self._first_ns = time_ns
        self._buffer += data
        return records + self._whole_records(time_ns)

    @property
    def kept(self) -> int:
        """Octets of the record that is being put together."""
        return len(self._buffer)

    def gap(self, length: int) -> list[Record]:
        """`length` bytes were never captured: the record that ends there, as far as it was seen.

        A hole inside a record whose header was seen is stepped over; one that swallows a header ends the
        reading.
        """
        size = 0 if self.lost else self._size()
        if not size:
            self._lose()
            return []
        rest = size - len(self._buffer) - self._beyond
        if length < rest:
            self._beyond += length
            return []
        record = self._cut(0, size, complete=False)
        self._buffer.clear()
        self._beyond = 0
        if length > rest:
            self._lose()
        return [record]

    def _whole_records(self, time_ns: int) -> list[Record]:
        records: list[Record] = []
        place = 0
        while (size := self._size(place)) and place + size <= len(self._buffer):
            records.append(self._cut(place, size))
            place += size
            self._first_ns = time_ns
        del self._buffer[: len(self._buffer) if self.lost else place]
        return records

    def _lose(self) -> None:
        self.lost = True
        self._buffer.clear()

    def _size(self, place: int = 0) -> int:
        """Octets of the record at `place`, header included; 0 without a header. May find us lost."""
        buffer = self._buffer
        if len(buffer) - place < HEADER:
            return 0
        if self._at_start and buffer[place] & 0x80 and buffer[place + 2] == CLIENT_HELLO:
            return 2 + ((buffer[place] & 0x7F) << 8 | buffer[place + 1])
        length = int.from_bytes(buffer[place + 3 : place + 5], "big")
        if not CHANGE_CIPHER_SPEC <= buffer[place] <= HEARTBEAT or buffer[place + 1] != 3 or length > LARGEST_FRAGMENT:
            self.lost = True
            return 0
        return HEADER + length

    def _cut(self, place: int, size: int, complete: bool = True) -> Record:
        complete = complete and not self._beyond
        self._at_start = False
        kind = self._buffer[place]
        if kind & 0x80:
            content = bytes(self._buffer[place + 2 : place + size])
            return Record(SSL2_HELLO, 0, content, self._first_ns, self._last_ns, complete)
        version = int.from_bytes(self._buffer[place + 1 : place + 3], "big")
        content = bytes(self._buffer[place + HEADER : place + size])
        return Record(kind, version, content, self._first_ns, self._last_ns, complete)


def looks_like_tls(data: bytes) -> bool | None:
    """Whether a direction that begins with these bytes speaks TLS; None where they are too few to say.

    A direction seen from its start begins with a ClientHello or ServerHello. One whose start was not
    captured begins with any record; since that is only a few octets of evidence, all record headers in
    `data` must then fit together.
    """
    if not data:
        return None
    if data[0] & 0x80:
        return _ssl2_hello(data)
    if not _may_be_header(data):
        return False
    if len(data) <= HEADER:
        return None
    length = int.from_bytes(data[3:5], "big")
    if data[0] == HANDSHAKE and data[5] in (CLIENT_HELLO, SERVER_HELLO):
        hello = data[HEADER : HEADER + length]
        if len(hello) < min(length, 6):
            return None
        # Three octets of length, of which a hello never uses the first by more than a bit; then the version.
        if hello[1:2] <= b"\x01" and hello[4:5] in (b"", b"\x03"):
            return True
    return _may_be_records(data)


def _may_be_header(data: bytes) -> bool:
    """Whether these octets, as many of the five as are there, can be the header of a record."""
    kind = data[0]
    if not CHANGE_CIPHER_SPEC <= kind <= APPLICATION_DATA or data[1:2] not in (b"", b"\x03") or data[2:3] > b"\x04":
        return False
    if len(data) < HEADER:
        return not data[3:4] or data[3] <= LARGEST_FRAGMENT >> 8
    length = int.from_bytes(data[3:5], "big")
    if kind == CHANGE_CIPHER_SPEC:
        return length == 1 and data[5:6] in (b"", b"\x01")
    if kind == ALERT:
        plain = length == 2 and data[5:6] in (b"", b"\x01", b"\x02")
        return plain or 2 + 16 <= length <= _LARGEST_ALERT
    if kind == APPLICATION_DATA:
        return _SHORTEST_ENCRYPTED <= length <= LARGEST_FRAGMENT
    return 1 <= length <= LARGEST_FRAGMENT


def _may_be_records(data: bytes) -> bool:
    """Whether `data` is records of one version all the way, the last of them perhaps unfinished."""
    place = 0
    while place < len(data):
        header = data[place : place + HEADER + 1]
        if not _may_be_header(header) or header[1:3] != data[1:3][: len(header) - 1]:
            return False
        place += HEADER + int.from_bytes(header[3:5], "big") if len(header) >= HEADER else HEADER
    return True


def _ssl2_hello(data: bytes) -> bool | None:
    """Whether it is a ClientHello of SSL 2.0's shape that offers SSL 3.0 or later."""
    if data[2:3] not in (b"", b"\x01") or data[3:4] not in (b"", b"\x03"):
        return False
    if len(data) < _SSL2_HEADER:
        return None
    specs, session, challenge = (int.from_bytes(data[place : place + 2], "big") for place in (5, 7, 9))
    fits = ((data[0] & 0x7F) << 8 | data[1]) == _SSL2_HEADER - 2 + specs + session + challenge
    return fits and specs > 0 and specs % 3 == 0 and session in (0, 16) and 16 <= challenge <= 32
