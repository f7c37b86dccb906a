"""The sections on round trips, on what was sent twice, and on windows."""

from __future__ import annotations

from dataclasses import dataclass

from httptrace.lang import _
from httptrace.model import Direction, PacketRecord
from httptrace.teach.answers import Milliseconds, Number, PacketNumber
from httptrace.teach.lesson import CLIENT, SERVER, Talk, behind, other
from httptrace.teach.questions.numbers import is_odd
from httptrace.teach.questions.question import milliseconds
from httptrace.teach.worksheet.sheet import Ask, Blank, Cell, Explanation, Section

#: Rows of one table: textbooks ask for the first six segments.
_ROWS = 6

#: Packets that are looked at until an ACK is found.
_NEAR = 200


@dataclass(frozen=True, slots=True)
class Sample:
    """A segment, and the first ACK that covers it."""

    segment: PacketRecord
    ack: PacketRecord

    @property
    def ns(self) -> int:
        """The round trip."""
        return self.ack.time_ns - self.segment.time_ns


def round_trips(talk: Talk) -> Section | None:
    """SampleRTT of the first segments, and EstimatedRTT as it follows from them (RFC 6298 §2)."""
    sides = {side: _samples(talk, side) for side in (CLIENT, SERVER)}
    # The side whose data has the long way before it: at the other one, the capture point, answers come at once.
    side = max(sides, key=lambda one: min((sample.ns for sample in sides[one]), default=0))
    samples = sides[side]
    asks = []
    if talk.opening() is not None and talk.record.rtt_ns is not None:
        asks.append(
            Ask(
                _("Round trip of the handshake, from the SYN to the ACK of SYN, ACK (ms)"),
                Blank("rtt.handshake", Milliseconds(talk.record.rtt_ns)),
            )
        )
    if not samples and not asks:
        return None
    rows: list[tuple[Cell, ...]] = []
    estimated = 0.0
    for number, sample in enumerate(samples):
        estimated = sample.ns if not number else 0.875 * estimated + 0.125 * sample.ns
        key = f"rtt.{sample.segment.packet}"
        rows.append(
            (
                f"No{sample.segment.packet}",
                milliseconds(talk.since_start(sample.segment)),
                Blank(f"{key}.ack", PacketNumber(sample.ack.packet), 8),
                Blank(f"{key}.sample", Milliseconds(sample.ns)),
                Blank(f"{key}.estimated", Milliseconds(round(estimated))),
            )
        )
    who = _("the server") if side is SERVER else _("the client")
    about = _(
        "Segments of {side}, each with the first ACK that covers it. The first EstimatedRTT is the first "
        "SampleRTT; then EstimatedRTT = 0.875 × EstimatedRTT + 0.125 × SampleRTT."
    ).format(side=who)
    heads = (_("No"), _("Sent at"), _("confirmed in No"), "SampleRTT (ms)", "EstimatedRTT (ms)")
    return Section(
        "rtt",
        _("Round trip times"),
        about if rows else _("Take the times from the handshake."),
        heads if rows else (),
        tuple(rows),
        tuple(asks),
    )


def _samples(talk: Talk, side: Direction) -> list[Sample]:
    """The first segments of a side that were sent once, with their ACKs."""
    found: list[Sample] = []
    repeated = {one.seq for one in talk.packets if one.sender is side and is_odd(one) and one.length}
    for place, record in enumerate(talk.packets):
        if record.sender is not side or not record.length or is_odd(record) or record.seq in repeated:
            continue
        end = behind(record)
        ack = next(
            (
                one
                for one in talk.packets[place + 1 : place + _NEAR]
                if one.sender is other(side) and one.ack is not None and 0 <= one.ack - end < 1 << 30
            ),
            None,
        )
        if ack is not None and ack.time_ns > record.time_ns and not is_odd(ack):
            found.append(Sample(record, ack))
            if len(found) == _ROWS:
                break
    return found


def repetitions(talk: Talk) -> Section:
    """What was sent twice, confirmed twice, or never captured."""
    repeated = [one for one in talk.packets if "retransmission" in one.analysis]
    duplicates = [one for one in talk.packets if "dup-ack" in one.analysis]
    rows: list[tuple[Cell, ...]] = []
    for record in repeated[:_ROWS]:
        earlier = _first_copy(talk, record)
        key = f"again.{record.packet}"
        row: tuple[Cell, ...] = (
            f"No{record.packet}",
            Blank(f"{key}.bytes", Number(record.length), 8),
            _("not captured"),
            "—",
        )
        if earlier is not None:
            wait = Milliseconds(record.time_ns - earlier.time_ns)
            row = (*row[:2], Blank(f"{key}.first", PacketNumber(earlier.packet), 8), Blank(f"{key}.wait", wait))
        rows.append(row)
    asks = [
        Ask(
            _("How many packets does Wireshark mark as retransmissions (tcp.analysis.retransmission)?"),
            Blank("again.count", Number(len(repeated)), 6),
        ),
        Ask(
            _("How many duplicate ACKs are there (tcp.analysis.duplicate_ack)?"),
            Blank("again.duplicates", Number(len(duplicates)), 6),
        ),
    ]
    if not talk.cut:
        missing = talk.record.client_side.missing_bytes + talk.record.server_side.missing_bytes
        asks.append(
            Ask(
                _("How many bytes of data does the capture lack, by their sequence numbers?"),
                Blank("again.missing", Number(missing), 8),
            )
        )
    asks.append(
        Ask(
            _("How do you tell a repeated segment from a new one?"),
            Blank(
                "again.why",
                Explanation(
                    _("Its sequence number is one that the same side has sent before, so its bytes came already.")
                ),
                60,
            ),
        )
    )
    heads = (_("No"), _("bytes"), _("first sent in No"), _("ms later"))
    return Section(
        "again",
        _("Retransmissions and losses"),
        _("Some segments were sent again.") if rows else _("Look for segments that were sent again; perhaps none was."),
        heads if rows else (),
        tuple(rows),
        tuple(asks),
    )


def _first_copy(talk: Talk, record: PacketRecord) -> PacketRecord | None:
    """The packet that carried the same bytes first."""
    place = talk.place(record.packet)
    same = (
        one
        for one in talk.packets[:place]
        if (one.sender, one.seq, one.length, "S" in one.flags)
        == (record.sender, record.seq, record.length, "S" in record.flags)
        and "keep-alive" not in one.analysis
    )
    return next(same, None)


def windows(talk: Talk) -> Section | None:
    """What each side announced; only where the SYNs say how windows are scaled (RFC 7323 §2.2)."""
    if talk.opening() is None:
        return None
    asks = []
    for side, name, text in (
        (CLIENT, "client", _("The smallest window that the client announces behind its SYN (bytes)")),
        (SERVER, "server", _("The smallest window that the server announces behind its SYN (bytes)")),
    ):
        announced = [one.window for one in talk.packets if one.sender is side and not set(one.flags) & set("SR")]
        if announced:
            asks.append(Ask(text, Blank(f"window.{name}", Number(min(announced)), 8)))
    zero = sum("zero-window" in one.analysis for one in talk.packets)
    asks.append(
        Ask(
            _("How many packets announce a window of 0 (tcp.analysis.zero_window)?"),
            Blank("window.zero", Number(zero), 6),
        )
    )
    asks.append(
        Ask(
            _("What does a receiver say with a window of 0?"),
            Blank(
                "window.why",
                Explanation(_("Its buffer is full: the other side must stop until a larger window comes.")),
                60,
            ),
        )
    )
    return Section(
        "window",
        _("Windows"),
        _("Windows are in bytes, scaled as both SYNs agreed (Wireshark: tcp.window_size)."),
        asks=tuple(asks),
    )
