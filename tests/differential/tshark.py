"""tshark as a second reader: one process for a whole capture, its fields in the contract's words."""

from __future__ import annotations

import functools
import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = shutil.which("tshark")

#: tcp.analysis.* in the contract's words. A keep-alive's answer comes as two fields; which words exclude each
#: other is Wireshark's own affair.
ANALYSIS = {
    "tcp.analysis.retransmission": "retransmission",
    "tcp.analysis.fast_retransmission": "fast-retransmission",
    "tcp.analysis.spurious_retransmission": "spurious-retransmission",
    "tcp.analysis.out_of_order": "out-of-order",
    "tcp.analysis.lost_segment": "lost-segment",
    "tcp.analysis.ack_lost_segment": "acked-unseen-segment",
    "tcp.analysis.duplicate_ack": "dup-ack",
    "tcp.analysis.window_update": "window-update",
    "tcp.analysis.zero_window": "zero-window",
    "tcp.analysis.window_full": "window-full",
    "tcp.analysis.zero_window_probe": "zero-window-probe",
    "tcp.analysis.keep_alive": "keep-alive",
    "tcp.analysis.keep_alive_ack": "keep-alive-ack",
    "tcp.analysis.reused_ports": "port-reused",
}

FIELDS = [
    "frame.number",
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq",
    "tcp.ack",
    "tcp.len",
    "tcp.flags",
    "tcp.window_size",
    "ip.src",
    "ipv6.src",
    "http.request.method",
    "http.request.uri",
    "http.response.code",
    "http.request_in",
    "data.data",
    *ANALYSIS,
]
LETTERS = (
    (0x80, "C"),
    (0x40, "E"),
    (0x20, "U"),
    (0x10, "A"),
    (0x08, "P"),
    (0x04, "R"),
    (0x02, "S"),
    (0x01, "F"),
)
BETWEEN, WITHIN = "\t", "\x01"


@functools.cache
def version() -> tuple[int, ...]:
    """tshark's version, () where there is none."""
    if PROGRAM is None:
        return ()
    told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", told)
    return tuple(int(part) for part in found.groups()) if found else ()


@dataclass(slots=True)
class Seen:
    """A TCP packet as tshark shows it, with the HTTP messages that it completes."""

    packet: int
    stream: int
    source: tuple[str, int]
    flags: str
    seq: int
    ack: int | None
    length: int
    window: int
    analysis: set[str]
    requests: list[tuple[str, str]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    request_in: list[int] = field(default_factory=list)
    body: str | None = None  # sha256, where the packet completes one message and tshark shows its bytes


def _words(row: dict[str, str]) -> set[str]:
    return {word for name, word in ANALYSIS.items() if row[name]}


def _packet(row: dict[str, str]) -> Seen | None:
    if not row["tcp.stream"]:
        return None
    last = {name: value.split(WITHIN)[-1] for name, value in row.items()}
    bits = int(last["tcp.flags"], 16)
    flags = "".join(letter for bit, letter in LETTERS if bits & bit)
    address = last["ip.src"] or last["ipv6.src"]
    if last["ip.src"] and last["ipv6.src"]:  # one of them is the tunnel's
        address = (
            last["ipv6.src"]
            if last["ipv6.src"].startswith("2001:db8:") and ":ffff:" not in last["ipv6.src"]
            else last["ip.src"]
        )
    seen = Seen(
        packet=int(last["frame.number"]),
        stream=int(last["tcp.stream"]),
        source=(address, int(last["tcp.srcport"])),
        flags=flags,
        seq=int(last["tcp.seq"]),
        ack=int(last["tcp.ack"]) if bits & 0x10 else None,
        length=int(last["tcp.len"]),
        window=int(last["tcp.window_size"]),
        analysis=_words(row),
    )

    def parts(name: str) -> list[str]:
        return row[name].split(WITHIN) if row[name] else []

    seen.requests = list(zip(parts("http.request.method"), parts("http.request.uri"), strict=False))
    seen.statuses = [int(value) for value in parts("http.response.code")]
    seen.request_in = [int(value) for value in parts("http.request_in")]
    if len(seen.requests) + len(seen.statuses) == 1 and row["data.data"] and WITHIN not in row["data.data"]:
        seen.body = hashlib.sha256(bytes.fromhex(row["data.data"].replace(":", ""))).hexdigest()
    return seen


def read(path: Path) -> list[Seen]:
    """Every TCP packet of a capture, read by one tshark with its default settings (and HTTP on any port we
    use)."""
    if PROGRAM is None:
        raise RuntimeError("no tshark")
    command = [
        PROGRAM,
        "-n",
        "-r",
        str(path),
        "-T",
        "fields",
        "-E",
        f"aggregator={WITHIN}",
        "-E",
        f"separator={BETWEEN}",
    ]
    for port in (5000, 8000):
        command += ["-d", f"tcp.port=={port},http"]
    command += ["--disable-protocol", "data-text-lines", "--disable-protocol", "media"]
    for name in FIELDS:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    found = []
    for line in done.stdout.decode("utf-8", errors="replace").split("\n"):
        if line:
            packet = _packet(dict(zip(FIELDS, line.split(BETWEEN), strict=True)))
            if packet is not None:
                found.append(packet)
    return found
