"""What became of the rows of a source: read, used, repaired, set aside and doubted, with every cent accounted for."""

import os
import re
from typing import NamedTuple

import pandas as pd

from perflib.data.book import Book, load_book
from perflib.data.contract import tables
from perflib.data.problems import CheckError, sentence

EXAMPLE = 60  # characters of an example
_PLACE, _PARTS = ["file", "sheet", "table"], ("read", "kept", "merged", "set_aside")


class Quality(NamedTuple):
    """What `quality` finds: plain frames on the whole source, all districts and years."""

    # one row: rows and money read, used, set aside and unaccounted for; repairs, warnings
    totals: pd.DataFrame
    # one per file and sheet: table, rows_read, rows_kept, rows_merged, rows_set_aside, unit, sha256
    sheets: pd.DataFrame
    money: pd.DataFrame  # one per sheet and amount column: read, kept, amount_set_aside, difference
    repairs: pd.DataFrame  # one per table, column and kind: count, example
    set_aside: pd.DataFrame  # one per row that was not used: file, sheet, row, table, reason, key
    warnings: pd.DataFrame  # one per warning: table, rule, sentence


def quality(book: Book) -> Quality:
    """How the tables of `book` came to be, told in its language.

    >>> import perflib as pf
    >>> totals = pf.quality(pf.load("sample")).totals
    >>> totals[["rows_difference", "amount_difference"]].iloc[0].tolist()
    [0.0, 0.0]
    """
    about = book.inputs[["file", "sheet", "unit", "encoding", "sha256"]].drop_duplicates(["file", "sheet"])
    sheets = book.reconciliation[[*_PLACE, *(f"rows_{part}" for part in _PARTS)]]
    sheets = sheets.merge(about.rename(columns={"unit": "money_unit"}), on=["file", "sheet"], how="left")
    money, repairs = amount_differences(book.reconciliation), _repairs(book)
    rows = {f"rows_{part}": int(sheets[f"rows_{part}"].sum()) for part in _PARTS}
    found = {
        **rows,
        "rows_difference": rows["rows_read"] - sum(rows[f"rows_{part}"] for part in _PARTS[1:]),
        "amount_difference": float(money["difference"].abs().sum()),
        "repairs": int(repairs["count"].sum()),
        "warnings": len(book.warnings),
        "tables": sum(book.has(name) for name in tables()),
        "counted": rows["rows_read"],
    }
    return Quality(pd.DataFrame([found]), sheets, money, repairs, book.set_aside, _warnings(book))


def check(
    data: str | os.PathLike = "sample", *, district: str | int = "", year: int = 0, lang: str = "zh"
) -> pd.DataFrame:
    """Everything that reading `data` finds, one row per finding; sound data has none of severity "error".

    Columns: `severity` (error, warning, doubt), `rule`, `table`, `column`, `file`, `sheet`, `row`, `cell`, `district`,
    `year`, `key`, `found`, `expected` and, in `lang`, the `sentence` that says what to do. `data`, `district` and
    `year` are those of `load`, which refuses data with errors. Raises DataError where no table can be read at all.

    >>> import perflib as pf
    >>> found = pf.check("sample", lang="en")
    >>> found["severity"].eq("error").sum().item(), "rule" in found
    (0, True)
    """
    table, _ = findings(data, district=district, year=year)
    told = [sentence(row, lang) for row in table.to_dict("records")]
    return table.assign(sentence=pd.Series(told, dtype="str"))


def findings(
    data: str | os.PathLike, *, district: str | int = "", year: int = 0
) -> tuple[pd.DataFrame, Book | CheckError]:
    """Everything that reading `data` finds, one row each, and its book or the error that keeps it from being one."""
    try:
        book = load_book(data, district=district, year=year)
    except CheckError as error:
        return pd.concat([error.problems, error.others], ignore_index=True), error
    return pd.concat([book.warnings, book.doubts], ignore_index=True), book


def amount_differences(reconciliation: pd.DataFrame) -> pd.DataFrame:
    """One row per file, sheet, table and amount column: money read, used, set aside and unaccounted for.

    Amounts in the main unit of currency; `difference` = read − used − set aside, exact to the cent.
    """
    names = [c.removesuffix("_read") for c in reconciliation if c.endswith("_read") and c != "rows_read"]
    cents = ["read", "kept", "amount_set_aside", "difference"]
    parts = [
        reconciliation[_PLACE].assign(
            amount_column=name, read=reconciliation[f"{name}_read"], kept=reconciliation[f"{name}_kept"],
            amount_set_aside=reconciliation[f"{name}_set_aside"],
        )
        for name in names
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=[*_PLACE, "amount_column", *cents]).astype(
            dict.fromkeys(cents, "float64")
        )
    long = pd.concat(parts, ignore_index=True).dropna(subset=["read"])
    long["difference"] = long["read"] - long["kept"] - long["amount_set_aside"]
    long[cents] = long[cents].astype("float64") / 100
    return long.sort_values([*_PLACE, "amount_column"], ignore_index=True)


def _repairs(book: Book) -> pd.DataFrame:
    """Counts by table, column and kind, the most first; an example of each as far as it can be printed."""
    grouped = book.repairs.groupby(["table", "column", "kind"], as_index=False, sort=True)
    table = grouped.agg(count=("count", "sum"), example=("example", "first"))
    table = table.assign(example=table["example"].map(_printable), repair="repair_" + table["kind"])
    return table.sort_values("count", ascending=False, kind="stable", ignore_index=True)


def _printable(text: object) -> str:
    """`text` without control characters, which a repaired cell may have held, cut to `EXAMPLE`."""
    shown = "".join(c for c in str(text) if c.isprintable())
    return shown if len(shown) <= EXAMPLE else f"{shown[:EXAMPLE]}…"


def _warnings(book: Book) -> pd.DataFrame:
    told = [_quoted(sentence(row, book.lang), book.lang) for row in book.warnings.to_dict("records")]
    return book.warnings[["table", "rule", "district", "year"]].assign(sentence=pd.Series(told, dtype="str"))


def _quoted(text: str, lang: str) -> str:
    """The backticks of a terminal's sentence as quotation marks."""
    left, right = ("“", "”") if lang == "zh" else ("\u2018", "\u2019")
    return re.sub(r"`([^`]*)`", rf"{left}\1{right}", text)
