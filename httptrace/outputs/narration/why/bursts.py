"""The bursts in which data comes: where they double from round trip to round trip, slow start is seen (RFC 5681 §3.1).

The congestion window stands in no packet. A sender that fills it sends a burst, waits for the ACKs, and sends the
next, larger one; at whichever end the capture was taken, the bursts begin about a round trip apart. So a burst ends
here with a pause of at least half the round trip of the handshake.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from httptrace.lang import _
from httptrace.model import Direction
from httptrace.outputs.narration.facts import PacketFacts
from httptrace.outputs.narration.wording import Roles, Row, duration, listed, octets, pieces, say

#: A shorter round trip leaves no pauses to see.
_SHORTEST_TRIP_NS = 1_000_000

#: A pause of this share of a round trip ends a burst; bursts that begin more than this many round trips apart do not
#: follow from one another.
_PAUSE, _APART = 0.5, 2.5

#: Growth from one burst to the next that slow start makes: it doubles, or with delayed ACKs half as much comes along.
_LEAST, _MOST = 1.4, 2.6

#: So many bursts in a row have to grow, before they are told.
_TELLING = 3

#: Bursts that are kept; slow start seldom lasts longer.
_KEPT = 12


@dataclass(slots=True)
class _Burst:
    began_ns: int
    ended_ns: int
    segments: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Bursts:
    """Watches the data of both sides; `row` tells what was seen of a side since the last time."""

    round_trip_ns: int | None = None
    _seen: tuple[list[_Burst], list[_Burst]] = field(default_factory=lambda: ([], []))

    def watch(self, facts: PacketFacts) -> None:
        """Take the next packet."""
        if facts.start == facts.end or self.round_trip_ns is None or facts.repeated or facts.late:
            return
        bursts, now = self._seen[facts.sender], facts.record.time_ns
        if not bursts or now - bursts[-1].ended_ns >= self.round_trip_ns * _PAUSE:
            if bursts and now - bursts[-1].began_ns > self.round_trip_ns * _APART:
                bursts.clear()
            bursts.append(_Burst(now, now))
            del bursts[:-_KEPT]
        burst = bursts[-1]
        burst.ended_ns = now
        burst.segments += 1
        burst.bytes += facts.end - facts.start

    def row(self, sender: Direction, roles: Roles) -> list[Row]:
        """What the bursts of a side say where they grow as in slow start; they are forgotten then."""
        bursts = list(self._seen[sender])
        self._seen[sender].clear()
        if self.round_trip_ns is None or self.round_trip_ns < _SHORTEST_TRIP_NS or not bursts:
            return []
        grown = 1
        while grown < len(bursts) and _LEAST <= bursts[grown].bytes / bursts[grown - 1].bytes <= _MOST:
            grown += 1
        if grown < _TELLING:
            return []
        said = [f"{pieces(burst.segments)} ({octets(burst.bytes)})" for burst in bursts[:grown]]
        text = say(
            _(
                "{sender} sent in bursts, {apart} from one to the next: {bursts}. Each ACK lets it send more: slow "
                "start, about twice as much in each round trip (RFC 5681 §3.1)."
            ),
            sender=roles.the(sender),
            apart=duration((bursts[grown - 1].began_ns - bursts[0].began_ns) // (grown - 1)),
            bursts=listed(said),
        )
        return [Row(_("bursts"), text)]
