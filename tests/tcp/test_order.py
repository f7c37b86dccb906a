"""The order between two directions: no byte overtakes what its sender had read; and nothing that can be sent raises."""

from __future__ import annotations

import random

import pytest

from httptrace.model import End
from tests.tcp.wire import ACK, CLIENT, FIN, SERVER, Wire

SEEDS = pytest.mark.parametrize("seed", range(60), ids=lambda seed: f"seed-{seed}")


# ---------------------------------------------------------------------- one direction only


@pytest.mark.parametrize("side", [CLIENT, SERVER], ids=["client", "server"])
def test_a_side_that_is_not_captured_holds_nobody_up(side: int) -> None:
    wire = Wire()
    for place in range(5):
        wire.send(side, 1 + 3 * place, "abc", ack=1 + 1000 * place)
    assert wire.said(0) == [b"abc" * 5]
    wire.finish()
    connection = wire.connections[0]
    assert connection.sides[1].packets == 0
    assert connection.sides[1].missing == 4000
    assert connection.sides[1].missing_acked == 4000


# ---------------------------------------------------------------------- the order between the directions


def test_a_response_waits_for_its_request() -> None:
    wire = Wire().handshake()
    wire.server(1, "response", ack=8)
    assert wire.order == []
    wire.client(1, "request")
    assert wire.order == [(CLIENT, b"request"), (SERVER, b"response")]


def test_nothing_is_left_of_disorder_that_is_over() -> None:
    """Thousands of connections are remembered when they have ended; an empty deque takes a quarter of all the rest."""
    wire = Wire().handshake()
    wire.server(1, "response", ack=8)  # waits for its request
    wire.client(4, "uest")  # held behind a hole
    connection = wire.client(1, "req")
    assert wire.order == [(CLIENT, b"req"), (CLIENT, b"uest"), (SERVER, b"response")]
    assert [(half.queue, half.held, half.history) for half in connection.sides] == [(None, None, None)] * 2


def test_bytes_that_came_after_their_acknowledgement_leave_nothing_to_wait_for() -> None:
    """Two packets that changed places cost two packets of attention, not a whole grace."""
    wire = Wire().handshake()
    wire.client(1, ack=4)  # confirms what is seen only now
    connection = wire.server(1, "abc")
    assert not any(half.attention or half.history for half in connection.sides)
    wire.client(1, ack=9)
    wire.server(4, "de")  # the rest of it is missing
    assert connection.sides[SERVER].history
    assert wire.said(SERVER) == [b"abcde"]
    wire.idle(40, 1, ack=9)
    assert wire.said(SERVER) == [b"abcde", 3]
    assert not any(half.attention or half.history for half in connection.sides)


def test_filled_holes_give_their_marks_back() -> None:
    wire = Wire().handshake()
    room = wire.tracker.marks.left
    for ack in (4, 7, 10):
        wire.client(1, ack=ack)
    connection = wire.server(1, "abc")
    assert (connection.marks, len(connection.sides[SERVER].history or ())) == (1, 2)
    wire.server(4, "abcdef")
    assert (connection.marks, wire.tracker.marks.left) == (0, room)


def test_what_was_held_inside_a_long_body_goes_through_the_side_door() -> None:
    wire = Wire().handshake()
    taken: list[bytes] = []
    recorder = wire.recorders[0][SERVER]
    recorder.bulk, recorder.take = 100, taken.append  # type: ignore[method-assign]
    wire.server(4, "def")
    wire.server(1, "abc")
    assert (taken, recorder.calls, recorder.bulk) == ([b"abc", b"def"], [], 94)
    assert recorder.bulk_at[0] == 4  # the packet that carried it


def test_a_response_waits_no_longer_than_the_grace_of_its_request() -> None:
    wire = Wire().handshake()
    wire.server(1, "response", ack=8)
    wire.idle(40, 1, SERVER, seq=9, ack=8)
    assert wire.order == [(CLIENT, 7), (SERVER, b"response")]


def test_a_cycle_that_cannot_be_is_cut() -> None:
    """Each side claims to have read the other's bytes before it sent its own."""
    wire = Wire().handshake()
    wire.client(1, "abc", ack=4)
    wire.server(1, "xyz", ack=4)
    assert wire.order == [(CLIENT, b"abc"), (SERVER, b"xyz")]
    wire.client(4, "def", ack=4)
    assert wire.said(CLIENT) == [b"abcdef"]


def test_gaps_keep_their_place_in_the_order() -> None:
    wire = Wire().handshake()
    wire.client(1, "ask1")
    wire.server(5, "w2", ack=5)
    wire.client(5, "ask2", ack=7)
    wire.finish()
    assert wire.order[:4] == [(CLIENT, b"ask1"), (SERVER, 4), (SERVER, b"w2"), (CLIENT, b"ask2")]


def test_an_acknowledged_fin_does_not_hold_the_answer_up() -> None:
    wire = Wire().handshake()
    wire.client(1, "ask", flags=FIN | ACK)
    wire.server(1, "answer", ack=5)
    assert wire.order == [(CLIENT, b"ask"), (CLIENT, End.FIN), (SERVER, b"answer")]


def test_the_fin_s_acknowledgement_comes_before_the_fin() -> None:
    wire = Wire().handshake()
    wire.client(1, "ask")
    wire.server(1, "answer", ack=5)
    wire.client(4, flags=FIN | ACK)
    assert [what for side, what in wire.order if side == SERVER] == [b"answer"]


def dialogue(chance: random.Random) -> list[tuple[int, int, bytes, int]]:
    """Turns of both sides as segments (side, seq, data, ack), each acknowledging all that was sent before."""
    at = [1, 1]
    segments: list[tuple[int, int, bytes, int]] = []
    for turn in range(chance.randint(2, 12)):
        side = turn % 2
        for _ in range(chance.randint(1, 4)):
            data = chance.randbytes(chance.randint(1, 9)) + bytes((turn,))
            segments.append((side, at[side], data, at[1 - side]))
            at[side] += len(data)
    return segments


def jumbled(chance: random.Random, far: float, count: int) -> list[int]:
    return sorted(range(count), key=lambda place: place + chance.random() * far)


@SEEDS
def test_no_byte_overtakes_what_its_sender_had_read(seed: int) -> None:
    chance = random.Random(seed)
    segments = dialogue(chance)
    wire = Wire(isn=(2**32 - 20, chance.getrandbits(32))).handshake()
    confirmed: list[dict[int, int]] = [{}, {}]  # of each side: end of a segment -> bytes of the peer it had read
    for side, seq, data, ack in segments:
        confirmed[side][seq - 1 + len(data)] = ack - 1
    for place in jumbled(chance, chance.choice((1, 3, 15)), len(segments)):
        side, seq, data, ack = segments[place]
        wire.send(side, seq, data, ack=ack, ms=0.1)
    handed = [0, 0]
    for side, what in wire.order:
        assert isinstance(what, bytes)
        handed[side] += len(what)
        assert handed[1 - side] >= confirmed[side][handed[side]]
    wire.finish()
    for side in (CLIENT, SERVER):
        whole = b"".join(data for who, _, data, _ in segments if who == side)
        assert wire.said(side) == ([whole] if whole else []) + [End.CAPTURE]
        assert wire.half(side).missing == 0
    assert wire.tracker.held == 0
    assert all(connection.held == 0 for connection in wire.connections)


@SEEDS
def test_lost_segments_leave_gaps_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    segments = dialogue(chance)
    wire = Wire().handshake()
    captured = [[False] * sum(len(data) for who, _, data, _ in segments if who == side) for side in (0, 1)]
    for place in jumbled(chance, 3, len(segments)):
        side, seq, data, ack = segments[place]
        if chance.random() < 0.25:
            continue
        wire.send(side, seq, data, ack=ack)
        captured[side][seq - 1 : seq - 1 + len(data)] = [True] * len(data)
    wire.finish()
    for side in (CLIENT, SERVER):
        whole = b"".join(data for who, _, data, _ in segments if who == side)
        position = 0
        for what in wire.said(side)[:-1]:
            if isinstance(what, int):
                assert not any(captured[side][position : position + what])
                position += what
            else:
                assert isinstance(what, bytes)
                assert what == whole[position : position + len(what)]
                assert all(captured[side][position : position + len(what)])
                position += len(what)
        half = wire.half(side)
        assert half.bytes == sum(captured[side])
        assert half.bytes + half.missing == position
    assert wire.tracker.held == 0


@SEEDS
def test_nothing_that_can_be_sent_raises(seed: int) -> None:
    chance = random.Random(seed)
    wire = Wire(isn=(chance.choice((0, 2**32 - 5, 2**31)), chance.choice((0, 2**32 - 5, 2**31))))
    for _ in range(300):
        length = chance.choice((0, 0, 1, 3, 10))
        wire.send(
            chance.randrange(2),
            chance.choice((0, 1, chance.randrange(40), chance.getrandbits(32))),
            chance.randbytes(chance.choice((length, length, length // 2))),
            chance.choice((ACK, ACK, ACK, chance.randrange(256))),
            chance.choice((0, 1, chance.randrange(40), chance.getrandbits(32))),
            length or chance.choice((0, 0, -1)),
            chance.choice((-50, 1, 1, 100)),
        )
    wire.finish()
    assert wire.tracker.held == 0
    assert not wire.tracker.halves
    assert sorted(wire.finished) == list(range(len(wire.connections)))
    for stream in range(len(wire.connections)):
        for side in (CLIENT, SERVER):
            half = wire.half(side, stream)
            said = wire.said(side, stream)
            ends = [what for what in said if isinstance(what, End) and what is not End.RESET]
            assert ends == said[-1:] or (not ends and said[-1] is End.RESET)
            read = sum(len(what) for what in said if isinstance(what, bytes))
            assert read == half.bytes - half.late_bytes
            assert 0 <= half.missing_acked <= half.missing
