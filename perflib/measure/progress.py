"""Progress in money and goals at a cut-off month: what is odd, where a project stands, the rush in December."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import ArgumentError, DataError
from perflib.measure.money import sum_amounts

KEYS = ("district", "year", "project")
FLAGS = (
    "above_one", "goal_falling", "executed_falling", "month_gap", "budget_zero", "budget_restated",
    "not_in_projects", "not_in_progress", "no_history",
)  # fmt: skip


def check_months(progress: pd.DataFrame, *, keys: Sequence[str] = KEYS) -> None:
    """Raises DataError if a unit has a month twice, or a month is not a whole number from 1 to 12."""
    month = pd.to_numeric(progress["month"], errors="coerce")
    bad = ~month.isin(range(1, 13))
    if bad.any():
        example = progress.loc[bad, "month"].iloc[0]
        raise DataError("progress.bad_months", count=int(bad.sum()), example=example)
    twice = progress.duplicated([*keys, "month"])
    if twice.any():
        first = progress.loc[twice, [*keys, "month"]].iloc[0]
        raise DataError(
            "progress.duplicate_months", count=int(twice.sum()), example=" / ".join(map(str, first))
        )


def monthly_increments(progress: pd.DataFrame, *, keys: Sequence[str] = KEYS) -> pd.DataFrame:
    """`progress` sorted by keys and month, with what each month added and what is odd in it.

    Adds `months_since` (1, or more after a gap; the first month of a year counts from January's start),
    `executed_added` (over all `months_since`; negative for a reversal), and the flags `is_month_gap`,
    `is_executed_falling`, `is_budget_restated`, `is_budget_zero` (it was above 0 and is 0 now),
    `is_above_one`, `is_goal_falling`. NA amounts give NA increments and no flag. Raises as `check_months`.
    """
    check_months(progress, keys=keys)
    rows = progress.sort_values([*keys, "month"], ignore_index=True)
    goals = rows.get("goal_progress", pd.Series(np.nan, index=rows.index))
    group = [rows[k] for k in keys]
    before = (
        rows.assign(goal_progress=goals)
        .groupby(group)[["month", "executed", "adjusted_budget", "goal_progress"]]
        .shift()
    )
    budget, had = rows["adjusted_budget"], before["adjusted_budget"]
    since = rows["month"] - before["month"].fillna(0)
    return rows.assign(
        months_since=since.astype("int64"),
        executed_added=rows["executed"] - before["executed"].where(before["month"].notna(), 0.0),
        is_month_gap=since > 1,
        is_executed_falling=_cents(rows["executed"]) < _cents(before["executed"]),
        is_budget_restated=had.notna() & budget.notna() & (_cents(budget) != _cents(had)),
        is_budget_zero=(budget == 0) & (had > 0),
        is_above_one=goals > 1,
        is_goal_falling=goals < before["goal_progress"],
    )


def _cents(amounts: pd.Series) -> pd.Series:
    return (amounts * 100).round()


def flag_progress(
    progress: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    *,
    keys: Sequence[str] = KEYS,
    history: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What is odd, one row per finding: `keys`, `month` (NA where it is about the year) and `flag`.

    `flag` is one of `FLAGS`; each has its words under `progress.flag_…`. `projects` (one row per key)
    is compared with the projects that have progress; `history` holds progress of earlier
    years: a project whose `keys` without `year` are not in it is `no_history`. Sorted by keys, month, flag.
    """
    marked = monthly_increments(progress, keys=keys)
    names = [f for f in FLAGS if f"is_{f}" in marked]
    parts = [marked.loc[marked[f"is_{f}"].astype("bool"), [*keys, "month"]].assign(flag=f) for f in names]
    ids = progress[list(keys)].drop_duplicates()
    if projects is not None:
        parts += [_only_left(ids, projects, keys).assign(flag="not_in_projects")]
        parts += [
            _only_left(projects[list(keys)].drop_duplicates(), progress, keys).assign(flag="not_in_progress")
        ]
    if history is not None:
        lasting = [k for k in keys if k != "year"]
        parts += [_only_left(ids, history, lasting).assign(flag="no_history")]
    found = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return found.assign(month=found["month"].astype("Int64")).sort_values(
        [*keys, "month", "flag"], ignore_index=True
    )


def _only_left(left: pd.DataFrame, right: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    marked = left.merge(right[list(keys)].drop_duplicates(), on=list(keys), how="left", indicator=True)
    return marked.loc[marked["_merge"] == "left_only", left.columns].assign(month=np.nan)


def expected_share(
    now: pd.DataFrame, profile: pd.DataFrame | None = None, *, types: str = "type"
) -> pd.DataFrame:
    """`expected_share` and `basis` of each row: own plan first, then the profile of its kind, then time.

    `now` holds `month`, perhaps `planned_share`, and `types`; `profile` has `types`, `month`, `share` (see
    `type_profile`). `basis` is "plan", "profile" or "time".
    """
    plan = now.get("planned_share", pd.Series(np.nan, index=now.index)).astype("float64")
    usual = pd.Series(np.nan, index=now.index)
    if profile is not None:
        joined = now[[types, "month"]].merge(
            profile[[types, "month", "share"]], on=[types, "month"], how="left"
        )
        usual = joined["share"].set_axis(now.index)
    basis = np.select([plan.notna(), usual.notna()], ["plan", "profile"], "time")
    share = plan.fillna(usual).fillna(now["month"] / 12)
    return pd.DataFrame({"expected_share": share, "basis": basis}, index=now.index)


def type_profile(past: pd.DataFrame, *, types: str = "type") -> pd.DataFrame:
    """Share of that month's budget executed by then, one row per type and month of earlier years.

    `share` = Σ executed / Σ adjusted_budget over projects and years; NA without budget; `projects` counted.
    """
    rows = past[past["executed"].notna() & past["adjusted_budget"].notna()]
    sums = rows.groupby([types, "month"]).agg(
        executed=("executed", "sum"), budget=("adjusted_budget", "sum"), projects=("executed", "size")
    )
    share = sums["executed"] / sums["budget"].where(sums["budget"] > 0)
    return sums.assign(share=share).reset_index()[[types, "month", "share", "projects"]]


def dual_position(now: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """`now` with money and goals against what was due, and the quadrant in a word.

    Needs `executed`, `adjusted_budget`, `goal_progress`. Adds `spent_share` (S), `goal_progress` (G) stays,
    `money_gap` = S - expected, `goal_gap` = G - expected, `gap` = G - S, earned-value ratios
    `spi` = G / expected and `cpi` = G / S, and `quadrant`: "on_track" (both gaps at least 0), "money_late"
    (goals due, money not), "goals_late" (money due, goals not), "both_late"; NA without S or G.
    """
    budget = now["adjusted_budget"].where(now["adjusted_budget"] > 0)
    s, g, due = now["executed"] / budget, now["goal_progress"], expected["expected_share"]
    is_paid, is_done = _nano(s) >= _nano(due), _nano(g) >= _nano(due)
    words = np.select(
        [is_paid & is_done, is_done, is_paid], ["on_track", "money_late", "goals_late"], "both_late"
    )
    known = s.notna() & g.notna()
    return now.assign(
        spent_share=s,
        expected_share=due,
        basis=expected["basis"],
        money_gap=s - due,
        goal_gap=g - due,
        gap=g - s,
        spi=g / due.where(due > 0),
        cpi=g / s.where(s > 0),
        quadrant=pd.Series(words, index=now.index, dtype="str").where(known),
    )


def _nano(share: pd.Series) -> pd.Series:
    return (share * 1e9).round()


def usual_gap(past: pd.DataFrame, *, types: str = "type", smallest: int = 20) -> pd.DataFrame:
    """Usual gap between goals and money, one row per type and month: `centre`, `spread`, `projects`.

    `past` holds `gap` (G - S) of projects of earlier years that finished well. `centre` is the median,
    `spread` 1.4826 × the median absolute deviation. Types with fewer than `smallest` take the figures of
    all types of that month, marked `is_pooled`.
    """
    known = past[past["gap"].notna()]
    own, whole = _gap_stats(known, [types, "month"]), _gap_stats(known, ["month"])
    table = own.reset_index().merge(whole.reset_index(), on="month", suffixes=("", "_all"))
    is_pooled = table["projects"] < smallest
    return table.assign(
        centre=table["centre"].where(~is_pooled, table["centre_all"]),
        spread=table["spread"].where(~is_pooled, table["spread_all"]),
        is_pooled=is_pooled,
    )[[types, "month", "centre", "spread", "projects", "is_pooled"]]


def _gap_stats(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    centre = rows.groupby(by)["gap"].median()
    away = (rows["gap"] - rows.groupby(by)["gap"].transform("median")).abs()
    spread = 1.4826 * away.groupby([rows[c] for c in by]).median()
    return pd.DataFrame({"centre": centre, "spread": spread, "projects": rows.groupby(by).size()})


def tolerance_distance(
    past: pd.DataFrame, now: pd.DataFrame, *, share: float = 0.9, smallest: int = 20
) -> pd.DataFrame:
    """`distance` of each row of `now` from the (S, G) of past projects that finished well, and `is_inside`.

    Both frames hold `spent_share` and `goal_progress`, of one type and month. Distance is Mahalanobis's from
    their medians; `limit` is the conformal quantile that holds `share` of them, NA (and everything
    inside) with fewer than `smallest` of them. Raises ArgumentError unless 0 < share < 1.
    """
    if not 0 < share < 1:
        raise ArgumentError("compare.bad_confidence", value=share)
    columns = ["spent_share", "goal_progress"]
    known, limit = past[columns].dropna(), np.nan
    if len(known) < smallest:
        return pd.DataFrame({"distance": np.nan, "limit": limit, "is_inside": True}, index=now.index)
    centre, spread = known.median().to_numpy(), np.cov(known.to_numpy().T)
    inverse = np.linalg.pinv(spread)
    own = _mahalanobis(known[columns], centre, inverse)
    k = int(np.ceil(np.round((len(own) + 1) * share, 9)))
    limit = np.sort(own)[k - 1] if k <= len(own) else np.inf
    distance = _mahalanobis(now[columns], centre, inverse)
    inside = (distance <= limit) | np.isnan(distance)
    return pd.DataFrame({"distance": distance, "limit": limit, "is_inside": inside}, index=now.index)


def _mahalanobis(points: pd.DataFrame, centre: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    away = points.to_numpy("float64") - centre
    return np.sqrt(np.einsum("ij,jk,ik->i", away, inverse, away))


_Z = 1.959963984540054


def year_end_rush(progress: pd.DataFrame, *, unit: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    """December's and the last quarter's share of the year's spending, one row per `year` and group of `by`.

    `progress` holds `year`, `month`, `executed` (to date) and `unit` (the columns of a single unit); `by` are
    columns of a unit, such as type or department. Columns:

    - `units`, `executed` (year), `december`, `last_quarter` (amounts) and their shares of the year;
    - `spike`: December ÷ the mean of the eleven months before, with `low`, `high` (95 %, on the log
      scale, units being what varies), `confidence`, `method`; 1 means no rush;
    - `p_half`: share of units that spent at least half of their year in the last quarter;
    - `incomplete`: units left out, as November, September or December is missing.

    NA where the year's spending is not above 0. Reversals count as they are, negative.
    Source: Liebman & Mahoney (2017) for the ratio, here by months.
    """
    by = list(by)
    months = progress[progress["month"].isin([9, 11, 12])]
    sums = sum_amounts(months, ["executed"], by=list(dict.fromkeys(["year", *by, *unit, "month"])))
    wide = sums.pivot(index=list(dict.fromkeys(["year", *by, *unit])), columns="month", values="executed")
    wide = wide.reindex(columns=[9, 11, 12])
    is_whole = wide.notna().all(axis=1)
    parts = wide.assign(
        december=wide[12] - wide[11],
        rest=wide[11],
        last_quarter=wide[12] - wide[9],
        executed=wide[12],
        is_whole=is_whole,
    ).reset_index()
    groups = parts.groupby(["year", *by], sort=True)
    return groups.apply(_rush, include_groups=False).reset_index()


def _rush(rows: pd.DataFrame) -> pd.Series:
    part = rows[rows["is_whole"]]
    december, rest, year = (part[c].to_numpy("float64") for c in ("december", "rest", "executed"))
    total = np.round(year.sum(), 2)
    last = part["last_quarter"].to_numpy("float64")
    active = year > 0
    out = {
        "units": len(part),
        "incomplete": int((~rows["is_whole"]).sum()),
        "executed": total,
        "december": december.sum(),
        "last_quarter": last.sum(),
        "december_share": december.sum() / total if total > 0 else np.nan,
        "last_quarter_share": last.sum() / total if total > 0 else np.nan,
        "p_half": float((last[active] >= 0.5 * year[active]).mean()) if active.any() else np.nan,
    }
    return pd.Series({**out, **_spike(december, rest)})


def _spike(december: np.ndarray, rest: np.ndarray) -> dict:
    """Ratio of sums with the linearised variance of the log; needs two units and positive sums."""
    out = {"spike": np.nan, "low": np.nan, "high": np.nan, "confidence": 0.95, "method": "linearised_log"}
    d, r, n = december.sum(), rest.sum() / 11, len(december)
    if r <= 0:
        return out
    out["spike"] = d / r
    if n >= 2 and d > 0:
        parts = december / d - rest / 11 / r
        se = np.sqrt(n / (n - 1) * (parts**2).sum())
        out["low"], out["high"] = d / r * np.exp(-_Z * se), d / r * np.exp(_Z * se)
    return out
