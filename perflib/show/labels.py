"""Human names and units of columns: from the contract for the tables, from `text/` for the rest."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from perflib.data.contract import Choice, Named, tables
from perflib.data.errors import PerflibError
from perflib.data.places import shared_folder
from perflib.data.text import has_text, say
from perflib.show.numbers import format_cell, is_missing, unit_words

ESTIMATES, INTERVAL = ("rate", "value"), ("low", "high", "low_outer", "high_outer", "se")


@dataclass(frozen=True)
class Column(Named):
    """What a column is called, the unit that its cells are in, and the topic that words its codes."""

    name: str
    zh: str
    en: str
    unit: str | None = None
    codes: str | None = None
    choices: tuple[Choice, ...] = ()
    zh_how: str = ""  # how the value is worked out
    en_how: str = ""
    open: bool = False  # a count of districts or years, which tells of no one

    def heading(self, lang: str, currency: str = "CNY") -> str:
        """The label with its unit in brackets, for a table's head."""
        label = self.label(lang)
        unit = "" if self.unit == "share" else unit_words(self.unit, lang, currency=currency)
        return say("show_tables.heading", lang, label=label, unit=unit) if unit else label

    def cell(self, value, lang: str) -> str:
        """One value as a cell prints it; codes (`no_budget`) in words."""
        if is_missing(value) or value == "":
            return "—"
        if self.choices:
            return next((c.label(lang) for c in self.choices if c.value == value), str(value))
        if self.codes == "contract":
            return _named(str(value), lang)
        keys = [f"{topic}.{value}" for topic in (self.codes or "").split()]
        key = next((k for k in keys if has_text(k)), None)
        return say(key, lang) if key else format_cell(value, self.unit, lang)


def column(name: str, *, or_none: bool = False) -> Column | None:
    """The declared column `name`. A column that nobody declared is an error: no raw name is ever printed."""
    declared = _computed().get(name) or _from_contract(name)
    if declared is None and not or_none:
        raise PerflibError("show_errors.unnamed_column", column=name)
    return declared


def columns_of(frame: pd.DataFrame, own: Mapping[str, Column] | None = None) -> dict[str, Column]:
    """What is declared of every column of `frame`; its `own` words (else `attrs["columns"]`) go before the general ones.

    The ends of an interval and a standard error are in the unit of the estimate that they belong to.
    """
    own = frame.attrs.get("columns", {}) if own is None else own
    return {name: declared(name, frame.columns, own) for name in frame.columns}


def declared(name: str, beside: Collection[str], own: Mapping[str, Column]) -> Column:
    """What is declared of column `name` of a frame that has the columns `beside`; `own` words go first."""
    found = own.get(name) or column(name)
    estimate = next((e for e in ESTIMATES if e in beside), None)
    if name in INTERVAL and estimate and name not in own:
        return replace(found, unit=(own.get(estimate) or column(estimate)).unit)
    return found


def headings(frame: pd.DataFrame, lang: str, currency: str = "CNY") -> dict[str, str]:
    """Column name to human heading, for every column of `frame`."""
    return {name: known.heading(lang, currency) for name, known in columns_of(frame).items()}


def printed_rows(frame: pd.DataFrame, lang: str) -> list[list[str]]:
    """The cells of `frame` as they are printed, row by row."""
    columns = [[known.cell(v, lang) for v in frame[name]] for name, known in columns_of(frame).items()]
    return [list(row) for row in zip(*columns, strict=True)]


@cache
def _computed() -> dict[str, Column]:
    entries: dict[str, dict] = {}
    for file in sorted(shared_folder("text").glob("*.toml")):
        # "frame.column" words a cell of one page only
        declared = tomllib.loads(file.read_text("utf-8")).get("columns", {})
        own = {name: words for name, words in declared.items() if "." not in name}
        if twice := entries.keys() & own.keys():
            raise PerflibError("show_errors.column_twice", file=file.name, columns=", ".join(sorted(twice)))
        entries |= own
    return {name: Column(name, **entry) for name, entry in entries.items()}


_UNIT_OF_KIND = {
    "amount": "money", "share": "share", "score": "score", "year": "year", "integer": "count", "date": "date",
    "code": "text", "text": "text",
}  # fmt: skip


def _from_contract(name: str) -> Column | None:
    holders = [table[name] for table in tables().values() if name in table.names]
    if not holders:
        return None
    found = holders[0]
    # Tables share a name like `status` and differ in its codes: a cell of any of them is put in words.
    choices = tuple(choice for holder in holders for choice in holder.choices)
    how = (f"各行{found.zh}之和", f"sum of {found.en.lower()}") if found.kind == "amount" else ("", "")
    return Column(name, found.zh, found.en, _UNIT_OF_KIND.get(found.kind), None, choices, *how)


def _named(name: str, lang: str) -> str:
    """What table or column `name` is called; the name itself where it is neither."""
    known = tables().get(name) or column(name, or_none=True)
    return known.label(lang) if known else name


def place_name(name: str, lang: str) -> str:
    """The district as sentences and heads name it: a mere code says that it is one, and runs into no number."""
    return say("show_report.code_of_place", lang, code=name) if name.isdigit() else name


def table_label(name: str, lang: str) -> str:
    """The human name of a table of the contract; of a computed table, as it was given."""
    declared = tables().get(name)
    return declared.label(lang) if declared else name
