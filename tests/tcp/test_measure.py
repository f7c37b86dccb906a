"""Round trips and bytes in flight at the capture point."""

from __future__ import annotations

from httptrace.limits import AWAITING_ACK
from httptrace.tcp.analysis import Analysis
from httptrace.tcp.measure import SideMeasure
from tests.tcp.segments import ACK, FIN
from tests.tcp.talk import HANDSHAKE, analyse, client, server, timeline

MS = 1_000_000


def test_round_trips_of_either_side() -> None:
    analysis = Analysis()
    analyse(
        timeline(
            [
                *HANDSHAKE,
                client(1001, length=100),
                client(1101, length=100, ms=5),
                server(5001, 1201, ms=30),
                server(5001, 1201, flags=FIN | ACK),
                client(1201, 5002, ms=3),
            ]
        ),
        analysis,
    )
    sent = analysis.measure(0)
    assert (sent.round_trips, sent.rtt_min_ns, sent.rtt_mean_ns, sent.rtt_max_ns) == (
        2,
        10 * MS,
        20 * MS,
        30 * MS,
    )
    assert sent.in_flight == 200
    answered = analysis.measure(1)
    assert (answered.round_trips, answered.rtt_min_ns, answered.rtt_max_ns) == (2, 3 * MS, 10 * MS)
    assert answered.in_flight == 1


def test_without_an_ack_nothing_is_measured() -> None:
    analysis = Analysis()
    analyse(timeline([client(1001, length=100), client(1101, length=100)]), analysis)
    sent = analysis.measure(0)
    assert (sent.round_trips, sent.rtt_mean_ns, sent.in_flight) == (0, None, 0)


def test_data_sent_again_counts_from_its_first_sending() -> None:
    analysis = Analysis()
    again = client(1001, length=100, ms=50)
    analyse(timeline([*HANDSHAKE, client(1001, length=100), again, server(5001, 1101, ms=10)]), analysis)
    assert analysis.measure(0).rtt_max_ns == 60 * MS


def test_an_ack_inside_a_segment_is_no_round_trip() -> None:
    measure = SideMeasure()
    measure.reached(100, 0, 0)
    measure.acknowledged(50, 5)
    assert measure.round_trips == 0
    measure.acknowledged(100, 9)
    assert measure.rtt_max_ns == 9


def test_an_ack_that_covers_more_completes_only_the_last() -> None:
    measure = SideMeasure()
    for time_ns, end in enumerate((100, 200, 300), 1):
        measure.reached(end, 0, time_ns)
    measure.acknowledged(200, 10)
    assert (measure.round_trips, measure.rtt_max_ns) == (1, 8)
    measure.acknowledged(350, 10)
    assert measure.round_trips == 1


def test_a_clock_that_went_back_gives_no_round_trip() -> None:
    measure = SideMeasure()
    measure.reached(100, 0, 1_000)
    measure.acknowledged(100, 999)
    assert measure.round_trips == 0


def test_a_distance_no_window_can_have_is_not_in_flight() -> None:
    measure = SideMeasure()
    measure.reached(1 << 30, 0, 0)
    assert measure.in_flight == 1 << 30
    measure.reached((1 << 30) + 1, 0, 0)
    assert measure.in_flight == 1 << 30


def test_what_waits_for_an_ack_is_bounded() -> None:
    measure = SideMeasure()
    for end in range(1, 10 * AWAITING_ACK):
        measure.reached(end, None, end)
    for ack in range(1, 10 * AWAITING_ACK):
        measure.acknowledged(ack, 20 * AWAITING_ACK)
    assert measure.round_trips == AWAITING_ACK


def test_across_the_wrap() -> None:
    measure = SideMeasure()
    measure.reached(0xFFFF_FFFF, 0xFFFF_FFF0, 0)
    measure.reached(5, 0xFFFF_FFF0, 1)
    assert measure.in_flight == 21
    measure.acknowledged(5, 4)
    assert (measure.round_trips, measure.rtt_max_ns) == (1, 3)


def test_the_flags_of_the_ack_matter() -> None:
    analysis = Analysis()
    analyse(timeline([client(1001, length=100), server(5001, 1101, flags=0), server(5001, 1101, ACK)]), analysis)
    assert analysis.measure(0).rtt_max_ns == 20 * MS
