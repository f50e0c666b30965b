"""The chapter on data quality: what was read, used, mended, set aside and doubted."""

import pandas as pd

from perflib.data import problems
from perflib.data.book import Book
from perflib.data.contract import tables as declared_tables
from perflib.data.text import say
from perflib.show.chapter import Chapter
from perflib.show.chapters.start import start_chapter
from perflib.show.figures.share_bars import share_bars
from perflib.show.labels import column, table_label
from perflib.show.theme import missing_glyphs

NAME = "10_data_quality"
EXAMPLE = 60  # characters of an example
LISTED = 1000  # warnings listed one by one; `perflib check` tells them all
PARTS = ("rows_kept", "rows_merged", "rows_set_aside")


def quality_chapter(book: Book, *, base: str, rules: str, lang: str) -> Chapter:
    """Facts, tables and the figure on how the book's tables came to be."""
    chapter = start_chapter(NAME, book, base=base, rules=rules, lang=lang)
    _add_facts(chapter, book)
    _add_inputs(chapter, book)
    _add_reconciliation(chapter, book)
    _add_repairs(chapter, book)
    _add_warnings(chapter, book)
    _add_tables(chapter, book)
    _add_figure(chapter, book)
    return chapter


def amount_differences(reconciliation: pd.DataFrame) -> pd.DataFrame:
    """One row per file, sheet, table and amount column: money read, used, set aside and unaccounted for.

    Amounts in the main unit of currency; `difference` = read − used − set aside, exact to the cent.
    """
    names = [c.removesuffix("_read") for c in reconciliation if c.endswith("_read") and c != "rows_read"]
    place = ["file", "sheet", "table"]
    parts = [
        reconciliation[place].assign(
            column=name, **{p: reconciliation[f"{name}_{p}"] for p in ("read", "kept", "set_aside")}
        )
        for name in names
    ]
    if not parts:
        return pd.DataFrame(
            columns=[*place, "amount_column", "read", "kept", "amount_set_aside", "difference"]
        )
    long = pd.concat(parts, ignore_index=True).dropna(subset=["read"])
    long["difference"] = long["read"] - long["kept"] - long["set_aside"]
    cents = ["read", "kept", "set_aside", "difference"]
    long[cents] = long[cents].astype("float64") / 100
    named = {"column": "amount_column", "set_aside": "amount_set_aside"}
    return long.rename(columns=named).sort_values([*place, "amount_column"], ignore_index=True)


def _add_facts(chapter: Chapter, book: Book) -> None:
    rows = book.reconciliation
    sums = {f"rows_{p}": int(rows[f"rows_{p}"].sum()) for p in ("read", "kept", "merged", "set_aside")}
    lost = sums["rows_read"] - sums["rows_kept"] - sums["rows_merged"] - sums["rows_set_aside"]
    off = float(amount_differences(rows)["difference"].abs().sum())
    filled = [name for name in declared_tables() if book.has(name)]
    counts = {
        "files": len(book.inputs),
        **sums,
        "rows_difference": lost,
        "repairs": int(book.repairs["count"].sum()) if len(book.repairs) else 0,
        "warnings": len(book.warnings),
        "tables": len(filled),
        "tables_missing": len(declared_tables()) - len(filled),
    }
    for id, value in counts.items():
        chapter.facts.add(id, value, unit="count", table="reconciliation", rows=len(rows))
    chapter.facts.add("amount_difference", off, unit="money", table="reconciliation", rows=len(rows))
    chapter.key_facts("rows_read", "rows_kept", "rows_set_aside")


def _add_inputs(chapter: Chapter, book: Book) -> None:
    inputs = book.inputs.rename(columns={"unit": "money_unit"})
    chapter.add_table("inputs", inputs[["file", "sheet", "rows", "money_unit", "encoding"]])
    chapter.add_table("checksums", inputs[["file", "sheet", "sha256"]], is_in_page=False)


def _add_reconciliation(chapter: Chapter, book: Book) -> None:
    lang = chapter.lang
    rows = book.reconciliation[["file", "sheet", "table", "rows_read", *PARTS]]
    named = rows.assign(table=[table_label(t, lang) for t in rows["table"]])
    chapter.add_table("reconciliation", named.rename(columns={"table": "table_name"}), count="rows_read")
    money = amount_differences(book.reconciliation)
    money["table"] = [table_label(t, lang) for t in money["table"]]
    money["amount_column"] = [column(c).label(lang) for c in money["amount_column"]]
    chapter.add_table("amounts", money.rename(columns={"table": "table_name"}), is_in_page=False)
    aside = book.set_aside.assign(
        set_aside_reason=[say(f"reading.reason_{r}", lang) for r in book.set_aside["reason"]]
    )
    by_reason = aside.groupby(["table", "set_aside_reason"], as_index=False, sort=True).size()
    by_reason["table_name"] = [table_label(t, lang) for t in by_reason["table"]]
    summed = by_reason.rename(columns={"size": "rows"})[["table_name", "set_aside_reason", "rows"]]
    chapter.add_table("set_aside", summed)
    listed = aside[["file", "sheet", "row", "set_aside_reason", "key"]]
    named = listed.rename(columns={"row": "file_row", "key": "row_key"})
    chapter.add_table("set_aside_rows", named, is_in_page=False)


def _add_repairs(chapter: Chapter, book: Book) -> None:
    lang = chapter.lang
    repairs = book.repairs.groupby(["table", "column", "kind"], as_index=False, sort=True).agg(
        count=("count", "sum"), example=("example", "first")
    )
    shown = pd.DataFrame(
        {
            "table_name": [table_label(t, lang) for t in repairs["table"]],
            "column_name": [_column_label(c, lang) for c in repairs["column"]],
            "repair": [say(f"reading.repair_{k}", lang) for k in repairs["kind"]],
            "count": repairs["count"],
            "example": [_printable(e) for e in repairs["example"]],
        }
    )
    chapter.add_table(
        "repairs", shown.sort_values("count", ascending=False, kind="stable", ignore_index=True)
    )


def _add_warnings(chapter: Chapter, book: Book) -> None:
    lang = chapter.lang
    found = book.warnings
    by_rule = found.groupby(["table", "rule"], as_index=False, sort=True).size()
    first = found.drop_duplicates(["table", "rule"]).set_index(["table", "rule"])
    examples = [problems.sentence(first.loc[key].to_dict() | {"table": key[0], "rule": key[1]}, lang)
                for key in zip(by_rule["table"], by_rule["rule"], strict=True)]  # fmt: skip
    shown = pd.DataFrame(
        {
            "table_name": [table_label(t, lang) for t in by_rule["table"]],
            "count": by_rule["size"],
            "example": examples,
        }
    )
    chapter.add_table("warnings", shown)
    listed = found.head(LISTED)
    sentences = [problems.sentence(row, lang) for row in listed.to_dict("records")]
    chapter.add_table("warning_rows", pd.DataFrame({"warning": sentences}), is_in_page=False)


def _add_tables(chapter: Chapter, book: Book) -> None:
    lang = chapter.lang
    declared = declared_tables().values()
    shown = pd.DataFrame(
        {
            "table_name": [t.label(lang) for t in declared],
            "rows": [len(book.tables.get(t.name, ())) for t in declared],
            "table_note": [t.note(lang) for t in declared],
        }
    )
    chapter.add_table("tables", shown)


def _add_figure(chapter: Chapter, book: Book) -> None:
    lang = chapter.lang
    totals = book.reconciliation.groupby("table", sort=True)["rows_kept"].sum().astype("float64")
    totals = totals.reindex([n for n in declared_tables() if n in totals.index])
    frame = pd.DataFrame(
        {"table_name": [table_label(t, lang) for t in totals.index], "rows_kept": totals.to_numpy()}
    )
    words = {part: chapter.phrase(f"{part}_rows") for part in ("title", "subtitle")}
    figure = share_bars(
        frame, label="table_name", value="rows_kept", unit="count", source=chapter.phrase("source"), lang=lang,
        is_sorted=False, is_sample=chapter.is_sample, **words,
    )  # fmt: skip
    chapter.add_figure("rows", figure)


def _column_label(name: str, lang: str) -> str:
    return column(name).label(lang) if name else "—"


def _printable(text: str) -> str:
    """`text` as far as it can be printed: a repaired cell may have held control characters."""
    shown = "".join(c for c in str(text) if c.isprintable() and not missing_glyphs(c))
    return shown if len(shown) <= EXAMPLE else f"{shown[:EXAMPLE]}…"
