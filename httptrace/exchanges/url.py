"""The absolute URL that a request target stands for (RFC 9110 §7.1, RFC 9112 §3.3)."""

from __future__ import annotations


def effective_url(method: str, target: str, host: str | None, tls: bool) -> str | None:
    """The URL of a request; None for CONNECT, and where no host is known.

    The authority is the target's own in absolute form, else the Host field. A Host without a port means the scheme's
    own port, wherever the connection goes (a proxy, a forwarder): the URL is what the client asked for. A server's
    address says where the bytes went, not which host was meant, so it never stands in.
    """
    if method == "CONNECT":
        return None
    if target[:1] == "/" and host:  # nearly always
        return f"{'https' if tls else 'http'}://{host.strip()}{target}"
    scheme, colon, rest = target.partition("://")
    if colon and rest and scheme.isalnum() and scheme[:1].isalpha():
        return target
    if not host:
        return None
    scheme = "https" if tls else "http"
    authority = host.strip()
    if target == "*":
        return f"{scheme}://{authority}"
    return f"{scheme}://{authority}{target if target.startswith('/') else '/' + target}"
