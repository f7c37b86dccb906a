"""Every bound on what is kept over all connections, reached: noted or counted, and what was taken is given back."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest

from httptrace.exchanges.dialogue import Dialogue
from httptrace.exchanges.progress import Progress
from httptrace.limits import GAPS, INFORMATIONAL, KIB, STANDARD, Bounds, Room, Rooms
from httptrace.model import Direction, Exchange, PacketRecord, StreamRecord
from httptrace.pipeline import Analyzer, Options
from tests.tcp.wire import ACK, FIN, MS, SYN, key_of

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER

GET = b"GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


class Crowd:
    """Many connections, one a port, said to an Analyzer."""

    def __init__(self, bounds: Bounds = STANDARD, watch: bool = False) -> None:
        self.exchanges: list[Exchange] = []
        self.streams: list[StreamRecord] = []
        self.packets: list[PacketRecord] = []
        self.analyzer = Analyzer(
            Options(bounds=bounds),
            on_exchange=self.exchanges.append,
            on_stream=self.streams.append,
            on_packet=self.packets.append if watch else None,
        )
        self.bounds = bounds
        self._sent: dict[int, list[int]] = {}
        self._packet = 0

    def segment(self, port: int, side: Direction, seq: int, data: bytes = b"", flags: int = ACK, ack: int = -1) -> None:
        sent = self._sent.setdefault(port, [1, 1])
        self._packet += 1
        self.analyzer.tracker.segment(
            *(key_of(side, port), seq, (sent[1 - side] if ack < 0 else ack) if flags & ACK else 0, flags),
            *(data, len(data), self._packet, self._packet * MS),
        )

    def open(self, port: int) -> None:
        self.segment(port, CLIENT, 0, flags=SYN)
        self.segment(port, SERVER, 0, flags=SYN | ACK)
        self.segment(port, CLIENT, 1)

    def say(self, port: int, side: Direction, data: bytes, mss: int = 1460) -> None:
        if port not in self._sent:
            self.open(port)
        for place in range(0, len(data), mss):
            piece = data[place : place + mss]
            self.segment(port, side, self._sent[port][side], piece)
            self._sent[port][side] += len(piece)

    def close(self, port: int) -> None:
        for side in (CLIENT, SERVER):
            self.segment(port, side, self._sent[port][side], flags=FIN | ACK)
            self._sent[port][side] += 1

    def finish(self) -> list[Exchange]:
        """The exchanges in order; whatever was taken of a room is there again."""
        self.analyzer.decoder.packets = self._packet
        self.analyzer.finish()
        rooms, fresh = self.analyzer.rooms, Rooms(self.bounds)
        for name in Rooms.__slots__:
            assert getattr(rooms, name).left == getattr(fresh, name).left, name
        tracker = self.analyzer.tracker
        assert (tracker.held, tracker.pieces) == (0, 0)
        return sorted(self.exchanges, key=lambda one: one.no)


def codes(exchange: Exchange) -> set[str]:
    return {note.code for note in exchange.notes}


def test_a_room_counts_what_it_refuses() -> None:
    room = Room(10)
    assert room.take(10)
    assert not room.take(1)
    room.give_back(10)
    assert (room.left, room.refused) == (10, 1)


# ---------------------------------------------------------------------- open exchanges


def test_the_oldest_pipelined_request_is_given_up_and_the_others_keep_their_responses() -> None:
    crowd = Crowd(replace(STANDARD, pipelined=3))
    for number in range(1, 6):
        crowd.say(1, CLIENT, GET % number)
    crowd.say(1, SERVER, OK * 5)
    found = crowd.finish()
    pairs = [(one.request and one.request.target, one.response and one.response.status) for one in found]
    assert pairs == [("/1", None), ("/2", None), ("/3", 200), ("/4", 200), ("/5", 200), (None, 200), (None, 200)]
    assert all(codes(one) == {"exchange-limit"} for one in (*found[:2], *found[5:]))
    assert not any(codes(one) for one in found[2:5])
    assert crowd.analyzer.rooms.exchanges.refused == 2


@pytest.mark.parametrize("pieces", [1460, 50], ids=["whole", "in-pieces"])
def test_open_exchanges_are_bounded_over_all_connections(pieces: int) -> None:
    crowd = Crowd(replace(STANDARD, exchanges=20_000))
    fields = b"".join(b"F%d: v\r\n" % number for number in range(20))
    for number in range(40):
        crowd.say(number % 4, CLIENT, b"GET /%d HTTP/1.1\r\n%b\r\n" % (number, fields), pieces)
        assert sum(one.weight for one in open_exchanges(crowd)) <= 20_000
    found = crowd.finish()
    assert len(found) == 40
    given_up = [one for one in found if "exchange-limit" in codes(one)]
    assert len(given_up) == crowd.analyzer.rooms.exchanges.refused > 20


def open_exchanges(crowd: Crowd) -> list[Progress]:
    halves = {half.connection.application for half in crowd.analyzer.tracker.halves.values()}
    dialogues = [application.dialogue for application in halves]  # type: ignore[attr-defined]
    return [one for dialogue in dialogues if isinstance(dialogue, Dialogue) for one in dialogue._open.values()]


def test_a_large_head_without_room_leaves_its_fields_out() -> None:
    crowd = Crowd(replace(STANDARD, exchanges=8 * KIB))
    crowd.say(1, CLIENT, b"POST / HTTP/1.1\r\nContent-Length: 4\r\n" + b"A: b\r\n" * 1_000 + b"\r\n")
    crowd.say(1, CLIENT, b"abcd")
    crowd.say(1, SERVER, OK)
    first, alone = crowd.finish()
    assert (first.request.headers, first.request.body.size) == ([], 4)  # type: ignore[union-attr]
    assert codes(first) == codes(alone) == {"exchange-limit"}
    assert alone.response is not None


def test_informational_responses_are_bounded() -> None:
    crowd = Crowd()
    crowd.say(1, CLIENT, GET % 1)
    for _ in range(INFORMATIONAL + 50):
        crowd.say(1, SERVER, b"HTTP/1.1 102 Processing\r\n\r\n")
    crowd.say(1, SERVER, OK)
    (only,) = crowd.finish()
    assert len(only.informational) == INFORMATIONAL
    assert only.response is not None
    assert codes(only) == {"exchange-limit"}
    assert crowd.analyzer.rooms.exchanges.refused == 50


def test_informational_responses_are_bounded_over_all_connections() -> None:
    crowd = Crowd(replace(STANDARD, exchanges=10_000))
    for port in range(10):
        crowd.say(port, CLIENT, GET % port)
        for _ in range(10):
            crowd.say(port, SERVER, b"HTTP/1.1 102 Processing\r\n\r\n")
    for port in range(10):
        crowd.say(port, SERVER, OK)
    found = crowd.finish()
    assert 0 < sum(len(one.informational) for one in found) < 20
    assert sum("exchange-limit" in codes(one) for one in found) >= 8


# ---------------------------------------------------------------------- heads, beginnings, decoders


def test_unfinished_heads_are_bounded_over_all_connections() -> None:
    crowd = Crowd(replace(STANDARD, heads=4_000))
    for port in range(20):
        crowd.say(port, CLIENT, b"GET /%d HTTP/1.1\r\n" % port + b"A: b\r\n" * 150, 100)
    assert crowd.analyzer.rooms.heads.left >= 0
    for port in range(20):
        crowd.say(port, CLIENT, b"\r\n")
    found = crowd.finish()
    assert len(found) == 20
    cut = [one for one in found if "head-limit" in codes(one)]
    assert len(cut) == crowd.analyzer.rooms.heads.refused >= 15
    assert any(one.request.complete for one in found if one.request)


@pytest.mark.parametrize(
    "unfinished",
    [
        pytest.param(b"0\r\n" + b"Trailer: of some length\r\n" * 50, id="trailers"),
        pytest.param(b"5;" + b"x" * 1_300, id="chunk-size-line"),
    ],
)
def test_unfinished_lines_of_chunked_content_are_bounded_over_all_connections(unfinished: bytes) -> None:
    crowd = Crowd(replace(STANDARD, heads=2_000))
    for port in range(5):
        crowd.say(port, CLIENT, GET % port)
        crowd.say(port, SERVER, b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n")
        crowd.say(port, SERVER, unfinished, 100)
    found = crowd.finish()
    assert sum("head-limit" in codes(one) for one in found) == 4 == crowd.analyzer.rooms.heads.refused
    assert not any(one.response.complete for one in found if one.response)


def test_undecided_beginnings_are_bounded_over_all_connections() -> None:
    crowd = Crowd(replace(STANDARD, beginnings=5_000))
    for port in range(10):
        crowd.say(port, CLIENT, b"G")
        for _ in range(8):
            crowd.say(port, SERVER, b"\x00binary that is nothing known" * 4)
    for port in range(10):
        crowd.say(port, CLIENT, (GET % port)[1:])
    found = crowd.finish()
    assert 0 < len(found) < 10
    assert [one.application for one in crowd.streams].count("unknown") == 10 - len(found)
    assert crowd.analyzer.rooms.beginnings.refused == 10 - len(found)


def test_hellos_that_are_put_together_are_bounded_over_all_connections() -> None:
    crowd = Crowd(replace(STANDARD, beginnings=5_000))
    for port in range(10):
        crowd.say(port, CLIENT, b"\x16\x03\x01\x10\x00\x01\x00\x0f\xfc\x03\x03" + bytes(1_400), 500)
    assert crowd.analyzer.rooms.beginnings.refused == 7
    crowd.finish()
    assert [one.application for one in crowd.streams] == ["tls"] * 10


def coded(coding: str, body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (coding.encode(), len(body)) + body


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_open_decoders_are_bounded_over_all_connections(coding: str) -> None:
    content = bytes(range(256)) * 20
    body = {"deflate": zlib.compress, "gzip": gzip.compress}.get(coding, zlib.compress)(content)
    if coding == "br":
        body = pytest.importorskip("brotli").compress(content)
    elif coding == "zstd":
        body = pytest.importorskip("zstandard").compress(content)
    elif coding == "gzip, gzip":
        body = gzip.compress(gzip.compress(content))
    crowd = Crowd(replace(STANDARD, decoders=1024 * KIB))
    for port in range(12):
        crowd.say(port, CLIENT, GET % port)
        crowd.say(port, SERVER, coded(coding, body)[:-5], 200)
    for port in range(12):
        crowd.say(port, SERVER, coded(coding, body)[-5:])
    found = crowd.finish()
    sizes = [one.response.body.decoded_size for one in found if one.response]
    plain = sizes.count(len(body))
    assert plain == crowd.analyzer.rooms.decoders.refused > 0
    assert sizes.count(len(content)) == 12 - plain > 0
    for one, size in zip(found, sizes, strict=True):
        assert codes(one) == ({"decode-limit"} if size == len(body) else set())


def test_a_window_that_grows_beyond_the_room_ends_the_decoding() -> None:
    zstandard = pytest.importorskip("zstandard")
    body = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(4 << 20))
    crowd = Crowd(replace(STANDARD, decoders=2 << 20))
    crowd.say(1, CLIENT, GET % 1)
    crowd.say(1, SERVER, coded("zstd", body), 20)
    (only,) = crowd.finish()
    assert only.response is not None
    assert 1 << 20 < only.response.body.decoded_size < 3 << 20
    assert codes(only) == {"decode-limit"}


# ---------------------------------------------------------------------- segments and marks


def test_held_segments_are_bounded_however_short_they_are() -> None:
    crowd = Crowd(replace(STANDARD, segments=100))
    for port in range(4):
        crowd.open(port)
        for place in range(200):
            crowd.segment(port, CLIENT, 10 + 2 * place, b"x")
            assert crowd.analyzer.tracker.pieces <= 100
    assert crowd.analyzer.tracker.store_full > 0
    crowd.finish()
    assert all(one.client_side.bytes == 200 for one in crowd.streams)


def test_segments_that_fill_many_holes_at_once_are_not_counted_short() -> None:
    crowd = Crowd(replace(STANDARD, segments=10_000))
    crowd.open(1)
    for place in range(50):
        crowd.segment(1, CLIENT, 10 + 2 * place, b"x")
    crowd.segment(1, CLIENT, 10, b"y" * 100)
    held = crowd.analyzer.tracker.halves[key_of(CLIENT, 1)].held
    assert held is not None
    assert crowd.analyzer.tracker.pieces >= sum(map(len, held._chunks)) == 100
    crowd.finish()


def test_gaps_are_remembered_within_a_bound_over_all_connections() -> None:
    crowd = Crowd(replace(STANDARD, marks=100))
    for port in range(3):
        crowd.say(port, CLIENT, b"nothing known")
        for place in range(100):
            half = crowd.analyzer.tracker.halves[key_of(CLIENT, port)]
            crowd.analyzer.tracker.segment(
                *(key_of(CLIENT, port), 100 + 10 * place, 1, ACK, b"abc", 10, 1_000 * port + place, place * MS)
            )
            for number in range(40):
                crowd.segment(port, SERVER, 1, ack=110 + 10 * place + number // 40)
        assert half.gaps is None or len(half.gaps) <= 100
    assert crowd.analyzer.rooms.marks.left >= 0
    assert crowd.analyzer.rooms.marks.refused > 0
    crowd.finish()
    assert all(one.client_side.missing_bytes for one in crowd.streams)


def test_late_bytes_that_split_a_gap_are_remembered_within_the_bound() -> None:
    crowd = Crowd()
    crowd.say(1, CLIENT, b"nothing known")
    crowd.segment(1, CLIENT, 100_000, b"x")
    crowd.segment(1, SERVER, 1, ack=100_001)
    for _ in range(40):
        crowd.segment(1, SERVER, 1, ack=100_001)
    half = crowd.analyzer.tracker.halves[key_of(CLIENT, 1)]
    for place in range(2 * GAPS):
        crowd.segment(1, CLIENT, 1_000 + 4 * place, b"y")
    assert half.gaps is not None
    assert len(half.gaps) <= GAPS
    crowd.finish()


@pytest.mark.parametrize(("marks", "missing"), [(100, 10), (0, 30)], ids=["each-its-own-grace", "one-grace-for-all"])
def test_acknowledgements_wait_for_their_grace_within_a_bound(marks: int, missing: int) -> None:
    crowd = Crowd(replace(STANDARD, marks=marks))
    crowd.say(1, CLIENT, GET % 1)
    for place in (11, 31, 51):
        crowd.segment(1, SERVER, place, b"0123456789", ack=38)
    crowd.segment(1, CLIENT, 38, ack=21)
    for _ in range(10):
        crowd.segment(1, CLIENT, 38, ack=21)
    crowd.segment(1, CLIENT, 38, ack=61)
    for _ in range(25):
        crowd.segment(1, CLIENT, 38, ack=61)
    assert crowd.analyzer.tracker.halves[key_of(SERVER, 1)].missing == missing
    assert bool(crowd.analyzer.rooms.marks.refused) == (not marks)
    crowd.finish()


def test_differing_overlaps_are_remembered_within_a_bound() -> None:
    crowd = Crowd(replace(STANDARD, marks=50))
    crowd.say(1, CLIENT, GET % 1)
    crowd.segment(1, SERVER, 101, b"ab" * 300, ack=38)
    crowd.segment(1, SERVER, 101, b"cb" * 300, ack=38)
    assert crowd.analyzer.rooms.marks.refused >= 250
    crowd.finish()


def test_round_trips_are_awaited_within_a_bound() -> None:
    crowd = Crowd(replace(STANDARD, marks=20), watch=True)
    for port in range(3):
        segments = [(port, CLIENT, 1 + place, b"x") for place in range(20)]
        crowd.open(port)
        for one in segments:
            watch(crowd, *one)
    assert crowd.analyzer.rooms.marks.left == 0
    assert crowd.analyzer.rooms.marks.refused >= 40
    crowd.finish()


def watch(crowd: Crowd, port: int, side: Direction, seq: int, data: bytes) -> None:
    """A segment that the analysis looks at as well."""
    from httptrace.packets.decode import Segment

    segment = Segment(key_of(side, port), seq, 1, ACK, 8_000, data, len(data), b"", False)
    crowd.analyzer._watch(segment, seq, seq * MS)


# ---------------------------------------------------------------------- whatever happens


def test_a_connection_with_a_defect_gives_back_what_it_took() -> None:
    crowd = Crowd()
    crowd.analyzer.tracker.contain = crowd.analyzer._contain
    body = gzip.compress(bytes(range(256)) * 100)
    crowd.say(1, CLIENT, GET % 1 + GET % 2)
    crowd.say(1, SERVER, b"HTTP/1.1 103 Early Hints\r\n\r\n" + coded("gzip", body)[:-20])
    crowd.say(2, CLIENT, b"GET / HTTP/1.1\r\nUnfin")
    crowd.say(3, CLIENT, GET % 3)
    crowd.say(3, SERVER, b"HTTP/1.1 103 Early Hints\r\n\r\n")
    crowd.segment(3, SERVER, 101, b"ab" * 100)
    crowd.segment(3, SERVER, 101, b"cb" * 100)
    crowd.say(4, CLIENT, b"\x01?")
    assert all(
        getattr(crowd.analyzer.rooms, name).left < getattr(Rooms(STANDARD), name).left for name in Rooms.__slots__
    )
    for half in list(crowd.analyzer.tracker.halves.values()):
        crowd.analyzer.tracker.defect(half.connection, ValueError("a defect"))
    crowd.finish()
    assert len(crowd.analyzer.defects) == 4
