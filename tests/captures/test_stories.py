"""Each further capture shows what its row says: what the first lines are, and what went wrong below them."""

from __future__ import annotations

import re
from collections import Counter

import dpkt
import pytest

from tests.captures.reading import Seen, frames, packets

# As they stand on the wire, one by one; the client's and the server's.
START_LINE = re.compile(rb"(?:[A-Z]+ [^ \r\n]+ HTTP/1\.[01]|HTTP/1\.[01] [0-9]{3} [^\r\n]*)(?=\r\n)")

EXCHANGES = {
    "form-post.pcap": ["POST /post.php", "200 OK"],
    "multipart-upload.pcap": ["POST http://www.homeway.me", "200 OK"],
    "xml-post.pcap": ["POST http://www.homeway.me", "200 OK"],
    "json-api.pcap": [
        *("GET /api/courses/7", "200 OK"),
        *("POST /api/courses", "201 Created"),
        *("DELETE /api/courses/7", "204 No Content"),
    ],
    "chunked-gzip.pcap": ["GET /handshake", "200 OK"],
    "continue-100.pcap": ["PUT /notes/handshake.html", "100 Continue", "201 Created"],
    "head-and-304.pcap": [
        *("HEAD /ladder.jpg", "200 OK"),
        *("GET /ladder.jpg", "200 OK"),
        *("GET /ladder.jpg", "304 Not Modified"),
        *("GET /about.html", "200 OK"),
    ],
    "pipelining.pcap": ["GET /one.html", "GET /two.html", "GET /three.html", "200 OK", "200 OK", "200 OK"],
    "redirect.pcap": [
        *("GET /courses", "301 Moved Permanently"),
        *("GET /courses/", "302 Found"),
        *("GET /courses/tcp?from=courses", "200 OK"),
    ],
    "status-400.pcap": ["GET /index.html", "400 Bad Request"],
    "status-401.pcap": ["GET /grades", "401 Unauthorized", "GET /grades", "200 OK"],
    "status-403.pcap": ["GET /private/", "403 Forbidden"],
    "status-404.pcap": ["GET /nowhere.html", "404 Not Found"],
    "status-500.pcap": ["GET /report.php?year=0", "500 Internal Server Error"],
    "status-503.pcap": ["GET /sale", "503 Service Unavailable"],
    "no-content-type.pcap": ["GET /untyped", "200 OK"],
    "retransmission.pcap": ["GET /lines.txt", "200 OK"],
    "fast-retransmission.pcap": ["GET /lines.txt", "200 OK"],
    "out-of-order.pcap": ["GET /lines.txt", "200 OK"],
    "lost-segment.pcap": ["GET /lines.txt", "200 OK", "GET /after.html", "200 OK"],
    "sequence-wrap.pcap": ["GET /lines.txt", "200 OK"],
    "reset.pcap": ["GET /lines.txt", "200 OK"],
    "refused.pcap": [],
    "keep-alive.pcap": ["GET /first.html", "200 OK", "GET /second.html", "200 OK"],
    "zero-window.pcap": ["GET /lines.txt", "200 OK"],
    "ipv6.pcapng": ["GET /", "200 OK"],
    "vlan.pcap": ["GET /", "200 OK"],
    "real-nginx-curl.pcap": [
        *("GET /", "200 OK"),
        *("GET /ladder.jpg", "200 OK"),
        *("HEAD /note.txt", "200 OK"),
        *("GET /", "304 Not Modified"),
        *("GET /missing.html", "404 Not Found"),
    ],
    "real-http-server.pcap": [
        *("GET /index.html", "200 OK"),
        *("GET /note.txt", "200 OK"),
        *("GET /missing", "404 File not found"),
    ],
    "real-upload.pcap": ["POST /upload", "200 OK"],
}


def payload(name: str) -> bytes:
    return b"".join(packet.payload for packet in packets(name))


def from_server(name: str) -> list[Seen]:
    seen = packets(name)
    return [packet for packet in seen if packet.source == seen[0].target]


def from_client(name: str) -> list[Seen]:
    seen = packets(name)
    return [packet for packet in seen if packet.source == seen[0].source]


@pytest.mark.parametrize("name", EXCHANGES)
def test_start_lines(name: str) -> None:
    found = [line.decode() for packet in packets(name) for line in START_LINE.findall(packet.payload)]
    assert [re.sub(r"^HTTP/1\.[01] | HTTP/1\.[01]$", "", line) for line in found] == EXCHANGES[name]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        pytest.param("form-post.pcap", b"\r\nContent-Length: 22\r\n", id="form: 22 bytes"),
        pytest.param("form-post.pcap", b"\r\n\r\nname=homeway&key=nokey", id="form: its body"),
        pytest.param("multipart-upload.pcap", b"; boundary=----WebKitFormBoundaryOGkWPJsSaJCPWjZP\r\n", id="boundary"),
        pytest.param("multipart-upload.pcap", b'; name="file"; filename="index.py"\r\n', id="multipart: the file"),
        pytest.param("multipart-upload.pcap", b"\r\n------WebKitFormBoundaryOGkWPJsSaJCPWjZP--\r\n", id="its end"),
        pytest.param("xml-post.pcap", b"\r\nContent-Type: text/xml\r\n", id="xml: its type"),
        pytest.param("chunked-gzip.pcap", b"\r\n3e8\r\n\x1f\x8b", id="chunked: 1000 bytes of gzip first"),
        pytest.param("chunked-gzip.pcap", b"\r\n0\r\nX-Lines: 75\r\n\r\n", id="chunked: last chunk and trailer"),
        pytest.param("continue-100.pcap", b"\r\nExpect: 100-continue\r\n", id="Expect"),
        pytest.param("head-and-304.pcap", b'\r\nIf-None-Match: "562f2598-270"\r\n', id="304: its condition"),
        pytest.param("status-401.pcap", b"\r\nWWW-Authenticate: Basic ", id="401 has WWW-Authenticate"),
        pytest.param("status-503.pcap", b"\r\nRetry-After: 120\r\n", id="503 may have Retry-After"),
        pytest.param("ipv6.pcapng", b"\r\nHost: [2001:db8:80::118]\r\n", id="IPv6 literal in brackets"),
        pytest.param("real-nginx-curl.pcap", b"\r\nContent-Encoding: gzip\r\n", id="nginx packs"),
        pytest.param("real-upload.pcap", b"\r\nTransfer-Encoding: chunked\r\n", id="upload: answer in chunks"),
    ],
)
def test_says(name: str, part: bytes) -> None:
    assert part in payload(name)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        pytest.param("no-content-type.pcap", b"Content-Type", id="no type anywhere"),
        pytest.param("status-400.pcap", b"Host:", id="400: for want of a Host"),
        pytest.param("lost-segment.pcap", b"line 050", id="lost: the middle of the text"),
    ],
)
def test_says_nothing_of(name: str, part: bytes) -> None:
    assert part not in payload(name)


def test_pipelined_requests_share_a_segment() -> None:
    assert [len(START_LINE.findall(packet.payload)) for packet in packets("pipelining.pcap") if packet.payload] == [
        3,
        2,
        1,
    ]


def test_retransmission_shows_the_same_bytes_twice() -> None:
    counts = Counter((packet.seq, packet.payload) for packet in from_server("retransmission.pcap") if packet.payload)
    assert sorted(counts.values()) == [1, 1, 2]


def test_fast_retransmission_follows_three_repeated_confirmations() -> None:
    seen = packets("fast-retransmission.pcap")
    repeated = Counter(packet.ack for packet in from_client("fast-retransmission.pcap") if not packet.payload)
    assert repeated[1461] == 5  # the first, and four that repeat it
    late = next(packet for packet in seen if packet.payload and packet.seq == 1461)
    assert late.number > max(packet.number for packet in seen if packet.ack == 1461)


def test_out_of_order_loses_nothing() -> None:
    sent = [packet for packet in from_server("out-of-order.pcap") if packet.payload]
    starts = [packet.seq for packet in sent]
    assert starts == [1, 2921, 1461, 4381]
    text = b"".join(packet.payload for packet in sorted(sent, key=lambda packet: packet.seq))
    assert text.partition(b"\r\n\r\n")[2].count(b"\n") == 130


def test_lost_segment_was_confirmed_all_the_same() -> None:
    seen = packets("lost-segment.pcap")
    assert not any(packet.payload and packet.seq == 1461 for packet in from_server("lost-segment.pcap"))
    assert any(packet.ack == 2921 for packet in seen)


def test_sequence_numbers_wrap_inside_the_body() -> None:
    numbers = [dpkt.ethernet.Ethernet(frame).data.data.seq for _, frame in frames("sequence-wrap.pcap")]
    assert max(numbers) > 2**32 - 2_001
    assert any(0 < number < 5_000 for number in numbers)


def test_reset_ends_the_body_early() -> None:
    last = packets("reset.pcap")[-1]
    assert last.flags == "RA"
    announced = re.search(rb"Content-Length: (\d+)", payload("reset.pcap"))
    assert announced is not None
    assert last.seq < int(announced[1])


def test_refused_is_a_syn_and_a_reset() -> None:
    assert [packet.flags for packet in packets("refused.pcap")] == ["S", "RA"]


def test_keep_alive_asks_with_an_old_byte() -> None:
    probes = [packet for packet in from_client("keep-alive.pcap") if packet.payload == b"\0"]
    assert [packet.seq for packet in probes] == [384, 384]


def test_zero_window_closes_and_opens_again() -> None:
    windows = [packet.window for packet in from_client("zero-window.pcap")]
    assert windows.count(0) == 3
    assert windows[-1] > 0
    assert [len(packet.payload) for packet in from_server("zero-window.pcap") if packet.payload][2:4] == [
        1,
        1,
    ]


def test_vlan_tag() -> None:
    assert {dpkt.ethernet.Ethernet(frame).vlan_tags[0].id for _, frame in frames("vlan.pcap")} == {100}
