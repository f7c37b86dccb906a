"""Which packets carried which bytes: against the records, against the bytes themselves, and by a naive count."""

from __future__ import annotations

import random
from base64 import b64decode
from itertools import pairwise
from pathlib import Path

import pytest

from httptrace import read as exchanges_of
from httptrace.cli.main import main
from httptrace.model import Direction
from httptrace.outputs.report.bytemap import Span, carried
from tests.outputs.report.made import CAPTURES, ROOT, of

CLIENT, SERVER = Direction.CLIENT, Direction.SERVER


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_a_message_begins_and_ends_where_its_record_says(capture: Path) -> None:
    made = of(capture)
    checked = 0
    for exchange in exchanges_of(str(capture)):
        ladder = made.ladders[exchange.stream]
        for kind, message in (("request", exchange.request), ("response", exchange.response)):
            if message is None:
                continue
            spans = [at for at, span in enumerate(ladder["spans"]) if span[:2] == [exchange.no, kind]]
            assert len(spans) == 1
            _no, _kind, _sender, start, end, head, _label = ladder["spans"][spans[0]]
            assert head == message.header_size
            pieces = sorted(
                (low, high, ladder["packets"][packet][0])
                for packet, span, low, high, again in ladder["carried"]
                if span == spans[0] and not again
            )
            assert pieces[0][2] == message.first_packet
            assert pieces[-1][2] == message.last_packet
            if message.complete:
                assert pieces[0][0] == 0
                assert [high for _low, high, _packet in pieces[:-1]] == [low for low, _high, _packet in pieces[1:]]
                assert pieces[-1][1] == end - start
            checked += 1
    assert checked or not made.core["rows"]


@pytest.mark.parametrize("name", ["first-page", "chunked-gzip", "out-of-order", "continue-100", "multipart-upload"])
def test_the_bytes_are_those_that_show_raw_writes(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    capture = ROOT / "captures" / f"{name}.pcap"
    for no, detail in of(capture).details.items():
        for kind in ("request", "response"):
            capfdbinary.readouterr()
            assert main(["show", str(capture), str(no), "--raw", f"--{kind}"]) == 0
            raw = capfdbinary.readouterr().out
            (place, encoded), *more = detail[kind]["sent"]["pieces"]
            sent = b64decode(encoded)
            assert (place, more) == (0, [])
            assert raw.startswith(sent)
            assert len(sent) == len(raw) or len(sent) > 4096


def test_what_came_again_is_marked() -> None:
    span = Span(1, "response", SERVER, 1, 101, 20, "200")
    found = carried([span], [(0, SERVER, 1, 60), (1, SERVER, 41, 60), (2, SERVER, 1, 60), (3, CLIENT, 1, 60)])
    assert [(one.packet, one.low, one.high, one.again) for one in found] == [
        (0, 0, 60, False),
        (1, 40, 60, True),
        (1, 60, 100, False),
        (2, 0, 60, True),
    ]


def test_one_packet_carries_several_messages() -> None:
    spans = [Span(2, "request", CLIENT, 11, 21, 10, ""), Span(1, "request", CLIENT, 1, 11, 10, "")]
    found = carried(spans, [(0, CLIENT, 1, 15), (1, CLIENT, 16, 9)])
    assert [(one.packet, one.span, one.low, one.high) for one in found] == [(0, 1, 0, 10), (0, 0, 0, 5), (1, 0, 5, 10)]


@pytest.mark.parametrize("seed", range(40), ids=lambda seed: f"seed-{seed}")
def test_a_naive_count_of_every_byte_agrees(seed: int) -> None:
    rng = random.Random(seed)
    bounds = sorted(rng.sample(range(1, 400), 8))
    spans = [Span(at, "request", CLIENT, low, high, 1, "") for at, (low, high) in enumerate(pairwise(bounds))]
    segments = [(at, CLIENT, rng.randrange(1, 400), rng.randrange(0, 60)) for at in range(60)]
    seen: set[int] = set()
    naive: set[tuple[int, int, int, bool]] = set()  # packet, span, octet, again
    for packet, _sender, start, length in segments:
        for octet in range(start, start + length):
            for at, span in enumerate(spans):
                if span.start <= octet < span.end:
                    naive.add((packet, at, octet - span.start, octet in seen))
        seen |= set(range(start, start + length))
    found = carried(spans, segments)
    octets = [(one.packet, one.span, octet, one.again) for one in found for octet in range(one.low, one.high)]
    assert len(octets) == len(set(octets))
    assert set(octets) == naive
