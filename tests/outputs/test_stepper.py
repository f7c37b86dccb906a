"""What each key does, and what is on the page then: always as many rows as it has, none too wide."""

from __future__ import annotations

import random
import re

import pytest

from httptrace.lang import speaking
from httptrace.outputs.stepper import Stepper, fit
from httptrace.outputs.steps import Script, Step
from httptrace.outputs.wrap import cell_width

NAMES = ("right", "left", "up", "down", "space", "enter", "home", "end", "page-up", "page-down", "escape", "backspace")
KEYS = (*NAMES, *"npjklbowgGh?019xq")


def script(*, long: int = 0, drawing: bool = False) -> Script:
    """Five steps: No1, No2, a run of No3 to No6, No8, and the end; opened, No2 has `long` lines."""
    steps = [
        Step(0, 1, 1, ["title", "── one ──"], ["No1 first", "   words"]),
        Step(0, 2, 2, [], ["No2 second"]),
        Step(0, 3, 6, ["── two ──"], ["No3 … No6 run"]),
        Step(0, 8, 8, [], ["No8 last"]),
        Step(0, 0, 0, [], ["── numbers ──"]),
    ]

    def details(_stream: int, first: int, last: int) -> tuple[list[Step], int]:
        if first == 2 and long:
            return [Step(0, 2, 2, [], [f"line {number}" for number in range(long)])], 0
        return [Step(0, number, number, [], [f"No{number} opened"]) for number in range(first, last + 1)], 0

    if drawing:
        for step in steps[:-1]:
            step.words = [f"words of {step.label}"]
    return Script(steps, details, drawing=drawing)


def pressed(keys: str, **options: int) -> Stepper:
    stepper = Stepper(script(long=options.pop("long", 0)), **options)  # type: ignore[arg-type]
    for key in keys.split():
        stepper.press(key)
    return stepper


@pytest.mark.parametrize(
    ("keys", "label"),
    [
        ("", "No1"),
        ("right", "No2"),
        ("n n", "No3 … No6"),
        ("space", "No2"),
        ("j j j", "No8"),
        ("j k", "No1"),
        ("n n left", "No2"),
        ("left", "No1"),
        ("end", ""),
        ("end n", ""),
        ("end home", "No1"),
        ("G p", "No8"),
        ("G g", "No1"),
        ("5 enter", "No3 … No6"),
        ("8 enter", "No8"),
        ("7 enter", "No8"),
        ("9 9 enter", ""),
        ("1 2 backspace backspace 2 enter", "No2"),
        ("8 escape enter", "No1"),
        ("8 n", "No2"),
        ("? n", "No1"),
        ("? escape n", "No2"),
        ("x", "No1"),
        ("backspace", "No1"),
        ("n backspace", "No1"),
    ],
)
def test_where_keys_lead(keys: str, label: str) -> None:
    assert pressed(keys).step.label == label


def test_enter_opens_and_closes() -> None:
    stepper = pressed("n")
    assert stepper.block() == ["No2 second"]
    stepper.press("enter")
    assert stepper.block() == ["No2 opened"]
    stepper.press("enter")
    assert stepper.block() == ["No2 second"]
    stepper.press("o")
    stepper.press("n")
    assert not stepper.opened


def test_what_stands_above_a_step_is_part_of_it() -> None:
    assert pressed("n n").block() == ["── two ──", "No3 … No6 run"]
    assert pressed("n n enter").block() == ["── two ──", *(f"No{number} opened" for number in range(3, 7))]


def test_the_words_of_a_ladder_stand_below_the_arrow() -> None:
    stepper = Stepper(script(drawing=True))
    stepper.press("n")
    assert stepper.block() == ["No2 second", "", "words of No2"]
    assert "words of No1" not in "\n".join(stepper.page())
    assert "No1 first" in "\n".join(stepper.page())
    stepper.press("enter")
    assert stepper.block() == ["No2 second", "", "No2 opened"]


def test_the_page_is_the_walk_up_to_the_step() -> None:
    page = pressed("n n", height=12).page()
    assert page[:6] == ["title", "── one ──", "No1 first", "   words", "No2 second", "── two ──"]
    assert page[6] == "No3 … No6 run"
    assert set(page[7:-1]) == {""}
    assert page[-1].startswith("No3 … No6  3/5 · ")


def test_a_short_page_shows_the_latest() -> None:
    assert pressed("n n", height=4).page()[:-1] == ["No2 second", "── two ──", "No3 … No6 run"]


def test_what_is_longer_than_the_page_is_scrolled() -> None:
    stepper = pressed("n enter", long=25, height=11)
    assert stepper.page()[0] == "line 0"
    assert "Space more" in stepper.page()[-1]
    for top in (9, 15):
        stepper.press("space")
        assert stepper.page()[0] == f"line {top}"
    assert "Space more" not in stepper.page()[-1]
    stepper.press("up")
    assert stepper.page()[0] == "line 6"
    stepper.press("space")
    stepper.press("space")
    assert stepper.step.first == 3


def test_the_right_arrow_does_not_wait_for_the_rest() -> None:
    assert pressed("n enter right", long=25, height=11).step.first == 3


def test_both_ends_say_so() -> None:
    assert "end of the walk" in pressed("end n", width=120).page()[-1]
    assert "beginning of the walk" in pressed("left", width=120).page()[-1]


def test_a_packet_that_is_not_there_is_said() -> None:
    assert "No7 is not in this walk." in pressed("7 enter", width=120).page()[-1]


def test_a_number_is_shown_while_it_is_typed() -> None:
    assert pressed("1 4").page()[-1] == "go to No14, Enter"
    assert len(pressed("9 " * 50).typed) == 12


def test_help_lists_the_keys() -> None:
    page = "\n".join(pressed("?").page())
    for key in ("Space", "Enter", "Home", "End", "q"):
        assert key in page


@pytest.mark.parametrize("keys", ["q", "? q", "n Q", "end-of-input"])
def test_the_end(keys: str) -> None:
    stepper = pressed(keys)
    assert stepper.done
    assert not stepper.helping


@pytest.mark.parametrize("seed", range(20), ids=lambda seed: f"seed-{seed}")
def test_whatever_is_pressed_the_page_fits(seed: int) -> None:
    chance = random.Random(seed)
    stepper = Stepper(script(long=chance.choice((0, 9, 99)), drawing=chance.random() < 0.5), colour=seed % 2 == 0)
    with speaking(chance.choice(("en", "zh"))):
        for _ in range(200):
            width, height = chance.randint(1, 120), chance.randint(1, 40)
            if chance.random() < 0.2:
                stepper.resize(width, height)
            if chance.random() < 0.05:
                stepper.replace(script(long=chance.choice((0, 50))))
            stepper.press(chance.choice(KEYS))
            page = stepper.page()
            assert len(page) == stepper._height
            assert max(cell_width(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in page) <= stepper._width


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("", ["No2 second"]),
        ("next", ["No2 second"]),
        (" n ", ["No2 second"]),
        ("back", ["This is the beginning of the walk."]),
        ("8", ["No8 last"]),
        ("7", ["No7 is not in this walk.", "No8 last"]),
        ("why", ["title", "── one ──", "No1 opened"]),
        ("last", ["── numbers ──"]),
        ("quit", []),
    ],
)
def test_commands_as_lines(line: str, lines: list[str]) -> None:
    assert Stepper(script()).command(line) == lines


def test_an_unknown_command_names_the_others() -> None:
    (answer,) = Stepper(script()).command("\x1b[2J" + "x" * 99)
    assert "next back open" in answer
    assert "\x1b" not in answer


@pytest.mark.parametrize("width", range(12))
def test_a_coloured_line_is_cut_where_a_plain_one_is(width: int) -> None:
    cut = fit("\x1b[1mab漢字\x1b[0mcd\x1b[2mef\x1b[0m", width)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", cut)
    assert cell_width(bare) <= width
    assert "ab漢字cdef".startswith(bare.replace("…", ""))
    assert cut.endswith("\x1b[0m")
