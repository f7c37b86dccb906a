"""`httptrace report`: where it writes, what it says, what it refuses."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from httptrace.capture.write import write_pcap
from httptrace.outputs.report import bounds
from tests.cli.command import CAPTURES
from tests.outputs.report.made import read

FIRST = str(CAPTURES / "first-page.pcap")


@pytest.fixture(autouse=True)
def _here(httptrace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_it_writes_beside_you_and_says_so(httptrace) -> None:
    done = httptrace("report", FIRST)
    assert (done.status, done.stdout) == (0, b"")
    assert done.err.startswith("httptrace: first-page.html written: 2 exchanges, ")
    assert read(Path("first-page.html")).core["file"] == "first-page.pcap"


def test_a_compressed_capture_gives_its_plain_name(httptrace) -> None:
    Path("day.pcap.gz").write_bytes(gzip.compress(Path(FIRST).read_bytes()))
    httptrace("report", "./day.pcap.gz")
    assert Path("day.html").exists()


def test_a_file_that_is_there_stays(httptrace) -> None:
    Path("x.html").write_text("mine")
    done = httptrace("report", FIRST, "-o", "x.html")
    assert done.status == 2
    assert "--force" in done.err
    assert Path("x.html").read_text() == "mine"
    assert httptrace("report", FIRST, "-o", "x.html", "--force").status == 0
    assert Path("x.html").read_text().startswith("<!doctype html>")


def test_it_writes_to_a_pipe(httptrace) -> None:
    done = httptrace("report", FIRST, "-o", "-")
    assert done.status == 0
    assert done.stdout.startswith(b"<!doctype html>")
    assert done.stdout.rstrip().endswith(b"</html>")
    assert done.err == ""


def test_a_terminal_is_no_place_for_it(httptrace) -> None:
    httptrace.as_terminal()
    assert httptrace("report", FIRST, "-o", "-").status == 2


def test_a_pipe_can_be_read(httptrace, monkeypatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, Path(FIRST).read_bytes())
    os.close(writing)
    with os.fdopen(reading, "rb") as piped:
        monkeypatch.setattr("sys.stdin", type("Input", (), {"buffer": piped, "fileno": piped.fileno})())
        done = httptrace("report", "-")
    assert done.status == 0
    assert len(read(Path("report.html")).core["rows"]) == 2


@pytest.mark.parametrize(("language", "first"), [("en", "Exchanges"), ("zh", "交互")])
def test_the_first_language_is_the_one_asked_for(httptrace, language: str, first: str) -> None:
    httptrace("report", FIRST, "--lang", language)
    made = read(Path("first-page.html"))
    assert made.core["language"] == language
    assert f'<span data-word="tab.exchanges">{first}</span>' in made.text
    assert len(made.core["words"]) == 2


def test_no_http_is_said(httptrace) -> None:
    done = httptrace("report", str(CAPTURES / "refused.pcap"))
    assert done.status == 0
    assert "no HTTP in this capture" in done.err
    assert read(Path("refused.html")).core["silence"][0]


def test_no_connection_is_said(httptrace, tmp_path) -> None:
    path = tmp_path / "empty.pcap"
    write_pcap(str(path), 1, [])
    assert "no TCP connection in this capture" in httptrace("report", path, "-o", tmp_path / "empty.html").err


def test_a_filter_that_finds_nothing_is_said(httptrace) -> None:
    done = httptrace("report", FIRST, "--status", "500")
    assert done.status == 0
    assert "none of the 2 exchanges is what was asked for" in done.err
    assert "None of the 2 exchanges" in read(Path("first-page.html")).core["silence"][0][0]


def test_a_wrong_filter_is_refused_before_anything_is_written(httptrace) -> None:
    assert httptrace("report", FIRST, "--status", "abc").status == 2
    assert httptrace("report", FIRST, "--stream", "x").status == 2
    assert not Path("first-page.html").exists()


def test_a_damaged_capture_is_shown_as_far_as_it_goes(httptrace) -> None:
    Path("cut.pcap").write_bytes(Path(FIRST).read_bytes()[:-700])
    done = httptrace("report", "./cut.pcap")
    assert done.status == 1
    assert "at byte" in done.err
    assert read(Path("cut.html")).core["rows"]


def test_a_place_that_cannot_be_written_is_said(httptrace) -> None:
    done = httptrace("report", FIRST, "-o", "no/such/folder/x.html")
    assert done.status == 2
    assert "no/such/folder" in done.err


def test_several_files_are_one_report(httptrace) -> None:
    httptrace("report", FIRST, str(CAPTURES / "json-api.pcap"), "-o", "both.html")
    made = read(Path("both.html"))
    assert made.core["file"] == "first-page.pcap json-api.pcap"
    assert len(made.core["rows"]) == 5


def test_it_is_the_same_every_time(httptrace) -> None:
    one, other = (httptrace("report", FIRST, "-o", "-").stdout for _ in range(2))
    assert one == other


def test_the_bounds_are_those_of_the_docstring() -> None:
    parts = ("ROWS_BYTES", "HEADS_BYTES", "BODIES_BYTES", "WIRE_BYTES", "LADDERS_BYTES", "TOLD_BYTES")
    assert sum(getattr(bounds, name) for name in parts) < 48 * 1024 * 1024
