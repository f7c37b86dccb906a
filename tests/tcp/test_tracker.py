"""Which connection a segment belongs to, what is remembered and for how long; the fast path changes nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest

from httptrace.limits import Bounds
from httptrace.model import End
from httptrace.tcp.connection import Connection
from httptrace.tcp.halfstream import HalfStream
from httptrace.tcp.handshake import Handshake
from tests.tcp.wire import ACK, CLIENT, FIN, MS, RST, SERVER, SYN, Wire

SEEDS = pytest.mark.parametrize("seed", range(80), ids=lambda seed: f"seed-{seed}")

COUNTS = (
    "acked",
    "base",
    "bytes",
    "ended",
    "fin_offset",
    "ignored_bytes",
    "last_at",
    "last_packet",
    "last_time",
    "late_bytes",
    "missing",
    "missing_acked",
    "next_seq",
    "offset",
    "out_of_order",
    "packets",
    "queued",
    "retransmissions",
    "retransmitted_bytes",
    "syn_seq",
)


def state(half: HalfStream) -> dict[str, Any]:
    return {name: getattr(half, name) for name in COUNTS}


def some_packets(chance: random.Random) -> list[dict[str, Any]]:
    """A conversation, mostly in order, with everything that can befall it."""
    at = [1, 1]
    steps: list[dict[str, Any]] = []
    if chance.random() < 0.8:
        steps += [
            {"side": 0, "seq": 0, "flags": SYN},
            {"side": 1, "seq": 0, "flags": SYN | ACK, "ack": 1},
            {"side": 0, "seq": 1, "ack": 1},
        ]
    trouble = chance.choice((0.0, 0.05, 0.3))
    for _ in range(chance.randint(20, 150)):
        side = int(chance.random() < 0.6)
        data = chance.randbytes(chance.choice((0, 1, 5, 50)))
        step: dict[str, Any] = {"side": side, "seq": at[side], "data": data, "ack": at[1 - side]}
        at[side] += len(data)
        fate = chance.random() / trouble if trouble else 2.0
        if fate < 0.2:
            continue  # lost
        if fate < 0.3:
            steps.append(dict(step))
        elif fate < 0.4:
            step["data"], step["length"] = data[:3], len(data)
        elif fate < 0.5:
            step["seq"] -= chance.randint(0, 20)
        elif fate < 0.6:
            step["ack"] += chance.randint(-30, 30)
        elif fate < 0.65:
            step["flags"] = chance.choice((FIN | ACK, RST, RST | ACK, SYN, 0, ACK | 8))
        elif fate < 0.8 and len(steps) > 4:
            steps.insert(len(steps) - chance.randint(1, 4), step)
            continue
        steps.append(step)
    if chance.random() < 0.7:
        steps.append({"side": 0, "seq": at[0], "ack": at[1], "flags": FIN | ACK})
        steps.append({"side": 1, "seq": at[1], "ack": at[0] + 1, "flags": FIN | ACK})
        steps.append({"side": 0, "seq": at[0] + 1, "ack": at[1] + 1})
    return steps


def some_opening_and_closing(chance: random.Random) -> list[dict[str, Any]]:
    """A short conversation, whose handshake and close are disturbed as often as not."""
    steps: list[dict[str, Any]] = [
        {"side": 0, "seq": 0, "flags": SYN},
        {"side": 1, "seq": 0, "flags": SYN | ACK, "ack": 1},
        {"side": 0, "seq": 1, "ack": 1},
        {"side": 0, "seq": 1, "data": b"abc", "ack": 1},
        {"side": 1, "seq": 1, "ack": 4},
        {"side": 1, "seq": 1, "data": b"hello", "ack": 4},
    ]
    one, other = chance.choice(((0, 1), (1, 0)))
    at = (4, 6)
    steps += [
        {"side": one, "seq": at[one], "ack": at[other], "flags": FIN | ACK},
        {"side": other, "seq": at[other], "ack": at[one] + chance.randint(0, 1)},
        {"side": other, "seq": at[other], "ack": at[one] + 1, "flags": FIN | ACK},
        {"side": one, "seq": at[one] + 1, "ack": at[other] + 1},
    ]
    if chance.random() < 0.2:
        steps.insert(7, {"side": other, "seq": at[other], "data": b"late", "ack": at[one] + 1})
        for step in steps[8:]:
            step["seq" if step["side"] == other else "ack"] += 4
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        place = chance.randrange(len(steps))
        fate = chance.randrange(7)
        if fate == 0:
            steps.insert(chance.randint(place, len(steps)), dict(steps[place]))
        elif fate == 1 and len(steps) > 1:
            del steps[place]
        elif fate == 2:
            steps.insert(chance.randrange(len(steps)), steps.pop(place))
        elif fate == 3:
            steps[place]["flags"] = chance.choice((SYN, SYN | ACK, ACK, FIN | ACK, FIN, RST, RST | ACK, 0, ACK | 8))
        elif fate == 4:
            steps[place]["seq"] += chance.choice((-4, -1, 1, 4))
        elif fate == 5:
            steps[place]["ack"] = steps[place].get("ack", 0) + chance.choice((-4, -1, 1, 4))
        else:
            steps[place]["data"] = b"xy"
    return steps


@pytest.mark.parametrize("some", [some_packets, some_opening_and_closing])
@SEEDS
def test_the_fast_path_leaves_what_the_slow_path_leaves(seed: int, some: Any) -> None:
    chance = random.Random(seed)
    isn = (chance.getrandbits(32), 2**32 - chance.randint(1, 500))
    steps = some(chance)
    wires = Wire(isn), Wire(isn, slow=True)
    for number, step in enumerate(steps):
        for wire in wires:
            wire.send(**step)
        fast, slow = wires
        for stream, connection in enumerate(fast.connections):
            for side in (CLIENT, SERVER):
                assert state(connection.sides[side]) == state(slow.half(side, stream)), (number, step)
    for wire in wires:
        wire.finish()
    fast, slow = wires
    assert fast.order == slow.order
    assert fast.differing == slow.differing
    for ours, theirs in zip(fast.recorders, slow.recorders, strict=True):
        assert [recorder.calls for recorder in ours] == [recorder.calls for recorder in theirs]
    for one, other in zip(fast.connections, slow.connections, strict=True):
        for side in (CLIENT, SERVER):
            assert state(one.sides[side]) == state(other.sides[side])
        for name in ("handshake", "close", "rtt_ns", "client", "last_packet", "last_time", "first_packet"):
            assert getattr(one, name) == getattr(other, name), name


def test_an_ordinary_connection_opens_and_closes_by_short_cuts() -> None:
    wire = Wire()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "segment", None)  # calling it would fail
        wire.handshake()
        wire.client(1, "abc", ack=1)
        wire.server(1, "hello", ack=4)
        wire.client(4, flags=FIN | ACK, ack=6)
        wire.server(6, ack=5)
        wire.server(6, flags=FIN | ACK, ack=5)
        connection = wire.client(5, ack=7)
    assert (connection.handshake, connection.close) == (Handshake.COMPLETE, "fin")
    assert connection.parked


def test_the_fast_path_is_taken() -> None:
    """Else the test above would compare the slow path with itself."""
    wire = Wire().handshake()
    half = wire.half(CLIENT)
    slow_calls: list[int] = []
    receive = HalfStream.receive

    def counted(self: HalfStream, *arguments: Any) -> None:
        slow_calls.append(1)
        receive(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HalfStream, "receive", counted)
        for place in range(50):
            wire.client(1 + 3 * place, "abc", ack=1 + 5 * place)
            wire.server(1 + 5 * place, "hello", ack=4 + 3 * place)
    assert not slow_calls
    assert (half.bytes, half.peer.bytes) == (150, 250)


# ---------------------------------------------------------------------- stragglers, reuse, bounds


def opened(wire: Wire, port: int, ms: float = 1) -> None:
    wire.client(0, flags=SYN, port=port, ms=ms)
    wire.server(0, flags=SYN | ACK, port=port)
    wire.client(1, port=port)


def closed(wire: Wire, port: int) -> None:
    opened(wire, port)
    wire.client(1, flags=FIN | ACK, port=port)
    wire.server(1, flags=FIN | ACK, port=port, ack=2)


def test_a_straggler_of_a_closed_connection_is_no_new_one() -> None:
    wire = Wire()
    closed(wire, 1000)
    closed(wire, 1001)
    wire.client(2, port=1000, ack=2)
    wire.server(2, flags=RST, port=1000)
    assert len(wire.connections) == 2
    assert wire.finished == []


def test_closed_connections_are_remembered_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("httptrace.limits.CLOSED_CONNECTIONS", 10)
    wire = Wire()
    for port in range(1000, 1100):
        closed(wire, port)
    assert len(wire.connections) == 100
    assert wire.finished == list(range(90))
    assert len(wire.tracker.halves) == 20


def test_the_port_is_used_again_at_once() -> None:
    wire = Wire()
    for round_ in range(5):
        isn = (1_000 + 100_000 * round_, 5_000 + 100_000 * round_)
        wire.client(0, flags=SYN, isn=isn)
        wire.server(0, flags=SYN | ACK, isn=isn)
        wire.client(1, f"ask{round_}", isn=isn)
        wire.server(1, f"answer{round_}", ack=5, isn=isn)
        wire.client(5, flags=FIN | ACK, ack=8, isn=isn)
        wire.server(8, flags=FIN | ACK, ack=6, isn=isn)
    wire.finish()
    assert len(wire.connections) == 5
    assert [wire.said(CLIENT, stream)[0] for stream in range(5)] == [b"ask%d" % one for one in range(5)]
    assert wire.finished == list(range(5))


def test_the_server_s_syn_uses_the_port_again() -> None:
    wire = Wire().handshake()
    wire.server(0, flags=SYN, isn=(9, 99))
    assert len(wire.connections) == 2


def test_ports_and_addresses_in_either_order_are_one_connection() -> None:
    wire = Wire()
    wire.server(5, "answer", ack=5)
    wire.client(5, "more", ack=11)
    assert len(wire.connections) == 1


@pytest.mark.parametrize("stays", [0, 7], ids=["the-first-stays-busy", "another-stays-busy"])
def test_the_longest_idle_is_closed_at_the_bound(stays: int) -> None:
    wire = Wire(bounds=Bounds(connections=10))
    for port in range(1000, 1050):
        opened(wire, port)
        if port >= 1000 + stays:
            wire.client(1, port=1000 + stays)
    assert wire.tracker.closed_early == 40
    assert stays not in wire.finished
    assert len(wire.tracker.halves) == 20
    assert wire.finished == [stream for stream in range(41) if stream != stays]
    assert wire.said(CLIENT, wire.finished[0]) == [End.EXPIRED]


def test_a_new_connection_stays_where_a_clock_was_set_back() -> None:
    """By its time it has been idle for longer than all others."""
    wire = Wire(bounds=Bounds(connections=2))
    for port in (1, 2, 3):
        wire.client(0, flags=SYN, port=port, ms=-1)
    assert wire.finished == [1]  # the longest idle of those before
    assert wire.client(1, "x", port=3) is wire.connections[2]


def test_finished_connections_are_let_go() -> None:
    """A capture of millions of short connections must not keep them all."""
    wire = Wire()
    for round_ in range(3_000):
        isn = (1_000 * round_, 1_000 * round_ + 7)
        wire.client(0, flags=SYN, isn=isn)
    assert len(wire.finished) == 2_999
    assert len(wire.tracker._idle) < 2_500


def test_the_end_finishes_in_the_order_they_began() -> None:
    wire = Wire()
    for port in (5, 3, 9, 1):
        wire.client(0, flags=SYN, port=port)
    wire.client(1, "x", port=9)
    wire.finish()
    assert wire.finished == [0, 1, 2, 3]
    assert not wire.tracker.halves


# ---------------------------------------------------------------------- differing copies


@pytest.mark.parametrize(
    ("data", "seq", "differs"),
    [
        pytest.param("abc", 1, False, id="the-same-again"),
        pytest.param("abX", 1, True, id="another-byte"),
        pytest.param("cde", 3, False, id="the-same-cut-anew"),
        pytest.param("cXe", 3, True, id="another-byte-cut-anew"),
        pytest.param("abcdefghi", 1, False, id="with-new-bytes-behind"),
        pytest.param("abcdXfghi", 1, True, id="another-byte-before-new-ones"),
    ],
)
@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow"])
def test_a_later_copy_is_held_against_the_first(slow: bool, data: str, seq: int, differs: bool) -> None:
    wire = Wire(slow=slow).handshake()
    wire.client(1, "abc")
    wire.client(4, "def")
    wire.client(seq, data)
    assert bool(wire.differing) is differs
    assert wire.said(CLIENT)[0] == (b"abcdefghi" if len(data) == 9 else b"abcdef"), "the first copy wins"


def test_old_copies_are_forgotten() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    for _ in range(600):
        wire.client(4, "x", port=7)
    wire.client(1, "XXX")
    assert not wire.differing


def test_looking_for_the_first_copy_is_bounded_work() -> None:
    wire = Wire().handshake()
    for place in range(5_000):
        wire.client(1 + 4 * place, "abcd")
        wire.client(1 + 4 * place, "abcd")
    assert len(wire.tracker.recent) <= 512
    assert wire.half(CLIENT).retransmissions == 5_000


def test_a_closed_connection_whose_ports_were_used_again_is_forgotten_once() -> None:
    """It stood among the closed ones and was no more; seen under live load, 80 new connections a second."""
    wire = Wire()
    for port, isn in [(1, (1, 1)), (1, (900_000, 900_000)), *((port, (1, 1)) for port in range(2, 4_200))]:
        wire.handshake(port=port, isn=isn)
        wire.client(1, flags=FIN | ACK, port=port, isn=isn)
        wire.server(1, flags=FIN | ACK, ack=2, port=port, isn=isn)
        wire.client(2, ack=2, port=port, isn=isn)
    wire.finish()
    assert sorted(wire.finished) == list(range(4_200))  # a last ACK is no new connection, however many there were


def test_open_connections_are_those_that_have_not_ended() -> None:
    wire = Wire()
    for port in (1, 2, 3):
        wire.send(CLIENT, 0, flags=SYN, ack=None, port=port)
        wire.send(SERVER, 0, flags=SYN | ACK, port=port)
    assert (wire.tracker.connections, wire.tracker.open_connections) == (3, 3)
    wire.send(CLIENT, 1, flags=FIN | ACK, port=1)
    assert wire.tracker.open_connections == 3
    wire.send(SERVER, 1, flags=FIN | ACK, ack=2, port=1)
    wire.send(SERVER, 1, flags=RST | ACK, port=2)
    assert (wire.tracker.connections, wire.tracker.open_connections) == (3, 1)
    wire.send(CLIENT, 0, flags=SYN, ack=None, port=1, isn=(77_000, 5_000))
    assert (wire.tracker.connections, wire.tracker.open_connections) == (4, 2)


@SEEDS
def test_time_that_passes_between_packets_changes_nothing(seed: int) -> None:
    """Told before every packet how late it is, the tracker hands on the same bytes with the packets that carried them.

    Without a close: bytes behind a FIN, which no honest host sends, are taken only while the FIN waits for a hole.
    """
    chance = random.Random(seed)
    steps = [step for step in some_packets(chance) if not step.get("flags", 0) & FIN]
    for step in steps:
        step["ms"] = chance.choice((0.01, 1, 1, 100, 300))
    read = []
    for often in (False, True):
        wire = Wire(slow=True)
        for step in steps:
            if often:
                wire.tracker.pass_time(wire.time_ns + round(step["ms"] * MS))
            wire.send(**step)
        wire.finish()
        said = [[[call for call in side.calls if call[0] == "data"] for side in pair] for pair in wire.recorders]
        read.append((said, [(half.missing, half.bytes) for one in wire.connections for half in one.sides]))
    assert read[0] == read[1]
