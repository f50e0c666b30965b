"""What the experts' scores of new projects can decide: agreement, severity, panels of each size, verdicts in
doubt.

The model is crossed: score = project + expert's severity + rest, the expert random, since another
panel could have sat. Components come from sums of squares (Henderson's method 3), which needs no
iteration, takes missing cells and stays defined for three projects and five experts.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import ArgumentError, DataError
from perflib.data.rule_shape import Rules
from perflib.infer.reliability import icc, krippendorff_alpha
from perflib.measure.appraisal import judge_scores, latest_appraisals
from perflib.measure.tally import tally
from perflib.measure.voices import rating_faults

MIN_ITEMS, MIN_RATERS = 10, 3


def panel_table(ratings: pd.DataFrame, *, scale: tuple[float, float]) -> pd.DataFrame:
    """Scores as a wide table, one row per item and one column per rater; NA where a rater gave none.

    `ratings` have rater, item, score, and dimension if there is one. Those outside `scale` (lowest and highest score,
    both included) and those given twice are left out. With dimensions a rater's score of an item is their mean, NA
    unless the rater scored every dimension.
    """
    keys = [c for c in ("item", "rater", "dimension") if c in ratings]
    good = ratings[ratings["score"].between(*scale) & ~ratings.duplicated(keys, keep=False)]
    if "dimension" not in good or good["dimension"].isna().all():
        return good.pivot(index="item", columns="rater", values="score").sort_index().sort_index(axis=1)
    by_dimension = good.pivot(index=["item", "rater"], columns="dimension", values="score")
    return by_dimension.mean(axis=1, skipna=False).unstack("rater").sort_index().sort_index(axis=1)


def _additive_residual(y: np.ndarray, seen: np.ndarray) -> tuple[float, int]:
    """Residual sum of squares of rows + columns, and the number of parts that nothing connects."""
    per_row, per_column = seen.sum(axis=1), seen.sum(axis=0)
    shared = seen / per_row[:, None]
    reduced = np.diag(per_column) - seen.T @ shared
    right = y.sum(axis=0) - shared.T @ y.sum(axis=1)
    columns = np.linalg.pinv(reduced, rcond=1e-9, hermitian=True) @ right
    rows = (y.sum(axis=1) - seen @ columns) / per_row
    residual = np.where(seen > 0, y - rows[:, None] - columns[None, :], 0.0)
    parts = len(columns) - int(np.linalg.matrix_rank(reduced, tol=1e-9, hermitian=True))
    return float((residual**2).sum()), parts


def variance_components(wide: pd.DataFrame) -> pd.Series:
    """Variance between items, between raters (severity) and of the rest; not below 0.

    Parameters
    ----------
    wide : as from `panel_table`; cells may be missing.

    Returns
    -------
    Series item, rater, residual (score points squared), df (of the residual), rater_ms (mean square of
    the raters), n_items, n_raters.

    Raises
    ------
    DataError where nothing is left over to estimate the rest with.
    """
    table = wide.dropna(how="all").dropna(how="all", axis=1)
    seen = table.notna().to_numpy(dtype=float)
    y = table.fillna(0.0).to_numpy(dtype=float)
    y = np.where(seen > 0, y - y.sum() / max(seen.sum(), 1), 0.0)
    n, k, total = *seen.shape, int(seen.sum())
    if n < 2 or k < 2:
        raise DataError("evaluation.too_few_ratings", rows=n, columns=k)
    error_ss, parts = _additive_residual(y, seen)
    df = total - n - k + parts
    if df < 1:
        raise DataError("evaluation.panel_without_overlap", items=n, raters=k, ratings=total)
    error = error_ss / df
    square = (y**2).sum()
    items_ss = square - (y.sum(axis=0) ** 2 / seen.sum(axis=0)).sum() - error_ss
    raters_ss = square - (y.sum(axis=1) ** 2 / seen.sum(axis=1)).sum() - error_ss
    item = (items_ss - (n - parts) * error) / max(total - k, 1)
    rater = (raters_ss - (k - parts) * error) / max(total - n, 1)
    return pd.Series(
        {
            "item": max(item, 0.0),
            "rater": max(rater, 0.0),
            "residual": error,
            "df": df,
            "rater_ms": raters_ss / max(k - parts, 1),
            "n_items": n,
            "n_raters": k,
        },
        dtype=object,
    )


def _solve(table: pd.DataFrame, parts: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Item scores, their variances, and rater effects: items fixed, raters random (Henderson)."""
    seen = table.notna().to_numpy(dtype=float)
    y = table.fillna(0.0).to_numpy(dtype=float)
    n, k = seen.shape
    error = max(parts["residual"], 1e-9)
    ratio = error / max(parts["rater"], error * 1e-9)
    system = np.zeros((n + k, n + k))
    system[:n, :n] = np.diag(seen.sum(axis=1))
    system[:n, n:], system[n:, :n] = seen, seen.T
    system[n:, n:] = np.diag(seen.sum(axis=0) + ratio)
    inverse = np.linalg.inv(system)
    effects = inverse @ np.concatenate([y.sum(axis=1), y.sum(axis=0)])
    return effects[:n], np.diag(inverse)[:n] * error, effects[n:]


def _degrees(parts: pd.Series) -> float:
    """Satterthwaite's degrees of freedom of the variance of a panel's mean."""
    n, k = parts["n_items"], parts["n_raters"]
    between, rest = parts["rater_ms"] / n, parts["residual"] * (1 - 1 / n)
    squares = between**2 / (k - 1) + rest**2 / parts["df"]
    return (between + rest) ** 2 / squares if squares > 0 else float(parts["df"])


def panel_scores(
    wide: pd.DataFrame,
    *,
    confidence: float = 0.95,
    min_items: int = MIN_ITEMS,
    min_raters: int = MIN_RATERS,
    scale: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Each item's score with the severity of its experts taken out, with an interval.

    Returns
    -------
    One row per item: item, n_raters, mean, least, most, sd (the spread as it is), value, low, high,
    confidence, method, se, df, reason. Below `min_items` items or `min_raters` raters there is
    spread only: value to df are NA and `reason` is "panel_too_small". The interval says how far the
    score would move with another panel of the same size. Bounds are kept inside `scale`.
    Where everybody scored everything, value is the plain mean: severity cancels, but not its error.
    """
    table = wide.dropna(how="all").dropna(how="all", axis=1)
    spread = pd.DataFrame(
        {
            "item": table.index,
            "n_raters": table.count(axis=1).to_numpy(),
            "mean": table.mean(axis=1).to_numpy(),
            "least": table.min(axis=1).to_numpy(),
            "most": table.max(axis=1).to_numpy(),
            "sd": table.std(axis=1).to_numpy(),
        }
    )
    head = {"confidence": confidence, "method": "crossed_severity"}
    empty = dict.fromkeys(["value", "low", "high"], np.nan)
    if len(table) < min_items or table.shape[1] < min_raters:
        return spread.assign(**empty, **head, se=np.nan, df=np.nan, reason="panel_too_small")
    parts = variance_components(table)
    value, variance, _ = _solve(table, parts)
    df = _degrees(parts)
    half = stats.t.ppf((1 + confidence) / 2, df) * np.sqrt(variance)
    low, high = scale or (-np.inf, np.inf)
    lower, upper = np.clip(value - half, low, high), np.clip(value + half, low, high)
    return spread.assign(
        value=value, low=lower, high=upper, **head, se=np.sqrt(variance), df=df, reason=pd.NA
    )


def rater_severity(wide: pd.DataFrame) -> pd.DataFrame:
    """Each rater's severity (shrunken, points; negative is strict): rater, value, n_items, mean, one row per rater."""
    table = wide.dropna(how="all").dropna(how="all", axis=1)
    _, _, effects = _solve(table, variance_components(table))
    return pd.DataFrame(
        {
            "rater": table.columns,
            "value": effects,
            "n_items": table.count().to_numpy(),
            "mean": table.mean().to_numpy(),
        }
    )


def d_study(parts: pd.Series, *, raters: Sequence[int]) -> pd.DataFrame:
    """What a panel of each size would reach: reliability for absolute and for relative decisions.

    `parts` comes from `variance_components`. One row per size: n_raters, absolute (the verdict by a
    threshold), relative (the order only), se (of an item's score, points). NA without any variance.

    Source: Brennan 2001; Φ = σ²_p / (σ²_p + (σ²_e + σ²_r)/k).
    """
    k = np.asarray(raters, dtype=float)
    noise, rest = (parts["rater"] + parts["residual"]) / k, parts["residual"] / k
    item = parts["item"]
    with np.errstate(invalid="ignore"):
        absolute, relative = np.divide(item, item + noise), np.divide(item, item + rest)
    return pd.DataFrame(
        {"n_raters": list(raters), "absolute": absolute, "relative": relative, "se": np.sqrt(noise)}
    )


def raters_needed(parts: pd.Series, *, reliability: float = 0.8) -> float:
    """Smallest panel whose absolute reliability reaches `reliability`; NA where no panel does.

    >>> raters_needed(pd.Series({"item": 10.0, "rater": 5.0, "residual": 15.0}), reliability=0.8)
    8
    """
    if not 0 < reliability < 1:
        raise ArgumentError("evaluation.not_a_share", name="reliability", value=reliability)
    if parts["item"] <= 0:
        return np.nan
    k = (parts["rater"] + parts["residual"]) / parts["item"] * reliability / (1 - reliability)
    return max(1, int(np.ceil(k - 1e-9)))


def flip_probability(scores: pd.DataFrame, *, thresholds: Sequence[float]) -> pd.DataFrame:
    """Each item's verdict band and the probability that another panel of the same size would differ.

    Parameters
    ----------
    scores : from `panel_scores`.
    thresholds : lower bounds of the better bands, a score on the bound belonging to the band above.

    Returns
    -------
    `scores` with band (0 is the lowest) and flip (0–1; NA where the panel was too small). The next
    panel's score varies around an unknown true score as this one's does, hence twice the variance;
    nothing but this panel is taken to be known of the project.
    """
    bounds = np.sort(np.asarray(thresholds, dtype=float))
    judged = scores["value"].fillna(scores["mean"]).to_numpy(dtype=float)
    band = np.searchsorted(bounds, judged, side="right")
    edges = np.concatenate([[-np.inf], bounds, [np.inf]])
    spread, df = scores["se"].to_numpy(dtype=float) * np.sqrt(2), scores["df"].to_numpy(dtype=float)
    value = scores["value"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        same = stats.t.cdf((edges[band + 1] - value) / spread, df) - stats.t.cdf(
            (edges[band] - value) / spread, df
        )
    return scores.assign(band=band, flip=1 - same)


def complete_core(wide: pd.DataFrame) -> pd.DataFrame:
    """The part of `wide` (items by raters) without a gap that holds most ratings.

    Raters are taken by the number of items they scored, most first (ties by name), as long as the table of
    items that all of them scored grows. Needed by the intraclass correlation, which takes no gaps, where
    no item was scored by everybody on the list. Empty where no two raters share two items.

    >>> wide = pd.DataFrame({"A": [1.0, 2, 3], "B": [1.0, 2, 4], "C": [None, None, 5.0]})
    >>> complete_core(wide).shape
    (3, 2)
    """
    counts = wide.count().sort_index().sort_values(ascending=False, kind="stable")
    order = list(counts[counts > 0].index)
    found = [wide[order[:k]].dropna() for k in range(2, len(order) + 1)]
    usable = [table for table in found if len(table) >= 2]
    return max(usable, key=lambda table: table.size, default=wide.head(0))


_KEY = ["budget_year", "subject"]
_TOTALS = ["severity_gap", "panel_size", "reliability", "raters_needed"]
_VERDICT = [*_KEY, "name", "decision", "n_raters", "least", "most", "mean", "value", "low", "high", "se", "verdict",
            "flip"]  # fmt: skip


class ExpertPanel(NamedTuple):
    """What `expert_panel` finds: plain frames."""

    agreement: pd.DataFrame  # one row: counts, ICC and alpha with intervals, reliability now, experts needed
    dimensions: pd.DataFrame  # one per dimension: ratings, mean_score, sd, icc, icc_low, icc_high, alpha
    raters: pd.DataFrame  # one per expert: n_items, mean_score, rater_severity (above zero: mild)
    sizes: pd.DataFrame  # one per number of experts: absolute, relative, se
    scores: pd.DataFrame  # one per project and budget: value, low, high, verdict, flip, decision
    faults: pd.DataFrame  # one per rating that can't be taken as it is, with its `fault`


def expert_panel(
    ratings: pd.DataFrame, rules: Rules, *, appraisals: pd.DataFrame, reliability: float = 0.9, seed: int = 0
) -> ExpertPanel:
    """What the ratings of context `ex_ante` can decide: how far experts agree, and which verdicts hang on who sat.

    `ratings` has one row per expert, project and dimension; `year` is the budget year, and all years are pooled,
    since a project of another year is another project. `appraisals` give names and decisions. Scores are in points.
    Below the rule's `min_items` projects or `min_raters` experts there is spread only: the rest is NA, with the
    `reason` too_few. `raters_needed` reach `reliability` (0-1) of a verdict by a line; NA if no number does.

    >>> import perflib as pf
    >>> book, rule = pf.load("sample"), pf.rules("binjiang-2023")
    >>> found = pf.expert_panel(book.rows("ratings"), rule, appraisals=book.rows("appraisals"))
    >>> found.agreement[["rated", "raters"]].iloc[0].tolist()
    [18, 10]
    """
    rows = ratings[ratings["context"] == "ex_ante"].reset_index(drop=True)
    wide = _wide(rows, rules)
    is_small = len(wide) < rules.rating.min_items or wide.shape[1] < rules.rating.min_raters
    faults = rating_faults(rows, rules)
    raters, sizes, totals = _needs(wide, reliability, is_small)
    counts = {
        "rated": len(wide),
        "raters": wide.shape[1],
        "ratings": len(rows),
        "rating_faults": len(faults),
        "min_items": rules.rating.min_items,
        "min_raters": rules.rating.min_raters,
        "reliability_wanted": reliability,
    }
    agreement = tally(rows, **counts, **_agreement(wide, seed, is_small), **totals,
                        reason="too_few" if is_small else None)  # fmt: skip
    found = ExpertPanel(
        agreement, _dimensions(rows, is_small), raters, sizes, _scores(wide, appraisals, rules), faults
    )
    for frame in found:
        frame.attrs = dict(ratings.attrs)
    return found


def _wide(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Projects of all years by experts."""
    scale = (float(rules.rating.min), float(rules.rating.max))
    keyed = rows.assign(item=list(zip(rows["year"], rows["item"], strict=True)))
    return panel_table(keyed, scale=scale) if len(rows) else pd.DataFrame()


def _agreement(wide: pd.DataFrame, seed: int, is_small: bool) -> dict:
    """One expert's agreement with another on the panel's total: ICC on the common core, alpha on all."""
    core = complete_core(wide)
    counts = {"core_items": len(core), "core_raters": core.shape[1] if len(core) else 0}
    has_core = not is_small and len(core) > 0
    found = _interval("icc", icc(core) if has_core else None)
    alpha = None if is_small else krippendorff_alpha(wide, seed=seed)
    return counts | found | _interval("alpha", alpha)


def _interval(name: str, estimate: pd.Series | None) -> dict:
    value, low, high = (None, None, None) if estimate is None else estimate[["value", "low", "high"]]
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _needs(wide: pd.DataFrame, reliability: float, is_small: bool) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """How severe each expert is, how reliable a panel of each size would be, and what holds of the panels as they are."""
    size = int(wide.count(axis=1).median()) if len(wide) else 0
    if is_small:
        raters = pd.DataFrame(columns=["rater", "n_items", "mean_score", "rater_severity"])
        sizes = pd.DataFrame(columns=["n_raters", "absolute", "relative", "se"])
        return raters, sizes, dict.fromkeys(_TOTALS) | {"panel_size": size}
    parts = variance_components(wide)
    raters = rater_severity(wide).rename(columns={"value": "rater_severity", "mean": "mean_score"})
    raters = raters.sort_values(["rater_severity", "rater"], ignore_index=True)
    severity, now = raters["rater_severity"], d_study(parts, raters=[size])["absolute"].iloc[0]
    totals = severity.max() - severity.min(), size, now, raters_needed(parts, reliability=reliability)
    return raters, d_study(parts, raters=range(1, 11)), dict(zip(_TOTALS, totals, strict=True))


def _dimensions(rows: pd.DataFrame, is_small: bool) -> pd.DataFrame:
    """Each dimension by itself: the spread always, agreement only where there is enough to measure it."""
    table = [_dimension(name, group, is_small) for name, group in rows.groupby("dimension", sort=True)]
    columns = ["dimension", "ratings", "mean_score", "sd", "icc", "icc_low", "icc_high", "alpha"]
    frame = pd.DataFrame(table, columns=columns).sort_values("mean_score", kind="stable", ignore_index=True)
    return frame[columns[:4]] if is_small else frame


def _dimension(name: str, group: pd.DataFrame, is_small: bool) -> dict:
    once = group.drop_duplicates(["year", "item", "rater"], keep=False)
    wide = once.pivot(index=["year", "item"], columns="rater", values="score")
    row = {"dimension": name, "ratings": len(group), "mean_score": group["score"].mean(),
           "sd": wide.std(axis=1).mean()}  # fmt: skip
    core = complete_core(wide)
    if is_small or core.empty:
        return row
    alpha = krippendorff_alpha(wide, draws=0)["value"]
    return row | _interval("icc", icc(core)) | {"alpha": alpha}


def _scores(wide: pd.DataFrame, appraisals: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """One row per rated project, the latest budget first: score with interval, verdict by the rule, doubt, decision."""
    if wide.empty:
        return pd.DataFrame(columns=_VERDICT)
    scores = panel_scores(wide, min_items=rules.rating.min_items, min_raters=rules.rating.min_raters,
                          scale=(float(rules.rating.min), float(rules.rating.max)))  # fmt: skip
    scores = flip_probability(
        scores, thresholds=[float(b.lower) for b in rules.verdicts if b.lower > rules.rating.min]
    )
    judged = scores["value"].fillna(scores["mean"])
    verdict = judge_scores(judged, rules)["verdict"] if rules.verdicts else pd.NA
    keys = pd.DataFrame(list(scores["item"]), columns=_KEY)
    table = scores.assign(verdict=verdict).join(keys)
    table = table.merge(latest_appraisals(appraisals)[[*_KEY, "name", "decision"]], on=_KEY, how="left")
    table = table.assign(name=table["name"].fillna(table["subject"]))
    return table.sort_values(_KEY, ascending=[False, True], ignore_index=True)[_VERDICT]
