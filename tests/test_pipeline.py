"""The whole chain: the same capture with every listener, streams beside exchanges, packets in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from httptrace import limits
from httptrace.capture.merge import open_captures
from httptrace.model import Exchange, GapGivenUp, Happening, MessageBegan, MessageEnded, PacketRecord, StreamRecord
from httptrace.pipeline import Analyzer, Options
from tests.build import (
    CLIENT,
    FIN,
    SERVER,
    START_NS,
    SYN,
    Capture,
    conversation,
    get,
    head,
    lost,
    ok,
    post,
    segment,
    together,
)

FIRST_PAGE = Path(__file__).parent.parent / "captures" / "first-page.pcap"


class Everything:
    """Takes all that an Analyzer gives."""

    def __init__(self, capture: Capture, watch: bool = True, **options: Any) -> None:
        self.exchanges: list[Exchange] = []
        self.streams: list[StreamRecord] = []
        self.packets: list[PacketRecord] = []
        self.happenings: list[tuple[int, Happening]] = []
        self.happened_on: list[tuple[int, int]] = []  # the connection it was told with, and its own
        analyzer = Analyzer(
            Options(**options),
            on_exchange=self.exchanges.append,
            on_stream=self.streams.append,
            on_packet=self.packets.append if watch else None,
            observer=self if watch else None,
        )
        for _ in analyzer.feed(capture.frames()):
            pass
        analyzer.finish()
        self.analyzer = analyzer

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        self._happen(record.packet, record.stream, happenings)

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        self._happen(0, stream, happenings)

    def _happen(self, packet: int, stream: int, happenings: list[Happening]) -> None:
        self.happenings += [(packet, one) for one in happenings]
        self.happened_on += [(stream, one.exchange.stream) for one in happenings if not isinstance(one, GapGivenUp)]


CAPTURES = {
    "plain": conversation(get("/a"), ok(b"one"), get("/b"), ok(b"two")),
    "lost": conversation(get("/a"), [head(content_length=9), lost(b"abc"), b"defghi"], get("/b"), ok(b"2")),
    "shuffled": conversation(get("/a"), ok(b"z" * 5000), swap=[(5, 7)], repeat=[6]),
    "two": together(
        conversation(get("/a"), ok(b"1")), conversation(post("/b", b"x=1"), ok(b"2"), client=("192.0.2.7", 7))
    ),
    "silent": together(
        conversation(get("/a"), [head(content_length=9), lost(b"abc"), b"defghi"]),
        conversation(get("/b"), ok(b"2"), client=("192.0.2.7", 7), start_ns=START_NS + 10**9),
        conversation(get("/c"), [head(content_length=6), lost(b"abc"), b"def"], client=("192.0.2.7", 8)),
    ),
    "snapped": conversation(get("/a"), ok(b"z" * 3000), get("/b"), ok(b"2"), snap=300),
    "reset": conversation(get("/a"), [head(content_length=9), b"abc"], closing="rst"),
    "no-end": conversation(get("/a"), ok(b"z" * 300), get("/b"), closing="none"),
    "no-syn": conversation(get("/a"), ok(b"1"), get("/b"), ok(b"2"), begin=5),
}
EACH = pytest.mark.parametrize("name", CAPTURES)


@EACH
def test_who_listens_changes_nothing(name: str) -> None:
    plain, watched = Everything(CAPTURES[name], watch=False), Everything(CAPTURES[name])
    assert plain.exchanges == watched.exchanges
    without = [asdict(stream) | {"analysis": None, "measures": None} for stream in watched.streams]
    assert [asdict(stream) for stream in plain.streams] == without


@EACH
def test_packets_come_in_capture_order_and_add_up(name: str) -> None:
    seen = Everything(CAPTURES[name])
    assert [one.packet for one in seen.packets] == list(range(1, len(CAPTURES[name].records) + 1))
    for stream in seen.streams:
        packets = [one for one in seen.packets if one.stream == stream.stream]
        assert len(packets) == stream.client_side.packets + stream.server_side.packets
        assert (packets[0].packet, packets[-1].packet) == (stream.first_packet, stream.last_packet)
        assert (packets[0].time_ns, packets[-1].time_ns) == (stream.time_ns, stream.end_time_ns)
        assert sum(one.sender is CLIENT for one in packets) == stream.client_side.packets


@EACH
def test_every_message_begins_and_ends_before_its_observer(name: str) -> None:
    seen = Everything(CAPTURES[name])
    began = [(one.exchange.no, one.sender) for _, one in seen.happenings if isinstance(one, MessageBegan)]
    ended = [(one.exchange.no, one.sender) for _, one in seen.happenings if isinstance(one, MessageEnded)]
    messages = sorted(
        (one.no, side)
        for one in seen.exchanges
        for side, message in ((CLIENT, one.request), (SERVER, one.response))
        if message is not None
    )
    assert sorted(began) == messages
    assert sorted(ended) == messages


@EACH
def test_what_happened_is_told_with_its_own_connection(name: str) -> None:
    seen = Everything(CAPTURES[name])
    assert seen.happened_on
    assert all(told == own for told, own in seen.happened_on)


def test_a_close_that_makes_room_does_not_tell_another_connection_s_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one ends, the connection that ended first may be forgotten: what the FIN ended is not that one's."""
    monkeypatch.setattr(limits, "CLOSED_CONNECTIONS", 1)
    until_close = [head(connection="close"), b"until the close"]
    seen = Everything(
        together(
            *(
                conversation(
                    *(get("/"), until_close),
                    client=("192.0.2.1", port),
                    start_ns=START_NS + port * 10**9,
                    closer=CLIENT,
                )
                for port in range(1, 6)
            )
        )
    )
    assert len(seen.happened_on) == 20
    assert all(told == own for told, own in seen.happened_on)


def test_time_ends_exchanges_of_silent_connections_before_later_ones_begin() -> None:
    """By capture time, not at the end of the capture: what waits behind them would wait as long."""
    seen = Everything(CAPTURES["silent"], watch=False)
    assert [(one.no, one.request.target if one.request else None) for one in seen.exchanges] == [
        (1, "/a"),
        (2, "/c"),
        (3, "/b"),
    ]


@EACH
def test_numbers_have_no_holes(name: str) -> None:
    seen = Everything(CAPTURES[name])
    assert sorted(one.no for one in seen.exchanges) == list(range(1, len(seen.exchanges) + 1))
    assert sorted(one.stream for one in seen.streams) == list(range(len(seen.streams)))
    assert {one.stream for one in seen.exchanges} <= {one.stream for one in seen.streams}


def test_relative_numbers_are_as_wireshark_shows_them() -> None:
    packets = Everything(conversation(get("/a"), ok(b"1"), isn=(2**32 - 1, 7))).packets
    assert [(one.flags, one.seq, one.ack) for one in packets[:3]] == [("S", 0, None), ("AS", 0, 1), ("A", 1, 1)]
    assert (packets[3].seq, packets[3].length) == (1, len(get("/a")))


def test_without_a_syn_the_first_byte_seen_is_1() -> None:
    packets = Everything(conversation(get("/a"), ok(b"1"), begin=4)).packets
    assert [(one.seq, one.ack) for one in packets[:2]] == [(1, 1), (1, 1 + len(get("/a")))]


@pytest.mark.parametrize(
    ("capture", "handshake", "close", "application"),
    [
        pytest.param(conversation(get("/a"), ok(b"1")), "complete", "fin", "http/1", id="whole"),
        pytest.param(conversation(get("/a"), ok(b"1"), closing="rst"), "complete", "rst", "http/1", id="reset"),
        pytest.param(conversation(get("/a"), ok(b"1"), closing="none"), "complete", "open", "http/1", id="open"),
        pytest.param(conversation(get("/a"), ok(b"1"), begin=2), "partial", "fin", "http/1", id="no-syn"),
        pytest.param(conversation(get("/a"), ok(b"1"), begin=4), "unseen", "fin", "http/1", id="in-the-middle"),
        pytest.param(conversation(closing="none"), "complete", "open", "unknown", id="no-data"),
        pytest.param(conversation(b"\x16\x03\x01\x00\x05hello", closing="none"), "complete", "open", "tls", id="tls"),
        pytest.param(
            conversation(b"\x16\x03\x01\x00\x05hello", b"HTTP/"), "complete", "fin", "tls", id="tls-answered-oddly"
        ),
        pytest.param(conversation(b"\x16\x03\x01\x00\x05hello", ok()), "complete", "fin", "http/1", id="tls-refused"),
    ],
)
def test_streams(capture: Capture, handshake: str, close: str, application: str) -> None:
    (stream,) = Everything(capture, watch=False).streams
    assert (stream.handshake, stream.close, stream.application) == (handshake, close, application)
    assert (stream.client.port, stream.server.port) == (40000, 80)


def test_the_client_is_who_asks_where_no_syn_was_captured() -> None:
    capture = conversation(get("/a"), ok(b"1"), begin=4, client=("192.0.2.1", 80), server=("198.51.100.1", 40000))
    seen = Everything(capture)
    assert seen.streams[0].client.port == 80
    assert seen.exchanges[0].client.port == 80


def test_a_port_that_is_used_again() -> None:
    first = conversation(get("/a"), ok(b"1"))
    again = conversation(get("/b"), ok(b"2"), isn=(9, 99), start_ns=1_800_000_000 * 10**9)
    seen = Everything(together(first, again))
    assert [(one.no, one.stream) for one in seen.exchanges] == [(1, 0), (2, 1)]
    assert ["port-reused" in one.analysis for one in seen.packets if one.flags == "S"] == [False, True]


def test_keys_of_both_ip_versions() -> None:
    capture = together(
        conversation(get("/a"), ok(b"1")),
        conversation(get("/b"), ok(b"2"), client=("2001:db8::1", 40000), server=("2001:db8::2", 80)),
    )
    clients = {one.client.ip for one in Everything(capture, watch=False).exchanges}
    assert clients == {"192.0.2.1", "2001:db8::1"}


def test_segments_that_belong_to_nothing_give_streams_and_no_exchange() -> None:
    stray = [(1, segment(SERVER, 5, b"", flags=FIN | SYN))]
    seen = Everything(conversation(get("/a"), ok(b"1"), insert=stray))
    assert len(seen.exchanges) == 1


def test_streams_with_analysis_measure_round_trips_and_offers() -> None:
    records: list[StreamRecord] = []
    analyzer = Analyzer(Options(analysis=True), on_stream=records.append)
    with open_captures([str(FIRST_PAGE)]) as captures:
        for _ in analyzer.feed(captures.frames()):
            pass
    analyzer.finish()
    assert records[0].measures is not None
    client, server = records[0].measures
    assert (client.mss, client.sack_permitted) == (1460, True)
    assert client.window_scale is not None
    assert server.window_scale is not None
    # The server's ACKs of SYN, two requests and FIN; the client's of SYN-ACK, five pieces and FIN.
    assert (client.round_trips, server.round_trips) == (4, 7)
    assert client.rtt_min_ns is not None
    assert client.rtt_max_ns is not None
    assert 8_000_000 < client.rtt_min_ns <= client.rtt_max_ns < 13_000_000
    assert (client.in_flight, server.in_flight) == (372, 1460)
