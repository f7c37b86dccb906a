"""`demo`: lists the situations, tells one, writes its capture; never over a file unasked, never to a terminal."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest

from httptrace import lang
from httptrace.outputs.wrap import cell_width
from httptrace.teach.situations.catalogue import SITUATIONS, written
from tests.cli.command import ROOT
from tests.teach.situations.reading import capture

EVERY = pytest.mark.parametrize("name", SITUATIONS)


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_the_list_has_every_situation_with_its_title(httptrace, language):
    result = httptrace("demo", "--lang", language)
    assert result.status == 0
    rows = [
        line.split(maxsplit=1) for line in result.lines if line[:1].isalpha() and line.isascii() is (language == "en")
    ]
    names = [row[0] for row in rows]
    for situation in SITUATIONS.values():
        assert situation.name in names
        with lang.speaking(language):
            assert lang._(situation.title)[:20] in result.text
    assert max(map(cell_width, result.lines)) <= 80


@pytest.mark.parametrize("language", lang.LANGUAGES)
@EVERY
def test_one_is_told(httptrace, name, language):
    result = httptrace("demo", name, "--lang", language)
    assert result.status == 0
    assert f"httptrace demo {name} -o {name}.pcap" in result.text
    for command in SITUATIONS[name].tries:
        assert "httptrace " + command.replace("FILE", f"{name}.pcap") in result.text
    assert str(written(SITUATIONS[name]).truth.packets) in result.text
    assert max(map(cell_width, result.lines)) <= 80


@EVERY
def test_it_is_written_and_read(httptrace, tmp_path, name):
    path = tmp_path / "x.pcap"
    result = httptrace("demo", name, "-o", path)
    assert result.status == 0
    truth = written(SITUATIONS[name]).truth
    assert re.search(rf"\b{truth.packets} packets", result.text)
    assert path.read_bytes() == capture(name)
    packets = httptrace("packets", path, "--format", "jsonl")
    assert (packets.status, packets.err) == (0, "")
    assert len(packets.records) == truth.packets
    assert [one["request"]["target"] for one in httptrace("list", path, "--format", "jsonl").records] == [
        one.target for one in truth.exchanges
    ]


@EVERY
def test_what_it_says_to_try_can_be_done(httptrace, monkeypatch, tmp_path, name):
    path = tmp_path / "x.pcap"
    httptrace("demo", name, "-o", path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    for command in SITUATIONS[name].tries:
        words = [str(path) if word == "FILE" else word for word in command.split()]
        words = [str(tmp_path / word) if word.endswith(".html") else word for word in words]
        assert httptrace(*words).status == 0, command


def test_standard_output(httptrace):
    result = httptrace("demo", "page", "-o", "-")
    assert (result.status, result.stdout, result.err) == (0, capture("page"), "")


def test_never_to_a_terminal(httptrace):
    httptrace.as_terminal()
    result = httptrace("demo", "page", "-o", "-")
    assert (result.status, result.stdout) == (2, b"")
    assert "terminal" in result.err


def test_a_file_that_is_there_stays(httptrace, tmp_path):
    path = tmp_path / "mine.pcap"
    path.write_text("my own work")
    result = httptrace("demo", "page", "-o", path)
    assert (result.status, result.stdout) == (2, b"")
    assert "--force" in result.err
    assert path.read_text() == "my own work"
    assert httptrace("demo", "page", "-o", path, "--force").status == 0
    assert path.read_bytes() == capture("page")
    assert os.listdir(tmp_path) == ["mine.pcap"]


def test_force_writes_through_a_link(httptrace, tmp_path):
    target, link = tmp_path / "target.pcap", tmp_path / "link.pcap"
    target.write_bytes(b"")
    link.symlink_to(target)
    assert httptrace("demo", "page", "-o", link, "--force").status == 0
    assert link.is_symlink()
    assert target.read_bytes() == capture("page")


def test_a_device_is_written_to(httptrace):
    assert httptrace("demo", "page", "-o", "/dev/null").status == 0
    assert not os.path.isfile("/dev/null")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["los"], "perhaps loss", id="nearly a name"),
        pytest.param(["xyzzy"], "there is no situation xyzzy", id="no name"),
        pytest.param(["-o", "x.pcap"], "which situation", id="no name but a file"),
        pytest.param(["page", "-o", "nowhere/at/all.pcap"], "nowhere/at/all.pcap", id="no such folder"),
        pytest.param(["page", "-o", "captures"], "captures", id="a folder"),
        pytest.param(["page", "-o", "captures", "--force"], "captures", id="a folder, by force"),
    ],
)
def test_complaints(httptrace, arguments, complaint):
    result = httptrace("demo", *arguments)
    assert (result.status, result.stdout) == (2, b"")
    assert complaint in result.err
    assert result.err.count("\n") == 1


def test_the_name_in_any_case(httptrace):
    assert httptrace("demo", "LOSS").stdout == httptrace("demo", "loss").stdout


def test_nothing_heavy_is_needed():
    program = (
        "import sys; from httptrace.cli.main import main; main(['demo', 'gzip', '-o', '-']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout == capture("gzip")
    assert not {"scapy", "dpkt", "rich", "jinja2", "numpy"} & {
        name.split(".")[0] for name in done.stderr.decode().split()
    }
