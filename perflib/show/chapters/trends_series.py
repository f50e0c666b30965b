"""The yearly rates of every district, and what changed since the base year."""

import numpy as np
import pandas as pd

from perflib.show.chapter import Chapter
from perflib.show.chapters.name_list import join_names
from perflib.show.chapters.trends_figures import add_line_figure, add_slope_figure


def add_series(chapter: Chapter, series: pd.DataFrame, breaks: pd.DataFrame, *, rates: int) -> None:
    """The rate of each district and year with its interval, the whole of them, and breaks of definition."""
    shown = series.rename(columns={"low": "rate_low", "high": "rate_high"})
    shown["definition"] = shown["segment"] + 1
    columns = ["district_label", "year", "executed", "budget", "rate", "rate_low", "rate_high", "mean_rate",
               "projects", "definition"]  # fmt: skip
    chapter.add_table("series", shown, columns=columns, is_in_page=False, by=("district_label",))
    years = series.groupby("year")[["executed", "budget"]].sum()
    whole = years["executed"] / years["budget"]
    add = chapter.facts.add
    districts = series["district"].nunique()
    # Words and no counts: the public edition hides small counts of projects, and these are none.
    add("districts", f"{districts:,}" if districts else None, unit="text", table="series", rows=rates)
    add("is_alone", float(districts == 1), unit="ratio", table="series", rows=rates)
    add("years", str(len(years)), unit="text", table="series", rows=rates)
    has = len(whole) > 0
    for id, value in (("first_year", years.index.min()), ("last_year", years.index.max()),
                      ("low_year", whole.idxmin() if has else None), ("high_year", whole.idxmax() if has else None)):  # fmt: skip
        add(id, value if has else None, unit="year", table="series", rows=rates, reason="no_rates")
    for id, value in (("all_low", whole.min()), ("all_high", whole.max()),
                      ("all_before", whole.iloc[0] if has else None), ("all_after", whole.iloc[-1] if has else None)):  # fmt: skip
        add(id, value, unit="share", table="series", rows=rates, reason="no_rates")
    _add_breaks(chapter, series, breaks)
    if has:
        add_line_figure(chapter, series, breaks)


def _add_breaks(chapter: Chapter, series: pd.DataFrame, breaks: pd.DataFrame) -> None:
    names = series.drop_duplicates("district").set_index("district")["district_label"]
    own = breaks[breaks["district"].isin(names.index) & breaks["year"].isin(series["year"])]
    shown = own.assign(district_label=own["district"].map(names), break_title=_titles(own, chapter.lang))
    if len(shown):
        chapter.add_table("breaks", shown.reindex(columns=["district_label", "year", "break_title"]))
    told = join_names(shown["district_label"], chapter.lang)
    chapter.facts.add("broken", told, unit="text", table="breaks", rows=len(series), reason="no_breaks")


def _titles(rows: pd.DataFrame, lang: str) -> pd.Series:
    if lang == "zh" or "title_en" not in rows:
        return rows.get("title", pd.Series(dtype=object))
    return rows["title_en"].fillna(rows["title"])


_FLAGS = {"rose": "rose", "fell": "fell", "alike": "alike", "unknown": "unknown"}


def add_change(chapter: Chapter, series: pd.DataFrame, changes: pd.DataFrame, *, base_year: int) -> None:
    """The change since the base year: whose is more than chance, and the chapter's own district."""
    add, rows = chapter.facts.add, len(series)
    labels = series.drop_duplicates("district").set_index("district")["district_label"]
    table = changes.reindex(columns=["district", "base_year", "year", "value_before", "value_after", "value", "low",
                                     "high", "verdict", "reason", "is_rebased"])  # fmt: skip
    table["district_label"] = table["district"].map(labels)
    for column in ("value", "low", "high"):
        table[f"change_{column}"] = table[column].astype(float) * 100
    table = table.rename(columns={"verdict": "trend_verdict", "value_before": "rate_before", "value_after": "rate_after"})  # fmt: skip
    table["trend_reason"] = table["reason"].fillna(np.nan)
    columns = ["district_label", "base_year", "rate_before", "rate_after", "change_value", "change_low",
               "change_high", "trend_verdict", "trend_reason"]  # fmt: skip
    shown = table.sort_values(["change_value", "district_label"], ascending=[False, True], na_position="last")
    chapter.add_table("change", shown[columns], ends=shown["trend_verdict"] != "unknown")
    add("base_year", base_year or None, unit="year", table="change", rows=rows, reason="no_rates")
    for id, verdict in _FLAGS.items():
        named = join_names(table.loc[table["trend_verdict"] == verdict, "district_label"], chapter.lang)
        add(id, named, unit="text", table="change", rows=rows, reason="nobody")
    rebased = table.loc[table["is_rebased"].fillna(False).astype(bool), "district_label"]
    add(
        "rebased",
        join_names(rebased, chapter.lang),
        unit="text",
        table="change",
        rows=rows,
        reason="nobody",
    )
    _add_own(chapter, table, rows)
    comparable = table[~table["is_rebased"].fillna(False).astype(bool)].dropna(
        subset=["rate_before", "rate_after"]
    )
    if len(comparable):
        add_slope_figure(chapter, comparable)


def _add_own(chapter: Chapter, table: pd.DataFrame, rows: int) -> None:
    own = table[table["district"] == chapter.identity["district"]]
    row = own.iloc[0] if len(own) else pd.Series(dtype=object)
    reason = row.get("reason") if pd.notna(row.get("reason")) else "too_few_years"
    add = chapter.facts.add
    add("own_base", row.get("base_year"), unit="year", table="change", rows=rows, reason=reason)
    for id, column in (("own_before", "rate_before"), ("own_after", "rate_after")):
        add(id, row.get(column), unit="share", table="change", rows=rows, reason=reason)
    for id, column in (("own_change", "change_value"), ("own_lower", "change_low"), ("own_upper", "change_high")):  # fmt: skip
        add(id, row.get(column), unit="points", table="change", rows=rows, reason=reason)
    is_known = row.get("trend_verdict", "unknown") != "unknown"
    apart = is_known and (row["change_low"] > 0 or row["change_high"] < 0)
    add("own_apart", float(bool(apart)), unit="ratio", table="change", rows=rows)
