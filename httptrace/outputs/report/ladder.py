"""One connection as the page's ladder draws it: its packets with numbers and states, and what each carried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from httptrace.lang import LANGUAGES, speaking
from httptrace.model import ANALYSIS, Direction, Exchange, GapGivenUp, Happening, PacketRecord, StreamRecord
from httptrace.outputs.narration.story import Known, Story
from httptrace.outputs.narration.wording import NBSP, Roles, is_browser
from httptrace.outputs.report import bounds
from httptrace.outputs.report.bytemap import Span, carried
from httptrace.outputs.report.wire import Unwrapped
from httptrace.teach.states import State, States

#: States by number, in the page's data.
STATES = tuple(State)
_STATE_NUMBERS = {state.value: number for number, state in enumerate(STATES)}

#: Words of the analysis by number, in the page's data.
_ANALYSIS_NUMBERS = {word: number for number, word in enumerate(ANALYSIS)}

#: The width that prose is told for; the page breaks lines itself.
_WIDTH = 100


@dataclass(slots=True)
class Kept:
    """What is kept of a connection while it is read. `spans`: where its messages lie; `left_out`: packets beyond the
    bounds; `told`: whether what happened is kept too, for the prose."""

    packets: list[tuple[PacketRecord, list[Happening]]] = field(default_factory=list)
    closing: list[Happening] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    left_out: int = 0
    told: bool = True


def connection(kept: Kept, record: StreamRecord, started: int, told: bool) -> dict[str, Any]:
    """The connection's data; with `told`, each packet's prose in every language."""
    packets = [_sided(packet, record) for packet, _happenings in kept.packets]
    states = States(listening=record.handshake != "refused")
    rows: list[list[Any]] = []
    segments: list[tuple[int, Direction, int, int]] = []
    numbers = (Unwrapped(), Unwrapped())
    for index, packet in enumerate(packets):
        client, server = states.packet(packet)
        rows.append(_row(packet, started, client, server))
        start = numbers[packet.sender](packet.seq) + ("S" in packet.flags)
        if packet.length and packet.captured:
            segments.append((index, packet.sender, start, min(packet.length, packet.captured)))
    entries = carried(kept.spans, segments)
    return {
        "stream": record.stream,
        "more": kept.left_out,
        "assumed": states.assumed,
        "packets": rows,
        "gaps": _gaps(kept),
        "spans": [
            [span.exchange, span.kind, int(span.sender), span.start, span.end, span.head, span.label]
            for span in kept.spans
        ],
        "carried": [[one.packet, one.span, one.low, one.high, int(one.again)] for one in entries],
        "prose": [_prose(kept, packets, record, language) for language in LANGUAGES] if told else None,
    }


def _sided(packet: PacketRecord, record: StreamRecord) -> PacketRecord:
    """The packet with the sender that is known now that the connection is over."""
    sender = Direction.CLIENT if packet.side == record.client_index else Direction.SERVER
    return packet if packet.sender is sender else replace(packet, sender=sender)


def _row(packet: PacketRecord, started: int, client: tuple[str, str], server: tuple[str, str]) -> list[Any]:
    return [
        packet.packet,
        packet.time_ns - started,
        int(packet.sender),
        packet.flags,
        packet.seq,
        packet.ack,
        packet.length,
        packet.window,
        [_ANALYSIS_NUMBERS[word] for word in packet.analysis if word in _ANALYSIS_NUMBERS],
        [_STATE_NUMBERS[state] for state in (*client, *server)],
        packet.absolute_seq,
        packet.absolute_ack if packet.ack is not None else None,
        packet.options.hex() if "S" in packet.flags else "",
        packet.length - packet.captured if packet.captured < packet.length else 0,
    ]


def _gaps(kept: Kept) -> list[list[Any]]:
    """Bytes that were never captured: (packet before which it was known, sender, seq, length, acknowledged)."""
    found: list[list[Any]] = []
    told = [*kept.packets, *([(None, kept.closing)] if kept.closing else [])]
    for packet, happenings in told:
        for happening in happenings:
            if isinstance(happening, GapGivenUp):
                where = None if packet is None else packet.packet
                found.append([where, int(happening.sender), happening.seq, happening.length, int(happening.acked)])
    return found[: bounds.NOTES]


def _prose(kept: Kept, packets: list[PacketRecord], record: StreamRecord, language: str) -> dict[str, Any]:
    """What the walkthrough says of each packet, the headings over them, and what it says behind the last one."""
    exchanges = sorted(kept.exchanges, key=lambda exchange: exchange.no)
    known = Known(0, 1, len(exchanges), 0, record, exchanges)
    with speaking(language):
        roles = Roles(any(is_browser(exchange) for exchange in exchanges))
        story = Story(roles, record.server, _WIDTH, known)
        texts: list[list[str]] = []
        headings: list[list[Any]] = []
        for index, (packet, (_record, happenings)) in enumerate(zip(packets, kept.packets, strict=True)):
            entry = story.tell(story.connection.observe(packet), happenings)
            if story.heading is not None:
                headings.append([index, _plain(story.heading)])
                story.heading = None
            texts.append([_marked(remark.mark, remark.text) for remark in entry.remarks if remark.text])
        behind = [*story.outside(kept.closing), *story.last(record)]
        names = [roles.name(direction) for direction in Direction]
    return {
        "texts": texts,
        "headings": headings,
        "behind": [_marked(remark.mark, remark.text) for remark in behind if remark.text],
        "names": names,
    }


def _marked(mark: str, text: str) -> str:
    return _plain(f"{mark} {text}" if mark else text)


def _plain(text: str) -> str:
    return text.replace(NBSP, " ")
