"""Progress in money and goals at a cut-off month: what is odd, where a project stands, the rush in December."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.measure.money import sum_amounts

KEYS = ("district", "year", "project")
FLAGS = (
    "above_one", "goal_falling", "executed_falling", "month_gap", "budget_zero", "budget_restated",
    "not_in_projects", "not_in_progress", "no_history",
)  # fmt: skip
SMALLEST = 20  # projects that finished well below which a type has no figures of its own
HELD = 0.9  # share of them that the region of tolerance holds


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


def mark_months(progress: pd.DataFrame, *, keys: Sequence[str] = KEYS) -> pd.DataFrame:
    """`progress` sorted by keys and month, with what is odd in each month.

    Adds the flags `is_month_gap` (the first month of a year counts from January's start), `is_executed_falling`,
    `is_budget_restated`, `is_budget_zero` (it was above 0 and is 0 now), `is_above_one`, `is_goal_falling`. NA amounts
    give no flag. Raises as `check_months`.
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
    return rows.assign(
        is_month_gap=rows["month"] - before["month"].fillna(0) > 1,
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
    history: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What is odd, one row per finding: `KEYS`, `month` (NA where it is about the year) and `flag`.

    `flag` is one of `FLAGS`; each has its words under `progress.flag_…`. `projects` (one row per key)
    is compared with the projects that have progress; `history` holds progress of earlier
    years: a project that is not in it is `no_history`. Sorted by keys, month, flag.
    """
    keys = list(KEYS)
    marked = mark_months(progress)
    names = [f for f in FLAGS if f"is_{f}" in marked]
    parts = [marked.loc[marked[f"is_{f}"].astype("bool"), [*keys, "month"]].assign(flag=f) for f in names]
    ids = progress[keys].drop_duplicates()
    if projects is not None:
        listed = projects[keys].drop_duplicates()
        parts += [_only_left(ids, listed, keys).assign(flag="not_in_projects")]
        parts += [_only_left(listed, ids, keys).assign(flag="not_in_progress")]
    if history is not None:
        parts += [_only_left(ids, history, ["district", "project"]).assign(flag="no_history")]
    found = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return found.assign(month=found["month"].astype("Int64")).sort_values(
        [*keys, "month", "flag"], ignore_index=True
    )


def _only_left(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    marked = left.merge(right[keys].drop_duplicates(), on=keys, how="left", indicator=True)
    return marked.loc[marked["_merge"] == "left_only", left.columns].assign(month=np.nan)


def expected_share(now: pd.DataFrame, profile: pd.DataFrame | None = None) -> pd.DataFrame:
    """`expected_share` and `basis` of each row: own plan first, then the profile of its type, then time.

    `now` holds `month`, perhaps `planned_share`, and `type`; `profile` has `type`, `month`, `share` (see
    `type_profile`). `basis` is "plan", "profile" or "time".
    """
    plan = now.get("planned_share", pd.Series(np.nan, index=now.index)).astype("float64")
    usual = pd.Series(np.nan, index=now.index)
    if profile is not None:
        joined = now[["type", "month"]].merge(profile, on=["type", "month"], how="left")
        usual = joined["share"].set_axis(now.index)
    basis = np.select([plan.notna(), usual.notna()], ["plan", "profile"], "time")
    share = plan.fillna(usual).fillna(now["month"] / 12)
    return pd.DataFrame({"expected_share": share, "basis": basis}, index=now.index)


def type_profile(past: pd.DataFrame) -> pd.DataFrame:
    """Share of that month's budget executed by then, one row per type and month of earlier years.

    `share` = Σ executed / Σ adjusted_budget over projects and years; NA without budget.
    """
    rows = past[past["executed"].notna() & past["adjusted_budget"].notna()]
    sums = rows.groupby(["type", "month"])[["executed", "adjusted_budget"]].sum()
    share = sums["executed"] / sums["adjusted_budget"].where(sums["adjusted_budget"] > 0)
    return share.rename("share").reset_index()


def dual_position(now: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """`now` with money and goals against what was due, and the quadrant in a word.

    Needs `executed`, `adjusted_budget`, `goal_progress`. Adds `spent_share` (S), `goal_progress` (G) stays,
    `money_gap` = S - expected, `goal_gap` = G - expected, `gap` = G - S, earned-value ratios `spi` = G / expected and
    `cpi` = G / S, and `quadrant`: "on_track" (both gaps at least 0), "money_late" (goals due, money not), "goals_late"
    (money due, goals not), "both_late"; NA without S or G.
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


def usual_gap(past: pd.DataFrame) -> pd.DataFrame:
    """Usual gap between goals and money, one row per type and month: `usual`, the median.

    `past` holds `gap` (G - S) of projects of earlier years that finished well. Types with fewer than `SMALLEST` take
    the median of all types of that month.
    """
    known = past[past["gap"].notna()]
    own = known.groupby(["type", "month"])["gap"].agg(["median", "size"]).reset_index()
    whole = own["month"].map(known.groupby("month")["gap"].median())
    return own[["type", "month"]].assign(usual=own["median"].where(own["size"] >= SMALLEST, whole))


def tolerance_distance(past: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """`distance` of each row of `now` from the (S, G) of past projects that finished well, and `is_inside`.

    Both frames hold `spent_share` and `goal_progress`, of one type and month. Distance is Mahalanobis's from
    their medians; `limit` is the conformal quantile that holds nine tenths of them, NA (and everything inside) with
    fewer than `SMALLEST` of them.
    """
    columns = ["spent_share", "goal_progress"]
    known = past[columns].dropna()
    if len(known) < SMALLEST:
        return pd.DataFrame({"distance": np.nan, "limit": np.nan, "is_inside": True}, index=now.index)
    centre, inverse = known.median().to_numpy(), np.linalg.pinv(np.cov(known.to_numpy().T))
    own, distance = (_mahalanobis(frame[columns], centre, inverse) for frame in (known, now))
    limit = np.sort(own)[int(np.ceil(np.round((len(own) + 1) * HELD, 9))) - 1]
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

    - `units`, `executed` (year), `december_share`, `last_quarter_share` (of the year);
    - `spike`: December ÷ the mean of the eleven months before, with `low`, `high` (95 %, on the log
      scale, units being what varies); 1 means no rush.

    Units are left out where September, November or December is missing. NA where the year's spending is not above 0.
    Reversals count as they are, negative.
    Source: Liebman & Mahoney (2017) for the ratio, here by months.
    """
    by = list(by)
    months = progress[progress["month"].isin([9, 11, 12])]
    sums = sum_amounts(months, ["executed"], by=list(dict.fromkeys(["year", *by, *unit, "month"])))
    wide = sums.pivot(index=list(dict.fromkeys(["year", *by, *unit])), columns="month", values="executed")
    parts = wide.reindex(columns=[9, 11, 12]).reset_index()
    groups = parts.groupby(["year", *by], sort=True)
    return groups.apply(_rush, include_groups=False).reset_index()


def _rush(rows: pd.DataFrame) -> pd.Series:
    september, november, december = rows[[9, 11, 12]].dropna().to_numpy("float64").T
    total = np.round(december.sum(), 2)
    out = {
        "units": len(december),
        "executed": total,
        "december_share": (december - november).sum() / total if total > 0 else np.nan,
        "last_quarter_share": (december - september).sum() / total if total > 0 else np.nan,
    }
    return pd.Series({**out, **_spike(december - november, november)})


def _spike(december: np.ndarray, rest: np.ndarray) -> dict:
    """Ratio of sums with the linearised variance of the log; needs two units and positive sums."""
    out = {"spike": np.nan, "low": np.nan, "high": np.nan}
    d, r, n = december.sum(), rest.sum() / 11, len(december)
    if r <= 0:
        return out
    out["spike"] = d / r
    if n >= 2 and d > 0:
        parts = december / d - rest / 11 / r
        se = np.sqrt(n / (n - 1) * (parts**2).sum())
        out["low"], out["high"] = d / r * np.exp(-_Z * se), d / r * np.exp(_Z * se)
    return out
