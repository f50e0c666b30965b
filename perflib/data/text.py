"""Every sentence that perflib says, in Chinese and in English, from `text/topics/*.toml`."""

import tomllib
from functools import cache

from perflib.data.places import shared_folder

LANGUAGES = ("zh", "en")


@cache
def _topic(name: str) -> dict:
    return tomllib.loads((shared_folder("text/topics") / f"{name}.toml").read_text("utf-8"))


def say(key: str, lang: str, **fields) -> str:
    """Sentence `key` ("topic.name") in `lang` ("zh" or "en"), its fields filled in.

    Raises KeyError for an unknown key, language or field: those are faults of ours, not the user's.
    """
    topic, _, name = key.partition(".")
    return _topic(topic)[name][lang].format(**fields)


def has_text(key: str) -> bool:
    """Whether a sentence is declared under `key`."""
    topic, _, name = key.partition(".")
    return (shared_folder("text/topics") / f"{topic}.toml").is_file() and name in _topic(topic)


def topic_keys(topic: str) -> tuple[str, ...]:
    """Keys of all sentences of a topic."""
    return tuple(_topic(topic))
