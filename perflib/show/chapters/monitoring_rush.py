"""The rush before the year's end, and the control charts of indicators that are read every month."""

import numpy as np
import pandas as pd

from perflib.infer.correlation import rank_correlation
from perflib.infer.readings import control_points
from perflib.measure.rush import year_end_rush
from perflib.show.chapter import Chapter
from perflib.show.chapters.figure_words import figure_words
from perflib.show.figures.control_panels import control_panels
from perflib.show.figures.ranked_dots import ranked_dots

RULES = ("is_outside", "is_shift")
MOST = 12
RUSH = ["december_share", "last_quarter_share", "spike", "spike_lower", "spike_upper"]


def add_rush(chapter: Chapter, progress: pd.DataFrame, year: int, month: int) -> None:
    """Add December's and the last quarter's share of the last complete year, by kind and by department.

    Only years before `year`: its own end is still to come.
    """
    before = progress[progress["year"] < year]
    ended = before.loc[(before["month"] == 12) & before["executed"].notna(), "year"]
    last = None if ended.empty else int(ended.max())
    rows = before[before["year"] == last]
    whole = _rush(rows, []) if last else None
    add = chapter.facts.add
    is_there = whole is not None and whole["executed"].iloc[0] > 0
    trail = {"table": "rush", "rows": len(rows), "reason": "no_history"}
    add("rush_year", last, unit="year", **trail)
    add("december_share", whole["december_share"].iloc[0] if is_there else None, unit="share", **trail)
    add(
        "last_quarter_share", whole["last_quarter_share"].iloc[0] if is_there else None, unit="share", **trail
    )
    add("spike", whole["spike"].iloc[0] if is_there else None, unit="ratio", **trail)
    for id, bound in (("spike_lower", "low"), ("spike_upper", "high")):
        add(id, whole[bound].iloc[0] if is_there else None, unit="ratio", **trail)
    is_late = is_there and whole["low"].iloc[0] > 1
    add("is_rush_sure", "yes" if is_late else None, unit="text", **trail)
    if not is_there:
        _add_link(chapter, pd.DataFrame())
        return
    kinds, departments = _rush(rows, ["type"]), _rush(rows, ["department"])
    names = {"type": "kind_of_project", "low": "spike_lower", "high": "spike_upper", "units": "projects"}
    for id, table, key in (
        ("rush", kinds, "kind_of_project"),
        ("rush_departments", departments, "department"),
    ):
        shown = table.rename(columns=names).sort_values(
            "last_quarter_share", ascending=False, ignore_index=True
        )
        shown = shown.assign(executed_year=shown["executed"])
        chapter.add_table(
            id, shown, columns=[key, "projects", "executed_year", *RUSH], is_in_page=id == "rush"
        )
        if id == "rush":
            _add_rush_figure(chapter, shown.dropna(subset=["last_quarter_share"]).head(MOST))
    _add_link(chapter, departments.merge(_quality(rows), on="department", how="left"))


def _rush(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return year_end_rush(rows.assign(_all="all"), unit=["project"], by=by or ["_all"])


def _quality(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean attainment of goals at the year's end by department."""
    ends = rows[(rows["month"] == 12) & rows["goal_progress"].notna()]
    return ends.groupby("department", as_index=False)["goal_progress"].mean()


def _add_link(chapter: Chapter, table: pd.DataFrame) -> None:
    """The rank correlation of the last quarter's share with goals attained, among departments."""
    has_any = len(table) and table["goal_progress"].notna().any()
    row = rank_correlation(table["last_quarter_share"], table["goal_progress"]).iloc[0] if has_any else {}
    trail = {"table": "rush_departments", "rows": len(table), "reason": "no_goals"}
    for id, name in (("link", "value"), ("link_lower", "low"), ("link_upper", "high")):
        chapter.facts.add(id, row.get(name), unit="ratio", **trail)
    is_sure = has_any and (row["low"] > 0 or row["high"] < 0)
    chapter.facts.add("is_link_sure", "yes" if is_sure else None, unit="text", **trail)


def _add_rush_figure(chapter: Chapter, shown: pd.DataFrame) -> None:
    figure = ranked_dots(
        shown,
        label="kind_of_project",
        value="last_quarter_share",
        reference=0.25,
        reference_label=chapter.phrase("even_quarter"),
        **figure_words(chapter, "rush"),
    )
    chapter.add_figure("rush", figure)


def add_control(chapter: Chapter, indicators: pd.DataFrame | None, *, year: int, month: int) -> None:
    """Add the control charts of the indicators that are read every month, up to the cut-off."""
    points = control_points(indicators, year=year, month=month) if indicators is not None else pd.DataFrame()
    series = points["series"].nunique() if len(points) else 0
    signals = points.loc[points["is_recent"] & points["is_signal"], "series"].nunique() if len(points) else 0
    outside = int(points.loc[points["is_recent"], "is_outside"].sum()) if len(points) else 0
    add, rows = chapter.facts.add, len(points)
    add("series", series, unit="count", table="control", rows=rows)
    add("series_signals", signals, unit="count", table="control", rows=rows)
    add("points_outside", outside, unit="count", table="control", rows=rows)
    short = points.loc[points["reason"].notna(), "series"].nunique() if len(points) else 0
    add("series_short", short, unit="count", table="control", rows=rows)
    if not series:
        return
    chapter.add_table("control", _control_table(points))
    panels = points.assign(
        period=points["year"].astype("str") + "-" + points["month"].astype("str").str.zfill(2)
    )
    chapter.add_figure(
        "control", control_panels(panels, facet="series", x="period", **figure_words(chapter, "control"))
    )


def _control_table(points: pd.DataFrame) -> pd.DataFrame:
    recent = points.assign(_odd=np.where(points["is_recent"], 1, 0))
    flags = {f"n_{rule[3:]}": recent[rule].astype("int64") * recent["_odd"] for rule in RULES}
    table = (
        recent.assign(**flags)
        .groupby("series", sort=False)
        .agg(
            measure_unit=("unit", "first"),
            readings=("value", "size"),
            last_reading=("value", "last"),
            centre_line=("centre", "last"),
            control_low=("low", "last"),
            control_high=("high", "last"),
            **{name: (name, "sum") for name in flags},
        )
    )
    return table.reset_index().rename(columns={"series": "series_name"})
