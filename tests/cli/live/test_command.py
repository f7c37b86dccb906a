"""The commands `live` and `interfaces` as they are called, where no packet is needed for it."""

from __future__ import annotations

import json
import socket

import pytest

from httptrace.capture.live import opening
from httptrace.capture.live.privileges import PrivilegesError
from httptrace.capture.live.source import FilterError, NotAllowedError, UnavailableError
from httptrace.cli.verbs import interfaces_, live_
from httptrace.errors import FileError, Said


def refused(monkeypatch):
    def refuse(*_arguments):
        raise NotAllowedError("no")

    monkeypatch.setattr(live_, "open_source", refuse)
    monkeypatch.setattr(interfaces_, "may_capture", lambda: False)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-i", "no-such-wire"], "there is no interface no-such-wire; there are "),
        (["tcp port"], "the filter tcp port: "),
        (
            ["vlan", "5"],
            "the filter vlan 5: no VLAN support for Raw IP; packets are captured from their IP header on; ",
        ),
        (["--port", "http"], "--port http: a port, 0 to 65535"),
        (["--port", "70000"], "--port 70000: a port, 0 to 65535"),
        (["--buffer", "10"], "--buffer 10: a size from 1M on"),
        (["--duration", "soon"], "--duration soon: a time such as"),
        (["--count", "0"], "--count 0: a number from 1 on"),
        (["--keep", "3"], "--rotate and --keep say how files are written"),
        (["-w", "x.pcapng", "--rotate", "5"], "--rotate 5: a size such as 100M, or a time such as 10min"),
        (["--walk", "--format", "jsonl"], "--walk is prose"),
        (["--promiscuous"], "--promiscuous needs interfaces by name"),
        (["--status", "many"], "--status many"),
        (["--slow", "x"], "--slow x: a time such as"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_one_line_before_anything_is_opened(httptrace, monkeypatch, arguments, complaint):
    monkeypatch.setattr(socket, "AF_PACKET", 17, raising=False)
    opened = []
    real = socket.socket

    def opening(*family, **more):
        if family[:1] == (17,):
            opened.append(family)
        return real(*family, **more)

    monkeypatch.setattr(socket, "socket", opening)
    result = httptrace("live", *arguments)
    assert result.status == 2
    assert result.err.startswith(f"httptrace: {complaint}")
    assert result.err.count("\n") == 1
    assert opened == []


def test_without_the_right_it_says_how_to_get_it(httptrace, monkeypatch):
    refused(monkeypatch)
    result = httptrace("live")
    assert result.status == 2
    assert result.stdout == b""
    first, *ways = result.err.splitlines()
    assert first == "httptrace: this user may not capture"
    assert any("sudo " in way for way in ways)
    assert any("setcap cap_net_raw+ep" in way and "its price" in way for way in ways)


def test_the_same_in_chinese(httptrace, monkeypatch):
    refused(monkeypatch)
    result = httptrace("live", "--lang", "zh")
    assert "setcap" in result.err
    assert "may not" not in result.err


def test_interfaces_as_a_table(httptrace, monkeypatch):
    result = httptrace("interfaces")
    assert result.status == 0
    assert any(line.split()[:1] == ["lo"] for line in result.lines)
    refused(monkeypatch)
    assert "this user may not capture" in httptrace("interfaces").text


def test_interfaces_as_jsonl(httptrace):
    (loopback,) = [one for one in httptrace("interfaces", "--format", "jsonl").records if one["loopback"]]
    assert set(loopback) == {*("name", "index", "up", "running", "loopback", "promiscuous", "addresses", "may_capture")}
    assert json.dumps(loopback)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        pytest.param(UnavailableError(Said("libpcap is not installed")), "没有安装 libpcap", id="unavailable"),
        pytest.param(FilterError("tcp", Said("a NUL in it")), "过滤表达式 tcp：其中有 NUL 字符", id="filter"),
        pytest.param(FilterError("tcp (", "syntax error"), "过滤表达式 tcp (：syntax error", id="libpcap's own words"),
        pytest.param(
            PrivilegesError(Said("the user {name} did not take effect", name="nobody")),
            "没有真正切换为用户 nobody",
            id="privileges",
        ),
        pytest.param(FileError("x", Said("is no file that a capture can be written to")), "x：不是可以写入", id="file"),
        pytest.param(NotAllowedError("no"), "当前用户没有抓包权限", id="not allowed"),
    ],
)
def test_what_is_refused_is_said_in_chinese(httptrace, monkeypatch, problem, said):
    def refuse(*_arguments):
        raise problem

    monkeypatch.setattr(live_, "open_source", refuse)
    result = httptrace("live", "--lang=zh")
    assert result.status == 2
    assert result.err.startswith(f"httptrace: {said}")


def test_every_way_that_does_not_work_is_named_in_chinese(httptrace, monkeypatch):
    def refuse(name, *_arguments):
        problem = Said("libpcap is not installed") if name == "libpcap" else Said("only Linux has packet sockets")
        raise UnavailableError(problem)

    monkeypatch.setattr(opening, "_open", refuse)
    result = httptrace("live", "--lang=zh")
    ways = result.err.removeprefix("httptrace: ").rstrip("\n").split("；")
    assert ways[-2:] == ["libpcap：没有安装 libpcap", "scapy：只有 Linux 有分组套接字"]
