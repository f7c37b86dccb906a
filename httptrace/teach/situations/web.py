"""HTTP as it goes when all goes well, and one message that two readers would read differently."""

from __future__ import annotations

from httptrace.teach.situations.conversation import CLIENT, MSS, SERVER, Script
from httptrace.teach.situations.deflate import gzip
from httptrace.teach.situations.messages import (
    BROWSER,
    HOST,
    chunked,
    get,
    html,
    lines,
    message,
    picture,
    post,
    response,
)

_IMAGES = "image/avif,image/webp,image/*,*/*;q=0.8"


def page(script: Script) -> None:
    """A page in three segments, and the picture that stands in it, over one connection."""
    talk = script.talk(51010)
    talk.open()
    paragraphs = [f"Paragraph {number}: what a browser shows came in numbered bytes." for number in range(1, 46)]
    document = html("A page", '<img src="/ladder.bmp" alt="arrows between two sides">', *paragraphs)
    talk.ask(get("/"))
    talk.answer(response("200 OK", document, "Connection: keep-alive"))
    talk.exchange("GET", "/", 200, received=len(document))
    script.wait(36.0)
    image = picture()
    talk.ask(get("/ladder.bmp", f"Referer: http://{HOST}/", accept=_IMAGES))
    talk.answer(
        response("200 OK", image, "Connection: keep-alive", "Cache-Control: max-age=86400", content_type="image/bmp"),
        thinking_ms=4.5,
    )
    talk.exchange("GET", "/ladder.bmp", 200, received=len(image))
    talk.close()
    talk.ends_as("fin")


def pipelining(script: Script) -> None:
    """Three requests in one segment, none waits for the answer before it; the answers keep their order."""
    talk = script.talk(51011)
    talk.open()
    names = ("one", "two", "three")
    agent = ("Host: www.example.com", "User-Agent: pipeliner/1.0")
    talk.ask(b"".join(message(f"GET /{name}.txt HTTP/1.1", agent) for name in names))
    bodies = [
        f"This is the answer to request {name}.\n".encode() * (1 + 12 * place) for place, name in enumerate(names)
    ]
    for place, (name, body) in enumerate(zip(names, bodies, strict=True)):
        answer = response("200 OK", body, content_type="text/plain")
        talk.answer(answer, thinking_ms=9.0 if place else 18.0)
        talk.exchange("GET", f"/{name}.txt", 200, received=len(body))
    talk.close()
    talk.ends_as("fin")


def chunks(script: Script) -> None:
    """A body whose length nobody knew when it began: it comes in chunks, with a trailer field behind the last."""
    talk = script.talk(51012)
    talk.open()
    talk.ask(get("/events.txt", "TE: trailers"))
    body = lines(60)
    cut = [body[:82], body[82:900], body[900:1023], body[1023:]]
    head = response(
        "200 OK", b"", "Transfer-Encoding: chunked", "Trailer: X-Lines", content_type="text/plain", length=False
    )
    talk.answer(head + chunked(cut, "X-Lines: 60"))
    talk.exchange("GET", "/events.txt", 200, received=len(body))
    talk.close()
    talk.ends_as("fin")


def redirect(script: Script) -> None:
    """An old address leads to a second, that one to a third; the third has the page."""
    talk = script.talk(51013)
    talk.open()
    steps = (("/old", "301 Moved Permanently", "/moved"), ("/moved", "302 Found", "/new/"))
    for target, status, location in steps:
        body = html(status, f'It is <a href="{location}">here</a> now.')
        talk.ask(get(target))
        talk.answer(response(status, body, f"Location: http://{HOST}{location}"), thinking_ms=3.0)
        talk.exchange("GET", target, int(status[:3]), received=len(body))
    body = html("Here", "Three requests for one page.")
    talk.ask(get("/new/"))
    talk.answer(response("200 OK", body))
    talk.exchange("GET", "/new/", 200, received=len(body))
    talk.close()
    talk.ends_as("fin")


def upload(script: Script) -> None:
    """A form with two fields and a file: parts between boundaries, spread over three segments."""
    talk = script.talk(51014)
    talk.open()
    boundary = "----WebKitFormBoundaryq7Zr2Tn0"
    file = lines(70)
    parts = (
        ('form-data; name="course"', None, b"Computer Networks"),
        ('form-data; name="name"', None, "李雷".encode()),
        ('form-data; name="sheet"; filename="lab.txt"', "text/plain", file),
    )
    body = b""
    for disposition, content_type, content in parts:
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n".encode()
        body += f"Content-Type: {content_type}\r\n".encode() if content_type else b""
        body += b"\r\n" + content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    talk.ask(post("/sheets", f"multipart/form-data; boundary={boundary}", body))
    thanks = html("Thank you", "Your sheet has arrived.")
    talk.answer(response("201 Created", thanks, "Location: /sheets/17"), thinking_ms=41.0)
    talk.exchange("POST", "/sheets", 201, sent=len(body), received=len(thanks))
    talk.close()
    talk.ends_as("fin")


def packed(script: Script) -> None:
    """A page that crosses the network packed: the browser said that it can unpack gzip."""
    talk = script.talk(51015)
    talk.open()
    paragraphs = [f"Paragraph {number}: text repeats itself, and what repeats packs well." for number in range(1, 101)]
    document = html("Packed", *paragraphs)
    small = gzip(document)
    talk.ask(get("/packed.html"))
    talk.answer(response("200 OK", small, "Content-Encoding: gzip", "Vary: Accept-Encoding"))
    talk.exchange("GET", "/packed.html", 200, received=len(small), decoded=len(document))
    talk.close()
    talk.ends_as("fin")


def smuggling(script: Script) -> None:
    """Content-Length and Transfer-Encoding in one request: a reader of the one sees a single request, a reader of the
    other sees a second one that hides behind it."""
    talk = script.talk(51016)
    talk.open()
    hidden = message("GET /admin HTTP/1.1", ("Host: www.example.com", "X-Hidden: behind the last chunk"))
    body = b"0\r\n\r\n" + hidden
    both = message(
        "POST /search HTTP/1.1",
        (f"Host: {HOST}", f"User-Agent: {BROWSER}", "Content-Length: {length}", "Transfer-Encoding: chunked"),
        body,
    )
    talk.ask(both)
    found = html("Search", "Nothing found.")
    talk.answer(response("200 OK", found))
    talk.exchange("POST", "/search", 200, received=len(found), notes=("smuggling-risk",))
    secret = html("Administration", "Nobody should have come here.")
    talk.answer(response("200 OK", secret), thinking_ms=12.0)
    talk.exchange("GET", "/admin", 200, received=len(secret))
    talk.close(SERVER)
    talk.ends_as("fin")


def slow_start(script: Script) -> None:
    """A long body over a long way: ten segments first, and for each round trip of confirmations twice as many
    (RFC 5681 §3.1, RFC 6928)."""
    talk = script.talk(51017, window=(262_144, 65_536), round_trip_ms=60.0)
    talk.open()
    body = lines(2_400)
    talk.ask(get("/lines.txt"))
    script.wait(5.0)
    pieces = talk.pieces(SERVER, response("200 OK", body, content_type="text/plain"), MSS)
    flight, at = 10, 0
    while at < len(pieces):
        begin = script.now_ns
        for number, piece in enumerate(pieces[at : at + flight], 1):
            talk.send(SERVER, piece, under_way=at > 0 or number > 1)
            if number % 2 == 0 or piece.last:
                talk.segment(CLIENT, "A")
        at += flight
        flight *= 2
        if at < len(pieces):  # the next flight leaves when the first confirmation has come to the server
            script.now_ns = begin + talk.round_trip_ns
    talk.exchange("GET", "/lines.txt", 200, received=len(body))
    talk.close()
    talk.ends_as("fin")
