"""Every sentence that perflib says, in Chinese and in English, from `text/topics/*.toml`."""

import tomllib
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


@cache
def has_text(key: str) -> bool:
    """Whether a sentence is declared under `key`."""
    topic, _, name = key.partition(".")
    return (shared_folder("text/topics") / f"{topic}.toml").is_file() and name in _topic(topic)


def topic_keys(topic: str) -> tuple[str, ...]:
    """Keys of all sentences of a topic."""
    return tuple(_topic(topic))
