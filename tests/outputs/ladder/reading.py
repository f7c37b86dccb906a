"""Reads a ladder back, and holds every number on it against the packets it was drawn from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from httptrace.model import Direction, GapGivenUp, Happening, PacketRecord, StreamRecord
from httptrace.outputs.ladder.diagram import Ladder
from httptrace.outputs.ladder.lanes import NARROWEST
from httptrace.outputs.ladder.party import Drawn
from httptrace.outputs.narration.story import Known
from httptrace.outputs.wrap import cell_width

_FLAGS = {"S": "SYN", "F": "FIN", "R": "RST", "P": "PSH", "A": "ACK", "U": "URG", "E": "ECE", "C": "CWR"}
_ARROW = re.compile(r"(?P<tip>[◀─═])[─═] No(?P<first>\d+)(?: … No(?P<last>\d+))? ")
_STREAM = re.compile(r" *(\d+) ")
_NUMBER = {name: re.compile(rf"(?<![\w]){name}=(\d+)") for name in ("seq", "ack", "len", "win")}


@dataclass
class Read:
    """One arrow: its packets, its rows, and the connection's number at the left, if there is one."""

    first: int
    last: int
    tip: str
    rows: list[str]
    stream: int | None = None


@dataclass
class Ledger:
    """A ladder's text, read."""

    arrows: list[Read] = field(default_factory=list)
    columns: set[int] = field(default_factory=set)  # where the server's lifeline stands


def read(text: str) -> Ledger:
    """The arrows of a ladder, in the order in which they were drawn."""
    ledger = Ledger()
    for line in text.splitlines():
        found = _ARROW.search(line)
        if found:
            number = _STREAM.match(line)
            ledger.arrows.append(
                Read(
                    int(found["first"]),
                    int(found["last"] or found["first"]),
                    "▶" if "▶│" in line else found["tip"],
                    [line],
                    int(number[1]) if number else None,
                )
            )
        elif ledger.arrows:
            ledger.arrows[-1].rows.append(line)
        if re.search(r"[│▶┤╡]", line) and not line.startswith("── "):
            ledger.columns.add(cell_width(line[: max(line.rfind(end) for end in "│┤╡")]))
    return ledger


def verify(text: str, records: Sequence[PacketRecord], width: int, *, absolute: bool = False) -> Ledger:
    """Fails where a line is too wide, lifelines are not straight, a packet is missing or drawn twice, or an arrow says
    another direction, flag or number than its packet."""
    for line in text.splitlines():
        assert cell_width(line) <= max(width, NARROWEST), line
    ledger = read(text)
    assert len(ledger.columns) <= 1, text
    by_number = {record.packet: record for record in records}
    told: list[int] = []
    for arrow in ledger.arrows:
        if arrow.first == arrow.last:
            told.append(arrow.first)
            verify_arrow(arrow, by_number[arrow.first], absolute)
            continue
        stream = by_number[arrow.first].stream
        assert by_number[arrow.last].stream == stream
        told += [
            record.packet
            for record in records
            if record.stream == stream and arrow.first <= record.packet <= arrow.last
        ]
    assert sorted(told) == sorted(by_number), text
    return ledger


def verify_arrow(arrow: Read, record: PacketRecord, absolute: bool) -> None:
    """One packet's arrow against its record."""
    assert (arrow.tip == "▶") == (record.sender is Direction.CLIENT), arrow.rows[0]
    rows = "\n".join(arrow.rows)
    flags = {_FLAGS[letter] for letter in record.flags}
    assert any(set(word.split(",")) == flags for word in rows.split()) or not flags, rows
    seq, ack = (record.absolute_seq, record.absolute_ack) if absolute else (record.seq, record.ack)
    assert first(rows, "seq") == seq, rows
    assert first(rows, "ack") == (ack if "A" in record.flags else None), rows
    assert (first(rows, "len") or 0) == record.length, rows
    if arrow.stream is not None:
        assert arrow.stream == record.stream


def first(rows: str, name: str) -> int | None:
    """The first number of that name."""
    found = _NUMBER[name].search(rows)
    return int(found[1]) if found else None


def draw(
    happened: Iterable[tuple[PacketRecord, list[Happening]]],
    known: dict[int, Known | None],
    records: Sequence[StreamRecord],
    closing: dict[int, list[Happening]] | None = None,
    **options: object,
) -> str:
    """Packets in the order of the capture, drawn; of each connection what is known of it, and how it ended."""
    told = list(happened)
    lines: list[str] = []
    connections = []
    for record in records:
        own = [one for packet, happenings in told if packet.stream == record.stream for one in happenings]
        gaps = [one for one in own if isinstance(one, GapGivenUp)] if known[record.stream] else []
        connections.append(Drawn(record.stream, record.client, record.server, known[record.stream], gaps))
    ladder = Ladder(lines.append, connections, **options)  # type: ignore[arg-type]
    last = {record.last_packet: record.stream for record in records}
    for packet, happenings in told:
        ladder.packet(packet, happenings)
        if packet.packet in last:
            ladder.closing(last[packet.packet], (closing or {}).get(last[packet.packet], []))
    ladder.finish(*records)
    return "".join(lines)
