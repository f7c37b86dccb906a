"""What a situation is known to hold, said by the script that writes it and not by whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httptrace.teach.situations.conversation import Script


@dataclass(frozen=True, slots=True)
class ExchangeTruth:
    """One exchange: what was asked and answered, and the sizes of both bodies without their codings of transfer.

    `complete`: every byte of the response is in the capture. `decoded`: its size when unpacked. `notes`: the codes it
    gets.
    """

    stream: int
    method: str
    target: str
    status: int | None
    sent: int = 0
    received: int = 0
    decoded: int | None = None
    complete: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamTruth:
    """One connection: how it opened and closed (words of the contract), its packets and unique payload bytes."""

    handshake: str = "complete"
    close: str = "fin"
    packets: tuple[int, int] = (0, 0)
    octets: tuple[int, int] = (0, 0)
    missing: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Truth:
    """All of a capture. `analysis`: packet number to Wireshark's words for it; packets without any are left out."""

    packets: int = 0
    streams: list[StreamTruth] = field(default_factory=list)
    exchanges: list[ExchangeTruth] = field(default_factory=list)
    analysis: dict[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """A named capture. `title` and `shows` are texts for the catalogue; `tries` are commands, FILE standing for the
    capture; `write` says what happens."""

    name: str
    title: str
    shows: str
    tries: tuple[str, ...]
    write: Callable[[Script], None]
