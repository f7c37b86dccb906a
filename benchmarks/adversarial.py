"""Traffic made to hurt: shapes in which a careless reader takes quadratic time. Each says what its size counts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import BinaryIO

from benchmarks.content import TEXTS, Content
from benchmarks.traffic import together
from benchmarks.wire import ACK, SEGMENT, Connection, Wire

_LONGEST_HEAD = 60_000


def one_byte(file: BinaryIO, size: int) -> Wire:
    """`size` segments of one byte: small exchanges, both sides typing."""
    return together(Wire(file), Content("one-byte"), _typed, size, at_once=4)


def slow_head(file: BinaryIO, size: int) -> Wire:
    """`size` segments of one byte that make up heads of 60,000 octets."""
    wire, content = Wire(file), Content("slow-head")
    connection = _opened(wire, content)
    while wire.packets < size:
        missing = max(min(_LONGEST_HEAD, size - wire.packets) - 500, 1)
        cookies = "".join(f"Cookie: n{n}=1\r\n" for n in range(missing // 16))
        for octet in content.request("GET", "/slow", cookies):
            connection.once(bytes((octet,)))
        connection.once(content.response("204 No Content", TEXTS[0], "Vary: *"), from_server=True)
        wire.exchanges += 1
    return _closed(wire, connection)


def reversed_segments(file: BinaryIO, size: int) -> Wire:
    """A response in `size` segments of 20 octets, the last of them first."""
    wire, content = Wire(file), Content("reversed")
    return _out_of_order(wire, content, 20, list(range(size - 1, -1, -1)))


def held_segments(file: BinaryIO, size: int) -> Wire:
    """`size` segments of 50 octets on one connection, held because none joins another.

    They come in any order; then those between them, from the last to the first.
    """
    wire, content = Wire(file), Content("held")
    alone = list(range(1, 2 * size, 2))
    Random("held").shuffle(alone)
    return _out_of_order(wire, content, 50, alone + list(range(2 * size - 2, -1, -2)))


def overlapping(file: BinaryIO, size: int) -> Wire:
    """`size` segments, each of which repeats half of what came before it, and as many behind a hole, at any place."""
    wire, content = Wire(file), Content("overlapping")
    connection = _opened(wire, content)
    step = SEGMENT // 2
    body = content.octets((size + 1) * step)
    _head_of(connection, content, len(body))
    base = connection.server.seq
    for number in range(size):
        _place(connection, base, number * step, body[number * step : number * step + SEGMENT])
    connection.server.seq = base + len(body) & 0xFFFF_FFFF
    wire.exchanges += 1
    behind = content.octets(4 << 20)
    _head_of(connection, content, len(behind))
    base = connection.server.seq
    rng = Random("overlapping")
    for _ in range(size):
        at = rng.randrange(SEGMENT, len(behind))
        _place(connection, base, at, behind[at : at + SEGMENT])
    for at in range(0, len(behind), SEGMENT):
        _place(connection, base, at, behind[at : at + SEGMENT])
    connection.server.seq = base + len(behind) & 0xFFFF_FFFF
    wire.exchanges += 1
    return _closed(wire, connection)


def long_head(file: BinaryIO, size: int) -> Wire:
    """A request head of `size` short lines, all of one name."""
    return _long_head(file, [f"a: {number % 10}" for number in range(size)])


def long_head_of_hosts(file: BinaryIO, size: int) -> Wire:
    """A request head of `size` short lines, all of them a name whose values a reader joins."""
    return _long_head(file, [f"host: {number % 10}" for number in range(size)])


def long_head_of_names(file: BinaryIO, size: int) -> Wire:
    """A request head of `size` short lines, every one of another name."""
    return _long_head(file, [f"{number:x}:" for number in range(size)])


def one_byte_chunks(file: BinaryIO, size: int) -> Wire:
    """A response in `size` chunks of one byte, in full segments."""
    wire, content = Wire(file), Content("chunks")
    connection = _opened(wire, content)
    connection.once(content.request("GET", "/chunks"))
    connection.once(content.response("200 OK", "application/octet-stream", "Transfer-Encoding: chunked"), True)
    wire.exchanges += 1
    octets = content.octets(size)
    said = b"".join([b"1\r\n%c\r\n" % octet for octet in octets]) + b"0\r\n\r\n"
    for _ in connection.say(said, from_server=True):
        pass
    return _closed(wire, connection)


# ---------------------------------------------------------------------- what they share


def _opened(wire: Wire, content: Content) -> Connection:
    connection = Connection(wire, content.random)
    connection.open()
    return connection


def _closed(wire: Wire, connection: Connection) -> Wire:
    connection.close()
    wire.flush()
    return wire


def _typed(wire: Wire, content: Content) -> Iterator[None]:
    connection = _opened(wire, content)
    body = b'{"serial": %d}' % content.random.getrandbits(64)
    response = content.response("200 OK", TEXTS[3], f"Content-Length: {len(body)}") + body
    for octet in content.request("GET", "/typed"):
        connection.once(bytes((octet,)))
        yield
    for octet in response:
        connection.once(bytes((octet,)), from_server=True)
        yield
    wire.exchanges += 1
    connection.close()


def _head_of(connection: Connection, content: Content, size: int) -> None:
    connection.once(content.request("GET", "/body"))
    connection.once(content.response("200 OK", "application/octet-stream", f"Content-Length: {size}"), True)


def _place(connection: Connection, base: int, at: int, octets: bytes) -> None:
    """Octets of the server at that place behind `base`."""
    connection.wire.send(connection.server, connection.client, ACK, octets, base + at & 0xFFFF_FFFF)


def _out_of_order(wire: Wire, content: Content, length: int, order: list[int]) -> Wire:
    connection = _opened(wire, content)
    body = content.octets(length * len(order))
    _head_of(connection, content, len(body))
    base = connection.server.seq
    for number in order:
        _place(connection, base, number * length, body[number * length : (number + 1) * length])
    connection.server.seq = base + len(body) & 0xFFFF_FFFF
    wire.exchanges += 1
    return _closed(wire, connection)


def _long_head(file: BinaryIO, lines: list[str]) -> Wire:
    wire, content = Wire(file), Content("long-head")
    connection = _opened(wire, content)
    head = content.request("GET", "/long", "\r\n".join((*lines, "")))
    for _ in connection.say(head):
        pass
    connection.once(content.response("431 Request Header Fields Too Large", TEXTS[0], "Content-Length: 0"), True)
    wire.exchanges += 1
    return _closed(wire, connection)
