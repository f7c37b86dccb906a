"""`summary` where there is no HTTP, or not all of it: it says what was there instead, and what to do about it."""

from __future__ import annotations

import struct

import pytest

from httptrace.model import Direction
from tests.build import SYN, conversation, get, ok, segment, together
from tests.cli.test_summary import section
from tests.generate import write
from tests.generate.conversation import START_NS
from tests.tls.handshakes import client_hello, record, server_hello, server_name

CLIENT_HELLO = record(22, client_hello(server_name(b"secret.example")))


def said(result, title="Not read"):
    return " ".join(" ".join(section(result, title)).split())


def headline(result):
    """All but the sections, in one line."""
    return " ".join(result.text.partition("── ")[0].split())


def saved(tmp_path, capture):
    return capture.save(tmp_path / "one.pcap")


def datagram(source, destination, number=0):
    ports = struct.pack("!HHHH", source, destination, 12, 0) + b"data"
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 32, 0, 0, 64, 17, 0, bytes(4), bytes(4))
    frame = bytes(12) + b"\x08\x00" + header + ports
    return write.Record(START_NS + number, 1, frame, len(frame))


def test_tls_names_the_servers_and_where_to_capture(httptrace, tmp_path):
    capture = conversation(CLIENT_HELLO, record(22, server_hello(0x1301)), server=("198.51.100.1", 443))
    result = httptrace("summary", saved(tmp_path, capture))
    assert "No HTTP was found. There is instead: 1 connection of TLS without keys." in headline(result)
    assert "Servers asked for (SNI): secret.example 1" in said(result)
    assert "→ Capture where the same requests travel in the clear" in said(result)


def test_tls_beside_http_is_no_headline(httptrace, tmp_path):
    secret = conversation(CLIENT_HELLO, record(22, server_hello(0x1301)), client=("192.0.2.9", 999))
    result = httptrace("summary", saved(tmp_path, together(secret, conversation(get(), ok(b"x")))))
    assert "No HTTP was found" not in result.text
    assert "TLS 1 connection, encrypted" in said(result)


def test_http_2_in_the_clear_is_named(httptrace, tmp_path):
    capture = conversation(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), bytes(9))
    result = httptrace("summary", saved(tmp_path, capture))
    assert "HTTP/2 1 connection in the clear: recognised" in said(result)


def test_another_protocol_is_named_by_its_port(httptrace, tmp_path):
    capture = conversation(b"SSH-2.0-client\r\n", b"SSH-2.0-server\r\n", server=("198.51.100.1", 22))
    result = httptrace("summary", saved(tmp_path, capture))
    assert "There is instead: 1 connection of another protocol." in headline(result)
    assert "port 22 (usually SSH) 1" in said(result)
    assert "open before the capture began" not in said(result)


def test_another_protocol_that_began_before_may_be_anything(httptrace, tmp_path):
    capture = conversation(b"\x00binary\x01", b"\x02more\x03", begin=4)
    assert "→ 1 of them was open before the capture began." in said(httptrace("summary", saved(tmp_path, capture)))


def test_one_direction_of_http(httptrace, tmp_path):
    capture = conversation(get(), ok(b"x" * 50), only=Direction.CLIENT)
    result = httptrace("summary", saved(tmp_path, capture))
    assert "One direction 1 connection with HTTP, of which the capture holds one side only" in said(result)
    assert "bytes are of directions that are not in the capture at all" in said(result, "On the way")
    assert "tcpdump -B" not in result.text


def test_snapped_packets_say_how_short_they_are(httptrace, tmp_path):
    capture = conversation(get("/" + "long" * 50), ok(b"x" * 2000), snap=96)
    result = httptrace("summary", saved(tmp_path, capture))
    assert "3 of 10 packets are cut: at most 96 bytes of each were captured" in said(result)
    assert "tcpdump -s 0" in said(result)


def test_snapped_to_the_headers_nothing_is_left(httptrace, tmp_path):
    capture = conversation(get(), ok(b"x" * 2000), snap=54)
    result = httptrace("summary", saved(tmp_path, capture))
    assert "There is instead: 1 connection whose payload was not captured." in headline(result)
    assert "1 connection lost all payload to it" in said(result)


def test_a_refused_and_an_unanswered_connection(httptrace, tmp_path):
    alone = conversation(client=("192.0.2.5", 5555), server=("198.51.100.9", 8080), stop=1)
    whole = together(alone, conversation(get(), ok(b"x")))
    result = httptrace("summary", saved(tmp_path, whole))
    assert "Unanswered 1 connection, a SYN and nothing back: 198.51.100.9:8080 1" in said(result, "On the way")
    refused = httptrace("summary", "refused.pcap")
    assert "Refused 1 connection, RST instead of SYN, ACK: 198.51.100.118:81 1" in said(refused, "On the way")
    assert "There is instead: 1 connection refused." in refused.text


def test_connections_without_payload(httptrace, tmp_path):
    result = httptrace("summary", saved(tmp_path, conversation()))
    assert "There is instead: 1 connection without payload." in headline(result)
    assert "1 opened or closed without a byte of payload" in said(result)


def test_a_reset_is_counted(httptrace):
    assert "Reset 1 connection ended by RST" in said(httptrace("summary", "reset.pcap"), "On the way")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("retransmission.pcap", "Sent again 1 segment (6.7% of all packets) in 1 connection, by servers"),
        ("out-of-order.pcap", "Out of order 1 segment in 1 connection, by servers"),
        ("lost-segment.pcap", "Missing 1,460 bytes of payload in 1 connection"),
    ],
)
def test_trouble_on_the_way(httptrace, name, expected):
    assert expected in said(httptrace("summary", name), "On the way")


# ---------------------------------------------------------------------- not TCP


def test_udp_names_its_ports_and_quic(httptrace, tmp_path):
    records = [datagram(40000, 443, 1), datagram(443, 40000, 2), datagram(5000, 53, 3)]
    path = write.save(tmp_path / "udp.pcap", records)
    result = httptrace("summary", path)
    assert result.status == 0
    assert "No HTTP was found, and no TCP connection at all. There is instead: UDP 3." in result.text
    assert "port 443 (usually HTTPS) 2 · port 53 (usually DNS) 1" in said(result)
    assert "QUIC" in said(result)
    assert "To go deeper" not in result.text


def test_what_is_not_ip_is_counted(httptrace, tmp_path):
    arp = bytes(12) + b"\x08\x06" + bytes(46)
    records = [write.Record(START_NS, 1, arp, len(arp)), *conversation(get(), ok(b"x")).records]
    result = httptrace("summary", write.save(tmp_path / "arp.pcap", records))
    assert "Not TCP 1 packet: not IP (ARP, LLDP, …) 1" in said(result)


def test_a_link_type_that_is_not_read(httptrace, tmp_path):
    path = write.save(tmp_path / "usb.pcap", [write.Record(START_NS, 249, bytes(64), 64)])
    result = httptrace("summary", path)
    assert "of a link type that is not read 1" in said(result)
    assert "→ This link type is not read" in said(result)


def test_a_capture_without_a_packet(httptrace, tmp_path):
    result = httptrace("summary", write.save(tmp_path / "none.pcap", []))
    assert result.status == 0
    assert "The capture holds no packet." in result.text
    assert "0 packets · 0 connections · 0 exchanges" in result.text


def test_a_capture_where_all_was_read_has_no_such_section(httptrace, tmp_path):
    result = httptrace("summary", saved(tmp_path, conversation(get(), ok(b"x"))))
    assert "Not read, and why" not in result.text


def test_syns_that_are_repeated_are_one_connection(httptrace, tmp_path):
    again = segment(Direction.CLIENT, 0, flags=SYN)
    capture = conversation(stop=1, insert=[(1, again)])
    assert "Unanswered 1 connection, a SYN" in said(httptrace("summary", saved(tmp_path, capture)), "On the way")
