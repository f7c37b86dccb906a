"""--bounds: what it takes, what it says, and that a bound that is reached is said on stderr in both languages."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from httptrace.cli.bounds import NAMES, bounds
from httptrace.limits import KIB, MIB, STANDARD, Bounds
from tests.build import Capture, conversation, get, ok, together


def test_every_bound_has_a_name() -> None:
    assert [field.name.replace("_", "-") for field in fields(Bounds)] == list(NAMES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("connections=7", Bounds(connections=7), id="one"),
        pytest.param("out-of-order=64M,waiting=128k", Bounds(out_of_order=64 * MIB, waiting=128 * KIB), id="two"),
        pytest.param("decoders=2G", Bounds(decoders=2048 * MIB), id="gigabytes"),
        pytest.param("connections=7,connections=8", Bounds(connections=8), id="the-last-counts"),
    ],
)
def test_what_is_asked_for(text: str, found: Bounds) -> None:
    assert bounds(text) == found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("", "no bound", id="nothing"),
        pytest.param("speed=1", "no bound", id="unknown"),
        pytest.param("out_of_order=64M", "no bound", id="as-in-python"),
        pytest.param("connections", "takes a number", id="no-value"),
        pytest.param("connections=-1", "takes a number", id="negative"),
        pytest.param("connections=1.5", "takes a number", id="no-whole-number"),
        pytest.param("connections=１", "takes a number", id="not-ascii"),
        pytest.param("heads=64m", "takes a number", id="milli"),
        pytest.param("connections=0", "at least 1", id="none"),
        pytest.param("heads=1k", "at least 64k", id="too-few-octets"),
        pytest.param("connections=5,", "no bound", id="comma-at-the-end"),
    ],
)
def test_what_is_not_understood_is_said(text: str, word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=word):
        bounds(text)


def test_the_standard_is_what_nothing_asks_for() -> None:
    assert Bounds() == STANDARD


# ---------------------------------------------------------------------- reached


SECOND = 1_000_000_000


def three_at_once() -> Capture:
    """Three connections that stay open; the first two never get an answer."""
    asks = [
        conversation(get(f"/{port}"), client=("192.0.2.1", port), start_ns=port * SECOND, closing="none")
        for port in (1, 2)
    ]
    return together(*asks, conversation(get("/3"), ok("fast"), client=("192.0.2.1", 3), start_ns=3 * SECOND))


def many_out_of_order() -> Capture:
    """A body whose first segment comes last."""
    return conversation(get("/"), ok("x" * 100_000), mss=500, swap=[(6, 200)])


def many_pipelined() -> Capture:
    return conversation([get(f"/{number}") for number in range(5)], ok("x") * 5)


@pytest.mark.parametrize(
    ("make", "asked", "english", "chinese"),
    [
        pytest.param(three_at_once, "connections=1", "connections were closed early", "提前结束记录", id="connections"),
        pytest.param(
            many_out_of_order, "out-of-order-each=64k", "hole was given up early", "空缺提前放弃等待", id="out-of-order"
        ),
        pytest.param(many_out_of_order, "segments=64", "were given up early", "空缺提前放弃等待", id="segments"),
        pytest.param(many_pipelined, "pipelined=2", "3 open exchanges", "3 次未完成的交互", id="pipelined"),
    ],
)
@pytest.mark.parametrize("form", ["table", "jsonl"])
def test_a_bound_that_is_reached_is_said(
    make: Any, asked: str, english: str, chinese: str, form: str, httptrace: Any, tmp_path: Path
) -> None:
    path = make().save(tmp_path / "one.pcap")
    plain = httptrace("list", path, "--format", form)
    assert (plain.status, plain.err) == (0, "")
    for language, said in (("en", english), ("zh", chinese)):
        bounded = httptrace("list", path, "--format", form, "--bounds", asked, "--lang", language)
        assert bounded.status == 0
        assert said in bounded.err
        assert len(bounded.err.splitlines()) == 1
        assert form == "table" or bounded.stdout != plain.stdout


def test_records_that_could_not_wait_are_said(httptrace: Any, tmp_path: Path) -> None:
    fast = [
        conversation(get("/f"), ok("fast"), client=("192.0.2.1", port), start_ns=(10 + port) * SECOND)
        for port in range(2, 202)
    ]
    slow = conversation(get("/slow"), client=("192.0.2.1", 1), start_ns=SECOND, closing="none")
    path = together(slow, *fast).save(tmp_path / "one.pcap")
    whole = httptrace("list", path, "--format", "jsonl")
    assert [one["no"] for one in whole.records] == list(range(1, 202))
    bounded = httptrace("list", path, "--format", "jsonl", "--bounds", "waiting=64k")
    assert "out of their order" in bounded.err
    assert sorted(bounded.stdout.splitlines()) == sorted(whole.stdout.splitlines())
    assert bounded.records[-1]["no"] == 1
    assert (
        "没有按编号顺序" in httptrace("list", path, "--format", "jsonl", "--lang", "zh", "--bounds", "waiting=64k").err
    )


@pytest.mark.parametrize("verb", ["list", "streams", "packets", "audit", "summary", "walk", "follow", "show", ""])
def test_every_command_that_reads_captures_takes_bounds(verb: str, httptrace: Any, tmp_path: Path) -> None:
    path = three_at_once().save(tmp_path / "one.pcap")
    more = {"follow": ["0"], "show": ["1"], "walk": ["--stream", "0"]}.get(verb, [])
    found = httptrace(*([verb] if verb else []), path, *more, "--bounds", "connections=1")
    assert "closed early" in found.err


def test_a_mistake_is_one_line(httptrace: Any) -> None:
    wrong = httptrace("list", "first-page.pcap", "--bounds", "speed=1")
    assert wrong.status == 2
    assert len(wrong.err.splitlines()) == 1
