"""Status codes: redirects, the common errors with the fields that belong to them, and a type left unsaid."""

from __future__ import annotations

from collections.abc import Callable

from captures.conversation import Conversation, browser
from captures.message import DATE, browser_get, html, message, page


def redirect() -> Conversation:
    """A page that moved for good (301), then for now (302), and is found at last (200)."""
    hops = (
        ("/courses", "301 Moved Permanently", "Location: http://www.example.com/courses/"),
        ("/courses/", "302 Found", "Location: /courses/tcp?from=courses"),
    )
    talk = Conversation(browser(port=51050))
    talk.open()
    for target, status, location in hops:
        talk.request(browser_get(target, "www.example.com"))
        talk.answer(page(status, html(status, "nginx"), location), thinking_ms=1.2)
        talk.wait(0.8)
    talk.request(browser_get("/courses/tcp?from=courses", "www.example.com"))
    talk.answer(page("200 OK", html("TCP from the beginning", "Twelve lessons.")))
    talk.close()
    return talk


def status_400() -> Conversation:
    """A request without a Host, which every server must refuse (RFC 9112 §3.2); this one also closes."""
    talk = Conversation(browser(port=51051))
    talk.open()
    talk.request(message("GET /index.html HTTP/1.1", "User-Agent: handmade/0.1\nAccept: */*"))
    refusal = page("400 Bad Request", html("400 Bad Request", "nginx"), connection="close")
    talk.answer(refusal, thinking_ms=0.4)
    talk.close(first=talk.server, after_ms=0.0)
    return talk


def status_401() -> Conversation:
    """A page that wants to know who asks: 401 with its challenge, then the same request with a password.

    The name is student, the password handshake; Basic hides neither (RFC 7617 §2).
    """
    talk = Conversation(browser(port=51052))
    talk.open()
    talk.request(browser_get("/grades", "www.example.com"))
    challenge = 'WWW-Authenticate: Basic realm="Grades", charset="UTF-8"'
    talk.answer(page("401 Unauthorized", html("401 Unauthorized", "Who are you?"), challenge), thinking_ms=1.0)
    talk.wait(4_300.0)
    talk.request(browser_get("/grades", "www.example.com", more="Authorization: Basic c3R1ZGVudDpoYW5kc2hha2U="))
    talk.answer(page("200 OK", html("Grades of student", "TCP: A. HTTP: A-.")))
    talk.close()
    return talk


def no_content_type() -> Conversation:
    """A page without Content-Type: the receiver has to guess."""
    body = html("Untitled", "Nobody said that this is HTML.")
    fields = f"Server: tiny/0.1\nDate: {DATE}\nContent-Length: {{length}}"
    talk = Conversation(browser(port=51057))
    talk.open()
    talk.request(browser_get("/untyped", "www.example.com"))
    talk.answer(message("HTTP/1.1 200 OK", fields, body), thinking_ms=2.0)
    talk.close()
    return talk


def refusal(port: int, target: str, status: str, text: str, more: str = "") -> Callable[[], Conversation]:
    """The script of one GET that is answered with this status."""

    def script() -> Conversation:
        talk = Conversation(browser(port=port))
        talk.open()
        talk.request(browser_get(target, "www.example.com"))
        talk.answer(page(status, html(status, text), more), thinking_ms=2.5)
        talk.close()
        return talk

    return script


status_403 = refusal(51053, "/private/", "403 Forbidden", "Understood, and refused.")
status_404 = refusal(51054, "/nowhere.html", "404 Not Found", "There is nothing by that name.")
status_500 = refusal(51055, "/report.php?year=0", "500 Internal Server Error", "Something broke on our side.")
status_503 = refusal(51056, "/sale", "503 Service Unavailable", "Too many visitors.", "Retry-After: 120")
