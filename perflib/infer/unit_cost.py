"""Money per unit of output as an estimate, and who is dear whatever weight each output has."""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.infer.discovery import control_discoveries
from perflib.infer.interval import CONFIDENCE, check_confidence

FEWEST = 3  # districts below which nobody stands out


def cost_spread(panel: pd.DataFrame, *, cost: str = "unit_cost") -> tuple[float, int]:
    """Standard deviation of the logarithm of `cost` within a district from year to year, and its degrees of freedom.

    `panel` has one row per district and year. District and year effects are taken out (by least squares,
    years may be missing); what is left is how far a district's figure moves by itself. NaN with fewer than
    two years or without a degree of freedom.
    """
    rows = panel[panel[cost] > 0]
    if rows["year"].nunique() < 2 or rows["district"].nunique() < 2:
        return float("nan"), 0
    units, years = (pd.get_dummies(rows[c], dtype=float).to_numpy() for c in ("district", "year"))
    design = np.hstack([units, years[:, 1:]])
    y = np.log(rows[cost].to_numpy(dtype=float))
    fitted, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    freedom = len(y) - int(rank)
    if freedom < 1:
        return float("nan"), 0
    residual = y - design @ fitted
    return float(np.sqrt((residual**2).sum() / freedom)), freedom


def unit_cost_intervals(
    panel: pd.DataFrame, *, year: int, cost: str = "unit_cost", confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """One row per district with a `cost` in `year`: `value` with its interval, `low`, `high`, and `reason`.

    The interval shows how far the figure would move if the same process ran again, as the years show it (see
    `cost_spread`). Without several years there is none: `one_year`.
    """
    check_confidence(confidence)
    spread, freedom = cost_spread(panel, cost=cost)
    now = panel[(panel["year"] == year) & (panel[cost] > 0)].sort_values("district")
    half = stats.t.isf((1 - confidence) / 2, freedom) * spread if freedom else np.nan
    value = now[cost].astype(float)
    bounds = {"value": value, "low": value * np.exp(-half), "high": value * np.exp(half)}
    reason = None if freedom else "one_year"
    table = now[["district"]].assign(**bounds, confidence=confidence, method="log cost, spread over years")
    return table.assign(reason=reason).reset_index(drop=True)


def relative_costs(costs: pd.DataFrame, outputs: list[str]) -> pd.DataFrame:
    """Money of a district against its share of the outputs: one row per district and year that has all `outputs`.

    For each output, the district's share of the money is divided by its share of the output: `least` and
    `most` are the smallest and largest of these, `cost` their geometric mean. However outputs are weighed
    against each other, the district's cost for its volume of output, against all districts together, lies
    between `least` and `most`: that is what can be said without adding up unlike things. Shares are of the
    districts that have all outputs that year. `costs` is what `unit_costs` gives, of one programme.
    """
    rows = costs[costs["output"].isin(outputs) & costs["unit_cost"].notna()]
    wide = rows.pivot(index=["year", "district"], columns="output", values="actual")
    wide = wide.reindex(columns=outputs).dropna()
    money = rows.drop_duplicates(["year", "district"]).set_index(["year", "district"])["executed"]
    money = money.reindex(wide.index)
    share = money / money.groupby("year").transform("sum")
    output_share = wide / wide.groupby("year").transform("sum")
    ratio = np.exp(np.log(output_share).rsub(np.log(share), axis=0))
    table = pd.DataFrame(
        {
            "cost": np.exp(np.log(ratio).mean(axis=1)),
            "least": ratio.min(axis=1),
            "most": ratio.max(axis=1),
        }
    )
    return table.reset_index().sort_values(["year", "district"], ignore_index=True)


def judge_costs(relative: pd.DataFrame, *, year: int, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """One row per district in `year`: `value` (relative cost), its interval, `least`, `most`, `p_value`, `verdict`.

    `relative` is what `relative_costs` gives, over the years. `verdict` is "dearer" or "cheaper" if the cost
    differs from 1 beyond chance (t, false discoveries held at 1 − `confidence` over the districts) and does
    so on every output; "mix" if it differs but some output says the contrary, so that it hangs on how outputs
    are weighed; "alike" otherwise; "unknown" with the reason `one_year` or `few_districts`.
    """
    table = unit_cost_intervals(relative, year=year, cost="cost", confidence=confidence)
    now = relative[relative["year"] == year].set_index("district")
    for name in ("least", "most"):
        table[name] = table["district"].map(now[name])
    spread, freedom = cost_spread(relative, cost="cost")
    known = freedom > 0 and len(table) >= FEWEST
    distance = (
        np.log(table["value"]).abs() / spread if known and spread > 0 else pd.Series(np.nan, table.index)
    )
    found = control_discoveries(2 * stats.t.sf(distance, max(freedom, 1)), rate=1 - confidence)
    flagged = found["is_flagged"].to_numpy(dtype=bool)
    dear, cheap = flagged & (table["least"] > 1), flagged & (table["most"] < 1)
    unknown = distance.isna().to_numpy()
    verdict = np.select(
        [unknown, dear, cheap, flagged], ["unknown", "dearer", "cheaper", "mix"], default="alike"
    )
    few = len(table) < FEWEST
    reason = np.where(unknown, "few_districts" if few else "one_year", None)
    return table.assign(p_value=found["p_value"].to_numpy(), verdict=verdict, reason=reason)
