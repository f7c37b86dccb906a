"""`explain`: what is found under which name, and how it is printed."""

from __future__ import annotations

import re

import pytest

from httptrace import lang
from httptrace.errors import UsageError
from httptrace.outputs.explanation import explain
from httptrace.outputs.wrap import cell_width
from httptrace.teach.reference import KINDS, entries, find


@pytest.mark.parametrize(
    ("what", "names"),
    [
        pytest.param("404", ["404"], id="status-code"),
        pytest.param("404 Not Found", ["404"], id="status-with-reason"),
        pytest.param("not found", ["404"], id="reason-alone"),
        pytest.param("HTTP/1.1 503 Service Unavailable", ["503"], id="status-line"),
        pytest.param("5XX", ["5xx"], id="class-any-case"),
        pytest.param("content-TYPE", ["Content-Type", "content type"], id="field-any-case"),
        pytest.param("Content-Length: 22", ["Content-Length"], id="field-with-value"),
        pytest.param("get", ["GET"], id="method-any-case"),
        pytest.param("LINK", ["LINK", "Link"], id="exact-case-first"),
        pytest.param("Link", ["Link", "LINK"], id="exact-case-first-too"),
        pytest.param("text/html; charset=utf-8", ["text/html"], id="type-with-parameters"),
        pytest.param(".PNG", ["image/png"], id="extension"),
        pytest.param("png", ["image/png"], id="extension-without-dot"),
        pytest.param("index.html", ["text/html"], id="file-name"),
        pytest.param("SYN", ["SYN"], id="flag"),
        pytest.param("SYN,ACK", ["SYN,ACK"], id="flags"),
        pytest.param("ACK, SYN", ["SYN,ACK"], id="flags-in-any-order"),
        pytest.param("syn-ack", ["SYN,ACK"], id="flags-with-hyphen"),
        pytest.param("SA", ["SYN,ACK"], id="letters-of-packets"),
        pytest.param("FP", ["PSH", "FIN"], id="flags-without-a-name-of-their-own"),
        pytest.param("dup-ack", ["dup-ack"], id="analysis"),
        pytest.param("duplicate ack", ["dup-ack"], id="analysis-by-its-name"),
        pytest.param("content-gap", ["content-gap"], id="note"),
        pytest.param("time_wait", ["TIME-WAIT"], id="state-with-underscore"),
        pytest.param("Three Way Handshake", ["three-way handshake"], id="term-with-spaces"),
        pytest.param("三次握手", ["three-way handshake"], id="term-in-chinese"),
        pytest.param("trailer", ["trailer section", "Trailer"], id="a-term-and-a-field"),
        pytest.param("keep-alive", ["keep-alive", "persistent connection", "Keep-Alive"], id="three-meanings"),
        pytest.param("gzip", ["gzip"], id="coding"),
        pytest.param("no such thing", [], id="unknown"),
        pytest.param("", [], id="empty"),
        pytest.param("999", [], id="no-class"),
    ],
)
def test_find(what: str, names: list[str]) -> None:
    assert [entry.name for entry in find(what)] == names


ALL_NAMES = [entry.name for kind in KINDS for entry in entries(kind)]


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_everything_prints_within_the_width(language: str, width: int) -> None:
    for name in ALL_NAMES:
        text = explain(name, language, width)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert "\N{NO-BREAK SPACE}" not in text  # nobody could copy a name that has one
        samples = {line.strip() for entry in find(name) for both in entry.samples for line in both.splitlines()}
        too_long = [line for line in text.splitlines() if cell_width(line) > width and line.strip() not in samples]
        assert too_long == []


def test_samples_fit_80_columns() -> None:
    for kind in KINDS:
        for entry in entries(kind):
            for sample in entry.samples:
                assert [line for line in sample.splitlines() if cell_width(line) > 74] == []


def test_an_entry_in_english() -> None:
    text = explain("503", "en", 80)
    assert text.splitlines()[0] == "503 Service Unavailable · status code: 5xx server error"
    assert "Header fields  Retry-After" in text
    assert "Source         RFC 9110 §15.6.4" in text
    assert not re.search("[\u4e00-\u9fff]", text)


def test_an_entry_in_chinese() -> None:
    text = explain("503", "zh", 80)
    assert text.splitlines()[0] == "503 Service Unavailable · 状态码：服务不可用（5xx 服务器错误）"
    assert "首部字段  Retry-After" in text
    assert explain("SYN", "zh").count("三次握手") >= 1


def test_the_language_in_use_is_the_default() -> None:
    with lang.speaking("zh"):
        assert explain("ACK") == explain("ACK", "zh")
    assert explain("ACK") == explain("ACK", "en")


def test_a_code_that_is_not_registered_counts_as_its_class() -> None:
    text = explain("299", "en")
    assert "treats it as 200" in text.replace("\n", " ")
    assert "2xx · status code: success" in text


@pytest.mark.parametrize(
    ("what", "name"),
    [
        pytest.param("retransmision", "retransmission", id="misspelt"),
        pytest.param("Contnet-Type", "Content-Type", id="letters-swapped"),
        pytest.param("handshak", "three-way handshake", id="cut-short"),
        pytest.param("握", "three-way handshake", id="part-in-chinese"),
    ],
)
def test_what_is_unknown_is_said_with_names_that_look_alike(what: str, name: str) -> None:
    with pytest.raises(UsageError, match=name) as raised:
        explain(what, "en")
    assert raised.value.exit_status == 2
    assert "\n" not in str(raised.value)


def test_control_characters_do_not_come_back() -> None:
    with pytest.raises(UsageError) as raised:
        explain("\x1b[31mred\n", "en")
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_without_an_argument_the_topics_are_listed(language: str) -> None:
    text = explain(None, language, 80)
    listed = "".join(text.split())  # no-break spaces go too
    titles = [entry.titles[1] for entry in entries("term") if language == "zh" and len(find(entry.name)) == 1]
    names = [entry.name for kind in KINDS if kind != "term" or language == "en" for entry in entries(kind)]
    assert [name for name in [*names, *titles] if "".join(name.split()) not in listed] == []
    assert all(cell_width(line) <= 80 for line in text.splitlines())


def test_colour_adds_escape_sequences_and_nothing_else() -> None:
    coloured = explain("Content-Type", "en", 80, colour=True)
    assert "\x1b[1mContent-Type\x1b[0m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == explain("Content-Type", "en", 80)
