"""The tables of segments: handshake, data transfer, close."""

from __future__ import annotations

from random import Random

from httptrace.lang import _
from httptrace.model import Direction, Exchange, PacketRecord
from httptrace.teach.answers import Flags, Number
from httptrace.teach.lesson import CLIENT, SERVER, Talk, behind
from httptrace.teach.questions.question import choose, milliseconds
from httptrace.teach.worksheet.sheet import Ask, Blank, Cell, Explanation, Section

#: Rows of one table.
_ROWS = 8

#: An exchange of fewer packets gives no table worth filling in; then it begins with the connection's first data.
_FEWEST = 4


def handshake(talk: Talk) -> Section | None:
    """Flags, seq and ack of the packets that open the connection."""
    opening = talk.opening()
    if opening is None:
        return _refusal(talk)
    syn, syn_ack, _ack = opening
    asks = [
        Ask(
            _("The client's initial sequence number on the wire (absolute)"),
            Blank("handshake.isn.client", Number(syn.absolute_seq), 12),
        ),
        Ask(
            _("The server's initial sequence number on the wire (absolute)"),
            Blank("handshake.isn.server", Number(syn_ack.absolute_seq), 12),
        ),
        *_offers(talk),
        Ask(
            _("Why is ack=1 in No{packet}, though No{syn} carries no data?").format(
                packet=syn_ack.packet, syn=syn.packet
            ),
            Blank(
                "handshake.why",
                Explanation(_("A SYN uses up one sequence number, so 0 + 1 = 1 is the next that is expected.")),
                60,
            ),
        ),
    ]
    return Section(
        "handshake",
        _("The three-way handshake"),
        _(
            "Find these packets in the capture and fill in what they carry. Numbers are relative unless it says "
            "otherwise."
        ),
        _heads(),
        _rows("handshake", talk, list(opening)),
        tuple(asks),
    )


def _offers(talk: Talk) -> list[Ask]:
    """What both SYNs offer (RFC 9293 §3.7.1, RFC 7323 §2.2)."""
    if talk.record.measures is None:
        return []
    client, server = talk.record.measures
    scaled = client.window_scale is not None and server.window_scale is not None  # else neither counts
    wanted = (
        ("mss.client", _("The largest segment that the client takes (MSS in its SYN, bytes)"), client.mss),
        ("mss.server", _("The largest segment that the server takes (MSS in its SYN, bytes)"), server.mss),
        ("scale.client", _("By which power of 2 the client's windows are scaled (window scale)"), client.window_scale),
        ("scale.server", _("By which power of 2 the server's windows are scaled (window scale)"), server.window_scale),
    )
    return [
        Ask(text, Blank(f"handshake.{name}", Number(value), 6))
        for name, text, value in wanted
        if value is not None and (scaled or "scale" not in name)
    ]


def _refusal(talk: Talk) -> Section | None:
    if talk.record.handshake != "refused" or len(talk.packets) < 2:
        return None
    return Section(
        "handshake",
        _("A connection that is refused"),
        _(
            "Find these packets in the capture and fill in what they carry. Numbers are relative unless it says "
            "otherwise."
        ),
        _heads(),
        _rows("handshake", talk, talk.packets[:2]),
    )


def data(talk: Talk, exchange: Exchange | None, chance: Random) -> Section | None:
    """Seq, ack and length of an exchange's packets; one row, chosen by chance, stands as an example."""
    packets = _of_exchange(talk, exchange) if exchange is not None else []
    if len(packets) < _FEWEST:
        exchange, packets = None, _plain(talk)[:_ROWS]
    if not any(one.length for one in packets):
        return None
    example = chance.choice([one for one in packets if one.length]).packet
    rows: list[tuple[Cell, ...]] = []
    for record in packets:
        key = f"data.{record.packet}"
        given = record.packet == example
        rows.append(
            (
                f"No{record.packet}",
                _way(record),
                _cell(given, f"{key}.seq", Number(record.seq, (record.absolute_seq,))),
                _cell(given, f"{key}.len", Number(record.length), 7),
                _cell(given, f"{key}.ack", Number(record.ack or 0, (record.absolute_ack,))),
                _cell(given, f"{key}.next", Number(behind(record) & 0xFFFF_FFFF)),
            )
        )
    title = _("Data and its confirmations")
    if exchange is not None:
        title = _("Data and its confirmations: exchange {no}").format(no=exchange.no)
    return Section(
        "data",
        title,
        _(
            "“next seq” is the sequence number of the sender's next byte: seq + length. "
            "The row No{packet} is an example."
        ).format(packet=example),
        (_("No"), _("Direction"), "seq", _("length"), "ack", _("next seq")),
        tuple(rows),
    )


def close(talk: Talk) -> Section | None:
    """Flags, seq and ack of the packets that end the connection, and who began."""
    if talk.cut or talk.record.handshake == "refused":
        return None
    first = next((one for one in talk.packets if "F" in one.flags or "R" in one.flags), None)
    if first is None:
        return None
    packets = _ending(talk, first)
    client, server = _("the client"), _("the server")
    right, wrong = (client, server) if first.sender is CLIENT else (server, client)
    also = (_("client"), _("browser")) if first.sender is CLIENT else (_("server"),)
    asks = [
        Ask(
            _("Who is the first to end the connection?"),
            Blank("close.who", choose(right, wrong, also=also), 10),
        )
    ]
    if talk.record.close == "fin":
        asks.append(
            Ask(
                _("May the other side still send data after the first FIN? Why?"),
                Blank(
                    "close.why",
                    Explanation(
                        _("Yes. A FIN closes one direction only; the other stays open until it has its own FIN.")
                    ),
                    60,
                ),
            )
        )
    return Section(
        "close",
        _("The end of the connection"),
        _("Fill in flags and numbers of these packets."),
        _heads(),
        _rows("close", talk, packets),
        tuple(asks),
    )


def _ending(talk: Talk, first: PacketRecord) -> list[PacketRecord]:
    """Every FIN and RST, and the first ACK of each FIN, from the first of them on."""
    waiting: list[tuple[Direction, int]] = []  # who has to confirm which number
    packets = []
    for record in talk.packets[talk.place(first.packet) :]:
        confirmed = [one for one in waiting if one[0] is record.sender and record.ack == one[1]]
        waiting = [one for one in waiting if one not in confirmed]
        ends = "F" in record.flags or "R" in record.flags
        if ends or confirmed:
            packets.append(record)
        if "F" in record.flags:
            waiting.append((Direction(1 - record.sender), behind(record)))
    return packets[:_ROWS]


def _heads() -> tuple[str, ...]:
    return (_("No"), _("Time"), _("Direction"), _("flags"), "seq", "ack")


def _rows(section: str, talk: Talk, packets: list[PacketRecord]) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for record in packets:
        key = f"{section}.{record.packet}"
        ack: Cell = "—"
        if record.ack is not None:
            ack = Blank(f"{key}.ack", Number(record.ack, (record.absolute_ack,)))
        rows.append(
            (
                f"No{record.packet}",
                milliseconds(talk.since_start(record)),
                _way(record),
                Blank(f"{key}.flags", Flags(record.flags, record.flags.replace("P", "")), 12),
                Blank(f"{key}.seq", Number(record.seq, (record.absolute_seq,))),
                ack,
            )
        )
    return tuple(rows)


def _cell(given: bool, key: str, answer: Number, size: int = 10) -> Cell:
    return answer.shown if given else Blank(key, answer, size)


def _way(record: PacketRecord) -> str:
    return f"{_side(record.sender)} → {_side(Direction(1 - record.sender))}"


def _side(side: Direction) -> str:
    return _("server") if side is SERVER else _("client")


def _of_exchange(talk: Talk, exchange: Exchange) -> list[PacketRecord]:
    """The packets of an exchange and the first ACK behind it, without any that opens or ends the connection."""
    assert exchange.request is not None
    assert exchange.response is not None
    begin, end = exchange.request.first_packet, exchange.response.last_packet
    inside = [one for one in _plain(talk) if begin <= one.packet]
    upto = [one for one in inside if one.packet <= end]
    last = inside[len(upto) : len(upto) + 1]
    return (upto + [one for one in last if not one.length and end > begin])[:_ROWS]


def _plain(talk: Talk) -> list[PacketRecord]:
    """Packets from the first data on that have an acknowledgment number and no SYN, FIN or RST; behind the first FIN
    none, because what it confirms is no data."""
    plain: list[PacketRecord] = []
    for record in talk.packets:
        if "F" in record.flags:
            break
        if record.ack is not None and not set(record.flags) & set("SR") and (plain or record.length):
            plain.append(record)
    return plain
