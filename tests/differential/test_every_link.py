"""One exchange in all that can carry it: link layers, tunnels, options, fragments, forms of capture files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.build import Capture, conversation, get, ok
from tests.generate import write
from tests.generate.link import LINKS, TUNNELS

from . import ours

BODY = bytes(range(256)) * 9
ENDS = {
    4: (("192.0.2.1", 40000), ("198.51.100.1", 80)),
    6: (("2001:db8::1", 40000), ("2001:db8::80", 80)),
}


def carried(version: int, link: str, tunnel: str = "none", network: str = "plain") -> Capture:
    client, server = ENDS[version]
    turns = (get("/a"), ok(BODY), get("/b"), ok(b"2"))
    return conversation(*turns, client=client, server=server, link=link, tunnel=tunnel, network=network, mss=700)


def check(records: list[ours.Record], version: int) -> None:
    assert [record["request"]["target"] for record in records] == ["/a", "/b"]
    assert [record["response"]["body"]["size"] for record in records] == [len(BODY), 1]
    (host, port), (server, _) = ENDS[version]
    assert records[0]["client"] == {"ip": host, "port": port}
    assert records[0]["server"]["ip"] == server
    assert not any(note["code"] in ("content-gap", "truncated") for record in records for note in record["notes"])


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("network", ["plain", "options", "fragments", "fragments-back"])
@pytest.mark.parametrize("link", LINKS)
def test_link_layer(link: str, network: str, version: int) -> None:
    check(ours.read(carried(version, link, network=network)), version)


@pytest.mark.parametrize("version", [4, 6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("network", ["plain", "fragments"])
@pytest.mark.parametrize("tunnel", [tunnel for tunnel in TUNNELS if tunnel != "none"])
def test_tunnel(tunnel: str, network: str, version: int) -> None:
    if tunnel == "teredo" and version == 4:
        version = 6  # it carries nothing else (RFC 4380)
    check(ours.read(carried(version, "ethernet", tunnel, network)), version)


@pytest.mark.parametrize("nanoseconds", [False, True], ids=["microseconds", "nanoseconds"])
@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
def test_pcap_in_every_form(order: str, nanoseconds: bool, tmp_path: Path) -> None:
    path = tmp_path / "form.pcap"
    capture = carried(4, "ethernet")
    path.write_bytes(write.pcap(capture.records, order=order, nanoseconds=nanoseconds))
    records = ours.exchanges(path)
    check(records, 4)
    exact = capture.segments[3].time_ns
    assert records[0]["request"]["time_ns"] == (exact if nanoseconds else exact // 1000 * 1000)


@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
def test_pcapng_in_every_form(order: str, tmp_path: Path) -> None:
    path = tmp_path / "form.pcapng"
    capture = carried(4, "ethernet")
    path.write_bytes(write.pcapng(capture.records, order=order))
    records = ours.exchanges(path)
    check(records, 4)
    assert records[0]["request"]["time_ns"] == capture.segments[3].time_ns
