"""The first page: No1 … No19, the story that the project began with.

A browser at 192.168.2.33 fetches a page from 220.181.50.118, and then a picture. The numbers are fixed: 1–3
the handshake, 4 the request, 5 its confirmation, 6 the first data, 7 its confirmation, 8–13 three more pieces
and theirs, 14 the request for the picture, 15 the picture, 16–19 the close.
"""

from __future__ import annotations

from pathlib import Path

from captures.conversation import Conversation, browser, server
from captures.message import browser_get, message
from captures.picture import jpeg

MATERIAL = Path(__file__).with_name("material")
PICTURE = "/562f25980001b1b106000338.jpg"

LADDER = (
    " B         r  S ",
    " B         rr S ",
    " BrrrrrrrrrrrrS ",
    " B         rr S ",
    " B  g      r  S ",
    " B gg         S ",
    " BggggggggggggS ",
    " B gg      r  S ",
    " B  g      rr S ",
    " BrrrrrrrrrrrrS ",
    " B         rr S ",
    " B         r  S ",
)
COLOURS = {" ": (255, 255, 255), "B": (47, 79, 144), "S": (84, 92, 99), "r": (240, 20, 20), "g": (0, 180, 60)}


def picture() -> bytes:
    """The picture of the page: two sides, three arrows, 128 × 96 pixels."""
    return jpeg(LADDER, COLOURS)


def first_page() -> Conversation:
    """The page and its picture over one connection."""
    client = browser(51022, ip="192.168.2.33", isn=3_482_919_204)
    client.mac = "3c:97:0e:5a:21:c4"
    host = server(ip="220.181.50.118")
    host.mac = "14:75:90:e7:08:3a"
    talk = Conversation(client, host)
    talk.open()

    talk.wait(0.3)
    talk.request(browser_get("/", "www.imooc.com"))
    # Compressed beforehand: another zlib would pack it otherwise, and the pieces would have other lengths.
    packed = (MATERIAL / "first-page.html.gz").read_bytes()
    talk.answer(
        message(
            "HTTP/1.1 200 OK",
            """
            Server: nginx
            Date: Tue, 28 Jun 2016 02:15:07 GMT
            Content-Type: text/html; charset=UTF-8
            Content-Length: {length}
            Connection: keep-alive
            Vary: Accept-Encoding
            Cache-Control: private, max-age=0
            Content-Encoding: gzip
            """,
            packed,
        ),
        thinking_ms=22.0,
        each=1,
    )

    # Parsing the page, the browser comes upon its picture.
    talk.wait(36.0)
    talk.request(
        browser_get(
            PICTURE,
            "img.mukewang.com",
            accept="image/webp,image/*,*/*;q=0.8",
            referer="http://www.imooc.com/",
        ),
        confirmed=False,
    )
    talk.answer(
        message(
            "HTTP/1.1 200 OK",
            """
            Server: nginx
            Date: Tue, 28 Jun 2016 02:15:07 GMT
            Content-Type: image/jpeg
            Content-Length: {length}
            Last-Modified: Tue, 27 Oct 2015 07:19:20 GMT
            Connection: keep-alive
            Expires: Thu, 28 Jul 2016 02:15:07 GMT
            Cache-Control: max-age=2592000
            Accept-Ranges: bytes
            """,
            picture(),
        ),
        thinking_ms=4.5,
        confirmed=False,
    )
    talk.close()  # the browser's FIN confirms the picture as well
    return talk
