"""Traffic as networks have it: what each shape says on a connection, and how many connections speak at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import BinaryIO, TypeAlias

from benchmarks.content import PICTURES, TEXTS, Content, chunked, gzip
from benchmarks.wire import SEGMENT, Connection, Disturbance, Wire

#: One connection from beginning to end, a flight at a time.
Talk: TypeAlias = Callable[[Wire, Content], Iterator[None]]

_LARGEST_BODY = 100_000_000
_PACKETS_FOR_ONE_MORE = 400
_BULK_EVERY = 8  # bulk receivers join segments and acknowledge many at once


def mixed(file: BinaryIO, packets: int) -> Wire:
    """Page loads on kept connections: gzip and chunks, pictures, 304, redirects, uploads; fifty at once."""
    return together(Wire(file), Content("mixed"), _browse, packets, at_once=50)


def lossy(file: BinaryIO, packets: int) -> Wire:
    """The same where 1 % of the packets come twice, 1 % late, and 0.2 % were never captured."""
    wire = Wire(file, Disturbance("lossy", twice=0.01, late=0.01, lost=0.002))
    return together(wire, Content("mixed"), _browse, packets, at_once=50)


def keep_alive(file: BinaryIO, packets: int, repeating: bool = False) -> Wire:
    """Tiny exchanges, a hundred on each connection. `repeating`: all of them alike."""
    return together(Wire(file), Content("keep-alive", repeating), _hundred, packets, at_once=20)


def keep_alive_repeating(file: BinaryIO, packets: int) -> Wire:
    """Tiny exchanges that are all alike: what a memo of header lines is worth."""
    return keep_alive(file, packets, repeating=True)


def close(file: BinaryIO, packets: int) -> Wire:
    """A connection for every exchange."""
    return together(Wire(file), Content("close"), _once, packets, at_once=20)


def bulk(file: BinaryIO, packets: int) -> Wire:
    """Bodies of 100 MB, one behind the other on one connection; the last is as long as the packets allow."""
    wire = Wire(file)
    return together(wire, Content("bulk"), partial(_download, packets=packets), packets, at_once=1)


def hold(file: BinaryIO, packets: int) -> Wire:
    """Connections that never end: an exchange that is over, and one whose chunked answer goes on and on."""
    return together(Wire(file), Content("hold"), _stay, packets, at_once=200)


def together(wire: Wire, content: Content, talk: Talk, packets: int, at_once: int) -> Wire:
    """Several connections at a time, in random order, until so many packets are written; those begun are finished.

    A small capture has fewer of them, so that finishing does not make it much larger.
    """
    rng = content.random
    talks = [talk(wire, content) for _ in range(min(at_once, packets // _PACKETS_FOR_ONE_MORE + 1))]
    while talks:
        place = int(rng.random() * len(talks))
        for _ in talks[place]:
            break
        else:
            if wire.packets < packets:
                talks[place] = talk(wire, content)
            else:
                talks[place] = talks[-1]
                talks.pop()
    wire.flush()
    return wire


# ---------------------------------------------------------------------- what is said on one connection


def _exchange(connection: Connection, request: bytes, response: bytes) -> Iterator[None]:
    """A request and its response, however long they are; counted if either head was captured."""
    captured = yield from _said(connection, request, from_server=False)
    captured |= yield from _said(connection, response, from_server=True)
    connection.wire.exchanges += captured


def _said(connection: Connection, octets: bytes, from_server: bool) -> Generator[None, None, bool]:
    """A message in flights; whether its first segment was captured."""
    captured = False
    for captured in connection.say(octets, from_server):  # noqa: B007 - the last one counts, all are the same
        yield
    return captured


def _browse(wire: Wire, content: Content) -> Iterator[None]:
    rng = content.random
    connection = Connection(wire, rng)
    connection.open()
    yield
    for _ in range(rng.randint(1, 3)):
        yield from _exchange(connection, content.request("GET", "/"), _text(content, TEXTS[0], rng.randint(8, 60)))
        for _ in range(rng.randint(1, 4)):
            kind = rng.choice(TEXTS[1:])
            answer = _text(content, kind, rng.randint(1, 100))
            yield from _exchange(connection, content.request("GET", "/assets/part"), answer)
        for _ in range(rng.randint(2, 8)):
            chance = rng.random()
            if chance < 0.8:
                answer = _picture(content, rng.choice(PICTURES), rng.randint(2_000, 70_000))
                yield from _exchange(connection, content.request("GET", "/images/one"), answer)
            elif chance < 0.9:
                answer = content.response("304 Not Modified", TEXTS[1], "Vary: Accept-Encoding")
                yield from _exchange(connection, content.request("GET", "/assets/known"), answer)
            elif chance < 0.95:
                answer = content.response("302 Found", TEXTS[0], "Content-Length: 0", "Location: /elsewhere\r\n")
                yield from _exchange(connection, content.request("GET", "/moved"), answer)
            else:
                yield from _upload(connection, content)
    connection.close()


def _text(content: Content, media_type: str, thousands: int) -> bytes:
    body = gzip(content.text(media_type, thousands * 1_000))
    coded = "Content-Encoding: gzip\r\n"
    if content.random.random() < 0.5:
        return content.response("200 OK", media_type, "Transfer-Encoding: chunked", coded) + chunked(body)
    return content.response("200 OK", media_type, f"Content-Length: {len(body)}", coded) + body


def _picture(content: Content, media_type: str, size: int) -> bytes:
    body = content.picture(media_type, size)
    return content.response("200 OK", media_type, f"Content-Length: {len(body)}", "Accept-Ranges: bytes\r\n") + body


def _upload(connection: Connection, content: Content) -> Iterator[None]:
    boundary = f"----form{content.random.getrandbits(64):016x}"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'.encode()
    body = part + content.octets(content.random.randint(5_000, 200_000)) + f"\r\n--{boundary}--\r\n".encode()
    more = f"Content-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {len(body)}\r\n"
    said = b'{"stored": %d}' % len(body)
    answer = content.response("201 Created", TEXTS[3], f"Content-Length: {len(said)}") + said
    yield from _exchange(connection, content.request("POST", "/upload", more) + body, answer)


def _small(content: Content, connection: str = "") -> tuple[bytes, bytes]:
    rng = content.random
    body = b'{"serial": %d, "text": "nothing changed"}' % (0 if content.repeating else rng.getrandbits(64))
    head = content.response("200 OK", TEXTS[3], f"Content-Length: {len(body)}", connection)
    return content.request("GET", "/api/state", connection), head + body


def _tiny(connection: Connection, content: Content) -> None:
    request, response = _small(content)
    asked = connection.once(request)
    answered = connection.once(response, from_server=True)
    connection.wire.exchanges += asked or answered


def _hundred(wire: Wire, content: Content) -> Iterator[None]:
    connection = Connection(wire, content.random)
    connection.open()
    for _ in range(100):
        yield
        _tiny(connection, content)
    connection.close()


def _once(wire: Wire, content: Content) -> Iterator[None]:
    connection = Connection(wire, content.random)
    connection.open()
    yield
    request, response = _small(content, "X-Last: yes\r\n")
    yield from _exchange(connection, request, response)
    connection.close()


def _download(wire: Wire, content: Content, packets: int) -> Iterator[None]:
    connection = Connection(wire, content.random, acknowledge_every=_BULK_EVERY)
    connection.open()
    while wire.packets < packets:
        segments = (packets - wire.packets) * _BULK_EVERY // (_BULK_EVERY + 1)
        size = min(_LARGEST_BODY, max(segments, 1) * SEGMENT)
        connection.once(content.request("GET", "/archive"))
        connection.once(content.response("200 OK", "application/octet-stream", f"Content-Length: {size}"), True)
        wire.exchanges += 1
        piece = 64 * SEGMENT
        for at in range(0, size, piece):
            yield from _said(connection, content.octets(min(piece, size - at)), from_server=True)
    connection.close()


def _stay(wire: Wire, content: Content) -> Iterator[None]:
    connection = Connection(wire, content.random)
    connection.open()
    yield
    _tiny(connection, content)
    yield
    connection.once(content.request("GET", "/events"))
    connection.once(content.response("200 OK", "text/event-stream", "Transfer-Encoding: chunked"), True)
    wire.exchanges += 1
    for number in range(4):
        yield
        said = b"data: %d %d\n\n" % (number, content.random.getrandbits(64))
        connection.once(b"%x\r\n%s\r\n" % (len(said), said), from_server=True)
