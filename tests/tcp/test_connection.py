"""Two directions together: where they begin, who is the client, how it ends."""

from __future__ import annotations

import pytest

from httptrace.model import End
from tests.tcp.wire import ACK, CLIENT, FIN, RST, SERVER, SYN, Wire

# ---------------------------------------------------------------------- where the streams begin


def test_a_syn_with_the_same_number_is_a_retransmission() -> None:
    wire = Wire()
    wire.client(0, flags=SYN)
    wire.client(0, flags=SYN)
    wire.server(0, flags=SYN | ACK)
    wire.server(0, flags=SYN | ACK)
    wire.client(1)
    wire.client(1, "abc")
    wire.client(0, flags=SYN)
    wire.client(4, "def")
    assert len(wire.connections) == 1
    assert wire.said(CLIENT) == [b"abcdef"]


def test_the_same_syn_after_a_reset_is_the_same_stream() -> None:
    wire = Wire()
    wire.client(0, flags=SYN)
    wire.server(0, flags=RST | ACK)
    wire.client(0, flags=SYN)
    wire.server(0, flags=SYN | ACK)
    wire.client(1, "abc")
    assert len(wire.connections) == 1
    assert wire.finish().said(CLIENT)[:2] == [End.RESET, b"abc"], "a reset does not close a stream"


def test_another_syn_opens_a_new_stream() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.client(0, flags=SYN, isn=(77_000, 88_000))
    wire.server(0, flags=SYN | ACK, isn=(77_000, 88_000))
    wire.client(1, "def", isn=(77_000, 88_000))
    assert len(wire.connections) == 2
    assert [wire.said(CLIENT, 0), wire.said(CLIENT, 1)] == [[b"abc", End.CAPTURE], [b"def"]]
    assert wire.connections[1].reuses_port
    assert wire.finished == [0]


def test_a_syn_ack_with_another_number_moves_the_beginning() -> None:
    wire = Wire()
    wire.client(0, flags=SYN)
    wire.server(500, flags=SYN | ACK, ack=1)
    wire.server(0, flags=SYN | ACK, ack=1)
    wire.client(1)
    wire.server(1, "abc")
    assert len(wire.connections) == 1
    assert wire.said(SERVER) == [b"abc"]
    assert wire.finish().half(SERVER).missing == 0


def test_data_with_the_syn() -> None:
    wire = Wire()
    wire.client(0, "abc", flags=SYN)
    wire.server(0, flags=SYN | ACK, ack=4)
    wire.client(4, "def")
    assert wire.said(CLIENT) == [b"abcdef"]


def test_data_with_the_syn_that_was_not_taken_comes_again() -> None:
    wire = Wire()
    wire.client(0, "abc", flags=SYN)
    wire.server(0, flags=SYN | ACK, ack=1)
    wire.client(1, "abcdef")
    assert wire.said(CLIENT) == [b"abcdef"]


def test_the_syn_ack_comes_before_the_syn() -> None:
    wire = Wire()
    wire.server(0, flags=SYN | ACK, ack=1)
    wire.client(0, flags=SYN)
    wire.client(1, "abc")
    wire.server(1, "xyz", ack=4)
    connection = wire.connections[0]
    assert len(wire.connections) == 1
    assert connection.sides[connection.client].syn_seq == 1000
    assert wire.said(1) == [b"abc"], "the side seen second is the client"
    assert wire.said(0) == [b"xyz"]


def test_a_syn_that_comes_behind_the_data() -> None:
    wire = Wire()
    wire.client(4, "def")
    wire.client(0, flags=SYN)
    wire.client(1, "abc")
    assert len(wire.connections) in (1, 2)
    said = [what for stream in range(len(wire.connections)) for what in wire.said(CLIENT, stream)]
    assert b"def" in b"".join(what for what in said if isinstance(what, bytes))


@pytest.mark.parametrize("isn", [2**32 - 1, 2**32 - 2, 2**31 - 2, 2**31, 0], ids=hex)
def test_the_circle_closes(isn: int) -> None:
    wire = Wire(isn=(isn, isn)).handshake()
    for place in range(10):
        wire.client(1 + 2 * place, "ab", ack=1 + 2 * place)
        wire.server(1 + 2 * place, "xy", ack=3 + 2 * place)
    wire.finish()
    assert wire.said(CLIENT) == [b"ab" * 10, End.CAPTURE]
    assert wire.said(SERVER) == [b"xy" * 10, End.CAPTURE]


def test_more_than_four_gigabytes() -> None:
    wire = Wire().handshake()
    size = 1 << 28
    for place in range(20):
        wire.client(1 + place * size, b"x" * 10, length=size)
    wire.client(1 + 20 * size, "end")
    wire.finish()
    assert wire.half(CLIENT).missing == 20 * (size - 10)
    assert wire.said(CLIENT)[-2:] == [b"end", End.CAPTURE]


# ---------------------------------------------------------------------- who is the client


@pytest.mark.parametrize(
    ("steps", "client"),
    [
        pytest.param([(0, SYN)], 0, id="who-sent-the-syn"),
        pytest.param([(0, SYN | ACK)], 1, id="who-received-the-syn-ack"),
        pytest.param([(0, ACK)], 0, id="the-higher-port"),
        pytest.param([(1, ACK)], 1, id="the-higher-port-seen-second"),
        pytest.param([(0, SYN), (1, SYN)], 0, id="both-sent-a-syn-the-first"),
    ],
)
def test_who_is_the_client(steps: list[tuple[int, int]], client: int) -> None:
    """`steps`: by (side, flags); side 0 has the higher port. The index is by who was seen first."""
    wire = Wire()
    for side, flags in steps:
        connection = wire.send(side, 0, flags=flags)
    assert connection.client == client


def test_evidence_of_http_beats_the_ports() -> None:
    connection = Wire().client(0)
    connection.evidence = 1
    assert connection.client == 1


def test_a_syn_beats_the_evidence() -> None:
    connection = Wire().client(0, flags=SYN)
    connection.evidence = 1
    assert connection.client == 0


# ---------------------------------------------------------------------- how it ends


@pytest.mark.parametrize(
    ("steps", "close"),
    [
        pytest.param([], "open", id="neither"),
        pytest.param([(CLIENT, FIN | ACK)], "half", id="one-fin"),
        pytest.param([(CLIENT, FIN | ACK), (SERVER, FIN | ACK)], "fin", id="both"),
        pytest.param([(CLIENT, RST)], "rst", id="reset"),
        pytest.param([(CLIENT, FIN | ACK), (SERVER, RST)], "rst", id="reset-before-both-fins"),
        pytest.param([(CLIENT, FIN | ACK), (SERVER, FIN | ACK), (CLIENT, RST)], "fin", id="reset-after-both-fins"),
    ],
)
def test_how_it_ends(steps: list[tuple[int, int]], close: str) -> None:
    wire = Wire().handshake()
    for side, flags in steps:
        wire.send(side, 1, flags=flags)
    assert wire.connections[0].close == close


@pytest.mark.parametrize(
    ("distance", "valid"),
    [(0, True), (1000, True), (-1000, True), (1 << 29, False), (-(1 << 29), False), (1 << 31, False)],
)
def test_a_reset_far_from_the_window_is_none(distance: int, valid: bool) -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.client(4 + distance, flags=RST)
    assert wire.connections[0].close == ("rst" if valid else "open")


def test_a_reset_says_so_to_both_directions() -> None:
    wire = Wire().handshake()
    wire.client(1, "abc")
    wire.server(1, flags=RST | ACK, ack=4)
    assert wire.said(CLIENT) == [b"abc", End.RESET]
    assert wire.said(SERVER) == [End.RESET]


def test_a_reset_waits_for_the_bytes_behind_a_hole() -> None:
    wire = Wire().handshake()
    wire.client(4, "def")
    wire.client(7, flags=RST)
    assert wire.said(CLIENT) == []
    wire.client(1, "abc")
    assert wire.said(CLIENT) == [b"abcdef", End.RESET]


def test_held_bytes_behind_the_fin_are_ignored() -> None:
    wire = Wire().handshake()
    wire.client(7, "xyz")
    wire.client(4, flags=FIN | ACK)
    wire.client(1, "abc")
    wire.finish()
    assert wire.said(CLIENT) == [b"abc", End.FIN]
    assert wire.half(CLIENT).ignored_bytes == 3


def test_nothing_is_held_for_ever_by_a_fin_and_an_open_hole() -> None:
    wire = Wire().handshake()
    wire.client(4, "def")
    wire.client(7, flags=FIN | ACK)
    wire.server(1, flags=FIN | ACK, ack=8)
    wire.finish()
    assert wire.said(CLIENT) == [3, b"def", End.FIN]
    assert wire.said(SERVER) == [End.FIN]


@pytest.mark.parametrize(
    ("client", "server", "ends"),
    [
        pytest.param(FIN | ACK, FIN | ACK, ([End.FIN], [End.FIN]), id="fin-and-fin"),
        pytest.param(FIN | ACK, RST | ACK, ([End.FIN], [End.RESET, End.RESET]), id="fin-and-rst"),
        pytest.param(RST, RST, ([End.RESET, End.RESET], [End.RESET, End.RESET]), id="rst-and-rst"),
    ],
)
def test_every_direction_has_its_end(client: int, server: int, ends: tuple[list[End], list[End]]) -> None:
    """A reset is said when it is seen, and again as the reason of the end, because bytes may come between."""
    wire = Wire().handshake()
    for side, flags in ((CLIENT, client), (SERVER, server)):
        wire.send(side, 1, flags=flags)
        wire.send(side, 1, flags=flags)
    wire.finish()
    assert (wire.said(CLIENT), wire.said(SERVER)) == ends
