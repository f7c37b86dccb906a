"""Help and complaints: argparse's own words in the language asked for, in lines that fit."""

from __future__ import annotations

import argparse
import re

import pytest

from httptrace.cli import arguments, bounds, parser
from httptrace.lang import speaking
from httptrace.outputs.wrap import cell_width


def help_of(httptrace, *command: str) -> str:
    with pytest.raises(SystemExit) as ended:
        httptrace(*command)
    assert ended.value.code == 0
    out, _ = httptrace._capture.readouterr()
    return out.decode()


@pytest.mark.parametrize("verb", ["", *arguments.VERBS])
def test_help_in_chinese_has_no_english_of_argparse(httptrace, verb):
    text = help_of(httptrace, *filter(None, [verb]), "--help", "--lang=zh")
    assert text.startswith("用法：httptrace")
    assert "选项" in text
    assert not re.search(r"usage:|positional|options:|this help|and exit", text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("verb", ["", *arguments.VERBS])
def test_help_fits_80_columns(httptrace, verb, language, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = help_of(httptrace, *filter(None, [verb]), "--help", f"--lang={language}")
    assert [line for line in text.splitlines() if cell_width(line) > 80] == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param(["list"], "缺少必需的参数：FILE", id="required"),
        pytest.param(["list", "--format", "xml", "x"], "参数 --format：没有 'xml' 这一项（可选：", id="choice"),
        pytest.param(["list", "x", "--format"], "参数 --format：后面需要一个值", id="value"),
        pytest.param(["list", "--s", "1", "x"], "选项 --s 有歧义，可能是 --status", id="ambiguous"),
        pytest.param(["show", "--headers", "--body", "x"], "不能与 --headers 同时使用", id="exclusive"),
        pytest.param(["walk", "--all=1", "x"], "参数 --all：不接受值 '1'", id="flag-with-a-value"),
        pytest.param(["list", "x", "--foo"], "无法识别的参数：--foo", id="unknown"),
    ],
)
def test_complaints_in_chinese(httptrace, command, said):
    result = httptrace(*command, "--lang=zh")
    assert (result.status, result.stdout) == (2, b"")
    assert said in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("verb", ["list", "live", "quiz", "walk"])
def test_bounds_come_last_in_help_one_a_line(httptrace, verb):
    behind = help_of(httptrace, verb, "--help").partition("\nmemory:\n")[2]
    names = [line.split("=")[0].strip() for line in behind.splitlines() if "=" in line]
    assert names == ["--bounds NAME", *bounds.NAMES]


def test_headings_in_chinese_have_its_colon(httptrace):
    lines = help_of(httptrace, "list", "--help", "--lang=zh").splitlines()
    assert "位置参数：" in lines
    assert [line for line in lines if line.endswith(":")] == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param(["lst", "first-page.pcap"], "no file and no command lst; perhaps: list", id="command"),
        pytest.param(["list", "x", "--statsu=4xx"], "perhaps: --status (httptrace list --help)", id="option"),
        pytest.param(["list", "x", "--zzz"], "arguments: --zzz (httptrace list --help)", id="nothing-near"),
        pytest.param(
            ["first-page.pcap", "--why"],
            "--why goes with a command: httptrace walk captures/first-page.pcap --why",
            id="option-of-a-command",
        ),
        pytest.param(["first-page.pcap", "--zzz"], "arguments: --zzz (httptrace --help)", id="option-of-none"),
        pytest.param(["lost.pcap"], "lost.pcap: cannot be opened", id="no-file"),
    ],
)
def test_what_was_meant_is_said(httptrace, command, said):
    result = httptrace(*command)
    assert (result.status, result.stdout) == (2, b"")
    assert said in result.err


def test_english_comes_back_behind_chinese(httptrace):
    httptrace("list", "--lang=zh")
    assert "the following arguments are required: FILE" in httptrace("list", "--lang=en").err


@pytest.mark.parametrize("text", parser.OF_ARGPARSE)
def test_argparse_still_says_it(text):
    """A word that argparse no longer looks up would come out in English."""
    with open(argparse.__file__, encoding="utf-8") as file:
        assert repr(text)[1:-1] in file.read()


def test_the_usage_stands_under_itself_behind_a_wide_prefix():
    with speaking("zh"):
        parser.speak()
        made = parser.Parser(prog="httptrace")
        for number in range(12):
            made.add_argument(f"--option-{number}")
        first, *rest = made.format_usage().splitlines()
    assert {cell_width(line) - cell_width(line.lstrip()) for line in rest} == {cell_width("用法：httptrace ")}
    assert cell_width(first) <= 80
