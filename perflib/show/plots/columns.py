"""What plots ask of a frame: the columns that they name, and how these are called in print."""

import difflib

import pandas as pd

from perflib.data.errors import ArgumentError, PerflibError
from perflib.show.labels import column


def need(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """`frame` itself, when it has all columns `names`; else ArgumentError, with those there are and the nearest."""
    for name in names:
        if name not in frame.columns:
            known = [str(c) for c in frame.columns]
            near = next(iter(difflib.get_close_matches(str(name), known, n=1)), "—")
            raise ArgumentError("show_errors.unknown_column", column=name, known=", ".join(known), near=near)
    return frame


def given(frame: pd.DataFrame, **names: str | None) -> list[str | None]:
    """The columns asked for by argument: None for one that bears its argument's own name (the default) and isn't there."""
    asked = [
        None if name == key and name not in frame.columns else name or None for key, name in names.items()
    ]
    need(frame, *filter(None, asked))
    return asked


def called(name: str, lang: str) -> str:
    """The label of a column; of one that nobody declared, its own name."""
    try:
        return column(name).label(lang)
    except PerflibError:
        return str(name)


def unit_of(name: str) -> str:
    """The declared unit of a column; a column that nobody declared is read as a plain number."""
    try:
        return column(name).unit or "ratio"
    except PerflibError:
        return "share" if name in SHARES else "ratio"


SHARES = ("rate", "low", "high")
