"""How connections open, stay and end: the situations that carry little HTTP."""

from __future__ import annotations

from httptrace.teach.situations.conversation import CLIENT, SERVER, Script
from httptrace.teach.situations.messages import get, html, lines, message, response


def handshake(script: Script) -> None:
    """Three packets open a connection, four close it, and nothing is said between them."""
    talk = script.talk(51001)
    talk.open()
    talk.close(after_ms=640.0)
    talk.ends_as("fin")


def refused(script: Script) -> None:
    """Nobody listens on port 81: each SYN is answered with RST. The client tries once more, half a second later."""
    talk = script.talk(51002, server_port=81)
    talk.segment(CLIENT, "S")
    talk.segment(SERVER, "RA")
    talk.ends_as("rst", "refused")
    script.wait(500.0)
    again = script.talk(51003, server_port=81, isn=(2_954_110_873, 0))
    again.segment(CLIENT, "S")
    again.segment(SERVER, "RA")
    again.ends_as("rst", "refused")


def reset(script: Script) -> None:
    """The server throws the connection away in the middle of a body."""
    talk = script.talk(51004)
    talk.open()
    talk.ask(get("/lines.txt"))
    script.wait(22.0)
    body = lines(130)
    first, second, *_never_sent = talk.pieces(SERVER, response("200 OK", body, content_type="text/plain"))
    talk.send(SERVER, first)
    talk.send(SERVER, second, under_way=True)
    talk.segment(CLIENT, "A")
    script.wait(31.0)
    talk.segment(SERVER, "RA")
    head = len(response("200 OK", body, content_type="text/plain")) - len(body)
    seen = len(first.payload) + len(second.payload) - head
    talk.exchange("GET", "/lines.txt", 200, received=seen, complete=False, notes=("truncated",))
    talk.ends_as("rst")


def half_close(script: Script) -> None:
    """The client has said all and closes its direction; the server's direction stays open until its answer is over."""
    talk = script.talk(51005)
    talk.open()
    talk.ask(message("GET /report.txt HTTP/1.0", ("Host: www.example.com", "User-Agent: netcat")), confirmed=False)
    talk.segment(CLIENT, "FA")
    talk.segment(SERVER, "A")
    body = lines(80)
    answer = message("HTTP/1.0 200 OK", ("Server: nginx", "Content-Type: text/plain"), body)
    talk.answer(answer, thinking_ms=140.0)
    script.wait(0.4)
    talk.segment(SERVER, "FA")
    talk.segment(CLIENT, "A")
    talk.exchange("GET", "/report.txt", 200, received=len(body))
    talk.ends_as("fin")


def keep_alive(script: Script) -> None:
    """One connection for two requests, idle between them: every 45 s the client asks with an old byte whether the
    server is still there."""
    talk = script.talk(51006)
    talk.open()
    first, second = html("First", "Read at leisure."), html("Second", "Still the same connection.")
    talk.ask(get("/first.html"))
    talk.answer(response("200 OK", first, "Connection: keep-alive", "Keep-Alive: timeout=120"))
    talk.exchange("GET", "/first.html", 200, received=len(first))
    for _probe in range(2):
        script.wait(45_000.0)
        talk.segment(CLIENT, "A", b"\0", seq=talk.ends[CLIENT].sent - 1, arrives=False)
        talk.seen("keep-alive")
        talk.segment(SERVER, "A")
        talk.seen("keep-alive-ack")
    script.wait(9_400.0)
    talk.ask(get("/second.html"))
    talk.answer(response("200 OK", second, "Connection: keep-alive", "Keep-Alive: timeout=120"))
    talk.exchange("GET", "/second.html", 200, received=len(second))
    talk.close()
    talk.ends_as("fin")


def reuse(script: Script) -> None:
    """The same two addresses and ports twice: after the first connection is closed, the client takes its port again.
    Another initial sequence number tells the two apart."""
    first = script.talk(51007)
    first.open()
    page = html("One", "The first connection.")
    first.ask(get("/one.html"))
    first.answer(response("200 OK", page, "Connection: close"))
    first.close(SERVER, after_ms=0.2)
    first.exchange("GET", "/one.html", 200, received=len(page))
    first.ends_as("fin")
    script.wait(2_500.0)
    second = script.talk(51007, isn=(3_600_440_112, 2_244_901_530))
    second.segment(CLIENT, "S")
    second.seen("port-reused")
    second.segment(SERVER, "SA")
    second.segment(CLIENT, "A")
    page = html("Two", "Another connection, though every number on the envelope is the same.")
    second.ask(get("/two.html"))
    second.answer(response("200 OK", page, "Connection: close"))
    second.close(SERVER, after_ms=0.2)
    second.exchange("GET", "/two.html", 200, received=len(page))
    second.ends_as("fin")
