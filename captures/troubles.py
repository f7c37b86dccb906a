"""What goes wrong below HTTP: loss, repetition, wrong order, holes in the capture, resets, full windows."""

from __future__ import annotations

from captures.conversation import MSS, Conversation, browser, server
from captures.message import DATE, browser_get, html, message, page


def lines(count: int) -> bytes:
    """A text whose every line says where it stands: a missing stretch shows by its numbers."""
    return b"".join(
        f"line {number:03} of {count:03}: a byte knows its place\n".encode() for number in range(1, count + 1)
    )


def text(count: int) -> bytes:
    """A response with that text as its body."""
    fields = f"Server: nginx\nDate: {DATE}\nContent-Type: text/plain\nContent-Length: {{length}}"
    return message("HTTP/1.1 200 OK", fields, lines(count))


def asked(port: int, target: str) -> Conversation:
    """A conversation that is open and has asked for the target."""
    talk = Conversation(browser(port=port))
    talk.open()
    talk.request(browser_get(target, "www.example.com"))
    talk.wait(22.0)
    return talk


def retransmission() -> Conversation:
    """The last of three pieces is lost behind the capture; when its timer runs out, the server repeats it."""
    talk = asked(51060, "/lines.txt")
    first, second, third = talk.pieces(talk.server, text(90))
    talk.send(talk.server, first)
    talk.send(talk.server, second)
    talk.ack(talk.client)
    talk.lose(talk.server, third, captured=True)
    talk.wait(212.0)
    talk.send(talk.server, third, streaming=True)
    talk.ack(talk.client)
    talk.close()
    return talk


def fast_retransmission() -> Conversation:
    """The second of six pieces is lost; repeated confirmations bring it again before any timer runs out."""
    talk = asked(51061, "/lines.txt")
    first, second, *others = talk.pieces(talk.server, text(200))
    talk.send(talk.server, first)
    talk.ack(talk.client)
    talk.lose(talk.server, second, captured=False)
    for piece in others:
        talk.send(talk.server, piece, streaming=True)
        talk.ack(talk.client)
    talk.send(talk.server, second)
    talk.ack(talk.client)
    talk.close()
    return talk


def out_of_order() -> Conversation:
    """The second and the third of four pieces change places on the way; nothing is lost."""
    talk = asked(51062, "/lines.txt")
    first, second, third, fourth = talk.pieces(talk.server, text(130))
    talk.send(talk.server, first)
    talk.send(talk.server, third)
    talk.ack(talk.client)
    talk.send(talk.server, second, streaming=True)
    talk.ack(talk.client)
    talk.send(talk.server, fourth, streaming=True)
    talk.ack(talk.client)
    talk.close()
    return talk


def lost_segment() -> Conversation:
    """The capture lacks the second of four pieces, which the browser confirms; the next exchange is whole."""
    talk = asked(51063, "/lines.txt")
    first, second, third, fourth = talk.pieces(talk.server, text(130))
    talk.send(talk.server, first)
    talk.miss(talk.server, second)
    talk.ack(talk.client)
    talk.send(talk.server, third, streaming=True)
    talk.send(talk.server, fourth)
    talk.ack(talk.client)
    talk.wait(40.0)
    talk.request(browser_get("/after.html", "www.example.com"))
    talk.answer(page("200 OK", html("After the hole", "This page is whole.")))
    talk.close()
    return talk


def sequence_wrap() -> Conversation:
    """The server's numbering passes 2 to the 32 in the middle of the body and goes on from 0."""
    talk = Conversation(browser(port=51068), server(isn=2**32 - 2_000))
    talk.open()
    talk.request(browser_get("/lines.txt", "www.example.com"))
    talk.answer(text(130))
    talk.close()
    return talk


def reset() -> Conversation:
    """The server throws the connection away in the middle of a body."""
    talk = asked(51064, "/lines.txt")
    first, second, *_never_sent = talk.pieces(talk.server, text(130))
    talk.send(talk.server, first)
    talk.send(talk.server, second)
    talk.ack(talk.client)
    talk.wait(31.0)
    talk.reset(talk.server)
    return talk


def refused() -> Conversation:
    """Nobody listens at port 81: the SYN is answered with RST."""
    talk = Conversation(browser(port=51065), server(port=81))
    talk.syn()
    talk.reset(talk.server)
    return talk


def keep_alive() -> Conversation:
    """An idle connection: every 45 s the browser asks with an old byte whether the server is still there."""
    talk = asked(51066, "/first.html")
    talk.answer(page("200 OK", html("First", "Read at leisure.")), thinking_ms=0.0)
    for _ in range(2):
        talk.wait(45_000.0)
        talk.segment(talk.client, "A", b"\0", seq=talk.client.sent - 1, arrives=False)
        talk.ack(talk.server)
    talk.wait(9_400.0)
    talk.request(browser_get("/second.html", "www.example.com"))
    talk.answer(page("200 OK", html("Second", "Still the same connection.")))
    talk.close()
    return talk


def zero_window() -> Conversation:
    """A reader that does not read: its window closes, the server probes, the window opens, the rest comes."""
    client = browser(port=51067)
    client.scale = 0
    client.window = client.syn_window = 2 * MSS
    talk = Conversation(client)
    talk.open()
    talk.request(browser_get("/lines.txt", "www.example.com"))
    talk.wait(22.0)
    first, second, third, fourth = talk.pieces(talk.server, text(130))
    talk.send(talk.server, first)
    talk.send(talk.server, second)
    talk.ack(talk.client, window=0)
    for pause_ms in (204.0, 408.0):
        # A probe carries the next byte (RFC 9293 §3.8.6.1), here as BSD and Windows do; Linux sends none.
        talk.wait(pause_ms)
        talk.segment(talk.server, "A", third.payload[:1], seq=third.seq, arrives=False)
        talk.ack(talk.client, window=0)
    talk.wait(300.0)
    talk.ack(talk.client)
    talk.send(talk.server, third)
    talk.send(talk.server, fourth)
    talk.ack(talk.client)
    talk.close()
    return talk
