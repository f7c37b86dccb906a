"""`streams` and `packets` as tables: they say what jsonl says."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace

import pytest

from httptrace.outputs.wrap import cell_width
from tests.cli.command import CAPTURES

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


@pytest.mark.parametrize("name", EVERY)
def test_packets(httptrace, name):
    records = httptrace("packets", name, "--format", "jsonl").records
    start = records[0]["time"]
    lines = httptrace("packets", name, columns=160).lines[1:]
    assert len(lines) == len(records)
    for line, record in zip(lines, records, strict=True):
        no, time, stream, sender, *rest = line.split()
        assert (no, stream, sender) == (str(record["packet"]), str(record["stream"]), record["from"])
        assert float(time) == pytest.approx(record["time"] - start, abs=2e-6)
        flags = [record["flags"]] if record["flags"] else []
        ack = "–" if record["ack"] is None else str(record["ack"])
        assert rest == [
            *flags,
            str(record["seq"]),
            ack,
            str(record["len"]),
            str(record["window"]),
            *record["analysis"],
        ]


@pytest.mark.parametrize("name", EVERY)
def test_streams(httptrace, name):
    records = httptrace("streams", name, "--format", "jsonl").records
    *lines, closing = httptrace("streams", name, columns=160).lines[1:]
    assert len(lines) == len(records)
    assert closing.startswith(f"{len(records)} TCP connection")
    for line, record in zip(lines, records, strict=True):
        cells = line.removesuffix("!").split()
        assert cells[0] == str(record["stream"])
        assert cells[2].endswith(f":{record['client']['port']}")
        assert cells[3].endswith(f":{record['server']['port']}")
        assert cells[4:6] == [record["application"], str(record["client_packets"] + record["server_packets"])]
        assert cells[-2] == record["handshake"]
        assert cells[-1] == ("refused" if record["handshake"] == "refused" else record["close"])
        again = record["client_retransmissions"] + record["server_retransmissions"]
        missing = record["client_missing_bytes"] + record["server_missing_bytes"]
        assert cells[-4:-2] == [str(again or "–"), str(missing or "–")]
        assert line.endswith("!") == bool(again or missing)


def test_the_closing_line_of_streams_leads_to_the_first_with_http(httptrace):
    assert httptrace("streams", "lost-segment.pcap").lines[-1].endswith("lost-segment.pcap --stream 0")
    assert "httptrace summary" in httptrace("streams", "refused.pcap").lines[-1]


def test_no_packets(httptrace, tmp_path):
    from httptrace.capture.write import write_pcap

    path = tmp_path / "empty.pcap"
    write_pcap(str(path), 1, [])
    assert httptrace("packets", path).text.startswith("no TCP packet in this capture")
    assert httptrace("streams", path).text.startswith("no TCP connection in this capture")
    assert httptrace("list", path).text.startswith("no HTTP in 0 TCP connections")


def test_analysis_of_streams_needs_jsonl(httptrace):
    result = httptrace("streams", "retransmission.pcap", "--analysis")
    assert (result.status, result.stdout) == (2, b"")
    assert "--analysis goes with --format jsonl" in result.err


def test_the_sender_is_named_in_the_language(httptrace):
    for language, names in (("en", {"client", "server"}), ("zh", {"客户端", "服务器"})):
        rows = httptrace("packets", "first-page.pcap", "--lang", language).lines[1:]
        assert {row.split()[3] for row in rows} == names


def test_colour_only_on_a_terminal(httptrace):
    assert b"\x1b" not in httptrace("list", "status-404.pcap").stdout
    httptrace.as_terminal()
    assert b"\x1b[33m404 Not Found" in httptrace("list", "status-404.pcap").stdout


def test_no_colour_where_it_is_not_wanted(httptrace, monkeypatch):
    httptrace.as_terminal()
    monkeypatch.setenv("NO_COLOR", "1")
    for verb in ("list", "streams", "packets"):
        assert b"\x1b" not in httptrace(verb, "status-404.pcap").stdout


def piped(monkeypatch, name):
    with open(CAPTURES / name, "rb") as file:
        data = file.read()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))


@pytest.mark.parametrize(
    ("command", "proposed"),
    [
        pytest.param(["list"], "httptrace show FILE 1", id="list"),
        pytest.param(["streams"], "httptrace walk FILE --stream 0", id="streams"),
        pytest.param(["walk"], "httptrace walk FILE --stream 0 --why", id="walk"),
        pytest.param(["summary"], "httptrace walk FILE --stream 0", id="summary"),
    ],
)
def test_what_came_through_a_pipe_is_proposed_as_file(httptrace, monkeypatch, command, proposed):
    piped(monkeypatch, "lost-segment.pcap")
    result = httptrace(*command, "-")
    assert result.status == 0
    assert proposed in result.text
    assert not re.search(r"httptrace \w+ '?-'?( |$)", result.text, re.M)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", EVERY)
def test_no_line_is_wider_than_the_terminal(httptrace, monkeypatch, name, language):
    monkeypatch.chdir(CAPTURES)
    for command in (["streams"], ["list"], ["list", "--note", "content-gap"], ["list", "--limit", "1"]):
        lines = httptrace(*command, f"./{name}", "--lang", language, columns=80).lines
        assert [line for line in lines if cell_width(line) > 80] == []
