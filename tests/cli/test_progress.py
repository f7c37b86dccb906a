"""The bar that long reads show."""

from __future__ import annotations

import io
import re
import sys

import pytest

from httptrace.capture.merge import open_captures
from httptrace.cli import progress
from httptrace.lang import speaking
from tests.cli.command import CAPTURES


@pytest.mark.parametrize(("language", "said"), [("en", "19 packets"), ("zh", "19 个数据包")])
def test_it_counts_packets_in_the_readers_language(monkeypatch, language: str, said: str) -> None:
    monkeypatch.setattr(progress, "_STRIDE", 1)
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    for name, value in {"TERM": "xterm", "COLUMNS": "120"}.items():
        monkeypatch.setenv(name, value)
    with speaking(language), open_captures([str(CAPTURES / "first-page.pcap")]) as captures:
        assert len(list(progress.watched(captures))) == 19
    assert said in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())


def test_a_short_read_shows_nothing(capsys) -> None:
    with open_captures([str(CAPTURES / "first-page.pcap")]) as captures:
        assert len(list(progress.watched(captures))) == 19
    assert capsys.readouterr().err == ""
