"""What every way to capture has in common: what it gives, what it counts, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from httptrace.errors import Said, UsageError
from httptrace.model import Frame

#: What `-i` calls all interfaces together.
ANY = "any"

#: LINKTYPE_RAW: a packet begins with its IP header, whatever the interface is.
RAW = 101

#: Asked about each packet before it goes on, where someone has to be: its block, start and end there, its length, its
#: time, its link type, the number of its interface and whether that is a loopback. False: it goes no further.
Watch: TypeAlias = Callable[[bytes, int, int, int, int, int, int, bool], bool]


@dataclass(slots=True)
class Counters:
    """What was counted since the capture began.

    `received`: packets that the filter let through, the dropped among them; `dropped`: those for which there was no
    room; `freezes`: times that the whole ring was full; `snapped`: packets of which only a part fitted.
    """

    received: int = 0
    dropped: int = 0
    freezes: int = 0
    snapped: int = 0


class Change(NamedTuple):
    """Something happened to an interface: `down`, `up`, `gone`, `back` or `renamed` (then `new` is its name)."""

    kind: str
    name: str
    new: str = ""


class Source(Protocol):
    """Where live packets come from."""

    name: str  # of this way to capture
    size: int  # bytes of buffer
    watch: Watch | None
    counters: Counters
    first_ns: int  # times of the first and the last packet that `take` gave
    last_ns: int

    def wait(self, seconds: float, wake: int) -> bool:
        """Whether packets are there, after waiting so long at the most; `wake` is a descriptor that ends the wait."""

    def take(self) -> Iterable[Frame] | None:
        """The packets that are there, to be iterated to the end before anything else is called; None: none are."""

    def relieve(self) -> None:
        """Called between takes: where the kernel's memory runs short, move packets out of it."""

    def count(self) -> int:
        """Bring the counters up to date; gives how many packets were dropped since the last time."""

    def fill(self) -> float:
        """How much of the buffer is waiting to be read, from 0 to 1."""

    def look_around(self) -> list[Change]:
        """What happened to the interfaces since the last time, after doing what has to be done about it."""

    def interface_name(self, number: int) -> str:
        """The name of the interface of that number."""

    def stop(self) -> float:
        """Take in no further packets; gives the seconds after which those taken in can all be read."""

    def close(self) -> None:
        """Give everything back."""


class NotAllowedError(UsageError):
    """This user may not capture."""


class NoInterfaceError(UsageError):
    """There is no interface of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(Said("there is no interface {name}", name=name))
        self.name = name


class FilterError(UsageError):
    """The filter cannot be compiled; `problem` says why, in libpcap's words."""

    def __init__(self, expression: str, problem: str) -> None:
        super().__init__(Said("the filter '{filter}': {problem}", filter=expression, problem=problem))
        self.expression = expression
        self.problem = problem


class UnavailableError(UsageError):
    """This way to capture does not exist here; the text says why."""
