"""Did a reform do it? Staggered starts, each compared only with districts that had not started yet.

Callaway & Sant'Anna (2021) by 2×2 means, without covariates; never plain two-way fixed effects, which
compares late starters with early ones.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence


@dataclass(frozen=True)
class _Panel:
    """Outcomes as districts × years, and each district's start (∞: never)."""

    outcome: np.ndarray
    years: np.ndarray
    start: np.ndarray
    names: pd.Index


def group_time_effects(
    panel: pd.DataFrame, starts: pd.DataFrame, *, value: str = "value", unit: str = "district"
) -> pd.DataFrame:
    """One row per cohort of starters and year: `effect` against districts not yet started, both counts.

    `panel` has one row per `unit` and year; districts with a year missing are left out (see `left_out` of
    `event_study`). `starts` has `unit` and `year`: the first year under the reform; a district not in it
    never started. effect = change of the cohort since the year before its start − the same change of the
    districts that have not started by then (never, or later than the year and than the start). Before the
    start it is a placebo: against the year before, so that it shows one year's change. NA and the reason
    `no_control` where nobody is left.
    """
    data, _ = _panel(panel, starts, value, unit)
    return _effects_table(data)


def event_study(
    panel: pd.DataFrame,
    starts: pd.DataFrame,
    *,
    value: str = "value",
    unit: str = "district",
    confidence: float = CONFIDENCE,
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """One row per year since the start (before it: placebo), and one for all years after it together.

    Columns: `event_time` (0 is the first year; NA for all together), `value` (mean over starters), `low`,
    `high`, `p_value`, `starters`, `is_placebo`, `reason`, `left_out` (districts with a year missing).
    Districts are few, so nothing is taken as normal: `p_value` is the share of exchanges of the starts among the districts that
    give an effect as large (exact if which district started when was as good as drawn); the interval holds
    the effects, the same in every year, that such exchanges don't reject once they are taken out. It is
    NA with the reason `too_few_districts` where they could reject nothing.

    Raises DataError where no district lacked the reform while another had it: a national reform has no
    control, and an assumption, not this data, would have to tell its effect.
    """
    check_confidence(confidence)
    data, left_out = _panel(panel, starts, value, unit)
    weights, times = event_weights(data.start, data.years)
    if not len(times):
        raise DataError("compare.no_control", districts=len(data.names))
    found = np.einsum("tij,ij->t", weights, data.outcome)
    table = pd.DataFrame({"event_time": pd.array(times, dtype="Int64"), "value": found})
    table["starters"] = _starters(data, times)
    table = table.assign(**_uncertainty(data, weights, found, confidence, draws, seed))
    table["is_placebo"] = table["event_time"].lt(0).fillna(False).astype(bool)
    return table.assign(left_out=left_out, confidence=confidence, method="group-time means, randomisation")


def _panel(panel: pd.DataFrame, starts: pd.DataFrame, value: str, unit: str) -> tuple[_Panel, int]:
    wide = panel.pivot(index=unit, columns="year", values=value).sort_index()
    full = wide.dropna()
    first = starts.groupby(unit)["year"].min().reindex(full.index).to_numpy(dtype="float64")
    data = _Panel(
        full.to_numpy(), full.columns.to_numpy(), np.where(np.isnan(first), np.inf, first), full.index
    )
    return data, len(wide) - len(full)


def _cells(start: np.ndarray, years: np.ndarray):
    """Cohort, year, base year, and who is compared with whom, for every cohort that has a year before it."""
    for cohort in np.unique(start[np.isfinite(start)]):
        before = np.flatnonzero(years < cohort)
        if not len(before):
            continue  # started before the data: nothing to compare with
        for j, year in enumerate(years):
            base = before[-1] if year >= cohort else j - 1
            if base >= 0:
                treated = start == cohort
                yield cohort, j, base, treated, (start > max(year, cohort)) & ~treated


def _effects_table(data: _Panel) -> pd.DataFrame:
    rows = []
    for cohort, j, base, treated, control in _cells(data.start, data.years):
        change = data.outcome[:, j] - data.outcome[:, base]
        effect = change[treated].mean() - change[control].mean() if control.any() else np.nan
        rows.append(
            {
                "cohort": int(cohort),
                "year": int(data.years[j]),
                "event_time": int(data.years[j] - cohort),
                "effect": effect,
                "starters": int(treated.sum()),
                "controls": int(control.sum()),
                "reason": None if control.any() else "no_control",
            }
        )
    columns = ["cohort", "year", "event_time", "effect", "starters", "controls", "reason"]
    return pd.DataFrame(rows, columns=columns)


def event_weights(start: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, list]:
    """The effects as weighted sums of outcomes: weights (effects × districts × years) and their event times.

    The last effect, with event time None, is the mean over starters of all years from the start on.
    """
    cells = [c for c in _cells(start, years) if c[4].any()]
    times = sorted({int(years[j] - cohort) for cohort, j, *_ in cells})
    weights = np.zeros((len(times) + 1, len(start), len(years)))
    mass = np.zeros(len(times) + 1)
    for cohort, j, base, treated, control in cells:
        n, time = treated.sum(), int(years[j] - cohort)
        cell = treated / n - control / control.sum()
        for row in [times.index(time)] + ([len(times)] if time >= 0 else []):
            weights[row, :, j] += n * cell
            weights[row, :, base] -= n * cell
            mass[row] += n
    if not mass[-1]:
        return weights[:0], []
    return weights / mass[:, None, None], [*times, None]


def _starters(data: _Panel, times: list) -> list[int]:
    table = _effects_table(data).dropna(subset=["effect"])
    by_time = table.groupby("event_time")["starters"].sum()
    whole = table.loc[table["event_time"] >= 0].groupby("cohort")["starters"].first().sum()
    return [int(whole if t is None else by_time[t]) for t in times]


def _uncertainty(data: _Panel, weights, found, confidence: float, draws: int, seed: int) -> dict:
    """Intervals and p-values by exchanging starts: weights belong to starts, so outcomes change rows."""
    rng = np.random.default_rng(seed)
    orders = rng.permuted(np.tile(np.arange(len(data.names)), (draws, 1)), axis=1)
    flat = weights.reshape(len(weights), -1).T
    under_reform = (data.years[None, :] >= data.start[:, None]).astype("float64")
    drawn, dose = (o[orders].reshape(draws, -1) @ flat for o in (data.outcome, under_reform))
    actual_dose = np.einsum("tij,ij->t", weights, under_reform)  # 1, or 0 for a placebo
    p_value = _shares_as_large(drawn, found)
    lower, upper = (_bound(drawn, dose, found, actual_dose, 1 - confidence, sign) for sign in (-1, 1))
    unknown = ~np.isfinite(lower) | ~np.isfinite(upper)
    return {
        "low": np.where(unknown, np.nan, lower),
        "high": np.where(unknown, np.nan, upper),
        "p_value": p_value,
        "reason": np.where(unknown, "too_few_districts", None),
    }


def _shares_as_large(drawn: np.ndarray, found: np.ndarray) -> np.ndarray:
    return (1 + (np.abs(drawn) >= np.abs(found) - 1e-12).sum(axis=0)) / (len(drawn) + 1)


def _bound(drawn, dose, found, actual_dose, alpha: float, sign: int) -> np.ndarray:
    """Farthest constant effect that the exchanges don't reject, by bisection; a placebo is shifted as a whole.

    Without that effect an exchange gives drawn − effect·dose, the actual order found − effect·actual dose.
    """
    whole = found[-1]
    placebo = actual_dose < 0.5
    reach = 4 * (np.abs(drawn).max() + np.abs(found).max()) + 1e-9
    near, far = found.copy(), found + sign * reach
    for _ in range(60):
        middle = (near + far) / 2
        effect = np.where(placebo, whole, middle)
        p = _shares_as_large(drawn - effect * dose, found - middle)
        kept = p > alpha
        near, far = np.where(kept, middle, near), np.where(kept, far, middle)
    return np.where(np.abs(near - found) > 0.99 * reach, np.inf, near)


def pretrend_test(study: pd.DataFrame, *, confidence: float = CONFIDENCE) -> dict:
    """Whether starters moved differently before they started: `is_parallel`, `smallest_p`, `placebos`, `reason`.

    By Bonferroni over the placebo years of `event_study`. That no difference is found is no proof of
    parallel trends when districts are few; without a placebo year there is nothing to look at
    (`no_year_before`).
    """
    p = study.loc[study["is_placebo"], "p_value"].dropna()
    if p.empty:
        return {"is_parallel": None, "smallest_p": float("nan"), "placebos": 0, "reason": "no_year_before"}
    smallest = min(1.0, float(p.min()) * len(p))
    return {
        "is_parallel": smallest > 1 - confidence,
        "smallest_p": smallest,
        "placebos": len(p),
        "reason": None,
    }
