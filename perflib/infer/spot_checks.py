"""Do self-scores hold when somebody else looks: the checks beside the self-scores, what they say of all projects,
and whom to check next. Differences are self-score less re-score, in points.

>>> import perflib as pf
>>> looks = pf.load("sample").rows("evaluations").query("subject_kind == 'project' and year <= 2022")
>>> pairs = pf.spot_checks.pairs(looks)
>>> pf.spot_checks.blinding(pairs)[["blind", "open"]].iloc[0].tolist()
[49, 51]
"""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import PerflibError
from perflib.infer.agreement import agreement_table
from perflib.infer.inflation import checks_needed, estimate_inflation, naive_inflation, predict_rescores
from perflib.infer.sampling import (
    RANDOM_SHARE,
    attribute_size,  # noqa: F401 public here
    half_widths,
    plan_sample,
    size_for_precision,
)
from perflib.measure.self_evaluation import latest_rounds
from perflib.measure.tally import like, tally

KEYS = ["district", "year", "subject_kind", "subject"]
FEWEST = 5  # pairs for any measure of agreement; fewer are not published either
SIZES = (10, 20, 40, 80)  # numbers of checks whose precision is told, beside the plan's own
_ROUND = ["self_scored", "checks", "naive", "naive_low", "naive_high", "value", "low", "high", "reason"]


def pairs(evaluations: pd.DataFrame, *, checked_by: tuple[str, ...] = ("spot_check",)) -> pd.DataFrame:
    """Each checked subject with its self-score, one row per subject and check; nothing is left out.

    `evaluations` as in the contract: of each kind the latest round of every evaluator counts; `checked_by` are the
    kinds that count as a check. Columns district, year, subject_kind, subject, kind, evaluator, self_score,
    check_score, difference, is_blind, stratum, inclusion_probability, reason (no_self_evaluation, no_self_score,
    no_check_score, score_outside_scale, or NA: can be compared).
    """
    optional = ("evaluator", "is_blind", "stratum", "inclusion_probability")
    table = evaluations.assign(**{c: evaluations.get(c) for c in optional})
    if "round" in table:
        table = table.sort_values("round", kind="stable")
    latest = table.drop_duplicates([*KEYS, "kind", "evaluator"], keep="last")
    own = latest[latest["kind"] == "self"].drop_duplicates(KEYS, keep="last")[[*KEYS, "score"]]
    checks = latest[latest["kind"].isin(checked_by)].rename(columns={"score": "check_score"})
    own = own.rename(columns={"score": "self_score"}).assign(is_self=True)
    both = checks.merge(own, on=KEYS, how="left", validate="many_to_one")
    scores = both[["self_score", "check_score"]].astype(float)
    outside = ((scores < 0) | (scores > 100)).any(axis=1)
    faults = [both["is_self"].isna(), scores["self_score"].isna(), scores["check_score"].isna(), outside]
    codes = ["no_self_evaluation", "no_self_score", "no_check_score", "score_outside_scale"]
    reason = np.select(faults, codes, default="")
    reason = pd.Series(reason, index=both.index, dtype=object).replace("", pd.NA)
    difference = (scores["self_score"] - scores["check_score"]).where(reason.isna())
    both = both.assign(difference=difference, reason=reason)
    columns = [*KEYS, "kind", "evaluator", "self_score", "check_score", "difference", *optional[1:], "reason"]
    return like(both[columns].sort_values([*KEYS, "kind", "evaluator"], ignore_index=True), evaluations)


def blinding(pairs: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """One row: how many checks were blind and how many saw the self-score (open), their means, and the difference.

    Columns blind, blind_mean, open, open_mean, value (blind less open), low, high (Welch; NA where one kind has fewer
    than FEWEST), kept: which checks count, "blind" where the interval does not reach 0, else "all". Who sees the
    self-score tends towards it, so that open checks find less than there is.

    >>> pairs = pd.DataFrame({"difference": [5.0] * 4 + [6.0] + [1.0] * 4 + [2.0], "is_blind": [True] * 5 + [False] * 5})
    >>> blinding(pairs)[["blind_mean", "open_mean", "value", "kept"]].iloc[0].tolist()
    [5.2, 1.2, 4.0, 'blind']
    """
    known = pairs.dropna(subset=["difference"])
    is_blind = known["is_blind"].astype("boolean")
    blind, seen = (known.loc[is_blind.eq(kind).fillna(False), "difference"] for kind in (True, False))
    low = high = np.nan
    if min(len(blind), len(seen)) >= FEWEST:
        a, b = (of.astype(float) for of in (blind, seen))
        found = stats.ttest_ind(a, b, equal_var=False).confidence_interval(confidence)
        low, high = (a.mean() - b.mean(),) * 2 if np.isnan(found.low) else (found.low, found.high)
    gap = blind.mean() - seen.mean() if len(blind) and len(seen) else np.nan
    return tally(known, blind=len(blind), blind_mean=blind.mean() if len(blind) else None, open=len(seen),
                 open_mean=seen.mean() if len(seen) else None, value=gap, low=low, high=high,
                 kept="blind" if low > 0 or high < 0 else "all")  # fmt: skip


def counted(pairs: pd.DataFrame) -> pd.DataFrame:
    """The checks that can be compared and count: the blind ones where these differ from the open ones, else all.

    Where only blind ones count, the recorded inclusion probability of each is multiplied by the share of its round
    that was blind: that is the chance with which it came to count.
    """
    known = pairs[pairs["reason"].isna()]
    if blinding(known)["kept"].item() == "all":
        return like(known.reset_index(drop=True), pairs)
    is_blind = known["is_blind"].astype("boolean").fillna(False).astype(bool)
    share = is_blind.groupby([known["district"], known["year"]]).transform("mean")
    kept = known.assign(inclusion_probability=known["inclusion_probability"].astype(float) * share)
    return like(kept[is_blind].reset_index(drop=True), pairs)


def mean_differences(pairs: pd.DataFrame, *, by: str, confidence: float = 0.95) -> pd.DataFrame:
    """The mean difference of the checks of each value of `by`: checks, value, low, high (t interval; NA of one check).

    >>> mean_differences(pd.DataFrame({"evaluator": ["a", "a"], "difference": [1.0, 3.0]}), by="evaluator")["value"].item()
    2.0
    """
    groups = pairs.dropna(subset=["difference"]).groupby(by, dropna=False)["difference"]
    found = groups.agg(["size", "mean", "std"]).astype({"size": "int64"})
    half = stats.t.ppf((1 + confidence) / 2, (found["size"] - 1).clip(lower=1))
    half = half * found["std"] / found["size"] ** 0.5
    table = pd.DataFrame({"checks": found["size"], "value": found["mean"]})
    return like(table.assign(low=table["value"] - half, high=table["value"] + half).reset_index(), pairs)


def agreement(pairs: pd.DataFrame) -> pd.DataFrame:
    """`agreement_table` of the pairs, one row a `quantity`; no row for fewer than FEWEST."""
    known = pairs.dropna(subset=["difference"])
    if len(known) < FEWEST:
        return like(pd.DataFrame(columns=["quantity", "value", "low", "high", "n"]), pairs)
    return like(agreement_table(known), pairs)


def scored(evaluations: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """One row per self-evaluated project and year, with its check where `pairs` has one that can be used.

    Of several checks of one project the mean counts. Columns district, year, subject, self_score, check_score,
    inclusion_probability.
    """
    key = ["district", "year", "subject"]
    own = latest_rounds(evaluations[evaluations["kind"] == "self"]).drop_duplicates(key, keep="last")
    own = own[own["score"].between(0, 100)][[*key, "score"]].rename(columns={"score": "self_score"})
    good = pairs[pairs["reason"].isna()]
    checks = good.groupby(key, as_index=False).agg(
        check_score=("check_score", "mean"), inclusion_probability=("inclusion_probability", "min")
    )
    return like(own.merge(checks, on=key, how="left").sort_values(key, ignore_index=True), evaluations)


def with_probability(scored: pd.DataFrame) -> pd.DataFrame:
    """The rounds in which every check has a recorded inclusion probability: only these bear an estimate."""
    checked = scored[scored["check_score"].notna()]
    known = checked["inclusion_probability"].between(0, 1, inclusive="right").fillna(False)
    known = known.astype(bool).groupby(checked["year"]).all()
    return like(scored[scored["year"].isin(known.index[known])], scored)


def rounds(scored: pd.DataFrame) -> pd.DataFrame:
    """By how much self-scores of all projects are too high, by round (newest first) after all rounds together.

    Columns round ("pooled", or the year as text), year, self_scored, checks, naive (plain mean of the checked; with
    naive_low, naive_high), value (each weighted by one over its inclusion probability; with low, high), reason: why
    there is no such estimate. "pooled" has the rounds that recorded all probabilities; without one there is no such row.
    """
    rounds = [(str(year), year, part) for year, part in scored.groupby("year", sort=True)]
    by_year = [one for one in rounds if one[2]["check_score"].notna().any()]
    known = with_probability(scored)
    parts = [("pooled", pd.NA, known)] * (len(known) > 0) + by_year[::-1]
    table = pd.DataFrame([{"round": name, "year": year, **_round(part)} for name, year, part in parts],
                         columns=["round", "year", *_ROUND])  # fmt: skip
    return like(table, scored)


def _round(part: pd.DataFrame) -> dict:
    naive, weighted = naive_inflation(part), estimate_inflation(part)
    means = [naive["value"], naive["low"], naive["high"], *weighted[["value", "low", "high", "reason"]]]
    return dict(zip(_ROUND, [len(part), int(part["check_score"].notna().sum()), *means], strict=True))


def rescores(scored: pd.DataFrame, *, year: int, confidence: float = 0.95) -> pd.DataFrame:
    """What a check of each unchecked project of `year` would give: value, low, high, or the reason why not.

    Learnt from the rounds with recorded probabilities, this year's too if it is one of them; lowest first. It supposes
    that this year's self-scores are as much too high as those.
    """
    earlier, own = with_probability(scored), scored[scored["year"] == year]
    if year not in set(earlier["year"]):
        own = own[own["check_score"].isna()]  # picked by hand: nothing to learn from, nothing to predict
    both = pd.concat([earlier[earlier["year"] != year], own], ignore_index=True)
    found = both.assign(value=None, low=None, high=None, reason="")
    if len(both):
        found = predict_rescores(both, confidence=confidence)
    rest = found[(found["year"] == year) & found["check_score"].isna()]
    columns = ["district", "year", "subject", "self_score", "value", "low", "high", "reason"]
    return like(rest[columns].sort_values(["value", "subject"], ignore_index=True), scored)


def rescore_totals(rescores: pd.DataFrame) -> pd.DataFrame:
    """One row: predicted (projects with an interval), width (its median), fewest (checks that it takes)."""
    width = (rescores["high"] - rescores["low"]).astype(float)
    known = int(width.notna().sum())
    return tally(rescores, predicted=known, width=width.median() if known else None, fewest=checks_needed())


def plan(frame: pd.DataFrame, checks: int, *, seed: int) -> pd.DataFrame:
    """`plan_sample` of `checks` projects (all that can be drawn, if these are fewer) of `pf.selection.spot_check_frame`.

    By size and risk, spread over departments where all are known, a fifth at random; columns plan_stratum,
    inclusion_probability, is_drawn, drawn_by, reason (why a project can't be drawn). No row where nobody can be drawn.
    """
    n = min(checks, int(frame["excluded"].isna().sum()))
    if n < 1:
        blank = ("plan_stratum", "inclusion_probability", "is_drawn", "drawn_by", "reason")
        return like(frame[:0].assign(**dict.fromkeys(blank)), frame)
    spread = ["department"] if frame["department"].notna().all() else []
    drawn = plan_sample(frame, n, seed=seed, risk="risk", excluded="excluded", spread_over=spread)
    return like(drawn.rename(columns={"stratum": "plan_stratum"}), frame)


def plan_totals(plan: pd.DataFrame, *, year: int, checks: int, seed: int) -> pd.DataFrame:
    """One row on a plan: asked, drawn, population (can be drawn), excluded, sure, at_random, least_probability,
    amount_share (of the money), leads and leads_drawn (NA without a risk score), risk_method, random_share, seed.
    """  # fmt: skip
    can, drawn = plan[plan["reason"].isna()], plan[plan["is_drawn"].eq(True)]
    leads = can[can["is_lead"].eq(True)] if plan["risk_method"].notna().any() else None
    return tally(plan, plan_year=year, asked=checks, drawn=len(drawn), population=len(can),
        excluded=len(plan) - len(can), sure=int((drawn["plan_stratum"] == "certainty").sum()),
        at_random=int(((drawn["drawn_by"] == "random") & (drawn["plan_stratum"] != "certainty")).sum()),
        least_probability=can["inclusion_probability"].min() if len(can) else None,
        amount_share=drawn["adjusted_budget"].sum() / plan["adjusted_budget"].sum() if len(drawn) else None,
        leads=None if leads is None else len(leads), risk_method=None if leads is None else plan["risk_method"].iloc[0],
        leads_drawn=None if leads is None else int(leads["is_drawn"].sum()), random_share=RANDOM_SHARE, seed=str(seed),
    )  # fmt: skip


def strata(plan: pd.DataFrame) -> pd.DataFrame:
    """One row per plan_stratum of a plan: projects, drawn_count, amount, p_low, p_high (inclusion probabilities)."""
    table = plan.dropna(subset=["plan_stratum"]).groupby("plan_stratum", as_index=False).agg(
        projects=("project", "size"), drawn_count=("is_drawn", "sum"), amount=("adjusted_budget", "sum"),
        p_low=("inclusion_probability", "min"), p_high=("inclusion_probability", "max"),
    )  # fmt: skip
    return like(table, plan)


def design_effect(plan: pd.DataFrame) -> float:
    """By how much unequal probabilities enlarge the variance of a mean over all projects (Kish; 1 or more).

    n · Σ(1/π) / N² over all who can be drawn: the price of looking where the money and the risk are.
    """
    p = plan["inclusion_probability"].dropna()
    return float(max(plan["is_drawn"].sum() * (1 / p).sum() / len(p) ** 2, 1.0)) if len(p) else np.nan


def sizes(pairs: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """What so many checks bear: n, half_random and half_planned (half-widths of the district's mean, points; drawn at
    random, and as `plan` draws), has_intervals (enough for an interval of a single project).

    The spread is that of the differences in `pairs`; no row where three are not known or the plan draws nobody.
    """  # fmt: skip
    sd, effect, population, drawn = _spread(pairs, plan)
    chosen = sorted({n for n in (*SIZES, drawn) if 1 < n <= population}) if np.isfinite(sd * effect) else []
    table = pd.DataFrame({"n": pd.Series(chosen, dtype="int64")})
    for name, scale in (("half_random", sd), ("half_planned", sd * effect**0.5)):
        table[name] = half_widths(chosen, sd=scale, population=population)["half_width"]
    return like(table.assign(has_intervals=table["n"] >= checks_needed()), plan)


def precision(pairs: pd.DataFrame, plan: pd.DataFrame, *, wanted: float) -> pd.DataFrame:
    """One row: spread (standard deviation of the differences), design_effect, wanted, reached (half-width of the plan),
    needed: the smallest sample that reaches `wanted` under such a plan; NA where it can't be reached, or not be told.
    """  # fmt: skip
    sd, effect, population, drawn = _spread(pairs, plan)
    reached = needed = None
    if np.isfinite(sd * effect) and drawn > 1:
        scale = sd * effect**0.5
        reached = half_widths([drawn], sd=scale, population=population)["half_width"].item()
        try:
            needed = size_for_precision(wanted, sd=scale, population=population)
        except PerflibError:  # more than there are
            needed = None
    return tally(
        pairs,
        spread=sd,
        design_effect=effect,
        wanted=wanted,
        reached=reached,
        needed=needed,
        reason="too_few",
    )


def _spread(pairs: pd.DataFrame, plan: pd.DataFrame) -> tuple[float, float, int, int]:
    """Standard deviation of the differences, design effect, projects that can be drawn, projects drawn."""
    known = pairs["difference"].dropna()
    sd = float(known.std()) if len(known) > 2 else np.nan
    return sd, design_effect(plan), int(plan["reason"].isna().sum()), int(plan["is_drawn"].eq(True).sum())
