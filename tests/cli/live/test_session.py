"""The loop that reads, on packets that are given to it: no wire, no rights."""

from __future__ import annotations

import json
import time

import pytest

from httptrace import limits
from httptrace.capture.live import privileges
from httptrace.capture.live.source import Change, Counters
from httptrace.cli.live import session as session_module
from httptrace.cli.verbs import live_
from tests.build import conversation, get, head, lost, ok, together

SECOND = 1_000_000_000


class Given:
    """A source that gives these blocks of frames, one at each look, and then asks for the end.

    A block may be preceded by what happens before it: a number of packets dropped, or changes of interfaces.
    """

    name = "given"
    size = 1 << 20

    def __init__(self, *blocks, interfaces=(2,)):
        self.watch = None
        self.counters = Counters()
        self.first_ns = self.last_ns = 0
        self.closed = False
        self.session_signals = None
        self._blocks = list(blocks)
        self._interfaces = interfaces
        self._changes: list[Change] = []
        self._dropped = 0

    def wait(self, _seconds, _wake):
        while self._blocks and isinstance(self._blocks[0], int | Change):
            what = self._blocks.pop(0)
            if isinstance(what, int):
                self._dropped += what
            else:
                self._changes.append(what)
        if not self._blocks:
            self.session_signals.end()
        return bool(self._blocks)

    def take(self):
        if not self._blocks or isinstance(self._blocks[0], int | Change):
            return None
        frames = self._blocks.pop(0)
        self.counters.received += len(frames) * len(self._interfaces)
        if frames:
            self.first_ns, self.last_ns = frames[0][4], frames[-1][4]
        return self._walk(frames)

    def _walk(self, frames):
        for frame in frames:
            block, start, end, length, time_ns, link = frame
            for interface in self._interfaces:
                if self.watch is None or self.watch(block, start, end, length, time_ns, link, interface, False):
                    yield frame

    def relieve(self):
        pass

    def count(self):
        dropped, self._dropped = self._dropped, 0
        self.counters.dropped += dropped
        self.counters.received += dropped
        return dropped

    def fill(self):
        return 0.0

    def look_around(self):
        changes, self._changes = self._changes, []
        return changes

    def interface_name(self, number):
        return f"if{number}"

    def stop(self):
        return 0.0

    def close(self):
        self.closed = True


@pytest.fixture
def live(httptrace, monkeypatch):
    """`live("--format", "jsonl", source=Given(...))`."""
    monkeypatch.setattr(privileges, "drop", lambda user: None)
    monkeypatch.setattr(privileges, "invoking_user", lambda: None)
    monkeypatch.setattr(session_module, "_TICK", 0.0)

    class Signals(session_module.Signals):
        def __init__(self):
            super().__init__()
            source.session_signals = self

    source = None
    monkeypatch.setattr(live_, "Signals", Signals)

    def run(*arguments, given, columns=None):
        nonlocal source
        source = given
        monkeypatch.setattr(live_, "open_source", lambda *_arguments: given)
        result = httptrace("live", *arguments, columns=columns)
        assert given.closed
        return result

    return run


def frames(*turns, **options):
    return tuple(conversation(*turns, **options).frames())


def later(some, nanoseconds):
    """The same frames at another time."""
    return tuple((*frame[:4], frame[4] + nanoseconds, frame[5]) for frame in some)


def codes(exchange):
    """Its notes, but for the one on these messages' missing type."""
    return [note["code"] for note in exchange["notes"] if note["code"] != "default-content-type"]


def test_exchanges_come_in_the_order_in_which_they_end(live):
    slow = conversation(get("/slow"), [b"", ok(b"s")])
    quick = conversation(get("/quick"), ok(b"q"), client=("10.0.0.9", 999))
    both = list(slow.frames())
    both[4:4] = list(quick.frames())
    result = live("--format", "jsonl", given=Given(tuple(both)))
    assert result.status == 0
    assert [(one["no"], one["request"]["target"]) for one in result.records] == [(2, "/quick"), (1, "/slow")]
    assert "2 connections · 2 exchanges" in result.err


def test_the_table_marks_what_was_slow_and_what_has_notes(live):
    slow = frames(get("/slow"), ok(b"s"))
    late = later(slow[4:], 2 * SECOND)
    result = live(given=Given(slow[:4] + late), columns=130)
    (row,) = [line for line in result.lines if "/slow" in line]
    assert row.endswith(" !*")
    assert not any(line.endswith("*") for line in live("--slow", "3s", given=Given(slow[:4] + late)).lines)


def test_the_filters_of_list(live):
    given = Given(frames(get("/a"), ok(b"a"), get("/b"), ok(b"", status="404 Not Found")))
    result = live("--format", "jsonl", "--status", "4xx", given=given)
    assert [one["request"]["target"] for one in result.records] == ["/b"]
    assert "1 of them as asked for" in result.err


def test_a_gap_in_a_time_of_drops_has_its_note(live, monkeypatch):
    """The clock of the loop is that of the packets."""
    some = frames(get("/a"), [head(content_length=30), lost(b"x" * 20), b"y" * 10], get("/b"), ok(b"b"))
    monkeypatch.setattr(session_module.time, "time_ns", lambda: some[-1][4])
    result = live("--format", "jsonl", given=Given(5, some))
    assert [codes(one) for one in result.records] == [["content-gap", "capture-drop"], []]
    assert "the kernel dropped 5 packets" in result.err


def test_the_same_gap_without_drops(live):
    some = frames(get("/a"), [head(content_length=30), lost(b"x" * 20), b"y" * 10], get("/b"), ok(b"b"))
    result = live("--format", "jsonl", given=Given(some))
    assert codes(result.records[0]) == ["content-gap"]


def test_doubles_are_counted_once(live):
    result = live("--format", "jsonl", given=Given(frames(get("/a"), ok(b"a")), interfaces=(2, 3)))
    assert [one["response"]["last_packet"] for one in result.records] == [5]
    assert "packets passed a second interface and were counted once" in result.err


def test_one_interface_has_no_doubles(live):
    result = live("-i", "wire", "--format", "jsonl", given=Given(frames(get("/a"), ok(b"a")), interfaces=(2, 3)))
    assert "second interface" not in result.err


def test_the_end_after_so_many(live):
    given = Given(frames(get("/a"), ok(b"a"), get("/b"), ok(b"b"), get("/c"), ok(b"c")))
    result = live("--count", "2", "--format", "jsonl", given=given)
    assert [one["request"]["target"] for one in result.records] == ["/a", "/b"]
    assert "httptrace: 7 packets · 1 connection · 2 exchanges" in result.err
    assert "not looked at any more" in result.err


def test_the_end_after_so_long(live):
    class Endless(Given):
        def wait(self, seconds, _wake):
            time.sleep(min(seconds, 0.01))
            return False

    result = live("--duration", "100ms", given=Endless())
    assert result.status == 0


def test_changes_of_interfaces_are_said(live):
    result = live(given=Given(Change("gone", "wire"), Change("back", "wire"), frames(get("/a"), ok(b"a"))))
    assert "httptrace: wire is gone; captured again when it returns\nhttptrace: wire is back\n" in result.err


def test_silent_connections_are_told_and_forgotten(live, monkeypatch):
    """The first has no end; ten minutes later (by the time of packets) it is over."""
    first = frames(get("/open"), [b"", head(content_length=9), b"half"])[:6]
    between = frames(get("/x"), ok(b"x"), client=("10.0.0.9", 999))
    half = later(between, limits.IDLE_NS // 2)
    end = later(between, limits.IDLE_NS + 60 * SECOND)
    clock = iter(range(0, 10**15, 400 * SECOND))
    given = Given(first, half, end, frames(get("/y"), ok(b"y"), client=("10.0.0.8", 888)))
    monkeypatch.setattr(session_module.time, "monotonic_ns", lambda: next(clock))
    result = live("--format", "jsonl", given=given)
    targets = [one["request"]["target"] for one in result.records]
    assert targets.index("/open") < targets.index("/y"), "told before the capture ended"
    assert "1 connection was silent for long" in result.err


@pytest.mark.parametrize("step", [3 * 3600 * SECOND, -3 * 3600 * SECOND], ids=["on", "back"])
def test_a_clock_that_is_set_breaks_no_exchange(live, step):
    whole = frames(get("/a"), [b"", head(content_length=8), b"half", b"half"], get("/b"), ok(b"b"))
    given = Given(whole[:6], later(whole[6:], step))
    result = live("--format", "jsonl", given=given)
    assert [(one["stream"], one["response"]["complete"], codes(one)) for one in result.records] == [
        (0, True, []),
        (0, True, []),
    ]
    assert "silent" not in result.err


def test_what_is_saved_gives_the_same_when_it_is_read(live, httptrace, tmp_path):
    saved = tmp_path / "saved.pcapng"
    some = together(
        conversation(get("/a"), ok(b"a" * 3000)), conversation(get("/b"), ok(b"b"), client=("10.0.0.9", 999))
    )
    shown = live("--format", "jsonl", "-w", saved, given=Given(tuple(some.frames())[:9], tuple(some.frames())[9:]))
    again = httptrace("list", saved, "--format", "jsonl")
    assert sorted(again.stdout.splitlines()) == sorted(shown.stdout.splitlines())
    assert len(again.records) == 2
    assert f"{len(some.frames())} packets saved in 1 file" in shown.err


def test_one_connection_after_the_other_is_told(live):
    first = frames(get("/first"), ok(b"1"))
    second = frames(get("/second"), ok(b"2"), client=("10.0.0.9", 999))
    result = live("--walk", given=Given(first, second))
    text = result.text
    assert text.count("three-way handshake ─") == 2  # the headings; the word stands at the end as well
    assert text.index("GET /first") < text.index("four-step close") < text.index("GET /second")


def test_a_connection_that_is_still_open_is_told_to_its_last_packet(live):
    open_one = frames(get("/first"), ok(b"1"))[:5]
    result = live("--walk", given=Given(open_one))
    assert "GET /first" in result.text
    assert "200 OK" in result.text


def test_without_packets(live):
    result = live("--format", "jsonl", given=Given())
    assert (result.status, result.stdout) == (0, b"")
    assert "0 packets · 0 connections · 0 exchanges" in result.err
    assert json.dumps(result.records) == "[]"


def test_a_gap_of_a_connection_that_falls_silent_is_told_soon(live, monkeypatch):
    """The last segments of a response were lost, and its client, who got them, asks for nothing more."""
    some = frames(get("/a"), [head(content_length=30), b"x" * 20, lost(b"y" * 10)])
    asked = []
    clock = iter(range(0, 10**15, SECOND))
    monkeypatch.setattr(session_module.time, "monotonic_ns", lambda: next(clock))

    class Silent(Given):
        """Behind its blocks it is asked in vain, until the exchange is printed."""

        def wait(self, seconds, wake):
            if self._blocks:
                return super().wait(seconds, wake)
            asked.append(True)
            if len(asked) > 3:
                self.session_signals.end()
            return False

    result = live("--format", "jsonl", "--count", "1", given=Silent(some[:-3]))
    assert codes(result.records[0]) == ["content-gap"]
    assert len(asked) < 4
