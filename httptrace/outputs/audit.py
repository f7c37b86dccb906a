"""The ledger as a table: decode's side, where the bytes went, the sequence numbers, and what was no TCP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from httptrace.lang import _
from httptrace.ledger import KINDS, DirectionLedger, Share
from httptrace.model import Exchange
from httptrace.outputs.wrap import pad


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
    return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)


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


class AuditTable:
    """One row a direction, fixed widths, so that rows can be printed as connections end."""

    def __init__(self) -> None:
        self.columns = (
            (_("stream"), 8),
            (_("from"), 8),
            (_("captured"), 14),
            (_("messages"), 14),
            (_("not HTTP"), 12),
            (_("resync"), 9),
            (_("repeated"), 10),
            (_("other"), 8),
            (_("missing"), 10),
        )

    def head(self) -> str:
        """The column heads."""
        return "".join(pad(name, width, "right") for name, width in self.columns) + "\n"

    def row(self, ledger: DirectionLedger) -> str:
        """A direction, or the total."""
        sender = ledger.sender.name.lower() if ledger.sender is not None else ""
        cells: list[str] = [
            _("total") if ledger.stream is None else str(ledger.stream),
            _(sender) if sender else "",
            *(
                f"{number:,}"
                for number in (
                    ledger.captured,
                    ledger.messages.total,
                    sum(count for kind, count in ledger.kinds.items() if kind != "resync"),
                    ledger.kinds.get("resync", 0),
                    ledger.retransmitted,
                    ledger.ignored + ledger.late,
                    ledger.missing_acked + ledger.missing_unacked,
                )
            ),
        ]
        return (
            "".join(pad(cell, width, "right") for cell, (_name, width) in zip(cells, self.columns, strict=True)) + "\n"
        )


def closing(ledger: DirectionLedger, packets: int, tcp_packets: int, skipped: Iterable[tuple[str, int]]) -> str:
    """What stands below the table: each sum written out, and the packets that were no TCP."""
    messages, kinds = ledger.messages, ledger.kinds
    lines = [
        _(
            "on the wire {wire:,} bytes of TCP payload = {captured:,} captured + {snapped:,} cut off by the snap length"
        ).format(wire=ledger.wire, captured=ledger.captured, snapped=ledger.snapped),
        _("captured = {exchanges:,} exchanges ({head:,} head + {body:,} body + {framing:,} framing)").format(
            exchanges=ledger.exchanges, head=messages.head, body=messages.body, framing=messages.framing
        ),
    ]
    for kind, meaning in KINDS.items():
        if kinds.get(kind):
            lines.append(f"  + {kinds[kind]:,} {_(meaning)}")
    for count, meaning in (
        (ledger.retransmitted, _("retransmitted")),
        (ledger.ignored, _("ignored (keep-alive, zero-window probe, behind the end)")),
        (ledger.late, _("late (the hole had been given up)")),
    ):
        if count:
            lines.append(f"  + {count:,} {meaning}")
    lines.append(
        _(
            "sequence numbers {span:,} = {unique:,} seen + {acked:,} missing but acknowledged (the capture lost "
            "them) + {unacked:,} missing (the network lost them)"
        ).format(span=ledger.span, unique=ledger.unique, acked=ledger.missing_acked, unacked=ledger.missing_unacked)
    )
    lines.append(_("packets {packets:,} = {tcp:,} TCP").format(packets=packets, tcp=tcp_packets))
    for reason, count in skipped:
        lines.append(f"  + {count:,} {_(reason)}")
    return "\n".join(lines) + "\n"
