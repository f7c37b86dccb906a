"""The rows on rules: why TCP does here what it does, with the section that says so."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.outputs.narration.facts import Closing, Opening, PacketFacts
from httptrace.outputs.narration.trouble import FAST, SHORTEST_TIMEOUT_NS
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.wording import Roles, Row, duration, octets, say


def rule_rows(facts: PacketFacts, roles: Roles, once: Once) -> list[Row]:
    """The rules that a packet shows at work, each told the first time."""
    said = [text for name, text in _rules(facts, roles) if once.first(f"rule {name}")]
    rows = [Row(_("rule") if place == 0 else "", text, lasting=True) for place, text in enumerate(said)]
    lost = _who_lost(facts, roles)
    return [Row(_("loss"), lost), *rows] if lost else rows


def _who_lost(facts: PacketFacts, roles: Roles) -> str:
    """Where what comes again was lost, as far as the capture shows."""
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    repeated = facts.repeated
    if repeated is None or facts.opening:
        return ""
    if repeated.confirmed_in is not None:
        return say(
            _("Nothing was lost on the way to {peer}; its ACK in No{packet} was, or it came too late for the timer."),
            peer=peer,
            packet=repeated.confirmed_in,
        )
    if repeated.uncaptured and repeated.duplicates:
        return say(
            _("The first copy never came past here, and {peer} misses it: lost between {sender} and the capture."),
            peer=peer,
            sender=sender,
        )
    if repeated.earlier is not None and repeated.duplicates:
        return say(
            _("No{packet} did come past here, and {peer} misses it: lost between the capture and {peer}."),
            packet=repeated.earlier,
            peer=peer,
        )
    if repeated.earlier is not None:
        return say(
            _("No{packet} did come past here: it was lost behind the capture, or the ACK for it was."),
            packet=repeated.earlier,
        )
    return ""


def _rules(facts: PacketFacts, roles: Roles) -> list[tuple[str, str]]:
    """(what it is about, text) of each rule."""
    found = [*_opening(facts, roles), *_closing(facts, roles)]
    if not facts.opening:
        found += [*_loss(facts, roles), *_windows(facts, roles)]
    if "P" in facts.record.flags and facts.record.length:
        text = say(
            _(
                "PSH: {peer} should hand the bytes to its program at once, as {sender} has no more for now (RFC "
                "9293 §3.9.1)."
            ),
            sender=roles.the(facts.sender),
            peer=roles.the(facts.peer),
        )
        found.append(("psh", text))
    return found


def _opening(facts: PacketFacts, roles: Roles) -> list[tuple[str, str]]:
    match facts.opening:
        case Opening.SYN_ACK:
            text = _(
                "Why three steps: each side has to announce its number and to learn that it arrived (RFC 9293 §3.5)."
            )
            return [("three steps", say(text))]
        case Opening.SYN_AGAIN:
            text = _(
                "A SYN without an answer is sent again by the timer, each time after about twice the wait (RFC "
                "6298 §5.5)."
            )
            return [("syn again", say(text))]
        case Opening.SYN_BOTH:
            return [("both open", say(_("Two SYNs that cross open one connection, not two (RFC 9293 §3.5).")))]
        case Opening.REFUSED:
            text = _("What comes for a connection that does not exist is answered with a RST (RFC 9293 §3.5.2).")
            return [("refused", say(text))]
    return []


def _closing(facts: PacketFacts, roles: Roles) -> list[tuple[str, str]]:
    sender = roles.the(facts.sender)
    match facts.closing:
        case Closing.FIRST_FIN:
            text = _(
                "Why four steps: the two directions close separately, each with a FIN and its ACK (RFC 9293 §3.6)."
            )
            return [("four steps", say(text))]
        case Closing.SECOND_FIN_CONFIRMING:
            text = _(
                "Three packets instead of four: {sender} had nothing left to send, so ACK and FIN go together "
                "(RFC 9293 §3.6)."
            )
            return [("three packets", say(text, sender=sender))]
        case Closing.LAST_CONFIRMED:
            text = _(
                "TIME-WAIT lasts twice the longest life of a segment: time to repeat a lost last ACK, and for "
                "stragglers "
                "to die out (RFC 9293 §3.6.1)."
            )
            return [("time-wait", say(text))]
        case Closing.RESET:
            text = _(
                "A RST aborts: what waits to be sent is dropped, nothing is repeated, no TIME-WAIT follows (RFC "
                "9293 §3.5.2)."
            )
            return [("reset", say(text))]
    return []


def _loss(facts: PacketFacts, roles: Roles) -> list[tuple[str, str]]:
    analysis, found = facts.record.analysis, []
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    repeated = facts.repeated
    late = facts.late
    fast = "fast-retransmission" in analysis or bool(repeated and repeated.duplicates >= FAST)
    if late and late.duplicates >= FAST:
        fast = True
    if repeated and repeated.confirmed_in is not None:
        text = _("It cost only time: what is there already is thrown away and confirmed again (RFC 9293 §3.10.7.4).")
        found.append(("spurious", say(text)))
    elif fast:
        text = _(
            "Three duplicate ACKs count as a loss: {sender} repeats at once and halves what it dares to have on "
            "the way (RFC 5681 §3.2)."
        )
        found.append(("fast", say(text, sender=sender)))
    elif repeated and repeated.wait_ns is not None and repeated.wait_ns >= SHORTEST_TIMEOUT_NS:
        text = _(
            "The timer ran out after {wait}. Next time it waits twice as long (RFC 6298 §5.5), and {sender} "
            "begins again "
            "with one segment (RFC 5681 §3.1)."
        )
        found.append(("timeout", say(text, wait=duration(repeated.wait_ns), sender=sender)))
    elif repeated:
        text = _(
            "What is not confirmed is sent again, with its old numbers, so the receiver recognises a copy (RFC "
            "9293 §3.8.1)."
        )
        found.append(("again", say(text)))
    if late:
        text = _(
            "IP may deliver in any order; {peer} sorts by number and hands on only what has no hole before it "
            "(RFC 9293 §3.10.7.4)."
        )
        found.append(("order", say(text, peer=peer)))
    if facts.hole and facts.hole_confirmed_in is None:
        text = _(
            "Who lost them shows later: an ACK beyond them, and they arrived (the capture lost them); sent "
            "again, and the "
            "network did."
        )
        found.append(("hole", say(text)))
    if facts.unseen:
        text = _("An ACK is proof: nobody confirms what did not arrive (RFC 9293 §3.4).")
        found.append(("unseen", say(text)))
    if "dup-ack" in analysis and not facts.has_all:
        text = _("Each piece behind a hole is answered at once with the number still wanted (RFC 5681 §4.2).")
        found.append(("dup-ack", say(text)))
    return found


def _windows(facts: PacketFacts, roles: Roles) -> list[tuple[str, str]]:
    analysis, found = facts.record.analysis, []
    sender, peer = roles.the(facts.sender), roles.the(facts.peer)
    if "zero-window" in analysis:
        text = _(
            "Flow control: {sender}'s program reads more slowly than {peer} sends, and the buffer is full (RFC "
            "9293 §3.8.6)."
        )
        found.append(("zero-window", say(text, sender=sender, peer=peer)))
    if "window-full" in analysis:
        text = _("Flow control: never more unconfirmed than the last window allows, {window} here (RFC 9293 §3.8.6).")
        found.append(("window-full", say(text, window=octets(facts.peer_window or 0))))
    if "zero-window-probe" in analysis:
        text = _(
            "The packet that opens the window again may get lost, and then both would wait for ever; so {sender} keeps "
            "asking, less and less often (RFC 9293 §3.8.6.1)."
        )
        found.append(("probe", say(text, sender=sender)))
    if "keep-alive" in analysis:
        text = _(
            "TCP itself is silent when idle; a keep-alive finds out whether the other side is gone (RFC 9293 §3.8.4)."
        )
        found.append(("keep-alive", say(text)))
    if "port-reused" in analysis:
        text = _(
            "A new connection begins with another first number, so that old packets do not fit in (RFC 9293 §3.4.1)."
        )
        found.append(("port-reused", say(text)))
    return found
