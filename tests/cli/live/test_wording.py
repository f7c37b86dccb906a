"""What live capture says of itself, and the values of its options."""

from __future__ import annotations

import pytest

from httptrace import lang
from httptrace.capture.live.losses import Losses
from httptrace.capture.live.source import Change, Counters
from httptrace.cli.live import asked, wording
from httptrace.cli.live.drops import explain_gaps
from httptrace.cli.live.wording import Ended, State, Status, amount, closing
from httptrace.errors import UsageError
from httptrace.model import Body, Endpoint, Exchange, Note, Request, Timings


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0, "0"), (7.4, "7"), (999, "999"), (999.6, "1.0k"), (12_345, "12.3k"), (400_000, "400k"), (2_500_000, "2.5M")],
)
def test_rates(rate, text):
    assert amount(rate) == text


def test_the_status_line_has_rates_since_the_last_one():
    state = State()
    status = Status(state)
    status.line(10.0)
    state.packets, state.exchanges, state.open, state.fill, state.dropped = 5_000, 100, 1_200, 0.123, 7
    assert status.line(12.0) == "2.5k packets/s · 50 exchanges/s · 1,200 open connections · buffer 12 % · 7 dropped"
    state.left_out, state.unsaved, state.draining = 3, 8, True
    state.freezes, state.snapped, state.bounds = 4, 5, 6
    assert status.line(13.0) == (
        "reading what is left; once more ends at once · 0 packets/s · 0 exchanges/s · 1,200 open connections"
        " · buffer 12 % · 7 dropped · ring full: 4 · cut: 5 · memory bounds reached: 6 · 3 lines left out"
        " · 8 packets not saved"
    )


NOTHING_LOST = Counters(received=100)


def ended(counters=NOTHING_LOST, packets=100, doubles=0, expired=0, files=0, left_out=0, exchanges=3):
    state = State(packets=packets, exchanges=exchanges, connections=2, left_out=left_out)
    return Ended("any", "tcp", 61.5, state, counters, doubles, expired, 64 << 20, 3, files, packets)


def test_a_capture_without_loss_says_so():
    assert list(closing(ended())) == [
        "61.5 s on any, filter: tcp",
        "100 packets · 2 connections · 3 exchanges",
        "the kernel dropped nothing",
    ]


def test_everything_that_was_lost_is_said():
    counters = Counters(received=1_000, dropped=100, freezes=2, snapped=1)
    said = list(closing(ended(counters, packets=850, doubles=20, expired=1, files=2, left_out=4, exchanges=1)))
    assert said[1:] == [
        "850 packets · 2 connections · 3 exchanges · 1 of them as asked for",
        "the kernel dropped 100 packets (10 %): exchanges may be missing or have gaps",
        "a larger --buffer (now 67 MB) or a narrower filter loses less",
        "30 packets were received and not looked at any more",
        "the ring was full 2 times",
        "1 packet was larger than fits, and was cut",
        "20 packets passed a second interface and were counted once",
        "1 connection was silent for long and was ended early",
        "4 lines were left out, because the output did not take them in time",
        "850 packets saved in 2 files",
    ]


def test_all_of_it_exists_in_chinese():
    counters = Counters(received=1_000, dropped=100, freezes=2, snapped=1)
    everything = ended(counters, packets=850, doubles=20, expired=1, files=2, left_out=4, exchanges=1)
    english = list(closing(everything))
    with lang.speaking("zh"):
        chinese = list(closing(everything))
        changes = [wording.change(Change(kind, "eth0", "eth1")) for kind in ("down", "up", "gone", "back", "renamed")]
        status = Status(State(left_out=1, draining=True, freezes=1, snapped=1, bounds=1)).line(1.0)
    assert not set(english) & set(chinese)
    assert all(any(ord(character) > 0x4E00 for character in line) for line in [*chinese[1:], *changes, status])


def test_an_interface_that_is_called_something_evil():
    assert "\x1b" not in wording.change(Change("renamed", "a\x1b[2J", "b\x1b[2J"))


# ---------------------------------------------------------------------- notes of gaps


BEGUN = 1_700_000_000_000_000_000


def exchange_with(*notes):
    request = Request("HTTP/1.1", [], [], 20, Body(), 4, 4, BEGUN, BEGUN, True, "GET", "/", None)
    client, server = Endpoint("10.0.0.1", 1), Endpoint("10.0.0.2", 80)
    return Exchange(1, 0, client, server, "HTTP/1.1", request, None, [], Timings(), list(notes))


def test_a_gap_at_the_time_of_drops_says_so_once():
    losses = Losses()
    losses.mark(100, BEGUN + 10)
    losses.dropped(BEGUN, BEGUN + 5, 3)
    exchange = exchange_with(Note("content-gap", 50, "x"), Note("truncated", 60, "y"))
    explain_gaps(exchange, losses)
    note = exchange.notes[-1]
    assert [one.code for one in exchange.notes] == ["content-gap", "truncated", "capture-drop"]
    assert (note.packet, note.text) == (50, "packets that the kernel dropped at that time, for want of room: 3")


def test_what_was_resynced_lost_its_bytes_before_it_began():
    losses = Losses()
    losses.dropped(BEGUN - 500_000_000, BEGUN - 400_000_000, 3)
    losses.mark(100, BEGUN + 10)
    exchange = exchange_with(Note("resynced", 50, "x"))
    explain_gaps(exchange, losses)
    assert [one.code for one in exchange.notes] == ["resynced", "capture-drop"]


def test_other_notes_and_other_times_say_nothing():
    losses = Losses()
    losses.mark(100, BEGUN + 10)
    losses.dropped(BEGUN, BEGUN + 5, 3)
    other = exchange_with(Note("mime-mismatch", 50, "x"))
    explain_gaps(other, losses)
    assert len(other.notes) == 1
    later = Losses()
    later.mark(100, BEGUN + 10)
    later.dropped(BEGUN + 60_000_000_000, BEGUN + 61_000_000_000, 3)
    gap = exchange_with(Note("content-gap", 50, "x"))
    explain_gaps(gap, later)
    assert len(gap.notes) == 1


# ---------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("text", "expected"),
    [("64M", 64 << 20), ("64MiB", 64 << 20), ("1G", 1 << 30), ("2048k", 2 << 20), ("5000000", 5_000_000)],
)
def test_buffers(text, expected):
    assert asked.buffer(text) == expected


@pytest.mark.parametrize("text", ["", "M", "64 elephants", "-5M", "1k", "999999999999G", "1.5M"])
def test_wrong_buffers(text):
    with pytest.raises(UsageError):
        asked.buffer(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100M", (100 << 20, None)),
        ("1GB", (1 << 30, None)),
        ("512B", (512, None)),
        ("10min", (None, 600_000_000_000)),
        ("30s", (None, 30_000_000_000)),
        ("1h", (None, 3_600_000_000_000)),
        ("5m", (None, 300_000_000_000)),
        (None, (None, None)),
    ],
)
def test_rotations(text, expected):
    assert asked.rotation(text) == expected


@pytest.mark.parametrize("text", ["100", "0M", "0s", "often", "1.5", ""])
def test_wrong_rotations(text):
    with pytest.raises(UsageError):
        asked.rotation(text)
