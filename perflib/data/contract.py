"""The tables that perflib works on, declared once in `perflib/data/contract/*.toml`.

Everything that knows a column (schema, dictionary, template, labels, header reading) asks here.
"""

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

from perflib.data.places import PACKAGE
from perflib.data.whole import sha256

Kind = Literal[
    "code", "text", "amount", "integer", "number", "share", "score", "year", "month", "date", "flag", "choice", "outline"
]  # fmt: skip
NUMERIC = ("amount", "integer", "number", "share", "score")  # kinds that are read as numbers


class Named:
    """A thing with the names `zh` and `en`, which its class declares among its fields."""

    zh: str
    en: str

    def label(self, lang: str) -> str:
        """The name in `lang`."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Choice(Named):
    """One value that a column of kind `choice` may hold, and how people write it."""

    value: str
    zh: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column(Named):
    """One column: its kind (which sets type and unit), range, default and bilingual words."""

    name: str
    kind: Kind
    zh: str
    en: str
    zh_note: str
    en_note: str
    is_filled: bool = False
    is_made: bool = False
    default: Any = None
    min: float | None = None
    max: float | None = None
    also: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()

    def note(self, lang: str) -> str:
        return self.zh_note if lang == "zh" else self.en_note

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)


@dataclass(frozen=True)
class Table(Named):
    """One table: its columns in order, the key that no two rows share, and bilingual words."""

    name: str
    zh: str
    en: str
    zh_note: str
    en_note: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_required: bool = False

    def note(self, lang: str) -> str:
        return self.zh_note if lang == "zh" else self.en_note

    def __getitem__(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def of_kind(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the columns of the given kinds, in order."""
        return tuple(c.name for c in self.columns if c.kind in kinds)


def _column(name: str, spec: dict, key: list[str]) -> Column:
    told = spec.pop("values", {}).items()
    choices = tuple(Choice(value, w["zh"], w["en"], tuple(w.get("also", ()))) for value, w in told)
    is_filled = spec.get("is_filled", False) or name in key
    return Column(
        name, choices=choices, **{**spec, "also": tuple(spec.get("also", ())), "is_filled": is_filled}
    )


@cache
def tables() -> dict[str, Table]:
    """Every table by its name, in the order in which the workbook shows them."""
    found = []
    for file in (PACKAGE / "data" / "contract").glob("*.toml"):
        spec = tomllib.loads(file.read_text("utf-8"))
        columns = tuple(_column(n, c, spec["key"]) for n, c in spec.pop("columns").items())
        order = spec.pop("order")
        found.append((order, Table(file.stem, columns=columns, **{**spec, "key": tuple(spec["key"])})))
    return {table.name: table for _, table in sorted(found, key=lambda pair: pair[0])}


def table(name: str) -> Table:
    """The declaration of table `name`; KeyError if there is none."""
    return tables()[name]


@cache
def version() -> str:
    """A short digest of all that a row must be: packed data of another version is checked anew.

    Words (labels, notes) may change without changing it.
    """
    rules = []
    for t in tables().values():
        columns = [(c.name, c.kind, c.is_filled, c.min, c.max, c.values) for c in t.columns]
        rules.append((t.name, t.key, t.is_required, columns))
    return sha256(repr(rules).encode())[:16]
