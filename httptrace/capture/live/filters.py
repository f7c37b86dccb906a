"""tcpdump's filter language as programs for the kernel (classic BPF).

The expressions that nearly everybody gives (tcp, these ports, these hosts) are compiled here: that needs no library,
and it sees what libpcap's own `tcp port 80` misses, the IPv6 super-segments of a host with large offloads (payload
length 0 and a hop-by-hop header, RFC 2675). Everything else is compiled by libpcap.

All programs see a packet from its IP header on. What the kernel knows besides (interface, protocol, whether the packet
is on its way out) is read at offsets beyond SKF_AD_OFF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import Struct
from typing import NamedTuple

from httptrace.capture.live.source import FilterError
from httptrace.errors import Said

#: One instruction as the kernel and libpcap have it: code, jump if true, jump if false, operand.
INSTRUCTION = Struct("HBBI")

_LD, _LDH, _LDB = 0x20, 0x28, 0x30  # A = word, half word, byte at k
_LDH_X, _LDB_X = 0x48, 0x50  # the same at X + k
_LDX_IPV4 = 0xB1  # X = 4 * (byte at k & 15): the length of an IPv4 header
_LDX, _ST, _LDX_M = 0x01, 0x02, 0x61  # X = k; M[k] = A; X = M[k]
_ADD_X, _ADD, _LSH, _AND = 0x0C, 0x04, 0x64, 0x54
_JA, _JEQ, _JSET, _RET = 0x05, 0x15, 0x45, 0x06

_AD = 0xFFFFF000  # SKF_AD_OFF
_PROTOCOL, _PACKET_TYPE, _INTERFACE, _HARDWARE = _AD, _AD + 4, _AD + 8, _AD + 28

_IPV4, _IPV6 = 0x0800, 0x86DD
_OUTGOING, _LOOPBACK = 4, 772  # PACKET_OUTGOING, ARPHRD_LOOPBACK
_TCP, _UDP, _SCTP = 6, 17, 132

#: Accept: as many bytes of a packet as anyone sends.
_ALL = 0x00040000

#: IPv6 extension headers that are stepped over: hop-by-hop, routing, destination options.
_STEPPED = (0, 43, 60)
#: How many of them in a row.
_STEPS = 2

#: Ports and hosts compiled here; more of them (jumps reach 255 instructions) go to libpcap.
_MOST = 16


class Compiled(NamedTuple):
    """A program, and who made it."""

    program: bytes
    maker: str  # "httptrace" or "libpcap"


class _Program:
    """Instructions with named places to jump to, all of them further on."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str | None, str | None, int]] = []
        self._places: dict[str, int] = {}

    def add(self, code: int, k: int = 0, true: str | None = None, false: str | None = None) -> None:
        """One instruction; a jump to None goes on with the next."""
        self._lines.append((code, true, false, k))

    def place(self, name: str) -> None:
        """What is added next is `name`."""
        self._places[name] = len(self._lines)

    def assemble(self) -> bytes:
        """The bytes; ValueError where a jump is too far."""
        parts = []
        for line, (code, true, false, k) in enumerate(self._lines):
            if code == _JA:
                assert true is not None
                parts.append(INSTRUCTION.pack(code, 0, 0, self._places[true] - line - 1))
                continue
            jumps = [0 if name is None else self._places[name] - line - 1 for name in (true, false)]
            if max(jumps) > 255:
                raise ValueError("a jump beyond 255 instructions")
            parts.append(INSTRUCTION.pack(code, jumps[0], jumps[1], k))
        return b"".join(parts)


#: Lets nothing through.
NOTHING = INSTRUCTION.pack(_RET, 0, 0, 0)


def before(program: bytes, interfaces: Iterable[int] = (), doubled_loopback: bool = True) -> bytes:
    """The same program behind what always has to be asked: IP, from one of these interfaces (by number; none given:
    any), and not the way out of a loopback, where every packet passes twice."""
    ahead = _Program()
    ahead.add(_LD, _PROTOCOL)
    ahead.add(_JEQ, _IPV4, "ip")
    ahead.add(_JEQ, _IPV6, "ip", "drop")
    ahead.place("ip")
    numbers = list(interfaces)
    if numbers:
        ahead.add(_LD, _INTERFACE)
        for number in numbers[:-1]:
            ahead.add(_JEQ, number, "asked")
        ahead.add(_JEQ, numbers[-1], "asked", "drop")
        ahead.place("asked")
    if doubled_loopback:
        ahead.add(_LD, _PACKET_TYPE)
        ahead.add(_JEQ, _OUTGOING, None, "go")
        ahead.add(_LD, _HARDWARE)
        ahead.add(_JEQ, _LOOPBACK, "drop", "go")
    else:
        ahead.add(_JA, 0, "go")
    ahead.place("drop")
    ahead.add(_RET, 0)
    ahead.place("go")
    return ahead.assemble() + program


def expression(given: str, ports: Sequence[int] = ()) -> str:
    """The whole filter in tcpdump's language: what was given (nothing: tcp), and one of these ports."""
    given = " ".join(given.split())
    if not ports:
        return given or "tcp"
    either = " or ".join(f"port {port}" for port in ports)
    if not given:
        return f"tcp {either}" if len(ports) == 1 else f"tcp and ({either})"
    return f"({given}) and ({either})"


def compile_filter(text: str) -> Compiled:
    """The program of an expression. Raises FilterError, and UnavailableError where libpcap is needed and missing."""
    simple = parse(text)
    if simple is not None:
        return Compiled(_build(simple), "httptrace")
    from httptrace.capture.live import libpcap

    if "\0" in text:
        raise FilterError(text.replace("\0", "?"), Said("a NUL in it"))
    return Compiled(libpcap.compile_filter(text), "libpcap")


# ---------------------------------------------------------------------- the expressions understood here


class Simple(NamedTuple):
    """An expression that is compiled here: one of the protocols, and of the ports and hosts where any are given."""

    protocols: tuple[int, ...]
    ports: tuple[int, ...] = ()
    hosts: tuple[IPv4Address | IPv6Address, ...] = ()


_WORD = re.compile(r"[()]|&&|\|\||[^\s()&|]+")
_ALL_OF_THEM = (_TCP, _UDP, _SCTP)


def parse(text: str) -> Simple | None:
    """What an expression asks for, where it is `tcp`, `port`s and `host`s joined by `and`, and alternatives of one
    kind by `or`; None for anything else."""
    if len(text) > 2_000:
        return None
    words = [{"&&": "and", "||": "or"}.get(word, word) for word in _WORD.findall(text)]
    if "".join(words) != "".join(text.replace("&&", "and").replace("||", "or").split()):
        return None
    groups = _groups(words)
    if groups is None:
        return None
    found: dict[str, list[str]] = {}
    for kind, values, tcp in groups:
        if kind in found and kind != "tcp":
            return None  # two sets of ports that must both hold: rare, and libpcap's
        found[kind] = values
        if tcp:
            found["tcp"] = []
    try:
        ports = tuple(dict.fromkeys(_port(value) for value in found.get("port", ())))
        hosts = tuple(dict.fromkeys(ip_address(value) for value in found.get("host", ())))
    except ValueError:
        return None  # a service or host by name
    if ("tcp" not in found and not ports) or len(ports) > _MOST or len(hosts) > _MOST:
        return None
    return Simple((_TCP,) if "tcp" in found else _ALL_OF_THEM, ports, hosts)


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 5 or int(value) > 65_535:
        raise ValueError(value)
    return int(value)


def _groups(words: list[str]) -> list[tuple[str, list[str], bool]] | None:
    """The parts joined by `and`, each its kind, its values and whether it says `tcp` too. tcpdump's `and` and `or`
    bind equally strong, from left to right: so alternatives that stand beside an `and` must be in brackets."""
    parts: list[list[str]] = [[]]
    bracketed: list[bool] = [False]
    depth = 0
    for word in words:
        if word == "(":
            if depth or parts[-1]:
                return None
            depth, bracketed[-1] = 1, True
        elif word == ")":
            if not depth or not parts[-1]:
                return None
            depth = 0
        elif word == "and" and not depth:
            parts.append([])
            bracketed.append(False)
        elif bracketed[-1] and not depth:
            return None  # something directly behind a bracket
        else:
            parts[-1].append(word)
    if depth:
        return None
    groups = []
    for part, in_brackets in zip(parts, bracketed, strict=True):
        if "or" in part and len(parts) > 1 and not in_brackets:
            return None
        group = _alternatives(part)
        if group is None:
            return None
        groups.append(group)
    return groups


def _alternatives(part: list[str]) -> tuple[str, list[str], bool] | None:
    """`port A or port B or C`, the same with `tcp port` or `host`, or just `tcp`."""
    kind, values, with_tcp = "", [], set()
    every: list[list[str]] = [[]]
    for word in part:
        if word == "or":
            every.append([])
        else:
            every[-1].append(word)
    if every == [["tcp"]]:
        return "tcp", [], True
    for one in every:
        match one:
            case ["tcp", "port", value]:
                own, tcp = "port", True
            case [("port" | "host") as own, value]:
                tcp = False
            case [value] if kind and value not in ("tcp", "port", "host", "not"):
                own, tcp = kind, True in with_tcp
            case _:
                return None
        if kind and own != kind:
            return None
        kind = own
        values.append(value)
        with_tcp.add(tcp)
    if len(with_tcp) > 1:
        return None
    return kind, values, True in with_tcp


# ---------------------------------------------------------------------- and their programs


def _build(simple: Simple) -> bytes:
    program = _Program()
    program.add(_LDB, 0)
    program.add(_AND, 0xF0)
    program.add(_JEQ, 0x40, "ipv4")
    program.add(_JEQ, 0x60, "ipv6", "near")
    program.place("near")
    program.add(_RET, 0)
    program.place("ipv4")
    _ipv4(program, simple)
    program.place("ipv6")
    _ipv6(program, simple)
    return program.assemble()


def _ipv4(program: _Program, simple: Simple) -> None:
    hosts = [host for host in simple.hosts if host.version == 4]
    if simple.hosts and not hosts:
        program.add(_RET, 0)
        return
    program.add(_LDB, 9)
    _one_of(program, simple.protocols, "ipv4-hosts", "ipv4-no")
    program.place("ipv4-hosts")
    for at in (12, 16) if hosts else ():
        program.add(_LD, at)
        for host in hosts:
            program.add(_JEQ, int(host), "ipv4-ports")
    if hosts:
        program.add(_JA, 0, "ipv4-no")
    program.place("ipv4-ports")
    if simple.ports:
        program.add(_LDH, 6)
        program.add(_JSET, 0x1FFF, "ipv4-yes")  # a later fragment has no ports: what it belongs to decides
        program.add(_LDX_IPV4, 0)
        for at in (0, 2):
            program.add(_LDH_X, at)
            for port in simple.ports:
                program.add(_JEQ, port, "ipv4-yes")
        program.add(_JA, 0, "ipv4-no")
    program.place("ipv4-yes")
    program.add(_RET, _ALL)
    program.place("ipv4-no")
    program.add(_RET, 0)


def _ipv6(program: _Program, simple: Simple) -> None:
    hosts = [host for host in simple.hosts if host.version == 6]
    if simple.hosts and not hosts:
        program.add(_RET, 0)
        return
    for number, (at, host) in enumerate((at, host) for host in hosts for at in (8, 24)):
        octets = host.packed
        for place in range(0, 16, 4):
            program.add(_LD, at + place)
            last = place == 12
            found = "ipv6-hosts" if last else None
            program.add(_JEQ, int.from_bytes(octets[place : place + 4], "big"), found, f"other-{number}")
        program.place(f"other-{number}")
    if hosts:
        program.add(_JA, 0, "ipv6-no")
    program.place("ipv6-hosts")
    # The chain of headers: A is the next header, X how far behind octet 40 it begins.
    program.add(_LDX, 0)
    program.add(_LDB, 6)
    for step in range(_STEPS):
        _one_of(program, simple.protocols, "ipv6-ports", f"extension-{step}")
        program.place(f"extension-{step}")
        program.add(_JEQ, 44, "fragment")
        _one_of(program, _STEPPED, f"step-{step}", "ipv6-no")
        program.place(f"step-{step}")
        program.add(_LDB_X, 41)  # its length in units of eight octets, the first not counted
        program.add(_ADD, 1)
        program.add(_LSH, 3)
        if step:
            program.add(_ADD_X)
        program.add(_ST, step)  # X is needed to look at its next header first
        program.add(_LDB_X, 40)
        program.add(_LDX_M, step)
    _one_of(program, simple.protocols, "ipv6-ports", "ipv6-no")
    program.place("ipv6-ports")
    if simple.ports:
        for at in (40, 42):
            program.add(_LDH_X, at)
            for port in simple.ports:
                program.add(_JEQ, port, "ipv6-yes")
        program.add(_JA, 0, "ipv6-no")
    else:
        program.add(_JA, 0, "ipv6-yes")
    program.place("fragment")
    program.add(_LDB_X, 40)
    _one_of(program, simple.protocols, "first", "ipv6-no")
    program.place("first")
    if simple.ports:
        program.add(_LDH_X, 42)
        program.add(_JSET, 0xFFF8, "ipv6-yes")  # a later fragment
        for at in (48, 50):
            program.add(_LDH_X, at)
            for port in simple.ports:
                program.add(_JEQ, port, "ipv6-yes")
        program.add(_JA, 0, "ipv6-no")
    program.place("ipv6-yes")
    program.add(_RET, _ALL)
    program.place("ipv6-no")
    program.add(_RET, 0)


def _one_of(program: _Program, values: Sequence[int], true: str, false: str) -> None:
    """Jump by whether A is one of the values."""
    for value in values[:-1]:
        program.add(_JEQ, value, true)
    program.add(_JEQ, values[-1], true, false)
