"""How to get the right to capture, in words."""

from __future__ import annotations

import os
import sys

from httptrace.lang import _


def how_to_get_them() -> list[str]:
    """A line for each way, with its price."""
    system = sys.platform  # a variable: the type checker knows on which one it runs
    if system.startswith("linux"):
        python = os.path.realpath(sys.executable)
        return [
            _("as root for the moment it takes to open the capture: sudo {command}").format(
                command=f"{_as_called()} live"
            ),
            _(
                "for good: sudo setcap cap_net_raw+ep {python} — its price: from then on every user's every Python "
                "program may read all traffic of this machine"
            ).format(python=python),
        ]
    if os.name == "posix":
        return [_("as root: sudo {command}").format(command=f"{_as_called()} live")]
    return [_("install Npcap (npcap.com), or start this as administrator where it is restricted to them")]


def _as_called() -> str:
    """httptrace as sudo finds it: its path does not hold what is in a virtual environment."""
    script = os.path.join(os.path.dirname(sys.executable), "httptrace")
    return script if sys.prefix != sys.base_prefix and os.path.exists(script) else "httptrace"
