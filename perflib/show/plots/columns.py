"""What plots ask of a frame: the columns that they name, and how these are called in print."""

import difflib

import pandas as pd

from perflib.data.errors import ArgumentError
from perflib.show.labels import Column, column


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


def called(name: str, lang: str, frame: pd.DataFrame) -> str:
    """The label of a column; of one that nobody declared, its own name."""
    known = _declared(name, frame)
    return known.label(lang) if known else str(name)


def in_words(values: pd.Series, lang: str) -> pd.Series:
    """The codes of a declared column in words; names, and codes that nobody declared, as they are."""
    known = column(str(values.name), or_none=True)
    is_coded = known is not None and (known.choices or known.codes)
    return values.map(lambda value: known.cell(value, lang)) if is_coded else values


def unit_of(name: str, frame: pd.DataFrame) -> str:
    """The declared unit of a column; a column that nobody declared is read as a plain number."""
    known = _declared(name, frame)
    return "ratio" if known is None or known.unit in (None, "text", "date") else known.unit


def _declared(name: str, frame: pd.DataFrame) -> Column | None:
    return frame.attrs.get("columns", {}).get(name) or column(name, or_none=True)
