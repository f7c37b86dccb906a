"""What must hold for any conversation, however odd."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from httptrace.model import ANALYSIS
from httptrace.tcp.analysis import Analysis
from tests.tcp.segments import ACK, MASK, RST, SYN, Segment, capture, frame, random_conversation
from tests.tcp.talk import HANDSHAKE, analyse, client, server, timeline

#: Words that exclude each other: what a segment that was sent before can be, and what a repeated ACK can be.
ONE_OF = [
    {"spurious-retransmission", "fast-retransmission", "out-of-order"},
    {"dup-ack", "window-update", "keep-alive-ack"},
    {"zero-window-probe", "zero-window"},
    {"lost-segment", "out-of-order"},
]


@pytest.mark.parametrize("seed", range(60))
def test_words_fit_the_segment(seed: int) -> None:
    segments = random_conversation(random.Random(seed))
    for segment, words in zip(segments, analyse(segments), strict=True):
        assert set(words) <= set(ANALYSIS)
        assert list(words) == sorted(words, key=ANALYSIS.index)
        for group in ONE_OF:
            assert len(group & set(words)) <= 1
        if {"fast-retransmission", "spurious-retransmission"} & set(words):
            assert "retransmission" in words
        if "out-of-order" in words:
            assert "retransmission" not in words
        if {"dup-ack", "window-update", "keep-alive-ack"} & set(words):
            assert segment.length == 0
        if "window-full" in words:
            assert segment.length > 0


def _moved(segment: Segment, by: tuple[int, int]) -> Segment:
    """The same segment in a conversation with other initial sequence numbers; an ack that says nothing
    stays 0."""
    seq = (segment.seq + by[segment.side]) & MASK
    ack = (segment.ack + by[1 - segment.side]) & MASK if segment.flags & ACK else 0
    return replace(segment, seq=seq, ack=ack)


@pytest.mark.parametrize("seed", range(40))
def test_the_initial_sequence_number_changes_nothing(seed: int) -> None:
    """As long as no number is exactly 0, which stands for "not seen"."""
    rng = random.Random(seed)
    original = random_conversation(rng)
    results = []
    for _ in range(2):
        by = (rng.randrange(1, MASK), rng.randrange(1, MASK))
        results.append(analyse([_moved(segment, by) for segment in original]))
    assert results[0] == results[1]


@pytest.mark.parametrize("seed", range(10))
def test_two_connections_do_not_touch(seed: int) -> None:
    one, other = random_conversation(random.Random(seed)), random_conversation(random.Random(seed + 1000))
    first, second = Analysis(), Analysis()
    mixed: tuple[list[tuple[str, ...]], list[tuple[str, ...]]] = ([], [])
    for pair in zip(one, other, strict=False):
        for words, analysis, segment in zip(mixed, (first, second), pair, strict=True):
            words.extend(analyse([segment], analysis))
    assert mixed[0] == analyse(one)[: len(mixed[0])]
    assert mixed[1] == analyse(other)[: len(mixed[1])]


def test_numbers_at_the_edges_are_taken() -> None:
    edges = (0, 1, 0x7FFF_FFFF, 0x8000_0000, MASK)
    analysis = Analysis()
    number = 0
    for seq in edges:
        for ack in edges:
            for flags in (0, SYN, SYN | ACK, ACK, RST, 0x1FF):
                for length in (0, 1, 65_535):
                    number += 1
                    analysis.packet(number % 2, seq, ack, flags, 0, length, b"\x03\x03", -number)


def test_sending_again_what_a_long_connection_sent_stays_cheap() -> None:
    """Nothing grows with the number of segments that wait for an ACK but what `AWAITING_ACK` bounds."""
    sent = [client(1001 + 10 * i, length=10, ms=0.01) for i in range(3_000)]
    again = [server(5001), *(replace(segment, time_ns=0) for segment in sent)]
    words = analyse(timeline([*HANDSHAKE, *sent, *again]))
    assert words[len(HANDSHAKE) : len(HANDSHAKE) + len(sent)] == [()] * len(sent)
    assert all(word for word in words[-len(sent) :])


def test_the_capture_file_holds_what_was_said() -> None:
    segments = random_conversation(random.Random(1))
    frames = [(segment.time_ns, frame(segment, 1025)) for segment in segments]
    data = capture(frames)
    assert len(data) == 24 + sum(16 + len(one) for _, one in frames)
    assert data[40:].startswith(frames[0][1])
