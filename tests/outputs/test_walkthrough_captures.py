"""The walkthrough of the captures that come with the project, through the whole chain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from httptrace.capture.merge import open_captures
from httptrace.model import Exchange, Happening, PacketRecord, StreamRecord
from httptrace.outputs.walkthrough import Known, Walkthrough
from httptrace.pipeline import Analyzer, Options
from tests.outputs.reading import verify
from tests.outputs.test_walkthrough import flat

CAPTURES = Path(__file__).parents[2] / "captures"
NAMES = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


class Told:
    """Every connection of a capture, read twice: for what is known beforehand, then told."""

    def __init__(self, path: Path, *, known: bool = True) -> None:
        exchanges: list[Exchange] = []
        self.streams: list[StreamRecord] = []
        self.packets: list[PacketRecord] = []
        feed(path, Analyzer(Options(), exchanges.append, self.streams.append, self.packets.append))
        self.streams.sort(key=lambda record: record.stream)
        self.lines: dict[int, list[str]] = {record.stream: [] for record in self.streams}
        self.walks = {}
        for record in self.streams:
            own = sorted((e for e in exchanges if e.stream == record.stream), key=lambda e: e.no)
            self.walks[record.stream] = Walkthrough(
                self.lines[record.stream].append,
                file=path.name,
                client=record.client,
                server=record.server,
                stream=record.stream,
                known=Known(len(self.packets), len(self.streams), len(exchanges), 0, record, own) if known else None,
            )
        feed(path, Analyzer(Options(), observer=self))
        for record in self.streams:
            self.walks[record.stream].finish(record)

    def packet(self, record: PacketRecord, happenings: list[Happening]) -> None:
        self.walks[record.stream].packet(record, happenings)

    def closing(self, stream: int, happenings: list[Happening]) -> None:
        self.walks[stream].closing(stream, happenings)


def feed(path: Path, analyzer: Analyzer) -> None:
    """All of a capture through the chain."""
    with open_captures([str(path)]) as capture:
        for _ in analyzer.feed(capture.frames()):
            pass
    analyzer.finish()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("known", [True, False], ids=["read-first", "streamed"])
def test_every_packet_is_told_once_and_right(name: str, known: bool) -> None:
    told = Told(CAPTURES / name, known=known)
    for record in told.streams:
        packets = [packet for packet in told.packets if packet.stream == record.stream]
        read = verify("".join(told.lines[record.stream]), packets)
        numbers = {packet.packet for packet in packets}
        inside = [no for first, last, _ in read.folds for no in range(first, last + 1) if no in numbers]
        assert sorted([*read.entries, *inside]) == sorted(numbers)


@pytest.mark.parametrize("name", NAMES)
def test_every_exchange_has_its_heading(name: str) -> None:
    told = Told(CAPTURES / name)
    text = "".join("".join(lines) for lines in told.lines.values())
    numbers: set[int] = set()
    for first, last in re.findall(r"^── Exchanges? (\d+)(?:–(\d+))?", text, re.M):
        numbers |= set(range(int(first), int(last or first) + 1))
    knowledge = [walk._known for walk in told.walks.values()]
    exchanges = [exchange.no for known in knowledge if known for exchange in known.of_connection]
    assert numbers == set(exchanges)


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        (
            "first-page.pcap",
            ["Step 3.", "No8 … No13", "With No12 the page is complete", "GET /562f25980001b1b106000338.jpg"],
        ),
        ("retransmission.pcap", ["sent before in No9. For 215.0 ms no confirmation came"]),
        ("lost-segment.pcap", ["the capture lost them, not the network", "Exchange 2: GET /after.html → 200 OK"]),
        ("out-of-order.pcap", ["come late (out of order): No7 with the bytes behind them was"]),
        ("reset.pcap", ["The server resets the connection (RST)", "stays incomplete: 2,801 of 5,200 bytes were seen."]),
        ("refused.pcap", ["Opening the connection: refused", "on port 81"]),
        ("keep-alive.pcap", ["2 TCP keep-alive probes"]),
        ("zero-window.pcap", ["window 0. The server must stop.", "window is open again: 2,920 bytes."]),
        ("pipelining.pcap", ["Exchanges 1–3, pipelined", "Exchanges 1–2: the answers"]),
        ("continue-100.pcap", ["100 Continue (go on and send the body)"]),
        ("chunked-gzip.pcap", ["4,798 bytes, 4 chunks, gzip, unpacked 8,147 bytes."]),
        ("status-503.pcap", ["It asks to wait 120 seconds before trying again (Retry-After)."]),
        ("no-content-type.pcap", ["[default-content-type]"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_capture_tells_its_story(name: str, sentences: list[str]) -> None:
    told = Told(CAPTURES / name)
    text = flat("".join(told.lines[0]))
    for sentence in sentences:
        assert sentence in text
