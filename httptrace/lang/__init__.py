"""The language that httptrace speaks: English as written in the source, or a gettext catalogue beside it.

Texts are looked up when they are used, not when a module is imported, so one process can speak both
languages: the report is rendered in each, and :func:`speaking` switches for a block. What is chosen lives in
a context variable: it holds for the current thread or task, and a thread that is started later begins in
English unless it runs in a copy of its parent's context.

A text whose catalogue or entry is missing comes out in English; nothing here raises for the sake of a
translation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from httptrace.errors import Said

if TYPE_CHECKING:
    from gettext import NullTranslations

#: The languages there are, the source's own first.
LANGUAGES = ("en", "zh")

_DOMAIN = "httptrace"
_catalogues: dict[str, NullTranslations] = {}  # read once: a catalogue never changes while a program runs
_current: ContextVar[NullTranslations | None] = ContextVar("httptrace_catalogue", default=None)  # None: English
_language: ContextVar[str] = ContextVar("httptrace_language", default="en")


def use(language: str | None = None) -> str:
    """The language now in use, after choosing `language`, or what the locale asks for where it is None.

    Any spelling of a tag will do: `zh`, `zh_CN.UTF-8`, `zh-Hans`. A language that httptrace does not speak is
    English.
    """
    chosen = from_environment() if language is None else (recognise(language) or "en")
    _language.set(chosen)
    _current.set(None if chosen == "en" else _catalogue(chosen))
    return chosen


def current() -> str:
    """The language in use, one of :data:`LANGUAGES`."""
    return _language.get()


@contextmanager
def speaking(language: str | None) -> Iterator[str]:
    """The language chosen for a `with` block; the one before comes back behind it."""
    tokens = _language.set(_language.get()), _current.set(_current.get())
    try:
        yield use(language)
    finally:
        _language.reset(tokens[0])
        _current.reset(tokens[1])


def _(text: str) -> str:
    """`text` in the current language."""
    catalogue = _current.get()
    return text if catalogue is None or not text else catalogue.gettext(text)


def ngettext(one: str, many: str, n: int) -> str:
    """The form of a text that fits the number `n`."""
    catalogue = _current.get()
    if catalogue is None:
        return one if n == 1 else many
    return catalogue.ngettext(one, many, n)


def pgettext(context: str, text: str) -> str:
    """`text` as it is meant in `context`, where the same English word has two translations."""
    catalogue = _current.get()
    return text if catalogue is None else catalogue.pgettext(context, text)


def told(text: str) -> str:
    """A text out of a room that knows no languages, in the current one; whatever else `text` is, it stays."""
    if not isinstance(text, Said) or _current.get() is None:
        return str(text)
    values = {name: told(value) if isinstance(value, Said) else value for name, value in text.values.items()}
    return _(text.template).format(**values)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for the marker
    """`text` itself: marks it for the catalogue where it stands in a table, to be translated when printed."""
    return text


def recognise(tag: str) -> str | None:
    """Which of :data:`LANGUAGES` a language tag or locale name means, or None.

    Every Chinese is `zh`: a reader of Traditional script is better served by Simplified than by English.
    """
    name = tag.strip().replace("-", "_").partition(".")[0].partition("@")[0]
    primary = name.partition("_")[0].lower()
    if primary.startswith("chinese"):  # Windows: "Chinese (Simplified)_China"
        return "zh"
    if primary.startswith("english"):
        return "en"
    return primary if primary in LANGUAGES else None


def from_environment(environment: Mapping[str, str] | None = None) -> str:
    """The language that the locale asks for, English where it asks for none that httptrace speaks.

    The locale is the first that is set of LC_ALL, LC_MESSAGES and LANG; LANGUAGE, a list with colons, goes
    before it, but not in the locale "C" (both as gettext has it). Windows sets none of them: there the user's
    own locale counts.
    """
    import os

    environment = os.environ if environment is None else environment
    names = [environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    locale_name = next((name for name in names if name), "")
    if not locale_name and os.name == "nt":
        import locale

        locale_name = locale.getlocale()[0] or ""
    if locale_name.partition(".")[0] in ("C", "POSIX"):
        return "en"
    for tag in [*environment.get("LANGUAGE", "").split(":"), locale_name]:
        language = recognise(tag)
        if language:
            return language
    return "en"


def _catalogue(language: str) -> NullTranslations | None:
    """The compiled catalogue of a language, or None where it is missing or damaged."""
    if language not in _catalogues:
        from gettext import GNUTranslations

        path = Path(__file__).parent / language / "LC_MESSAGES" / f"{_DOMAIN}.mo"
        try:
            with path.open("rb") as file:
                _catalogues[language] = GNUTranslations(file)
        except (OSError, ValueError):
            return None
    return _catalogues[language]
