"""One programme that several districts carry out, side by side: money, outputs, what they cost, and two scores.

Who is dear is said only where it holds whatever weight each output has.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import ArgumentError
from perflib.infer.agreement import agreement_table
from perflib.infer.interval import CONFIDENCE, check_confidence, control_discoveries
from perflib.measure.programme import (
    SHARED_BY,
    common_outputs,
    name_programmes,
    pair_levels,
    programme_indicators,
    programme_money,
    unit_costs,
)
from perflib.measure.tally import like, order_of

FEWEST_DISTRICTS = 3  # districts below which nobody stands out


def cost_spread(panel: pd.DataFrame) -> tuple[float, int]:
    """Standard deviation of the logarithm of the `cost` within a district from year to year, and its degrees of freedom.

    `panel` has one row per district and year. District and year effects are taken out (by least squares,
    years may be missing); what is left is how far a district's figure moves by itself. NaN with fewer than
    two years or without a degree of freedom.
    """
    rows = panel[panel["cost"] > 0]
    if rows["year"].nunique() < 2 or rows["district"].nunique() < 2:
        return float("nan"), 0
    units, years = (pd.get_dummies(rows[c], dtype=float).to_numpy() for c in ("district", "year"))
    design = np.hstack([units, years[:, 1:]])
    y = np.log(rows["cost"].to_numpy(dtype=float))
    fitted, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    freedom = len(y) - int(rank)
    if freedom < 1:
        return float("nan"), 0
    residual = y - design @ fitted
    return float(np.sqrt((residual**2).sum() / freedom)), freedom


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
        {"cost": np.exp(np.log(ratio).mean(axis=1)), "least": ratio.min(axis=1), "most": ratio.max(axis=1)}
    )
    return table.reset_index().sort_values(["year", "district"], ignore_index=True)


def judge_costs(relative: pd.DataFrame, *, year: int, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """One row per district in `year`: `value` (relative cost), its interval, `least`, `most`, `p_value`, `verdict`.

    `relative` is what `relative_costs` gives, over the years. The interval shows how far the figure would move if the
    same process ran again, as the years show it (see `cost_spread`); of one year there is none. `verdict` is "dearer" or "cheaper" if the cost
    differs from 1 beyond chance (t, false discoveries held at 1 − `confidence` over the districts) and does
    so on every output; "mix" if it differs but some output says the contrary, so that it hangs on how outputs
    are weighed; "alike" otherwise; "unknown" with the reason `one_year` or `few_districts`.
    """
    check_confidence(confidence)
    spread, freedom = cost_spread(relative)
    now = relative[(relative["year"] == year) & (relative["cost"] > 0)].sort_values("district")
    table = (
        now[["district", "cost", "least", "most"]].reset_index(drop=True).rename(columns={"cost": "value"})
    )
    half = stats.t.isf((1 - confidence) / 2, freedom) * spread if freedom else np.nan
    table = table.assign(
        low=table["value"] * np.exp(-half), high=table["value"] * np.exp(half), confidence=confidence,
        method="log cost, spread over years",
    )  # fmt: skip
    known = freedom > 0 and len(table) >= FEWEST_DISTRICTS
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
    few = len(table) < FEWEST_DISTRICTS
    reason = np.where(unknown, "few_districts" if few else "one_year", None)
    return table.assign(p_value=found["p_value"].to_numpy(), verdict=verdict, reason=reason)


FEWEST = 5  # pairs of scores below which agreement is not worked out
PERCENT = ["%", "％", "porcentaje", "per cent"]
_FRAMES = {
    "programmes": ["programme_label", "n_districts", "projects", "adjusted_budget", "executed", "rate", "n_outputs",
                   "n_scored"],
    "chosen": ["programme_label", "year", "n_districts", "projects", "adjusted_budget", "executed", "rate", "n_outputs",
               "satisfied_low", "satisfied_high", "met", "n_scored"],
    "sides": ["district", "district_name", "projects", "adjusted_budget", "executed", "rate", "satisfied",
              "district_score", "city_score", "difference", "score_reason"],
    "outputs": ["district", "district_name", "output", "unit", "target", "actual", "reached", "unit_cost", "reason"],
    "costs": ["district", "district_name", "value", "low", "high", "least", "most", "p_value", "verdict", "reason"],
    "agreement": ["quantity", "value", "low", "high", "n"],
}  # fmt: skip


@dataclass(frozen=True)
class ProgrammeStudy:
    """Programmes of several districts, and one of them in each district; every frame may have no row.

    `programmes`: one row per programme of two districts or more in the judged year. `chosen`: one row, the programme
    that is set side by side and its totals. Of it, by district: `sides` (money, satisfaction, scores by the district
    and by the city), `outputs` (planned, reached, money per unit), `costs` (its share of the money over its share of
    the outputs, with interval and `verdict`: see `judge_costs`). `agreement` of both levels' scores.
    """

    programmes: pd.DataFrame
    chosen: pd.DataFrame
    sides: pd.DataFrame
    outputs: pd.DataFrame
    costs: pd.DataFrame
    agreement: pd.DataFrame


def programme_study(
    projects: pd.DataFrame, indicators: pd.DataFrame, evaluations: pd.DataFrame, *, programme: str = ""
) -> ProgrammeStudy:
    """What districts that carry out one programme get for its money, over the years that the frames have.

    `projects`, `indicators` and `evaluations` are rows of several districts (`book.compared`). `programme` is a
    policy, function or category of the projects, by code or name; none: the one with most scores by district and
    city, then most outputs in common, then most money. The last year with an output reached or a score given is
    judged: both come later than the money. Raises ArgumentError for a programme that is not there.

    >>> import perflib as pf
    >>> book = pf.load("sample", lang="en")
    >>> study = pf.programme_study(*(book.compared(name) for name in ("projects", "indicators", "evaluations")))
    >>> len(study.chosen), bool((study.costs["low"] < study.costs["high"]).all())
    (1, True)
    """
    found = {name: pd.DataFrame(columns=columns) for name, columns in _FRAMES.items()}
    by = next((c for c in SHARED_BY if programme and projects[c].eq(programme).any()), "")
    rows = name_programmes(projects, by=by)
    if rows["programme"].isna().all():
        return ProgrammeStudy(**found)
    money = programme_money(rows)
    heard = programme_indicators(indicators, rows)
    costs = unit_costs(heard, money)
    pairs = pair_levels(evaluations, rows)
    seen = [*costs.loc[costs["unit_cost"].notna(), "year"], *pairs.loc[pairs["reason"].isna(), "year"]]
    year = int(max(seen)) if seen else int(rows["year"].max())
    common = common_outputs(costs, year=year)
    table = _overview(rows, money, common, pairs, year)
    found["programmes"] = table[table["n_districts"] > 1].sort_values(
        ["n_outputs", "executed"], ascending=False
    )
    one = _choose(table, programme)
    if one is not None:
        own = [t[t["programme"] == one["programme"]] for t in (money, heard, costs, pairs, common)]
        found |= _side_by_side(rows, *own, one, year)
    return ProgrammeStudy(**{name: _kept(frame, name, projects) for name, frame in found.items()})


def _kept(frame: pd.DataFrame, name: str, projects: pd.DataFrame) -> pd.DataFrame:
    names = projects.drop_duplicates("district").set_index("district").get("district_name")
    if "district" in frame and "district_name" in _FRAMES[name]:
        code = frame["district"]
        frame = frame.assign(district_name=code if names is None else code.map(names))
    kept = frame[_FRAMES[name]].reset_index(drop=True)
    if "rate" in kept:
        kept = kept.assign(base="adjusted")
    return like(kept, projects)


def _overview(rows, money, common, pairs, year: int) -> pd.DataFrame:
    """One row per programme in the judged year: districts, money, outputs in common, pairs of scores."""
    now = money[money["year"] == year]
    table = now.groupby("programme").agg(
        n_districts=("district", "nunique"), adjusted_budget=("adjusted_budget", "sum"),
        executed=("executed", "sum"), projects=("projects", "sum"),
    ).reset_index()  # fmt: skip
    names = rows.drop_duplicates("programme").set_index("programme")["programme_name"]
    both = pairs[pairs["reason"].isna() & (pairs["year"] == year)]
    counts = {
        "n_outputs": common.groupby("programme").size(),
        "n_covered": common.groupby("programme")["districts"].min(),
        "n_scored": both.groupby("programme")["district"].nunique(),
    }
    for name, count in counts.items():
        table[name] = table["programme"].map(count).fillna(0).astype("int64")
    rate = table["executed"] / table["adjusted_budget"].where(table["adjusted_budget"] > 0)
    return table.assign(programme_label=table["programme"].map(names).astype(str), rate=rate, year=year)


def _choose(table: pd.DataFrame, wanted: str) -> pd.Series | None:
    """The programme `wanted` by code or name, or the one that shows most; None where no two districts share one."""
    if wanted:
        match = table[(table["programme"] == wanted) | (table["programme_label"] == wanted)]
        if match.empty:
            known = ", ".join(table["programme_label"].head(40))
            raise ArgumentError("compare.unknown_unit", unit=wanted, known=known)
        return match.iloc[0]
    order = table[table["n_districts"] > 1].sort_values(
        ["n_scored", "n_outputs", "n_covered", "executed", "programme"],
        ascending=[False, False, False, False, True],
    )
    return order.iloc[0] if len(order) else None


def _side_by_side(rows, money, heard, costs, pairs, common, one: pd.Series, year: int) -> dict:
    outputs = common["output"].tolist()
    relative = relative_costs(costs, outputs) if outputs else pd.DataFrame()
    now_pairs, both = pairs[pairs["year"] == year], pairs[(pairs["year"] == year) & pairs["reason"].isna()]
    sides = _sides(rows, money, heard, now_pairs, year)
    shown = _outputs(costs[costs["year"] == year], outputs)
    known = shown["reached"].dropna()
    chosen = one.to_frame().T.infer_objects().assign(
        satisfied_low=sides["satisfied"].min(), satisfied_high=sides["satisfied"].max(),
        met=float((known >= 1).mean()) if len(known) else None,
    )  # fmt: skip
    found = {"chosen": chosen, "sides": sides, "outputs": shown}
    if len(relative):
        judged = judge_costs(relative, year=year)
        found["costs"] = judged.sort_values(["value", "district"], ascending=[False, True])
    if len(both) >= FEWEST:
        found["agreement"] = agreement_table(both, first="district_score", second="city_score")
    return found


def _sides(rows, money, heard, pairs, year: int) -> pd.DataFrame:
    """Money, satisfaction and both scores of each district, in the order of the districts."""
    heard = heard[(heard["year"] == year) & (heard["kind"] == "satisfaction")]
    heard = heard[heard["unit"].str.lower().isin(PERCENT)].groupby("district")["actual"].mean() / 100
    scores = pairs.set_index("district")[["district_score", "city_score", "difference", "reason"]]
    table = money[money["year"] == year].join(
        scores.rename(columns={"reason": "score_reason"}), on="district"
    )
    table = table.sort_values("district", key=order_of("district", rows["district"].unique()))
    return table.assign(satisfied=table["district"].map(heard).astype(float))


def _outputs(costs: pd.DataFrame, outputs: list[str]) -> pd.DataFrame:
    """What was planned and reached of the common outputs; one in another unit only where the usual one is missing."""
    rows = costs[costs["output"].isin(outputs)]
    other = rows["reason"] == "unit_differs"
    usual = pd.MultiIndex.from_frame(rows.loc[~other, ["district", "output"]])
    lone = ~pd.MultiIndex.from_frame(rows[["district", "output"]]).isin(usual)
    return rows[~other | lone].sort_values(["output", "district"], key=order_of("output", outputs))
