"""The rows on time: round trips, and where between both ends the capture was taken (RFC 6298)."""

from __future__ import annotations

from httptrace.lang import _
from httptrace.model import Direction
from httptrace.outputs.narration.facts import Opening, PacketFacts
from httptrace.outputs.narration.why.once import Once
from httptrace.outputs.narration.wording import Roles, Row, duration, join, say

#: The capture is taken to stand at one end where the way there and back takes at most this share of the round trip.
_NEAR = 0.1

#: Round trips shorter than this say nothing about where the capture was taken.
_TOO_SHORT_NS = 1_000_000


class Clock:
    """Remembers the way from the capture to the server and back."""

    __slots__ = ("_once", "_roles", "_way_ns", "round_trip_ns")

    def __init__(self, roles: Roles, once: Once) -> None:
        self._roles = roles
        self._once = once
        self._way_ns: int | None = None
        self.round_trip_ns: int | None = None  # of the handshake

    def rows(self, facts: PacketFacts) -> list[Row]:
        """What the packet's time says."""
        text = ""
        since = facts.since_syn_ns or 0  # a clock that stood still or went back says nothing
        if facts.opening is Opening.SYN_ACK and since > 0:
            self._way_ns = since
            text = say(
                _("{time} after No{packet}: the way from the capture to {server} and back."),
                time=duration(since),
                packet=facts.syn_packet,
                server=self._roles.the(facts.sender),
            )
        elif facts.opening is Opening.ACK and since > 0 and facts.attempts <= 1:
            self.round_trip_ns = since
            text = self._handshake(since)
        elif facts.confirmed and facts.sent_twice:
            if self._once.first("sent twice"):
                text = say(
                    _(
                        "No sample of a round trip: bytes that are confirmed here were sent twice, and nobody can tell "
                        "which copy is meant (RFC 6298 §3)."
                    )
                )
        elif facts.confirmed and (facts.round_trip_ns or 0) > 0:
            text = self._sample(facts, facts.round_trip_ns or 0, facts.confirmed.last_packet or 0)
        return [Row(_("time"), text)] if text else []

    def _handshake(self, trip_ns: int) -> str:
        if self._way_ns is None or not 0 <= self._way_ns <= trip_ns:
            return say(_("{time} from SYN to ACK: one round trip (RTT)."), time=duration(trip_ns))
        rest = trip_ns - self._way_ns
        text = say(
            _("{way} to {server} and back, {rest} to {client} and back: the round trip (RTT) is {time}."),
            way=duration(self._way_ns),
            rest=duration(rest),
            time=duration(trip_ns),
            server=self._roles.the(Direction.SERVER),
            client=self._roles.the(Direction.CLIENT),
        )
        return join([text, self._where(self._way_ns, rest)])

    def _where(self, way_ns: int, rest_ns: int) -> str:
        trip_ns = way_ns + rest_ns
        if trip_ns < _TOO_SHORT_NS:
            return ""
        near = None
        if rest_ns <= trip_ns * _NEAR:
            near = Direction.CLIENT
        elif way_ns <= trip_ns * _NEAR:
            near = Direction.SERVER
        if near is None:
            return say(_("The capture was taken on the way between both."))
        return say(_("So the capture was taken at or near {side}."), side=self._roles.the(near))

    def _sample(self, facts: PacketFacts, trip_ns: int, packet: int) -> str:
        if self._once.first("round trip"):
            return say(
                _(
                    "{time} after No{packet}, which it confirms: the way from the capture to {sender} and back, "
                    "and any "
                    "delay there. By such samples a sender sets its retransmission timer (RFC 6298 §2)."
                ),
                sender=self._roles.the(facts.sender),
                time=duration(trip_ns),
                packet=packet,
            )
        return say(_("{time} after No{packet}, which it confirms."), time=duration(trip_ns), packet=packet)
