"""Every technical word of the walkthrough has an entry in the reference, in both languages; new words are noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from httptrace.lang import catalogue
from httptrace.teach.reference import find
from tests.teach.glossary import CAPITALS, GLOSSARY, NO_TERMS, PLACES, WORDS, Term, pattern

PLAIN = set((Path(__file__).parent / "plain_words.txt").read_text(encoding="utf-8").split())

#: Where the walkthrough's texts stand.
PLACES_OF_TEXTS = ("httptrace/outputs/narration/", "httptrace/outputs/walkthrough.py")


def texts() -> Iterator[tuple[str, str]]:
    """Each text of the walkthrough, English (of two forms the plural) and Chinese, without what stands in braces."""
    for message in catalogue.merged():
        if message.id and any(place.startswith(PLACES_OF_TEXTS) for place, _ in message.locations):
            english = message.id if isinstance(message.id, str) else message.id[-1]
            chinese = message.string if isinstance(message.string, str) else message.string[0]
            yield PLACES.sub(" ", english), PLACES.sub(" ", chinese)


TEXTS = list(texts())


def unknown(text: str) -> list[str]:
    """The words of an English text that are neither terms nor plain."""
    for one in GLOSSARY:
        text = pattern(one).sub(" ", text)
    found = [word.removesuffix("s") if word[:-1].isupper() else word for word in CAPITALS.findall(text)]
    wrong = [word for word in found if word not in NO_TERMS and not find(word)]
    text = CAPITALS.sub(" ", text)
    return wrong + [word for word in WORDS.findall(text) if len(word) > 1 and word.lower() not in PLAIN]


def test_there_are_texts() -> None:
    assert len(TEXTS) > 350
    assert all(chinese.strip() for english, chinese in TEXTS if english.strip())


@pytest.mark.parametrize(("english", "chinese"), TEXTS, ids=[english[:60] for english, _ in TEXTS])
def test_every_word_is_a_term_with_an_entry_or_plain(english: str, chinese: str) -> None:
    """A failure here: give the word an entry and a line in glossary.py, or a line in plain_words.txt."""
    assert unknown(english) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("The sender honours selective acknowledgement.", ["honours", "selective"], id="new-words"),
        pytest.param("QUIC and XYZZY", ["XYZZY"], id="capitals-without-an-entry"),
        pytest.param("Keep-Alive and X-Forgotten-Field", ["X-Forgotten-Field"], id="a-header-field"),
    ],
)
def test_a_new_word_is_noticed(text: str, words: list[str]) -> None:
    assert set(words) <= set(unknown(text))


@pytest.mark.parametrize("one", GLOSSARY, ids=[one.name for one in GLOSSARY])
def test_every_term_is_explained_in_both_languages(one: Term) -> None:
    found = find(one.name)
    assert found
    assert all(all(entry.texts) and all(entry.titles) and (entry.rfc or entry.source) for entry in found)


@pytest.mark.parametrize("one", GLOSSARY, ids=[f"{one.name}-{place}" for place, one in enumerate(GLOSSARY)])
def test_every_term_is_used_and_translated_as_one(one: Term) -> None:
    """No dead line; and where the English says it, the Chinese has its word."""
    before = GLOSSARY[: GLOSSARY.index(one)]
    used = 0
    for english, chinese in TEXTS:
        rest = english
        for other in before:
            rest = pattern(other).sub(" ", rest)
        if pattern(one).search(rest):
            used += 1
            assert any(word in chinese for word in one.chinese), (english, chinese)
    assert used


def test_no_plain_word_is_left_over() -> None:
    said = {word.lower() for english, _ in TEXTS for word in WORDS.findall(CAPITALS.sub(" ", english))}
    assert sorted(PLAIN - said) == []


def test_words_in_capitals_that_are_no_terms_are_used() -> None:
    said = {word for english, _ in TEXTS for word in re.findall(r"[A-Z]{2,}", english)}
    assert NO_TERMS - said == set()
