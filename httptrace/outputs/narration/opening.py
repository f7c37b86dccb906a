"""What the walkthrough says of the handshake (RFC 9293 §3.5)."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.model import Endpoint
from httptrace.outputs.narration.facts import Connection, Opening, PacketFacts
from httptrace.outputs.narration.wording import (
    AGAIN,
    TROUBLE,
    Remark,
    Roles,
    capital,
    duration,
    join,
    octets,
    say,
)


def opening(facts: PacketFacts, connection: Connection, roles: Roles, server: Endpoint) -> list[Remark]:
    """The remarks on a packet that belongs to the handshake."""
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    numbers = {"isn": _isn(facts), "next": facts.record.seq + 1}
    match facts.opening:
        case Opening.SYN:
            text = say(
                _(
                    "Step 1. {sender} asks to connect and announces where its numbering starts: {isn}. A SYN "
                    "uses up one number, so its first byte of data will be number {next}."
                ),
                sender=capital(sender),
                **numbers,
            )
            return [Remark(text), *_data_with_syn(facts)]
        case Opening.SYN_BOTH:
            text = say(
                _(
                    "{sender} asks to connect as well, without having seen the other SYN: a simultaneous "
                    "open. Its numbering "
                    "starts at {isn}. Each side will now confirm the other's SYN."
                ),
                sender=sender,
                **numbers,
            )
            return [Remark(text)]
        case Opening.SYN_AGAIN:
            text = say(
                _(
                    "{sender} asks again with the same number: {wait} after No{earlier} no answer had "
                    "come. This is attempt "
                    "number {count}."
                ),
                sender=sender,
                wait=duration(facts.since_syn_ns or 0),
                earlier=facts.syn_packet,
                count=facts.attempts,
            )
            return [Remark(text, AGAIN)]
        case Opening.SYN_ACK:
            return [Remark(_syn_ack(facts, connection, roles)), *_data_with_syn(facts)]
        case Opening.SYN_ACK_AGAIN:
            text = say(
                _("{sender} repeats its SYN, ACK: so far nothing tells it that {peer} received the first one."),
                sender=sender,
                peer=peer,
            )
            return [Remark(text, AGAIN)]
        case Opening.ACK:
            return [Remark(_third(facts, sender, peer))]
        case Opening.ACK_ALONE:
            text = _("Step 3. {sender} confirms {peer}'s SYN, which is not in the capture.")
            return [Remark(say(text, sender=capital(sender), peer=peer))]
        case Opening.REFUSED:
            text = say(
                _(
                    "{sender} refuses: RST instead of SYN, ACK, {wait} after No{packet}. No program "
                    "there accepts connections "
                    "on port {port}, or a firewall answers for it. No connection came about."
                ),
                sender=sender,
                wait=duration(facts.since_syn_ns or 0),
                packet=facts.syn_packet,
                port=server.port,
            )
            return [Remark(text, TROUBLE)]
        case None:
            return []


def begins_in_the_middle(connection: Connection) -> Remark | None:
    """The remark where the first packet of the connection in the capture is no SYN."""
    if any(side.syns for side in connection.sides):
        return None
    return Remark(
        say(
            _(
                "The capture has no handshake of this connection: it was open already. Where its numbers "
                "began is unknown, so "
                "each side's first byte in the capture counts as number 1."
            )
        ),
        TROUBLE,
    )


def _syn_ack(facts: PacketFacts, connection: Connection, roles: Roles) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    numbers = {"isn": _isn(facts), "ack": facts.record.ack}
    if connection.sides[facts.sender].syns > 1:
        both = say(_("Both sides are open.")) if connection.open else ""
        repeats = say(
            _("{sender} confirms {peer}'s SYN and repeats its own, as a simultaneous open asks."),
            sender=sender,
            peer=peer,
        )
        return join([repeats, both])
    if facts.syn_packet is None:
        return join(
            [
                say(_("Step 2 is the first thing the capture has; the SYN before it is missing.")),
                say(
                    _(
                        "{sender} agrees, announces its own start {isn} and confirms {peer}'s "
                        "SYN: the next byte it expects is number {ack}."
                    ),
                    sender=sender,
                    peer=peer,
                    **numbers,
                ),
            ]
        )
    return say(
        _(
            "Step 2. {sender} agrees, announces its own start {isn}, and confirms {peer}'s SYN: "
            "the next byte it expects is number {ack}."
        ),
        sender=capital(sender),
        peer=peer,
        **numbers,
    )


def _third(facts: PacketFacts, sender: str, peer: str) -> str:
    confirmed = say(
        _("Step 3. {sender} confirms {peer}'s SYN. Both sides are open."), sender=capital(sender), peer=peer
    )
    if facts.since_syn_ns is None or facts.attempts > 1:
        return confirmed
    trip = say(
        _("One round trip, from No{first} to No{last}, took {time}."),
        first=facts.syn_packet,
        last=facts.record.packet,
        time=duration(facts.since_syn_ns),
    )
    return join([confirmed, trip])


def _data_with_syn(facts: PacketFacts) -> list[Remark]:
    if not facts.record.length:
        return []
    return [Remark(say(_("It brings {size} of data along with the SYN."), size=octets(facts.record.length)))]


def _isn(facts: PacketFacts) -> str:
    """An initial sequence number, by its letter: as shown, and as it went over the wire."""
    record = facts.record
    letter = "xy"[facts.sender]
    if record.seq == record.absolute_seq:
        return f"{letter} = {record.seq}"
    return _("{letter} (shown as {shown}, on the wire {wire})").format(
        letter=letter, shown=record.seq, wire=record.absolute_seq
    )
