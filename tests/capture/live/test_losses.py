"""Losses: which dropped packets a gap may be made of."""

from __future__ import annotations

from httptrace.capture.live.losses import Losses

S = 1_000_000_000


def losses():
    """Packets 1 to 100, ten a second; 7 dropped between 4.9 and 5 s."""
    made = Losses()
    for second in range(1, 11):
        made.mark(10 * second, second * S)
    made.dropped(49 * S // 10, 5 * S, 7)
    return made


def test_a_gap_at_that_time():
    assert losses().around(50, 0) == 7


def test_a_gap_shown_by_a_packet_soon_after():
    assert losses().around(55, 0) == 7


def test_a_gap_long_before_or_after():
    assert losses().around(30, 0) == 0
    assert losses().around(90, 0) == 0


def test_a_message_that_began_later():
    assert losses().around(55, 51 * S // 10) == 0


def test_a_packet_that_is_not_marked_yet_counts_as_the_last():
    made = losses()
    made.dropped(95 * S // 10, 10 * S, 2)
    assert made.around(1_000, 0) == 2


def test_spans_that_touch_are_one_and_long_ones_stay_in_pieces():
    made = Losses()
    for tick in range(100):
        made.dropped(tick * S // 10, (tick + 1) * S // 10, 1)
    made.mark(1, 5 * S)
    assert 2 <= len(made._spans) <= 12
    assert 10 <= made.around(1, 0) <= 30


def test_nothing_dropped():
    made = Losses()
    made.mark(10, S)
    assert not made
    assert made.around(5, 0) == 0
    assert Losses().around(5, 0) == 0


def test_a_clock_that_was_set_back():
    made = losses()
    made.mark(110, 3 * S)
    made.dropped(2 * S, 3 * S, 4)
    assert made.around(110, 0) == 4


def test_memory_is_bounded():
    made = Losses()
    for number in range(50_000):
        made.mark(number, number * 10 * S)
        made.dropped(number * 10 * S, number * 10 * S + 1, 1)
    assert len(made._spans) <= 4_096
    assert len(made._times) == len(made._packets) <= 16_384
    assert made.around(49_999, 0) == 1
