"""`worksheet`: a sheet to a file or a pipe, its key, and marks for answers handed in."""

from __future__ import annotations

import io
import json
import os
import sys

import pytest

from httptrace import limits
from httptrace.outputs.wrap import cell_width
from httptrace.teach.worksheet.building import build
from httptrace.teach.worksheet.sheet import Explanation
from tests.cli.command import CAPTURES
from tests.teach.questions.material import COMMITTED, lesson, path_of


def handed_in(tmp_path, name="first-page.pcap", seed=0, right=True, **changes):
    """A file of answers, all right or all wrong, with some members changed."""
    sheet = build(lesson(name).talks[0], name, seed)
    given = {
        blank.key: "wrong" if not right else getattr(blank.answer, "letter", blank.answer.shown)
        for blank in sheet.blanks()
        if not isinstance(blank.answer, Explanation)
    }
    data = {
        "format": "httptrace-worksheet-answers",
        "version": 1,
        "capture": sheet.capture,
        "stream": 0,
        "seed": seed,
        "student": {"name": "李雷", "class": "网络 2 班"},
        "answers": given,
        **changes,
    }
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path, len(given)


@pytest.mark.parametrize("name", COMMITTED)
def test_every_capture_has_a_sheet(httptrace, name):
    result = httptrace("worksheet", name)
    assert result.status == 0
    assert result.text.startswith("# Lab: TCP and HTTP")
    assert "**" not in result.text


@pytest.mark.parametrize(
    ("language", "labels"), [("en", ["Name:", "Class:", "Date:"]), ("zh", ["姓名：", "班级：", "日期："])]
)
def test_whose_sheet_it_is(httptrace, language: str, labels: list[str]) -> None:
    line = httptrace("worksheet", "first-page.pcap", "--lang", language).lines[2]
    assert [word for word in labels if f"{word} " in line] == labels


@pytest.mark.parametrize(("language", "title"), [("en", "Lab: TCP and HTTP"), ("zh", "实验：逐包看懂 TCP 与 HTTP")])
@pytest.mark.parametrize("ending", ["html", "md", "HTM"])
def test_it_is_written(httptrace, tmp_path, ending, language, title):
    path = tmp_path / f"lab.{ending}"
    result = httptrace("worksheet", "first-page.pcap", "-o", path, "--lang", language)
    assert result.status == 0
    text = path.read_text(encoding="utf-8")
    assert title in text
    assert text.startswith("<!DOCTYPE html>" if ending != "md" else "# ")
    assert str(path) in result.text


def test_a_blank_sheet_and_its_key(httptrace):
    blank, key = httptrace("worksheet", "first-page.pcap"), httptrace("worksheet", "first-page.pcap", "--key")
    assert "Answer key" not in blank.text
    assert "Answer key" in key.text
    assert "3482919204" in key.text
    assert "3482919204" not in blank.text


def test_standard_output_is_markdown(httptrace):
    assert (
        httptrace("worksheet", "first-page.pcap", "-o", "-").stdout == httptrace("worksheet", "first-page.pcap").stdout
    )


def test_seeds(httptrace):
    texts = {httptrace("worksheet", "redirect.pcap", "--seed", seed).text for seed in range(6)}
    assert len(texts) > 3
    assert httptrace("worksheet", "redirect.pcap").text == httptrace("worksheet", "redirect.pcap", "--seed", "0").text


def test_a_sheet_on_paper_says_which_key_is_its_own(httptrace):
    assert "(--seed 4)" in httptrace("worksheet", "redirect.pcap", "--seed", "4").text


def test_the_first_connection_with_http_unless_asked(httptrace):
    assert "tcp.stream eq 0" in httptrace("worksheet", "real-http-server.pcap").text
    assert "tcp.stream eq 2" in httptrace("worksheet", "real-http-server.pcap", "--stream", "2").text


def test_the_sheet_does_not_say_where_the_capture_lies(httptrace, tmp_path):
    path = tmp_path / "mine.pcap"
    path.write_bytes((CAPTURES / "first-page.pcap").read_bytes())
    text = httptrace("worksheet", path).text
    assert "Capture: mine.pcap" in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize("seed", [0, 3])
def test_all_right(httptrace, tmp_path, seed):
    path, count = handed_in(tmp_path, seed=seed)
    result = httptrace("worksheet", "first-page.pcap", "--grade", path)
    assert result.status == 0
    assert result.lines[:2] == ["李雷 · 网络 2 班", f"{count} of {count} right (100 %)"]
    assert "✗" not in result.text


def test_all_wrong_is_no_failure(httptrace, tmp_path):
    path, count = handed_in(tmp_path, right=False)
    result = httptrace("worksheet", "first-page.pcap", "--grade", path)
    assert result.status == 0
    assert f"0 of {count} right (0 %)" in result.text
    assert result.text.count("✗ ") == count
    assert "✗ handshake.2.ack: wrong, but it is 1" in result.text


def test_marks_in_chinese_fit(httptrace, tmp_path):
    path, count = handed_in(tmp_path, right=False)
    result = httptrace("worksheet", "first-page.pcap", "--grade", path, "--lang", "zh")
    assert f"{count} 空对了 0 空（0 %）" in result.text
    assert max(map(cell_width, result.lines)) <= 80


def test_a_sheet_handed_in_through_a_pipe(httptrace, tmp_path, monkeypatch):
    path, count = handed_in(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert f"{count} of {count}" in httptrace("worksheet", "first-page.pcap", "--grade", "-").text


@pytest.mark.parametrize("ending", ["html", "md"])
def test_a_marked_sheet_is_written(httptrace, tmp_path, ending):
    path, count = handed_in(tmp_path, right=False)
    out = tmp_path / f"marked.{ending}"
    result = httptrace("worksheet", "first-page.pcap", "--grade", path, "-o", out)
    assert f"0 of {count}" in result.text
    assert out.read_text(encoding="utf-8").count("✗") == count


def test_the_language_of_the_sheet_is_no_matter(httptrace, tmp_path):
    """What is chosen is handed in as a letter, so a sheet filled in English may be marked in Chinese."""
    path, count = handed_in(tmp_path)
    result = httptrace("worksheet", "first-page.pcap", "--grade", path, "--lang", "zh")
    assert f"{count} 空对了 {count} 空（100 %）" in result.text


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"capture": "f" * 16}, "another capture", id="another capture"),
        pytest.param({"format": "something"}, "not a file of answers", id="another format"),
        pytest.param({"version": 99}, "version", id="another version"),
        pytest.param({"stream": 9}, "no stream 9", id="another stream"),
        pytest.param({"answers": 5}, "answers", id="answers are a number"),
    ],
)
def test_files_of_answers_that_do_not_fit(httptrace, tmp_path, changes, complaint):
    path, _count = handed_in(tmp_path, **changes)
    result = httptrace("worksheet", "first-page.pcap", "--grade", path)
    assert (result.status, result.stdout) == (2, b"")
    assert complaint in result.err
    assert result.err.count("\n") == 1


def test_a_file_of_answers_has_a_bound(httptrace, tmp_path):
    path = tmp_path / "answers.json"
    path.write_bytes(b" " * (limits.ANSWERS + 1))
    result = httptrace("worksheet", "first-page.pcap", "--grade", path)
    assert result.status == 2
    assert "1,048,576 bytes" in result.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["-o", "lab.pdf"], ".html or .md", id="another kind of file"),
        pytest.param(["--key", "--grade", "x.json"], "not allowed with", id="key and grade"),
        pytest.param(["--grade", "nowhere.json"], "nowhere.json", id="no answers"),
        pytest.param(["--grade", "x.json", "--seed", "1"], "takes seed and stream", id="grade and seed"),
        pytest.param(["--stream", "0", "--stream", "1"], "one --stream", id="two streams"),
        pytest.param(["--stream", "5"], "no stream 5", id="no such stream"),
        pytest.param(["--seed", "-1"], "--seed", id="seed"),
    ],
)
def test_complaints(httptrace, arguments, complaint):
    result = httptrace("worksheet", "first-page.pcap", *arguments)
    assert (result.status, result.stdout) == (2, b"")
    assert complaint in result.err
    assert result.err.count("\n") == 1


def test_a_file_that_is_there_stays(httptrace, tmp_path):
    path = tmp_path / "lab.html"
    path.write_text("my own work")
    assert httptrace("worksheet", "first-page.pcap", "-o", path).status == 2
    assert path.read_text() == "my own work"
    assert httptrace("worksheet", "first-page.pcap", "-o", path, "--force").status == 0
    assert os.listdir(tmp_path) == ["lab.html"]


def test_a_capture_without_a_connection(httptrace, tmp_path):
    path = tmp_path / "empty.pcap"
    path.write_bytes((CAPTURES / "first-page.pcap").read_bytes()[:24])
    result = httptrace("worksheet", path)
    assert result.status == 2
    assert "no TCP connection" in result.err


def test_a_long_capture_is_taken_from_its_beginning(httptrace, monkeypatch):
    monkeypatch.setattr(limits, "LESSON_PACKETS", 40)
    result = httptrace("worksheet", path_of("slow-start"))
    assert result.status == 0
    assert "the first 40 packets" in result.err
    assert "40 packets, No1 to No40" in result.text
    assert "The end of the connection" not in result.text


def test_markdown_in_chinese_has_its_marks(httptrace) -> None:
    text = httptrace("worksheet", "first-page.pcap", "--lang", "zh").text
    assert "姓名： " in text
    assert "（没有消息体 · " in text
    assert "姓名:" not in text
