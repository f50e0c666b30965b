"""Every sentence that perflib says, in Chinese and in English, from `text/topics/*.toml`."""

import tomllib
from collections.abc import Iterable
from functools import cache

from perflib.data.places import shared_folder

_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
LANGUAGES = tuple(_LOCALES)


def locale_of(lang: str) -> str:
    """The locale of `lang`; ArgumentError for another language."""
    if lang not in LANGUAGES:
        from perflib.data.errors import ArgumentError  # errors say their sentences by this module

        raise ArgumentError("reading.unknown_language", found=lang)
    return _LOCALES[lang]


@cache
def _topic(name: str) -> dict:
    return tomllib.loads((shared_folder("text/topics") / f"{name}.toml").read_text("utf-8"))


def say(key: str, lang: str, **fields) -> str:
    """Sentence `key` ("topic.name") in `lang` ("zh" or "en"), its fields filled in.

    Raises ArgumentError for another language; KeyError for an unknown key or field, which is a fault of ours.
    """
    locale_of(lang)
    topic, _, name = key.partition(".")
    return _topic(topic)[name][lang].format(**fields)


def spans(numbers: Iterable[int], lang: str = "en") -> str:
    """Whole numbers as they are listed, ascending, those that follow each other as a span.

    >>> spans([2019, 2020, 2021, 2023], "en")
    '2019–2021, 2023'
    """
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return say("show_report.comma", lang).join(f"{s[0]}–{s[-1]}" if len(s) > 1 else str(s[0]) for s in found)


@cache
def has_text(key: str) -> bool:
    """Whether a sentence is declared under `key`."""
    topic, _, name = key.partition(".")
    return (shared_folder("text/topics") / f"{topic}.toml").is_file() and name in _topic(topic)


def topic_keys(topic: str) -> tuple[str, ...]:
    """Keys of all sentences of a topic."""
    return tuple(_topic(topic))
