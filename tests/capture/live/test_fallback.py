"""The ways to capture beside the ring, without a wire: what they share, and the choice among them."""

from __future__ import annotations

import sys

import pytest

from httptrace.capture.live import fallback, libpcap, opening
from httptrace.capture.live.fallback import PcapSource, ScapySource, _Fallback
from httptrace.capture.live.libpcap import compile_filter
from httptrace.capture.live.opening import open_source
from httptrace.capture.live.source import FilterError, NotAllowedError, UnavailableError
from tests.capture.live.machine import accepts
from tests.capture.live.test_filters import ipv4, ipv6


class Made(_Fallback):
    """Two interfaces with these packets, as (time, bytes, length)."""

    def __init__(self, *packets):
        super().__init__(1 << 20)
        self._names = ["one", "two"]
        self.waiting = list(packets)

    def _packets(self, number):
        found, self.waiting[number] = self.waiting[number], []
        return iter([((data, 0, len(data), length, time, 1), number + 5) for time, data, length in found])


def given(source):
    frames = source.take()
    return None if frames is None else [frame[0] for frame in frames]


def test_packets_of_several_interfaces_come_by_time():
    source = Made([(1, b"a", 1), (4, b"d", 1)], [(2, b"b", 1), (3, b"c", 9)])
    assert given(source) == [b"a", b"b", b"c", b"d"]
    assert (source.first_ns, source.last_ns, source.counters.snapped) == (1, 4, 1)
    assert source.take() is None


def test_the_watcher_decides():
    source = Made([(1, b"a", 1)], [(2, b"b", 1)])
    source.watch = lambda block, start, end, length, time, link, interface, loopback: interface == 6
    assert given(source) == [b"b"]


def test_what_comes_behind_the_end_is_not_taken(monkeypatch):
    monkeypatch.setattr(fallback.time, "time_ns", lambda: 3)
    source = Made([(1, b"a", 1), (4, b"d", 1)], [(3, b"c", 1)])
    source.stop()
    assert given(source) == [b"a", b"c"]
    source.waiting = [[(5, b"e", 1)], []]
    assert source.take() is None


def have_libpcap() -> bool:
    try:
        libpcap.library()
    except UnavailableError:
        return False
    return True


needs_libpcap = pytest.mark.skipif(not have_libpcap(), reason="libpcap is not installed")


@needs_libpcap
@pytest.mark.parametrize(
    ("text", "packet", "passes"),
    [
        ("not port 22", ipv4(), True),
        ("not port 22", ipv4(ports=(5, 22)), False),
        ("src host 10.0.0.1 and dst port 80", ipv4(), True),
        ("net 10.0.0.0/24 and tcp portrange 79-81", ipv4(), True),
        ("ip6 and tcp", ipv4(), False),
        ("ip6 and tcp", ipv6(), True),
    ],
    ids=[f"expression-{number}" for number in range(6)],
)
def test_libpcaps_programs_are_for_packets_that_begin_with_ip(text, packet, passes):
    assert accepts(compile_filter(text), packet) is passes


@needs_libpcap
@pytest.mark.parametrize("text", ["port", "hugo", "tcp and and", "host 1.2.3.4.5", "port 80)", "\udcff"])
def test_a_wrong_expression_is_said_in_libpcaps_words(text):
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    assert caught.value.problem
    assert "\n" not in caught.value.problem


def test_a_libpcap_that_is_not_there(monkeypatch):
    monkeypatch.setattr(libpcap, "_loaded", [])
    monkeypatch.setattr(libpcap, "_UNIX_NAMES", ())
    monkeypatch.setitem(libpcap._NAMES, sys.platform, ())
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    with pytest.raises(UnavailableError, match="libpcap is not installed"):
        compile_filter("udp")


def ways(monkeypatch, **answers):
    """Each way to capture answers with that, or raises it."""
    asked = []

    def answer(name):
        def make(*_arguments):
            asked.append(name)
            if isinstance(answers[name], Exception):
                raise answers[name]
            return answers[name]

        return make

    monkeypatch.setattr(opening, "Ring", answer("ring"))
    monkeypatch.setattr(fallback, "PcapSource", answer("libpcap"))
    monkeypatch.setattr(fallback, "ScapySource", answer("scapy"))
    monkeypatch.setattr(opening.sys, "platform", "linux")
    return asked


def test_the_first_way_that_works_is_taken(monkeypatch):
    asked = ways(monkeypatch, ring=UnavailableError("no ring"), libpcap="it works", scapy="unasked")
    assert open_source(["any"], "tcp") == "it works"
    assert asked == ["ring", "libpcap"]


def test_other_systems_are_not_asked_for_a_ring(monkeypatch):
    asked = ways(monkeypatch, ring="unasked", libpcap="it works", scapy="unasked")
    monkeypatch.setattr(opening.sys, "platform", "darwin")
    assert open_source(["any"], "tcp") == "it works"
    assert asked == ["libpcap"]


def test_a_missing_right_is_not_gone_around(monkeypatch):
    asked = ways(monkeypatch, ring=NotAllowedError("no"), libpcap="unasked", scapy="unasked")
    with pytest.raises(NotAllowedError):
        open_source(["any"], "tcp")
    assert asked == ["ring"]


def test_where_nothing_works_every_reason_is_said(monkeypatch):
    ways(monkeypatch, ring=UnavailableError("a"), libpcap=UnavailableError("b"), scapy=UnavailableError("c"))
    with pytest.raises(UnavailableError, match="ring: a; libpcap: b; scapy: c"):
        open_source(["any"], "tcp")


def test_the_way_that_was_asked_for(monkeypatch):
    asked = ways(monkeypatch, ring="unasked", libpcap="unasked", scapy="it works")
    assert open_source(["any"], "tcp", way="scapy") == "it works"
    assert asked == ["scapy"]


def test_scapy_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "scapy.config", None)
    with pytest.raises(UnavailableError, match=r"httptrace\[live\]"):
        ScapySource(["any"], "tcp")


def test_both_are_sources():
    assert [PcapSource.name, ScapySource.name] == list(opening.SOURCES[1:])
