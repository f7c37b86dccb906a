"""Whatever happens on a connection: every packet is told once, every number is right, nothing is too wide."""

from __future__ import annotations

import random

import pytest

from httptrace.model import Body, GapGivenUp, MessageBegan, MessageEnded
from tests.outputs.reading import verify
from tests.outputs.wire import CLIENT, SERVER, Wire, html

ODD = (
    (),
    (),
    (),
    ("window-update",),
    ("dup-ack",),
    ("retransmission",),
    ("retransmission", "spurious-retransmission"),
    ("out-of-order",),
    ("lost-segment",),
    ("acked-unseen-segment",),
    ("zero-window",),
    ("window-full",),
    ("keep-alive",),
    ("keep-alive-ack",),
    ("zero-window-probe",),
)


def conversation(seed: int) -> Wire:
    """A connection on which anything happens in any order."""
    chance = random.Random(seed)
    wire = Wire()
    if chance.random() < 0.7:
        wire.shake_hands()
    else:
        wire.seq = [1, 1]
        wire.send(chance.choice((CLIENT, SERVER)), "A")
    for _ in range(chance.randrange(5, 60)):
        sender = chance.choice((CLIENT, SERVER))
        start = wire.seq[sender]
        wire.send(
            sender,
            chance.choice(("A", "A", "A", "AP", "AP", "AF", "AR", "R", "S", "AS")) if chance.random() < 0.2 else "A",
            chance.choice((0, 0, 1, 100, 1448)),
            ms=chance.choice((0.01, 0.5, 30, 300, 2000)),
            seq=max(0, start + chance.choice((0, 0, 0, 0, -1448, -1, 1448))),
            ack=max(0, wire.seq[1 - sender] - chance.choice((0, 0, 0, 1448, -1448))),
            analysis=chance.choice(ODD),
            window=chance.choice((0, 1000, 65535)),
        )
        if chance.random() < 0.3:
            body = html(500) if chance.random() < 0.5 else Body(framing=chance.choice(("none", "chunked", "close")))
            exchange = wire.exchange(answer=body, response_complete=chance.random() < 0.7)
            wire.happen(MessageBegan(exchange, sender))
            if chance.random() < 0.7:
                wire.happen(MessageEnded(exchange, sender))
        if chance.random() < 0.05:
            wire.happen(GapGivenUp(sender, start, 1448, chance.random() < 0.5))
    return wire


@pytest.mark.parametrize("seed", range(40), ids=lambda seed: f"seed-{seed}")
@pytest.mark.parametrize("known", [True, False], ids=["read-first", "streamed"])
def test_every_packet_is_told_once_and_right(seed: int, known: bool) -> None:
    wire = conversation(seed)
    records = [record for record, _ in wire.packets]
    numbers = [record.packet for record in records]
    ending: dict[str, object] = {"close": random.Random(seed).choice(("open", "half", "fin", "rst")), "rtt_ns": None}
    read = verify(wire.told(known=known, ending=ending), records)
    told = [*read.entries, *(no for first, last, _ in read.folds for no in range(first, last + 1))]
    assert sorted(told) == numbers
    assert verify(wire.told(known=known, ending=ending, unfold=True), records).entries == numbers
