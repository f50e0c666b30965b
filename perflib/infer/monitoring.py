"""Monitoring at a cut-off month: where each project stands in money and goals, and which to act on.

>>> import perflib as pf
>>> book = pf.load("sample")
>>> pf.monitoring.rush(book.rows("progress"), book.rows("projects"), year=2023)["rush_year"].tolist()
[2022]
"""

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Rules
from perflib.data.rules import load_rules
from perflib.data.text import say
from perflib.infer.backtest import coverage_table, error_table, flag_table, judge_goals, list_table
from perflib.infer.forecast_panel import LAST_MONTH
from perflib.infer.interval import CONFIDENCE
from perflib.infer.outlook import (
    FAILING_BELOW,
    chosen_month,
    is_failing,
    outlook,
    outlook_of,
    propose_action,
)
from perflib.infer.readings import control_points, level_changes, monthly_readings
from perflib.infer.year_end import labelled, with_about
from perflib.measure.progress import (
    dual_position,
    expected_share,
    flag_progress,
    tolerance_distance,
    type_profile,
    usual_gap,
    year_end_rush,
)
from perflib.measure.tally import like
from perflib.measure.warning import warn_lines

__all__ = ["control", "control_points", "earlier", "errors", "goals", "hindsight", "kept_words",
           "level_changes", "monthly_readings", "odd", "quadrants", "rush", "standing", "usual"]  # fmt: skip
QUADRANTS = ("on_track", "money_late", "goals_late", "both_late")
WORDS = ("certain", "possible", "impossible")
RULES_OF_LIST = ("nothing_spent", "below_line", "forecast_low", "goals_behind")
GOALS_BEHIND = 0.2
"""By how much of the whole goals must lag behind money to be on the list, where the rule set has no limit of its own."""
FAILING_FROM = 0.5
FALSE_SIGNALS = 1 - CONFIDENCE  # of an indicator in which nothing changed, in a year (`control_chart`)
WELL_SPENT, WELL_REACHED = 0.9, 1.0  # what counts as having finished well
# the two that the tests on earlier years hold the list against
_PACE_RULES, _LINE_RULES = ("incumbent", "sichuan-2025")
_METHODS = ("straight_line", "rule_in_use", "last_year", "value")


def standing(progress: pd.DataFrame, projects: pd.DataFrame, *, rules: Rules, year: int, month: int = 0,
             lang: str = "zh") -> pd.DataFrame:  # fmt: skip
    """One row per project of `year` at `month` (0: the last before December; in December nothing is forecast), the most money at risk first.

    Where it stands: `spent_share`, `goal_progress`, `expected_share` with its `basis` (own plan, else the past of its
    kind, else time), `money_gap`, `goal_gap`, `quadrant`; `usual`, the gap of goals over money in projects of its kind
    that finished well, `is_compared` and `is_inside` of the region that holds nine tenths of them. Where it will end:
    `forecast, forecast_lower, forecast_upper, p_failing` (the chance of spending less than 80 %; NA where
    earlier years teach none, never 0 or 1), `money_at_risk`. What to do: `is_listed` by the chance, or, where there is
    none, by the rules of `RULES_OF_LIST` (columns `is_<rule>`); `listed_by`, `action`, and in words of `lang`
    `cause` and `action_reason`.
    """
    cutoff = chosen_month(progress, year=year, month=month)
    now, past = _outlook(progress, projects, year, cutoff)
    names = projects.loc[projects["year"] == year, ["project", "name"]].drop_duplicates("project")
    now = now.merge(names, on="project", how="left", validate="one_to_one")
    warned = warn_lines(_placed(now, past), rules)
    listed = _listed(warned, rules)
    at_risk = (listed["adjusted_budget"] - listed["value"]).clip(lower=0)
    table = listed.assign(money_at_risk=at_risk).sort_values(
        ["money_at_risk", "project"], ascending=[False, True], ignore_index=True
    )
    budget = table["adjusted_budget"].where(table["adjusted_budget"] > 0)
    table = table.assign(
        name=table["name"].fillna(table["project"]),
        outlook_money=outlook(1 - table["p_failing"]),
        forecast=table["value"],
        forecast_lower=table["low"],
        forecast_upper=table["high"],
        forecast_rate=table["value"] / budget,
        forecast_deviation=table["value"] / budget - 1,
        executed_to_date=table["executed"],
        kind_of_project=table["type"],
    )
    table = table.assign(cause=_causes(table, lang))
    return like(table.assign(action_reason=_reasons(table, lang)), progress)


def earlier(progress: pd.DataFrame, projects: pd.DataFrame, *, year: int, month: int = 0) -> pd.DataFrame:
    """The projects of earlier years as they were forecast at `month` without knowing the end: `value`, `outturn`, …"""
    past = _outlook(progress, projects, year, chosen_month(progress, year=year, month=month))[1]
    return like(past[past["outturn"].notna()].reset_index(drop=True), progress)


def _outlook(progress, projects, year: int, month: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    lines, about = with_about(progress, projects, [])
    found = outlook_of(lines, year=year, month=month)
    return labelled(found.now, about, []), labelled(found.past, about, [])


def _placed(now: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """`now` with what was due and the usual gap of its kind."""
    now = dual_position(now, expected_share(now, type_profile(past) if len(past) else None))
    well = _finished_well(past)
    if well.empty:
        return now.assign(usual=np.nan, is_inside=True, is_compared=False)
    now = now.merge(usual_gap(well), on=["type", "month"], how="left", validate="many_to_one")
    inside = pd.concat(
        [tolerance_distance(well[well["type"] == t], rows) for t, rows in now.groupby("type")]
    ).reindex(now.index)
    return now.assign(is_inside=inside["is_inside"].astype(bool), is_compared=inside["limit"].notna())


def _finished_well(past: pd.DataFrame) -> pd.DataFrame:
    share = past["executed"] / past["adjusted_budget"].where(past["adjusted_budget"] > 0)
    is_well = (past["outturn"] >= WELL_SPENT * past["outturn_budget"]) & (past["goal_end"] >= WELL_REACHED)
    rows = past.assign(spent_share=share, gap=past["goal_progress"] - share)
    return rows[is_well & rows["gap"].notna()]


def _listed(warned: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Who is on the list and by what: the chance where there is one, else the four rules."""
    limit = rules.warning.attainment_gap
    has_budget = warned["adjusted_budget"] > 0
    flags = {
        "nothing_spent": has_budget & (warned["executed"] == 0),
        "below_line": warned["is_below_line"],
        "forecast_low": is_failing(warned["value"], warned["adjusted_budget"]).fillna(False).astype(bool),
        "goals_behind": warned["gap"] < -float(GOALS_BEHIND if limit is None else limit),
    }
    table = warned.assign(**{f"is_{name}": flag for name, flag in flags.items()})
    is_known = table["p_failing"].notna()
    by_rules = ~is_known & pd.concat(flags.values(), axis=1).any(axis=1)
    by_chance = table["p_failing"] >= FAILING_FROM
    action = propose_action(table, failing_from=FAILING_FROM).where(~by_rules, "explain")
    words = np.select([by_chance, by_rules], ["chance", "rules"], "")
    return table.assign(is_listed=by_chance | by_rules, action=action,
                        listed_by=pd.Series(words, index=table.index, dtype="str").replace("", pd.NA))  # fmt: skip


def _causes(table: pd.DataFrame, lang: str) -> pd.Series:
    """The cause in a phrase: what the data shows; the department tells why."""
    budget = table["adjusted_budget"]
    bound = table[["committed", "executed"]].max(axis=1)
    conditions = [~(budget > 0), table["executed"] > budget,
                  (table["executed"].fillna(0) == 0) & (bound.fillna(0) <= 0),
                  *(table["quadrant"] == q for q in QUADRANTS[1:]), table["money_gap"] < 0]  # fmt: skip
    codes = ["no_budget", "overspent", "not_begun", *QUADRANTS[1:], "slow"]
    words = {code: say(f"monitoring.cause_{code}", lang) for code in [*codes, "none"]}
    return pd.Series(np.select(conditions, codes, "none"), index=table.index).map(words)


def _reasons(table: pd.DataFrame, lang: str) -> pd.Series:
    """Why a project is listed, one phrase a row; NA for the others."""
    chance, share = (
        (table[c] * 100).round().astype("Int64").astype("str") for c in ("p_failing", "forecast_rate")
    )
    first, middle, last = say("monitoring.reason", lang, chance="\0", share="\0").split("\0")[:3]
    by_chance = first + chance + middle + share + last + table["cause"]
    by_rules = pd.Series("", index=table.index)
    for name in RULES_OF_LIST:
        is_over = name == "forecast_low" and table["month"].eq(LAST_MONTH).all()
        words = say("monitoring.rule_spent_low" if is_over else f"monitoring.rule_{name}", lang)
        joined = by_rules.where(by_rules == "", by_rules + say("monitoring.and", lang)) + words
        by_rules = by_rules.where(~table[f"is_{name}"], joined)
    return by_chance.where(table["listed_by"] == "chance", by_rules).where(table["is_listed"])


def quadrants(now: pd.DataFrame) -> pd.DataFrame:
    """One row per quadrant of `standing` in use: `quadrant, projects, outside, adjusted_budget`."""
    known = now[now["quadrant"].notna()].assign(projects=1)
    table = known.assign(outside=(~known["is_inside"]).astype("int64"))
    sums = table.groupby("quadrant")[["projects", "outside", "adjusted_budget"]].sum()
    return like(sums.reindex([q for q in QUADRANTS if q in sums.index]).reset_index(), now)


def usual(now: pd.DataFrame) -> pd.DataFrame:
    """One row per type: `usual` gap of goals over money in those that finished well, and `gap_now`, the median."""
    known = now[now["quadrant"].notna()].assign(outside=lambda d: (~d["is_inside"]).astype("int64"))
    table = known.groupby("kind_of_project").agg(
        projects=("project", "size"), usual=("usual", "first"), gap_now=("gap", "median"), outside=("outside", "sum")
    )  # fmt: skip
    return like(table.reset_index(), now)


def errors(past: pd.DataFrame) -> pd.DataFrame:
    """How wrong the forecast and the straight line were, the last year first: `ours_error, straight_error, covered`.

    Errors are sums of absolute errors over what was spent; `covered` is the share of outturns inside their
    intervals. The last row, `tested_year` NA, is all years.
    """
    parts = [(year, rows) for year, rows in past.groupby("year")][::-1]
    rows = [_error_row(year, rows) for year, rows in [*parts, *([(pd.NA, past)] if parts else [])]]
    columns = ["tested_year", "projects", "ours_error", "straight_error", "covered", "is_better"]
    return like(pd.DataFrame(rows, columns=columns).astype({"tested_year": "Int64"}), past)


def _error_row(year, part: pd.DataFrame) -> dict:
    end = part["outturn"].sum()
    held = part[part["low"].notna()]
    ours, line = ((part[c] - part["outturn"]).abs().sum() for c in ("value", "straight_line"))
    return {
        "tested_year": year,
        "projects": len(part),
        "ours_error": ours / end if end > 0 else np.nan,
        "straight_error": line / end if end > 0 else np.nan,
        "covered": held["outturn"].between(held["low"], held["high"]).mean() if len(held) else np.nan,
        "is_better": bool(ours < line),
    }


def hindsight(past: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """What the list of each year whose end is known would have freed, the last first: a row a year."""
    whole = pd.concat([past, now[past.columns]], ignore_index=True) if len(past) else now[:0]
    whole = whole[whole["outturn"].notna() & whole["p_failing"].notna()]
    parts = [_hindsight_row(year, part) for year, part in whole.groupby("year")][::-1]
    columns = ["listed_year", "flagged", "failed_listed", "failed", "unspent", "actually_cut", "still_idle"]
    return like(pd.DataFrame(parts, columns=columns), past)


def _hindsight_row(year: int, part: pd.DataFrame) -> dict:
    """`unspent` of the budgets of those flagged, by how much these were cut after the alarm, and what stayed in them."""
    is_flagged = part["p_failing"] >= FAILING_FROM
    failed = is_failing(part["outturn"], part["adjusted_budget"]).fillna(False)
    own = part[is_flagged]
    unspent = (own["adjusted_budget"] - own["outturn"]).clip(lower=0)
    cut = (own["adjusted_budget"] - own["outturn_budget"]).clip(lower=0)
    return {
        "listed_year": year,
        "flagged": len(own),
        "failed_listed": int((failed & is_flagged).sum()),
        "failed": int(failed.sum()),
        "unspent": unspent.sum(),
        "actually_cut": cut.sum(),
        "still_idle": (unspent - cut).clip(lower=0).sum(),
    }


def kept_words(past: pd.DataFrame) -> pd.DataFrame:
    """How often the words of the form came true: `outlook_word, projects, said` (mean chance), `came_true`."""
    rows = past[past["p_failing"].notna()]
    came = (rows["outturn"] >= FAILING_BELOW * rows["adjusted_budget"]).astype("float64")
    frame = pd.DataFrame({"outlook_word": outlook(1 - rows["p_failing"]), "said": 1 - rows["p_failing"],
                          "came_true": came, "projects": 1})  # fmt: skip
    sums = frame.groupby("outlook_word").agg({"projects": "sum", "said": "mean", "came_true": "mean"})
    return like(sums.reindex([w for w in WORDS if w in sums.index]).reset_index(), past)


def goals(past: pd.DataFrame, *, lang: str = "zh") -> pd.DataFrame:
    """What forecasts and lists reached in earlier years, goal by goal, with what is missing; none where none can be judged."""
    tested = past.assign(kind="other / " + past["type"].astype("str"), is_district=False)
    years = sorted(tested.loc[tested["p_failing"].notna(), "year"].unique())
    columns = ["goal", "goal_way", "goal_aim", "goal_reached", "goal_state", "goal_missed_by"]
    if not len(years) or not tested["outturn"].sum() > 0:
        return like(pd.DataFrame(columns=columns), past)
    shown = tested[tested["year"].isin(years)]
    found = {
        "errors": error_table(tested, years, methods=_METHODS, with_pinball=False),
        "coverage": coverage_table(tested, years),
        "flags": flag_table(shown, pace_rules=load_rules(_PACE_RULES), line_rules=load_rules(_LINE_RULES)),
        "lists": list_table(shown),
    }
    table = judge_goals(found, month=int(shown["month"].iloc[0]), ours="value")
    states = table["is_met"].map({True: "met", False: "missed"})
    words = [say(f"backtest.goal_{code}", lang) for code in table["goal"]]
    values = [
        words,
        table["way"],
        table["aim"],
        table["reached"],
        states,
        table["missed_by"].where(~table["is_met"]),
    ]
    return like(pd.DataFrame(dict(zip(columns, values, strict=True))), past)


def rush(progress: pd.DataFrame, projects: pd.DataFrame, *, year: int, by: str = "") -> pd.DataFrame:
    """December's and the last quarter's share of the last whole year before `year`, by "type", "department" or in all.

    `rush_year, projects, executed_year, last_quarter_share, december_share, spike` (December over the mean month
    before) with `spike_lower, spike_upper`, `goal_progress` (mean at the end); the most in the last quarter first.
    """
    before = progress[progress["year"] < year]
    ended = before.loc[(before["month"] == 12) & before["executed"].notna(), "year"]
    lines, about = with_about(before[before["year"] == ended.max()], projects, [])
    rows = labelled(lines, about, [], many=True).assign(_all="all")
    columns = ["rush_year", "projects", "executed_year", "last_quarter_share", "december_share", "spike", "spike_lower",
               "spike_upper", "goal_progress"]  # fmt: skip
    named = {"type": "kind_of_project"}.get(by, by)
    if rows.empty:
        return like(pd.DataFrame(columns=[*filter(None, [named]), *columns]), progress)
    key = by or "_all"
    table = year_end_rush(rows, unit=["project"], by=[key])
    ends = rows[rows["month"] == 12].groupby(key)["goal_progress"].mean()
    table = table.assign(goal_progress=table[key].map(ends), executed_year=table["executed"])
    names = {"year": "rush_year", "units": "projects", "type": named}
    names |= {"low": "spike_lower", "high": "spike_upper"}
    table = table.rename(columns=names).dropna(subset=["last_quarter_share"])
    table = table.sort_values("last_quarter_share", ascending=False, ignore_index=True)
    return like(table[[*filter(None, [named]), *columns]], progress)


def control(points: pd.DataFrame) -> pd.DataFrame:
    """One row per series of `control_points`: its last reading, centre, limits, and how often it signals this year."""
    flags = {
        f"n_{rule}": (points[f"is_{rule}"] & points["is_recent"]).astype("int64")
        for rule in ("outside", "shift")
    }
    table = points.assign(**flags).groupby("series", sort=False).agg(
        measure_unit=("unit", "first"), readings=("value", "size"), last_reading=("value", "last"),
        centre_line=("centre", "last"), control_low=("low", "last"), control_high=("high", "last"),
        **{name: (name, "sum") for name in flags},
    )  # fmt: skip
    return like(table.reset_index().rename(columns={"series": "series_name"}), points)


def odd(progress: pd.DataFrame, projects: pd.DataFrame, *, year: int, month: int) -> pd.DataFrame:
    """What is odd in the months of `year` up to `month`: `project, month, odd_kind`, a row per place."""
    rows = progress[(progress["year"] == year) & (progress["month"] <= month)]
    history = progress[progress["year"] < year]
    known = projects[projects["year"] == year].drop_duplicates("project")
    found = flag_progress(rows, known, history=history if len(history) else None)
    return like(found.assign(odd_kind="flag_" + found["flag"].astype("str")), progress)
