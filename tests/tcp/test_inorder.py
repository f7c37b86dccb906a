"""The loop that takes frames of the usual shape does what the tracker does segment by segment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from httptrace.capture.merge import open_captures
from httptrace.model import At, End, PlainSink
from httptrace.packets.decode import Decoder
from httptrace.tcp import inorder
from httptrace.tcp.connection import Connection
from httptrace.tcp.tracker import Tracker
from tests.build import conversation, get, head, lost, together

CAPTURES = sorted((Path(__file__).parent.parent.parent / "captures").glob("*.pcap*"))


class Told(PlainSink):
    """Writes down what it is told; long pieces come through the side door, as inside a long body."""

    def __init__(self, calls: list[Any], place: tuple[int, int]) -> None:
        self.calls = calls
        self.place = place
        self.bulk = 0

    def data(self, data: bytes, at: At) -> None:
        self.bulk = 20_000 if len(data) > 1_000 else 0
        self.calls.append((self.place, data, at))

    def take(self, data: bytes) -> None:
        self.calls.append((self.place, data, self.bulk, self.bulk_at))

    def gap(self, length: int, at: At) -> None:
        self.calls.append((self.place, length, at))

    def end(self, reason: End, at: At) -> None:
        self.calls.append((self.place, reason, at))


def told(path: Path, loop: bool) -> tuple[list[Any], list[Any], list[Any]]:
    calls: list[Any] = []
    connections: list[Connection] = []

    def opened(connection: Connection) -> None:
        for half in connection.sides:
            half.sink = Told(calls, (len(connections), half.index))
        connections.append(connection)

    tracker = Tracker(opened, lambda _: None, lambda half, offset: calls.append(("differs", half.index, offset)))
    decoder = Decoder()
    with open_captures([str(path)]) as captures:
        if loop:
            steps = list(inorder.run(captures.frames(), decoder, tracker))
        else:
            steps = list(decoder.run(captures.frames(), tracker.segment))
    halves = [
        (half.packets, half.bytes, half.offset, half.next_seq, half.acked_seq, half.last_at, half.last_packet)
        for connection in connections
        for half in connection.sides
    ]
    tracker.finish()
    counts = [decoder.packets, decoder.tcp_packets, decoder.wire_bytes, decoder.captured_bytes, decoder.skipped]
    return calls, halves, [*counts, steps]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_the_loop_and_the_tracker_agree(path: Path) -> None:
    assert told(path, loop=True) == told(path, loop=False)


def test_time_brought_by_others_ends_graces_in_both(tmp_path: Path) -> None:
    """Of every connection a packet is lost near its end; each further one begins while some of these are silent."""
    path = together(
        *(
            conversation(
                get(f"/{place}"),
                [head(content_length=9), lost(b"abc"), b"defghi"],
                client=("192.0.2.1", 40_000 + place),
                start_ns=1_700_000_000_000_000_000 + place * 70_000_000,
            )
            for place in range(30)
        )
    ).save(tmp_path / "silent.pcap")
    calls, *rest = told(path, loop=True)
    assert (calls, *rest) == told(path, loop=False)
    gaps = [place for place, call in enumerate(calls) if call[1] == 3]
    assert len(gaps) == 30
    heads = [place for place, call in enumerate(calls) if isinstance(call[1], bytes) and call[1].startswith(b"GET")]
    assert sum(gap > heads[-1] for gap in gaps) < 8, "all others were given up before the last connection began"


def test_the_loop_calls_the_tracker_only_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[int] = []
    other = Tracker.other

    def counted(self: Tracker, *arguments: Any) -> Any:
        slow.append(1)
        return other(self, *arguments)

    monkeypatch.setattr(Tracker, "other", counted)
    told(next(path for path in CAPTURES if path.name == "first-page.pcap"), loop=True)
    assert 0 < len(slow) <= 8  # the handshake and the close
