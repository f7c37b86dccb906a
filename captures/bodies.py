"""Bodies and how their length is known: forms, uploads, XML, JSON, chunks, 100-continue, HEAD, pipelining."""

from __future__ import annotations

from captures.conversation import Conversation, browser, server
from captures.first_page import MATERIAL, picture
from captures.message import CHROME, DATE, browser_get, chunked, html, message, page

BOUNDARY = "----WebKitFormBoundaryOGkWPJsSaJCPWjZP"

RESOURCE = b"""<?xml version="1.0"?>
<resource>
    <id>123</id>
    <params>
        <name>
            <value>homeway</value>
        </name>
        <age>
            <value>22</value>
        </age>
    </params>
</resource>
"""


def form_post() -> Conversation:
    """A form with two fields, sent as `application/x-www-form-urlencoded`."""
    talk = Conversation(browser(port=51040))
    talk.open()
    talk.request(
        message(
            "POST /post.php HTTP/1.1",
            f"""
            Host: homeway.me
            Connection: keep-alive
            Content-Length: {{length}}
            Cache-Control: no-cache
            Origin: http://homeway.me
            User-Agent: {CHROME}
            Content-Type: application/x-www-form-urlencoded
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8
            Referer: http://homeway.me/form.html
            Accept-Encoding: gzip, deflate
            Accept-Language: zh-CN,zh;q=0.8,en;q=0.6,zh-TW;q=0.4,gl;q=0.2,de;q=0.2
            """,
            b"name=homeway&key=nokey",
        )
    )
    talk.answer(page("200 OK", html("Thank you, homeway", "Your key is: nokey.")))
    talk.close()
    return talk


def multipart_upload() -> Conversation:
    """Two fields and a file as `multipart/form-data`, through a proxy and so with an absolute target."""
    parts = (
        ('name="key2"', b"456"),
        ('name="key1"', b"123"),
        (
            'name="file"; filename="index.py"\r\nContent-Type: text/x-python',
            (MATERIAL / "index.py").read_bytes(),
        ),
    )
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode() + content + b"\r\n"
        for about, content in parts
    )
    talk = Conversation(browser(port=51041), server(port=8080))
    talk.open()
    talk.request(
        message(
            "POST http://www.homeway.me HTTP/1.1",
            f"""
            Host: www.homeway.me
            Proxy-Connection: keep-alive
            Content-Length: {{length}}
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8
            Origin: http://www.homeway.me
            User-Agent: {CHROME}
            Content-Type: multipart/form-data; boundary={BOUNDARY}
            Accept-Encoding: gzip, deflate
            Accept-Language: zh-CN,zh;q=0.8
            """,
            body + f"--{BOUNDARY}--\r\n".encode(),
        )
    )
    talk.answer(page("200 OK", html("Received", "key1, key2 and index.py.")))
    talk.close()
    return talk


def xml_post() -> Conversation:
    """A document sent and answered as `text/xml`."""
    talk = Conversation(browser(port=51042), server(port=8080))
    talk.open()
    talk.request(
        message(
            "POST http://www.homeway.me HTTP/1.1",
            """
            Host: www.homeway.me
            Content-Type: text/xml
            Content-Length: {length}
            User-Agent: curl/7.49.1
            Accept: */*
            """,
            RESOURCE,
        )
    )
    talk.answer(
        message(
            "HTTP/1.1 200 OK",
            f"""
            Server: nginx
            Date: {DATE}
            Content-Type: text/xml; charset=utf-8
            Content-Length: {{length}}
            """,
            b'<?xml version="1.0" encoding="utf-8"?>\n<reply><id>123</id><state>saved</state></reply>\n',
        )
    )
    talk.close()
    return talk


def json_api() -> Conversation:
    """Three calls of an API on one connection: read, create, delete."""
    calls = (
        (
            "GET /api/courses/7 HTTP/1.1",
            b"",
            "200 OK",
            "",
            '{"id":7,"title":"三次握手","lessons":[1,2,3],"free":true}',
        ),
        (
            "POST /api/courses HTTP/1.1",
            '{"title":"四次挥手","lessons":[]}'.encode(),
            "201 Created",
            "Location: /api/courses/8",
            '{"id":8,"title":"四次挥手","lessons":[],"free":false}',
        ),
        ("DELETE /api/courses/7 HTTP/1.1", b"", "204 No Content", "", ""),
    )
    talk = Conversation(browser(port=51043))
    talk.open()
    for request_line, sent, status, more, reply in calls:
        about_body = "Content-Type: application/json\nContent-Length: {length}"
        talk.wait(3.0)
        talk.request(
            message(
                request_line,
                f"""
                Host: api.example.com
                User-Agent: {CHROME}
                Accept: application/json
                {about_body if sent else ""}
                """,
                sent,
            )
        )
        talk.answer(
            message(
                f"HTTP/1.1 {status}",
                f"""
                Server: nginx
                Date: {DATE}
                {more}
                {about_body if reply else ""}
                """,
                reply.encode(),
            )
        )
    talk.close()
    return talk


def chunked_gzip() -> Conversation:
    """A page that is compressed first and then cut to chunks, whose edges are not those of the segments.

    Of four chunks the second and the third span two segments each; the last segment carries the end of one
    chunk, a whole one, the last chunk of size 0 and a trailer field.
    """
    packed = (MATERIAL / "first-page.html.gz").read_bytes()
    chunks = (packed[:1000], packed[1000:3000], packed[3000:4600], packed[4600:])
    head = message(
        "HTTP/1.1 200 OK",
        f"""
        Server: nginx
        Date: {DATE}
        Content-Type: text/html; charset=UTF-8
        Transfer-Encoding: chunked
        Connection: keep-alive
        Vary: Accept-Encoding
        Content-Encoding: gzip
        Trailer: X-Lines
        """,
    )
    talk = Conversation(browser(port=51044))
    talk.open()
    talk.request(browser_get("/handshake", "www.example.com"))
    talk.answer(head + chunked(chunks, "X-Lines: 75"))
    talk.close()
    return talk


def continue_100() -> Conversation:
    """A client that asks before it sends a large body: 100 Continue, the body, 201 Created."""
    whole = message(
        "PUT /notes/handshake.html HTTP/1.1",
        """
        Host: files.example.com
        User-Agent: curl/7.49.1
        Accept: */*
        Content-Type: text/html; charset=utf-8
        Content-Length: {length}
        Expect: 100-continue
        """,
        (MATERIAL / "first-page.html").read_bytes(),
    )
    head, end, body = whole.partition(b"\r\n\r\n")
    talk = Conversation(browser(port=51045))
    talk.open()
    talk.request(head + end)
    talk.answer(b"HTTP/1.1 100 Continue\r\n\r\n", thinking_ms=1.0)
    talk.request(body)
    talk.answer(
        message(
            "HTTP/1.1 201 Created",
            f"""
            Server: nginx
            Date: {DATE}
            Location: http://files.example.com/notes/handshake.html
            Content-Length: 0
            """,
        )
    )
    talk.close()
    return talk


def head_and_304() -> Conversation:
    """The same picture asked for three times: HEAD, GET, and GET with what the browser has in store.

    HEAD is answered with the Content-Length of a body that does not follow, 304 with no body at all; the
    exchange after each shows that nothing was taken for one.
    """
    about_picture = f"""
        Server: nginx
        Date: {DATE}
        Last-Modified: Tue, 27 Oct 2015 07:19:20 GMT
        ETag: "562f2598-270"
    """
    length = f"Content-Type: image/jpeg\nContent-Length: {len(picture())}"
    talk = Conversation(browser(port=51046))
    talk.open()
    talk.request(message("HEAD /ladder.jpg HTTP/1.1", "Host: img.example.com\nUser-Agent: curl/7.49.1\nAccept: */*"))
    talk.answer(message("HTTP/1.1 200 OK", about_picture + length))
    talk.wait(12.0)
    talk.request(browser_get("/ladder.jpg", "img.example.com", accept="image/webp,image/*,*/*;q=0.8"))
    talk.answer(message("HTTP/1.1 200 OK", about_picture + length) + picture())
    talk.wait(950.0)
    stored = 'If-None-Match: "562f2598-270"\nIf-Modified-Since: Tue, 27 Oct 2015 07:19:20 GMT'
    talk.request(browser_get("/ladder.jpg", "img.example.com", accept="image/webp,image/*,*/*;q=0.8", more=stored))
    talk.answer(message("HTTP/1.1 304 Not Modified", about_picture))
    talk.wait(15.0)
    talk.request(browser_get("/about.html", "img.example.com"))
    talk.answer(page("200 OK", html("About", "One picture, asked for three times.")))
    talk.close()
    return talk


def pipelining() -> Conversation:
    """Three requests in one segment; the answers come in the same order, the first two in one segment."""
    names = ("one", "two", "three")
    answers = [page("200 OK", html(f"Page {name}", f"This is page {name}.")) for name in names]
    talk = Conversation(browser(port=51047))
    talk.open()
    talk.request(
        b"".join(
            message(
                f"GET /{name}.html HTTP/1.1",
                "Host: www.example.com\nUser-Agent: pipeliner/1.0\nAccept: text/html",
            )
            for name in names
        )
    )
    talk.answer(answers[0] + answers[1])
    talk.answer(answers[2], thinking_ms=9.0)
    talk.close()
    return talk
