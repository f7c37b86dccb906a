"""The section about the way: what was sent again, came late, is missing, was refused or thrown away."""

from __future__ import annotations

from collections.abc import Iterator

from httptrace.lang import _, ngettext
from httptrace.outputs.survey.capture import CaptureFacts
from httptrace.outputs.survey.connections import Connections, Kind
from httptrace.outputs.survey.page import Page, counted, number
from httptrace.outputs.survey.sections import spread

#: Addresses that a line names.
_ADDRESSES = 4


def trouble(page: Page, connections: Connections, facts: CaptureFacts) -> None:
    """How the connections fared; nothing where there is none."""
    if not connections.count:
        return
    page.heading(_("On the way"))
    if not connections.retransmissions and not connections.late and not connections.missing:
        page.line(_("No retransmission, nothing out of order, no byte missing."))
    _again(page, connections)
    _missing(page, connections, facts)
    _not_opened(page, connections)
    if connections.resets:
        text = ngettext("{count} connection ended by RST", "{count} connections ended by RST", connections.resets)
        page.labelled(_("Reset"), text.format(count=number(connections.resets)), "yellow")
    if connections.begun_before:
        text = ngettext(
            "{count} connection was open before the capture began (no handshake in it)",
            "{count} connections were open before the capture began (no handshake in it)",
            connections.begun_before,
        )
        page.labelled(_("Begun before"), text.format(count=number(connections.begun_before)))
    times = spread(connections.round_trips)
    if times:
        text = _("{times} (by {count} handshakes)")
        page.labelled(_("Round trip"), text.format(times=times, count=number(connections.round_trips.count)))


def _again(page: Page, connections: Connections) -> None:
    count = connections.retransmissions
    if count:
        packets = connections.client.packets + connections.server.packets
        text = ngettext(
            "{count} segment ({share} of all packets) in {connections}",
            "{count} segments ({share} of all packets) in {connections}",
            count,
        ).format(
            count=number(count),
            share=_percent(count, packets),
            connections=of_connections(connections.retransmitting),
        )
        page.labelled(
            _("Sent again"),
            text + _by(connections.client.retransmissions, connections.server.retransmissions),
            "yellow",
        )
    if connections.late:
        text = ngettext("{count} segment in {connections}", "{count} segments in {connections}", connections.late)
        text = text.format(count=number(connections.late), connections=of_connections(connections.out_of_order))
        page.labelled(
            _("Out of order"), text + _by(connections.client.out_of_order, connections.server.out_of_order), "yellow"
        )


def _missing(page: Page, connections: Connections, facts: CaptureFacts) -> None:
    missing, acked, never = connections.missing, connections.missing_acked, connections.never_captured
    if missing:
        text = ngettext(
            "{count} byte of payload in {connections}", "{count} bytes of payload in {connections}", missing
        )
        text = text.format(count=number(missing), connections=of_connections(connections.with_missing))
        page.labelled(_("Missing"), text, "alarm")
        for sentence in _where_it_went(missing, acked, never):
            page.more(sentence)
        if acked > never and not facts.cut:
            page.advice(
                _(
                    "Capture with a larger buffer (tcpdump -B 65536), with a filter for the hosts you need, or on a"
                    " port that is not overrun."
                )
            )
    if facts.drops:
        text = ngettext(
            "{count} packet was dropped by the capturing program (it says so in the file)",
            "{count} packets were dropped by the capturing program (it says so in the file)",
            facts.drops,
        )
        page.labelled(_("Dropped"), text.format(count=number(facts.drops)), "alarm")


def _where_it_went(missing: int, acked: int, never: int) -> Iterator[str]:
    """Whether the capture lost it, or the network."""
    arrived, unconfirmed = acked - never, missing - acked
    parts = [
        (
            arrived,
            ngettext(
                "{count} byte was confirmed by its receiver: it arrived, and the capture lacks it.",
                "{count} bytes were confirmed by their receivers: they arrived, and the capture lacks them.",
                arrived,
            ),
        ),
        (
            unconfirmed,
            ngettext(
                "{count} byte was never confirmed: lost by the network, or the confirmation is not in the capture.",
                "{count} bytes were never confirmed: lost by the network, or the confirmation is not in the capture.",
                unconfirmed,
            ),
        ),
        (
            never,
            ngettext(
                "{count} byte is of a direction that is not in the capture at all (see below).",
                "{count} bytes are of directions that are not in the capture at all (see below).",
                never,
            ),
        ),
    ]
    for count, text in parts:
        if count > 0:
            yield text.format(count=number(count))


def _not_opened(page: Page, connections: Connections) -> None:
    refused = connections.kinds[Kind.REFUSED]
    if refused:
        text = _("{connections}, RST instead of SYN, ACK: {addresses}")
        text = text.format(connections=of_connections(refused), addresses=counted(connections.refused, _ADDRESSES))
        page.labelled(_("Refused"), text, "yellow")
    unanswered = connections.kinds[Kind.UNANSWERED]
    if unanswered:
        text = _("{connections}, a SYN and nothing back: {addresses}")
        text = text.format(
            connections=of_connections(unanswered), addresses=counted(connections.unanswered, _ADDRESSES)
        )
        page.labelled(_("Unanswered"), text, "yellow")
        page.advice(_("Is the server up, does a firewall drop the SYN, or did the capture see one direction only?"))


def _by(clients: int, servers: int) -> str:
    """Whose doing it was."""
    if not servers:
        return _(", by clients")
    if not clients:
        return _(", by servers")
    return _(", {clients} by clients and {servers} by servers").format(clients=number(clients), servers=number(servers))


def of_connections(count: int) -> str:
    """A number of connections."""
    return ngettext("{count} connection", "{count} connections", count).format(count=number(count))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2g}%" if part < whole else "100%"
