"""Questions about how a connection opens (RFC 9293 §3.5)."""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.lang import _
from httptrace.teach.answers import Flags, Number
from httptrace.teach.lesson import CLIENT, SERVER, Talk
from httptrace.teach.questions.question import ACK, FLAGS, SEQ, Question, choose, hide, show, together


def questions(talk: Talk) -> Iterator[Question]:
    """Every question about the opening of a connection."""
    yield from _asks(talk)
    yield from _refused(talk)
    opening = talk.opening()
    if opening is None:
        return
    syn, syn_ack, ack = opening
    stream = talk.record.stream
    yield Question(
        "syn-ack-flags",
        1,
        stream,
        syn_ack.packet,
        (*show(syn), hide(syn_ack, FLAGS, ACK)),
        _("The server agrees to the connection. Which flags does its answer No{packet} carry?").format(
            packet=syn_ack.packet
        ),
        Flags("SA"),
        _(
            "SYN, because the server announces where its own numbering starts; ACK, because No{packet} also "
            "confirms the client's SYN."
        ).format(packet=syn_ack.packet),
    )
    yield Question(
        "syn-ack-ack",
        1,
        stream,
        syn_ack.packet,
        (*show(syn), hide(syn_ack, ACK)),
        _("Which acknowledgment number does No{packet} carry (relative)?").format(packet=syn_ack.packet),
        Number(1, (syn_ack.absolute_ack,)),
        _(
            "No{syn} has seq=0 and no data, but its SYN uses up one number: 0 + 1 = 1 is the next that the "
            "server expects."
        ).format(syn=syn.packet),
    )
    yield Question(
        "third-flags",
        1,
        stream,
        ack.packet,
        (*show(syn, syn_ack), hide(ack, FLAGS, ACK)),
        _("The client finishes the handshake. Which flags does No{packet} carry?").format(packet=ack.packet),
        Flags("A"),
        _("ACK alone: No{packet} only confirms the server's SYN. The client's own SYN went out in No{syn}.").format(
            packet=ack.packet, syn=syn.packet
        ),
    )
    yield Question(
        "third-ack",
        1,
        stream,
        ack.packet,
        (*show(syn, syn_ack), hide(ack, ACK)),
        _("Which acknowledgment number does No{packet} carry (relative)?").format(packet=ack.packet),
        Number(1, (ack.absolute_ack,)),
        _("The server's SYN in No{syn_ack} has seq=0 and uses up one number: 0 + 1 = 1.").format(
            syn_ack=syn_ack.packet
        ),
    )
    yield from _first_data(talk)
    yield from _absolute(talk)


def _asks(talk: Talk) -> Iterator[Question]:
    """Who listens where."""
    syn, record = talk.packets[0], talk.record
    if syn.flags != "S" or syn.sender is not CLIENT:
        return
    yield Question(
        "port",
        1,
        record.stream,
        syn.packet,
        show(syn),
        _("On which port is the server asked for a connection?"),
        Number(record.server.port),
        _("No{packet} goes to port {port}. The client's own port, {own}, was picked for this connection alone.").format(
            packet=syn.packet, port=record.server.port, own=record.client.port
        ),
        (f"{record.client} → {record.server}",),
    )


def _refused(talk: Talk) -> Iterator[Question]:
    if talk.record.handshake != "refused" or len(talk.packets) < 2:
        return
    syn, answer = talk.packets[:2]
    if syn.flags != "S" or "R" not in answer.flags or answer.sender is not SERVER:
        return
    yield Question(
        "refused",
        1,
        talk.record.stream,
        answer.packet,
        (*show(syn), hide(answer, FLAGS)),
        _("Nobody listens on port {port}. Which flag says so in No{packet}?").format(
            port=talk.record.server.port, packet=answer.packet
        ),
        Flags(answer.flags, least="R", told="R"),
        _("RST: No{packet} refuses what No{syn} asked for, and no connection comes about.").format(
            packet=answer.packet, syn=syn.packet
        ),
    )
    if "A" in answer.flags and answer.ack == 1:
        yield Question(
            "refused-ack",
            2,
            talk.record.stream,
            answer.packet,
            (*show(syn), hide(answer, ACK)),
            _("Which acknowledgment number does No{packet} carry (relative)?").format(packet=answer.packet),
            Number(1, (answer.absolute_ack,)),
            _(
                "Even a refusal says what it answers: the SYN of No{syn} with seq=0 uses up one number, so ack is "
                "0 + 1 = 1."
            ).format(syn=syn.packet),
        )


def _first_data(talk: Talk) -> Iterator[Question]:
    """The number of the client's first byte."""
    opening = talk.packets[:3]
    first = next((one for one in talk.packets[3:] if one.sender is CLIENT), None)
    if first is None or not first.length or first.seq != 1 or first.analysis:
        return
    yield Question(
        "first-seq",
        1,
        talk.record.stream,
        first.packet,
        (*show(*opening), hide(first, SEQ)),
        _("No{packet} is the first packet with data. Which sequence number does it carry (relative)?").format(
            packet=first.packet
        ),
        Number(1, (first.absolute_seq,)),
        _(
            "The client's SYN had number 0 and used it up, and No{ack} without data used up none: the first byte "
            "of data is number 1."
        ).format(ack=opening[2].packet),
    )


def _absolute(talk: Talk) -> Iterator[Question]:
    """From relative numbers to those on the wire, and back."""
    syn = talk.packets[0]
    sent = [one for one in talk.packets[3:] if one.sender is CLIENT and one.length and not one.analysis]
    if not sent:
        return
    last = sent[-1]
    start = _("On the wire, the client's SYN (No{packet}) has the sequence number {number}.").format(
        packet=syn.packet, number=syn.absolute_seq
    )
    total = syn.absolute_seq + last.seq
    why = _("{start} + {relative} = {total}.").format(start=syn.absolute_seq, relative=last.seq, total=total)
    if total >= 1 << 32:
        wraps = _("Behind 4294967295 the numbers begin again at 0, so 4294967296 has to be taken off.")
        why = together(why, wraps)
    yield Question(
        "absolute",
        2,
        talk.record.stream,
        last.packet,
        show(last),
        _("Which sequence number does No{packet} have on the wire (absolute)?").format(packet=last.packet),
        Number(last.absolute_seq),
        why,
        (start,),
    )
    unlike = (syn.absolute_seq + 1) & 0xFFFF_FFFF
    yield Question(
        "isn",
        1,
        talk.record.stream,
        syn.packet,
        show(syn),
        _("On the wire, the SYN of No{packet} has the sequence number {number}. Why is it shown as 0?").format(
            packet=syn.packet, number=syn.absolute_seq
        ),
        choose(
            _("Counted from each side's own start, small numbers are easier to follow."),
            _("The SYN was sent with the number 0 and changed on its way."),
            _("Every connection really begins at 0; {number} is its checksum.").format(number=syn.absolute_seq),
            _("The server asked the client to begin at 0."),
        ),
        _(
            "{number} is the client's initial sequence number, picked so that old packets are not mistaken for "
            "new ones. Relative numbers count from it: {number} is 0, {next} is 1."
        ).format(number=syn.absolute_seq, next=unlike),
    )
