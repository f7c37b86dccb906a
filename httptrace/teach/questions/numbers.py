"""Questions about data and the numbers it moves (RFC 9293 §3.4)."""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.lang import _
from httptrace.model import ANALYSIS, PacketRecord
from httptrace.teach.answers import Number
from httptrace.teach.lesson import Talk, behind, other
from httptrace.teach.questions.question import ACK, LENGTH, SEQ, Question, hide, octets, show, together, who

#: Packets of data that one question shows.
_MOST = 4

#: Words of the analysis behind which a number is not what the rule of thumb says.
_ODD = frozenset(ANALYSIS) - {"window-update", "zero-window", "window-full"}


def is_odd(record: PacketRecord) -> bool:
    """Whether something went wrong at this packet that moves its numbers."""
    return not _ODD.isdisjoint(record.analysis)


def questions(talk: Talk) -> Iterator[Question]:
    """Every question about sequence and acknowledgment numbers of data."""
    waiting: tuple[list[PacketRecord], list[PacketRecord]] = ([], [])  # data sent and not confirmed, for each side
    troubled = [False, False]
    latest: list[PacketRecord | None] = [None, None]
    for record in talk.packets:
        side = record.sender
        if is_odd(record) or "R" in record.flags:
            troubled = [True, True]
        if record.ack is not None and "S" not in record.flags:
            yield from _confirms(talk, record, waiting[other(side)], any(troubled))
            waiting[other(side)][:] = [one for one in waiting[other(side)] if behind(one) > record.ack]
            if not any(waiting):
                troubled = [False, False]
        before = latest[side]
        if before is not None and before.length and not any(troubled):
            yield from _next(talk, before, record)
        if record.length and "S" not in record.flags:
            waiting[side].append(record)
            yield from _length(talk, record, any(troubled))
        latest[side] = record


def _confirms(talk: Talk, record: PacketRecord, data: list[PacketRecord], troubled: bool) -> Iterator[Question]:
    """What an ACK says when data came in order."""
    confirmed = [one for one in data if behind(one) <= (record.ack or 0)]
    if troubled or record.length or "F" in record.flags or not 1 <= len(confirmed) <= _MOST:
        return
    last = confirmed[-1]
    if "F" in last.flags or behind(last) != record.ack or last.seq + last.length >= 1 << 32:
        return
    side = who(record.sender)
    sum_ = f"{last.seq} + {last.length} = {record.ack}"
    if len(confirmed) == 1:
        why = _("No{packet} carries bytes {first} to {last}, so the next that {side} expects is {sum}.").format(
            packet=last.packet, first=last.seq, last=behind(last) - 1, side=side, sum=sum_
        )
    else:
        why = _("One ACK confirms {count} packets at once. The last, No{packet}, ends before {sum}.").format(
            count=len(confirmed), packet=last.packet, sum=sum_
        )
    yield Question(
        "ack",
        2,
        talk.record.stream,
        record.packet,
        (*show(*confirmed), hide(record, ACK)),
        _("All bytes have arrived. Which acknowledgment number does No{packet} carry (relative)?").format(
            packet=record.packet
        ),
        Number(record.ack or 0, (record.absolute_ack,)),
        why,
    )


def _next(talk: Talk, before: PacketRecord, record: PacketRecord) -> Iterator[Question]:
    """The number that follows a packet with data."""
    if record.seq != behind(before) or "F" in before.flags or "R" in record.flags or record.seq >= 1 << 32:
        return
    why = _("No{before} used up {count}: {seq} + {length} = {next}.").format(
        before=before.packet, count=octets(before.length), seq=before.seq, length=before.length, next=record.seq
    )
    if not record.length:
        why = together(why, _("A packet without data has the number of the byte to come."))
    yield Question(
        "next-seq",
        2,
        talk.record.stream,
        record.packet,
        (*show(before), hide(record, SEQ)),
        _("No{packet} is the next packet of {side}. Which sequence number does it carry (relative)?").format(
            packet=record.packet, side=who(record.sender)
        ),
        Number(record.seq, (record.absolute_seq,)),
        why,
    )


def _length(talk: Talk, record: PacketRecord, troubled: bool) -> Iterator[Question]:
    """How much a packet carries, from its number and the ACK for it alone."""
    if troubled or "F" in record.flags:
        return
    index = talk.place(record.packet)
    answer = next((one for one in talk.packets[index + 1 : index + 3] if one.sender is not record.sender), None)
    if answer is None or answer.ack != behind(record) or is_odd(answer) or "R" in answer.flags:
        return
    if answer.length or "F" in answer.flags or answer.ack >= 1 << 32:
        return
    yield Question(
        "length",
        2,
        talk.record.stream,
        answer.packet,
        (hide(record, LENGTH), *show(answer)),
        _("No{answer} confirms all of No{packet}. How many bytes of data does No{packet} carry?").format(
            answer=answer.packet, packet=record.packet
        ),
        Number(record.length),
        _("Its first byte is number {seq}, the next one expected is {ack}: {ack} − {seq} = {length}.").format(
            seq=record.seq, ack=answer.ack, length=record.length
        ),
    )
