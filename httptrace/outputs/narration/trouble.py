"""What the walkthrough says where packets were lost, repeated, late or held back."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.model import Direction, GapGivenUp
from httptrace.outputs.narration.facts import Connection, PacketFacts, Repeated
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
    shown,
    span,
)

#: Shorter than any retransmission timeout in use (RFC 6298 §2.4 says a second, systems use 200 ms and up).
SHORTEST_TIMEOUT_NS = 150_000_000

#: Duplicate ACKs that make a sender repeat at once (RFC 5681 §3.2).
FAST = 3


def trouble(facts: PacketFacts, roles: Roles) -> list[Remark]:
    """The remarks on what is out of the ordinary in a packet, most telling first."""
    analysis = facts.record.analysis
    remarks: list[Remark] = []
    if "port-reused" in analysis:
        remarks.append(
            Remark(say(_("The same addresses and ports carried another connection before; here a new one begins.")))
        )
    if facts.opening:  # a SYN that comes again is told as part of the handshake
        return remarks
    if facts.repeated:
        remarks.append(Remark(_repeated(facts, facts.repeated, roles), AGAIN))
    if facts.late:
        remarks.append(Remark(_late(facts, roles), AGAIN))
    if facts.hole:
        if facts.hole_confirmed_in is None:
            remarks.append(Remark(_hole(facts.hole, facts, roles), TROUBLE))
        else:
            start, end = facts.hole
            text = _missing(facts.sender, start, end, facts.record.packet, True, facts.hole_confirmed_in, roles)
            remarks.append(Remark(text, TROUBLE))
    if facts.unseen:
        remarks.append(Remark(_unseen(facts.unseen, facts, roles), TROUBLE))
    if "dup-ack" in analysis:
        remarks.append(Remark(_duplicate(facts, roles), AGAIN))
    remarks.extend(_window(facts, roles))
    return remarks


def missing(happening: GapGivenUp, connection: Connection, roles: Roles) -> Remark:
    """What is said of bytes that were never captured."""
    start, end, behind, confirmed = connection.gap(happening)
    text = _missing(happening.sender, start, end, behind, happening.acked, confirmed, roles)
    return Remark(text, TROUBLE)


def _missing(
    direction: Direction,
    start: int,
    end: int,
    behind: int | None,
    acked: bool,
    confirmed: int | None,
    roles: Roles,
) -> str:
    sender, receiver = roles.the(direction), roles.the(Direction(1 - direction))
    what = say(
        _("Missing here: {size} of {sender} ({span})."),
        size=octets(end - start),
        sender=sender,
        span=span(start, end),
    )
    if behind:
        what = say(
            _("Missing before No{behind}: {size} of {sender} ({span})."),
            size=octets(end - start),
            sender=sender,
            behind=behind,
            span=span(start, end),
        )
    if not acked:
        why = say(
            _("{receiver} never confirmed them in this capture: they were lost on the way, or came after its end."),
            receiver=receiver,
        )
    elif confirmed:
        why = say(
            _("{receiver} confirmed them in No{packet}, so they arrived: the capture lost them, not the network."),
            receiver=receiver,
            packet=confirmed,
        )
    else:
        why = say(
            _("{receiver} confirmed them, so they arrived: the capture lost them, not the network."),
            receiver=receiver,
        )
    return join([what, why])


def _repeated(facts: PacketFacts, repeated: Repeated, roles: Roles) -> str:
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    values = {"sender": sender, "span": span(repeated.start, repeated.end), "earlier": repeated.earlier}
    if repeated.uncaptured:
        what = say(_("{sender} sends bytes {span} again; their first copy is not in the capture."), **values)
    elif repeated.earlier is None:
        what = say(_("{sender} repeats bytes {span}."), **values)
    elif repeated.latest != repeated.earlier:
        what = say(
            _("{sender} repeats bytes {span} once more, sent before in No{earlier} and last in No{latest}."),
            latest=repeated.latest,
            **values,
        )
    else:
        what = say(_("{sender} repeats bytes {span}, sent before in No{earlier}."), **values)
    return join([what, _why_repeated(facts, repeated, sender, peer), _new_bytes(repeated)])


def _why_repeated(facts: PacketFacts, repeated: Repeated, sender: str, peer: str) -> str:
    waited = duration(repeated.wait_ns) if repeated.wait_ns is not None else ""
    if repeated.confirmed_in is not None:
        return say(
            _("{peer} had confirmed them in No{packet} already, so this was needless (spurious retransmission)."),
            peer=peer,
            packet=repeated.confirmed_in,
        )
    if "fast-retransmission" in facts.record.analysis or repeated.duplicates >= FAST:
        return say(
            _(
                "{count} duplicate ACKs of {peer} told it that something was lost; it did not wait for its "
                "timer (fast retransmission)."
            ),
            peer=peer,
            count=max(repeated.duplicates, 1),
        )
    if not waited:
        return ""
    if (repeated.wait_ns or 0) >= SHORTEST_TIMEOUT_NS:
        return say(_("For {wait} no confirmation came, so its timer ran out (retransmission timeout)."), wait=waited)
    return say(_("That was {wait} ago, and no confirmation had come (retransmission)."), wait=waited)


def _new_bytes(repeated: Repeated) -> str:
    if not repeated.new_bytes:
        return ""
    return say(_("The last {size} of it are new."), size=octets(repeated.new_bytes))


def _late(facts: PacketFacts, roles: Roles) -> str:
    late = facts.late
    assert late is not None
    what = say(_("Bytes {span} come late (out of order)."), span=span(facts.start, facts.end))
    if late.overtaken_by and late.lead_ns is not None:
        what = say(
            _("Bytes {span} come late (out of order): No{packet} with the bytes behind them was {lead} faster."),
            span=span(facts.start, facts.end),
            packet=late.overtaken_by,
            lead=duration(late.lead_ns),
        )
    again = ""
    if late.duplicates >= FAST:
        again = say(
            _("Before it came {count} duplicate ACKs: most likely it was sent again, and the first copy got lost."),
            count=late.duplicates,
        )
    elif (late.lead_ns or 0) >= SHORTEST_TIMEOUT_NS:
        again = say(_("So late, it was most likely sent again, and the first copy got lost before the capture."))
    if late.whole_up_to <= facts.end:
        return join([what, again])
    return join(
        [
            what,
            again,
            say(
                _("Now the bytes of {sender} are whole up to {last}."),
                sender=roles.the(facts.sender),
                last=shown(late.whole_up_to - 1),
            ),
        ]
    )


def _hole(hole: tuple[int, int], facts: PacketFacts, roles: Roles) -> str:
    return say(
        _("{sender}'s bytes {span} ({size}) have not been seen: this packet overtook them, or they are lost."),
        sender=roles.the(facts.sender),
        span=span(*hole),
        size=octets(hole[1] - hole[0]),
    )


def _unseen(unseen: tuple[int, int], facts: PacketFacts, roles: Roles) -> str:
    return say(
        _(
            "{sender} confirms bytes {span} of {peer}, which the capture has not seen: they arrived, but "
            "were not captured."
        ),
        sender=roles.the(facts.sender),
        peer=roles.the(facts.peer),
        span=span(*unseen),
    )


def _duplicate(facts: PacketFacts, roles: Roles) -> str:
    if facts.has_all:
        return say(
            _("{sender} says ack={ack} again (duplicate ACK {count}); it has all that {peer} sent so far."),
            sender=roles.the(facts.sender),
            peer=roles.the(facts.peer),
            ack=facts.record.ack,
            count=max(1, facts.duplicates),
        )
    return say(
        _(
            "{sender} says ack={ack} again (duplicate ACK {count}): something arrived, but byte {ack} is "
            "still missing there."
        ),
        sender=roles.the(facts.sender),
        ack=facts.record.ack,
        count=max(1, facts.duplicates),
    )


def _window(facts: PacketFacts, roles: Roles) -> list[Remark]:
    analysis, record = facts.record.analysis, facts.record
    values = {"sender": roles.the(facts.sender), "peer": roles.the(facts.peer)}
    texts: list[str] = []
    if "zero-window" in analysis:
        texts.append(
            say(
                _("{sender}'s receive buffer is full: window 0. {Peer} must stop."),
                Peer=capital(values["peer"]),
                **values,
            )
        )
    elif facts.window_before == 0 and record.window and not facts.opening and not facts.closing:
        texts.append(say(_("{sender}'s window is open again: {window}."), window=octets(record.window), **values))
    if "window-full" in analysis:
        texts.append(
            say(
                _("With this {sender} has {flight} unconfirmed, all that {peer}'s window allows: it must wait."),
                flight=octets(facts.in_flight),
                **values,
            )
        )
    if "zero-window-probe" in analysis:
        texts.append(
            say(
                _("{sender} probes with {size} whether {peer}'s window is still shut."),
                size=octets(record.length),
                **values,
            )
        )
    if "zero-window-probe-ack" in analysis:
        texts.append(say(_("{sender} answers the probe: window {window}."), window=octets(record.window), **values))
    if "keep-alive" in analysis:
        texts.append(
            say(
                _(
                    "{sender} asks whether {peer} is still there (TCP keep-alive): a number it sent "
                    "before, {idle} after its last packet."
                ),
                idle=duration(facts.idle_ns or 0),
                **values,
            )
        )
    if "keep-alive-ack" in analysis:
        texts.append(say(_("{sender} answers the keep-alive: it is still there."), **values))
    troubled = {"zero-window", "window-full"} & set(analysis)
    return [Remark(text, TROUBLE if troubled else "") for text in texts]
