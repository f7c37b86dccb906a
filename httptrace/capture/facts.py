"""What capture files say about themselves beside their packets: interfaces, secrets, dropped packets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from httptrace.errors import Said
from httptrace.limits import INTERFACES, SECRETS


class Interface(NamedTuple):
    """Where packets were captured. `snap_length` 0: no bound; `resolution`: ticks of its clock a second."""

    link_type: int
    snap_length: int
    name: str | None
    resolution: int


@dataclass(slots=True)
class Facts:
    """Filled while packets are read; several files that are read as one share one."""

    interfaces: list[Interface] = field(default_factory=list)
    secrets: list[bytes] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # lines for stderr about bounds that were reached
    _secret_bytes: int = 0
    _drops: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def add_interface(self, interface: Interface) -> None:
        if len(self.interfaces) < INTERFACES:
            self.interfaces.append(interface)

    def add_secrets(self, path: str, key_log: bytes) -> None:
        """Keep a TLS key log (in the format of SSLKEYLOGFILE)."""
        if self._secret_bytes + len(key_log) > SECRETS:
            remark = Said("{path}: decryption secrets beyond {most:,} bytes are left out", path=path, most=SECRETS)
            if remark not in self.remarks and len(self.remarks) < 100:
                self.remarks.append(remark)
            return
        self._secret_bytes += len(key_log)
        self.secrets.append(key_log)

    def set_drops(self, path: str, section: int, interface: int, dropped: int) -> None:
        """The packets an interface dropped since its capture began; a later count replaces an earlier one."""
        key = (path, section, interface)
        if key in self._drops or len(self._drops) < INTERFACES:
            self._drops[key] = dropped

    @property
    def drops(self) -> int | None:
        """Packets dropped by all interfaces, as far as the files say so; None where they say nothing."""
        return sum(self._drops.values()) if self._drops else None


class Described:
    """What an open capture passes on of its facts. All of it grows while packets are read."""

    facts: Facts

    @property
    def interfaces(self) -> list[Interface]:
        return self.facts.interfaces

    @property
    def secrets(self) -> list[bytes]:
        """The TLS key logs (in the format of SSLKEYLOGFILE) met so far: one list, which is appended to."""
        return self.facts.secrets

    @property
    def drops(self) -> int | None:
        return self.facts.drops
