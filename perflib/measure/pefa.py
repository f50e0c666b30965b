"""PEFA PI-1 and PI-2: how close a year's spending came to the budget first approved, and its mix.

Rules: PEFA Framework 2016, pefa.org nodes 4627, 4763-4765, 4871 and 4872. Budget means the initial,
approved one, never the revised one. More heads give a larger variance, so their number is reported.

>>> import perflib as pf
>>> lines = pf.load("sample").rows("projects")
>>> years = pf.pefa.pefa_years(lines, function="department", economic=["class", "category"])
>>> pf.pefa.pefa_of(years, 2023)["base"].item()
'initial'
"""

from collections.abc import Sequence
from fractions import Fraction

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from perflib.measure.money import sum_amounts
from perflib.measure.tally import check_columns, like

YEARS = 3
MOST_HEADS = 20  # above this many, the largest that cover 75 % of the budget, 20 at least
COVERED = Fraction(3, 4)
OUTTURN_BANDS = {"A": (95, 105), "B": (90, 110), "C": (85, 115)}  # per cent, both ends included
VARIANCE_BANDS = {"A": 5, "B": 10, "C": 15}  # per cent, below
INDICATORS = ("PI-1", "PI-2.1", "PI-2.2", "PI-2.3")
RESIDUAL = "residual"
_COLUMNS = ["year", "pefa_indicator", "pefa_value", "numerator", "denominator", "heads", "band", "reason"]


def pefa_years(
    lines: IntoFrame,
    *,
    function: str,
    economic: str | Sequence[str],
    contingency: str | None = None,
    interest: str | None = None,
) -> pd.DataFrame:
    """PI-1, PI-2.1, PI-2.2 and PI-2.3 of each year: one row per `year` and `indicator`.

    `lines` are budget lines of one government with `year`, `initial_budget`, `executed` (a line without one of them
    is left out), a column of `function` (or administrative) heads and one of `economic` heads (of several, the first
    that says anything; PI-2.2 has no row where none does);
    `contingency` and `interest` name
    boolean columns that mark such lines. Without `contingency` PI-2.3 is NA: that no line was marked
    doesn't say that there is no reserve.

    One head alone has no composition. Columns: `pefa_indicator`, `pefa_value` (a fraction), `numerator`, `denominator`, `heads`, `band` (the letter that this
    year alone would earn, compared exactly) and `reason` where there is no value.

    >>> import perflib as pf
    >>> years = pf.pefa.pefa_years(pf.load("sample").rows("projects"), function="department", economic=["class", "category"])
    >>> sorted(years["pefa_indicator"].unique())[:2]
    ['PI-1', 'PI-2.1']
    """
    marks = {"contingency": contingency, "interest": interest}
    check_columns(lines, ["year", "initial_budget", "executed", function, *filter(None, marks.values())])
    lines = nw.from_native(lines).drop_nulls(["initial_budget", "executed"]).to_native()
    if not isinstance(economic, str):
        economic = next((c for c in economic if c in lines and lines[c].notna().any()), "")
    total = [_outturn(year, rows) for year, rows in _heads(lines, None, {}).groupby("year")]
    shares, apart = [], {"contingency": marks["contingency"]}
    for indicator, head, left_out in (("PI-2.1", function, marks), ("PI-2.2", economic, apart)):
        heads = _heads(lines, head, left_out).groupby("year") if head else ()
        shares += [_composition(year, rows, indicator) for year, rows in heads]
    table = pd.DataFrame([*total, *shares, *_reserves(lines, contingency)], columns=_COLUMNS)
    return table.sort_values(["year", "pefa_indicator"], ignore_index=True)


def pefa_of(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """One row of what `pefa_years` says of `year`: `outturn` (PI-1), `composition` (PI-2.1), its `heads`, the base.

    Columns `base` ("initial": PEFA knows no other) and `reason` where there is no value.
    """
    now = table[table["year"] == year].set_index("pefa_indicator")
    values = now["pefa_value"].reindex(["PI-1", "PI-2.1"])
    found = {"outturn": values["PI-1"], "composition": values["PI-2.1"], "heads": now["heads"].get("PI-2.1")}
    row = pd.DataFrame([{**found, "base": "initial", "reason": now["reason"].get("PI-1")}])
    return like(row, table)


def _heads(lines: IntoFrame, head: str | None, marks: dict[str, str | None]) -> pd.DataFrame:
    """Budget and actual in whole cents (Python integers: products of them must not overflow)."""
    named = [c for c in marks.values() if c is not None]
    by = ["year", *([head] if head else []), *named]
    sums = sum_amounts(lines, ["initial_budget", "executed"], by=by)
    keep = ~sums[named].fillna(False).astype(bool).any(axis=1) if named else slice(None)
    sums = sums.loc[keep].rename(columns={head: "head", "initial_budget": "budget", "executed": "actual"})
    sums = sums.assign(head=sums["head"] if head else "all")
    return sums.groupby(["year", "head"], dropna=False, as_index=False)[["budget", "actual"]].sum()


def _cents(amounts: pd.Series) -> np.ndarray:
    return np.array([int(c) for c in (amounts.fillna(0) * 100).round()], dtype=object)


def _fold(rows: pd.DataFrame) -> pd.DataFrame:
    """The heads of one year; above 20, the largest that cover 75 % (20 at least) and one residual line."""
    rows = rows.sort_values(["budget", "head"], ascending=[False, True], ignore_index=True)
    rows = rows.assign(is_residual=False)
    if len(rows) <= MOST_HEADS:
        return rows
    budget = _cents(rows["budget"])
    covering = int(np.argmax(np.cumsum(budget) >= COVERED * budget.sum())) + 1
    kept = max(MOST_HEADS, covering)
    rest = rows.iloc[kept:]
    if rest.empty:
        return rows
    last = rest[["budget", "actual"]].sum().to_frame().T
    last = last.assign(year=rows["year"].iloc[0], head=RESIDUAL, is_residual=True)
    return pd.concat([rows.iloc[:kept], last], ignore_index=True)


def _row(
    year,
    indicator: str,
    share: Fraction | None,
    over: float,
    under: float,
    heads: int,
    band,
    reason="no_budget",
) -> dict:
    return {
        "year": year,
        "pefa_indicator": indicator,
        "pefa_value": np.nan if share is None else float(share),
        "numerator": over,
        "denominator": under,
        "heads": heads,
        "band": band,
        "reason": None if share is not None else reason,
    }


def _outturn(year, rows: pd.DataFrame) -> dict:
    budget, actual = _cents(rows["budget"]).sum(), _cents(rows["actual"]).sum()
    share = Fraction(actual, budget) if budget > 0 else None
    band = (
        None
        if share is None
        else _first((k, lo <= 100 * share <= hi) for k, (lo, hi) in OUTTURN_BANDS.items())
    )
    return _row(year, "PI-1", share, actual / 100, budget / 100, 1, band)


def _composition(year, rows: pd.DataFrame, indicator: str) -> dict:
    folded = _fold(rows)
    budget, actual = _cents(folded["budget"]), _cents(folded["actual"])
    total_budget, total_actual = budget.sum(), actual.sum()
    if total_budget <= 0 or total_actual <= 0 or len(folded) < 2:
        reason = "one_head" if len(folded) < 2 else "no_budget"
        return _row(year, indicator, None, np.nan, total_actual / 100, len(folded), None, reason)
    # |a − b·A/B| / A with A, B the totals, multiplied out so that nothing is rounded before grading
    off = int(np.abs(actual * total_budget - budget * total_actual).sum())
    share = Fraction(off, total_actual * total_budget)
    band = _first((k, 100 * share < limit) for k, limit in VARIANCE_BANDS.items())
    return _row(year, indicator, share, off / total_budget / 100, total_actual / 100, len(folded), band)


def _reserves(lines: IntoFrame, contingency: str | None) -> list[dict]:
    if contingency is None:
        years = sum_amounts(lines, ["initial_budget"], by=["year"])["year"]
        blank = [_row(y, "PI-2.3", None, np.nan, np.nan, 0, None) for y in years]
        return [{**row, "reason": "contingency_not_marked"} for row in blank]
    sums = sum_amounts(lines, ["initial_budget", "executed"], by=["year", contingency])
    return [_reserve(year, rows, contingency) for year, rows in sums.groupby("year")]


def _reserve(year, rows: pd.DataFrame, contingency: str) -> dict:
    marked = rows[rows[contingency].fillna(False).astype(bool)]
    spent, budget = _cents(marked["executed"]).sum(), _cents(rows["initial_budget"]).sum()
    share = Fraction(int(spent), budget) if budget > 0 else None
    return _row(year, "PI-2.3", share, spent / 100, budget / 100, len(marked), reserve_band(share))


def reserve_band(share: Fraction | None) -> str | None:
    """Letter of PI-2.3 for a share charged to contingency: A < 3 %, B 3-6 %, C > 6 and < 10 %, else D."""
    if share is None:
        return None
    return _first([("A", 100 * share < 3), ("B", 100 * share <= 6), ("C", 100 * share < 10)])


def _first(tests) -> str:
    return next((letter for letter, holds in tests if holds), "D")


def pefa_scores(years: pd.DataFrame, *, last_year: int | None = None) -> pd.DataFrame:
    """One row per indicator: `score`, `years_used`, `value` (PI-2.3 only: the mean), `reason`.

    `years` is what `perflib.measure.pefa.pefa_years` gives. The rule asks for the last three fiscal
    years: PI-1, PI-2.1 and PI-2.2 earn the letter that two of them reach, PI-2.3 that of their mean.
    Without three consecutive years with a value there is no score, and `reason` is `fewer_than_three_years`:
    a letter from one year would be another measure under the same name.

    >>> import perflib as pf
    >>> years = pf.pefa.pefa_years(pf.load("sample").rows("projects"), function="department", economic="class")
    >>> pf.pefa.pefa_scores(years).set_index("pefa_indicator")["years_used"]["PI-1"].item()
    3
    """
    last = int(years["year"].max()) if last_year is None else last_year
    window = years[years["year"].between(last - YEARS + 1, last)]
    scored = [
        _score(i, window[window["pefa_indicator"] == i].dropna(subset=["pefa_value"])) for i in INDICATORS
    ]
    return pd.DataFrame([*scored, _pi2(scored)]).assign(last_year=last)


def _score(indicator: str, rows: pd.DataFrame) -> dict:
    row = {"pefa_indicator": indicator, "score": None, "years_used": len(rows), "value": float("nan")}
    if len(rows) < YEARS:
        return {**row, "reason": "fewer_than_three_years"}
    if indicator == "PI-2.3":
        cents = rows[["numerator", "denominator"]].mul(100).round().astype("int64")
        shares = [Fraction(a, b) for a, b in cents.itertuples(index=False)]
        mean = sum(shares) / YEARS
        return {**row, "score": reserve_band(mean), "value": float(mean), "reason": None}
    return {**row, "score": sorted(rows["band"])[1], "reason": None}  # the letter that two years reach


def _pi2(scored: list[dict]) -> dict:
    """PI-2 in all, by the weakest link; no score where a dimension has none."""
    letters = [r["score"] for r in scored if r["pefa_indicator"] != "PI-1"]
    row = {
        "pefa_indicator": "PI-2",
        "years_used": min(r["years_used"] for r in scored),
        "value": float("nan"),
    }
    if None in letters:
        return {**row, "score": None, "reason": "dimension_without_score"}
    return {**row, "score": weakest_link(letters), "reason": None}


def weakest_link(letters: list[str]) -> str:
    """PEFA's method M1: the lowest letter, with a "+" where any other dimension is higher.

    >>> weakest_link(["A", "C", "B"]), weakest_link(["B", "B", "B"])
    ('C+', 'B')
    """
    lowest = max(letters)
    return lowest + "+" if min(letters) < lowest else lowest
