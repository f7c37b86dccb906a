"""The same short visit over other links: IPv6, and Ethernet with a VLAN tag."""

from __future__ import annotations

from captures.conversation import Conversation, browser, server
from captures.message import browser_get, html, page


def visit(talk: Conversation, host: str, text: str) -> Conversation:
    """One page fetched and the connection closed."""
    talk.open()
    talk.request(browser_get("/", host))
    talk.answer(page("200 OK", html("Welcome", text)))
    talk.close()
    return talk


def ipv6() -> Conversation:
    """A visit over IPv6, the host named by its address; the file is a pcapng that counts nanoseconds."""
    talk = Conversation(browser(port=51070, ip="2001:db8::33"), server(ip="2001:db8:80::118"))
    return visit(talk, "[2001:db8:80::118]", "You came over IPv6.")


def vlan() -> Conversation:
    """A visit whose frames carry an 802.1Q tag, VLAN 100."""
    return visit(Conversation(browser(port=51071), vlan=100), "www.example.com", "Your frames are tagged.")
