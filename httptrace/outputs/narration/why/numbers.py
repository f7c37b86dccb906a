"""The rows on the numbers of a packet: which moved, by how much and why; the window, and what is in flight."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.outputs.narration.facts import Connection, Opening, PacketFacts
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.wording import Roles, Row, added, join, octets, say, shown, span


def number_rows(facts: PacketFacts, connection: Connection, roles: Roles, once: Once) -> list[Row]:
    """Rows for seq, ack, window and bytes in flight, where there is something to say."""
    rows = [Row("seq", _seq(facts, roles, once)), Row("ack", _ack(facts, roles, once))]
    if "R" in facts.record.flags:
        return rows
    rows += [Row(_("window"), text) for text in _window(facts, connection, roles, once)]
    flight = _flight(facts, roles, once)
    if flight:
        rows.append(Row(_("flight"), flight))
    return rows


def _seq(facts: PacketFacts, roles: Roles, once: Once) -> str:
    record = facts.record
    syn, fin = "S" in record.flags, "F" in record.flags
    total = added(record.seq, record.length + syn + fin, facts.next)
    if "keep-alive" in record.analysis:
        return say(
            _("{seq}, one below the next: a number confirmed long ago, so {peer} must answer (RFC 9293 §3.8.4)."),
            seq=shown(record.seq),
            peer=roles.the(facts.peer),
        )
    if "zero-window-probe" in record.analysis:
        return say(
            _("{seq}: one byte too many, so that {peer} has to answer; its ACK says whether it took it."),
            seq=shown(record.seq),
            peer=roles.the(facts.peer),
        )
    if facts.next_before is not None and facts.start < facts.next_before and not syn and facts.start != facts.end:
        return say(
            _("Back to {seq}; the next new byte stays number {next}."),
            seq=shown(facts.start),
            next=shown(max(facts.next, facts.next_before)),
        )
    if syn:
        return _seq_of_syn(total, record.length, once)
    if fin:
        return _seq_of_fin(total, record.length, once)
    if record.length:
        if once.first(f"seq {facts.sender}"):
            return say(
                _("{sum}: {bytes} take the numbers {span}, and {sender}'s next byte gets {next} (RFC 9293 §3.4)."),
                sum=total,
                bytes=octets(record.length),
                span=span(facts.start, facts.end),
                sender=roles.the(facts.sender),
                next=shown(facts.next),
            )
        return total
    if once.first("seq stays"):
        return say(
            _(
                "Stays {seq}: without data, SYN or FIN a segment takes no number, so nobody confirms it (RFC "
                "9293 §3.4)."
            ),
            seq=shown(record.seq),
        )
    return say(_("Stays {seq}"), seq=shown(record.seq))


def _seq_of_syn(total: str, length: int, once: Once) -> str:
    text = say(_("{sum}: the SYN takes one number."), sum=total)
    if length:
        text = say(_("{sum}: one number for the SYN, one for each byte."), sum=total)
    if not once.first("syn"):
        return text
    why = say(
        _(
            "So it can be confirmed and repeated like a byte (RFC 9293 §3.4). Where numbering starts is hard to guess, "
            "so that nobody can forge a segment (RFC 9293 §3.4.1)."
        )
    )
    return join([text, why])


def _seq_of_fin(total: str, length: int, once: Once) -> str:
    text = say(_("{sum}: the FIN takes one number."), sum=total)
    if length:
        text = say(_("{sum}: one number for each byte, one for the FIN."), sum=total)
    if not once.first("fin"):
        return text
    return join([text, say(_("So its arrival can be confirmed, as that of a SYN (RFC 9293 §3.4)."))])


def _ack(facts: PacketFacts, roles: Roles, once: Once) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    if facts.ack is None or facts.record.ack is None:
        return say(_("None: the ACK flag is not set, {sender} confirms nothing."), sender=sender)
    ack = shown(facts.record.ack)
    if facts.ack_before is None and facts.confirms_syn:
        return say(
            _("{sum}: {peer}'s SYN took number {syn}, so number {ack} is wanted next (RFC 9293 §3.4)."),
            sum=added(facts.ack - 1, 1, facts.ack),
            syn=shown(facts.ack - 1),
            ack=ack,
            peer=peer,
        )
    if facts.ack_before is None:
        return say(_("{ack}: the number that {sender} wants next."), ack=ack, sender=sender)
    before = shown(facts.ack_before)
    if facts.ack == facts.ack_before:
        return say(_("Stays {ack}"), ack=ack)
    if facts.ack < facts.ack_before:
        return say(_("{before} → {ack}: lower than before, so this packet was overtaken."), before=before, ack=ack)
    if facts.confirms_fin and not facts.confirmed:
        return say(_("{before} → {ack}: {peer}'s FIN took number {before}."), before=before, ack=ack, peer=peer)
    size = octets(facts.confirmed.end - facts.confirmed.start) if facts.confirmed else ""
    if not size:
        return f"{before} → {ack}"
    if facts.confirms_fin:
        return say(
            _("{before} → {ack}: {size} more of {peer}, and its FIN."), before=before, ack=ack, size=size, peer=peer
        )
    if once.first("ack"):
        return say(
            _("{before} → {ack}: {size} of {peer} arrived, number {ack} is wanted next (RFC 9293 §3.4)."),
            before=before,
            ack=ack,
            size=size,
            peer=peer,
        )
    return say(_("{before} → {ack}: {size} more of {peer}."), before=before, ack=ack, size=size, peer=peer)


def _window(facts: PacketFacts, connection: Connection, roles: Roles, once: Once) -> list[str]:
    record, peer = facts.record, roles.the(facts.peer)
    room = octets(record.window)
    if "S" in record.flags:
        if facts.opening is Opening.SYN and record.window:
            return [say(_("{room}: so much may {peer} send without waiting (RFC 9293 §3.8.6)."), room=room, peer=peer)]
        return [room]
    if facts.ack is None or (facts.ack == facts.ack_before and record.window == facts.window_before):
        return []
    if not record.window:
        return [
            say(
                _("0: {sender} has no room left, {peer} may send nothing but a probe (RFC 9293 §3.8.6.1)."),
                sender=roles.the(facts.sender),
                peer=peer,
            )
        ]
    last = shown(facts.ack + record.window - 1)
    if not once.first(f"window {facts.sender}"):
        return [say(_("{room}: up to number {last}."), room=room, last=last)]
    said = say(
        _("{room}: {peer} may send up to number {last} without waiting (RFC 9293 §3.8.6)."),
        room=room,
        peer=peer,
        last=last,
    )
    if any(side.syns for side in connection.sides) or not once.first("scale"):
        return [said]
    return [join([said, say(_("It may be larger: its scale stood in the SYN, which the capture lacks."))])]


def _flight(facts: PacketFacts, roles: Roles, once: Once) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    if facts.opening or "S" in facts.record.flags:
        return ""
    if facts.start == facts.end:
        before, after = facts.peer_in_flight
        if after >= before:  # nothing new is confirmed, or nothing was known of what came before the capture
            return ""
        if not after:
            return say(_("{before} → 0: all that {peer} sent is confirmed."), before=f"{before:,}", peer=peer)
        return say(_("{before} → {after} of {peer}."), before=f"{before:,}", after=octets(after), peer=peer)
    if not facts.in_flight:
        return ""
    flight, window = octets(facts.in_flight), facts.peer_window
    if window is None:
        return say(_("{flight} of {sender} not confirmed."), flight=flight, sender=sender)
    if once.first("flight"):
        return say(
            _("{flight} of {sender} on the way and not confirmed; {peer}'s window allows {window} (RFC 9293 §3.8.6)."),
            flight=flight,
            sender=sender,
            peer=peer,
            window=octets(window),
        )
    return say(
        _("{flight} of {sender} not confirmed, window {window}."), flight=flight, sender=sender, window=octets(window)
    )
