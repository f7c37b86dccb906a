"""The rows on what the sender of a packet knows by now, and what it does not."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.outputs.narration.facts import Closing, Opening, PacketFacts
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.wording import Roles, Row, capital, octets, say, shown


def knowledge_rows(facts: PacketFacts, roles: Roles, once: Once) -> list[Row]:
    """What the sender knows, and what it still has to learn; none where that is plain."""
    text = _opening(facts, roles) or _closing(facts, roles) or _between(facts, roles, once)
    return [Row(_("knows"), text, lasting="dup-ack" in facts.record.analysis)] if text else []


def _opening(facts: PacketFacts, roles: Roles) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    values = {"sender": sender, "peer": peer, "Peer": capital(peer)}
    match facts.opening:
        case Opening.SYN:
            return say(
                _("{sender} knows its own number only: not whether anyone listens, nor {peer}'s number."), **values
            )
        case Opening.SYN_AGAIN:
            return say(_("{sender} cannot tell whether its SYN was lost or the answer to it."), **values)
        case Opening.SYN_ACK:
            return say(_("{sender} knows that {peer}'s SYN arrived, not yet whether its own does."), **values)
        case Opening.SYN_ACK_AGAIN:
            return say(_("{sender} cannot tell whether its SYN, ACK was lost or the third step."), **values)
        case Opening.ACK | Opening.ACK_ALONE:
            return say(
                _(
                    "{sender} knows that both SYNs arrived. {Peer} learns it from this packet; were it lost, the first "
                    "data would say the same."
                ),
                **values,
            )
        case Opening.REFUSED:
            return say(_("{peer} knows now that the machine can be reached, and that this port is shut."), **values)
    return ""


def _closing(facts: PacketFacts, roles: Roles) -> str:
    values = {"sender": roles.the(facts.sender), "peer": roles.the(facts.peer)}
    match facts.closing:
        case Closing.FIRST_FIN:
            return say(_("{sender} knows that it is done, not whether {peer} still has something to send."), **values)
        case Closing.FIRST_CONFIRMED:
            return say(
                _("{sender} has told its program that nothing more comes; when that closes too, it decides."), **values
            )
        case Closing.SECOND_FIN | Closing.SECOND_FIN_CONFIRMING:
            return say(_("{sender} knows that both are done; only the ACK for its FIN is missing."), **values)
        case Closing.FIN_BOTH:
            return say(_("{sender} does not know yet that {peer} has closed as well."), **values)
        case Closing.FIN_AGAIN:
            return say(_("{sender} cannot tell whether its FIN was lost or the ACK for it."), **values)
        case Closing.LAST_CONFIRMED:
            return say(
                _("{sender} never learns whether this ACK arrives; were it lost, {peer} would repeat its FIN."),
                **values,
            )
        case Closing.RESET:
            return say(_("A reset is never confirmed: {sender} does not learn whether it arrives."), **values)
    return ""


def _between(facts: PacketFacts, roles: Roles, once: Once) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    analysis = facts.record.analysis
    if "fast-retransmission" in analysis:
        return say(_("{sender} knows that later pieces arrived: each duplicate ACK stands for one."), sender=sender)
    if facts.repeated:
        return say(_("{sender} cannot tell whether the bytes were lost or the ACK for them."), sender=sender)
    if "dup-ack" in analysis and not facts.has_all and once.first("knows dup-ack"):
        return say(
            _("{sender} cannot tell whether byte {ack} is lost or only late; {peer} learns that something is missing."),
            sender=sender,
            peer=peer,
            ack=shown(facts.record.ack or 0),
        )
    only_asks = "keep-alive" in analysis or "zero-window-probe" in analysis
    if facts.start != facts.end and not only_asks and once.first(f"knows data {facts.sender}"):
        return say(
            _("{sender} keeps a copy of the {size} until an ACK of {next} or more says that they arrived."),
            sender=sender,
            size=octets(facts.end - facts.start),
            next=shown(facts.end),
        )
    return ""
