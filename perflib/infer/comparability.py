"""May these districts be compared at all, and what must be said beside the comparison?"""

from collections.abc import Sequence

import pandas as pd

from perflib.data.errors import DataError, Wording
from perflib.infer.ranks import check_units
from perflib.measure.money import check_one_currency

NOTES = ("one_project", "equal_rates", "category_missing", "year_missing")


def check_comparable(
    rates: pd.DataFrame,
    *,
    districts: pd.DataFrame | None = None,
    unit: str = "district",
    currency: str = "currency",
) -> None:
    """Raises DataError where a comparison would be wrong whatever the method.

    Fewer than two districts; money of two currencies (column `currency`, if there is one): rates of several
    currencies may stand side by side, their money may not be added; in `districts`, two with one
    `name_zh` or `name_en`.
    """
    check_one_currency(rates, currency=currency)
    names = sorted(rates.loc[rates["budget"].gt(0), unit].dropna().unique())
    if len(names) < 2:
        raise DataError("compare.one_district", found=", ".join(map(str, names)) or "—")
    for column in ("name_zh", "name_en"):
        if districts is not None and column in districts.columns:
            check_units(districts.loc[districts[unit].isin(names), column].dropna())


def comparison_notes(
    rates: pd.DataFrame, *, unit: str = "district", year: str = "year", by: Sequence[str] = ()
) -> pd.DataFrame:
    """What a reader must be told beside the comparison: one row per note with `note`, `unit`, `year`, `detail`.

    `rates` has one row per project with `unit`, `year`, `budget`, `rate` and the categories `by`. Notes:
    `one_project` (a district's rate of a year rests on one project), `equal_rates` (all rates of the year are
    the same: nothing to compare), `category_missing` (`detail`: the category that the others have),
    `year_missing` (no project in a year that others have). Sorted by note, year and unit; each has
    its sentence `compare.note_<note>`, see `say_note`.
    """
    rows = rates[rates["budget"].gt(0)]
    found = [
        _one_project(rows, unit, year),
        _equal_rates(rows, year),
        _missing(rows, unit, year, [], "year_missing"),
    ]
    if by:
        found.append(_missing(rows, unit, year, list(by), "category_missing"))
    table = pd.concat([f.reindex(columns=["note", "unit", "year", "detail"]).astype(object) for f in found])
    return table.sort_values(
        ["note", "year", "unit", "detail"], key=lambda c: c.astype(str), ignore_index=True
    )


def say_note(note: dict, lang: str) -> str:
    """The sentence of one row of `comparison_notes` in `lang`."""
    fields = {k: "" if pd.isna(v) else v for k, v in note.items() if k != "note"}
    return Wording(f"compare.note_{note['note']}", **fields).sentence(lang)


def _one_project(rows: pd.DataFrame, unit: str, year: str) -> pd.DataFrame:
    counts = rows.groupby([unit, year]).size()
    alone = counts[counts == 1].reset_index()
    return alone.rename(columns={unit: "unit", year: "year"}).assign(note="one_project")


def _equal_rates(rows: pd.DataFrame, year: str) -> pd.DataFrame:
    spread = rows.groupby(year)["rate"].agg(["min", "max", "count"])
    same = spread[(spread["min"] == spread["max"]) & (spread["count"] > 1)]
    return pd.DataFrame({"year": same.index, "note": "equal_rates"})


def _missing(rows: pd.DataFrame, unit: str, year: str, by: list[str], note: str) -> pd.DataFrame:
    """Combinations of unit, year and category that aren't there though others have them."""
    have = rows[[unit, year, *by]].drop_duplicates()
    units = have[[unit]].drop_duplicates()
    wanted = units.merge(have[[year, *by]].drop_duplicates(), how="cross")
    if by:  # a district without the year at all has its own note
        wanted = wanted.merge(have[[unit, year]].drop_duplicates())
    gone = wanted.merge(have, how="left", indicator=True).query("_merge == 'left_only'")
    detail = gone[by].astype(str).agg(" / ".join, axis=1) if by and len(gone) else None
    return gone.rename(columns={unit: "unit", year: "year"}).assign(note=note, detail=detail)
