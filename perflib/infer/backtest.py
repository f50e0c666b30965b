"""Forecasts as they would have been made in past years, and how wrong they were.

Tables tell errors and coverage by part, month, year, method and type, the goals that this meets, and what
alarms would have caught: ours, the rule's, the straight line's and last year's. An order is judged at the
rule's own recall and at a fixed workload.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.infer.conformal import coverage, size_bands, yearly_intervals
from perflib.infer.forecast import (
    MODELS,
    ROUNDS,
    forecast_ladder,
    forecast_pooled,
    month_tables,
    near_months,
    rule_in_use,
)
from perflib.infer.forecast_panel import unit_months
from perflib.infer.outlook import is_failing
from perflib.measure.tally import order_of
from perflib.measure.warning import warn_lines, warn_pace

METHODS = (
    "straight_line", "rule_in_use", "last_year", "chain_ladder", "bornhuetter_ferguson", "combined",
    "pooled",
)  # fmt: skip


def backtest(
    lines: pd.DataFrame,
    *,
    keys: Sequence[str],
    types: str,
    years: Sequence[int],
    months: Sequence[int],
    seed: int,
    family: Sequence[str] | None = None,
    peers: Sequence[Sequence[str]] = (),
    labels: Sequence[str] = (),
    rounds: int = ROUNDS,
    models: int = MODELS,
    tick: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """One row per unit, year of `years` and month of `months`: a forecast by every method beside the outturn.

    Each year is forecast from the years before it and its own months up to the cut-off. Years without
    an earlier complete year are left out. Columns: `year, month`, `keys`, `types`, `labels`, `size` (third of
    its type), the amounts at the cut-off, `outturn`, `outturn_budget`, `is_moved`, `joined_1`, `past` ("new" without a last year), one column per
    method of `METHODS`, `value` (the one that is recommended: pooled), `most` (the most that is possible) and `p_failing`.
    `tick(year, month)` is called after each, for a progress bar.
    """
    told = [types, *labels, *(family or []), *(name for group in peers for name in group)]
    names = [c for c in dict.fromkeys(told) if c not in keys]
    sums = unit_months(lines, keys=keys, labels=names)
    wanted = sorted({m for month in months for m in near_months(sums, month)})
    tables = month_tables(sums, keys=keys, months=wanted, types=types, peers=peers, family=family,
                          labels=labels)  # fmt: skip
    parts = []
    for month in months:
        data = {m: tables[m] for m in near_months(sums, month)}
        panel = data[month][0]
        first = panel.loc[panel["outturn"].notna(), "year"].min()
        for year in [y for y in years if y > first and (panel["year"] == y).any()]:
            parts.append(_one(data, panel, month, year, types, seed, rounds, models))
            if tick is not None:
                tick(year, month)
    return pd.concat(parts, ignore_index=True).sort_values(["year", "month", *keys], ignore_index=True)


def _one(data, panel, month, year, types, seed, rounds, models) -> pd.DataFrame:
    rows = panel[panel["year"] == year]
    simple = forecast_ladder(panel, year=year, month=month, types=types)
    pooled = forecast_pooled(data, month=month, year=year, seed=seed, rounds=rounds, models=models)
    kept = rows[[c for c in rows if not c.endswith(("_1", "_2", "_3", "_back1", "_back2", "_back3"))]]
    return kept.assign(
        month=month,
        joined_1=rows["joined_1"],
        past=np.where(rows["joined_1"] == "none", "new", "past"),
        size=size_bands(rows["adjusted_budget"], rows[types]),
        **simple,
        rule_in_use=rule_in_use(rows, month=month),
        pooled=pooled["value"],
        value=pooled["value"],
        p_failing=pooled["p_failing"],
        most=pooled["most"],
    )


def forecast_errors(
    tested: pd.DataFrame, *, by: Sequence[str] = ("year", "month"), methods: Sequence[str] = METHODS
) -> pd.DataFrame:
    """One row per group of `by` and method: how far the forecasts lay from the outturn.

    `units`, `money_error` = Σ|forecast - outturn| / Σ outturn, `median_error` = median of |forecast -
    outturn| / budget, `versus_straight` and `versus_last_year` = Σ|error| over that method's.
    """
    parts = [_errors(tested, list(by), m) for m in methods]
    base = {m: p["absolute"].to_numpy() for m, p in zip(methods, parts, strict=True)}
    named = {"versus_straight": base.get("straight_line"), "versus_last_year": base.get("last_year")}
    out = [p.assign(**{name: _over(p["absolute"], own) for name, own in named.items()}) for p in parts]
    table = pd.concat(out, ignore_index=True)
    return table.sort_values([*by, "method"], key=order_of("method", methods), ignore_index=True)


def _over(miss: pd.Series, base: np.ndarray | None) -> pd.Series | float:
    """`miss` / `base`; NA without that method, or where it did not err at all."""
    return np.nan if base is None else miss / pd.Series(base, index=miss.index).where(base > 0)


def _errors(tested: pd.DataFrame, by: list[str], method: str) -> pd.DataFrame:
    miss = (tested[method] - tested["outturn"]).abs()
    relative = miss / tested["adjusted_budget"].where(tested["adjusted_budget"] > 0)
    rows = tested[by].assign(_miss=miss, _relative=relative, _end=tested["outturn"], _all=0)
    sums = rows.groupby(by or ["_all"]).agg(
        units=("_miss", "count"),
        absolute=("_miss", "sum"),
        end=("_end", "sum"),
        median_error=("_relative", "median"),
    )
    sums = sums.reset_index(drop=not by)
    return sums.assign(method=method, money_error=sums["absolute"] / sums["end"]).drop(columns="end")


def pinball_loss(outturn: pd.Series, quantile: pd.Series, level: float) -> pd.Series:
    """Loss of the forecast quantile `level`: level × shortfall above it, (1 - level) × below it.

    >>> pinball_loss(pd.Series([10.0]), pd.Series([8.0]), 0.9).round(2).tolist()
    [1.8]
    """
    gap = outturn - quantile
    return np.maximum(level * gap, (level - 1) * gap)


def false_flags_at_recall(score: pd.Series, failing: pd.Series, flagged: pd.Series) -> dict:
    """What the order by `score` (high first) needs to catch as many as the rule's `flagged` do.

    `caught` failing units, `recall`, `rule_false` and `order_false` flags, and their `ratio` (order / rule;
    NA where the rule raises no false flag). Ties of the score go in the order of the rows.
    """
    hit = failing.astype("bool").to_numpy()
    rule = flagged.astype("bool").to_numpy()
    caught, rule_false = int((rule & hit).sum()), int((rule & ~hit).sum())
    ordered = hit[np.argsort(-score.to_numpy("float64"), kind="stable")]
    needed = int(np.searchsorted(np.cumsum(ordered), caught) + 1) if caught else 0
    needless = needed - caught
    return {
        "caught": caught,
        "recall": caught / hit.sum() if hit.any() else np.nan,
        "rule_false": rule_false,
        "order_false": needless,
        "ratio": needless / rule_false if rule_false else np.nan,
    }


def at_workload(
    orders: pd.DataFrame, failing: pd.Series, unspent: pd.Series, *, share: float = 0.1
) -> pd.DataFrame:
    """One row per column of `orders` (scores, high first): what a list of `share` of the units catches.

    Units that tie for the last places count by the share of them that the list has room for: the mean over all
    ways to break the tie, so that the order of the rows decides nothing.
    `length`, `failing` in the list, `precision`, `recall`, `unspent` in the list and `money_share` of what
    the perfect list of that length holds (the units with the most unspent money).
    """
    length = round(share * len(failing))
    hit, money = failing.astype("float64").to_numpy(), unspent.to_numpy("float64")
    perfect = np.sort(money)[::-1][:length].sum()
    rows = [_list_row(orders[name].to_numpy("float64"), hit, money, length, perfect) for name in orders]
    columns = ["order", "length", "failing", "precision", "recall", "unspent", "money_share"]
    return pd.DataFrame(rows).assign(order=list(orders))[columns]


def _list_row(score: np.ndarray, hit: np.ndarray, money: np.ndarray, length: int, perfect: float) -> dict:
    weight = _places(score, length)
    failing, unspent = float(weight @ hit), float(weight @ money)
    return {
        "length": length,
        "failing": failing,
        "precision": failing / length if length else np.nan,
        "recall": failing / hit.sum() if hit.any() else np.nan,
        "unspent": unspent,
        "money_share": unspent / perfect if perfect > 0 else np.nan,
    }


def _places(score: np.ndarray, length: int) -> np.ndarray:
    """1 for a unit that is in the list for sure, 0 for one that is not, a share for those that tie at its end."""
    if not length:
        return np.zeros(len(score))
    last = np.partition(score, len(score) - length)[len(score) - length]
    above, ties = score > last, score == last
    return above + ties * ((length - above.sum()) / ties.sum())


RED, LINE = "red", "line"
LIST_SHARE = 0.1


def flag_table(shown: pd.DataFrame, *, pace_rules: Rules, line_rules: Rules) -> pd.DataFrame:
    """One row per month, span, alarm of the rules and order: false flags needed to catch as many as the alarm.

    Alarms: "red" (the pace bands of `pace_rules`) and "line" (the lines of `line_rules`, months that have one).
    Orders, the most likely to fail first: "ours" (chance of failing), "last_year" (its rate) and "straight_line"
    (share of the budget left over). Columns also `flagged, failing, caught, recall, rule_false, order_false, ratio`.
    """
    rows = []
    for month, part in live_rows(shown).groupby("month"):
        alarms = rule_alarms(part, pace_rules, line_rules)
        for span, own, _ in _spans(part):
            orders, at = orders_of(own), own.index
            for alarm, flagged in alarms.items():
                for name in ("ours", "last_year", "straight_line"):
                    found = false_flags_at_recall(orders[f"{name}_share"], own["fails"], flagged[at])
                    rows.append({"month": month, "span": span, "alarm": alarm, "order": name,
                                 "flagged": int(flagged[at].sum()), "failing": int(own["fails"].sum()),
                                 **found})  # fmt: skip
    columns = ["month", "span", "alarm", "order", "flagged", "failing", "caught", "recall", "rule_false",
               "order_false", "ratio"]  # fmt: skip
    whole = {c: "int64" for c in ("caught", "rule_false", "order_false")}
    return pd.DataFrame(rows, columns=columns).astype(whole)


def rule_alarms(part: pd.DataFrame, pace_rules: Rules, line_rules: Rules) -> dict[str, pd.Series]:
    """Whom each alarm of the rules flags; an alarm that the rules don't have for this month is left out."""
    alarms = {}
    if pace_rules.warning.pace_bands:
        colour = warn_pace(part, pace_rules)["colour"]
        alarms[RED] = (colour == RED).fillna(False).astype("bool")
    warned = warn_lines(part, line_rules)
    if warned["line"].notna().any():
        alarms[LINE] = warned["is_below_line"].astype("bool")
    return alarms


def list_table(shown: pd.DataFrame, *, share: float = LIST_SHARE) -> pd.DataFrame:
    """One row per month, span and order: what a list of `share` of the units catches.

    Orders: "chance" (of failing, ours), "pace" (the slowest against time first: the rule in use), and by money
    left over of the present budget "money_at_risk" (ours), "straight_line" and "last_year". `length, failing,
    precision, recall, unspent, money_share` as in `at_workload`, `versus_pace` = failing / those by pace.
    """
    parts = []
    for month, part in live_rows(shown).groupby("month"):
        for span, own, _ in _spans(part):
            orders = orders_of(own)
            lists = pd.DataFrame({"chance": own["p_failing"], "pace": orders["straight_line_share"],
                                  "money_at_risk": orders["ours_money"],
                                  "straight_line": orders["straight_line_money"],
                                  "last_year": orders["last_year_money"]})  # fmt: skip
            unspent = (own["adjusted_budget"] - own["outturn"]).clip(lower=0)
            found = at_workload(lists, own["fails"], unspent, share=share)
            paced = found.loc[found["order"] == "pace", "failing"].iloc[0]
            ratio = found["failing"] / paced if paced else float("nan")
            parts.append(found.assign(month=month, span=span, versus_pace=ratio))
    columns = ["month", "span", "order", "length", "failing", "versus_pace", "precision", "recall",
               "unspent", "money_share"]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def live_rows(shown: pd.DataFrame) -> pd.DataFrame:
    """Units with a budget and a known end, with `fails`."""
    live = shown[(shown["adjusted_budget"] > 0) & shown["outturn"].notna()]
    return live.assign(fails=is_failing(live["outturn"], live["adjusted_budget"]).astype("bool"))


def orders_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Scores, high first, by money left over and by its share of the budget; ours by the chance of failing."""
    budget = rows["adjusted_budget"]
    columns = {"ours": "value", "straight_line": "straight_line", "last_year": "last_year"}
    left = {name: budget - rows[column] for name, column in columns.items()}
    table = pd.DataFrame({f"{name}_money": money for name, money in left.items()})
    shares = {f"{name}_share": money / budget for name, money in left.items()}
    return table.assign(**{**shares, "ours_share": rows["p_failing"]}).fillna(float("-inf"))


def _spans(part: pd.DataFrame):
    years = [(str(year), rows, []) for year, rows in part.groupby("year")]
    return years + spans_of(part)[1:]


GOAL_MONTH = 6
GOALS = {
    "whole_error": 0.60, "districts_error": 0.50, "false_flags": 0.60, "list_failing": 1.5,
    "list_money": 0.90,
}  # fmt: skip
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
    rows = [*_goal_errors(at["errors"], ours), *_alerts(at["flags"], at["lists"], alarm)]
    rows += _coverage(at["coverage"])
    table = pd.DataFrame(rows, columns=["goal", "way", "aim", "reached"])
    table = table[table["reached"].notna()].reset_index(drop=True)
    # 0.85 - 0.8 is 0.04999999999999993 in binary: twelve digits tell what was counted.
    table = table.assign(reached=table["reached"].round(12))
    is_least = table["way"] == "least"
    short = (table["reached"] - table["aim"]).where(~is_least, table["aim"] - table["reached"]).round(12)
    is_met = (short < 0) | ((short == 0) & (table["way"] != "below"))
    return table.assign(is_met=is_met.astype("bool"), missed_by=short.where(~is_met, 0.0).astype("float64"))


def _goal_errors(errors: pd.DataFrame, ours: str) -> list[tuple]:
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
    tested: pd.DataFrame, years: Sequence[int], *, methods: Sequence[str] = METHODS, with_pinball: bool = True
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
    sums = {method: _loss_over(loss.loc[own.index], own, keys) for method, loss in losses.items()}
    at = found["year"] if is_yearly else pd.Series(0, index=found.index)
    told = zip(found["method"], found["month"], at, strict=True)
    return [sums[method].get((month, year), np.nan) for method, month, year in told]


def _loss_over(loss: pd.Series, rows: pd.DataFrame, years: pd.Series) -> pd.Series:
    by = [rows["month"], years]
    spent = rows["outturn"].where(loss.notna()).groupby(by).sum()
    return loss.groupby(by).sum() / spent.where(spent > 0)


def _pinball(tested: pd.DataFrame, method: str) -> pd.Series:
    """Mean loss over the quantiles, a number per row; NA in the first year, which nothing calibrates."""
    scored = tested.assign(value=tested[method], scale=tested["adjusted_budget"])
    end, losses = tested["outturn"], []
    for confidence in CONFIDENCES:
        spans = yearly_intervals(scored, levels=LEVELS, confidence=confidence, by="kind")
        tail = (1 - confidence) / 2
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
