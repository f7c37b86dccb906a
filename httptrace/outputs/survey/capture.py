"""What the summary says of a capture as a whole: its packets, its time, what of it was cut or is no TCP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from httptrace.model import Frame
from httptrace.outputs.survey.tally import Counts

_ETHERNET = 1
_UDP = 17

#: A silence shorter than this is worth no word.
_SILENCE_NS = 60_000_000_000

_LEAST_OF_UDP = 42  # Ethernet, IPv4 without options, UDP


class Watched:
    """Frames on their way into the analyzer, looked at in passing. Cheap, because it is done for every packet."""

    def __init__(self) -> None:
        self.first_ns = self.last_ns = 0
        self.silence_ns = 0  # the longest time without a packet, and the packet that ended it
        self.silence_end = 0
        self.octets = 0  # of whole frames as they were on the wire

    def frames(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames."""
        octets = silence = packet = 0
        first = last = None
        try:
            for frame in frames:
                packet += 1
                octets += frame[3]
                time_ns = frame[4]
                if last is None or first is None:
                    first = last = time_ns
                elif time_ns > last:
                    if time_ns - last > silence:
                        silence = time_ns - last
                        self.silence_end = packet
                    last = time_ns
                elif time_ns < first:
                    first = time_ns
                yield frame
        finally:
            self.octets, self.silence_ns = octets, silence
            self.first_ns, self.last_ns = first or 0, last or 0


class Oddities:
    """Frames that are not plain TCP, as far as the page tells them apart."""

    def __init__(self) -> None:
        self.cut = 0  # frames of which the end is missing
        self.cut_to = 0  # the longest of those
        self.udp_ports = Counts()  # where plain Ethernet carries plain IP, which is nearly everywhere

    def unusual(self, block: bytes, start: int, end: int, wire_length: int, link: int, udp: bool) -> None:
        """A frame that the decoder's hot path left to the slow one."""
        if end - start < wire_length:
            self.cut += 1
            self.cut_to = max(self.cut_to, end - start)
        if udp:
            self._datagram(block, start, end, link)

    def _datagram(self, block: bytes, start: int, end: int, link: int) -> None:
        """Count the port of a UDP datagram: the lower one, which is the server's where one has a name."""
        if link != _ETHERNET or end - start < _LEAST_OF_UDP:
            return
        kind = block[start + 12 : start + 14]
        if kind == b"\x08\x00" and block[start + 14] == 0x45 and block[start + 23] == _UDP:
            if block[start + 20] & 0x1F or block[start + 21]:  # a later fragment has no ports
                return
            at = start + 34
        elif kind == b"\x86\xdd" and block[start + 20] == _UDP and end - start >= _LEAST_OF_UDP + 16:
            at = start + 54
        else:
            return
        ports = block[at : at + 4]
        self.udp_ports.add(str(min(int.from_bytes(ports[:2], "big"), int.from_bytes(ports[2:], "big"))))


@dataclass(slots=True)
class CaptureFacts:
    """What the page says of the capture.

    `silence_ns`: the longest time without a packet; `silence_end`: the packet that ended it. `cut` frames were captured
    without their end, the longest of them `cut_to` bytes long. `skipped`: packets that are no TCP, by the decoder's
    reason. `drops`: packets that the capturing program missed, where the file says so. `damage`: the errors that ended
    a file early.
    """

    files: list[str]
    duplicates: int = 0
    packets: int = 0
    tcp_packets: int = 0
    octets: int = 0
    first_ns: int = 0
    last_ns: int = 0
    silence_ns: int = 0
    silence_end: int = 0
    cut: int = 0
    cut_to: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    udp_ports: Counts = field(default_factory=Counts)
    drops: int | None = None
    secrets: bool = False
    damage: list[str] = field(default_factory=list)

    @property
    def span_ns(self) -> int:
        """From the first packet to the last."""
        return self.last_ns - self.first_ns

    @property
    def mostly_silent(self) -> bool:
        """Whether one silence is more than half of the time: captures glued together, or a clock that was set. Then
        no rate means anything."""
        return self.silence_ns > _SILENCE_NS and 2 * self.silence_ns > self.span_ns
