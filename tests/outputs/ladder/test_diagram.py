"""Whatever happens: every packet is drawn once and right, lifelines are straight, nothing is too wide."""

from __future__ import annotations

import random
import re

import pytest
from msgspec.structs import replace

from httptrace.lang import speaking
from httptrace.model import Direction, Endpoint, GapGivenUp, MessageBegan, MessageEnded, PacketRecord, StreamRecord
from httptrace.outputs.ladder.lanes import lanes_that_fit
from httptrace.outputs.narration.story import Known
from tests.outputs.ladder.reading import draw, read, verify
from tests.outputs.test_walkthrough_random import conversation
from tests.outputs.wire import CLIENT, SERVER, Wire, first_page, html

ENDINGS = ("open", "half", "fin", "rst")


def drawn(wire: Wire, *, known: bool = True, **options: object) -> str:
    """One connection as a ladder."""
    record = wire.record(close=options.pop("close", "fin"))
    return draw(wire.packets, {0: wire.known() if known else None}, [record], {0: wire.behind}, **options)


@pytest.mark.parametrize("seed", range(12), ids=lambda seed: f"seed-{seed}")
@pytest.mark.parametrize("known", [True, False], ids=["read-first", "streamed"])
def test_every_packet_is_drawn_once_and_right(seed: int, known: bool) -> None:
    chance = random.Random(seed)
    wire = conversation(seed)
    records = [record for record, _ in wire.packets]
    width, close = chance.randint(60, 200), chance.choice(ENDINGS)
    with speaking(chance.choice(("en", "zh"))):
        verify(drawn(wire, known=known, width=width, close=close), records, width)
        unfolded = verify(drawn(wire, known=known, width=width, unfold=True), records, width)
        absolute = drawn(wire, known=known, width=width, unfold=True, absolute=True)
    assert [arrow.first for arrow in unfolded.arrows] == [record.packet for record in records]
    verify(absolute, records, width, absolute=True)


@pytest.mark.parametrize("width", range(40, 201, 10))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_page_fits_every_width(width: int, language: str) -> None:
    wire = first_page()
    with speaking(language):
        verify(drawn(wire, width=width), [record for record, _ in wire.packets], width)


def side_by_side(seed: int, count: int) -> tuple[list[Wire], list[StreamRecord], list[PacketRecord]]:
    """Several random connections in one capture, their packets numbered in the order of time."""
    chance = random.Random(seed)
    wires = [conversation(seed * 100 + number) for number in range(count)]
    starts = [chance.randrange(0, 500_000_000) for _ in wires]
    everything = [
        (record.time_ns + starts[stream], stream, place)
        for stream, wire in enumerate(wires)
        for place, (record, _) in enumerate(wire.packets)
    ]
    renumbered: dict[int, dict[int, int]] = {stream: {} for stream in range(count)}
    for number, (_, stream, place) in enumerate(sorted(everything), 1):
        renumbered[stream][wires[stream].packets[place][0].packet] = number
    for stream, wire in enumerate(wires):
        wire.packets = [
            (
                replace(
                    record,
                    packet=renumbered[stream][record.packet],
                    stream=stream,
                    time_ns=record.time_ns + starts[stream],
                ),
                happenings,
            )
            for record, happenings in wire.packets
        ]
    records = [
        wire.record(stream=stream, client=Endpoint("192.0.2.1", 50000 + stream)) for stream, wire in enumerate(wires)
    ]
    packets = sorted((record for wire in wires for record, _ in wire.packets), key=lambda record: record.packet)
    return wires, records, packets


def drawn_side_by_side(wires: list[Wire], records: list[StreamRecord], **options: object) -> str:
    known: dict[int, Known | None] = {}
    for record, wire in zip(records, wires, strict=True):
        known[record.stream] = Known(0, len(wires), 0, 0, record, wire.exchanges)
    packets = sorted((each for wire in wires for each in wire.packets), key=lambda each: each[0].packet)
    return draw(packets, known, records, **options)


@pytest.mark.parametrize(("seed", "count", "width"), [(seed, 2 + seed % 7, 60 + 13 * seed) for seed in range(11)])
def test_several_connections_side_by_side(seed: int, count: int, width: int) -> None:
    wires, records, packets = side_by_side(seed, count)
    verify(drawn_side_by_side(wires, records, width=width), packets, width)


def test_time_goes_down_the_page() -> None:
    wires, records, _packets = side_by_side(3, 6)
    ledger = read(drawn_side_by_side(wires, records, width=80))
    ends = [arrow.last for arrow in ledger.arrows]
    assert ends == sorted(ends)


def test_more_connections_than_lifelines_fit_share_the_last() -> None:
    fit = lanes_that_fit(60, 2)
    wires, records, packets = side_by_side(5, fit + 5)
    ledger = verify(drawn_side_by_side(wires, records, width=60), packets, 60)
    assert {arrow.stream for arrow in ledger.arrows} == set(range(fit + 5))


def test_a_lifeline_is_used_again_when_its_connection_has_ended() -> None:
    one, other = Wire(), Wire(time_ns=2 * 10**18, number=7)
    for wire in (one, other):
        wire.shake_hands()
        wire.close()
    other.packets = [(replace(record, stream=1), happenings) for record, happenings in other.packets]
    records = [one.record(), other.record(stream=1)]
    text = drawn_side_by_side([one, other], records, width=80)
    assert not re.search(r"┼|│ +│ +│", text), "one lifeline and the server's"


def test_each_connection_is_introduced_where_it_begins() -> None:
    wires, records, _packets = side_by_side(2, 3)
    text = drawn_side_by_side(wires, records, width=130)
    for record in records:
        before, _, _ = text.partition(f"No{record.first_packet} ")
        assert f"stream {record.stream}: 192.0.2.1:{50000 + record.stream} → 220.181.50.118:80" in before


def test_the_times_add_up() -> None:
    wire = first_page()
    text = drawn(wire, width=120)
    shown = re.findall(r"([+]?[\d.]+) (µs|ms)$", text, re.M)
    total = sum(float(number) * (1e3 if unit == "µs" else 1e6) for number, unit in shown)
    first, last = wire.packets[0][0], wire.packets[-1][0]
    assert total == pytest.approx(last.time_ns - first.time_ns, abs=50_000 * len(shown))


def test_only_the_packets_asked_for_are_drawn() -> None:
    text = drawn(first_page(), packets=range(4, 8))
    assert [arrow.first for arrow in read(text).arrows] == [4, 5, 6, 7]
    assert text.count("Exchange 1: GET / → 200 OK") == 1
    assert "Opening" not in text


def test_the_folds_are_those_of_the_walkthrough() -> None:
    folds = [(arrow.first, arrow.last) for arrow in read(drawn(first_page())).arrows if arrow.first != arrow.last]
    assert folds == [(8, 13)]


def test_texts_off_the_wire_are_harmless_and_cut() -> None:
    wire = Wire()
    wire.shake_hands()
    exchange = wire.exchange("GET /\x1b[31m\u202e" + "漢" * 500 + " HTTP/1.1", answer=html(10))
    wire.send(CLIENT, "AP", 700)
    wire.happen(MessageBegan(exchange, CLIENT), MessageEnded(exchange, CLIENT))
    text = drawn(wire)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "GET /\\x1b[31m\\u202e漢" in text
    verify(text, [record for record, _ in wire.packets], 80)


def test_a_gap_known_beforehand_is_drawn_where_it_is() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.send(SERVER, "A", 100)
    wire.send(SERVER, "A", 100, seq=201)
    wire.send(CLIENT, "A", ack=301)
    wire.happen(GapGivenUp(SERVER, 101, 100, True))
    known, streamed = drawn(wire), drawn(wire, known=False)
    assert known.index("100 bytes missing: 101–200") < known.index("No5 ")
    assert streamed.index("not seen yet: bytes 101–200") < streamed.index("No6 ")
    assert streamed.index("100 bytes missing: 101–200") > streamed.index("No6 ")
    assert known.count("missing: ") == streamed.count("missing: ") == 1


def test_a_gap_that_a_bare_ack_shows_is_drawn_in_front_of_it() -> None:
    wire = Wire()
    wire.shake_hands()
    wire.send(CLIENT, "A", 100)
    wire.send(CLIENT, "A", seq=301)
    wire.send(CLIENT, "A", 100, seq=301)
    wire.happen(GapGivenUp(CLIENT, 101, 200, False))
    text = drawn(wire)
    assert text.index("No4 ") < text.index("200 bytes missing: 101–300") < text.index("No5 ")
    assert text.count("missing: ") == 1
    assert "✗│" in text


def test_colour_takes_no_room_and_says_nothing_alone() -> None:
    wires, records, _packets = side_by_side(1, 4)
    plain = drawn_side_by_side(wires, records, width=80)
    coloured = drawn_side_by_side(wires, records, width=80, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_the_names_stand_over_their_lifelines() -> None:
    lines = drawn(first_page(), width=100).splitlines()
    heads = next(line for line in lines if "220.181.50.118:80" in line)
    begins = heads.index("browser 192.168.2.33:51022")
    lifeline = next(line for line in lines if "No1 " in line).index("├")
    assert begins <= lifeline <= begins + len("browser 192.168.2.33:51022")


def test_the_states_stand_at_both_edges() -> None:
    text = drawn(first_page())
    assert re.search(r"^ +SYN-SENT ├── No1 SYN.*▶│ *0\.0 ms$", text, re.M)
    assert re.search(r"^ +ESTABLISHED │◀─ No2 SYN,ACK.*┤ SYN-RECEIVED ", text, re.M)
    assert re.search(r"^ +FIN-WAIT-1 ├── No16 FIN,ACK.*▶│ CLOSE-WAIT ", text, re.M)


def test_on_a_narrow_page_the_states_stand_below_the_arrow() -> None:
    lines = drawn(first_page(), width=60).splitlines()
    place = next(place for place, line in enumerate(lines) if "No2 " in line)
    assert re.fullmatch(r" │   ESTABLISHED +SYN-RECEIVED │", lines[place + 1])


def test_a_direction_is_never_told_by_colour_alone() -> None:
    ledger = read(drawn(first_page()))
    assert {arrow.tip for arrow in ledger.arrows} == {"▶", "◀"}
    assert Direction.CLIENT is CLIENT
