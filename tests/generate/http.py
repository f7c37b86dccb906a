"""HTTP/1 dialogues at random: valid traffic in all its variety, so nothing here may earn a note about
framing."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass

from httptrace.model import Direction, Field

from . import coding
from .message import DATA, END, FIELDS, SIZE, START, Dialogue, Sent, Spoken

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER
TEXT = "the quick brown fox jumps over a lazy dog while rain falls on quiet streets of some old town"
WORDS = TEXT.split()
CODINGS = ("gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "identity")
REASONS = {
    200: ("OK", "", "Fine", "All is well: here you are"),
    201: ("Created", ""),
    202: ("Accepted",),
    204: ("No Content", ""),
    206: ("Partial Content",),
    301: ("Moved Permanently",),
    304: ("Not Modified", ""),
    403: ("Forbidden", "Verboten \xfc\xdf"),
    404: ("Not Found", "Nope"),
    417: ("Expectation Failed",),
    500: ("Internal Server Error",),
    503: ("Service Unavailable", ""),
    599: ("", "Network Connect Timeout"),
}


@dataclass(slots=True)
class Wishes:
    """What a dialogue may hold. `plain` leaves out what cannot be told once bytes are missing: HEAD (its
    response is read otherwise when the request is lost), a change of protocol, and codings that hide the
    content."""

    exchanges: int = 4
    largest: int = 20_000
    plain: bool = False
    pipelined: bool = False
    last_until_close: bool = False
    upgrade: bool = False
    oldest: bool = False  # HTTP/0.9


def some_text(chance: random.Random, size: int) -> bytes:
    out = bytearray()
    while len(out) < size:
        out += (chance.choice(WORDS) + chance.choice((" ", " ", " ", "\n", "\r\n", "\r\n\r\n"))).encode()
    return bytes(out[:size])


def some_content(chance: random.Random, largest: int) -> bytes:
    """0 to `largest` bytes, mostly few; text or binary."""
    size = chance.choice((0, 1, chance.randint(2, 300), chance.randint(2, 3000), chance.randint(1, max(largest, 2))))
    size = min(size, largest)
    return some_text(chance, size) if chance.random() < 0.6 else chance.randbytes(size)


def some_target(chance: random.Random, number: int) -> str:
    """An origin-form target that no other request of the dialogue has, with characters that real ones
    have."""
    letters = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-._~!$&'()*+,;=:@%/|^{}[]\"<>\\`"
    path = "".join(chance.choice(letters) for _ in range(chance.randint(0, 40)))
    query = "?" + "".join(chance.choice(letters + "?") for _ in range(chance.randint(0, 60)))
    return f"/{number}{path}{query if chance.random() < 0.4 else ''}"


def odd_case(chance: random.Random, name: str) -> str:
    kind = chance.random()
    if kind < 0.6:
        return name
    if kind < 0.8:
        return name.lower()
    return "".join(chance.choice((letter.upper(), letter.lower())) for letter in name)


def some_fields(chance: random.Random) -> list[Field]:
    """Fields that mean nothing to framing, some of them repeated, empty or outside ASCII."""
    known = [
        ("User-Agent", "generator/1"),
        ("Accept", "*/*"),
        ("Cache-Control", "no-cache, max-age=0"),
        ("X-Empty", ""),
        ("X-Latin", "na\xefve caf\xe9 \xff"),
        ("X-Colon", "a: b: c"),
        ("Cookie", "a=1; b=2"),
        ("X-Spaces", "two  blanks\tand a tab"),
        ("Set-Cookie", f"id={chance.getrandbits(32)}"),
        ("X-Long", "v" * chance.randint(1, 2000)),
        ("!#$%&'*+-.^_`|~9", "every mark a token may hold"),
    ]
    return [chance.choice(known) for _ in range(chance.randint(0, 6))]


def field_lines(chance: random.Random, fields: list[Field]) -> bytes:
    lines = bytearray()
    for name, value in fields:
        before, behind = chance.choice(((" ", ""), (" ", ""), ("", ""), ("\t", ""), ("  ", " "), (" ", " \t")))
        lines += f"{name}:{before}{value}{behind}\r\n".encode("latin-1")
    return bytes(lines)


def chunked(chance: random.Random, body: bytes, trailers: list[Field]) -> list[tuple[str, bytes]]:
    """The parts of a body in chunks of any size, some with extensions, sizes in any case and with zeros
    before."""
    parts: list[tuple[str, bytes]] = []
    at, close = 0, b""
    few = max(1, len(body) // 40)
    while at < len(body):
        size = min(chance.randint(1, max(few * 8, 1)), len(body) - at)
        extension = chance.choice(("", "", "", ";a=1", ";name", ';q="x;y"', " ; spaced = 1"))
        digits = chance.choice((f"{size:x}", f"{size:X}", f"000{size:x}"))
        parts += [(SIZE, close + f"{digits}{extension}\r\n".encode()), (DATA, body[at : at + size])]
        at, close = at + size, b"\r\n"
    last = chance.choice((b"0", b"0", b"000", b"0;last=yes"))
    parts.append((END, close + last + b"\r\n" + field_lines(chance, trailers) + b"\r\n"))
    return parts


def with_body(chance: random.Random, message: Sent, fields: list[Field], framing: str, wishes: Wishes) -> None:
    """Give a message its content, coded and framed; fields that say so are added to `fields`."""
    message.framing = framing
    message.content = some_content(chance, wishes.largest)
    codings: list[str] = []
    if chance.random() < 0.45:
        choice = CODINGS
        codings = [chance.choice(choice) for _ in range(1 if chance.random() < 0.8 else 2)]
        message.encoding = ", ".join(codings)
        shown = message.encoding.upper() if chance.random() < 0.1 else message.encoding
        fields.append((odd_case(chance, "Content-Encoding"), shown))
    message.body = coding.apply_all(codings, message.content, chance) if message.content else b""
    if chance.random() < 0.7:
        message.content_type = chance.choice(("text/plain", "application/octet-stream", "text/html; charset=utf-8"))
        fields.append((odd_case(chance, "Content-Type"), message.content_type))
    if framing == "length":
        fields.append((odd_case(chance, "Content-Length"), str(len(message.body))))
    elif framing == "chunked":
        packed = not wishes.plain and chance.random() < 0.05
        message.opaque_coding = packed
        fields.append((odd_case(chance, "Transfer-Encoding"), "gzip, chunked" if packed else "chunked"))
        if chance.random() < 0.25:
            message.trailers = [("X-Trailer", "seen"), ("x-sum", str(chance.getrandbits(20)))]
            fields.append(("Trailer", "X-Trailer, x-sum"))


def finish(chance: random.Random, message: Sent, start_line: str, fields: list[Field]) -> Sent:
    """The message with its parts: start line, fields in any order, body as framed."""
    chance.shuffle(fields)
    message.headers = list(fields)
    message.parts = [
        (START, f"{start_line}\r\n".encode("latin-1")),
        (FIELDS, field_lines(chance, message.headers) + b"\r\n"),
    ]
    if message.framing == "chunked":
        carried = gzip.compress(message.body, mtime=0) if message.opaque_coding else message.body
        message.parts += chunked(chance, carried, message.trailers)
    elif message.body:
        message.parts.append((DATA, message.body))
    return message


def make_request(chance: random.Random, number: int, wishes: Wishes, persistent: bool) -> Sent:
    methods = ["GET", "GET", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"]
    method = chance.choice(methods if wishes.plain else [*methods, "HEAD", "HEAD", "M-SEARCH"])
    old = chance.random() < 0.2
    version = "HTTP/1.0" if old else "HTTP/1.1"
    message = Sent(CLIENT, version, [], [], [], b"", b"", method=method)
    fields = some_fields(chance)
    host = f"host{chance.randint(1, 9)}.example" + chance.choice(("", "", ":8080"))
    message.target = some_target(chance, number)
    message.url = f"http://{host}{message.target}"
    if chance.random() < 0.1:
        message.target = message.url
    if not old or chance.random() < 0.5:
        fields.append((odd_case(chance, "Host"), host))
    elif not message.target.startswith("http"):
        message.url = None
    if persistent and old:
        fields.append(("Connection", "keep-alive"))
    if not persistent:
        fields.append((odd_case(chance, "Connection"), "close"))
    if method in ("POST", "PUT", "PATCH", "PROPFIND") or (method == "DELETE" and chance.random() < 0.3):
        with_body(chance, message, fields, "length" if old or chance.random() < 0.6 else "chunked", wishes)
    return finish(chance, message, f"{method} {message.target} {version}", fields)


def make_informational(chance: random.Random, status: int) -> Sent:
    message = Sent(SERVER, "HTTP/1.1", [], [], [], b"", b"", status=status)
    message.reason = {100: "Continue", 102: "Processing", 103: "Early Hints"}[status]
    fields: list[Field] = [("Link", "</style.css>; rel=preload")] if status == 103 else []
    return finish(chance, message, f"HTTP/1.1 {status} {message.reason}", fields)


def make_response(chance: random.Random, request: Sent, wishes: Wishes, framing: str, persistent: bool) -> Sent:
    status = chance.choice((200, 200, 200, 200, 201, 202, 204, 206, 301, 304, 403, 404, 500, 503, 599))
    if framing == "close":
        status = chance.choice((200, 404, 500))
    version = chance.choice(("HTTP/1.0", "HTTP/1.1")) if request.version == "HTTP/1.0" else "HTTP/1.1"
    if framing == "chunked" and version == "HTTP/1.0":
        framing = "length"
    message = Sent(SERVER, version, [], [], [], b"", b"", status=status)
    message.reason = chance.choice(REASONS[status])
    fields = some_fields(chance)
    if version == "HTTP/1.0" and persistent:
        fields.append(("Connection", "keep-alive"))
    if request.method == "HEAD" or status in (204, 304):
        if status == 304 or (request.method == "HEAD" and status != 204):
            fields.append(chance.choice((("Content-Length", "1234"), ("ETag", '"x"'), ("Vary", "*"))))
    else:
        with_body(chance, message, fields, framing, wishes)
    return finish(chance, message, f"{version} {status} {message.reason}", fields)


def expecting(chance: random.Random, number: int, wishes: Wishes) -> tuple[Spoken, list[tuple[Direction, bytes]]]:
    """A request that asks before it sends its body (RFC 9110 §10.1.1), and is told to go on."""
    while (request := make_request(chance, number, wishes, True)).framing == "none" or request.version != "HTTP/1.1":
        pass
    request.headers.append(("Expect", "100-continue"))
    kind, lines = request.parts[1]
    request.parts[1] = (kind, lines[:-2] + b"Expect: 100-continue\r\n\r\n")
    response = make_response(chance, request, wishes, chance.choice(("length", "chunked")), True)
    response.informational = [make_informational(chance, 100)]
    head = request.head_size
    turns = [
        (CLIENT, request.wire[:head]),
        (SERVER, response.informational[0].wire),
        (CLIENT, request.wire[head:]),
        (SERVER, response.wire),
    ]
    return Spoken(request, response), turns


def upgrade(chance: random.Random, number: int) -> tuple[Spoken, list[tuple[Direction, bytes]], tuple[bytes, bytes]]:
    """A change of protocol: behind the 101 the bytes belong to something else, which may well look like
    HTTP."""
    request = Sent(CLIENT, "HTTP/1.1", [], [], [], b"", b"", method="GET", target=f"/{number}/echo")
    request.url = f"http://echo.example{request.target}"
    fields = [("Host", "echo.example"), ("Connection", "Upgrade"), ("Upgrade", "echo/1")]
    finish(chance, request, f"GET {request.target} HTTP/1.1", fields)
    response = Sent(SERVER, "HTTP/1.1", [], [], [], b"", b"", status=101, reason="Switching Protocols")
    finish(chance, response, "HTTP/1.1 101 Switching Protocols", fields[1:])
    behind = (
        b"GET /no HTTP/1.1\r\n\r\n" + chance.randbytes(50),
        b"HTTP/1.1 200 OK\r\n\r\n" + chance.randbytes(50),
    )
    turns = [(CLIENT, request.wire), (SERVER, response.wire), (CLIENT, behind[0]), (SERVER, behind[1])]
    return Spoken(request, response), turns, behind


def oldest(chance: random.Random) -> Dialogue:
    """HTTP/0.9: a line, and content until the server closes."""
    request = Sent(CLIENT, "HTTP/0.9", [], [], [], b"", b"", method="GET", target="/" + "".join(chance.choices(WORDS)))
    request.parts = [(START, f"GET {request.target}\r\n".encode())]
    content = b"<html>" + some_text(chance, chance.randint(1, 3000)) + b"</html>"
    response = Sent(SERVER, "HTTP/0.9", [(DATA, content)], [], [], content, content, framing="close")
    dialogue = Dialogue([Spoken(request, response)], [(CLIENT, request.wire), (SERVER, response.wire)], {"http/0.9"})
    dialogue.place()
    return dialogue


def dialogue(chance: random.Random, wishes: Wishes) -> Dialogue:
    """A whole dialogue on one connection: exchange after exchange, or a pipeline of them."""
    if wishes.oldest:
        return oldest(chance)
    made = Dialogue([], [], {"pipelined"} if wishes.pipelined and wishes.exchanges > 1 else set())
    waiting: list[tuple[Direction, bytes]] = []  # responses to requests that were sent together
    for number in range(1, wishes.exchanges + 1):
        last = number == wishes.exchanges
        if last and wishes.upgrade:
            spoken, turns, made.behind = upgrade(chance, number)
            made.features.add("upgrade")
        elif not last and not wishes.pipelined and chance.random() < 0.1:
            spoken, turns = expecting(chance, number, wishes)
            made.features.add("expect")
        else:
            persistent = not last or chance.random() < 0.5
            request = make_request(chance, number, wishes, persistent)
            until_close = last and wishes.last_until_close and request.method != "HEAD"
            framing = "close" if until_close else chance.choice(("length", "length", "chunked"))
            response = make_response(chance, request, wishes, framing, persistent)
            if chance.random() < 0.08 and request.version == "HTTP/1.1":
                response.informational = [
                    make_informational(chance, chance.choice((102, 103))) for _ in range(chance.randint(1, 2))
                ]
            answer = b"".join(each.wire for each in response.informational) + response.wire
            spoken, turns = Spoken(request, response), [(CLIENT, request.wire), (SERVER, answer)]
        made.exchanges.append(spoken)
        if wishes.pipelined:
            made.turns.append(turns[0])
            waiting += turns[1:]
            if last or chance.random() < 0.3:
                made.turns += [(SERVER, b"".join(data for who, data in waiting if who is SERVER))]
                if late := b"".join(data for who, data in waiting if who is CLIENT):
                    made.turns.append((CLIENT, late))
                waiting = []
        else:
            made.turns += turns
    made.place()
    return made
