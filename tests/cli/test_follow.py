"""`follow`: the bytes as they were sent, sides told apart, gaps marked and never filled."""

from __future__ import annotations

import random

import pytest

from httptrace.outputs.wrap import cell_width
from tests.build import CLIENT, SERVER, conversation, get, head, lost, ok, together
from tests.cli.command import CAPTURES

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


@pytest.mark.parametrize("name", EVERY)
def test_raw_sides_have_the_bytes_that_streams_counts(httptrace, name):
    for record in httptrace("streams", name, "--format", "jsonl").records:
        for side in ("client", "server"):
            octets = httptrace("follow", name, record["stream"], "--raw", f"--{side}").stdout
            assert len(octets) == record[f"{side}_bytes"]


def test_raw_is_both_sides_in_order(httptrace, tmp_path):
    turns = [get("/1"), ok(b"\x00\x01"), get("/2"), ok(b"two")]
    path = conversation(*turns).save(tmp_path / "both.pcap")
    result = httptrace("follow", path, 0, "--raw")
    assert (result.status, result.stdout, result.err) == (0, b"".join(turns), "")


@pytest.mark.parametrize("seed", range(8))
def test_disorder_does_not_show(httptrace, tmp_path, seed):
    chance = random.Random(seed)
    turns = [get("/1"), ok(chance.randbytes(9_000)), get("/2"), ok(chance.randbytes(3_000))]
    swap = [(6, 7), (9, 10)] if seed % 2 else [(5, 8)]
    path = conversation(*turns, swap=swap, repeat=[chance.randint(4, 9)], mss=700 + seed).save(tmp_path / "swap.pcap")
    assert httptrace("follow", path, 0, "--raw").stdout == b"".join(turns)


def test_golden(httptrace, tmp_path):
    turns = [get("/"), [head(content_length=46), b"first\nsecond", lost(b"?" * 20), b"\nlast \x00\x01\x02\n"]]
    path = conversation(*turns).save(tmp_path / "golden.pcap")
    result = httptrace("follow", path, 0)
    assert [line.rstrip("─ ") for line in result.lines] == [
        "── No4 · 0.020 s · client → server",
        "> GET / HTTP/1.1",
        "> Host: a.example",
        ">",
        "── No5 · 0.030 s · server → client",
        "< HTTP/1.1 200 OK",
        "< Content-Length: 46",
        "<",
        "< first",
        "< second",
        "< ⚠ 20 bytes are missing here, never captured",
        "<",
        "< 00000048  6c 61 73 74 20 00 01 02  0a                       |last ....|",
        "stream 0 · 192.0.2.1:40000 → 198.51.100.1:80 · closed by both sides (fin)",
    ]


def test_raw_says_gaps_on_stderr(httptrace, tmp_path):
    turns = [get("/"), [head(content_length=9), b"abc", lost(b"def"), b"ghi"]]
    path = conversation(*turns).save(tmp_path / "gap.pcap")
    result = httptrace("follow", path, 0, "--raw", "--server")
    assert result.stdout == head(content_length=9) + b"abcghi"
    assert "3 bytes are missing before No" in result.err
    assert f"at byte {len(head(content_length=9)) + 3}" in result.err


@pytest.mark.parametrize(("option", "kept", "away"), [("--client", "> GET", "< "), ("--server", "< HTTP", "> ")])
def test_one_side(httptrace, option, kept, away):
    lines = httptrace("follow", "status-404.pcap", 0, option).lines
    assert any(line.startswith(kept) for line in lines)
    assert not any(line.startswith(away) for line in lines)


def test_only_the_stream_asked_for(httptrace, tmp_path):
    one = conversation(get("/one"), ok(b"1"), client=("192.0.2.1", 1000))
    two = conversation(get("/two"), ok(b"2"), client=("192.0.2.2", 2000))
    path = together(one, two).save(tmp_path / "two.pcap")
    assert httptrace("follow", path, 1, "--raw").stdout == get("/two") + ok(b"2")


@pytest.mark.parametrize(
    ("arguments", "side"),
    [
        pytest.param({"begin": 5}, SERVER, id="begins-with-the-answer"),
        pytest.param({"only": CLIENT}, CLIENT, id="client-only"),
        pytest.param({"only": SERVER}, SERVER, id="server-only"),
    ],
)
def test_half_a_connection(httptrace, tmp_path, arguments, side):
    turns = get("/"), ok(b"answer")
    path = conversation(*turns, **arguments).save(tmp_path / "half.pcap")
    option = "--client" if side is CLIENT else "--server"
    assert httptrace("follow", path, 0, "--raw", option).stdout == turns[side]


def test_what_is_no_http_is_followed_too(httptrace, tmp_path):
    path = conversation(b"\x16\x03\x01\x00\x05hello", b"220 smtp\r\n").save(tmp_path / "other.pcap")
    text = httptrace("follow", path, 0).text
    assert "16 03 01 00 05 68 65 6c  6c 6f" in text
    assert "< 220 smtp" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("first-page.pcap", 1), "there is no stream 1: the capture has 0 to 0", id="too-high"),
        pytest.param(("first-page.pcap", "one"), "STREAM is a number, not one", id="no-number"),
        pytest.param(("first-page.pcap", 0, "--client", "--server"), "not allowed with", id="both-sides"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(httptrace, arguments, said):
    result = httptrace("follow", *arguments)
    assert (result.status, result.stdout) == (2, b"")
    assert said in result.err
    assert result.err.count("\n") == 1


def test_raw_binary_to_a_terminal_is_refused(httptrace, tmp_path):
    path = conversation(b"\x16\x03\x01\x00\x05hello", b"\x00" * 40).save(tmp_path / "other.pcap")
    httptrace.as_terminal()
    result = httptrace("follow", path, 0, "--raw")
    assert (result.status, result.stdout) == (2, b"")


@pytest.mark.parametrize(
    ("capture", "stream", "end"),
    [
        pytest.param("first-page.pcap", 0, "closed by both sides (fin)", id="fin"),
        pytest.param("reset.pcap", 0, "reset (rst)", id="rst"),
        pytest.param("refused.pcap", 0, "reset (rst)", id="refused"),
    ],
)
def test_how_it_ended_is_said(httptrace, capture, stream, end):
    assert httptrace("follow", capture, stream).lines[-1].endswith(f" · {end}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_headings_are_as_wide_as_the_terminal(httptrace, language):
    headings = [line for line in httptrace("follow", "form-post.pcap", 0, "--lang", language).lines if line[:2] == "──"]
    assert [cell_width(line) for line in headings] == [80, 80]
