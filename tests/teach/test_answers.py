"""Answers as people type them: which count as right, which do not, in both languages."""

from __future__ import annotations

import random

import pytest

from httptrace.teach.answers import LONGEST, Choice, Flags, Milliseconds, Number, PacketNumber, Words, flags_of

SYN_ACK = Flags("AS")
CHOICE = Choice(("The server", "The client", "404", "SYN-SENT"), 1, ("客户端", "browser"))


@pytest.mark.parametrize(
    "given",
    [
        *("1461", " 1461 ", "1,461", "1 461", "1_461", "1'461", "１４６１", "1，461", "+1461", "= 1461", "ack=1461"),
        *("1 + 1460 = 1461", "1461.", "1461 bytes", "1461 字节", "是 1461", "“1461”", "No1461", "#1461", "3482920665"),
    ],
)
def test_numbers_that_are_right(given: str) -> None:
    assert Number(1461, (3482920665,)).right(given)


@pytest.mark.parametrize(
    "given",
    ["", " ", "1460", "-1461", "−1461", "1461 or 1460", "1.461", "14,61", "a", "1461 1461", "9" * 5000, "=", "？"],
)
def test_numbers_that_are_not(given: str) -> None:
    assert not Number(1461).right(given)


@pytest.mark.parametrize(("given", "value"), [("三", 3), ("零", 0), ("两", 2), ("十", 10)])
def test_a_chinese_digit(given: str, value: int) -> None:
    assert Number(value).right(given)
    assert not Number(value + 1).right(given)


@pytest.mark.parametrize("given", ["12", "No12", "no. 12", "#12", "第 12 个", "第12个数据包", "packet 12", "Nr12"])
def test_packet_numbers(given: str) -> None:
    assert PacketNumber(12).right(given)
    assert not PacketNumber(13).right(given)


@pytest.mark.parametrize(
    "given",
    [
        *(
            "SYN, ACK",
            "SYN,ACK",
            "ACK,SYN",
            "syn ack",
            "syn+ack",
            "SYN/ACK",
            "[SYN, ACK]",
            "SYN-ACK",
            "SA",
            "as",
            "SYNACK",
        ),
        *("SYN and ACK", "SYN 和 ACK", "SYN、ACK", "ＳＹＮ，ＡＣＫ", "同步、确认", "SYN|ACK", "S A", "flags SYN, ACK"),
    ],
)
def test_flags_that_are_right(given: str) -> None:
    assert SYN_ACK.right(given)


@pytest.mark.parametrize(
    "given", ["", "SYN", "ACK", "SYN, ACK, FIN", "SYN, BANANA", "12", "SYN, ACK 12", "?", "ＳＹＮ", "x" * 999]
)
def test_flags_that_are_not(given: str) -> None:
    assert not SYN_ACK.right(given)


@pytest.mark.parametrize(("given", "right"), [("FIN", True), ("FIN, ACK", True), ("ACK", False), ("FIN, PSH", False)])
def test_the_least_that_has_to_be_named(given: str, right: bool) -> None:
    flags = Flags("AF", least="F", told="F")
    assert flags.right(given) is right
    assert flags.shown == "FIN"


@pytest.mark.parametrize(
    "given",
    [
        "b",
        "B",
        " b) ",
        "(b)",
        "b.",
        "Ｂ",
        "b）",
        "the client",
        "The  Client",
        "THE-CLIENT",
        "客户端",
        "Browser",
        "b) The client",
    ],
)
def test_choices_that_are_right(given: str) -> None:
    assert CHOICE.right(given)


@pytest.mark.parametrize("given", ["", "a", "c", "e", "the server", "2", "bb", "a) The client", "client server"])
def test_choices_that_are_not(given: str) -> None:
    assert not CHOICE.right(given)


@pytest.mark.parametrize("given", ["SYN_SENT", "syn sent", "SynSent", "SYN‐SENT"])
def test_a_state_in_any_spelling(given: str) -> None:
    assert Choice(("SYN-SENT", "LISTEN"), 0).right(given)


@pytest.mark.parametrize(
    "given",
    [
        "8.2",
        "8.2 ms",
        "8.239ms",
        "8,239 us".replace(",", "."),
        "0.0082 s",
        "≈",
        "8200 µs",
        "8.2 毫秒",
        "0.00824秒",
        "= 8.2 ms",
    ],
)
def test_spans_of_time_near_enough(given: str) -> None:
    assert Milliseconds(8_239_000).right(given) is (given not in ("8.239 us", "≈"))


@pytest.mark.parametrize("given", ["", "8", "9", "-8.2", "8.2 h", "8.2 8.2", "82", "ms", "8.2.1"])
def test_spans_of_time_too_far_off(given: str) -> None:
    assert not Milliseconds(8_239_000).right(given)


@pytest.mark.parametrize(
    ("ns", "given", "right"),
    [
        pytest.param(1_000_000, "1.05", True, id="a twentieth of a millisecond"),
        pytest.param(1_000_000, "0.95 ms", True, id="a twentieth below"),
        pytest.param(1_000_000, "1050 us", True, id="in another unit"),
        pytest.param(1_000_000, "0.00105 s", True, id="in seconds"),
        pytest.param(1_000_000, "1050000 ns", True, id="in nanoseconds"),
        pytest.param(1_000_000, "1.050001", False, id="a nanosecond beyond"),
        pytest.param(1_000_000, "0.949999", False, id="a nanosecond beyond, below"),
        pytest.param(500_000, "0.51", True, id="two per cent of less than a millisecond"),
        pytest.param(500_000, "0.510001", False, id="beyond two per cent of less than a millisecond"),
        pytest.param(50_000, "0.052", True, id="two microseconds"),
        pytest.param(50_000, "0.052001", False, id="beyond two microseconds"),
        pytest.param(10_000_000, "10.2", True, id="two per cent"),
        pytest.param(10_000_000, "9.8", True, id="two per cent below"),
        pytest.param(10_000_000, "10.200001", False, id="beyond two per cent"),
        pytest.param(0, "0.002", True, id="of nothing"),
    ],
)
def test_the_bound_itself_is_near_enough(ns: int, given: str, right: bool) -> None:
    assert Milliseconds(ns).right(given) is right


@pytest.mark.parametrize(
    ("given", "right"), [("get", True), ("GET ", True), ("HTTP/1.1", False), ("g e t", True), ("", False)]
)
def test_words(given: str, right: bool) -> None:
    assert Words("GET").right(given) is right


@pytest.mark.parametrize("seed", range(30))
def test_what_is_shown_is_right_and_noise_raises_nothing(seed: int) -> None:
    chance = random.Random(seed)
    letters = "".join(chance.sample("SFRPUECA", chance.randrange(1, 5)))
    value = chance.randrange(1 << 32)
    options = tuple(str(number) for number in chance.sample(range(100, 600), 4))
    answers = [
        Number(value),
        PacketNumber(value),
        Milliseconds(chance.randrange(100_000, 10**12)),
        Flags(letters),
        Choice(options, chance.randrange(4)),
        Words("/a?b=c"),
    ]
    for answer in answers:
        assert answer.right(answer.shown)
        noise = "".join(chr(chance.choice((chance.randrange(32, 127), chance.randrange(0x20000)))) for _ in range(40))
        answer.right(noise)
        assert not answer.right("x" * (LONGEST * 100))


@pytest.mark.parametrize(
    ("given", "named"), [("SA", set("SA")), ("PSH", set("P")), ("reset", set("R")), ("nothing", None)]
)
def test_flags_named_in_a_text(given: str, named: set[str] | None) -> None:
    assert flags_of(given) == named
