"""What goes wrong below HTTP: bytes that are lost, repeated, late, or not wanted yet."""

from __future__ import annotations

from httptrace.teach.situations.conversation import CLIENT, MSS, SERVER, Piece, Script, Talk
from httptrace.teach.situations.messages import get, html, lines, response


def _asked(script: Script, port: int, count: int, **more: int) -> tuple[Talk, list[Piece], int]:
    """A conversation that has asked for a text of so many lines; the pieces of the answer; the size of its body."""
    talk = script.talk(port, **more)  # type: ignore[arg-type]
    talk.open()
    talk.ask(get("/lines.txt"))
    script.wait(22.0)
    body = lines(count)
    return talk, talk.pieces(SERVER, response("200 OK", body, content_type="text/plain")), len(body)


def loss(script: Script) -> None:
    """The capture lacks a segment, and nothing repeats it: the client confirms its bytes, so they had arrived."""
    talk, (first, second, third, fourth), size = _asked(script, 51020, 130)
    talk.send(SERVER, first)
    talk.send(SERVER, second, under_way=True, captured=False)
    talk.segment(CLIENT, "A")
    talk.seen("acked-unseen-segment")
    talk.send(SERVER, third, under_way=True)
    talk.seen("lost-segment")
    talk.send(SERVER, fourth, under_way=True)
    talk.segment(CLIENT, "A")
    talk.seen("acked-unseen-segment")  # Wireshark knows no end of a hole: what lies behind it counts as unseen too
    missing = len(second.payload)
    talk.exchange("GET", "/lines.txt", 200, received=size - missing, complete=False, notes=("content-gap",))
    script.wait(40.0)
    page = html("After the hole", "This page is whole.")
    talk.ask(get("/after.html"))
    talk.answer(response("200 OK", page))
    talk.exchange("GET", "/after.html", 200, received=len(page))
    talk.close()
    talk.ends_as("fin", missing=missing)


def retransmission(script: Script) -> None:
    """Two losses behind the capture point. The request is repeated when its timer runs out; a segment of the answer is
    repeated at once, because three duplicate ACKs ask for it."""
    talk = script.talk(51021)
    talk.open()
    script.wait(0.3)
    (request,) = talk.pieces(CLIENT, get("/lines.txt"))
    talk.send(CLIENT, request, arrives=False)
    script.wait(310.0)
    talk.send(CLIENT, request, under_way=True)
    talk.seen("retransmission")
    talk.segment(SERVER, "A")
    script.wait(22.0)
    body = lines(240)
    first, second, *others = talk.pieces(SERVER, response("200 OK", body, content_type="text/plain"))
    talk.send(SERVER, first)
    talk.segment(CLIENT, "A")
    # The second piece is lost on its way here: the capture sees only the hole it leaves.
    talk.send(SERVER, second, under_way=True, arrives=False, captured=False)
    for number, piece in enumerate(others[:3]):
        talk.send(SERVER, piece, under_way=True)
        if not number:
            talk.seen("lost-segment")
        talk.segment(CLIENT, "A")
        talk.seen("dup-ack")
    script.wait(1.0)
    talk.send(SERVER, second)
    talk.seen("retransmission", "fast-retransmission")
    talk.segment(CLIENT, "A")
    for piece in others[3:]:
        talk.send(SERVER, piece, under_way=piece is not others[3])
    talk.segment(CLIENT, "A")
    talk.exchange("GET", "/lines.txt", 200, received=len(body))
    talk.close()
    talk.ends_as("fin")


def reorder(script: Script) -> None:
    """The second and the third of four segments change places on the way; nothing is lost, nothing sent again."""
    talk, (first, second, third, fourth), size = _asked(script, 51022, 130)
    talk.send(SERVER, first)
    talk.segment(CLIENT, "A")
    talk.send(SERVER, third, under_way=True)
    talk.seen("lost-segment")
    talk.segment(CLIENT, "A")
    talk.seen("dup-ack")
    talk.send(SERVER, second, under_way=True)
    talk.seen("out-of-order")
    talk.segment(CLIENT, "A")
    talk.send(SERVER, fourth, under_way=True)
    talk.segment(CLIENT, "A")
    talk.exchange("GET", "/lines.txt", 200, received=size)
    talk.close()
    talk.ends_as("fin")


def zero_window(script: Script) -> None:
    """A program that does not read: its window closes, the server may only probe, the window opens, the rest comes."""
    talk = script.talk(51023, window=(2 * MSS, 65_536), scale=None)
    talk.open()
    talk.ask(get("/lines.txt"))
    script.wait(22.0)
    body = lines(130)
    first, second, third, fourth = talk.pieces(SERVER, response("200 OK", body, content_type="text/plain"))
    talk.send(SERVER, first)
    talk.send(SERVER, second, under_way=True)
    talk.seen("window-full")
    talk.segment(CLIENT, "A", window=0)
    talk.seen("zero-window")
    for pause_ms in (204.0, 408.0):
        # The probe carries the next byte (RFC 9293 §3.8.6.1), which the client has no room for.
        script.wait(pause_ms)
        talk.segment(SERVER, "A", third.payload[:1], seq=third.seq, arrives=False)
        talk.seen("zero-window-probe")
        talk.segment(CLIENT, "A")
        talk.seen("zero-window")
    script.wait(300.0)
    talk.segment(CLIENT, "A", window=4 * MSS)
    talk.seen("window-update")
    talk.send(SERVER, third)
    talk.send(SERVER, fourth, under_way=True)
    talk.segment(CLIENT, "A")
    talk.exchange("GET", "/lines.txt", 200, received=len(body))
    talk.close()
    talk.ends_as("fin")
