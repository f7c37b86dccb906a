"""`quiz`: asks over a pipe, judges, keeps the score, ends with the input, and exits with 0 whatever the score."""

from __future__ import annotations

import io
import random
import re
import struct
import sys

import pytest

from httptrace import limits
from httptrace.capture.write import write_pcap
from httptrace.teach.questions.asking import chosen
from httptrace.teach.situations.catalogue import SITUATIONS, written
from tests.cli.command import CAPTURES
from tests.teach.questions.material import COMMITTED, lesson, path_of


class Stdin:
    """Standard input with these lines."""

    def __init__(self, data: bytes, terminal: bool = False) -> None:
        self.buffer = io.BytesIO(data)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def quiz(httptrace, monkeypatch):
    """Run `quiz` with these answers."""

    def run(file, answers, *more, terminal=False):
        data = answers if isinstance(answers, bytes) else "".join(f"{one}\n" for one in answers).encode()
        monkeypatch.setattr(sys, "stdin", Stdin(data, terminal))
        return httptrace("quiz", file, *more)

    return run


def right_answers(name, level=None, seed=0, count=10):
    return [one.answer.shown for one in chosen(lesson(name), level, seed, count)]


def test_all_right(quiz):
    result = quiz("first-page.pcap", right_answers("first-page.pcap"))
    assert result.status == 0
    assert result.text.count("Right.\n") == 10
    assert "10 of 10 answers right." in result.text
    assert "Look again" not in result.text


def test_all_wrong_is_no_failure(quiz):
    result = quiz("first-page.pcap", ["nonsense"] * 10)
    assert result.status == 0
    assert result.text.count("Not so. It is: ") == 10
    assert "0 of 10 answers right." in result.text
    assert re.search(r"Look again at No\d+", result.text)
    assert "--why" in result.text


def test_each_question_is_asked_once(quiz):
    result = quiz("first-page.pcap", ["?"] * 50)
    assert re.findall(r"^Question (\d+) of 10", result.text, re.MULTILINE) == [str(n) for n in range(1, 11)]


@pytest.mark.parametrize("answered", [0, 1, 4])
def test_the_end_of_input_ends_it(quiz, answered):
    result = quiz("first-page.pcap", right_answers("first-page.pcap")[:answered])
    assert result.status == 0
    assert len(re.findall(r"^Question \d+", result.text, re.MULTILINE)) == answered + 1
    if answered:
        assert f"{answered} of {answered} answers right; {10 - answered} of 10 questions are left open." in result.text
    else:
        assert "No question was answered." in result.text


@pytest.mark.parametrize("word", ["q", "QUIT", "退出"])
def test_quitting(quiz, word):
    result = quiz("first-page.pcap", ["x", word, "x"])
    assert result.status == 0
    assert "0 of 1 answers right; 9 of 10" in result.text.replace("answer right", "answers right")


def test_an_empty_line_passes(quiz):
    result = quiz("first-page.pcap", [""] * 10)
    assert result.text.count("Passed. It is: ") == 10
    assert "No question was answered." in result.text


def test_a_last_line_without_its_end_counts(quiz):
    assert "1 of 1" in quiz("first-page.pcap", right_answers("first-page.pcap")[0].encode()).text


def test_answers_are_shown_where_nobody_types_them(quiz):
    assert "> 1,461\n" in quiz("first-page.pcap", ["1,461"]).text
    assert "> 1,461" not in quiz("first-page.pcap", ["1,461"], terminal=True).text


@pytest.mark.parametrize("seed", range(8))
def test_noise_for_answers(quiz, seed):
    chance = random.Random(seed)
    result = quiz("retransmission.pcap", chance.randbytes(4_000), "--seed", seed)
    assert result.status == 0
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.text)


def test_a_very_long_answer(quiz):
    assert quiz("first-page.pcap", b"1" * 3_000_000 + b"\n1\n").status == 0


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("level", ["1", "2", "3"])
def test_levels_and_languages(quiz, level, language):
    result = quiz("retransmission.pcap", ["x"] * 10, "--level", level, "--lang", language)
    assert result.status == 0
    heads = [line for line in result.lines if re.match(r"Question \d|第 \d+ 题", line)]
    assert heads
    assert all(f"level {level}" in line or f"第 {level} 级" in line for line in heads)


def test_answers_in_chinese(quiz):
    questions = [one.kind for one in chosen(lesson("handshake"), 2, 0, 10)]
    assert "who-closes" in questions
    answers = ["客户端" if kind == "who-closes" else "可以" if kind == "half-closed" else "x" for kind in questions]
    result = quiz(path_of("handshake"), answers, "--level", "2", "--lang", "zh")
    assert result.text.count("正确。") == 2


def test_other_seeds_ask_other_questions(quiz):
    texts = {quiz("first-page.pcap", [], "--seed", seed).text for seed in range(6)}
    assert len(texts) > 3
    assert quiz("first-page.pcap", ["a"], "--seed", 7).text == quiz("first-page.pcap", ["a"], "--seed", 7).text


def test_the_stream_is_named_where_there_are_several(quiz):
    assert "· stream " in quiz("real-http-server.pcap", []).text
    only = quiz("real-http-server.pcap", ["x"] * 10, "--stream", "1").text
    assert "stream" not in only.partition("Look again")[0]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["-"], "answers come from standard input", id="the capture on standard input"),
        pytest.param(["first-page.pcap", "--seed", "x"], "--seed x", id="seed"),
        pytest.param(["first-page.pcap", "--count", "0"], "--count 0", id="count"),
        pytest.param(["first-page.pcap", "--level", "4"], "--level", id="level"),
        pytest.param(["first-page.pcap", "--stream", "9"], "no stream 9", id="stream"),
        pytest.param(["nowhere.pcap"], "nowhere.pcap", id="no such file"),
        pytest.param(["refused.pcap", "--level", "3"], "nothing to ask at level 3", id="nothing at that level"),
    ],
)
def test_complaints(quiz, arguments, complaint):
    result = quiz(arguments[0], [], *arguments[1:])
    assert (result.status, result.stdout) == (2, b"")
    assert complaint in result.err
    assert result.err.count("\n") == 1


def capture(tmp_path, frames):
    path = tmp_path / "made.pcap"
    write_pcap(str(path), 1, frames)
    return path


def test_a_capture_without_tcp_has_nothing_to_ask(quiz, tmp_path):
    arp = bytes(12) + struct.pack("!H", 0x0806) + bytes(28)
    for frames in ([], [(10**9, arp)]):
        result = quiz(capture(tmp_path, frames), [])
        assert result.status == 2
        assert "no TCP packet" in result.err


def test_a_capture_with_nothing_that_can_be_known(quiz, tmp_path):
    frames = written(SITUATIONS["handshake"]).frames[2:3]  # a single ACK
    result = quiz(capture(tmp_path, frames), [])
    assert result.status == 2
    assert "nothing to ask" in result.err


def test_a_long_capture_is_asked_about_from_its_beginning(quiz, monkeypatch):
    monkeypatch.setattr(limits, "LESSON_PACKETS", 40)
    result = quiz(path_of("slow-start"), ["x"] * 60, "--count", "60")
    assert result.status == 0
    assert "the first 40 packets" in result.err
    packets = [int(number) for number in re.findall(r"\bNo(\d+)\b", result.text)]
    assert max(packets) <= 40
    assert "Who closes" not in result.text


def test_damage_is_said_and_what_came_before_is_asked(quiz, tmp_path):
    path = tmp_path / "cut.pcap"
    path.write_bytes((CAPTURES / "first-page.pcap").read_bytes()[:-100])
    result = quiz(path, ["x"] * 10)
    assert result.status == 1
    assert "Question 10 of 10" in result.text
    assert "at byte" in result.err


@pytest.mark.parametrize("name", COMMITTED)
def test_every_capture_fits_80_columns_and_says_its_score(quiz, name):

    result = quiz(name, ["x"] * 10)
    assert result.status == 0
    assert max(map(len, result.lines)) <= 80
    assert "answers right." in result.text or "answer right." in result.text
