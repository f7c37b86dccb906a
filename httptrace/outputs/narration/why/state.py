"""The rows on the states of both sides, before and behind a packet (RFC 9293 §3.3.2)."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.model import Direction
from httptrace.outputs.narration.facts import PacketFacts
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.wording import Roles, Row, say
from httptrace.teach.reference import lookup
from httptrace.teach.states import States


def state_rows(facts: PacketFacts, states: States, roles: Roles, once: Once) -> list[Row]:
    """A row for each side where one of them moves, else one for both."""
    assumed = states.assumed
    changes = states.packet(facts.record)
    rows = []
    if any(before != after for before, after in changes):
        rule = once.first("state")
        for direction in Direction:
            text = _moved(*changes[direction])
            if rule:
                text = say(_("{said} (RFC 9293 §3.3.2)"), said=text)
                rule = False
            rows.append(Row(roles.name(direction), text))
    else:
        rows.append(Row(_("state"), _both(states, roles)))
    if states.assumed and not assumed:
        text = _("The capture lacks the handshake; that both were ESTABLISHED is assumed.")
        rows.append(Row("", say(text)))
    return rows


def _both(states: States, roles: Roles) -> str:
    if states.client == states.server:
        return say(_("both {state}"), state=states.client)
    return say(
        _("{client} {client_state}, {server} {server_state}"),
        client=roles.name(Direction.CLIENT),
        client_state=states.client,
        server=roles.name(Direction.SERVER),
        server_state=states.server,
    )


def _moved(before: str, after: str) -> str:
    entry = lookup("state", after)
    meaning = entry.title() if entry else ""
    if before == after:
        return _("{state}: {meaning}").format(state=after, meaning=meaning)
    return _("{before} → {after}: {meaning}").format(before=before, after=after, meaning=meaning)
