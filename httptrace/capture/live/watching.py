"""One interface that is captured by its name, while it may go down, vanish, return or be renamed."""

from __future__ import annotations

import socket
import sys
from struct import Struct

from httptrace.capture.live.source import Change, NoInterfaceError

_GET_FLAGS, _GET_HARDWARE = 0x8913, 0x8927  # SIOCGIFFLAGS, SIOCGIFHWADDR
_UP, _LOOPBACK = 1, 8  # IFF_UP, IFF_LOOPBACK
_REQUEST = Struct("16sH14x")


def interface_index(name: str) -> int:
    """The number of an interface. Raises NoInterfaceError."""
    try:
        return socket.if_nametoindex(name)
    except (OSError, ValueError):
        raise NoInterfaceError(name) from None


def flags(name: str) -> int:
    """The flags of an interface (netdevice(7)); 0 where it is gone or this system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0
    from fcntl import ioctl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            answer = ioctl(asking.fileno(), _GET_FLAGS, _REQUEST.pack(name.encode(), 0))
        except OSError:
            return 0
    return int(_REQUEST.unpack(answer[: _REQUEST.size])[1])


class Watched:
    """An interface by its name. What is captured is the interface itself: where it is renamed, its new name counts.
    Where it vanishes, another that takes its name stands for it."""

    def __init__(self, name: str) -> None:
        self.name = self._asked = name
        self.index = interface_index(name)
        self.up = True  # until it is looked at, so that one that is down from the beginning is told
        self.loopback = bool(flags(name) & _LOOPBACK)

    def look(self) -> list[Change]:
        """What happened since the last time."""
        changes: list[Change] = []
        name = _name_of(self.index)
        if name is None:
            if self.index:
                self.index, self.up = 0, False
                changes.append(Change("gone", self.name))
            for candidate in dict.fromkeys((self.name, self._asked)):
                try:
                    self.index = interface_index(candidate)
                except NoInterfaceError:
                    continue
                self.name = candidate
                self.up = bool(flags(candidate) & _UP)
                changes.append(Change("back", candidate))
                break
            return changes
        if name != self.name:
            changes.append(Change("renamed", self.name, name))
            self.name = name
        up = bool(flags(name) & _UP)
        if up != self.up:
            self.up = up
            changes.append(Change("up" if up else "down", name))
        return changes


def _name_of(index: int) -> str | None:
    if not index:
        return None
    try:
        return socket.if_indextoname(index)
    except OSError:
        return None
