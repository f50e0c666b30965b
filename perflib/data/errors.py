"""Errors that a user can mend: one sentence each, in the user's language, with an exit code."""

from collections.abc import Collection
from difflib import get_close_matches

from perflib.data.text import say


class PerflibError(Exception):
    """A fault that the user can mend, told in one sentence.

    `key` names the sentence in `text/topics`; `fields` fill it in. A field that is itself
    a `Wording`, or a function of the language, is said in the language of the sentence around it.
    """

    exit_code = 1

    def __init__(self, key: str, **fields):
        super().__init__(key, fields)
        self.key = key
        self.fields = fields

    def sentence(self, lang: str) -> str:
        said = {k: v.sentence(lang) if isinstance(v, Wording) else v for k, v in self.fields.items()}
        said = {k: v(lang) if callable(v) else v for k, v in said.items()}
        return say(self.key, lang, **said)

    def __str__(self) -> str:
        return self.sentence("en")


class ArgumentError(PerflibError):
    """What the user asked for can't be done as asked."""

    exit_code = 2


class DataError(PerflibError):
    """The user's data can't be used as it is."""

    exit_code = 3


class MissingTool(PerflibError):
    """Something that perflib needs is not on this machine."""

    exit_code = 5


class Wording:
    """A phrase that takes the language of the sentence that it stands in."""

    def __init__(self, key: str, **fields):
        self.key = key
        self.fields = fields

    def sentence(self, lang: str) -> str:
        return say(self.key, lang, **self.fields)


def did_you_mean(word: str, there: Collection[str], *, cutoff: float = 0.5) -> "Wording | str":
    """The question whether the name of `there` was meant that is like `word`; "" where none is."""
    close = get_close_matches(word, there, n=1, cutoff=cutoff)
    return Wording("run.did_you_mean", name=close[0]) if close else ""


def nearest(word: object, there) -> str:
    """The one of the names `there` that `word` is most like; a dash where there is none."""
    return next(iter(get_close_matches(str(word), [str(name) for name in there], n=1, cutoff=0)), "—")
