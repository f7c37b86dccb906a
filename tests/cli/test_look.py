"""`httptrace FILE...`: a walkthrough where one connection has HTTP, else the summary; in one pass from a pipe."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from httptrace import limits
from tests.build import conversation, get, ok, together
from tests.cli.command import CAPTURES


def piped(monkeypatch, data):
    """Standard input is a pipe that gives this."""
    stream = io.BytesIO(data)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=SimpleNamespace(read=stream.read, isatty=lambda: False)))


def two():
    return together(
        conversation(get("/1"), ok(b"x"), client=("192.0.2.1", 1000)),
        conversation(get("/2"), ok(b"x"), client=("192.0.2.2", 2000)),
    )


def large(captures=1):
    """Captures that together pass the bound up to which they may be read first."""
    body = b"z" * (limits.READ_FIRST // captures + 1)
    return [conversation(get("/"), ok(body), client=("192.0.2.1", 1000 + number)) for number in range(captures)]


def is_walk(result):
    return "three-way handshake" in result.text and "To go deeper" not in result.text


def is_summary(result):
    return "── To go deeper" in result.text


def test_one_connection_is_walked(httptrace):
    result = httptrace("first-page.pcap")
    assert is_walk(result)
    assert result.stdout == httptrace("walk", "first-page.pcap", "--stream", "0").stdout


def test_the_only_one_with_http_is_walked(httptrace, tmp_path):
    other = conversation(b"SSH-2.0-x\r\n", b"SSH-2.0-y\r\n", client=("192.0.2.9", 9000))
    result = httptrace(together(other, conversation(get(), ok(b"x"))).save(tmp_path / "both.pcap"))
    assert is_walk(result)
    assert "stream 1 " in result.text


def test_several_are_summed_up_with_the_command_that_walks_the_first(httptrace, tmp_path):
    path = two().save(tmp_path / "two.pcap")
    result = httptrace(path)
    assert is_summary(result)
    assert f"httptrace walk {path} --stream 0" in result.text
    assert result.stdout == httptrace("summary", path).stdout


def test_without_http_it_is_the_summary(httptrace):
    result = httptrace("refused.pcap")
    assert "No HTTP was found" in result.text
    assert result.status == 0


def test_in_chinese(httptrace):
    assert "第一次握手" in httptrace("first-page.pcap", "--lang", "zh").text


def test_a_small_pipe_is_walked(httptrace, monkeypatch):
    piped(monkeypatch, (CAPTURES / "first-page.pcap").read_bytes())
    result = httptrace("-")
    assert is_walk(result)
    assert result.status == 0


def test_a_small_pipe_of_several(httptrace, monkeypatch):
    piped(monkeypatch, two().pcap())
    result = httptrace("-")
    assert is_summary(result)
    assert "httptrace walk FILE --stream 0" in result.text


@pytest.mark.parametrize("count", [1, 2])
def test_a_large_pipe_is_summed_up_in_one_pass(httptrace, monkeypatch, count):
    data = together(*large(count)).pcap()
    assert len(data) > limits.READ_FIRST
    piped(monkeypatch, data)
    result = httptrace("-")
    assert is_summary(result)
    assert f"{count} exchange" in result.text


def test_an_empty_pipe_is_no_capture(httptrace, monkeypatch):
    piped(monkeypatch, b"")
    result = httptrace("-")
    assert result.status == 2
    assert "-: is empty" in result.err


def test_damage_is_told_once(httptrace, tmp_path):
    for name, capture in (("one", conversation(get(), ok(b"x"))), ("two", two())):
        path = tmp_path / f"{name}.pcap"
        path.write_bytes(capture.pcap()[:-30])
        result = httptrace(path)
        assert result.status == 1
        assert result.err.count("at byte") == 1


def test_files_are_one_capture(httptrace):
    result = httptrace("first-page.pcap", "reset.pcap")
    assert is_summary(result)
