"""What the walkthrough says of the close (RFC 9293 §3.6) and of resets (§3.5.2)."""

from __future__ import annotations

from httptrace.lang import _, ngettext
from httptrace.model import Direction, StreamRecord
from httptrace.outputs.narration.facts import Closing, Connection, PacketFacts
from httptrace.outputs.narration.wording import (
    AGAIN,
    TROUBLE,
    Remark,
    Roles,
    added,
    capital,
    join,
    octets,
    say,
)


def closing(facts: PacketFacts, connection: Connection, roles: Roles) -> list[Remark]:
    """The remarks on a packet of the close."""
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    number = {"sender": capital(sender), "peer": peer, "sum": added(facts.end, 1, facts.next)}
    confirming = added((facts.ack or 0) - 1, 1, facts.ack)
    match facts.closing:
        case Closing.FIRST_FIN:
            text = say(
                _(
                    "Step 1. {sender} will send no more: FIN. It can still receive. Like a SYN, a FIN "
                    "uses up one number: its ACK will be {sum}."
                ),
                **number,
            )
        case Closing.FIRST_CONFIRMED:
            text = say(
                _("Step 2. {sender} confirms the FIN: {sum}. It may still send (half-closed)."),
                sender=capital(sender),
                sum=confirming,
            )
        case Closing.SECOND_FIN:
            text = say(
                _("Step 3. {sender} has nothing more to send either: FIN, to be confirmed with {sum}."),
                **number,
            )
        case Closing.SECOND_FIN_CONFIRMING:
            text = say(
                _(
                    "Steps 2 and 3 in one packet. {sender} confirms the FIN ({confirming}) and sends its "
                    "own, to be confirmed with {sum}."
                ),
                confirming=confirming,
                **number,
            )
        case Closing.FIN_BOTH:
            text = say(
                _(
                    "{sender} closes as well, without having seen the other FIN: both close at once. The "
                    "ACK for its FIN will be "
                    "{sum}."
                ),
                **number,
            )
        case Closing.FIN_AGAIN:
            text = say(_("{sender} repeats its FIN: no confirmation had come."), **number)
            if facts.confirms_fin:
                text = join([text, say(_("It also confirms {peer}'s FIN: {sum}."), peer=peer, sum=confirming)])
            return [Remark(text, AGAIN)]
        case Closing.LAST_CONFIRMED:
            text = _last(facts, connection, roles)
        case Closing.RESET:
            return [Remark(_reset(facts, connection, roles), TROUBLE)]
        case None:
            return []
    return [Remark(text)]


def still_sending(facts: PacketFacts, connection: Connection, roles: Roles) -> str:
    """The sentence on data that flows against a FIN: half-closed; empty where there is none."""
    if connection.sides[facts.peer].fin_seq is None or facts.start == facts.end:
        return ""
    return say(
        _("{peer} has closed its direction; {sender} still sends."),
        sender=roles.the(facts.sender),
        peer=roles.the(facts.peer),
    )


def how_it_ended(record: StreamRecord, connection: Connection, roles: Roles) -> Remark | None:
    """What is said behind the last packet of a connection that was not closed by both sides."""
    client, server = connection.sides
    if client.packets == 0 or server.packets == 0:
        seen = Direction.SERVER if client.packets == 0 else Direction.CLIENT
        if seen is Direction.CLIENT and client.syns == client.packets:
            text = ngettext(
                "Nobody answered: {count} attempt, and no packet of {other} in the capture.",
                "Nobody answered: {count} attempts, and no packet of {other} in the capture.",
                client.syns,
            )
            return Remark(say(text, count=client.syns, other=roles.the(Direction.SERVER)), TROUBLE)
        text = _(
            "Only packets of {seen} are in the capture, none of {other}: it saw one direction of the "
            "traffic. Requests and "
            "responses cannot be told whole from it."
        )
        other = Direction(1 - seen)
        return Remark(say(text, seen=roles.the(seen), other=roles.the(other)), TROUBLE)
    if record.close == "open" and connection.open:
        return Remark(
            say(
                _("The capture ends with No{packet} of this connection, still open: no FIN, no reset."),
                packet=connection.last_packet,
            )
        )
    if record.close == "half" and connection.closed_by is not None:
        return Remark(
            say(
                _("The capture ends half-closed: {closed} sent its FIN, {other} did not."),
                closed=roles.the(connection.closed_by),
                other=roles.the(Direction(1 - connection.closed_by)),
            )
        )
    return None


def _last(facts: PacketFacts, connection: Connection, roles: Roles) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    confirming = added((facts.ack or 0) - 1, 1, facts.ack)
    if not connection.sides[facts.sender].fin_confirmed:
        return say(
            _("{sender} confirms {peer}'s FIN: {sum}. Its own is not confirmed yet."),
            sender=sender,
            peer=peer,
            sum=confirming,
        )
    if connection.closed_by is None:
        return say(
            _("{sender} confirms {peer}'s FIN: {sum}. The connection is closed, by both at once."),
            sender=sender,
            peer=peer,
            sum=confirming,
        )
    step = say(
        _("Step 4. {sender} confirms {peer}'s FIN: {sum}. The connection is closed."),
        sender=capital(sender),
        peer=peer,
        sum=confirming,
    )
    return join(
        [
            step,
            say(
                _("{first} closed first, so it keeps the port for a while, in case packets come late (TIME-WAIT)."),
                first=roles.the(connection.closed_by),
            ),
        ]
    )


def _reset(facts: PacketFacts, connection: Connection, roles: Roles) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    if facts.attempts > 1:
        return say(_("{sender} resets again: nothing is open any more."), sender=sender)
    own, other = facts.lost
    if not connection.open:
        return say(_("{sender} takes it back (RST): no connection came about."), sender=sender)
    if all(side.fin_seq is not None for side in connection.sides):
        return say(
            _("{sender} sends a reset (RST) after both FINs: late packets find no connection here any more."),
            sender=sender,
        )
    what = say(
        _("{sender} resets the connection (RST): it ends at once, without FIN, and what comes later is thrown away."),
        sender=sender,
    )
    lost = []
    if own:
        lost.append(say(_("Not confirmed yet: {size} of {sender}."), size=octets(own), sender=sender))
    if other:
        lost.append(say(_("Not confirmed, and perhaps lost: {size} of {peer}."), size=octets(other), peer=peer))
    if not lost and any(side.confirmed_bytes for side in connection.sides):
        lost.append(say(_("All bytes seen so far had been confirmed.")))
    return join([what, *lost])
