"""The ledger as a table: decode's side, where the bytes went, the sequence numbers, and what was no TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.json import encode

from httptrace.lang import N_, _
from httptrace.ledger import KINDS, DirectionLedger, Share
from httptrace.model import Exchange
from httptrace.outputs.paint import Paint
from httptrace.outputs.survey.leftovers import REASONS
from httptrace.outputs.table import Column, Table
from httptrace.outputs.wrap import wrap


def exchange_line(exchange: Exchange, client: Share, server: Share) -> bytes:
    """What one exchange took of each direction."""
    return _line(
        {
            "kind": "exchange",
            "no": exchange.no,
            "stream": exchange.stream,
            "client": _share(client),
            "server": _share(server),
        }
    )


def direction_line(ledger: DirectionLedger) -> bytes:
    """The ledger of one direction of one connection."""
    return _line({"kind": "direction", **_ledger(ledger)})


def total_line(ledger: DirectionLedger, packets: int, tcp_packets: int, skipped: dict[str, int]) -> bytes:
    """All directions together, and the packets."""
    return _line(
        {
            "kind": "total",
            **_ledger(ledger),
            "packets": packets,
            "tcp_packets": tcp_packets,
            "other_packets": dict(sorted(skipped.items())),
        }
    )


def _line(values: dict[str, Any]) -> bytes:
    return encode(values) + b"\n"


def _share(share: Share) -> dict[str, int]:
    return {"head": share.head, "body": share.body, "framing": share.framing}


def _ledger(ledger: DirectionLedger) -> dict[str, Any]:
    return {
        "stream": ledger.stream,
        "from": ledger.sender.name.lower() if ledger.sender is not None else None,
        "wire_bytes": ledger.wire,
        "captured_bytes": ledger.captured,
        "snapped_bytes": ledger.snapped,
        "exchanges": ledger.exchanges,
        "messages": _share(ledger.messages),
        "not_http": {kind: ledger.kinds.get(kind, 0) for kind in KINDS if kind != "resync"},
        "resync_bytes": ledger.kinds.get("resync", 0),
        "retransmitted_bytes": ledger.retransmitted,
        "ignored_bytes": ledger.ignored,
        "late_bytes": ledger.late,
        "sequence": {
            "span": ledger.span,
            "unique": ledger.unique,
            "missing_acked": ledger.missing_acked,
            "missing_unacked": ledger.missing_unacked,
        },
        "balanced": not ledger.problems,
    }


#: From this width on the columns have room for captures of many gigabytes; narrower, they fit 80 cells.
WIDE = 100


def ledgers(width: int) -> Table[DirectionLedger]:
    """The table of `audit`: a row for each direction of a connection, and one for the total."""
    columns: list[Column[DirectionLedger]] = [
        Column(N_("stream"), 6, _stream, right=True, roomy=WIDE),
        Column(N_("from"), 6, _sender, right=True, wide=7, roomy=WIDE),
        _column(N_("captured"), 13, 15, lambda ledger: ledger.captured, takes_rest=True),
        _column(N_("messages"), 12, 15, lambda ledger: ledger.messages.total),
        _column(N_("not HTTP"), 9, 13, lambda ledger: sum(ledger.kinds.values()) - _resync(ledger)),
        _column(N_("resync"), 6, 9, _resync),
        _column(N_("repeated"), 8, 9, lambda ledger: ledger.retransmitted),
        _column(N_("other"), 5, 7, lambda ledger: ledger.ignored + ledger.late),
        _column(N_("missing"), 7, 10, lambda ledger: ledger.missing_acked + ledger.missing_unacked),
    ]
    return Table(columns, WIDE if width >= WIDE else min(width, 80), Paint(False))


def _column(
    title: str, width: int, wide: int, count: Callable[[DirectionLedger], int], takes_rest: bool = False
) -> Column[DirectionLedger]:
    return Column(
        title,
        width,
        lambda ledger, _width: f"{count(ledger):,}",
        right=True,
        takes_rest=takes_rest,
        wide=wide,
        roomy=WIDE,
    )


def _stream(ledger: DirectionLedger, _width: int) -> str:
    return _("total") if ledger.stream is None else str(ledger.stream)


def _resync(ledger: DirectionLedger) -> int:
    return ledger.kinds.get("resync", 0)


def _sender(ledger: DirectionLedger, _width: int) -> str:
    return _(ledger.sender.name.lower()) if ledger.sender is not None else ""


def closing(
    ledger: DirectionLedger, packets: int, tcp_packets: int, skipped: Iterable[tuple[str, int]], width: int
) -> str:
    """What stands below the table: each sum written out, and the packets that were no TCP."""
    messages = ledger.messages
    lines = [
        _("on the wire {wire:,} bytes of TCP payload = {captured:,} captured").format(
            wire=ledger.wire, captured=ledger.captured
        ),
        *_summands([(ledger.snapped, _("cut off by the snap length"))]),
        _("captured = {exchanges:,} exchanges ({head:,} head + {body:,} body + {framing:,} framing)").format(
            exchanges=ledger.exchanges, head=messages.head, body=messages.body, framing=messages.framing
        ),
        *_summands((ledger.kinds.get(kind, 0), _(meaning)) for kind, meaning in KINDS.items()),
        *_summands(
            [
                (ledger.retransmitted, _("retransmitted")),
                (ledger.ignored, _("ignored (keep-alive, zero-window probe, behind the end)")),
                (ledger.late, _("late (the hole had been given up)")),
            ]
        ),
        _("sequence numbers {span:,} = {unique:,} seen").format(span=ledger.span, unique=ledger.unique),
        *_summands(
            [
                (ledger.missing_acked, _("missing but acknowledged (the capture lost them)")),
                (ledger.missing_unacked, _("missing (the network lost them)")),
            ]
        ),
        _("packets {packets:,} = {tcp:,} TCP").format(packets=packets, tcp=tcp_packets),
        *_summands((count, _(REASONS.get(reason, reason))) for reason, count in skipped),
    ]
    return "".join(line + "\n" for line in _fitted(lines, width))


def _summands(parts: Iterable[tuple[int, str]]) -> list[str]:
    """What the line before adds up to beside its first number; nothing is said of nothing."""
    return [f"+ {count:,} {meaning}" for count, meaning in parts if count]


def _fitted(lines: Iterable[str], width: int) -> Iterator[str]:
    for line in lines:
        before = "  " if line.startswith("+ ") else ""
        first, *rest = wrap(line, width - 4)
        yield before + first
        yield from (before + "  " + one for one in rest)
