"""Everything that yearly rates can say of one reform, and why they can't where they can't."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from perflib.data.errors import DataError
from perflib.infer.district_trend import rate_series
from perflib.infer.interval import CONFIDENCE
from perflib.infer.rates import decided
from perflib.infer.reform import event_study as study_of
from perflib.infer.reform import group_time_effects, pretrend_test

OUTCOMES = ("rate", "mean_rate")
FEW = 20  # clusters below which tests that count on many of them reject too often (methods, M19)


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
    rated, column = decided(projects, base=base, together=together)
    series = rate_series(rated, cluster=column or "project", breaks=breaks)
    if starts.empty or series.empty:
        return ReformEvidence(pd.DataFrame(columns=["district", "first_year", "role"]), *_nothing())
    return reform_evidence(series, starts, **options)


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
    return ReformEvidence(
        districts,
        study,
        group_time_effects(panel, begun, value="rate"),
        _outcomes(panel, begun, options),
        pretrend_test(study, confidence=confidence),
    )


def _roles(series: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    years = series["year"].nunique()
    table = series.groupby("district").agg(
        years=("rate", "count"), segments=("segment", "nunique"), begin=("year", "min")
    )
    table["first_year"] = starts.groupby("district")["year"].min().reindex(table.index).astype("Int64")
    tests = [
        table["years"] < years,
        table["segments"] > 1,
        (table["first_year"] <= table["begin"]).fillna(False).astype(bool),
        table["first_year"].notna(),
    ]
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
