"""Rates between 0 and 1 with covariates: what a kind of project or a circumstance changes in them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence
from perflib.measure.rates import project_rates
from perflib.measure.tally import check_columns, like

UNITS_PER_COVARIATE = 5  # a covariate of the district is told by districts: no more of them than one for five


def marginal_effects(
    projects: pd.DataFrame, *, of: str | Sequence[str], unit: str = "district", base: str = "adjusted"
) -> pd.DataFrame:
    """What goes with higher and lower rates, the rest equal: one row per factor, and level of a factor in words.

    `of` are columns of `projects`, numbers or words; one that is missing, not known throughout, or the same everywhere is
    left out, and so is what is the unit's own beyond one for five units. Columns: `factor`, `level` (against the first
    level; NA for a number), `value` (points of the rate, as a fraction), `low`, `high`, `p_value` and those of
    `fractional_logit`. No row where nothing can be told.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year == 2023")
    >>> pf.marginal_effects(rows, of=["class"])["level"].tolist()
    ['public', 'specific']
    """
    of = [of] if isinstance(of, str) else of
    check_columns(projects, [unit])
    rated = project_rates(projects, base=base)
    rows = rated[rated["rate"].notna() & (rated["budget"] > 0)]
    known = [c for c in of if c in rows and len(rows) and rows[c].notna().all() and rows[c].nunique() > 1]
    own = [c for c in known if rows.groupby(unit)[c].nunique().max() == 1]
    spare = own[rows[unit].nunique() // UNITS_PER_COVARIATE :]
    chosen = [c for c in known if c not in spare]
    try:
        if not chosen:
            raise DataError("compare.nothing_to_explain", clusters=rows[unit].nunique(), projects=len(rows))
        table = fractional_logit(rows, covariates=chosen, cluster=unit, weight="budget")
    except DataError:
        return pd.DataFrame(
            columns=["factor", "level", "value", "low", "high", "p_value", "projects", "clipped"]
        )
    parts = table["term"].str.partition("=")
    return like(table.assign(factor=parts[0], level=parts[2].replace("", None)), projects)


def fractional_logit(
    rates: pd.DataFrame,
    *,
    covariates: Sequence[str],
    cluster: str = "district",
    weight: str | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per term: coefficient on the logit scale, and its average marginal effect in units of the rate.

    Papke & Wooldridge (1996): E[rate | x] = 1/(1 + exp(−x'β)), which takes rates of 0 and 1 as they are; a
    rate above 1 is taken as 1 and counted in `clipped`. `covariates` are numeric or text columns (text
    becomes a term per value but the first, "column=value", whose effect is against the first). `weight` (the
    budget) gives the money-weighted effect. Standard errors are jackknifed over clusters, intervals by t with
    clusters − 1 − (terms that don't vary within any cluster) degrees of freedom: with a dozen districts the usual
    formula is too sure of itself. Columns: `term`, `coefficient`, `coefficient_error`, `value` (marginal effect),
    `se`, `low`, `high`, `p_value`, `clusters`, `projects`, `clipped`. Raises DataError for
    fewer than three clusters, or where rates or a covariate don't vary.
    """
    import statsmodels.api as sm

    check_confidence(confidence)
    rows = rates[[c for c in ("rate", cluster, weight, *covariates) if c]].dropna()
    rows = rows.sort_values(list(rows.columns), ignore_index=True)
    y = np.clip(rows["rate"].to_numpy(dtype="float64"), 0, 1)
    x = _design(rows, covariates)
    # in units of its own size, so that an amount in yuan weighs as one in millions; powers of two change no digit
    scale = np.exp2(np.round(np.log2(x.abs().max().where(lambda size: size > 0, 1.0).to_numpy())))
    scaled = x / scale
    clusters = rows[cluster].nunique()
    if clusters < 3 or np.ptp(y) == 0 or np.linalg.matrix_rank(scaled.to_numpy()) < x.shape[1]:
        raise DataError("compare.nothing_to_explain", clusters=clusters, projects=len(rows))
    w = rows[weight].to_numpy(dtype="float64") if weight else np.ones(len(rows))
    w = w / w.mean()
    model = sm.GLM(y, scaled, family=sm.families.Binomial(), var_weights=w)
    fitted = model.fit().params.to_numpy()
    home = pd.factorize(rows[cluster])[0]
    covariance = _jackknifed(fitted, scaled.to_numpy(), y, w, home) / np.outer(scale, scale)
    beta = fitted / scale
    effects, gradients = _marginal(beta, x, w)
    errors = np.sqrt(np.diag(covariance))
    table = pd.DataFrame({"term": x.columns, "coefficient": beta, "coefficient_error": errors}).iloc[1:]
    variances = np.einsum("ij,jk,ik->i", gradients, covariance, gradients)
    table = table.assign(value=effects, se=np.sqrt(variances))
    same_within = (x.iloc[:, 1:].groupby(home).agg(np.ptp).max() == 0).sum()
    freedom = max(1, clusters - 1 - int(same_within))
    half = stats.t.isf((1 - confidence) / 2, freedom) * table["se"]
    clipped = int((rows["rate"] > 1).sum())
    return table.assign(
        low=table["value"] - half,
        high=table["value"] + half,
        p_value=2 * stats.t.sf(np.abs(table["coefficient"] / table["coefficient_error"]), freedom),
        clusters=clusters,
        projects=len(rows),
        clipped=clipped,
        confidence=confidence,
        method="fractional logit",
    ).reset_index(drop=True)


def _design(rows: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """A column of ones, the numeric covariates, and a 0/1 column per value of a text one but the first."""
    parts = [pd.Series(1.0, index=rows.index, name="intercept")]
    for name in covariates:
        if pd.api.types.is_numeric_dtype(rows[name]):
            parts.append(rows[name].astype("float64"))
        else:
            names = {"prefix": name, "prefix_sep": "=", "drop_first": True}
            parts.append(pd.get_dummies(rows[name], dtype="float64", **names))
    return pd.concat(parts, axis=1)


def _jackknifed(beta, x: np.ndarray, y: np.ndarray, w: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Covariance of β by leaving out each cluster: one Newton step from β, which is all that it moves."""
    p = 1 / (1 + np.exp(-(x @ beta)))
    clusters, curve = int(cluster.max()) + 1, w * p * (1 - p)
    order = np.argsort(cluster, kind="stable")
    starts = np.searchsorted(cluster[order], np.arange(clusters))
    scores = np.add.reduceat((x * (w * (y - p))[:, None])[order], starts, axis=0)
    bread = np.stack(
        [np.add.reduceat((x * (curve * column)[:, None])[order], starts, axis=0) for column in x.T], axis=2
    )
    moved = np.einsum("gij,gj->gi", np.linalg.pinv(bread.sum(axis=0) - bread), -scores)
    off = moved - moved.mean(axis=0)
    return (clusters - 1) / clusters * off.T @ off


def _marginal(beta: np.ndarray, x: pd.DataFrame, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average marginal effects of all terms but the intercept, and their gradients in β (delta method).

    A 0/1 column changes from 0 to 1 (its sister columns at 0 then), another by an infinitesimal step.
    """
    z = x.to_numpy()
    effects, gradients = [], []
    for j, name in enumerate(x.columns[1:], start=1):
        if "=" in name:
            column = name.split("=")[0] + "="
            sisters = [i for i, c in enumerate(x.columns) if c.startswith(column)]
            with_it, without = z.copy(), z.copy()
            with_it[:, sisters], without[:, sisters] = 0, 0
            with_it[:, j] = 1
            p, q = (1 / (1 + np.exp(-(v @ beta))) for v in (with_it, without))
            effects.append(np.average(p - q, weights=w))
            slopes = (p * (1 - p))[:, None] * with_it - (q * (1 - q))[:, None] * without
        else:
            p = 1 / (1 + np.exp(-(z @ beta)))
            effects.append(np.average(p * (1 - p), weights=w) * beta[j])
            slopes = (p * (1 - p) * (1 - 2 * p))[:, None] * z * beta[j]
            slopes[:, j] += p * (1 - p)
        gradients.append(np.average(slopes, axis=0, weights=w))
    return np.array(effects), np.array(gradients)
