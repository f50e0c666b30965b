"""Lists that go out to departments and come back: what each holds, and what one that came back says."""

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from numbers import Number
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data.amounts import read_number
from perflib.data.contract import Named, table
from perflib.data.errors import DataError, Wording
from perflib.data.files import Grid, read_grids
from perflib.data.places import PACKAGE
from perflib.data.problems import letter
from perflib.data.text import LANGUAGES, say
from perflib.data.whole import sha256
from perflib.data.words import normal, read_words

RECORD = "_perflib"  # hidden: what was written, row by row, under one hash
HEAD_ROW = 3  # rows above the heads
YUAN = {"zh": 10_000, "en": 1_000}  # yuan stand in 万元, in English in thousands
TOO_MUCH = 100  # times its limit: an amount so large was written in another unit


def money_unit(currency: str, lang: str) -> str:
    """The unit of a list's money in words: 万元 (CNY thousand), or the main unit of another currency."""
    return say(f"collect.unit_{lang}", lang) if currency == "CNY" else currency


def money_scale(currency: str, lang: str) -> int:
    """Main units in one unit of a list's money."""
    return YUAN[lang] if currency == "CNY" else 1


@dataclass(frozen=True)
class ListColumn(Named):
    """One column of a list: its kind, where its answer goes, what it may at most be, what a choice calls for."""

    name: str
    kind: str
    zh: str
    en: str
    into: str = ""
    most: str = ""
    needs: dict[str, str] = field(default_factory=dict)
    choices: dict[str, tuple[str, str]] = field(default_factory=dict)

    def head(self, lang: str, currency: str) -> str:
        """What stands above the column: its name, and the unit of money."""
        unit = say("collect.in_unit", lang, unit=money_unit(currency, lang)) if self.kind == "amount" else ""
        return self.label(lang) + unit


@dataclass(frozen=True)
class ListSpec(Named):
    """A list: its table, key, locked and open columns, what a new row gets, and whom a workbook goes to."""

    name: str
    zh: str
    en: str
    table: str
    key: tuple[str, ...]
    known: tuple[ListColumn, ...]
    fill: tuple[ListColumn, ...]
    adds: dict = field(default_factory=dict)
    by: str = "department"

    @property
    def columns(self) -> tuple[ListColumn, ...]:
        """Every column in its order: the hidden key first."""
        words = [say("collect.number", lang) for lang in LANGUAGES]
        marks = ["", *(f" {n}" for n in range(2, len(self.key) + 1))]  # two heads must not be the same
        pairs = zip(self.key, marks, strict=True)
        hidden = (ListColumn(key, "code", *(word + mark for word in words)) for key, mark in pairs)
        return (*hidden, *self.known, *self.fill)


@cache
def list_specs() -> dict[str, ListSpec]:
    """Every list by its name."""
    found = tomllib.loads((PACKAGE / "data" / "lists.toml").read_text("utf-8"))
    return {name: _spec(name, spec) for name, spec in found.items()}


def _spec(name: str, spec: dict) -> ListSpec:
    def made(column: dict) -> ListColumn:
        own = column.get("choices", {})
        if column["kind"] == "choice" and not own:
            own = {c.value: [c.zh, c.en] for c in table(spec["table"])[column["into"]].choices}
        return ListColumn(**{**column, "choices": {k: tuple(v) for k, v in own.items()}})

    parts = {part: tuple(made(c) for c in spec[part]) for part in ("known", "fill")}
    rest = {k: spec[k] for k in ("adds", "by") if k in spec}
    return ListSpec(name, spec["zh"], spec["en"], spec["table"], tuple(spec["key"]), **parts, **rest)


def as_text(value) -> str:
    """The one form in which a cell is remembered and compared: numbers to six decimals, text trimmed, "" for none.

    >>> as_text(1234.5), as_text(2022), as_text(" a "), as_text(None)
    ('1234.5', '2022', 'a', '')
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if not isinstance(value, Number):
        return " ".join(unicodedata.normalize("NFKC", str(value)).split())
    return f"{round(float(value), 6) + 0.0:.6f}".rstrip("0").rstrip(".")


def fingerprint(lines: list[str]) -> str:
    """SHA-256 of the lines that the hidden sheet holds."""
    return sha256("\n".join(lines).encode())


@dataclass(frozen=True)
class Returned:
    """One list that came back: what it is, its rows as they went out, and its answers: `row` (key), `name`, `column`,
    `cell`, `was`, `is`."""

    file: str
    spec: ListSpec
    head: dict
    answers: pd.DataFrame
    faults: list[dict]
    digest: str
    sha256: str
    rows: dict[tuple, dict[str, str]]

    @property
    def identity(self) -> tuple:
        """What two versions of one list share; every copy of a questionnaire that came back is another person's."""
        about = ("purpose", "district", "year", "month", "department")
        person = self.sha256 if self.spec.name == "questionnaire" else ""
        return (*(self.head.get(k) for k in about), person)

    def decided(self) -> pd.DataFrame:
        """Of proposals: one row per project with `department`, `decision` (as it stands now), `cut` and `back`, `count`."""
        rows = pd.DataFrame(self.rows.values(), index=[key[0] for key in self.rows])
        for answer in self.answers.to_dict("records"):
            rows.loc[answer["row"][0], answer["column"]] = answer["text"]
        names = {"cut": "decided_cut", "back": "decided_take_back"}
        numbers = {k: pd.to_numeric(rows[c], errors="coerce").fillna(0.0) for k, c in names.items()}
        rows = rows.assign(department=self.head["department"], count=1, **numbers)
        return rows.loc[rows["decision"] != "", ["department", "decision", "count", *numbers]]


def read_list(path: Path) -> Returned | None:
    """The list in the workbook at `path`, with every fault in it; None for a workbook that is none.

    Raises DataError for a file that can't be opened, or whose hidden record was altered.
    """
    grids = {grid.sheet: grid for grid in read_grids(path)}
    if RECORD not in grids:
        return None
    lines = [str(row[0]) for row in grids[RECORD].cells if len(row) and str(row[0])]
    if len(lines) < 2 or fingerprint(lines[1:]) != lines[0]:
        raise DataError("collect.record_altered", file=path.name, sheet=RECORD)
    head, rows = json.loads(lines[1]), [json.loads(line) for line in lines[2:]]
    spec = list_specs()[head["purpose"]]
    grid = next((g for name, g in grids.items() if name != RECORD), None)
    if grid is None:
        raise DataError("collect.record_altered", file=path.name, sheet=RECORD)
    return _Reader(grid, spec, head, rows).read()


class _Reader:
    """The sheet of a list beside what was written: each answer read, each fault kept with its cell."""

    def __init__(self, grid: Grid, spec: ListSpec, head: dict, rows: list[list[str]]):
        self.grid, self.spec, self.head, self.faults = grid, spec, head, []
        self.lang, self.currency, self.columns = head["lang"], head["currency"], spec.columns
        self.written = {tuple(row[: len(spec.key)]): row for row in rows}

    def read(self) -> Returned:
        at = self._heads()
        found = self._rows(at) if at else []
        answers = pd.DataFrame(found, columns=["row", "name", "column", "cell", "was", "is", "text"])
        digest = sha256(
            json.dumps(answers[["row", "column", "text"]].values.tolist(), ensure_ascii=False).encode()
        )
        names = [c.name for c in self.columns]
        rows = {key: dict(zip(names, row, strict=True)) for key, row in self.written.items()}
        grid = self.grid
        return Returned(grid.file, self.spec, self.head, answers, self.faults, digest, grid.sha256, rows)

    def _fault(self, kind: str, row: int, at: int, **fields) -> None:
        place = {"file": self.grid.file, "sheet": self.grid.sheet, "cell": f"{letter(at)}{row + 1}"}
        self.faults.append({"kind": kind, **place, **fields})

    def _heads(self) -> dict[str, int]:
        """The column of the sheet under each head; found wherever it was moved to."""
        wanted = {normal(c.head(self.lang, self.currency)): c.name for c in self.columns}
        for row in range(min(len(self.grid.cells), 20)):
            words = {c: normal(v) for c, v in enumerate(self.grid.cells[row]) if isinstance(v, str)}
            found = {wanted[word]: c for c, word in words.items() if word in wanted}
            if len(found) >= 2:
                self.first = row + 1
                for column in (c for c in self.columns if c.name not in found):
                    self._fault("no_column", row, 0, column=column.head(self.lang, self.currency))
                return found if len(found) == len(self.columns) else {}
        self._fault("no_heads", 0, 0)
        return {}

    def _rows(self, at: dict[str, int]) -> list[dict]:
        seen: dict[tuple, int] = {}
        out = []
        for number in range(self.first, len(self.grid.cells)):
            cells = {n: self.grid.cells[number, c] for n, c in at.items()}
            if not any(as_text(v) for v in cells.values()):
                continue
            key = tuple(as_text(cells[k]) for k in self.spec.key)
            place = at[self.spec.key[0]], at[self.columns[len(self.spec.key)].name]
            if key not in self.written:
                told = as_text(cells[self.columns[len(self.spec.key)].name])
                self._fault("unknown_row", number, place[1], found=told)
            elif key in seen:
                self._fault("row_twice", number, place[1], found=self._name(key), first=seen[key] + 1)
            else:
                seen[key] = number
                out += self._answers(key, cells, number, at)
        for key in self.written.keys() - seen.keys():
            self._fault("row_missing", len(self.grid.cells), 0, found=self._name(key))
        return out

    def _name(self, key: tuple) -> str:
        return self.written[key][len(self.spec.key)]

    def _answers(self, key: tuple, cells: dict, number: int, at: dict[str, int]) -> list[dict]:
        was = dict(zip((c.name for c in self.columns), self.written[key], strict=True))
        out = []
        for column in self.spec.known:
            text, before = as_text(cells[column.name]), was[column.name]
            if not _same(text, before):
                self._fault("locked", number, at[column.name], found=text, expected=before)
        now = {}
        for column in self.spec.fill:
            value, is_good = self._value(column, cells, was, number, at[column.name])
            now[column.name] = value
            text = as_text(value)
            if is_good and not _same(text, was[column.name]):
                out.append({"row": key, "name": self._name(key), "column": column.name, "was": was[column.name], "is": value,
                            "cell": f"{letter(at[column.name])}{number + 1}", "text": text})  # fmt: skip
        for column in (c for c in self.spec.fill if c.needs):
            needed = column.needs.get(as_text(now[column.name]))
            if needed and not now.get(needed):
                other = next(c.label(self.lang) for c in self.spec.fill if c.name == needed)
                self._fault("needs", number, at[needed], column=other, found=as_text(cells[column.name]))
        return out

    def _value(self, column: ListColumn, cells: dict, was: dict, number: int, at: int) -> tuple[object, bool]:
        """An answer as its kind has it, money in the list's unit; whether it may stand."""
        cell = cells[column.name]
        if as_text(cell) == "":
            return None, True
        if column.kind == "text":
            return as_text(cell), True
        if column.kind == "choice":
            known = {normal(w): code for code, words in column.choices.items() for w in (*words, code)}
            if (value := known.get(normal(cell))) is None:
                words = " / ".join(words[self.lang == "en"] for words in column.choices.values())
                self._fault("no_choice", number, at, found=as_text(cell), expected=words)
            return value, value is not None
        if column.kind == "date":
            return self._date(cell, number, at)
        value, is_percent, own, is_bad = read_number(cell)
        if is_bad or value is None or (is_percent and column.kind != "share"):
            head = column.head(self.lang, self.currency)
            self._fault("no_number", number, at, found=as_text(cell), column=head)
            return None, False
        if column.kind == "amount" and own:  # the cell has a unit of its own: 5000元
            value = value * own / money_scale(self.currency, self.lang)
        if column.kind == "share" and not is_percent:
            value = value / 100 if value > 1.5 else value
        return value, self._fits(column, value, cell, was, number, at)

    def _date(self, cell, number: int, at: int) -> tuple[object, bool]:
        day = read_words(np.array([cell], dtype=object), table("findings")["closed_on"])
        if day.bad[0]:
            self._fault("no_date", number, at, found=as_text(cell))
            return None, False
        return pd.Timestamp(day.values[0]).strftime("%Y-%m-%d"), True

    def _fits(self, column: ListColumn, value: float, cell, was: Mapping, number: int, at: int) -> bool:
        most = float((was.get(column.most) if column.most else "") or "inf")
        most = {"score": 100.0, "share": 1.5}.get(column.kind, most)
        if 0 <= value <= most + 1e-6:
            return True
        is_scaled = column.kind == "amount" and money_scale(self.currency, self.lang) > 1
        kind = "magnitude" if is_scaled and value > TOO_MUCH * most else "out_of_range"
        told = {"column": column.head(self.lang, self.currency), "unit": Wording(f"collect.unit_{self.lang}")}
        self._fault(kind, number, at, found=as_text(cell), expected=as_text(most), **told)
        return False


def _same(one: str, other: str) -> bool:
    """Whether two texts are the same cell: numbers by value, a per cent as its fraction."""
    if one == other:
        return True
    numbers = [re.fullmatch(r"(-?\d+(?:\.\d+)?)(%?)", t.replace(",", "")) for t in (one, other)]
    if not all(numbers):
        return False
    a, b = (float(n[1]) / (100 if n[2] else 1) for n in numbers)
    return abs(a - b) < 1e-6
