"""Choosing a language, and looking texts up in it."""

from __future__ import annotations

import contextvars
from pathlib import Path

import pytest

from httptrace import lang
from httptrace.lang import N_, _, ngettext, pgettext
from httptrace.notes import NOTES

GAP = NOTES["content-gap"].meaning


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        pytest.param("en", "en", id="plain-tag"),
        pytest.param("zh", "zh", id="plain-chinese"),
        pytest.param("zh_CN", "zh", id="territory"),
        pytest.param("zh-CN", "zh", id="bcp47-territory"),
        pytest.param("zh-Hans", "zh", id="bcp47-script"),
        pytest.param("ZH-hans-cn", "zh", id="any-case"),
        pytest.param("zh_CN.UTF-8", "zh", id="charset"),
        pytest.param("zh_CN@pinyin", "zh", id="modifier"),
        pytest.param("zh_TW", "zh", id="traditional-gets-simplified"),
        pytest.param("en_GB.UTF-8", "en", id="english-locale"),
        pytest.param("Chinese (Simplified)_China.936", "zh", id="windows-chinese"),
        pytest.param("English_United States", "en", id="windows-english"),
        pytest.param("fr_FR", None, id="not-spoken"),
        pytest.param("", None, id="empty"),
    ],
)
def test_recognise(tag: str, language: str | None) -> None:
    assert lang.recognise(tag) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        pytest.param({}, "en", id="nothing-set"),
        pytest.param({"LANG": "zh_CN.UTF-8"}, "zh", id="lang"),
        pytest.param({"LANG": "zh_CN", "LC_MESSAGES": "en_US"}, "en", id="lc-messages-before-lang"),
        pytest.param({"LC_MESSAGES": "en_US", "LC_ALL": "zh_CN"}, "zh", id="lc-all-before-all"),
        pytest.param({"LC_ALL": "", "LANG": "zh_CN"}, "zh", id="an-empty-variable-is-unset"),
        pytest.param({"LANG": "en_US", "LANGUAGE": "zh_CN:en"}, "zh", id="language-before-the-locale"),
        pytest.param({"LANG": "en_US", "LANGUAGE": "fr:zh"}, "zh", id="first-that-is-spoken"),
        pytest.param({"LANG": "C.UTF-8", "LANGUAGE": "zh"}, "en", id="the-c-locale-ignores-language"),
        pytest.param({"LANG": "POSIX"}, "en", id="posix"),
        pytest.param({"LANG": "fr_FR.UTF-8"}, "en", id="not-spoken"),
    ],
)
def test_from_environment(environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))  # Windows asks it where no variable is set
    assert lang.from_environment(environment) == language


def test_use_none_asks_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.delenv("LANGUAGE", raising=False)
    with lang.speaking(None) as language:
        assert language == lang.current() == "zh"


def test_a_process_can_switch() -> None:
    assert _(GAP) == GAP
    with lang.speaking("zh"):
        assert _(GAP) == "消息中间有字节没有抓到"
        with lang.speaking("en"):
            assert _(GAP) == GAP
        assert lang.use("en") == "en"
        assert _(GAP) == GAP
    assert lang.current() == "en"


def test_a_language_not_spoken_is_english() -> None:
    with lang.speaking("fr") as language:
        assert language == "en"


def test_a_context_keeps_its_own_language() -> None:
    contextvars.copy_context().run(lang.use, "zh")
    assert _(GAP) == GAP


@pytest.mark.parametrize("language", lang.LANGUAGES)
def test_texts_without_an_entry_stay_as_they_are(language: str) -> None:
    with lang.speaking(language):
        assert _("no such text") == N_("no such text")
        assert _("") == ""  # not the catalogue's own head
        assert pgettext("nowhere", "no such text") == "no such text"
        assert ngettext("{n} xyzzy", "{n} xyzzies", 1) == "{n} xyzzy"
        assert ngettext("{n} xyzzy", "{n} xyzzies", 2) == "{n} xyzzies"


@pytest.mark.parametrize("content", [pytest.param(None, id="missing"), pytest.param(b"\0" * 64, id="damaged")])
def test_without_its_catalogue_all_is_english(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lang, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(lang, "_catalogues", {})
    if content is not None:
        (tmp_path / "zh" / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / "zh" / "LC_MESSAGES" / "httptrace.mo").write_bytes(content)
    with lang.speaking("zh"):
        assert _(GAP) == GAP
