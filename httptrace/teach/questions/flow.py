"""Questions about windows, time and states (RFC 9293 §3.3.2, §3.8.6)."""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.lang import _
from httptrace.model import Direction, PacketRecord
from httptrace.teach.answers import Milliseconds, Number
from httptrace.teach.lesson import CLIENT, SERVER, Talk, behind, other
from httptrace.teach.questions.numbers import is_odd
from httptrace.teach.questions.question import Question, Shown, choose, milliseconds, octets, show, who
from httptrace.teach.questions.statuses import request_line
from httptrace.teach.states import State, States

#: Packets that one question shows.
_MOST = 4


def questions(talk: Talk) -> Iterator[Question]:
    """Every question about flow control, time and states."""
    yield from _flight(talk)
    yield from _states(talk)
    yield from _round_trip(talk)
    yield from _waits(talk)


def _flight(talk: Talk) -> Iterator[Question]:
    """Bytes on their way, and what the window still allows."""
    latest_ack: list[PacketRecord | None] = [None, None]
    waiting: tuple[list[PacketRecord], list[PacketRecord]] = ([], [])
    shut = [False, False]
    for record in talk.packets:
        side, peer = record.sender, other(record.sender)
        if is_odd(record) or "R" in record.flags:
            waiting[0].clear()
            waiting[1].clear()
            latest_ack = [None, None]
            continue
        if record.ack is not None and "S" not in record.flags:
            latest_ack[side] = record
            waiting[peer][:] = [one for one in waiting[peer] if behind(one) > record.ack]
            if record.window == 0 and not shut[side]:
                yield from _shut(talk, record)
            shut[side] = record.window == 0
        if record.length and "S" not in record.flags and "F" not in record.flags:
            waiting[side].append(record)
            told = latest_ack[peer]
            if told is not None and 2 <= len(waiting[side]) <= _MOST and waiting[side][0].seq == told.ack:
                yield from _in_flight(talk, told, waiting[side])


def _in_flight(talk: Talk, told: PacketRecord, data: list[PacketRecord]) -> Iterator[Question]:
    last, sender = data[-1], who(data[-1].sender)
    ack = told.ack or 0
    count = behind(last) - ack
    if last.seq + last.length >= 1 << 32:
        return
    ordered = sorted([told, *data], key=lambda one: one.packet)
    yield Question(
        "in-flight",
        3,
        talk.record.stream,
        last.packet,
        show(*ordered),
        _("After No{packet}, how many bytes has {side} sent that are not confirmed yet?").format(
            packet=last.packet, side=sender
        ),
        Number(count),
        _("The next to be sent is {next}, the next to be confirmed {ack} (No{told}): {next} − {ack} = {count}.").format(
            told=told.packet, next=behind(last), ack=ack, count=count
        ),
    )
    room = told.window - count
    # Without the SYNs nobody knows how windows are scaled (RFC 7323 §2.2).
    if 0 <= room < 1_000_000 and talk.record.handshake == "complete":
        yield Question(
            "window-left",
            3,
            talk.record.stream,
            last.packet,
            tuple(Shown(one, window=one is told) for one in ordered),
            _("No{told} offers a window of {window}. After No{packet}, how many more bytes may {side} send?").format(
                told=told.packet, window=octets(told.window), packet=last.packet, side=sender
            ),
            Number(room),
            _("{count} bytes are in flight, and the window counts from ack={ack}: {window} − {count} = {room}.").format(
                count=count, ack=ack, window=told.window, room=room
            ),
        )


def _shut(talk: Talk, record: PacketRecord) -> Iterator[Question]:
    """A window of 0."""
    peer = who(other(record.sender))
    yield Question(
        "zero-window",
        3,
        talk.record.stream,
        record.packet,
        (Shown(record, window=True),),
        _("After No{packet}, what may {side} send?").format(packet=record.packet, side=peer),
        choose(
            _("Nothing but probes, until the window opens again."),
            _("As much as before; a window is only advice."),
            _("One full segment."),
            _("A FIN, because the connection is over."),
        ),
        _("window=0: the buffer of {side} is full. {peer} asks now and then whether there is room again.").format(
            side=who(record.sender), peer=peer[:1].upper() + peer[1:]
        ),
    )


def _states(talk: Talk) -> Iterator[Question]:
    """In which state a side is behind a packet that moves it."""
    if talk.record.handshake == "refused":
        return
    states = States()
    for record in talk.packets:
        change = states.packet(record)
        if states.assumed:
            return
        for side in (CLIENT, SERVER):
            before, after = change[side]
            if before == after or after == State.LISTEN or "R" in record.flags or is_odd(record):
                continue
            yield _state(talk, record, side, before, after)


def _state(talk: Talk, record: PacketRecord, side: Direction, before: str, after: str) -> Question:
    likely = {
        State.SYN_SENT: (State.SYN_RECEIVED, State.LISTEN, State.ESTABLISHED),
        State.SYN_RECEIVED: (State.SYN_SENT, State.LISTEN, State.ESTABLISHED),
        State.ESTABLISHED: (State.SYN_RECEIVED, State.CLOSE_WAIT, State.LISTEN),
        State.FIN_WAIT_1: (State.FIN_WAIT_2, State.CLOSE_WAIT, State.TIME_WAIT),
        State.FIN_WAIT_2: (State.FIN_WAIT_1, State.CLOSE_WAIT, State.LAST_ACK),
        State.CLOSE_WAIT: (State.FIN_WAIT_1, State.LAST_ACK, State.CLOSED),
        State.LAST_ACK: (State.CLOSE_WAIT, State.FIN_WAIT_2, State.TIME_WAIT),
        State.TIME_WAIT: (State.CLOSED, State.LAST_ACK, State.FIN_WAIT_2),
        State.CLOSED: (State.TIME_WAIT, State.LAST_ACK, State.LISTEN),
        State.CLOSING: (State.TIME_WAIT, State.FIN_WAIT_2, State.LAST_ACK),
    }
    wrong = [str(state) for state in likely[State(after)] if state != before]
    verb = _("sends") if record.sender is side else _("receives")
    place = talk.place(record.packet)
    begin = max(0, place - 2)
    return Question(
        "state",
        3,
        talk.record.stream,
        record.packet,
        show(*talk.packets[begin : place + 1]),
        _("{side} was in {before}. In which state is it after it {verb} No{packet}?").format(
            side=who(side)[:1].upper() + who(side)[1:], before=before, verb=verb, packet=record.packet
        ),
        choose(str(after), *wrong),
        _("{before} → {after} (RFC 9293, figure 5).").format(before=before, after=after),
    )


def _round_trip(talk: Talk) -> Iterator[Question]:
    opening = talk.opening()
    if opening is None or talk.record.rtt_ns is None or talk.record.rtt_ns < 100_000:
        return
    syn, _syn_ack, ack = opening
    yield Question(
        "round-trip",
        3,
        talk.record.stream,
        ack.packet,
        tuple(Shown(one, since_ns=talk.since_start(one)) for one in opening),
        _(
            "How long does one round trip take, from the SYN (No{syn}) to the ACK that ends the handshake (No{ack})?"
        ).format(syn=syn.packet, ack=ack.packet),
        Milliseconds(talk.record.rtt_ns),
        _("{end} − {begin} = {rtt}: out with the SYN, back with the SYN, ACK, confirmed in No{ack}.").format(
            end=milliseconds(talk.since_start(ack)),
            begin=milliseconds(talk.since_start(syn)),
            rtt=milliseconds(talk.record.rtt_ns),
            ack=ack.packet,
        ),
    )


def _waits(talk: Talk) -> Iterator[Question]:
    """How long an answer took to begin."""
    for exchange in talk.exchanges:
        request, response, wait = exchange.request, exchange.response, exchange.timings.wait
        if request is None or response is None or wait is None or wait < 1_000_000:
            continue
        last, first = talk.packet(request.last_packet), talk.packet(response.first_packet)
        if last is None or first is None or first.time_ns - last.time_ns != wait:
            continue
        between = talk.packets[talk.place(last.packet) + 1 : talk.place(first.packet)]
        if is_odd(first) or any(is_odd(one) for one in (last, *between)):
            continue
        if any(one.length and one.sender is SERVER for one in between):
            continue  # pipelined: it also waited for the answers before it
        yield Question(
            "wait",
            3,
            talk.record.stream,
            first.packet,
            (Shown(last, since_ns=talk.since_start(last)), Shown(first, since_ns=talk.since_start(first))),
            _("No{last} ends the request {request}, No{first} begins the answer. How long did the client wait?").format(
                last=last.packet, request=request_line(request), first=first.packet
            ),
            Milliseconds(wait),
            _("{end} − {begin} = {wait}: the way there, the server's work, and the way back.").format(
                end=milliseconds(talk.since_start(first)),
                begin=milliseconds(talk.since_start(last)),
                wait=milliseconds(wait),
            ),
        )
