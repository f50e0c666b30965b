"""What is wrong with the data: one row per problem, and the sentence that tells it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain

import numpy as np
import pandas as pd

from perflib.data.contract import table as declared_table
from perflib.data.errors import DataError
from perflib.data.text import say
from perflib.data.units import in_english

COLUMNS = (
    "severity", "rule", "table", "column", "file", "sheet", "row", "cell",
    "district", "year", "key", "found", "expected",
)  # fmt: skip
LISTED = ("missing_column", "other_column")  # rules that found several words, a line each
SHOWN = 3  # sentences of a kind on the terminal; all are in the workbook of `perflib check`


@cache
def _none() -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series(dtype=_dtype(c)) for c in COLUMNS})


def _dtype(name: str) -> str:
    return "Int64" if name in ("row", "year") else "str"


def none() -> pd.DataFrame:
    """A report without problems."""
    return _none().copy(deep=False)


def letter(position: int) -> str:
    """Letters of the 0-based column, as a spreadsheet shows it.

    >>> letter(0), letter(27)
    ('A', 'AB')
    """
    before, last = divmod(position, 26)
    return (letter(before - 1) if before else "") + chr(65 + last)


def report(
    rule: str, severity: str, table: str, column: str = "", *, count: int = 1, **fields
) -> pd.DataFrame:
    """`count` problems of one rule; `fields` are scalars or arrays for the other columns."""
    given = {"severity": severity, "rule": rule, "table": table, "column": column, **fields}
    if not count:
        return none()
    columns = {}
    for name in COLUMNS:
        value = given.get(name, pd.NA if name in ("row", "year") else "")
        values = list(value) if isinstance(value, (np.ndarray, pd.Series, list)) else [value] * count
        columns[name] = pd.Series(values, dtype=_dtype(name) if name in ("row", "year") else "object")
    return pd.DataFrame(columns).astype({c: _dtype(c) for c in COLUMNS})


def join(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All parts under each other."""
    parts = [p for p in parts if len(p)]
    return pd.concat(parts, ignore_index=True) if parts else none()


def place(row: Mapping, lang: str) -> str:
    """Where a problem lies, in words: file, sheet, cell or row."""
    file, sheet, cell = (str(row[k]) if pd.notna(row[k]) else "" for k in ("file", "sheet", "cell"))
    known = {"file": file, "sheet": sheet, "cell": cell, "row": row["row"]}
    kind = "cell" if cell else "row" if pd.notna(row["row"]) else "file"
    return say(f"check.place_{'sheet_' if sheet else ''}{kind}", lang, **known)


def _expected(row: Mapping, lang: str) -> str:
    if row["expected"]:
        return row["expected"]
    if not row["column"]:
        return ""
    column = declared_table(row["table"])[row["column"]]
    if column.choices:
        return say("check.expect_choice", lang, values=" / ".join(c.label(lang) for c in column.choices))
    return say(f"check.expect_{column.kind}", lang)


def sentence(row: Mapping, lang: str) -> str:
    """The problem in `row` of a report, told in `lang`."""
    table = declared_table(row["table"]) if row["table"] else None
    column = table[row["column"]] if table and row["column"] else None
    comma = say("show_report.comma", lang)
    label = column.label(lang) if column else ""
    # a head that reads so is another column's
    if label and label.casefold() in row["found"].casefold().split("\n"):
        label = f"{label} ({column.name})"
    told = str if lang == "zh" else in_english
    found = told(row["found"].replace("\n", comma) if row["rule"] in LISTED else row["found"])
    about = {"place": place(row, lang), "table": table.label(lang) if table else "", "column": label}
    about |= {"item": row["key"], "district": row["district"], "year": row["year"]}
    return say(f"check.{row['rule']}", lang, found=found, expected=told(_expected(row, lang)), **about)


def kind_label(rule: str, lang: str) -> str:
    """What findings of `rule` are called together."""
    return say(f"check_kinds.{rule}", lang)


def listed(found: pd.DataFrame, lang: str, *, shown: int = SHOWN) -> list[list[str]]:
    """Findings in words: for each kind its name and number, and the first `shown` of it."""
    out = []
    for rule, rows in found.groupby("rule", sort=False):
        first = enumerate(rows.head(shown).to_dict("records"), 1)
        told = [f"    {i}. {sentence(row, lang)}" for i, row in first]
        out.append([f"  {kind_label(rule, lang)} ({len(rows):,})", *told])
    return out


class CheckError(DataError):
    """Everything that keeps the data from being used, at once; `problems` lists all."""

    def __init__(self, problems: pd.DataFrame, *, relaxable: Sequence[str] = ()):
        self.problems = problems[problems["severity"] == "error"].reset_index(drop=True)
        self.others = problems[problems["severity"] != "error"].reset_index(drop=True)
        self.relaxable = [r for r in relaxable if (self.problems["rule"] == r).any()]
        super().__init__("check.failed", count=len(self.problems))

    @property
    def lacks_keys(self) -> set[str]:
        """Which of `district` and `year` a row or a table lacks."""
        is_lacking = self.problems["rule"].isin(["missing_column", "unstated_column", "empty_required"])
        return {"district", "year"} & set(self.problems.loc[is_lacking, "column"])

    def remedies(self, lang: str) -> list[str]:
        """What a mapping or the command can do about it."""
        words = ", ".join(f'"{rule}"' for rule in self.relaxable)
        told = [say("check.relax_remedy", lang, words=words)] if words else []
        return told + ([say("check.give_remedy", lang)] if self.lacks_keys else [])

    def head(self, lang: str) -> str:
        """How many problems there are."""
        count = len(self.problems)
        return say("check.failed_one" if count == 1 else "check.failed", lang, count=count)

    def sentence(self, lang: str) -> str:
        """The first problems of each kind, one a line, and how many more there are."""
        if len(self.problems) == 1:
            return "\n".join([sentence(self.problems.iloc[0], lang), *self.remedies(lang)])
        kinds = listed(self.problems, lang)
        rest = len(self.problems) - sum(len(lines) - 1 for lines in kinds)
        tail = [say("check.more", lang, count=rest)] if rest else []
        return "\n".join([self.head(lang), *chain(*kinds), *tail, *self.remedies(lang)])
