"""Questions about loss, repetition and order (RFC 9293 §3.8, RFC 5681)."""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.lang import _
from httptrace.model import PacketRecord
from httptrace.teach.answers import Number, PacketNumber
from httptrace.teach.lesson import Talk, behind
from httptrace.teach.questions.question import ACK, Question, capital, choose, hide, milliseconds, octets, show, who

#: Packets of data that are remembered, to find the one that a later packet repeats.
_REMEMBERED = 2_000

#: A repetition this much later than its first sending, with no duplicate ACK, waited for its timer (RFC 6298 §2.4 asks
#: for a second, Linux waits 200 ms).
_TIMER_NS = 190_000_000

#: What a round trip is taken to be where the handshake is not in the capture.
_ROUND_TRIP_UNKNOWN_NS = 3_000_000


def questions(talk: Talk) -> Iterator[Question]:
    """Every question about what went wrong on the way."""
    sent: dict[tuple[int, int, int], PacketRecord] = {}
    highest: list[PacketRecord | None] = [None, None]  # the packet that reached furthest, for each side
    highest_seen = [0, 0]
    duplicates, asked_for = [0, 0], [-1, -1]  # in a row, for each side that sends them, and the number they repeat
    for place, record in enumerate(talk.packets):
        side = record.sender
        words = record.analysis
        if "dup-ack" in words:
            duplicates[side] += 1
            asked_for[side] = -1 if record.ack is None else record.ack
            yield from _duplicate(talk, place, duplicates[side])
        elif record.ack is not None and not record.length:
            duplicates[side] = 0
        if "acked-unseen-segment" in words:
            yield from _unseen(talk, record, highest_seen[1 - side])
        if record.length:
            key = (side, record.seq, record.length)
            earlier = sent.get(key)
            if "lost-segment" in words:
                yield from _hole(talk, record, highest[side], highest_seen[side])
            elif earlier is not None and "retransmission" in words:
                yield from _repeats(talk, record, earlier, sent)
                asked = duplicates[1 - side] if asked_for[1 - side] == record.seq else 0
                yield from _why(talk, record, earlier, asked)
            if "out-of-order" in words and highest[side] is not None and record.seq < highest_seen[side]:
                yield from _late(talk, record, highest[side])
            if earlier is None and len(sent) < _REMEMBERED:
                sent[key] = record
        if behind(record) > highest_seen[side] and "zero-window-probe" not in words:
            highest[side], highest_seen[side] = record, behind(record)


def _duplicate(talk: Talk, place: int, count: int) -> Iterator[Question]:
    """The ACK that stays where it was."""
    record = talk.packets[place]
    before = next((one for one in reversed(talk.packets[:place]) if one.sender is record.sender), None)
    data = next(
        (one for one in reversed(talk.packets[max(0, place - 4) : place]) if one.sender is not record.sender), None
    )
    if before is None or data is None or not data.length or before.ack != record.ack or record.ack is None:
        return
    if data.seq <= record.ack or before.packet > data.packet:
        return
    yield Question(
        "dup-ack",
        3,
        talk.record.stream,
        record.packet,
        (*show(before, data), hide(record, ACK)),
        _("No{data} begins behind a hole. Which acknowledgment number does No{packet} carry (relative)?").format(
            data=data.packet, packet=record.packet
        ),
        Number(record.ack, (record.absolute_ack,)),
        _(
            "Still {ack}: an acknowledgment number says which byte is expected next without a hole, and byte "
            "{ack} is not there yet. This is duplicate ACK number {count}."
        ).format(ack=record.ack, count=count),
    )


def _hole(talk: Talk, record: PacketRecord, highest: PacketRecord | None, expected: int) -> Iterator[Question]:
    if highest is None or record.seq <= expected:
        return
    yield Question(
        "hole",
        3,
        talk.record.stream,
        record.packet,
        show(highest, record),
        _("How many bytes are missing between No{before} and No{packet}?").format(
            before=highest.packet, packet=record.packet
        ),
        Number(record.seq - expected),
        _(
            "No{before} ends before number {expected}, No{packet} begins with {seq}: {seq} − {expected} = {missing}."
        ).format(
            before=highest.packet,
            expected=expected,
            packet=record.packet,
            seq=record.seq,
            missing=record.seq - expected,
        ),
    )


def _repeats(
    talk: Talk, record: PacketRecord, earlier: PacketRecord, sent: dict[tuple[int, int, int], PacketRecord]
) -> Iterator[Question]:
    """Which packet carried the same bytes first."""
    own = [one for one in sent.values() if one.sender is record.sender and one.packet < record.packet]
    place = own.index(earlier)
    around = own[max(0, place - 1) : place + 3]
    yield Question(
        "repeats",
        3,
        talk.record.stream,
        record.packet,
        show(*around, record),
        _("No{packet} carries bytes that were sent before. In which packet?").format(packet=record.packet),
        PacketNumber(earlier.packet),
        _("Both have seq={seq} and {length}: No{packet} repeats No{earlier}.").format(
            seq=record.seq, length=octets(record.length), packet=record.packet, earlier=earlier.packet
        ),
    )


def _why(talk: Talk, record: PacketRecord, earlier: PacketRecord, duplicates: int) -> Iterator[Question]:
    """What made the sender repeat it; nothing is asked where it was confirmed already, because then nobody can tell."""
    if "spurious-retransmission" in record.analysis:
        return
    timer = _("Its timer ran out: no confirmation came for {wait}.").format(
        wait=milliseconds(record.time_ns - earlier.time_ns)
    )
    asked = _("Duplicate ACKs asked for it.")
    if duplicates >= 2:
        right, wrong = asked, timer
        why = _("{count} duplicate ACKs came before No{packet}; nobody has to wait for a timer then.").format(
            count=duplicates, packet=record.packet
        )
    elif not duplicates and record.time_ns - earlier.time_ns >= _TIMER_NS:
        right, wrong = timer, asked
        why = _("No duplicate ACK came between No{earlier} and No{packet}; {side} waited and then repeated.").format(
            earlier=earlier.packet, packet=record.packet, side=who(record.sender)
        )
    else:
        return
    between = talk.packets[talk.place(earlier.packet) : talk.place(record.packet) + 1]
    shown = [one for one in between if one.sender is not record.sender][-3:]
    yield Question(
        "why-repeated",
        3,
        talk.record.stream,
        record.packet,
        show(earlier, *shown, record),
        _("Why does {side} send these bytes again in No{packet}?").format(
            side=who(record.sender), packet=record.packet
        ),
        choose(
            right,
            wrong,
            _("Its sequence numbers ran out and began again."),
            _("The other side asked for them with RST."),
        ),
        why,
    )


def _late(talk: Talk, record: PacketRecord, highest: PacketRecord | None) -> Iterator[Question]:
    """Bytes that were overtaken."""
    assert highest is not None
    round_trip = talk.record.rtt_ns or _ROUND_TRIP_UNKNOWN_NS
    if 2 * (record.time_ns - highest.time_ns) >= round_trip or "retransmission" in record.analysis:
        return
    yield Question(
        "out-of-order",
        3,
        talk.record.stream,
        record.packet,
        show(highest, record),
        _("No{packet} fills a hole, {wait} behind No{later}. What happened most likely?").format(
            packet=record.packet, wait=milliseconds(record.time_ns - highest.time_ns), later=highest.packet
        ),
        choose(
            _("The two changed places on the way."),
            _("No{packet} was lost, and a timer repeated it.").format(packet=record.packet),
            _("The receiver asked for it with a FIN."),
            _("The sender numbered its bytes wrongly."),
        ),
        _("{wait} is too short for a loss to be noticed and repaired: that takes a round trip at least.").format(
            wait=milliseconds(record.time_ns - highest.time_ns)
        ),
    )


def _unseen(talk: Talk, record: PacketRecord, seen: int) -> Iterator[Question]:
    """Who lost it."""
    last = next(
        (
            one
            for one in reversed(talk.packets[: talk.place(record.packet)])
            if one.sender is not record.sender and behind(one) == seen
        ),
        None,
    )
    if last is None or record.ack is None or record.ack <= seen:
        return
    later = talk.packets[talk.place(record.packet) :]
    if any(one.sender is not record.sender and one.seq < record.ack and behind(one) > seen for one in later):
        return  # it was captured after all, only in another order
    yield Question(
        "who-lost",
        3,
        talk.record.stream,
        record.packet,
        show(last, record),
        _(
            "No{packet} confirms bytes {first} to {last}, which are nowhere before it in the capture. Who lost them?"
        ).format(packet=record.packet, first=seen, last=record.ack - 1),
        choose(
            _("The capture: they arrived, but were not written down."),
            _("The network: they never arrived."),
            _("Nobody: they were not sent yet."),
            _("The receiver: it threw them away."),
        ),
        _("Nobody confirms what did not arrive. {side} expects byte {ack} next, so it has all before it.").format(
            side=capital(who(record.sender)), ack=record.ack
        ),
    )
