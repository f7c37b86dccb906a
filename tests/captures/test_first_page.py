"""first-page.pcap tells the story of the walkthrough in exactly its packet numbers."""

from __future__ import annotations

import gzip
import io

import dpkt
import pytest

from tests.captures.reading import CAPTURES, Seen, frames, packets

BROWSER, SERVER = "192.168.2.33:51022", "220.181.50.118:80"
GET_PAGE, GET_PICTURE, PICTURE = 372, 359, 906
FULL, REST = 1460, 657  # three full segments, and what is left of the page for the fourth
PAGE = 3 * FULL + REST

# number: sender, flags, seq, ack, bytes
STORY = {
    1: (BROWSER, "S", 0, None, 0),
    2: (SERVER, "SA", 0, 1, 0),
    3: (BROWSER, "A", 1, 1, 0),
    4: (BROWSER, "AP", 1, 1, GET_PAGE),
    5: (SERVER, "A", 1, 1 + GET_PAGE, 0),
    6: (SERVER, "A", 1, 1 + GET_PAGE, FULL),
    7: (BROWSER, "A", 1 + GET_PAGE, 1 + FULL, 0),
    8: (SERVER, "A", 1 + FULL, 1 + GET_PAGE, FULL),
    9: (BROWSER, "A", 1 + GET_PAGE, 1 + 2 * FULL, 0),
    10: (SERVER, "A", 1 + 2 * FULL, 1 + GET_PAGE, FULL),
    11: (BROWSER, "A", 1 + GET_PAGE, 1 + 3 * FULL, 0),
    12: (SERVER, "AP", 1 + 3 * FULL, 1 + GET_PAGE, REST),
    13: (BROWSER, "A", 1 + GET_PAGE, 1 + PAGE, 0),
    14: (BROWSER, "AP", 1 + GET_PAGE, 1 + PAGE, GET_PICTURE),
    15: (SERVER, "AP", 1 + PAGE, 1 + GET_PAGE + GET_PICTURE, PICTURE),
    16: (BROWSER, "FA", 1 + GET_PAGE + GET_PICTURE, 1 + PAGE + PICTURE, 0),
    17: (SERVER, "A", 1 + PAGE + PICTURE, 2 + GET_PAGE + GET_PICTURE, 0),
    18: (SERVER, "FA", 1 + PAGE + PICTURE, 2 + GET_PAGE + GET_PICTURE, 0),
    19: (BROWSER, "A", 2 + GET_PAGE + GET_PICTURE, 2 + PAGE + PICTURE, 0),
}

USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.106 Safari/537.36"
)


@pytest.fixture(scope="module")
def seen() -> dict[int, Seen]:
    return {packet.number: packet for packet in packets("first-page.pcap")}


def test_nineteen_packets(seen: dict[int, Seen]) -> None:
    assert list(seen) == list(STORY)


@pytest.mark.parametrize("number", STORY, ids=lambda number: f"No{number}")
def test_packet(seen: dict[int, Seen], number: int) -> None:
    packet = seen[number]
    assert (packet.source, packet.flags, packet.seq, packet.ack, len(packet.payload)) == STORY[number]


def test_no4_asks_for_the_page(seen: dict[int, Seen]) -> None:
    request = dpkt.http.Request(seen[4].payload)
    assert (request.method, request.uri, request.version) == ("GET", "/", "1.1")
    assert request.headers["host"] == "www.imooc.com"
    assert request.headers["user-agent"] == USER_AGENT


def test_no6_to_no12_carry_the_page(seen: dict[int, Seen]) -> None:
    response = dpkt.http.Response(b"".join(seen[number].payload for number in (6, 8, 10, 12)))
    assert (response.status, response.reason) == ("200", "OK")
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) == len(response.body)
    page = gzip.decompress(response.body)
    assert page == (CAPTURES / "material" / "first-page.html").read_bytes()
    assert "三次握手" in page.decode()


def test_no14_asks_for_the_picture(seen: dict[int, Seen]) -> None:
    request = dpkt.http.Request(seen[14].payload)
    assert (request.method, request.uri, request.version) == ("GET", "/562f25980001b1b106000338.jpg", "1.1")
    wanted = {
        "host": "img.mukewang.com",
        "user-agent": USER_AGENT,
        "accept": "image/webp,image/*,*/*;q=0.8",
        "referer": "http://www.imooc.com/",
        "accept-encoding": "gzip, deflate, sdch",
        "accept-language": "zh-CN,zh;q=0.8",
    }
    assert wanted.items() <= request.headers.items()


def test_no15_brings_the_picture(seen: dict[int, Seen]) -> None:
    response = dpkt.http.Response(seen[15].payload)
    assert (response.status, response.reason) == ("200", "OK")
    assert response.headers["content-type"] == "image/jpeg"
    assert int(response.headers["content-length"]) == len(response.body)
    assert response.body.startswith(b"\xff\xd8")


def test_syn_announces_segment_size_scale_and_selective_acknowledgment() -> None:
    for _, frame in frames("first-page.pcap")[:2]:
        tcp = dpkt.ethernet.Ethernet(frame).data.data
        options = dict(dpkt.tcp.parse_opts(tcp.opts))
        assert options[dpkt.tcp.TCP_OPT_MSS] == (1460).to_bytes(2, "big")
        assert {dpkt.tcp.TCP_OPT_WSCALE, dpkt.tcp.TCP_OPT_SACKOK} <= options.keys()


def test_times_are_those_of_a_distant_server(seen: dict[int, Seen]) -> None:
    assert 0.007 < seen[2].time - seen[1].time < 0.010  # one round trip
    assert 0.020 < seen[6].time - seen[5].time < 0.025  # the server thinks
    assert seen[19].time - seen[1].time < 0.4


def test_story_is_tcp_over_ipv4_in_june_2016(seen: dict[int, Seen]) -> None:
    with (CAPTURES / "first-page.pcap").open("rb") as file:
        reader = dpkt.pcap.Reader(io.BytesIO(file.read()))
        assert reader.datalink() == dpkt.pcap.DLT_EN10MB
    assert 1_467_072_000 <= seen[1].time < 1_467_158_400  # 2016-06-28, UTC
