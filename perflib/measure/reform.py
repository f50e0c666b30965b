"""What work items say of reforms and of breaks of definition: which there are, who started when.

>>> import perflib as pf
>>> items = pf.load("sample").work_items
>>> pf.reform.widest_reform(pf.reform.reform_starts(items)), len(pf.reform.definition_breaks(items))
('绩效结果与预算安排挂钩改革', 1)
"""

import pandas as pd

from perflib.measure.tally import one_of

LATE = 7  # a reform that begins in this month or later counts from the next year on
STARTS = ["district", "year", "reform", "reform_en", "begun_on"]
BREAKS = ["district", "year", "title", "title_en"]


def reform_starts(work_items: pd.DataFrame) -> pd.DataFrame:
    """One row per reform and district: `district`, `year`, `reform` (its title), `reform_en` and `begun_on`.

    `year` is the first year under the reform: that of the item's date, or the next where it begins in the
    second half of the year, most of which it can't have changed; the work year where no date is given. A
    reform that a district records more than once began with the first.
    """
    rows = work_items[work_items["kind"] == "reform"]
    date = pd.to_datetime(rows["date"]) if "date" in rows else pd.Series(pd.NaT, rows.index)
    first = (date.dt.year + (date.dt.month >= LATE)).fillna(rows["year"]).astype("int64")
    table = pd.DataFrame(
        {
            "district": rows["district"],
            "year": first,
            "reform": rows["title"],
            "begun_on": date,
            "reform_en": rows["title_en"].fillna(rows["title"]) if "title_en" in rows else rows["title"],
        }
    )
    table = table.sort_values(["reform", "district", "year", "begun_on"], na_position="last")
    return table.drop_duplicates(["reform", "district"])[STARTS].reset_index(drop=True)


def widest_reform(starts: pd.DataFrame, *, district: str = "") -> str | None:
    """Title of the reform that most districts started; of several, one of `district`'s, then the earliest.

    `starts` is what `reform_starts` gives; None where it is empty.
    """
    if starts.empty:
        return None
    table = starts.assign(ours=starts["district"] == district).groupby("reform", as_index=False)
    table = table.agg(starters=("district", "nunique"), ours=("ours", "any"), first=("year", "min"))
    names = ["starters", "ours", "first", "reform"]
    order = table.sort_values(names, ascending=[False, False, True, True])
    return str(order["reform"].iloc[0])


def chosen_reform(starts: pd.DataFrame, wanted: str = "", *, district: str = "") -> pd.DataFrame:
    """The rows of `starts` of the reform `wanted`, or of the widest (see `widest_reform`); none where there is none.

    Raises ArgumentError for a reform that nobody started.
    """
    known = sorted(starts["reform"].unique())
    title = one_of(known, wanted) if wanted else widest_reform(starts, district=district)
    return starts[starts["reform"] == title].reset_index(drop=True)


def definition_breaks(work_items: pd.DataFrame | None) -> pd.DataFrame:
    """One row per break of definition: `district`, `year` (the first under the new one), `title`, `title_en`.

    The year is that of the item's date, or the work year where there is none. Without work items, no row.
    """
    if work_items is None:
        return pd.DataFrame(columns=BREAKS)
    rows = work_items[work_items["kind"] == "definition_break"]
    date = pd.to_datetime(rows["date"]) if "date" in rows else pd.Series(pd.NaT, rows.index)
    year = date.dt.year.fillna(rows["year"]).astype("int64")
    table = rows.assign(year=year).reindex(columns=BREAKS)
    return table.sort_values(["district", "year", "title"]).drop_duplicates(ignore_index=True)
