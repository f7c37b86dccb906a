"""The TCP options of a SYN in words, and the blocks of a SACK (RFC 9293 §3.2; RFC 7323, RFC 2018)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack

from httptrace.lang import _
from httptrace.model import PacketRecord
from httptrace.outputs.narration.facts import PacketFacts
from httptrace.outputs.narration.wording import Roles, Row, listed, octets, say

#: Kinds of options, and how long each is with its kind and length.
_MSS, _SCALE, _SACK_PERMITTED, _SACK, _TIMESTAMPS, _FAST_OPEN = 2, 3, 4, 5, 8, 34
_LENGTHS = {_MSS: 4, _SCALE: 3, _SACK_PERMITTED: 2, _TIMESTAMPS: 10}

#: A shift above 14 is taken as 14 (RFC 7323 §2.3).
_LARGEST_SHIFT = 14


@dataclass(slots=True)
class Options:
    """What the options of one packet say; of a repeated one the last counts. `sack`: (left, right), as sent."""

    mss: int | None = None
    scale: int | None = None
    sack_permitted: bool = False
    timestamps: tuple[int, int] | None = None
    fast_open: bool = False
    sack: tuple[tuple[int, int], ...] = ()


def _each(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and data of each option, up to the first length that cannot be."""
    at = 0
    while at < len(raw) and raw[at]:
        if raw[at] == 1:
            at += 1
            continue
        length = raw[at + 1] if at + 1 < len(raw) else 0
        if length < 2 or at + length > len(raw):
            return
        yield raw[at], raw[at + 2 : at + length]
        at += length


def read_options(raw: bytes) -> Options:
    """What the options of a TCP header say; never raises."""
    options = Options()
    for kind, data in _each(raw[:40]):
        if kind in _LENGTHS and len(data) + 2 != _LENGTHS[kind]:
            continue
        if kind == _MSS:
            options.mss = int.from_bytes(data, "big")
        elif kind == _SCALE:
            options.scale = min(data[0], _LARGEST_SHIFT)
        elif kind == _SACK_PERMITTED:
            options.sack_permitted = True
        elif kind == _TIMESTAMPS:
            options.timestamps = unpack("!II", data)
        elif kind == _FAST_OPEN:
            options.fast_open = True
        elif kind == _SACK:
            numbers = unpack(f"!{len(data) // 8 * 2}I", data[: len(data) // 8 * 8])
            options.sack = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return options


def syn_rows(facts: PacketFacts, roles: Roles, offered: Options | None) -> list[Row]:
    """A row for each option of a SYN; `offered` is what the peer's SYN said, where it was seen."""
    options, sender, peer = read_options(facts.record.options), roles.the(facts.sender), roles.the(facts.peer)
    if facts.record.options == b"":
        return [Row(_("options"), say(_("None: {sender} asks for nothing beyond plain TCP."), sender=sender))]
    rows = []
    if options.mss is not None:
        rows.append(
            say(
                _("MSS {size}: {peer} is to put at most {bytes} of data into one segment (RFC 9293 §3.7.1)."),
                size=options.mss,
                peer=peer,
                bytes=octets(options.mss),
            )
        )
    if options.scale is not None:
        rows.append(_scale(options.scale, sender, offered))
    elif offered is not None and offered.scale is not None:
        rows.append(say(_("No window scale: so neither side's windows are multiplied (RFC 7323 §2.2).")))
    if options.sack_permitted:
        rows.append(
            say(
                _("SACK permitted: {sender} understands which pieces arrived behind a hole (RFC 2018 §2)."),
                sender=sender,
            )
        )
    if options.timestamps is not None:
        rows.append(
            say(
                _("Timestamps: {sender}'s clock stands at {value}; {echo} (RFC 7323 §3)."),
                sender=sender,
                value=options.timestamps[0],
                echo=_echo(options.timestamps[1]),
            )
        )
    if options.fast_open:
        rows.append(say(_("TCP Fast Open: data may come along with a SYN (RFC 7413).")))
    return [Row(_("options") if place == 0 else "", text) for place, text in enumerate(rows)]


def _echo(value: int) -> str:
    if not value:
        return _("nothing to echo yet")
    return _("it echoes {value}, the other clock").format(value=value)


def _scale(shift: int, sender: str, offered: Options | None) -> str:
    factor = f"{1 << shift:,}"
    if offered is not None and offered.scale is None:
        return say(
            _("Window scale {shift}, which does not count: the other SYN had none (RFC 7323 §2.2)."), shift=shift
        )
    return say(
        _("Window scale {shift}: after the handshake {sender}'s windows count × {factor} (RFC 7323 §2)."),
        shift=shift,
        factor=factor,
        sender=sender,
    )


def sack_rows(record: PacketRecord, roles: Roles, facts: PacketFacts) -> list[Row]:
    """The pieces that a receiver says it has behind the hole."""
    options = read_options(record.options)
    if not options.sack or record.ack is None:
        return []
    base = record.absolute_ack - record.ack
    said = [f"{(left - base) & 0xFFFF_FFFF}–{(right - 1 - base) & 0xFFFF_FFFF}" for left, right in options.sack]
    text = say(
        _("{sender} has bytes {spans} already, behind what is missing (RFC 2018 §3)."),
        sender=roles.the(facts.sender),
        spans=listed(said),
    )
    return [Row("SACK", text)]
