"""The states of both sides: what the packets of every kind of opening and close make of them."""

from __future__ import annotations

import random

import pytest

from httptrace.model import Direction, PacketRecord
from httptrace.teach.states import TRANSITIONS, Event, State, States, reached

#: A step of a connection: who sends, flags, seq, ack, bytes; and the states behind it, client's and server's.
Step = tuple[str, str, int, int, int, str, str]

OPEN: list[Step] = [
    ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
    ("s", "AS", 0, 1, 0, "ESTABLISHED", "SYN-RECEIVED"),
    ("c", "A", 1, 1, 0, "ESTABLISHED", "ESTABLISHED"),
]

STORIES: dict[str, list[Step]] = {
    "four-steps": [
        *OPEN,
        ("c", "AP", 1, 1, 10, "ESTABLISHED", "ESTABLISHED"),
        ("c", "AF", 11, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "A", 1, 12, 0, "FIN-WAIT-2", "CLOSE-WAIT"),
        ("s", "AF", 1, 12, 0, "TIME-WAIT", "LAST-ACK"),
        ("c", "A", 12, 2, 0, "TIME-WAIT", "CLOSED"),
    ],
    "server-closes-first": [
        *OPEN,
        ("s", "AF", 1, 1, 5, "CLOSE-WAIT", "FIN-WAIT-1"),
        ("c", "A", 1, 7, 0, "CLOSE-WAIT", "FIN-WAIT-2"),
        ("c", "AF", 1, 7, 0, "LAST-ACK", "TIME-WAIT"),
        ("s", "A", 7, 2, 0, "CLOSED", "TIME-WAIT"),
    ],
    "three-packets-close": [
        *OPEN,
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "AF", 1, 2, 0, "TIME-WAIT", "LAST-ACK"),
        ("c", "A", 2, 2, 0, "TIME-WAIT", "CLOSED"),
    ],
    "half-close-goes-on-sending": [
        *OPEN,
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "A", 1, 2, 1000, "FIN-WAIT-2", "CLOSE-WAIT"),
        ("c", "A", 2, 1001, 0, "FIN-WAIT-2", "CLOSE-WAIT"),
        ("s", "A", 1001, 2, 1000, "FIN-WAIT-2", "CLOSE-WAIT"),
    ],
    "both-close-at-once": [  # RFC 9293 Figure 13
        *OPEN,
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "AF", 1, 1, 0, "CLOSING", "FIN-WAIT-1"),
        ("s", "A", 2, 2, 0, "TIME-WAIT", "CLOSING"),
        ("c", "A", 2, 2, 0, "TIME-WAIT", "TIME-WAIT"),
    ],
    "both-close-at-once-other-order": [
        *OPEN,
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "AF", 1, 1, 0, "CLOSING", "FIN-WAIT-1"),
        ("c", "A", 2, 2, 0, "CLOSING", "TIME-WAIT"),
        ("s", "A", 2, 2, 0, "TIME-WAIT", "TIME-WAIT"),
    ],
    "fin-again": [
        *OPEN,
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "A", 1, 2, 0, "FIN-WAIT-2", "CLOSE-WAIT"),
    ],
    "fin-not-confirmed-by-data-sent-before": [
        *OPEN,
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "A", 1, 1, 1000, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "A", 1001, 2, 0, "FIN-WAIT-2", "CLOSE-WAIT"),
    ],
    "simultaneous-open": [  # RFC 9293 Figure 7
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("s", "S", 0, 0, 0, "SYN-RECEIVED", "SYN-SENT"),
        ("c", "AS", 0, 1, 0, "SYN-RECEIVED", "ESTABLISHED"),
        ("s", "AS", 0, 1, 0, "ESTABLISHED", "ESTABLISHED"),
    ],
    "refused": [
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("s", "AR", 0, 1, 0, "CLOSED", "CLOSED"),
    ],
    "refused-asked-again": [
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("s", "AR", 0, 1, 0, "CLOSED", "CLOSED"),
        ("c", "S", 0, 0, 0, "SYN-SENT", "CLOSED"),
    ],
    "taken-back": [
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("s", "AS", 0, 1, 0, "ESTABLISHED", "SYN-RECEIVED"),
        ("c", "R", 1, 0, 0, "CLOSED", "LISTEN"),
    ],
    "nobody-answers": [
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
    ],
    "reset": [*OPEN, ("s", "AR", 1, 1, 0, "CLOSED", "CLOSED"), ("s", "R", 1, 0, 0, "CLOSED", "CLOSED")],
    "reset-in-time-wait": [
        *OPEN,
        ("c", "AF", 1, 1, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "AF", 1, 2, 0, "TIME-WAIT", "LAST-ACK"),
        ("c", "R", 2, 0, 0, "CLOSED", "CLOSED"),
    ],
    "syn-ack-not-captured": [
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("c", "A", 1, 1, 0, "ESTABLISHED", "ESTABLISHED"),
        ("s", "A", 1, 1, 10, "ESTABLISHED", "ESTABLISHED"),
    ],
    "syn-not-captured": [
        ("s", "AS", 0, 1, 0, "ESTABLISHED", "SYN-RECEIVED"),
        ("c", "A", 1, 1, 0, "ESTABLISHED", "ESTABLISHED"),
    ],
    "syn-alone-then-data-of-the-server": [
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("s", "A", 1, 1, 10, "SYN-SENT", "ESTABLISHED"),
        ("c", "A", 1, 11, 0, "ESTABLISHED", "ESTABLISHED"),
    ],
    "in-the-middle": [
        ("c", "AP", 1, 1, 10, "ESTABLISHED", "ESTABLISHED"),
        ("s", "AF", 1, 11, 0, "CLOSE-WAIT", "FIN-WAIT-1"),
    ],
    "in-the-middle-of-the-close": [
        ("s", "AF", 1, 1, 0, "CLOSE-WAIT", "FIN-WAIT-1"),
        ("c", "AF", 1, 2, 0, "LAST-ACK", "TIME-WAIT"),
        ("s", "A", 2, 2, 0, "CLOSED", "TIME-WAIT"),
    ],
    "begins-with-a-reset": [("s", "R", 1, 0, 0, "CLOSED", "CLOSED")],
    "fin-on-the-circle": [
        ("c", "A", 0xFFFF_FFF0, 1, 0, "ESTABLISHED", "ESTABLISHED"),
        ("c", "AF", 0xFFFF_FFF0, 1, 15, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "A", 1, 0xFFFF_FFF0, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("s", "A", 1, 0, 0, "FIN-WAIT-2", "CLOSE-WAIT"),
    ],
    "only-the-client-was-captured": [
        ("c", "S", 0, 0, 0, "SYN-SENT", "LISTEN"),
        ("c", "A", 1, 1, 0, "ESTABLISHED", "ESTABLISHED"),
        ("c", "AF", 1, 900, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
        ("c", "A", 2, 901, 0, "FIN-WAIT-1", "CLOSE-WAIT"),
    ],
}


def packet(number: int, who: str, flags: str, seq: int, ack: int, length: int, *words: str) -> PacketRecord:
    sender = Direction.CLIENT if who == "c" else Direction.SERVER
    return PacketRecord(number, 0, number, sender, flags, seq, ack if "A" in flags else None, length, 65535, words)


@pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
def test_states_behind_each_packet(story: list[Step]) -> None:
    states = States()
    for number, (who, flags, seq, ack, length, client, server) in enumerate(story, 1):
        changes = states.packet(packet(number, who, flags, seq, ack, length))
        assert (changes[0][1], changes[1][1]) == (client, server), f"packet {number}"
        assert (states.client, states.server) == (client, server)


@pytest.mark.parametrize("name", [name for name in STORIES if not name.startswith("both-close")])
def test_a_state_lasts_until_the_next_packet(name: str) -> None:
    states, last = States(), None
    for number, step in enumerate(STORIES[name], 1):
        client, server = states.packet(packet(number, *step[:5]))
        assert last is None or last == (client[0], server[0])
        last = client[1], server[1]


def test_both_closed_at_once_is_known_at_the_second_fin() -> None:
    states = States()
    changes = [states.packet(packet(n, *step[:5])) for n, step in enumerate(STORIES["both-close-at-once"], 1)]
    assert changes[3] == (("ESTABLISHED", "FIN-WAIT-1"), ("ESTABLISHED", "CLOSE-WAIT"))
    assert changes[4] == (("FIN-WAIT-1", "CLOSING"), ("ESTABLISHED", "FIN-WAIT-1"))


@pytest.mark.parametrize(
    ("name", "assumed"),
    [("four-steps", False), ("syn-not-captured", False), ("in-the-middle", True), ("begins-with-a-reset", True)],
)
def test_it_says_where_it_assumes(name: str, assumed: bool) -> None:
    states = States()
    for number, step in enumerate(STORIES[name], 1):
        states.packet(packet(number, *step[:5]))
    assert states.assumed is assumed


def test_a_fin_behind_missing_bytes_waits_for_its_ack() -> None:
    states = States()
    states.packet(packet(1, "c", "A", 1, 1, 0))
    assert states.packet(packet(2, "s", "AF", 1001, 1, 0, "lost-segment"))[0] == ("ESTABLISHED", "ESTABLISHED")
    assert states.packet(packet(3, "s", "A", 1, 1, 1000))[0] == ("ESTABLISHED", "ESTABLISHED")
    client, server = states.packet(packet(4, "c", "A", 1, 1002, 0))
    assert client == ("ESTABLISHED", "CLOSE-WAIT")
    assert server == ("FIN-WAIT-1", "FIN-WAIT-2")


def test_nobody_listens() -> None:
    states = States(listening=False)
    assert states.packet(packet(1, "c", "S", 0, 0, 0)) == (("CLOSED", "SYN-SENT"), ("CLOSED", "CLOSED"))
    assert states.packet(packet(2, "s", "AR", 0, 1, 0)) == (("SYN-SENT", "CLOSED"), ("CLOSED", "CLOSED"))


def test_every_state_can_be_reached_and_left() -> None:
    assert {to for (_, _), to in TRANSITIONS.items()} | {State.LISTEN} == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


@pytest.mark.parametrize(
    ("number", "wanted", "covers"),
    [(5, 5, True), (4, 5, False), (0, 0xFFFF_FFFF, True), (0xFFFF_FFFF, 0, False), (None, 5, False), (5, None, False)],
)
def test_numbers_are_compared_on_the_circle(number: int | None, wanted: int | None, covers: bool) -> None:
    assert reached(number, wanted) is covers


@pytest.mark.parametrize("seed", range(30))
def test_any_packets_are_borne(seed: int) -> None:
    """Odd traffic raises nothing, and every state is one of the eleven."""
    chance = random.Random(seed)
    states = States()
    for number in range(200):
        flags = "".join(letter for letter in "UAPRSF" if chance.random() < 0.3)
        record = packet(
            number, chance.choice("cs"), flags, chance.randrange(4), chance.randrange(4), chance.randrange(3)
        )
        for change in states.packet(record):
            assert {State(state) for state in change} <= set(State)
