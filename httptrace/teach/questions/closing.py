"""Questions about how a connection ends (RFC 9293 §3.6, §3.5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.lang import _
from httptrace.model import PacketRecord
from httptrace.teach.answers import Flags, Number
from httptrace.teach.lesson import CLIENT, SERVER, Talk, behind, other
from httptrace.teach.questions.question import ACK, FLAGS, Question, capital, choose, hide, show, who


def questions(talk: Talk) -> Iterator[Question]:
    """Every question about the end of a connection."""
    if talk.cut:
        return
    fins = [one for one in talk.packets if "F" in one.flags and "R" not in one.flags and not one.analysis]
    if talk.record.close == "fin" and fins:
        yield from _first_fin(talk, fins[0])
        for fin in fins:
            yield from _confirmed(talk, fin)
        yield from _who(talk, fins)
    yield from _reset(talk)


def _first_fin(talk: Talk, fin: PacketRecord) -> Iterator[Question]:
    yield Question(
        "fin-flag",
        1,
        talk.record.stream,
        fin.packet,
        (hide(fin, FLAGS),),
        _("With No{packet}, {side} says that it will send nothing more. Which flag says so?").format(
            packet=fin.packet, side=who(fin.sender)
        ),
        Flags(fin.flags, least="F", told="F"),
        _("FIN. It closes one direction only: {other} may still send.").format(other=who(other(fin.sender))),
    )
    yield Question(
        "half-closed",
        2,
        talk.record.stream,
        fin.packet,
        show(fin),
        _("May {side} still send data after No{packet}?").format(side=who(other(fin.sender)), packet=fin.packet),
        choose(
            _("Yes, until it sends a FIN of its own."),
            _("No, the connection is closed."),
            _("Only acknowledgments, no data."),
            _("Only if it sends a SYN first."),
            also=(_("Yes"), "yes", "是", "可以", "能"),
        ),
        _(
            "No{packet} closes the direction of {side}. The other direction stays open until {other} sends FIN too."
        ).format(packet=fin.packet, side=who(fin.sender), other=who(other(fin.sender))),
    )


def _confirmed(talk: Talk, fin: PacketRecord) -> Iterator[Question]:
    """What a FIN's acknowledgment says."""
    place = talk.place(fin.packet)
    answer = next((one for one in talk.packets[place + 1 : place + 4] if one.sender is not fin.sender), None)
    if answer is None or answer.ack != behind(fin) or "R" in answer.flags or answer.ack >= 1 << 32:
        return
    data = f" + {fin.length}" if fin.length else ""
    yield Question(
        "fin-ack",
        2,
        talk.record.stream,
        answer.packet,
        (*show(fin), hide(answer, ACK)),
        _("{side} confirms the FIN. Which acknowledgment number does No{packet} carry (relative)?").format(
            side=capital(who(answer.sender)), packet=answer.packet
        ),
        Number(answer.ack, (answer.absolute_ack,)),
        _("Like a SYN, a FIN uses up one number: {seq}{data} + 1 = {ack}.").format(
            seq=fin.seq, data=data, ack=answer.ack
        ),
    )


def _who(talk: Talk, fins: list[PacketRecord]) -> Iterator[Question]:
    if len({one.sender for one in fins}) < 2:
        return
    first = fins[0]
    second = next(one for one in fins if one.sender is not first.sender)
    if second.ack is None or second.ack < behind(first):  # both at once
        return
    tail = talk.packets[talk.place(first.packet) :][:5]
    client, server = capital(who(CLIENT)), capital(who(SERVER))
    right, wrong = (client, server) if first.sender is CLIENT else (server, client)
    also = (_("client"), _("browser")) if first.sender is CLIENT else (_("server"),)
    yield Question(
        "who-closes",
        2,
        talk.record.stream,
        tail[-1].packet,
        show(*tail),
        _("Who closes the connection first?"),
        choose(right, wrong, _("Both at the same time."), _("Nobody: it is still open."), also=also),
        _("The first FIN is in No{packet}, sent by {side}. No{second} is the other side's.").format(
            packet=first.packet, side=who(first.sender), second=second.packet
        ),
    )


def _reset(talk: Talk) -> Iterator[Question]:
    """A connection that was thrown away."""
    resets = [one for one in talk.packets if "R" in one.flags]
    if talk.record.close != "rst" or talk.record.handshake == "refused" or not resets:
        return
    reset = resets[0]
    unfinished = [
        one for one in talk.exchanges if one.response is not None and any(n.code == "truncated" for n in one.notes)
    ]
    yield Question(
        "reset-flag",
        1,
        talk.record.stream,
        reset.packet,
        (hide(reset, FLAGS),),
        _("With No{packet}, {side} throws the connection away, without a FIN. Which flag says so?").format(
            packet=reset.packet, side=who(reset.sender)
        ),
        Flags(reset.flags, least="R", told="R"),
        _("RST. The connection ends at once in both directions, and nobody confirms it."),
    )
    if not unfinished or unfinished[-1].response is None or not unfinished[-1].response.body.declared:
        return
    body = unfinished[-1].response.body
    yield Question(
        "reset-rest",
        2,
        talk.record.stream,
        reset.packet,
        show(reset),
        _(
            "Content-Length promised {declared} bytes, and {seen} of them came before this reset. How many will "
            "the client get of the rest on this connection?"
        ).format(declared=body.declared, seen=body.size),
        Number(0),
        _("None: RST ends both directions. {rest} bytes stay missing, and the body is incomplete.").format(
            rest=(body.declared or 0) - body.size
        ),
    )
