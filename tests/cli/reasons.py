"""Reads `walk --why` back: entries with their rows; and holds what the rows say against lines of `packets`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from httptrace.model import Direction, PacketRecord
from httptrace.teach.states import States
from tests.outputs.reading import same_time

Line = dict[str, Any]

_ENTRY = re.compile(r"No(\d+) +[+−]?[\d.,]+ ")
_RUN = re.compile(r"No(\d+) … No(\d+) ")
_LABEL, _TEXT = 8, 18


@dataclass
class Told:
    """An entry: the packets it is about, and its rows as (label, text), a row without a label added to the last."""

    first: int
    last: int
    rows: list[tuple[str, str]] = field(default_factory=list)

    def texts(self, label: str) -> list[str]:
        return [text for name, text in self.rows if name == label]


def read(text: str, labels: set[str]) -> list[Told]:
    """The entries of a walkthrough of 80 columns; `labels` are the words that may begin a row."""
    told: list[Told] = []
    for line in text.splitlines():
        entry, run = _ENTRY.match(line), _RUN.match(line)
        if run:
            told.append(Told(int(run[1]), int(run[2])))
        elif entry:
            told.append(Told(int(entry[1]), int(entry[1])))
        elif told and line.startswith(" " * _LABEL):
            words = line[_LABEL:]
            label = next((one for one in labels if words.startswith(one + "  ")), "")
            if label:
                told[-1].rows.append((label, words.removeprefix(label).strip()))
            elif line.startswith(" " * _TEXT) and told[-1].rows:
                name, before = told[-1].rows[-1]
                told[-1].rows[-1] = name, f"{before} {words.strip()}"
    return told


def record(line: Line) -> PacketRecord:
    """A line of `packets` as the record it was printed from."""
    sender, time_ns = Direction(line["from"] == "server"), round(line["time"] * 1e9)
    numbers = line["seq"], line["ack"], line["len"], line["window"]
    return PacketRecord(
        line["packet"], line["stream"], time_ns, sender, line["flags"], *numbers, tuple(line["analysis"])
    )


def number(text: str) -> int:
    return int(text.replace(",", ""))


class Checker:
    """Goes along one connection with its lines of `packets`; every check fails with the entry in question."""

    def __init__(self, lines: list[Line], roles: tuple[str, str], refused: bool) -> None:
        self._lines = {line["packet"]: line for line in lines}
        self._time = {line["packet"]: round(line["time"] * 1e9) for line in lines}
        self._roles = roles
        self.checked = 0
        self._before: dict[int, tuple[int | None, int | None]] = {}  # of a packet: its side's last ack and window
        self._waiting: dict[
            int, tuple[int, int]
        ] = {}  # of a packet: in flight behind it, the client's and the server's
        self._reading(lines)
        self._states = States(listening=not refused)
        self._changes = {line["packet"]: self._states.packet(record(line)) for line in lines}

    def _reading(self, lines: list[Line]) -> None:
        highest: list[int | None] = [None, None]
        confirmed: list[int | None] = [None, None]
        acks: list[int | None] = [None, None]
        windows: list[int | None] = [None, None]
        for line in lines:
            side = int(line["from"] == "server")
            flags = line["flags"]
            self._before[line["packet"]] = acks[side], windows[side]
            windows[side] = line["window"]
            if line["ack"] is not None and "A" in flags:
                acks[side] = line["ack"]
                other = confirmed[1 - side]
                confirmed[1 - side] = line["ack"] if other is None else max(other, line["ack"])
            if "zero-window-probe" not in line["analysis"]:
                end = line["seq"] + line["len"] + ("S" in flags) + ("F" in flags)
                mark = highest[side]
                highest[side] = end if mark is None else max(mark, end)
            flight = [
                0 if (top := highest[one]) is None or (low := confirmed[one]) is None else max(0, top - low)
                for one in (0, 1)
            ]
            self._waiting[line["packet"]] = flight[0], flight[1]

    def check(self, told: Told) -> None:
        """Hold one entry against its packets."""
        if told.first != told.last:
            self._check_run(told)
            return
        line = self._lines[told.first]
        for label, text in told.rows:
            match label:
                case "seq":
                    self._seq(line, text)
                case "ack":
                    self._ack(line, text)
                case "window":
                    self._window(line, text)
                case "flight":
                    self._flight(line, text)
                case "time":
                    self._times(line, text)
                case "options":
                    continue
                case _ if label in (*self._roles, "state"):
                    self._state(line, label, text)
                case _:
                    self._packets_named(line, text)
                    continue
            self.checked += 1

    def _seq(self, line: Line, text: str) -> None:
        length = line["len"] + ("S" in line["flags"]) + ("F" in line["flags"])
        if found := re.match(r"(\d+) \+ (\d+) = (\d+)", text):
            assert (int(found[1]), int(found[2])) == (line["seq"], length), (line, text)
            assert int(found[3]) == (line["seq"] + length) % 2**32, (line, text)
            for first, last in re.findall(r"the numbers (\d+)–(\d+)", text):
                assert (int(last) - int(first)) % 2**32 == line["len"] - 1, (line, text)
        elif found := re.match(r"Stays (\d+)", text):
            assert (int(found[1]), length) == (line["seq"], 0), (line, text)
        else:
            found = re.match(r"(?:Back to )?(\d+)", text)
            assert found, (line, text)
            assert int(found[1]) == line["seq"], (line, text)

    def _ack(self, line: Line, text: str) -> None:
        before = self._before[line["packet"]][0]
        if text.startswith("None"):
            assert "A" not in line["flags"], (line, text)
        elif found := re.match(r"Stays (\d+)", text):
            assert int(found[1]) == line["ack"] == before, (line, text)
        elif found := re.match(r"(\d+) → (\d+)(?:: ([\d,]+) bytes?)?", text):
            assert (int(found[1]), int(found[2])) == (before, line["ack"]), (line, text)
            if found[3]:
                assert 0 <= (line["ack"] - int(found[1])) % 2**32 - number(found[3]) <= 1, (line, text)
        else:
            assert int(re.findall(r"(\d+)", text.partition(": ")[0])[-1]) == line["ack"], (line, text)

    def _window(self, line: Line, text: str) -> None:
        found = re.match(r"([\d,]+)", text)
        assert found, (line, text)
        assert number(found[1]) == line["window"], (line, text)
        for last in re.findall(r"up to number (\d+)", text):
            assert int(last) == (line["ack"] + line["window"] - 1) % 2**32, (line, text)

    def _flight(self, line: Line, text: str) -> None:
        side = int(line["from"] == "server")
        if found := re.match(r"([\d,]+) → ([\d,]+)", text):
            assert number(found[2]) == self._waiting[line["packet"]][1 - side], (line, text)
            assert number(found[1]) > number(found[2]), (line, text)
            return
        found = re.match(r"([\d,]+) bytes?", text)
        assert found, (line, text)
        assert number(found[1]) == self._waiting[line["packet"]][side], (line, text)

    def _times(self, line: Line, text: str) -> None:
        for time, packet in re.findall(r"([\d.,]+ (?:µs|ms|s)) after No(\d+)", text):
            assert same_time(time, self._time[line["packet"]] - self._time[int(packet)]), (line, text)
        if found := re.search(r"round trip \(RTT\) is ([\d.,]+ (?:µs|ms|s))", text):
            first = min(self._lines)
            assert same_time(found[1], self._time[line["packet"]] - self._time[first]), (line, text)

    def _state(self, line: Line, label: str, text: str) -> None:
        client, server = self._changes[line["packet"]]
        if label == "state":
            assert client[0] == client[1], (line, text)
            assert server[0] == server[1], (line, text)
            text = text.partition(" The capture")[0]
            assert set(re.findall(r"[A-Z]{3,}[A-Z0-9-]*", text)) == {client[1], server[1]}, (line, text)
            return
        before, after = client if label == self._roles[0] else server
        expected = after if before == after else f"{before} → {after}"
        assert text.partition(":")[0] == expected, (line, text)

    def _packets_named(self, line: Line, text: str) -> None:
        for packet in re.findall(r"No(\d+)", text):
            assert int(packet) in self._lines, (line, text)

    def _check_run(self, told: Told) -> None:
        for text in told.texts("flight"):
            found = re.match(r"At most ([\d,]+) bytes? of the (\w+) .* No(\d+)\.", text)
            assert found, text
            side = int(found[2] == "server")
            inside = [
                self._waiting[no][side]
                for no, line in self._lines.items()
                if told.first <= no <= told.last and line["len"] and (line["from"] == "server") == bool(side)
            ]
            assert number(found[1]) == max(inside) == self._waiting[int(found[3])][side], text
            self.checked += 1
        for text in told.texts("state"):
            client, server = self._changes[told.last]
            assert set(re.findall(r"[A-Z]{3,}[A-Z0-9-]*", text)) == {client[1], server[1]}, text
            self.checked += 1
