"""What workers are asked for: the settings of a command, as they travel to another process."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from httptrace.lang import current, use


@dataclass(frozen=True, slots=True)
class Work:
    """A command and its settings. `filters`: the arguments that choose exchanges, as they were typed; `width` and
    `colour` are those of the terminal, which a worker does not see."""

    verb: str
    format: str
    filters: dict[str, Any]
    width: int = 80
    colour: bool = False
    hash_bodies: bool = False
    bounds: dict[str, int] = field(default_factory=dict)  # as Bounds has them; of a worker, above TCP

    def settings(self) -> dict[str, Any]:
        """The same as plain values, with the language in use."""
        return {"work": asdict(self), "language": current()}


def work_of(settings: dict[str, Any]) -> Work:
    """What :meth:`Work.settings` gave, in the other process; its language is in use from here on."""
    use(settings["language"])
    return Work(**settings["work"])
