"""The page's words: each that is used is there, each that is there is used, in both languages."""

from __future__ import annotations

import re

from httptrace import lang
from httptrace.outputs.report import texts
from httptrace.outputs.report.statistics import Statistics
from tests.outputs.report.made import ROOT

FOLDER = ROOT / "httptrace" / "outputs" / "report"
SOURCES = "".join(path.read_text(encoding="utf-8") for path in [*FOLDER.glob("js/*.js"), FOLDER / "report.html.j2"])


def used() -> tuple[set[str], set[str]]:
    """The keys that the sources name, and the beginnings of those that they put together."""
    plain = set(re.findall(r"""["'= ]([a-z]+(?:[A-Z][a-zA-Z]*|\.[a-zA-Z.]+)*)["' ]""", SOURCES))
    begun = set(re.findall(r"""["`=]([a-z]+\.)(?:\$\{|\{\{|" ~)""", SOURCES))
    return plain, begun


def test_every_word_is_used() -> None:
    plain, begun = used()
    unused = [key for key in texts.words() if key not in plain and not any(key.startswith(part) for part in begun)]
    assert unused == []


def test_every_word_asked_for_is_there() -> None:
    words = texts.words()
    asked = set(re.findall(r"""\bword\("([^"]+)"[,)]""", SOURCES)) | set(
        re.findall(r'data-word="([a-zA-Z.]+)"', SOURCES)
    )
    asked |= {pair.split("=")[1] for one in re.findall(r'data-words="([^"{]+)"', SOURCES) for pair in one.split()}
    assert len(asked) > 80
    assert asked - words.keys() == set()


def test_both_languages_say_everything() -> None:
    english = texts.words()
    with lang.speaking("zh"):
        chinese = texts.words()
    assert english.keys() == chinese.keys()
    same = {key for key in english if english[key] == chinese[key]}
    assert same == {"column.url", "head.rtt", "phase.tls"}


def test_what_occurs_is_explained_in_both_languages() -> None:
    found = texts.terms({"field": {"content-type", "x-nobody-knows"}, "status": {"404"}, "note": {"content-gap"}})
    assert found["field"].keys() == {"content-type"}
    (title, text), (titel, _chinese), rfc = found["status"]["404"]
    assert (title, rfc[:8]) == ("Not Found", "RFC 9110")
    assert text
    assert titel != title
    assert {"syn", "ack", "rst"} <= found["flag"].keys()
    assert "time-wait" in found["state"]


def test_every_fact_of_the_statistics_has_a_word() -> None:
    words = texts.words()
    named = set(re.findall(r'\["([a-zA-Z]+)", (?:number|size|duration)\(', SOURCES))
    assert {f"fact.{name}" for name in named} <= words.keys()
    assert {"statuses", "slowest", "median"} <= Statistics().numbers().keys()
