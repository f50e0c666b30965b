"""Names in a sentence: few are told, many are counted."""

from collections.abc import Iterable

from perflib.data.text import say

MOST_TOLD = 6  # names that a sentence can carry


def join_names(names: Iterable[str], lang: str, *, many: str = "show_names.many") -> str | None:
    """The names as a sentence lists them: "a, b and c", "a、b和c"; beyond six, how many there are (words `many`).

    A name that comes twice is told once. None where there is no name, as a fact wants it.

    >>> join_names(["Tetuán", "Retiro"], "en"), join_names(["Tetuán", "Retiro", "Usera"], "zh")
    ('Tetuán and Retiro', 'Tetuán、Retiro和Usera')
    """
    told = list(dict.fromkeys(str(name) for name in names))
    if len(told) > MOST_TOLD:
        return say(many, lang, count=f"{len(told):,}")
    if len(told) < 2:
        return told[0] if told else None
    return say("show_names.and", lang, first=say("show_report.comma", lang).join(told[:-1]), last=told[-1])
