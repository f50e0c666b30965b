"""The language in which perflib speaks to this user."""

from collections.abc import Mapping, Sequence

from perflib.data.errors import ArgumentError
from perflib.data.text import LANGUAGES

LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """ "zh" or "en": `--lang`, else PERFLIB_LANG, else the locale (Chinese, or English for all others).

    Only `--lang` can be wrong by mistake, and `checked_language` says so; here it is passed over.
    """
    for given in (_option(arguments), environment.get("PERFLIB_LANG", "")):
        if given in LANGUAGES:
            return given
    locale = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def _option(arguments: Sequence[str]) -> str:
    for place, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and place + 1 < len(arguments):
            return arguments[place + 1]
    return ""


def checked_choice(option: str, given: str, allowed: Sequence[str]) -> str:
    """`given`, when it is among `allowed`; otherwise an ArgumentError that lists them."""
    if given in allowed:
        return given
    raise ArgumentError("run.not_among", option=option, given=given, allowed=", ".join(allowed))
