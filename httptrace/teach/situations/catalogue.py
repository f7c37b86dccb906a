"""Every situation by its name, in the order in which a course comes to them."""

from __future__ import annotations

from httptrace.lang import N_
from httptrace.teach.situations import opening, trouble, web
from httptrace.teach.situations.conversation import Script
from httptrace.teach.situations.truth import Situation

_ALL = (
    Situation(
        "handshake",
        N_("three packets open a connection, four close it"),
        N_(
            "Nothing is said between the two, so every number that moves is that of a SYN or a FIN: each uses up one. "
            "The first connection to look at."
        ),
        ("walk FILE --why", "quiz FILE --level 1"),
        opening.handshake,
    ),
    Situation(
        "page",
        N_("a page and the picture in it, over one connection"),
        N_(
            "A browser asks for /, gets the page in three segments, finds a picture in it and asks for that. "
            "Follow seq and ack from packet to packet: every byte has its number."
        ),
        ("walk FILE", "worksheet FILE -o lab.html", "quiz FILE"),
        web.page,
    ),
    Situation(
        "chunked",
        N_("a body in chunks, its length unknown when it began"),
        N_(
            "No Content-Length: each chunk says its own size, one of size 0 ends the body, and a trailer field "
            "follows. The edges of chunks are not those of segments."
        ),
        ("show FILE 1", "follow FILE 0", "explain chunked"),
        web.chunks,
    ),
    Situation(
        "gzip",
        N_("a page that crosses the network packed"),
        N_(
            "The browser says Accept-Encoding: gzip, the server packs the page. Content-Length counts the packed "
            "bytes; the page is several times as long."
        ),
        ("show FILE 1 --body", "quiz FILE --level 2"),
        web.packed,
    ),
    Situation(
        "redirect",
        N_("301 and 302: three requests for one page"),
        N_(
            "Each answer names the next address in Location, and the browser follows by itself, on the same connection."
        ),
        ("list FILE", "explain 301"),
        web.redirect,
    ),
    Situation(
        "upload",
        N_("a form with two fields and a file"),
        N_(
            "multipart/form-data: a boundary sets the parts apart, and each has a head of its own. The request takes "
            "three segments; here it is the server that confirms."
        ),
        ("show FILE 1", "walk FILE --all"),
        web.upload,
    ),
    Situation(
        "pipelining",
        N_("three requests before the first answer"),
        N_(
            "All three travel in one segment, and the server answers in the order of the requests: HTTP/1.1 has "
            "no other."
        ),
        ("walk FILE", "list FILE"),
        web.pipelining,
    ),
    Situation(
        "keep-alive",
        N_("two requests over one connection, 99 seconds idle between"),
        N_(
            "HTTP keeps the connection (persistent), and TCP asks every 45 seconds whether the other side is "
            "still there: a probe with one old byte, answered with an ACK. Two things of one name."
        ),
        ("walk FILE --why", "explain keep-alive"),
        opening.keep_alive,
    ),
    Situation(
        "reuse",
        N_("the same addresses and ports twice: two connections"),
        N_(
            "After the first connection is closed, the client takes the same port again. Only the initial sequence "
            "numbers tell the connections apart."
        ),
        ("streams FILE", "walk FILE --all-streams --absolute"),
        opening.reuse,
    ),
    Situation(
        "half-close",
        N_("one direction closed, the other still open"),
        N_(
            "The client has asked and closes its direction with FIN. The server goes on sending, and ends the body by "
            "closing its own (HTTP/1.0)."
        ),
        ("walk FILE --why", "quiz FILE --level 3"),
        opening.half_close,
    ),
    Situation(
        "reset",
        N_("a connection thrown away in the middle of a body"),
        N_("RST instead of FIN: nothing that is still on its way counts, and the body stays incomplete."),
        ("walk FILE", "explain RST"),
        opening.reset,
    ),
    Situation(
        "refused",
        N_("nobody listens on the port"),
        N_("Each SYN is answered with RST, at once. No connection comes about, though the machine is there."),
        ("walk FILE", "streams FILE"),
        opening.refused,
    ),
    Situation(
        "retransmission",
        N_("lost and sent again, in two ways"),
        N_(
            "The request is lost: its timer runs out, and it is repeated 310 ms later. A segment of the answer "
            "is lost: three duplicate ACKs bring it again within a few milliseconds."
        ),
        ("walk FILE --why", "packets FILE", "quiz FILE --level 3"),
        trouble.retransmission,
    ),
    Situation(
        "reorder",
        N_("two segments change places on the way"),
        N_("The later bytes come first, so the client repeats its ACK; then the hole is filled. Nothing was lost."),
        ("walk FILE", "explain out-of-order"),
        trouble.reorder,
    ),
    Situation(
        "loss",
        N_("a segment that the capture never holds"),
        N_(
            "The client confirms bytes that the capture does not have: the network delivered them, the capture "
            "lost them. The body has a hole (content-gap); the exchange behind it is whole."
        ),
        ("walk FILE", "show FILE 1", "explain content-gap"),
        trouble.loss,
    ),
    Situation(
        "zero-window",
        N_("a receiver that does not read"),
        N_(
            "Its buffer is full, so it announces a window of 0 and the server must stop. Probes of one byte ask "
            "again and again, until the window opens."
        ),
        ("walk FILE --all", "explain zero-window"),
        trouble.zero_window,
    ),
    Situation(
        "slow-start",
        N_("10 segments, then 20, then 40: a connection learns its speed"),
        N_(
            "A long body over a long way, 60 ms there and back. The server may send ten segments before the first "
            "confirmation, and twice as many with every round trip."
        ),
        ("walk FILE --why", "packets FILE"),
        web.slow_start,
    ),
    Situation(
        "smuggling",
        N_("two lengths in one request, another request behind it"),
        N_(
            "The head has both Content-Length and Transfer-Encoding. Who believes the first sees one request; who "
            "believes the second sees two. Attacks live on that difference (request smuggling)."
        ),
        ("show FILE 1", "explain smuggling-risk"),
        web.smuggling,
    ),
)

#: By name.
SITUATIONS = {situation.name: situation for situation in _ALL}


def written(situation: Situation) -> Script:
    """The situation played once: its frames and its truth."""
    script = Script()
    situation.write(script)
    script.finish()
    return script
