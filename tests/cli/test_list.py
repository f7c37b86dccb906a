"""`list`: the table says what jsonl says, and csv too; it streams, fits its width and closes with what comes next."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest

from tests.build import conversation, get, ok, together
from tests.cli.command import CAPTURES

EVERY = sorted(path.name for path in CAPTURES.glob("*.pcap*"))


def rows(result):
    """The table's rows: without its heading, the lines that name connections, and those below it."""
    return [line for line in result.lines[1:] if re.match(r" *\d+ ", line) and " exchange" not in line]


@pytest.mark.parametrize("name", EVERY)
def test_a_wide_table_says_what_jsonl_says(httptrace, name):
    records = httptrace("list", name, "--format", "jsonl").records
    result = httptrace("list", name, columns=220)
    if not records:
        assert len(result.lines) == 1
        return
    shown = rows(result)
    assert len(shown) == len(records)
    for line, record in zip(shown, records, strict=True):
        request, response = record["request"], record["response"]
        assert line.split()[0] == str(record["no"])
        assert f" {address(record['client'])} " in line
        assert f" {address(record['server'])} " in line
        url = request["url"] or request["target"]  # status-400.pcap has no Host
        assert f" {request['method']} {url.removeprefix('http://')} " in line
        assert f" {response['status']} {response['reason']} " in line
        type_ = (response["body"]["content_type"] or "–").partition(";")[0]
        assert f" {type_} " in line
        assert line.endswith(" !") == bool(record["notes"])


def address(end):
    return f"[{end['ip']}]:{end['port']}" if ":" in end["ip"] else f"{end['ip']}:{end['port']}"


@pytest.mark.parametrize("columns", [60, 80, 100, 119, 120, 150, 200])
@pytest.mark.parametrize("verb", ["list", "streams", "packets"])
@pytest.mark.parametrize("name", ["first-page.pcap", "ipv6.pcapng", "lost-segment.pcap", "real-upload.pcap"])
def test_no_line_of_a_table_is_wider_than_asked_for(httptrace, verb, name, columns):
    result = httptrace(verb, name, columns=columns)
    table = [line for line in result.lines if not line.startswith("──")]
    least = {"list": 60, "streams": 60, "packets": 64}[verb]
    assert all(len(line) <= max(columns, least) for line in (table[:-1] if verb != "packets" else table))


def test_golden_at_80_columns(httptrace):
    result = httptrace("list", "real-nginx-curl.pcap")
    assert result.lines[:-1] == [
        "  No     Time Request                   Status        Type        Size    Took",
        "── 192.0.2.10:43278 → 192.0.2.80:80",
        "   1    0.000 GET 192.0.2.80/           200 OK        text/html 4.9 kB  0.5 ms",
        "   2    0.001 GET 192.0.2.80/ladder.jpg 200 OK        jpeg       624 B   67 µs",
        "   3    0.001 HEAD 192.0.2.80/note.txt  200 OK        plain        0 B   30 µs",
        "   4    0.001 GET 192.0.2.80/           304 Not Modi… –            0 B   82 µs",
        "   5    0.001 GET 192.0.2.80…ssing.html 404 Not Found text/html  153 B   52 µs",
    ]
    assert result.lines[-1].startswith("5 exchanges · httptrace show ")
    assert result.status == 0


def test_the_closing_line_proposes_an_exchange_with_notes(httptrace):
    result = httptrace("list", "lost-segment.pcap", columns=200)
    assert "! has notes" in result.lines[-1]
    assert result.lines[-1].endswith("lost-segment.pcap 1")


def test_without_http_the_table_says_so_and_what_to_do(httptrace):
    result = httptrace("list", "refused.pcap")
    said = " ".join(result.text.replace("·", " ").split())  # on one line or two, as the file's name is long
    assert said.startswith("no HTTP in 1 TCP connection httptrace summary ")


def test_in_chinese(httptrace):
    result = httptrace("list", "first-page.pcap", "--lang", "zh")
    assert result.status == 0
    assert "GET www.imooc.com/" in result.text


def test_wide_characters_keep_the_columns_in_line(httptrace, tmp_path, monkeypatch):
    from httptrace.outputs.wrap import cell_width

    reason = "200 " + "好".encode().decode("latin-1")
    capture = conversation(get("/a"), ok(b"x", reason), get("/b"), ok(b"y")).save(tmp_path / "wide.pcap")
    shown = rows(httptrace("list", capture, columns=100))
    ends = {cell_width(line) for line in shown}
    assert len(ends) == 1


def test_the_connection_is_named_again_where_it_changes(httptrace, tmp_path):
    second = 1_000_000_000
    start = 1_700_000_000 * second
    one = conversation(get("/1"), ok(b""), client=("192.0.2.1", 1000), start_ns=start)
    two = conversation(get("/2"), ok(b""), client=("192.0.2.2", 2000), start_ns=start + second)
    capture = together(one, two).save(tmp_path / "two.pcap")
    named = [line for line in httptrace("list", capture).lines if line.startswith("──")]
    assert named == ["── 192.0.2.1:1000 → 198.51.100.1:80", "── 192.0.2.2:2000 → 198.51.100.1:80"]


# ---------------------------------------------------------------------- csv


@pytest.mark.parametrize("name", EVERY)
def test_csv_says_what_jsonl_says(httptrace, name):
    records = httptrace("list", name, "--format", "jsonl").records
    table = list(csv.DictReader(io.StringIO(httptrace("list", name, "--format", "csv").text)))
    assert len(table) == len(records)
    for row, record in zip(table, records, strict=True):
        assert (row["no"], row["stream"]) == (str(record["no"]), str(record["stream"]))
        assert row["client_ip"] == record["client"]["ip"]
        assert row["server_port"] == str(record["server"]["port"])
        assert row["url"] == (record["request"]["url"] or "")
        assert row["method"] == record["request"]["method"]
        assert row["notes"] == " ".join(note["code"] for note in record["notes"])
        for side in ("request", "response"):
            message = record[side]
            assert row[f"{side}_time_ns"] == str(message["time_ns"])
            assert row[f"{side}_body_size"] == str(message["body"]["size"])
            assert row[f"{side}_sha256"] == (message["body"]["sha256"] or "")
            assert row[f"{side}_complete"] == str(message["complete"]).lower()
        assert row["status"] == str(record["response"]["status"])
        moment = datetime.fromisoformat(row["time"][:26] + "+00:00")
        assert round(moment.replace(tzinfo=UTC).timestamp() * 1e6) == record["request"]["time_ns"] // 1000
        for phase, value in record["timings"].items():
            assert row[f"{phase}_ms"] == ("" if value is None else str(value))


@pytest.mark.parametrize(
    ("target", "cell"),
    [
        pytest.param('/a,b"c', '/a,b"c', id="comma-and-quote"),
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("/-1", "/-1", id="only-the-first-character-counts"),
        pytest.param("/\x1b[31m", r"/\x1b[31m", id="escape-sequence"),
    ],
)
def test_csv_cells_are_quoted_and_harmless(httptrace, tmp_path, target, cell):
    capture = conversation(get(target), ok(b"")).save(tmp_path / "odd.pcap")
    (row,) = csv.DictReader(io.StringIO(httptrace("list", capture, "--format", "csv").text))
    assert row["target"] == cell


def test_csv_without_exchanges_is_its_heading(httptrace):
    result = httptrace("list", "refused.pcap", "--format", "csv")
    assert len(result.lines) == 1
    assert result.lines[0].startswith("no,stream,time,")


def test_files_on_both_sides_of_an_option(httptrace):
    behind = httptrace("list", "status-404.pcap", "--format", "jsonl", "status-500.pcap")
    assert {record["response"]["status"] for record in behind.records} == {404, 500}


def test_an_unknown_option_is_one_line_and_exit_2(httptrace):
    result = httptrace("list", "status-404.pcap", "--colour")
    assert (result.status, result.stdout) == (2, b"")
    assert "--colour" in result.err
    assert result.err.count("\n") == 1
