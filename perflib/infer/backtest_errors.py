"""How wrong forecasts were and what their intervals held: by part, month, year, method and type, and which goals that meets."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from perflib.infer.backtest import METHODS, forecast_errors, pinball_loss
from perflib.infer.conformal import coverage, yearly_intervals

GOAL_MONTH = 6
GOALS = {
    "whole_error": 0.60,
    "districts_error": 0.50,
    "false_flags": 0.60,
    "list_failing": 1.5,
    "list_money": 0.90,
}
OVERALL_OFF = {0.8: 0.02, 0.95: 0.02}
TYPE_OFF = 0.05
SMALLEST_TYPE = 100  # below this, chance alone moves a coverage of 80 % by more than the five points asked


def judge_goals(
    found: Mapping[str, pd.DataFrame], *, month: int = GOAL_MONTH, ours: str = "pooled", alarm: str = "red"
) -> pd.DataFrame:
    """One row per goal: `goal, way, aim, reached, is_met, missed_by`; what the data can't judge is left out.

    `found` holds `errors`, `coverage`, `flags` and `lists`; `way` is "most" (at most), "least" or "below".
    `missed_by` is how far `reached` lies on the wrong side of `aim`, 0 where the goal is met.
    """
    at = {name: table[table["month"] == month] for name, table in found.items() if "month" in table}
    rows = [
        *_errors(at["errors"], ours),
        *_alerts(at["flags"], at["lists"], alarm),
        *_coverage(at["coverage"]),
    ]
    table = pd.DataFrame(rows, columns=["goal", "way", "aim", "reached"])
    table = table[table["reached"].notna()].reset_index(drop=True)
    # 0.85 - 0.8 is 0.04999999999999993 in binary: twelve digits tell what was counted.
    table = table.assign(reached=table["reached"].round(12))
    is_least = table["way"] == "least"
    short = (table["reached"] - table["aim"]).where(~is_least, table["aim"] - table["reached"]).round(12)
    is_met = (short < 0) | ((short == 0) & (table["way"] != "below"))
    return table.assign(is_met=is_met.astype("bool"), missed_by=short.where(~is_met, 0.0).astype("float64"))


def _errors(errors: pd.DataFrame, ours: str) -> list[tuple]:
    rows = []
    for part, own in errors[errors["method"] == ours].groupby("part", sort=False):
        own = own.set_index("span")
        rows.append((f"{part}_error", "most", GOALS[f"{part}_error"], own.loc[ALL_YEARS, "versus_straight"]))
        yearly = own.drop(index=[ALL_YEARS, WITHOUT_SHOCK], errors="ignore")["versus_last_year"]
        rows.append((f"{part}_each_year", "below", 1.0, yearly.max()))
    return sorted(rows, key=lambda row: row[0], reverse=True)


def _alerts(flags: pd.DataFrame, lists: pd.DataFrame, alarm: str) -> list[tuple]:
    own = flags[(flags["span"] == ALL_YEARS) & (flags["order"] == "ours") & (flags["alarm"] == alarm)]
    rows = [("false_flags", "most", GOALS["false_flags"], r) for r in own["ratio"]]
    whole = lists[lists["span"] == ALL_YEARS].set_index("order")
    if len(whole):
        rows.append(("list_failing", "least", GOALS["list_failing"], whole.loc["chance", "versus_pace"]))
        rows.append(("list_money", "least", GOALS["list_money"], whole.loc["money_at_risk", "money_share"]))
    return rows


def _coverage(table: pd.DataFrame) -> list[tuple]:
    """How far coverage is off, over all units and in the worst type of `SMALLEST_TYPE` units or more."""
    rows = []
    for promised, own in table.groupby("promised"):
        whole, types = own[own["type"] == "all"], own[own["type"] != "all"]
        name, large = round(promised * 100), types[types["counted"] >= SMALLEST_TYPE]
        rows += [(f"coverage_{name}", "most", OVERALL_OFF[promised], abs(o)) for o in whole["off"]]
        if len(large):
            rows.append((f"types_{name}", "most", TYPE_OFF, large["off"].abs().max()))
    return rows


# Units without a last year err more: they are calibrated among themselves.
LEVELS = [["past", "kind", "size"], ["past", "kind"], ["past"], []]
CONFIDENCES = (0.8, 0.95)
SHOCK = 2020
ALL_YEARS, WITHOUT_SHOCK = "all", "without_2020"


def error_table(
    tested: pd.DataFrame,
    years: Sequence[int],
    *,
    methods: Sequence[str] = METHODS,
    with_pinball: bool = True,
) -> pd.DataFrame:
    """One row per part, month, span (a year, all, all but 2020) and method; `tested` comes from `backtest`.

    `part` is "whole", and "districts" where the rows hold districts and others. Columns: `units`, `money_error`,
    `median_error`, `pinball`, `versus_straight` and `versus_last_year` (see `forecast_errors`). `pinball` is
    the mean pinball loss of the quantiles of `CONFIDENCES` and the median, summed over units, over what was
    spent; every method gets its quantiles in the same way, from its own errors in earlier years. That takes
    most of the time: `with_pinball` False leaves the column out.
    """
    losses = {m: _pinball(tested, m) for m in methods} if with_pinball else {}
    shown = tested[tested["year"].isin(list(years))]
    tables = []
    for part, rows in parts_of(shown).items():
        for span, own, by in spans_of(rows):
            found = forecast_errors(own, by=by, methods=methods)
            if losses:
                found["pinball"] = _pinball_over(losses, own, found, "year" in by)
            tables.append(found.assign(part=part, span=found["year"].astype("str") if "year" in by else span))
    columns = ["part", "month", "span", "method", "units", "money_error", "median_error",
               *(["pinball"] if losses else []), "versus_straight", "versus_last_year"]  # fmt: skip
    return pd.concat(tables, ignore_index=True)[columns]


def parts_of(shown: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The whole, and the districts apart where they are only some of the rows."""
    parts = {"whole": shown}
    if shown["is_district"].any() and not shown["is_district"].all():
        parts["districts"] = shown[shown["is_district"]]
    return parts


def spans_of(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame, list[str]]]:
    """Each year by itself, all years, and all but 2020 where that is one of several."""
    spans = [("year", rows, ["month", "year"]), (ALL_YEARS, rows, ["month"])]
    if rows["year"].eq(SHOCK).any() and rows["year"].nunique() > 1:
        spans.append((WITHOUT_SHOCK, rows[rows["year"] != SHOCK], ["month"]))
    return spans


def _pinball_over(losses: dict, own: pd.DataFrame, found: pd.DataFrame, is_yearly: bool) -> list[float]:
    """The loss over what was spent, for the method, month and year of each row of `found`."""
    keys = own["year"] if is_yearly else pd.Series(0, index=own.index)
    sums = {method: _over(loss.loc[own.index], own, keys) for method, loss in losses.items()}
    at = found["year"] if is_yearly else pd.Series(0, index=found.index)
    told = zip(found["method"], found["month"], at, strict=True)
    return [sums[method].get((month, year), np.nan) for method, month, year in told]


def _over(loss: pd.Series, rows: pd.DataFrame, years: pd.Series) -> pd.Series:
    by = [rows["month"], years]
    spent = rows["outturn"].where(loss.notna()).groupby(by).sum()
    return loss.groupby(by).sum() / spent.where(spent > 0)


def _pinball(tested: pd.DataFrame, method: str) -> pd.Series:
    """Mean loss over the quantiles, a number per row; NA in the first year, which nothing calibrates."""
    scored = tested.assign(value=tested[method], scale=tested["adjusted_budget"])
    end, losses = tested["outturn"], []
    for confidence in CONFIDENCES:
        spans, tail = (
            yearly_intervals(scored, levels=LEVELS, confidence=confidence, by="kind"),
            (1 - confidence) / 2,
        )
        for side, level in (("low", tail), ("high", 1 - tail)):
            # Without a budget there is nothing to scale an interval by: the forecast stands for it.
            quantile = spans[side].fillna(scored["value"].reindex(spans.index))
            losses.append(pinball_loss(end.reindex(spans.index), quantile, level))
    losses.append(pinball_loss(end, scored["value"], 0.5).reindex(losses[0].index))
    return pd.concat(losses, axis=1).mean(axis=1, skipna=False).reindex(tested.index)


def coverage_table(tested: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Share of outturns inside their intervals, per month, promise and type; `type` "all" is all units.

    Columns `month, promised, place, type, counted, coverage, off` (coverage - promised); place and type are the
    two halves of `kind`. No row for a type in which nothing can be counted; none at all if no year came before.
    """
    scored = tested.assign(scale=tested["adjusted_budget"])
    table = []
    for promised in CONFIDENCES:
        spans = yearly_intervals(scored, levels=LEVELS, confidence=promised, by="kind")
        spans = spans[scored.loc[spans.index, "year"].isin(list(years))]
        for month, rows in spans.groupby(scored.loc[spans.index, "month"]):
            end = scored.loc[rows.index, "outturn"]
            whole = coverage(rows, end).assign(place="all", type="all")
            by = coverage(rows, end, by=scored.loc[rows.index, "kind"])
            if by.empty:
                continue
            by[["place", "type"]] = by["group"].str.split(" / ", n=1, expand=True)
            table.append(pd.concat([whole, by]).assign(month=month, promised=promised))
    columns = ["month", "promised", "place", "type", "counted", "coverage"]
    found = pd.concat(table, ignore_index=True)[columns] if table else pd.DataFrame(columns=columns)
    return found.assign(off=found["coverage"] - found["promised"])


def join_table(tested: pd.DataFrame, spent: pd.Series) -> pd.DataFrame:
    """Per year, at its first tested month: `units`, `no_budget`, `moved` in the year, and how each found last year.

    `spent` is what each year spent in all, by year; `made_later` is what of it no unit of that month holds: units
    that are new since and took nothing over. NA in a year that still runs.
    """
    rows = tested[tested["month"] == tested["month"].min()]
    marks = {f"joined_{w}": rows["joined_1"] == w for w in ("same", "family", "none")}
    marks |= {"moved": rows["is_moved"].astype("bool"), "no_budget": ~(rows["adjusted_budget"] > 0)}
    table = pd.DataFrame({"year": rows["year"], "units": 1, **marks}).groupby("year", as_index=False).sum()
    held = rows.groupby("year")["outturn"].sum(min_count=1)
    later = (spent.reindex(held.index) - held).round(2)
    order = ["year", "units", "no_budget", "moved", "joined_same", "joined_family", "joined_none"]
    return table.assign(made_later=table["year"].map(later))[[*order, "made_later"]]
