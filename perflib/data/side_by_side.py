"""Which districts and years are set side by side, and their rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from perflib.data.choice import COMMAS, parse_years
from perflib.data.errors import ArgumentError, DataError
from perflib.data.text import say

if TYPE_CHECKING:
    from perflib.data.book import Book


def side_by_side(
    book: "Book",
    name: str,
    *,
    districts: str | Sequence[str] = "",
    years: str | Sequence[int] = "",
    until: int,
) -> pd.DataFrame:
    """See `Book.compared`."""
    from perflib.data.book import stated
    from perflib.data.edition import comparable

    codes = choose_districts(book, districts)
    _check_names(book, codes)
    projects = book.tables["projects"]
    known = {int(y) for y in projects.loc[projects["district"].isin(codes), "year"].unique()}
    book = comparable(book)
    projects = book.tables["projects"]
    projects = projects[projects["district"].isin(codes)]
    there = set(projects["district"].unique())
    codes = [code for code in codes if code in there]
    counts = projects.groupby("year")["district"].nunique().reindex(sorted(known), fill_value=0)
    asked = parse_years(years) if isinstance(years, str) else tuple(int(y) for y in years)
    if unknown := [y for y in asked if y not in known]:
        found, there = (", ".join(map(str, part)) for part in (unknown, sorted(known)))
        raise ArgumentError("compare.unknown_years", found=found, known=there)
    chosen = [y for y in asked or known if counts[y] > 1 and (asked or y <= until)]
    rows = book.whole(name)
    rows = rows[rows["district"].isin(codes)]
    if "year" in rows and name != "work_items":  # a reform may be older than the first rates
        rows = rows[rows["year"].isin(chosen)]
        if book.edition == "public":
            rows = rows.merge(projects[["district", "year"]].drop_duplicates())
    names = {code: book.district_name(code, book.lang) for code in codes}
    rows = rows.assign(district_name=rows["district"].map(names)).reset_index(drop=True)
    rows = stated(rows, name, book.lang)
    rows.attrs = {"table": name, "filter": say("reading.filter_compared", book.lang, count=len(codes))}
    return rows


def choose_districts(book: "Book", wanted: str | Sequence[str] = "") -> list[str]:
    """Codes of the `wanted` districts (codes or names; text is cut at commas), in the order of the tables.

    None wanted: those of the book's district's parent that have a kind (a city's own offices have none); all where
    nothing is said of kinds. Raises ArgumentError for an unknown one, DataError for one alone.
    """
    from perflib.data.book import resolve_district

    asked = COMMAS.split(wanted) if isinstance(wanted, str) else [str(w) for w in wanted]
    asked = [name.strip() for name in asked if name.strip()]
    if not asked:
        return _siblings(book)
    codes = list(dict.fromkeys(resolve_district(book, name) for name in asked))
    if len(codes) < 2:
        raise DataError("compare.one_district", found=", ".join(codes))
    return codes


def _siblings(book: "Book") -> list[str]:
    codes = book.districts
    if not book.has("districts"):
        return codes
    table = book.table("districts").drop_duplicates("district").set_index("district")
    kept = pd.Series(True, index=table.index)
    if "kind" in table and table["kind"].notna().any():
        kept &= table["kind"].notna()
    parent = table["parent"].get(book.district) if "parent" in table else None
    if isinstance(parent, str):
        kept &= table["parent"] == parent
    chosen = [code for code in codes if kept.get(code, False)]
    return chosen if len(chosen) > 1 else codes


def _check_names(book: "Book", codes: Sequence[str]) -> None:
    """Two districts of one name cannot be told from each other in any figure: refused."""
    if not book.has("districts"):
        return
    table = book.whole("districts").drop_duplicates("district")
    table = table[table["district"].isin(codes)]
    for column in ("name_zh", "name_en"):
        counts = table[column].dropna().value_counts()
        if len(counts) and counts.iloc[0] > 1:
            raise DataError("compare.one_name_twice", name=counts.index[0], count=int(counts.iloc[0]))
