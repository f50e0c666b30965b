"""Everything that yearly rates can say of one reform, and why they can't where they can't.

Starts are staggered, and each is compared only with districts that had not started yet. Callaway & Sant'Anna
(2021) by 2×2 means, without covariates; never plain two-way fixed effects, which compares late starters with
early ones.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.district_trend import KEYS, rate_series
from perflib.infer.interval import CONFIDENCE, check_confidence
from perflib.infer.rates import decided
from perflib.measure.tally import check_columns, one_of


@dataclass(frozen=True)
class _Panel:
    """Outcomes as districts × years, and each district's start (∞: never)."""

    outcome: np.ndarray
    years: np.ndarray
    start: np.ndarray
    names: pd.Index


def group_time_effects(panel: pd.DataFrame, starts: pd.DataFrame, *, value: str = "value") -> pd.DataFrame:
    """One row per cohort of starters and year: `effect` against districts not yet started, both counts.

    `panel` has one row per district and year; districts with a year missing are left out (see `left_out` of
    `study_of`). `starts` has `district` and `year`: the first year under the reform; a district not in it
    never started. effect = change of the cohort since the year before its start − the same change of the
    districts that have not started by then (never, or later than the year and than the start). Before the
    start it is a placebo: against the year before, so that it shows one year's change. NA and the reason
    `no_control` where nobody is left.
    """
    return _effects_table(_panel(panel, starts, value)[0])


def study_of(
    panel: pd.DataFrame,
    starts: pd.DataFrame,
    *,
    value: str = "value",
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
    check_confidence(confidence, draws)
    data, left_out = _panel(panel, starts, value)
    weights, times = event_weights(data.start, data.years)
    if not len(times):
        raise DataError("compare.no_control", districts=len(data.names))
    found = np.einsum("tij,ij->t", weights, data.outcome)
    table = pd.DataFrame({"event_time": pd.array(times, dtype="Int64"), "value": found})
    table["starters"] = _starters(data, times)
    table = table.assign(**_uncertainty(data, weights, found, confidence, draws, seed))
    table["is_placebo"] = table["event_time"].lt(0).fillna(False).astype(bool)
    return table.assign(left_out=left_out, confidence=confidence, method="group-time means, randomisation")


def _panel(panel: pd.DataFrame, starts: pd.DataFrame, value: str) -> tuple[_Panel, int]:
    wide = panel.pivot(index="district", columns="year", values=value).sort_index()
    full = wide.dropna()
    first = starts.groupby("district")["year"].min().reindex(full.index).to_numpy(dtype="float64")
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
    low, high = np.where(unknown, np.nan, lower), np.where(unknown, np.nan, upper)
    reason = np.where(unknown, "too_few_districts", None)
    return {"low": low, "high": high, "p_value": p_value, "reason": reason}


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

    By Bonferroni over the placebo years of `study_of`. That no difference is found is no proof of
    parallel trends when districts are few; without a placebo year there is nothing to look at
    (`no_year_before`).
    """
    p = study.loc[study["is_placebo"], "p_value"].dropna()
    if p.empty:
        return {"is_parallel": None, "smallest_p": float("nan"), "placebos": 0, "reason": "no_year_before"}
    smallest = min(1.0, float(p.min()) * len(p))
    told = {"smallest_p": smallest, "placebos": len(p), "reason": None}
    return {"is_parallel": smallest > 1 - confidence, **told}


OUTCOMES = ("rate", "mean_rate")


@dataclass(frozen=True)
class ReformEvidence:
    """What was found of a reform; `problem` says why nothing was.

    `districts`: one row per district with its `first_year` (NA: not in the data's years) and `role`:
    "starter", "control", "early" (under it from the first year on), or why it is left out: "break" (its
    definition changed within the years), "gap" (a year is missing). `study`: as `event_study` gives it.
    `cells`: effects by cohort and year. `outcomes`: the effect over all years for each outcome.
    """

    districts: pd.DataFrame
    study: pd.DataFrame = field(default_factory=pd.DataFrame)
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame)
    pretrend: dict = field(default_factory=dict)
    problem: DataError | None = None

    @property
    def whole(self) -> pd.DataFrame:
        """One row: the whole effect with `is_proven`, and the test of the years before (`parallel_p`, `is_parallel`)."""
        if self.study.empty:
            columns = ["value", "low", "high", "p_value", "is_proven", "parallel_p", "is_parallel", "undoing"]
            return pd.DataFrame(columns=columns)
        undoing = smallest_undoing(self.study) if self.is_proven else None
        return self.study[self.study["event_time"].isna()].head(1).assign(
            is_proven=self.is_proven, parallel_p=self.pretrend.get("smallest_p"),
            is_parallel=self.pretrend.get("is_parallel"), undoing=undoing,
        )  # fmt: skip

    @property
    def overall(self) -> pd.Series:
        """The effect over all years since the start together."""
        return self.study[self.study["event_time"].isna()].iloc[0]

    @property
    def is_proven(self) -> bool:
        """Whether the interval of the whole effect leaves zero out, and nothing moved before the start."""
        whole = self.overall
        apart = whole["low"] > 0 or whole["high"] < 0
        return bool(apart and self.pretrend["is_parallel"] is not False)


def event_study(
    projects: pd.DataFrame, starts: pd.DataFrame, *, breaks: pd.DataFrame | None = None, base: str = "adjusted",
    together: str = "policy", **options,
) -> ReformEvidence:  # fmt: skip
    """Whether a reform moved the rates of the districts that started it against those that had not yet.

    `starts` has `district` and `year` (the first under the reform; see `pf.reform.reform_starts`); `breaks` as for
    `changes`. See `reform_evidence`; without a start there is nothing to study, and all its frames are empty.

    >>> import perflib as pf
    >>> book = pf.load("sample", lang="en")
    >>> starts = pf.reform.reform_starts(book.work_items)
    >>> rows = book.projects.query("district <= '330192'")
    >>> pf.event_study(rows, starts[starts["reform"] == pf.reform.widest_reform(starts)]).districts.shape[0]
    5
    """
    rated, column = decided(projects, *KEYS, base=base, together=together)
    check_columns(starts, KEYS)
    codes = {str(code): code for code in rated["district"].unique()}
    begun = starts.assign(district=starts["district"].astype("str").map(codes)).dropna(subset="district")
    if codes and len(starts) and begun.empty:
        one_of(codes, starts["district"].iloc[0])
    series = rate_series(rated, cluster=column or "project", breaks=breaks)
    if starts.empty or series.empty:
        return ReformEvidence(pd.DataFrame(columns=["district", "first_year", "role"]), *_nothing())
    return reform_evidence(series, begun, **options)


def _nothing() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    study = ["event_time", "value", "low", "high", "p_value", "starters", "is_placebo", "reason"]
    cells, outcomes = ["cohort", "year", "effect", "starters", "controls"], ["outcome", *study[1:5]]
    return tuple(pd.DataFrame(columns=columns) for columns in (study, cells, outcomes))


def reform_evidence(
    series: pd.DataFrame,
    starts: pd.DataFrame,
    *,
    confidence: float = CONFIDENCE,
    draws: int = 999,
    seed: int = 0,
) -> ReformEvidence:
    """The evidence on one reform: `starts` has `district` and `year`, `series` is that of `rate_series`.

    Districts whose definition broke within the years, or that miss a year, take no part: their change
    would be the definition's or the gap's. Starts after the last year are no starts yet.
    """
    last = int(series["year"].max())
    begun = starts[starts["year"] <= last]
    districts = _roles(series, begun)
    used = districts.loc[districts["role"].isin(["starter", "control", "early"]), "district"]
    panel = series[series["district"].isin(used)]
    options = {"confidence": confidence, "draws": draws, "seed": seed}
    try:
        if panel.empty:
            raise DataError("compare.no_control", districts=0)
        study = study_of(panel, begun, value="rate", **options)
    except DataError as problem:
        return ReformEvidence(districts, *_nothing(), problem=problem)
    timed, outcomes = group_time_effects(panel, begun, value="rate"), _outcomes(panel, begun, options)
    return ReformEvidence(districts, study, timed, outcomes, pretrend_test(study, confidence=confidence))


def _roles(series: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    years = series["year"].nunique()
    table = series.groupby("district").agg(
        years=("rate", "count"), segments=("segment", "nunique"), begin=("year", "min")
    )
    table["first_year"] = starts.groupby("district")["year"].min().reindex(table.index).astype("Int64")
    is_early = (table["first_year"] <= table["begin"]).fillna(False).astype(bool)
    tests = [table["years"] < years, table["segments"] > 1, is_early, table["first_year"].notna()]
    table["role"] = np.select(tests, ["gap", "break", "early", "starter"], default="control")
    return table.reset_index()[["district", "first_year", "role"]]


def _outcomes(panel: pd.DataFrame, starts: pd.DataFrame, options: dict) -> pd.DataFrame:
    """The whole effect on each outcome; the weighted rate moves with a few large projects, the mean doesn't."""
    found = [study_of(panel, starts, value=o, **options).assign(outcome=o) for o in OUTCOMES]
    table = pd.concat(found, ignore_index=True)
    return table.loc[table["event_time"].isna(), ["outcome", "value", "low", "high", "p_value"]]


def smallest_undoing(study: pd.DataFrame) -> float:
    """How many times the largest yearly difference before the start the trends would have to differ by.

    The trends after the start may differ as they did before. If they differ every year by `m` times the
    largest placebo, the effect after `k` + 1 years is off by (k + 1)·m times it; the smallest `m` that takes
    the whole effect to 0 is |effect| / (placebo × mean number of years). NaN without a placebo; after
    Rambachan & Roth (2023), relative magnitudes, on the estimate and not on its interval.
    """
    placebos = study.loc[study["is_placebo"], "value"].abs()
    after = study[study["event_time"].ge(0).fillna(False).astype(bool)]
    whole = study.loc[study["event_time"].isna(), "value"]
    if placebos.empty or after.empty or whole.empty or not placebos.max() > 0:
        return float("nan")
    years = np.average(after["event_time"].astype(float) + 1, weights=after["starters"].astype(float))
    return float(abs(whole.iloc[0]) / (placebos.max() * years))
