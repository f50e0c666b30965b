"""PEFA scores: what three years earn together, and the letter of PI-2 from its dimensions."""

from fractions import Fraction

import pandas as pd

from perflib.measure.pefa import INDICATORS, reserve_band

YEARS = 3


def pefa_scores(years: pd.DataFrame, *, last_year: int | None = None) -> pd.DataFrame:
    """One row per indicator: `score`, `years_used`, `value` (PI-2.3 only: the mean), `reason`.

    `years` is what `perflib.measure.pefa.pefa_years` gives. The rule asks for the last three fiscal
    years: PI-1, PI-2.1 and PI-2.2 earn the letter that two of them reach, PI-2.3 that of their mean.
    Without three consecutive years with a value there is no score, and `reason` is `fewer_than_three_years`:
    a letter from one year would be another measure under the same name.

    >>> import perflib as pf
    >>> years = pf.pefa.pefa_years(pf.load("sample").rows("projects"), function="department", economic="class")
    >>> pf.pefa_scores(years).set_index("pefa_indicator")["years_used"]["PI-1"].item()
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
