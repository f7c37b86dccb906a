"""The absolute URL that a target stands for (RFC 9110 §7.1, RFC 9112 §3.3)."""

from __future__ import annotations

import pytest

from httptrace.exchanges.url import effective_url


@pytest.mark.parametrize(
    ("method", "target", "host", "tls", "url"),
    [
        pytest.param("GET", "/a?b", "h.example", False, "http://h.example/a?b", id="origin-form"),
        pytest.param("GET", "/", "h.example:8080", False, "http://h.example:8080/", id="host-with-port"),
        pytest.param("GET", "/a", "h.example", True, "https://h.example/a", id="tls"),
        pytest.param("GET", "/a", "[2001:db8::1]:81", False, "http://[2001:db8::1]:81/a", id="ipv6"),
        pytest.param("GET", "/a", " h.example ", False, "http://h.example/a", id="blanks-around-the-host"),
        pytest.param("GET", "http://o.example/a", "h.example", False, "http://o.example/a", id="absolute-form-wins"),
        pytest.param("GET", "https://o.example/", None, False, "https://o.example/", id="absolute-form-without-host"),
        pytest.param("GET", "/a", None, False, None, id="no-host"),
        pytest.param("GET", "/a", "", False, None, id="an-empty-host"),
        pytest.param(
            "GET", "/go?to=http://x/", "h.example", False, "http://h.example/go?to=http://x/", id="a-url-inside"
        ),
        pytest.param("OPTIONS", "*", "h.example", False, "http://h.example", id="asterisk-form"),
        pytest.param("CONNECT", "h.example:443", "h.example", False, None, id="connect"),
        pytest.param("GET", "a/b", "h.example", False, "http://h.example/a/b", id="a-target-without-slash"),
        pytest.param("GET", "//x/y", "h.example", False, "http://h.example//x/y", id="two-slashes"),
        pytest.param("GET", "1://x", "h.example", False, "http://h.example/1://x", id="no-scheme"),
    ],
)
def test_the_url_of_a_request(method: str, target: str, host: str | None, tls: bool, url: str | None) -> None:
    assert effective_url(method, target, host, tls) == url
