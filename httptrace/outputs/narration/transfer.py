"""What the walkthrough says of data and of the numbers that confirm it, when all goes well."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.outputs.narration.facts import Confirmed, PacketFacts
from httptrace.outputs.narration.wording import Remark, Roles, added, duration, octets, pieces, say, shown, span


def data(facts: PacketFacts, roles: Roles, unfinished_head: bool) -> Remark:
    """A packet with data that neither begins nor ends a message."""
    values = {
        "sender": roles.the(facts.sender),
        "span": span(facts.start, facts.end),
        "next": shown(facts.end),
    }
    if unfinished_head:
        return Remark(
            say(_("{sender} sends bytes {span}: part of a message whose head is not complete yet."), **values)
        )
    return Remark(say(_("{sender} sends bytes {span}; its next number will be {next}."), **values))


def next_number(facts: PacketFacts, roles: Roles) -> str:
    """The arithmetic of a packet with data."""
    return say(
        _("{sender}'s next number will be {sum}."),
        sender=roles.the(facts.sender),
        sum=added(facts.start, facts.end - facts.start, facts.end),
    )


def confirmation(facts: PacketFacts, roles: Roles) -> Remark:
    """A bare ACK."""
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    confirmed = facts.confirmed
    if confirmed is None:
        return Remark(_nothing_new(facts, sender, peer))
    total = added(confirmed.start, confirmed.end - confirmed.start, facts.ack)
    if confirmed.pieces == 1 and facts.first_confirmation:
        text = say(
            _("{sender} has every byte of {peer} up to {last}: {sum} is the next it expects."),
            sender=sender,
            peer=peer,
            last=shown(confirmed.end - 1),
            sum=total,
        )
    elif confirmed.pieces == 1:
        text = say(
            _("{sender} confirms No{packet}: {sum}."),
            sender=sender,
            packet=confirmed.first_packet,
            sum=total,
        )
    elif confirmed.pieces == 2:
        text = say(
            _("{sender} confirms No{first} and No{last} at once: {sum}."),
            sender=sender,
            first=min(confirmed.first_packet or 0, confirmed.last_packet or 0),
            last=max(confirmed.first_packet or 0, confirmed.last_packet or 0),
            sum=total,
        )
    elif confirmed.pieces and (confirmed.first_packet or 0) > (confirmed.last_packet or 0):
        text = say(
            _("{sender} confirms {pieces} at once: {sum}."),
            sender=sender,
            pieces=pieces(confirmed.pieces),
            sum=total,
        )
    elif confirmed.pieces:
        text = say(
            _("{sender} confirms {pieces} at once, No{first} to No{last}: {sum}."),
            sender=sender,
            pieces=pieces(confirmed.pieces),
            first=confirmed.first_packet,
            last=confirmed.last_packet,
            sum=total,
        )
    else:
        text = say(
            _("{sender} has every byte of {peer} up to {last}."),
            sender=sender,
            peer=peer,
            last=shown(confirmed.end - 1),
        )
    return Remark(text)


def along_with_data(confirmed: Confirmed, roles: Roles, facts: PacketFacts) -> str:
    """What a packet with data confirms by the way."""
    if confirmed.pieces == 1:
        return say(
            _("It also confirms No{packet}: ack={ack}."),
            packet=confirmed.first_packet,
            ack=facts.record.ack,
        )
    return say(
        _("It also confirms {size} of {peer}: ack={ack}."),
        size=octets(confirmed.end - confirmed.start),
        peer=roles.the(facts.peer),
        ack=facts.record.ack,
    )


def _nothing_new(facts: PacketFacts, sender: str, peer: str) -> str:
    record = facts.record
    if "window-update" in record.analysis or (facts.window_before is not None and facts.window_before != record.window):
        return say(
            _("{sender} confirms nothing new; it announces a window of {window}: so much may {peer} send unconfirmed."),
            sender=sender,
            peer=peer,
            window=octets(record.window),
        )
    if facts.idle_ns is None or facts.ack is None:
        return say(
            _("{sender} expects byte {ack} of {peer} next."),
            sender=sender,
            peer=peer,
            ack=facts.record.ack or 0,
        )
    return say(
        _("{sender} says ack={ack} again, {idle} after its last packet."),
        sender=sender,
        ack=facts.record.ack,
        idle=duration(facts.idle_ns),
    )
