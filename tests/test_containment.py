"""A defect of ours ends what is read of its connection; all the rest is printed, and stderr names the stream."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from httptrace.cli.main import main
from httptrace.exchanges import dialogue, plain
from httptrace.lang import speaking
from httptrace.pipeline import Analyzer
from httptrace.reading import read

CAPTURE = Path(__file__).parent.parent / "captures" / "real-http-server.pcap"


@pytest.fixture
def defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that stumbles over one target."""
    proper = plain.effective_url

    def stumbling(method: str, target: str, host: str | None, tls: bool) -> str | None:
        if target == "/note.txt":
            raise ZeroDivisionError("made for a test")
        return proper(method, target, host, tls)

    monkeypatch.setattr(plain, "effective_url", stumbling)
    monkeypatch.setattr(dialogue, "effective_url", stumbling)


@pytest.mark.usefixtures("defect")
@pytest.mark.parametrize("command", ["list", "streams", "packets", "audit"])
def test_a_defect_is_contained_to_its_connection(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    status = main([command, str(CAPTURE), "--format", "jsonl"])
    out, err = capfd.readouterr()
    assert status == 3
    assert "stream 1: ZeroDivisionError: made for a test" in err
    assert "Traceback" not in err
    records: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
    if command == "list":
        assert [record["request"]["target"] for record in records] == ["/index.html", "/missing"]
    if command == "streams":
        assert [record["stream"] for record in records] == [0, 1, 2]


@pytest.mark.usefixtures("defect")
def test_a_defect_is_said_in_chinese(capfd: pytest.CaptureFixture[str]) -> None:
    with speaking("en"):  # what the command chooses does not stay
        assert main(["list", str(CAPTURE), "--lang", "zh"]) == 3
    assert "httptrace 自身的缺陷，请报告：连接 1：ZeroDivisionError: made for a test" in capfd.readouterr().err


@pytest.mark.usefixtures("defect")
def test_a_library_call_lets_it_raise() -> None:
    with pytest.raises(ZeroDivisionError):
        list(read(CAPTURE))


def test_an_analyzer_without_containment_has_no_defects_to_tell() -> None:
    assert Analyzer().defects == []
