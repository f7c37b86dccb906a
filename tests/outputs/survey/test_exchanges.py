"""Which host an exchange counts for."""

from __future__ import annotations

import pytest

from httptrace.model import Body, Endpoint, Exchange, Request, Timings
from httptrace.outputs.survey.exchanges import Exchanges, host_of


def exchange(method="GET", url=None, target="/", no=1):
    body = Body()
    request = Request("HTTP/1.1", [], [], 0, body, 1, 1, 0, 0, True, method, target, url) if method else None
    client, server = Endpoint("192.0.2.1", 40000), Endpoint("198.51.100.1", 80)
    return Exchange(no, 0, client, server, "HTTP/1.1", request, None, [], Timings(), [])


@pytest.mark.parametrize(
    ("method", "url", "target", "host"),
    [
        pytest.param("GET", "http://a.example/x/y?z#f", "/x", "a.example", id="path"),
        pytest.param("GET", "http://a.example", "/", "a.example", id="nothing-behind"),
        pytest.param("GET", "http://A.Example:8080/", "/", "a.example:8080", id="port-and-case"),
        pytest.param("GET", "http://a.example?x=/b", "/", "a.example", id="query-without-path"),
        pytest.param("GET", "http://u:p@a.example/", "/", "a.example", id="user-information"),
        pytest.param("GET", "https://[2001:db8::1]:8443/x", "/", "[2001:db8::1]:8443", id="ipv6"),
        pytest.param("CONNECT", None, "a.example:443", "a.example:443", id="connect"),
        pytest.param("GET", None, "/", "198.51.100.1:80", id="no-host-named"),
        pytest.param(None, None, "", "198.51.100.1:80", id="no-request"),
        pytest.param("GET", "http://" + "h" * 5000, "/", "h" * 255, id="longer-than-any-name"),
    ],
)
def test_host_of(method, url, target, host):
    assert host_of(exchange(method, url, target)) == host


def test_hosts_beyond_the_bound_are_counted_together(monkeypatch):
    found = Exchanges(top=3)
    monkeypatch.setattr(found.hosts, "_bound", 2)
    for no, name in enumerate("abcda", 1):
        found.add(exchange(url=f"http://{name}/", no=no))
    assert {name: host.exchanges for name, host in found.hosts.rows.items()} == {"a": 2, "b": 1}
    assert found.hosts.others.exchanges == 2
    assert found.count == 5


def test_the_first_connection_is_the_lowest():
    found = Exchanges(top=3)
    for stream in (7, 3, 5):
        one = exchange()
        one.stream = stream
        found.add(one)
    assert found.first_stream == 3
    assert found.several_streams
