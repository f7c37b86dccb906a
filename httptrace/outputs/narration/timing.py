"""How long a server thought: what lies between a request's last byte and the answer's first, without the
way."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.model import Direction, Exchange, Message
from httptrace.outputs.narration.facts import Opening, PacketFacts
from httptrace.outputs.narration.wording import Roles, duration, say


class ServerTime:
    """Remembers the moments that the sentence needs: of the latest request only."""

    def __init__(self) -> None:
        self._way_ns: int | None = None  # SYN to SYN-ACK: from where the capture was taken to the server and back
        self._asked: int | None = None  # the exchange that was asked for last, where it was the only one waiting
        self._asked_ns: int | None = None
        self._asked_up_to: int | None = None
        self._confirmed: tuple[int, int] | None = None

    def handshake(self, facts: PacketFacts) -> None:
        """A packet of the handshake: it shows how long the way to the server and back is."""
        if facts.opening is Opening.SYN_ACK and facts.since_syn_ns is not None:
            self._way_ns = facts.since_syn_ns

    def asked(self, exchange: Exchange, request: Message, up_to: int | None, *, alone: bool) -> None:
        """A request is complete; `up_to` is the number behind its last byte, `alone` says that no other
        one waits."""
        self._asked = exchange.no if alone else None
        self._asked_ns, self._asked_up_to, self._confirmed = request.end_time_ns, up_to, None

    def confirmed(self, facts: PacketFacts) -> None:
        """A bare ACK of the server."""
        if self._asked_up_to is not None and self._confirmed is None and (facts.ack or 0) >= self._asked_up_to:
            self._confirmed = facts.record.packet, facts.record.time_ns

    def said(self, exchange: Exchange, roles: Roles) -> str:
        """The sentence where the answer begins; empty where requests queue, or nothing is known."""
        response = exchange.response
        if response is None or self._asked_ns is None or self._asked != exchange.no:
            return ""
        server = roles.the(Direction.SERVER)
        waited = response.time_ns - self._asked_ns
        if waited < 0:
            return say(_("{server} answers before the request is complete."), server=server)
        if self._confirmed and self._confirmed[1] <= response.time_ns:
            return say(
                _("{time} after confirming the request in No{packet}: {server}'s thinking time."),
                time=duration(response.time_ns - self._confirmed[1]),
                packet=self._confirmed[0],
                server=server,
            )
        if self._way_ns is not None and waited > self._way_ns:
            return say(
                _("That is {time} after the request: {way} for the way there and back, {rest} for {server} to think."),
                time=duration(waited),
                way=duration(self._way_ns),
                rest=duration(waited - self._way_ns),
                server=server,
            )
        return say(_("That is {time} after the request."), time=duration(waited))
