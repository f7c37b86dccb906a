"""Reads a walkthrough back, and holds every number in it against the packets it was told of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from httptrace.model import Direction, PacketRecord
from httptrace.outputs.wrap import cell_width

_TIME = r"(?P<time>[+−]?[\d.,]+ (?:µs|ms|s))"
_WHO = r"(?P<left>browser|client) (?P<arrow>[→←]) server"
_FLAGS = r"(?P<flags>—|[A-Z]{3}(?:, [A-Z]{3})*)"
_NUMBERS = r"seq=(?:[xy]=)?(?P<seq>\d+)(?: +ack=(?:[xy]\+1=)?(?P<ack>\d+))?(?: +(?P<length>[\d,]+) bytes?)?"
_ENTRY = re.compile(rf"No(?P<no>\d+) +{_TIME}  {_WHO} +{_FLAGS} +{_NUMBERS}$")
_FOLD = re.compile(r"No(?P<first>\d+) … No(?P<last>\d+) +(?P<text>.*)$")
_SUM = re.compile(r"(\d+) \+ (\d+) = (\d+)")
_FLOW = re.compile(
    r"The (?P<sender>\w+) sends (?P<count>[\d,]+) more pieces? \((?P<size>[\d,]+) bytes?\) in (?P<time>[^;,]+)"
)
_SENT_BEFORE = re.compile(r"repeats bytes (\d+)(?:–\d+)?, sent before in No(\d+)")
_CONFIRMED_IN = re.compile(r"(?:–|\(|bytes )(\d+)\D[^\d]*confirmed them in No(\d+)")
_NAMES = {"S": "SYN", "F": "FIN", "R": "RST", "P": "PSH", "A": "ACK", "U": "URG", "E": "ECE", "C": "CWR", "-": "—"}
_UNITS = {"µs": 1e3, "ms": 1e6, "s": 1e9}


@dataclass(frozen=True)
class Read:
    """What was read: packets told one by one, and runs as (first, last, text)."""

    entries: list[int]
    folds: list[tuple[int, int, str]]


def nanoseconds(text: str) -> float:
    """A span of time as it was printed."""
    number, unit = text.replace("−", "-").replace(",", "").lstrip("+").split(" ")
    return float(number) * _UNITS[unit]


def same_time(text: str, ns: int) -> bool:
    """Whether a printed time is that span, within the digits that are printed."""
    unit = _UNITS[text.split(" ")[1]]
    step = {1e3: 1.0, 1e6: 0.1, 1e9: 0.01}[unit] * (100 if abs(ns) >= 99_950_000_000 else 1)
    return abs(nanoseconds(text) - ns) <= unit * step / 2 + 1_000


def carries(record: PacketRecord, seq: int) -> bool:
    """Whether byte `seq` is in the packet."""
    start = record.seq + ("S" in record.flags)
    return start <= seq < start + record.length


def paragraphs(text: str) -> list[str]:
    """Entry lines, headings, and paragraphs with their lines joined."""
    blocks: list[str] = []
    for line in text.splitlines():
        goes_on = line.startswith(" ") and line[:8].strip() == "" and blocks
        if line.startswith("        seq="):
            blocks[-1] += "  " + line.strip()
        elif goes_on and (blocks[-1].startswith("\t") or "…" in blocks[-1][:12]) and line.strip():
            blocks[-1] += " " + line.strip()
        elif line.startswith(" "):
            blocks.append("\t" + line.strip())
        else:
            blocks.append(line)
    return blocks


def verify(text: str, records: list[PacketRecord], width: int = 80) -> Read:
    """Fails where a line is too wide, or an entry, a run or a sum says another number than the packets."""
    by_number = {record.packet: record for record in records}
    before = {b.packet: b.time_ns - a.time_ns for a, b in pairwise(records)}
    entries: list[int] = []
    folds: list[tuple[int, int, str]] = []
    for line in text.splitlines():
        assert cell_width(line) <= width, line
    for line in paragraphs(text):
        for a, b, c in _SUM.findall(line):
            assert (int(a) + int(b)) % 2**32 == int(c) % 2**32, line
        for first, carrier in _SENT_BEFORE.findall(line):
            assert carries(by_number[int(carrier)], int(first)), line
        for last, confirmer in _CONFIRMED_IN.findall(line):
            assert 0 < ((by_number[int(confirmer)].ack or 0) - int(last)) % 2**32 < 2**31, line
        fold = _FOLD.match(line)
        if fold:
            folds.append((int(fold["first"]), int(fold["last"]), fold["text"]))
            _verify_fold(fold["first"], fold["last"], fold["text"], records)
        elif re.match(r"No\d+ ", line):
            entries.append(_verify_entry(line, by_number, before))
    return Read(entries, folds)


def _verify_entry(line: str, by_number: dict[int, PacketRecord], before: dict[int, int]) -> int:
    found = _ENTRY.match(line)
    assert found, line
    record = by_number[int(found["no"])]
    assert same_time(found["time"], before.get(record.packet, 0)), line
    assert (found["arrow"] == "→") == (record.sender is Direction.CLIENT), line
    assert set(found["flags"].split(", ")) == {_NAMES[letter] for letter in record.flags or "-"}, line
    assert int(found["seq"]) == record.seq, line
    assert found["ack"] is None if record.ack is None else int(found["ack"]) == record.ack, line
    assert int((found["length"] or "0").replace(",", "")) == record.length, line
    return record.packet


def _verify_fold(first: str, last: str, text: str, records: list[PacketRecord]) -> None:
    inside = [record for record in records if int(first) <= record.packet <= int(last)]
    assert inside[0].packet == int(first)
    assert inside[-1].packet == int(last)
    flow = _FLOW.match(text)
    if not flow:
        return
    sender = Direction.SERVER if flow["sender"] == "server" else Direction.CLIENT
    carrying = [record for record in inside if record.length]
    assert all(record.sender is sender for record in carrying)
    assert len(carrying) == int(flow["count"].replace(",", ""))
    assert sum(record.length for record in carrying) == int(flow["size"].replace(",", ""))
    assert same_time(flow["time"].strip(), inside[-1].time_ns - inside[0].time_ns), text
    up_to = re.search(r"ack=(\d+)", text)
    if up_to:
        assert int(up_to[1]) == [r.ack for r in inside if r.sender is not sender][-1]
